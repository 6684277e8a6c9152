"""Signing in: one page for password and mailed link, the same answer for every address."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, StringConstraints
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order
from services.meetings.commands.sign_in import (
    SIGN_IN,
    WrongCode,
    request_link,
    signed_in,
    use_code,
    with_password,
)
from services.meetings.desk import now, service_of
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.passwords import MAX_LENGTH
from services.meetings.store import Link
from services.meetings.vault import Vault
from services.meetings.web import steps
from shared.web.access import Actor, Guarded, Role, actor_of
from shared.web.addresses import own_path
from shared.web.forms import Email, Form, Line, blank, read_form
from shared.web.limits import hit, limit
from shared.web.links import LinkRefused, Refusal, browser_of, consume, consume_code, look_up
from shared.web.pages import gettext_of, page, see_other
from shared.web.sessions import require_sessions, sign_in, sign_out

doors = Guarded()

LINK_SECONDS: Final = 0.5
"""How long asking for a link takes at least, whether or not the address is known."""

MOST_ATTEMPTS: Final = 5
BY_NETWORK: Final = limit("30/15 minutes", closed=True)
BY_ADDRESS: Final = limit("10/15 minutes", key="email", closed=True)
CODES: Final = "10/15 minutes"


class SignInForm(BaseModel):
    email: Email
    password: Annotated[str, StringConstraints(max_length=MAX_LENGTH)] = ""
    weiter: str = Field(default="", max_length=500)


class CodeForm(BaseModel):
    code: Line


@doors.get("/anmelden", action="account.sign_in")
async def sign_in_form(request: Request, weiter: str = "") -> Response:
    """Address, and a password if there is one."""
    return _sign_in_page(request, blank({"weiter": own_path(weiter, "")}))


@doors.post("/anmelden", action="account.sign_in", dependencies=[BY_NETWORK, BY_ADDRESS])
async def ask_to_sign_in(request: Request) -> Response:
    """With a password: on to the second factor. Without: a link by mail, or none, unseen."""
    form = await read_form(request, SignInForm)
    if form.data is None:
        return _sign_in_page(request, form, status=422)
    sent, service = form.data, service_of(request)
    await require_sessions(service)
    go_on = own_path(sent.weiter, "")
    if not sent.password:
        browser = browser_of(request)
        async with _at_least(LINK_SECONDS), service.db.begin() as session:
            await request_link(session, service, sent.email, browser=browser, at=now(request))
        return see_other(
            f"/anmelden/link?weiter={quote(go_on, safe='/')}" if go_on else "/anmelden/link"
        )
    async with service.db.read() as session:
        account = await with_password(session, sent.email, sent.password)
    if account is None:
        _ = gettext_of(request)
        form.refuse("password", _("E-Mail-Adresse und Passwort passen nicht zusammen."))
        return _sign_in_page(request, form, status=422)
    return await _go_on(request, account, proof="password", go_on=go_on)


@doors.get("/anmelden/link", action="account.sign_in")
async def link_is_sent(request: Request, weiter: str = "") -> Response:
    """What to do now, the same for every address; here the code from the mail is typed."""
    return _sent_page(request, blank(), own_path(weiter, ""))


@doors.post("/anmelden/link", action="account.sign_in", dependencies=[BY_NETWORK])
async def type_mailed_code(request: Request, weiter: str = "") -> Response:
    """The mail was read elsewhere: its code counts in the browser that asked."""
    form, service, go_on = (
        await read_form(request, CodeForm),
        service_of(request),
        own_path(weiter, ""),
    )
    if form.data is None:
        return _sent_page(request, form, go_on, status=422)
    refused: LinkRefused | None = None
    account: Account | None = None
    async with service.db.begin() as session:
        try:
            link = await consume_code(
                session,
                Link,
                form.data.code,
                purpose=SIGN_IN,
                browser=browser_of(request),
                at=now(request),
            )
            account = await session.get(Account, UUID(link.subject))
        except LinkRefused as error:
            refused = error
    if account is None or account.standing is not Standing.ACTIVE:
        form.refuse("code", _code_sentence(request, refused))
        return _sent_page(request, form, go_on, status=422)
    return await _go_on(request, account, proof="link", go_on=go_on)


@doors.get("/anmelden/link/{token}", action="account.sign_in")
async def open_link(request: Request, token: str) -> Response:
    """One button: programs that only look at links in mails use nothing up."""
    try:
        async with service_of(request).db.read() as session:
            await look_up(
                session,
                Link,
                token,
                purpose=SIGN_IN,
                browser=browser_of(request),
                at=now(request),
            )
    except LinkRefused as error:
        return link_refused(request, error)
    title = gettext_of(request)("Anmelden")
    return page(request, "sign_in/link.html", title=title, token=token)


@doors.post("/anmelden/link/{token}", action="account.sign_in", dependencies=[BY_NETWORK])
async def use_link(request: Request, token: str) -> Response:
    """The button was pressed in the browser that asked: the link is used up."""
    service = service_of(request)
    await require_sessions(service)
    try:
        async with service.db.begin() as session:
            link = await consume(
                session,
                Link,
                token,
                purpose=SIGN_IN,
                browser=browser_of(request),
                at=now(request),
            )
            account = await session.get(Account, UUID(link.subject))
    except LinkRefused as error:
        return link_refused(request, error)
    if account is None or account.standing is not Standing.ACTIVE:
        return link_refused(request, LinkRefused(Refusal.UNKNOWN))
    return await _go_on(request, account, proof="link", go_on="")


@doors.get("/anmelden/code", action="account.sign_in")
async def code_form(request: Request) -> Response:
    """Six digits from the app, or a spare code."""
    if await steps.current(request, "second_factor") is None:
        return see_other("/anmelden")
    return _code_page(request, blank())


@doors.post("/anmelden/code", action="account.sign_in", dependencies=[BY_NETWORK])
async def type_code(request: Request) -> Response:
    """The second proof; after five wrong ones the first is asked for again."""
    step = await steps.current(request, "second_factor")
    if step is None:
        return _start_again(request)
    form, service = await read_form(request, CodeForm), service_of(request)
    if form.data is None:
        return _code_page(request, form, status=422)
    await hit(request, CODES, str(step.account_id), key="account", closed=True)
    order = account_order(request, step.account_id)
    try:
        async with service.db.begin() as session:
            account = await session.get_one(Account, step.account_id)
            await use_code(session, Vault(service.settings), account, form.data.code, order)
            await signed_in(session, account, order, with_=f"{step.proof}+code")
    except WrongCode:
        if await steps.failed(request, step) >= MOST_ATTEMPTS:
            await steps.end(request)
            return _start_again(request)
        _ = gettext_of(request)
        form.refuse(
            "code", _("Der Code stimmt nicht oder ist schon benutzt. Nehmen Sie den nächsten.")
        )
        return _code_page(request, form, status=422)
    await steps.end(request)
    return await enter(request, account, go_on=step.go_on)


@doors.post("/abmelden", action="account.sign_out")
async def leave(request: Request) -> Response:
    """End this browser's session."""
    response = see_other("/", note=gettext_of(request)("Sie sind abgemeldet."))
    await sign_out(service_of(request), request, response)
    return response


async def enter(request: Request, account: Account, *, go_on: str) -> Response:
    """Start a session under a new id and go where the person wanted to."""
    response = see_other(go_on or home_of(account))
    await sign_in(service_of(request), response, actor_for(account), request=request)
    return response


def actor_for(account: Account) -> Actor:
    """The account as all three services see it."""
    return Actor(
        kind="account",
        roles=account.role_set,
        account_id=account.id,
        person_id=account.person_id,
        name=account.name,
    )


def home_of(account: Account) -> str:
    """Where work starts for these roles."""
    reads_cases = account.role_set & {Role.OFFICE, Role.AUDITOR}
    return "/buero" if reads_cases else "/konto"


def link_refused(request: Request, error: LinkRefused, *, invitation: bool = False) -> Response:
    """Why the link opens nothing, and how to get in all the same."""
    return page(
        request,
        "sign_in/link_refused.html",
        status=410 if error.reason in (Refusal.USED, Refusal.EXPIRED) else 404,
        title=gettext_of(request)("Dieser Link geht nicht"),
        reason=error.reason,
        invitation=invitation,
    )


async def _go_on(request: Request, account: Account, *, proof: str, go_on: str) -> Response:
    """On to the second factor if there is one; roles that need one never get in without."""
    if account.totp_secret is not None:
        await steps.begin(request, "second_factor", account.id, proof=proof, go_on=go_on)
        return see_other("/anmelden/code")
    if account.needs_second_factor:
        raise RuntimeError("an active account lacks the second factor that its roles need")
    async with service_of(request).db.begin() as session:
        await signed_in(session, account, account_order(request, account.id), with_=proof)
    return await enter(request, account, go_on=go_on)


def account_order(request: Request, account_id: UUID) -> Order:
    """Somebody acts on their own account."""
    return Order(command_id=uuid7(), by=f"account:{account_id}", at=now(request))


@asynccontextmanager
async def _at_least(seconds: float) -> AsyncIterator[None]:
    """However much there was to do, it takes this long: a known address answers no slower."""
    until = time.monotonic() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, until - time.monotonic()))


def _code_sentence(request: Request, refused: LinkRefused | None) -> str:
    _ = gettext_of(request)
    if refused is not None and refused.reason is Refusal.EXPIRED:
        return _("Der Code gilt nicht mehr. Fordern Sie einen neuen Link an.")
    return _("Der Code stimmt nicht. Er steht in der E-Mail unter dem Link.")


def _start_again(request: Request) -> Response:
    note = gettext_of(request)("Bitte melden Sie sich noch einmal von vorne an.")
    return see_other("/anmelden", note=note)


def _sign_in_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Anmelden")
    known = actor_of(request).kind == "account"
    return page(request, "sign_in/start.html", status=status, title=title, form=form, again=known)


def _sent_page(request: Request, form: Form[Any], go_on: str, *, status: int = 200) -> Response:
    title = gettext_of(request)("Schauen Sie in Ihr Postfach")
    return page(request, "sign_in/sent.html", status=status, title=title, form=form, weiter=go_on)


def _code_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Zweiter Schritt")
    return page(request, "sign_in/code.html", status=status, title=title, form=form)
