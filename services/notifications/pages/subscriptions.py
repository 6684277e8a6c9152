"""Ordering e-mails, saying yes, changing and ending: no password, and no GET changes anything."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.commands import subscriptions as commands
from services.notifications.domain.subscription import (
    Consent,
    IllegalMove,
    LinkExpired,
    Status,
    Subscription,
)
from services.notifications.links import Purpose, read, token
from services.notifications.pages import words
from shared.events.people import Contact
from shared.service import Service
from shared.web.access import Guarded
from shared.web.forms import Email, Form, blank, read_form
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded(prefix="/abo")

WORDS: Final[dict[str, Any]] = {"TOPIC": words.TOPIC, "CONSENT": words.CONSENT}


def _known_topics(topics: list[str]) -> list[str]:
    if unknown := set(topics) - set(words.TOPIC):
        raise ValueError(f"no such topic: {unknown}")
    return topics


def _known_language(language: str) -> str:
    if language not in dict(words.letter_languages()):
        raise ValueError("no letters in this language")
    return language


Topics = Annotated[list[str], Field(min_length=1), AfterValidator(_known_topics)]
Language = Annotated[str, AfterValidator(_known_language)]


class Preferences(BaseModel):
    """What can be changed later."""

    topics: Topics
    language: Language


class Order(Preferences):
    """What is asked for to begin with."""

    email: Email


@router.get("", action="subscription.order")
async def order_form(request: Request) -> HTMLResponse:
    """The form."""
    return _order_page(request, blank({"language": _letter_language(request)}))


@router.post(
    "",
    action="subscription.order",
    dependencies=[limit("10/minute", key="ip"), limit("5/hour", key="email")],
)
async def order(request: Request) -> Response:
    """Ask the owner of the address; what is answered never tells whether we know it."""
    form = await read_form(request, Order)
    if form.data is None:
        return _order_page(request, form, status=422)
    service = _service(request)
    wish = commands.Wish(
        contact=Contact(name="", email=form.data.email),
        topics=form.data.topics,
        language=form.data.language,
        text=_consent_text(request, form.data.topics),
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
    now = _service(request).clock.now()
    if consent is None or (consent.confirmed_at is None and consent.expires_at <= now):
        return _gone(request)
    title = gettext_of(request)("Wollen Sie diese E-Mails?")
    return page(
        request, "subscriptions/confirm.html", title=title, here="abo", consent=consent, **WORDS
    )


@router.post("/bestaetigen/{token}", action="subscription.confirm")
async def confirm(request: Request, token: str) -> Response:
    """The yes; saying it again changes nothing."""
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
    note = gettext_of(request)("Danke. Ab jetzt bekommen Sie unsere E-Mails.")
    return see_other(_path(service, Purpose.MANAGE, subscription.id), note)


@router.get("/verwalten/{token}", action="subscription.manage")
async def preferences_page(request: Request, token: str) -> HTMLResponse:
    """Topics and language, and the way out."""
    subscription = await _subscription(request, Purpose.MANAGE, token)
    if subscription.status != Status.CONFIRMED:
        return _over(request)
    known = {"topics": subscription.topics, "language": subscription.language}
    return _preferences(request, subscription, blank(known))


@router.post("/verwalten/{token}", action="subscription.manage")
async def change(request: Request, token: str) -> Response:
    """Change them."""
    service = _service(request)
    subscription = await _subscription(request, Purpose.MANAGE, token)
    form = await read_form(request, Preferences)
    if form.data is None:
        return _preferences(request, subscription, form, status=422)
    try:
        async with service.db.begin() as session:
            await commands.change(
                session,
                subscription.id,
                topics=form.data.topics,
                language=form.data.language,
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
    if subscription.status != Status.CONFIRMED:
        return _over(request)
    title = gettext_of(request)("Wollen Sie sich abmelden?")
    return page(
        request,
        "subscriptions/end.html",
        title=title,
        here="abo",
        subscription=subscription,
        **WORDS,
    )


@router.post("/abmelden/{token}", action="subscription.end", csrf=False)
async def end(request: Request, token: str) -> HTMLResponse:
    """RFC 8058: one POST from a mail program, no cookie, no redirect; again is harmless."""
    service = _service(request)
    subscription = await _subscription(request, Purpose.UNSUBSCRIBE, token)
    async with service.db.begin() as session:
        await commands.end(session, service, subscription.id, at=service.clock.now())
    return _over(request)


def _order_page(request: Request, form: Form[Any], *, status: int = 200) -> HTMLResponse:
    return page(
        request,
        "subscriptions/order.html",
        status=status,
        title=gettext_of(request)("E-Mails bestellen"),
        here="abo",
        form=form,
        offered=[(topic, words.TOPIC[topic]) for topic in words.OFFERED],
        languages_of_letters=words.letter_languages(),
        **WORDS,
    )


def _preferences(
    request: Request, subscription: Subscription, form: Form[Any], *, status: int = 200
) -> HTMLResponse:
    settings = _service(request).settings
    topics = [*words.OFFERED, *(t for t in subscription.topics if t not in words.OFFERED)]
    return page(
        request,
        "subscriptions/preferences.html",
        status=status,
        title=gettext_of(request)("Ihre E-Mails von uns"),
        here="abo",
        form=form,
        masked=_masked(subscription.address or ""),
        topics=[(topic, words.TOPIC[topic]) for topic in topics],
        languages_of_letters=words.letter_languages(),
        end_path=f"/abo/abmelden/{token(settings, Purpose.UNSUBSCRIBE, subscription.id)}",
        **WORDS,
    )


def _gone(request: Request) -> HTMLResponse:
    title = gettext_of(request)("Der Link gilt nicht mehr")
    return page(request, "subscriptions/gone.html", status=410, title=title, here="abo")


def _over(request: Request) -> HTMLResponse:
    title = gettext_of(request)("Sie sind abgemeldet")
    return page(request, "subscriptions/over.html", title=title, here="abo")


async def _subscription(request: Request, purpose: Purpose, token: str) -> Subscription:
    service = _service(request)
    subscription_id = read(service.settings, purpose, token)
    async with service.db.read() as session:
        found = await session.get(Subscription, subscription_id) if subscription_id else None
    if found is None:
        raise HTTPException(404)
    return found


def _consent_text(request: Request, topics: list[str]) -> str:
    """The proof: the sentence and the topics exactly as they stood on the page."""
    _ = gettext_of(request)
    return " · ".join([_(words.CONSENT), *(_(words.TOPIC[topic]) for topic in topics)])


def _letter_language(request: Request) -> str:
    spoken = language_of(request)
    return spoken if spoken in dict(words.letter_languages()) else "de"


def _masked(address: str) -> str:
    """a•••@example.org: enough to recognise one's own, too little for others."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _path(service: Service, purpose: Purpose, about: UUID) -> str:
    return f"/abo/{purpose}/{token(service.settings, purpose, about)}"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
