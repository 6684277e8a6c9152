"""Partner offices on the office's pages: who reads our feeds, with which keys, how far."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications import journal
from services.notifications.keys import (
    KEYS_AT_ONCE,
    FeedPosition,
    Partner,
    PartnerKey,
    Scope,
    TooManyKeys,
    issue_key,
    new_partner,
    opens,
    reach,
    revoke,
)
from services.notifications.store import Audit
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Email, Form, Line, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

router = Guarded(prefix="/buero/partner")

MOST_COUNTED: Final = 1000
"""Further behind than this is only "far behind"."""

SCOPES: Final = {
    Scope.PUBLIC: lazy("Alles, was auch auf der Website steht"),
    Scope.SESSIONS: lazy("Sitzungen, auch was nur Partner sehen"),
    Scope.APPLICATIONS: lazy("Anträge: Nummer, Thema, Summe und Stand, nie Namen"),
    Scope.EVERYTHING: lazy("Alles, auch was später dazukommt"),
}


class PartnerForm(BaseModel):
    """What the office writes down about a partner."""

    name: Line
    contact_email: Email
    scopes: Annotated[list[Scope], Field(min_length=1)]


@router.get("", action="partner.list")
async def partners(request: Request) -> HTMLResponse:
    """All partner offices with their last sign of life."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    async with service.db.read() as session:
        found = await session.scalars(_with_all().order_by(Partner.name, Partner.id))
        return page(
            request,
            "partners/partners.html",
            title=_("Partner"),
            here="partner",
            partners=[_shown(partner) for partner in found],
            may_change=actor_of(request).has(Role.OFFICE),
        )


@router.get("/neu", action="partner.create")
async def empty_form(request: Request) -> HTMLResponse:
    """The form for a new partner office."""
    return _form_page(request, blank({"scopes": [Scope.PUBLIC.value]}))


@router.post("/neu", action="partner.create")
async def create(request: Request) -> Response:
    """Write a new partner office down."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    form = await read_form(request, PartnerForm)
    if form.data is None:
        return _form_page(request, form, status=422)
    async with service.db.begin() as session:
        partner = new_partner(
            name=form.data.name,
            contact_email=form.data.contact_email,
            scopes=set(form.data.scopes),
            at=service.clock.now(),
        )
        session.add(partner)
        _audit(request, session, "partner.created", partner.id, scopes=partner.scopes)
    note = _("Das Partnerbüro ist angelegt. Jetzt fehlt noch ein Schlüssel.")
    return see_other(f"/buero/partner/{partner.id}", note)


@router.get("/{partner_id}", action="partner.read")
async def partner_page(request: Request, partner_id: UUID) -> HTMLResponse:
    """One partner office: scopes, keys, and how far it has read."""
    service: Service = request.app.state.service
    async with service.db.read() as session:
        partner = await _partner(session, partner_id)
        positions = [await _position(session, partner, at) for at in partner.positions]
    return page(
        request,
        "partners/partner.html",
        title=partner.name,
        here="partner",
        partner=_shown(partner),
        positions=positions,
        may_change=actor_of(request).has(Role.OFFICE),
        may_add_key=len(_valid(partner.keys)) < KEYS_AT_ONCE,
        origin=service.settings.origin,
    )


@router.get("/{partner_id}/aendern", action="partner.change")
async def filled_form(request: Request, partner_id: UUID) -> HTMLResponse:
    """The form with what is known."""
    service: Service = request.app.state.service
    async with service.db.read() as session:
        partner = await _partner(session, partner_id)
    values = {
        "name": partner.name,
        "contact_email": partner.contact_email,
        "scopes": partner.scopes,
    }
    return _form_page(request, blank(values), partner=partner)


@router.post("/{partner_id}/aendern", action="partner.change")
async def change(request: Request, partner_id: UUID) -> Response:
    """Change name, contact or what the partner's keys open, from the next request on."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    form = await read_form(request, PartnerForm)
    async with service.db.begin() as session:
        partner = await _partner(session, partner_id)
        if form.data is None:
            return _form_page(request, form, status=422, partner=partner)
        before = partner.scopes
        partner.name, partner.contact_email = form.data.name, form.data.contact_email
        partner.scopes = sorted(set(form.data.scopes))
        scopes = {"before": before, "after": partner.scopes}
        _audit(request, session, "partner.changed", partner.id, scopes=scopes)
    return see_other(f"/buero/partner/{partner_id}", _("Gespeichert."))


@router.post("/{partner_id}/schluessel", action="partner.keys")
async def create_key(request: Request, partner_id: UUID) -> Response:
    """Make a key and show it, this once; a second one lets the partner change keys without a gap."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    async with service.db.begin() as session:
        partner = await _partner(session, partner_id)
        try:
            key_id, secret = await issue_key(session, partner, at=service.clock.now())
        except TooManyKeys:
            return problem(
                request, 409, detail=_("Zwei Schlüssel sind genug. Widerrufen Sie einen.")
            )
        _audit(request, session, "partner.key_created", partner.id, key=str(key_id))
    return page(
        request,
        "partners/key.html",
        title=_("Neuer Schlüssel"),
        here="partner",
        partner=partner,
        secret=secret,
        origin=service.settings.origin,
    )


@router.get("/{partner_id}/schluessel/{key_id}/widerrufen", action="partner.keys")
async def ask_before_revoking(request: Request, partner_id: UUID, key_id: UUID) -> HTMLResponse:
    """What revoking means, before it is done."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    async with service.db.read() as session:
        partner = await _partner(session, partner_id)
    return page(
        request,
        "partners/revoke.html",
        title=_("Schlüssel widerrufen?"),
        here="partner",
        partner=partner,
        key=_key(partner, key_id),
        others=[key for key in partner.keys if not key.revoked_at and key.id != key_id],
    )


@router.post("/{partner_id}/schluessel/{key_id}/widerrufen", action="partner.keys")
async def revoke_key(request: Request, partner_id: UUID, key_id: UUID) -> Response:
    """The key opens nothing from the next request on."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    async with service.db.begin() as session:
        partner = await _partner(session, partner_id)
        if revoke(_key(partner, key_id), at=service.clock.now()):
            _audit(request, session, "partner.key_revoked", partner.id, key=str(key_id))
    note = _("Der Schlüssel gilt nicht mehr.")
    return see_other(f"/buero/partner/{partner_id}", note)


def _form_page(
    request: Request, form: Form[Any], *, status: int = 200, partner: Partner | None = None
) -> HTMLResponse:
    _ = gettext_of(request)
    return page(
        request,
        "partners/form.html",
        status=status,
        title=_("Partnerbüro ändern") if partner else _("Neues Partnerbüro"),
        here="partner",
        form=form,
        partner=partner,
        scopes=[(scope.value, _(str(said))) for scope, said in SCOPES.items()],
    )


async def _position(session: AsyncSession, partner: Partner, at: FeedPosition) -> dict[str, Any]:
    """How far the partner is in a topic, and how much of what it may read is still new to it."""
    unread = 0
    if opens(partner.scopes, at.topic):
        visible = reach(partner.scopes, at.topic)
        unread = await journal.count_after(
            session, topic=at.topic, reach=visible, after=at.cursor, most=MOST_COUNTED
        )
    return {"topic": at.topic, "cursor": at.cursor, "read_at": at.read_at, "unread": unread}


def _shown(partner: Partner) -> dict[str, Any]:
    """A partner as the pages show it."""
    used = [key.last_used_at for key in partner.keys if key.last_used_at]
    return {
        "id": partner.id,
        "name": partner.name,
        "contact_email": partner.contact_email,
        "scopes": [SCOPES[Scope(scope)] for scope in partner.scopes],
        "valid_keys": _valid(partner.keys),
        "keys": partner.keys,
        "last_used_at": max(used, default=None),
    }


def _valid(keys: Sequence[PartnerKey]) -> list[PartnerKey]:
    return [key for key in keys if key.revoked_at is None]


def _with_all() -> Any:
    return select(Partner).options(selectinload(Partner.keys), selectinload(Partner.positions))


async def _partner(session: AsyncSession, partner_id: UUID) -> Partner:
    partner: Partner | None = await session.scalar(_with_all().where(Partner.id == partner_id))
    if partner is None:
        raise HTTPException(404)
    return partner


def _key(partner: Partner, key_id: UUID) -> PartnerKey:
    key = next((key for key in partner.keys if key.id == key_id), None)
    if key is None:
        raise HTTPException(404)
    return key


def _audit(
    request: Request, session: AsyncSession, action: str, partner_id: UUID, **details: Any
) -> None:
    service: Service = request.app.state.service
    actor = f"account:{actor_of(request).account_id}"
    session.add(
        Audit(
            at=service.clock.now(),
            actor=actor,
            action=action,
            subject=str(partner_id),
            details=details,
        )
    )
