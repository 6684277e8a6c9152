"""Going on another day: the page that says so, the letter, the link in it, and throwing away."""

from typing import Final

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import (
    discard,
    draft_for,
    forget_key,
    new_key,
    save,
    tell_saved,
)
from services.applications.domain import Application, Rules
from services.applications.queries.fund import rules_at
from services.applications.web.visit import (
    START,
    draft_key,
    drop,
    elsewhere,
    held,
    hold,
    now,
    service_of,
)
from shared.events.people import Contact
from shared.web.access import Guarded
from shared.web.forms import Email, Form, blank, read_form
from shared.web.limits import TooMany, hit, limit
from shared.web.pages import gettext_of, page, see_other

LATER: Final = "/antraege/entwurf/spaeter"
RESUME: Final = "/antraege/fortsetzen/"

router = Guarded()


class Address(BaseModel):
    """Where to send the link."""

    email: Email


async def mail_link(
    request: Request, session: AsyncSession, draft: Application, rules: Rules, *, again: bool
) -> None:
    """Mail the way back once there is an address to send it to, and `again` when asked for."""
    contact = _contact(draft)
    if contact is None or (draft.letter_at is not None and not again):
        return
    if await _too_often(request, contact.email):
        return
    service = service_of(request)
    url = service.settings.origin + RESUME
    await tell_saved(
        session, draft, contact, url=url, rules=rules, seals=service.seals, at=now(request)
    )


@router.get(LATER, action="draft.write")
async def later(request: Request) -> Response:
    """It is saved; the link is on its way, or the page asks where to."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        rules = await rules_at(session, now(request), draft.fund)
    return _page(request, draft, rules, blank({"email": draft.typed.get("email", "")}))


@router.post(LATER, action="draft.write", dependencies=[limit("20/hour")])
async def send_link(request: Request) -> Response:
    """Keep the address in the draft and mail the link there."""
    form = await read_form(request, Address)
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        rules = await rules_at(session, at, draft.fund)
        typed = {"email": form.values.get("email", "")}
        await save(session, draft, typed, rules=rules, seals=service.seals, at=at)
        if form.data is not None:
            await mail_link(request, session, draft, rules, again=True)
    return _page(request, draft, rules, form, status=422 if form.errors else 200)


@router.post(LATER + "/vergessen", action="draft.write")
async def forget(request: Request) -> Response:
    """This browser forgets the draft; the link in the letter still opens it."""
    async with service_of(request).db.begin() as session:
        await forget_key(session, draft_key(request))
    _ = gettext_of(request)
    response = see_other("/antraege", note=_("Dieses Gerät kennt Ihren Entwurf nicht mehr."))
    drop(response)
    return response


@router.get("/antraege/entwurf/loeschen", action="draft.write")
async def ask_before_discarding(request: Request) -> Response:
    """What will be gone."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
    if (away := elsewhere(request, draft)) or draft is None:
        return away or see_other(START)
    title = gettext_of(request)("Entwurf löschen?")
    return page(request, "discard.html", title=title, here="antraege", draft=draft)


@router.post("/antraege/entwurf/loeschen", action="draft.write")
async def throw_away(request: Request) -> Response:
    """The draft and its files are gone; the link in the letter opens nothing any more."""
    async with service_of(request).db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        await discard(session, draft, actor="applicant", at=now(request))
    response = see_other("/antraege", note=gettext_of(request)("Ihr Entwurf ist gelöscht."))
    drop(response)
    return response


@router.get(RESUME + "{key}", action="draft.write")
async def offer(request: Request, key: str) -> Response:
    """The page behind the letter's link: looking at it changes nothing."""
    return await _offered(request, key)


@router.post(RESUME + "{key}", action="draft.write", dependencies=[limit("60/hour")])
async def resume(request: Request, key: str) -> Response:
    """This browser gets a key of its own."""
    at = now(request)
    async with service_of(request).db.begin() as session:
        draft = await draft_for(session, key, at=at, lock=True)
        if draft is None or elsewhere(request, draft):
            return await _offered(request, key)
        rules = await rules_at(session, at, draft.fund)
        own = await new_key(session, draft, rules=rules, at=at)
    response = see_other("/antraege/entwurf")
    hold(response, own, rules=rules)
    return response


async def _offered(request: Request, key: str) -> Response:
    async with service_of(request).db.read() as session:
        draft = await draft_for(session, key, at=now(request))
    usable = draft is not None and elsewhere(request, draft) is None
    title = gettext_of(request)("An Ihrem Antrag weiterschreiben")
    status = 200 if draft is not None else 410
    return page(
        request,
        "resume.html",
        title=title,
        here="antraege",
        status=status,
        draft=draft,
        usable=usable,
    )


def _page(
    request: Request, draft: Application, rules: Rules, form: Form[Address], *, status: int = 200
) -> Response:
    title = gettext_of(request)("Ihr Entwurf ist gespeichert")
    context = {"draft": draft, "rules": rules, "form": form, "contact": _contact(draft)}
    return page(request, "later.html", title=title, here="antraege", status=status, **context)


def _contact(draft: Application) -> Contact | None:
    """Whom and where to write, as far as it was typed and can be an address."""
    typed = draft.typed
    try:
        address = Address.model_validate({"email": typed.get("email", "")})
    except ValidationError:
        return None
    name = typed.get("contact_name") or typed.get("name") or ""
    return Contact(name=" ".join(str(name).split())[:200], email=address.email)


async def _too_often(request: Request, email: str) -> bool:
    """A stranger's address is not flooded: few letters an hour, whoever asks."""
    try:
        await hit(request, "6/hour", email.casefold(), key="resume")
    except TooMany:
        return True
    return False
