"""The way into *Mein Antrag*: a mailed link, opened in the browser that asked, or its code there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.cases import PURPOSE, applications_of, request_link
from services.applications.domain import Status, files_of
from services.applications.queries.fund import rules_at
from services.applications.store import Link
from services.applications.web.finish import tasks
from services.applications.web.sheet import sheet_of
from services.applications.web.visit import held, now, service_of
from shared.web.access import Actor, Guarded
from shared.web.forms import Email, Form, Line, blank, read_form
from shared.web.limits import limit
from shared.web.links import LinkRefused, Refusal, browser_of, consume, consume_code, look_up
from shared.web.pages import gettext_of, language_of, page, see_other
from shared.web.sessions import require_sessions, sign_in, sign_out

ANSWER_SECONDS: Final = 0.5
"""Asking takes at least this long, whether or not we know the address."""

GONE: Final = frozenset({Refusal.USED, Refusal.EXPIRED})

router = Guarded()


class Ask(BaseModel):
    """Where the link should go."""

    email: Email


class Code(BaseModel):
    """What stands in the letter below the link."""

    code: Line


async def door(request: Request, form: Form[Any] | None = None, *, status: int = 200) -> Response:
    """Asks for the address; whoever has a draft here sees how far it is."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if draft is not None and draft.status == Status.DRAFT:
            rules = await rules_at(session, now(request), draft.fund)
            todo = tasks(
                request, sheet_of(request, draft, rules), await files_of(session, draft.id)
            )
        else:
            draft, todo = None, []
    return page(
        request,
        "mine/door.html",
        status=status,
        title=gettext_of(request)("Mein Antrag"),
        here="mein",
        form=form or blank(),
        draft=draft,
        tasks=todo,
    )


@router.post(
    "/mein",
    action="case.ask",
    dependencies=[limit("20/hour"), limit("5/hour", key="email")],
)
async def ask(request: Request) -> Response:
    """A letter if the address is known; the answer is the same if not."""
    form, service = await read_form(request, Ask), service_of(request)
    if form.data is None:
        return await door(request, form, status=422)
    browser = browser_of(request)
    async with _at_least(ANSWER_SECONDS), service.db.begin() as session:
        await request_link(
            session,
            form.data.email,
            browser=browser,
            url=f"{service.settings.origin}/mein/link/",
            language=language_of(request),
            seals=service.seals,
            at=now(request),
        )
    return see_other("/mein/link")


@router.get("/mein/link", action="case.ask")
async def sent(request: Request) -> Response:
    """What to do now; here the code is typed when the letter is read elsewhere."""
    return _sent_page(request, blank())


@router.post("/mein/link", action="case.ask", dependencies=[limit("30/hour", closed=True)])
async def type_code(request: Request) -> Response:
    """The code opens what the link would, in the browser that asked."""
    form, service = await read_form(request, Code), service_of(request)
    if form.data is None:
        return _sent_page(request, form, status=422)
    await require_sessions(service)
    actor: Actor | None = None
    async with service.db.begin() as session:
        try:
            link = await consume_code(
                session,
                Link,
                form.data.code,
                purpose=PURPOSE,
                browser=browser_of(request),
                at=now(request),
            )
        except LinkRefused:
            form.refuse("code", gettext_of(request)("Der Code stimmt nicht oder gilt nicht mehr."))
        else:
            actor = await _applicant(session, link)
    if actor is None:
        return _sent_page(request, form, status=422)
    return await _enter(request, actor)


@router.get("/mein/link/{token}", action="case.ask")
async def offer(request: Request, token: str) -> Response:
    """One button: programs that only look at links in mails use nothing up."""
    try:
        async with service_of(request).db.read() as session:
            await look_up(
                session,
                Link,
                token,
                purpose=PURPOSE,
                browser=browser_of(request),
                at=now(request),
            )
    except LinkRefused as refused:
        return _refused(request, refused)
    title = gettext_of(request)("Mein Antrag")
    return page(request, "mine/link.html", title=title, here="mein", token=token)


@router.post("/mein/link/{token}", action="case.ask", dependencies=[limit("30/hour")])
async def enter(request: Request, token: str) -> Response:
    """The link is used up, and this browser sees the applications of its address."""
    service = service_of(request)
    await require_sessions(service)
    try:
        async with service.db.begin() as session:
            link = await consume(
                session,
                Link,
                token,
                purpose=PURPOSE,
                browser=browser_of(request),
                at=now(request),
            )
            actor = await _applicant(session, link)
    except LinkRefused as refused:
        return _refused(request, refused)
    if actor is None:
        return _refused(request, LinkRefused(Refusal.UNKNOWN))
    return await _enter(request, actor)


@router.post("/mein/verlassen", action="case.ask")
async def leave(request: Request) -> Response:
    """This browser sees the applications no more."""
    response = see_other("/", note=gettext_of(request)("Sie sind abgemeldet."))
    await sign_out(service_of(request), request, response)
    return response


async def _applicant(session: AsyncSession, link: Link) -> Actor | None:
    """Whoever reads the mail of this address; None if nothing of theirs is left."""
    mine = await applications_of(session, link)
    person = next((one.person_id for one in mine if one.person_id), None)
    if person is None:
        return None
    return Actor(
        kind="applicant", person_id=person, application_ids=frozenset(one.id for one in mine)
    )


async def _enter(request: Request, actor: Actor) -> Response:
    response = see_other("/mein")
    await sign_in(service_of(request), response, actor, request=request)
    return response


def _sent_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Schauen Sie in Ihr Postfach")
    return page(request, "mine/sent.html", status=status, title=title, here="mein", form=form)


def _refused(request: Request, refused: LinkRefused) -> Response:
    return page(
        request,
        "mine/refused.html",
        status=410 if refused.reason in GONE else 404,
        title=gettext_of(request)("Dieser Link geht nicht"),
        here="mein",
        reason=refused.reason.value,
        form=blank(),
    )


@asynccontextmanager
async def _at_least(seconds: float) -> AsyncIterator[None]:
    """However much there was to do, it takes this long."""
    until = time.monotonic() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, until - time.monotonic()))
