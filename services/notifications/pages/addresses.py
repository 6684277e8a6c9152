"""One address: what is known about it, as a file for its owner, and forgotten if they want."""

from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy import delete
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.bounces.erasure import blank_address
from services.notifications.domain.letter import Suppression
from services.notifications.handlers import person_erased
from services.notifications.pages import words
from services.notifications.pages.subscribers import (
    FRESH_MINUTES,
    HERE,
    LIST,
    WORDS,
    as_file,
    by,
    service_of,
)
from services.notifications.queries.one_address import About, all_about
from services.notifications.store import PERSONAL, Audit, record
from services.notifications.subscriber_lists.answer import as_data, as_json, as_zip
from shared.events.people import PersonErasedByNotifications
from shared.store import scrub_after
from shared.web.access import Guarded, Role, actor_of, require_fresh
from shared.web.pages import gettext_of, language_of, page, see_other
from shared.web.sessions import revoke_all

router = Guarded(prefix=f"{LIST}/adresse")

Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
"""The keyed hash of an address: the address itself stands in no address line."""


@router.get("/{address_hash}", action="subscriber.list")
async def one_address(request: Request, address_hash: Hash) -> HTMLResponse:
    """What there is, in numbers, and the two things one can do with it."""
    about = await _about(request, address_hash)
    return page(
        request,
        "subscribers/address.html",
        title=gettext_of(request)("Eine Adresse"),
        here=HERE,
        about=about,
        REASON=words.REASON,
        may_act=actor_of(request).has(Role.OFFICE),
        **WORDS,
    )


@router.post("/{address_hash}/auskunft", action="subscriber.answer")
async def answer(request: Request, address_hash: Hash) -> Response:
    """Everything as one file, for the person who asked; that it was made is noted."""
    service = service_of(request)
    at = service.clock.now()
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=at)
    about = await _known(request, address_hash)
    data = as_data(about, at=at)
    html = request.app.state.templates.get_template("subscribers/answer.html").render(
        request=request,
        lang=language_of(request),
        data=data,
        at=at,
        brand=request.app.state.brand,
        KIND=words.KIND,
        STATE=words.STATE,
        **WORDS,
    )
    async with service.db.begin() as session:
        session.add(_audit(request, "subscriber.answered", about, letters=len(about.letters)))
    packed = as_zip({"auskunft.html": html, "auskunft.json": as_json(data)}, at=at)
    return Response(packed, headers=as_file("auskunft.zip", "application/zip"))


@router.get("/{address_hash}/loeschen", action="subscriber.erase")
async def ask_first(request: Request, address_hash: Hash) -> HTMLResponse:
    """What goes, everywhere, and what the books keep."""
    about = await _known(request, address_hash)
    return page(
        request,
        "subscribers/erase.html",
        title=gettext_of(request)("Alles zu dieser Adresse löschen?"),
        here=HERE,
        about=about,
        **WORDS,
    )


@router.post("/{address_hash}/loeschen", action="subscriber.erase")
async def erase(request: Request, address_hash: Hash) -> Response:
    """The keys go first, so that repeating after a crash finds the same ids; then all plain text."""
    service, about = service_of(request), await _known(request, address_hash)
    at, ids = service.clock.now(), set(about.person_ids)
    for person_id in about.person_ids:
        await revoke_all(service, person_id)
        ids |= set(await service.seals.erase(person_id))
    async with service.db.begin() as session:
        await session.execute(delete(Suppression).where(Suppression.address_hash == address_hash))
        if ids:
            first = min(ids)
            event = PersonErasedByNotifications(at=at, person_id=first, person_ids=sorted(ids))
            await person_erased(event, session, service)
            record(session, event)
        await blank_address(session, address_hash)
        scrub_after(session, *PERSONAL)
        session.add(_audit(request, "subscriber.erased", about))
    note = gettext_of(request)("Alles zu dieser Adresse ist gelöscht.")
    return see_other(LIST, note)


async def _about(request: Request, address_hash: str) -> About:
    service = service_of(request)
    async with service.db.read() as session:
        return await all_about(session, service, address_hash)


async def _known(request: Request, address_hash: str) -> About:
    about = await _about(request, address_hash)
    if not about.is_known:
        raise HTTPException(404)
    return about


def _audit(request: Request, action: str, about: About, **details: Any) -> Audit:
    """Without anything that leads back to the person once they are forgotten."""
    at = service_of(request).clock.now()
    details |= {"subscribed": about.subscription is not None}
    return Audit(at=at, actor=by(request), action=action, subject="", details=details)
