"""Answering an invitation: a password, and a second factor where the roles ask for it."""

from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import Request, Response
from pydantic import BaseModel, StringConstraints

from services.meetings.commands.accounts import INVITATION
from services.meetings.commands.proofs import (
    WrongDigits,
    answer_invitation,
    choose_device,
    choose_password,
    renew_recovery_codes,
)
from services.meetings.commands.sign_in import signed_in
from services.meetings.desk import now, refuse, service_of
from services.meetings.domain.account import Account, Standing
from services.meetings.domain.passwords import MAX_LENGTH, PasswordRefused
from services.meetings.domain.second_factor import address, new_secret
from services.meetings.store import Link
from services.meetings.vault import Vault
from services.meetings.web import steps
from services.meetings.web.sign_in import account_order, enter, link_refused
from shared.web.access import Guarded
from shared.web.forms import Form, Line, blank, read_form
from shared.web.limits import limit
from shared.web.links import LinkRefused, Refusal, consume, look_up
from shared.web.pages import gettext_of, page, see_other
from shared.web.sessions import require_sessions

set_up = Guarded(prefix="/anmelden")

BY_NETWORK = limit("30/15 minutes", closed=True)
Password = Annotated[str, StringConstraints(max_length=MAX_LENGTH)]


class Device(BaseModel):
    """A secret as the page shows it: to scan, or to type."""

    qr: str
    typed: str


class SetUpForm(BaseModel):
    password: Password = ""
    repeated: Password = ""
    code: Line | None = None


@set_up.get("/einladung/{token}", action="account.set_up")
async def open_invitation(request: Request, token: str) -> Response:
    """One button: programs that only look at links in mails use nothing up."""
    try:
        async with service_of(request).db.read() as session:
            await look_up(session, Link, token, purpose=INVITATION, at=now(request))
    except LinkRefused as error:
        if error.reason is Refusal.USED and await steps.current(request, "set_up"):
            return see_other("/anmelden/einrichten")
        return link_refused(request, error, invitation=True)
    title = gettext_of(request)("Ihr Konto")
    return page(request, "sign_in/invitation.html", title=title, token=token)


@set_up.post("/einladung/{token}", action="account.set_up", dependencies=[BY_NETWORK])
async def accept_invitation(request: Request, token: str) -> Response:
    """The link is used up; this browser has an hour to finish."""
    service = service_of(request)
    await require_sessions(service)
    try:
        async with service.db.begin() as session:
            link = await consume(session, Link, token, purpose=INVITATION, at=now(request))
    except LinkRefused as error:
        if error.reason is Refusal.USED and await steps.current(request, "set_up"):
            return see_other("/anmelden/einrichten")
        return link_refused(request, error, invitation=True)
    await steps.begin(request, "set_up", UUID(link.subject), secret=new_secret())
    return see_other("/anmelden/einrichten")


@set_up.get("/einrichten", action="account.set_up")
async def set_up_form(request: Request) -> Response:
    """Password and, where needed, the QR code for the second factor."""
    found = await _invited(request)
    if found is None:
        return _over(request)
    step, account = found
    return _set_up_page(request, blank(), step, account)


@set_up.post("/einrichten", action="account.set_up", dependencies=[BY_NETWORK])
async def finish_set_up(request: Request) -> Response:
    """Everything fits: the account is open and its owner inside."""
    found = await _invited(request)
    if found is None:
        return _over(request)
    step, account = found
    form = await read_form(request, SetUpForm)
    if form.data is not None:
        _check(request, form, form.data, account)
    codes = await _equip(request, form, step) if form.data is not None else None
    if codes is None:
        return _set_up_page(request, form, step, account, status=422)
    await steps.end(request)
    if codes:
        await steps.show_codes(request, account.id, codes)
    async with service_of(request).db.read() as session:
        account = await session.get_one(Account, account.id)
    return await enter(request, account, go_on="/konto/codes" if codes else "")


async def _equip(request: Request, form: Form[SetUpForm], step: steps.Step) -> list[str] | None:
    """Store what was chosen in one transaction; the spare codes, or None if something is wrong."""
    sent, service = form.data, service_of(request)
    assert sent is not None
    order, vault = account_order(request, step.account_id), Vault(service.settings)
    codes: list[str] = []
    try:
        async with service.db.begin() as session:
            account = await session.get_one(Account, step.account_id, with_for_update=True)
            if sent.password:
                await choose_password(session, account, sent.password, order)
            if account.needs_second_factor:
                await choose_device(
                    session, vault, account, order, secret=step.secret, typed=sent.code or ""
                )
                codes = await renew_recovery_codes(session, vault, account, order)
            await answer_invitation(session, account, order)
            await signed_in(session, account, order, with_="invitation")
    except PasswordRefused as error:
        refuse(request, form, error)
        return None
    except WrongDigits:
        form.refuse("code", wrong_digits(request))
        return None
    return codes


def _check(request: Request, form: Form[SetUpForm], sent: SetUpForm, account: Account) -> None:
    """Say everything that is missing at once."""
    _ = gettext_of(request)
    if account.needs_second_factor and not sent.password:
        form.refuse("password", _("Wählen Sie ein Passwort mit mindestens 15 Zeichen."))
    if sent.password != sent.repeated:
        form.refuse("repeated", _("Die beiden Passwörter sind nicht gleich."))
    if account.needs_second_factor and not sent.code:
        form.refuse("code", _("Schreiben Sie die 6 Ziffern aus der App."))


async def _invited(request: Request) -> tuple[steps.Step, Account] | None:
    step = await steps.current(request, "set_up")
    if step is None:
        return None
    async with service_of(request).db.read() as session:
        account = await session.get(Account, step.account_id)
    if account is None or account.standing is not Standing.INVITED:
        return None
    return step, account


def wrong_digits(request: Request) -> str:
    """What to say when a new device's digits do not fit."""
    _ = gettext_of(request)
    return _(
        "Die Ziffern passen nicht. Warten Sie auf die nächsten und prüfen Sie die Uhr des Handys."
    )


def device(request: Request, secret: str, account: Account) -> Device:
    """The secret as a picture inside the page, and in groups of four letters."""
    issuer: str = request.app.state.brand.name
    code = segno.make(address(secret, account=account.email or "", issuer=issuer), error="m")
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return Device(qr=code.svg_data_uri(scale=5, border=4, light="#fff"), typed=" ".join(groups))


def _over(request: Request) -> Response:
    return link_refused(request, LinkRefused(Refusal.EXPIRED), invitation=True)


def _set_up_page(
    request: Request, form: Form[Any], step: steps.Step, account: Account, *, status: int = 200
) -> Response:
    return page(
        request,
        "sign_in/set_up.html",
        status=status,
        title=gettext_of(request)("Konto einrichten"),
        form=form,
        account=account,
        device=device(request, step.secret, account) if account.needs_second_factor else None,
    )
