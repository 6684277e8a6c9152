"""Ordering e-mails, saying yes, changing and ending: no password, and no GET changes anything."""

from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.commands import subscriptions as commands
from services.notifications.domain.subscription import (
    Consent,
    Frequency,
    IllegalMove,
    LinkExpired,
    Status,
    Subscription,
)
from services.notifications.links import Purpose, read, token
from services.notifications.pages.choices import (
    WORDS,
    Order,
    Preferences,
    checked,
    consent_text,
    fields_of,
    letter_language,
    masked,
    offered,
)
from shared.events.people import Contact
from shared.service import Service
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.limits import limit
from shared.web.pages import gettext_of, page, see_other

router = Guarded(prefix="/abo")


@router.get("", action="subscription.order")
async def order_form(request: Request) -> HTMLResponse:
    """The form."""
    known = {"language": letter_language(request), "frequency": Frequency.AT_ONCE}
    return _order_page(request, blank(known), await fields_of(request))


@router.post(
    "",
    action="subscription.order",
    dependencies=[limit("10/minute", key="ip"), limit("5/hour", key="email")],
)
async def order(request: Request) -> Response:
    """Ask the owner of the address; what is answered never tells whether we know it."""
    form, fields = await read_form(request, Order), await fields_of(request)
    data = checked(request, form, fields)
    if data is None:
        return _order_page(request, form, fields, status=422)
    service, chosen = _service(request), data.choices
    wish = commands.Wish(
        contact=Contact(name="", email=data.email),
        topics=chosen.topics,
        fields=chosen.fields,
        occasion_kinds=chosen.occasion_kinds,
        frequency=chosen.frequency,
        language=data.language,
        text=consent_text(request, chosen),
        form="/abo",
    )
    async with service.db.begin() as session:
        await commands.order(session, service, wish, at=service.clock.now())
    return see_other("/abo/danke")


@router.get("/danke", action="subscription.order")
async def thanks(request: Request) -> HTMLResponse:
    """What happens next: the same for everyone."""
    title = gettext_of(request)("Schauen Sie in Ihr Postfach")
    return page(request, "subscriptions/thanks.html", title=title, here="abo")


@router.get("/bestaetigen/{token}", action="subscription.confirm")
async def confirm_page(request: Request, token: str) -> HTMLResponse:
    """One button: programs that open links in mails cannot say yes for anybody."""
    consent_id = read(_service(request).settings, Purpose.CONFIRM, token)
    async with _service(request).db.read() as session:
        consent = await session.get(Consent, consent_id) if consent_id else None
        over = consent is not None and await _ended_since(session, consent)
    if over:
        return _over(request)
    now = _service(request).clock.now()
    if consent is None or (consent.confirmed_at is None and consent.expires_at <= now):
        return _gone(request)
    title = gettext_of(request)("Wollen Sie diese E-Mails?")
    return page(
        request, "subscriptions/confirm.html", title=title, here="abo", consent=consent, **WORDS
    )


@router.post("/bestaetigen/{token}", action="subscription.confirm")
async def confirm(request: Request, token: str) -> Response:
    """The yes; saying it again changes nothing, and brings nobody back who has left since."""
    service = _service(request)
    consent_id = read(service.settings, Purpose.CONFIRM, token)
    if consent_id is None:
        return _gone(request)
    try:
        async with service.db.begin() as session:
            subscription = await commands.confirm(
                session, service, consent_id, at=service.clock.now()
            )
    except LinkExpired:
        return _gone(request)
    if subscription.status != Status.CONFIRMED:
        return _over(request)
    note = gettext_of(request)("Danke. Ab jetzt bekommen Sie unsere E-Mails.")
    return see_other(_path(service, Purpose.MANAGE, subscription.id), note)


@router.get("/verwalten/{token}", action="subscription.manage")
async def preferences_page(request: Request, token: str) -> HTMLResponse:
    """What was chosen, and the way out."""
    subscription = await _subscription(request, Purpose.MANAGE, token)
    if subscription is None:
        return _over(request)
    known = {
        name: getattr(subscription, name)
        for name in ("topics", "fields", "occasion_kinds", "frequency", "language")
    }
    return _preferences(request, subscription, blank(known), await fields_of(request))


@router.post("/verwalten/{token}", action="subscription.manage")
async def change(request: Request, token: str) -> Response:
    """Change them."""
    service = _service(request)
    subscription = await _subscription(request, Purpose.MANAGE, token)
    if subscription is None:
        return _over(request)
    form, fields = await read_form(request, Preferences), await fields_of(request)
    data = checked(request, form, fields)
    if data is None:
        return _preferences(request, subscription, form, fields, status=422)
    try:
        async with service.db.begin() as session:
            await commands.change(
                session,
                service,
                subscription.id,
                data.choices,
                language=data.language,
                at=service.clock.now(),
            )
    except IllegalMove:
        return _over(request)
    note = gettext_of(request)("Gespeichert.")
    return see_other(_path(service, Purpose.MANAGE, subscription.id), note)


@router.get("/abmelden/{token}", action="subscription.end")
async def end_page(request: Request, token: str) -> HTMLResponse:
    """One button again: link scanners open this, too."""
    subscription = await _subscription(request, Purpose.UNSUBSCRIBE, token)
    if subscription is None:
        return _over(request)
    title = gettext_of(request)("Wollen Sie sich abmelden?")
    return page(
        request,
        "subscriptions/end.html",
        title=title,
        here="abo",
        subscription=subscription,
        choices=subscription.choices.beside_topics(),
        **WORDS,
    )


@router.post("/abmelden/{token}", action="subscription.end", csrf=False)
async def end(request: Request, token: str) -> HTMLResponse:
    """RFC 8058: one POST from a mail program, no cookie, no redirect; again is harmless."""
    service = _service(request)
    subscription = await _subscription(request, Purpose.UNSUBSCRIBE, token)
    if subscription is not None:
        async with service.db.begin() as session:
            await commands.end(session, service, subscription.id, at=service.clock.now())
    return _over(request)


def _order_page(
    request: Request, form: Form[Any], fields: list[str], *, status: int = 200
) -> HTMLResponse:
    return page(
        request,
        "subscriptions/order.html",
        status=status,
        title=gettext_of(request)("E-Mails bestellen"),
        here="abo",
        form=form,
        **offered(fields),
        **WORDS,
    )


def _preferences(
    request: Request,
    subscription: Subscription,
    form: Form[Any],
    fields: list[str],
    *,
    status: int = 200,
) -> HTMLResponse:
    settings = _service(request).settings
    return page(
        request,
        "subscriptions/preferences.html",
        status=status,
        title=gettext_of(request)("Ihre E-Mails von uns"),
        here="abo",
        form=form,
        masked=masked(subscription.address or ""),
        end_path=f"/abo/abmelden/{token(settings, Purpose.UNSUBSCRIBE, subscription.id)}",
        **offered(fields),
        **WORDS,
    )


def _gone(request: Request) -> HTMLResponse:
    title = gettext_of(request)("Der Link gilt nicht mehr")
    return page(request, "subscriptions/gone.html", status=410, title=title, here="abo")


def _over(request: Request) -> HTMLResponse:
    title = gettext_of(request)("Sie sind abgemeldet")
    return page(request, "subscriptions/over.html", title=title, here="abo")


async def _subscription(request: Request, purpose: Purpose, token: str) -> Subscription | None:
    """None once it is over or deleted: nobody is told which. A link we never wrote is not found."""
    service = _service(request)
    subscription_id = read(service.settings, purpose, token)
    if subscription_id is None:
        raise HTTPException(404)
    async with service.db.read() as session:
        found = await session.get(Subscription, subscription_id)
    return found if found is not None and found.status == Status.CONFIRMED else None


async def _ended_since(session: AsyncSession, consent: Consent) -> bool:
    """Whether they said yes to this once, and have unsubscribed."""
    subscription = await session.get_one(Subscription, consent.subscription_id)
    return consent.confirmed_at is not None and subscription.status != Status.CONFIRMED


def _path(service: Service, purpose: Purpose, about: UUID) -> str:
    return f"/abo/{purpose}/{token(service.settings, purpose, about)}"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
