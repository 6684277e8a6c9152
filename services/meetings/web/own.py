"""One's own account: password, second factor, spare codes, language, signing out everywhere."""

from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel

from services.meetings.commands.proofs import (
    WrongDigits,
    choose_device,
    choose_password,
    renew_recovery_codes,
    speak,
)
from services.meetings.desk import Language, now, refuse, role_names, service_of
from services.meetings.domain.account import Account
from services.meetings.domain.passwords import PasswordRefused
from services.meetings.domain.second_factor import new_secret
from services.meetings.queries import recovery_codes_left
from services.meetings.vault import Vault
from services.meetings.web import steps
from services.meetings.web.set_up import Password, device, wrong_digits
from services.meetings.web.sign_in import account_order, actor_for
from shared.web.access import Guarded, SignInNeeded, actor_of, require_fresh
from shared.web.forms import Form, Line, blank, read_form
from shared.web.i18n import LANGUAGES, lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, page, see_other
from shared.web.sessions import revoke_all, sign_in, sign_out

own = Guarded(prefix="/konto")

FRESH_MINUTES: Final = 15
CHANGES: Final = limit("20/15 minutes", closed=True)
PASSWORD_HOLDS: Final = lazy("Ihr neues Passwort gilt. Andere Browser sind abgemeldet.")
DEVICE_HOLDS: Final = lazy("Das neue Gerät gilt. Andere Browser sind abgemeldet.")


class PasswordForm(BaseModel):
    password: Password
    repeated: Password


class DeviceForm(BaseModel):
    code: Line


class LanguageForm(BaseModel):
    language: Language


@own.get("", action="account.own")
async def overview(request: Request) -> Response:
    """What belongs to the account, and what can be changed."""
    account = await _mine(request)
    async with service_of(request).db.read() as session:
        left = await recovery_codes_left(session, account.id)
    return page(
        request,
        "own/overview.html",
        title=gettext_of(request)("Mein Konto"),
        here="konto",
        account=account,
        codes_left=left,
        roles=role_names(request, account),
        form=blank({"language": account.language}),
        LANGUAGES=LANGUAGES,
    )


@own.get("/passwort", action="account.own_change")
async def password_form(request: Request) -> Response:
    """A new password, after a fresh sign-in."""
    _fresh(request)
    await _mine(request)
    return _password_page(request, blank())


@own.post("/passwort", action="account.own_change", dependencies=[CHANGES])
async def change_password(request: Request) -> Response:
    """The new password holds at once; every other browser is signed out."""
    _fresh(request)
    account, form = await _mine(request), await read_form(request, PasswordForm)
    if form.data is not None and form.data.password != form.data.repeated:
        _ = gettext_of(request)
        form.refuse("repeated", _("Die beiden Passwörter sind nicht gleich."))
    if form.data is None:
        return _password_page(request, form, status=422)
    order = account_order(request, account.id)
    try:
        async with service_of(request).db.begin() as session:
            locked = await session.get_one(Account, account.id, with_for_update=True)
            await choose_password(session, locked, form.data.password, order)
    except PasswordRefused as error:
        refuse(request, form, error)
        return _password_page(request, form, status=422)
    return await _stay_alone(request, account, "/konto", PASSWORD_HOLDS)


@own.get("/geraet", action="account.own_change")
async def device_form(request: Request) -> Response:
    """A new secret for a new phone; the old one works until the new one is confirmed."""
    _fresh(request)
    account = await _mine(request)
    step = await _device_step(request, account)
    return _device_page(request, blank(), account, step)


@own.post("/geraet", action="account.own_change", dependencies=[CHANGES])
async def change_device(request: Request) -> Response:
    """The digits of the new phone fit: from now on only they count."""
    _fresh(request)
    account, form = await _mine(request), await read_form(request, DeviceForm)
    step = await _device_step(request, account)
    if form.data is None:
        return _device_page(request, form, account, step, status=422)
    vault, order = Vault(service_of(request).settings), account_order(request, account.id)
    codes: list[str] = []
    try:
        async with service_of(request).db.begin() as session:
            locked = await session.get_one(Account, account.id, with_for_update=True)
            had_one = locked.totp_secret is not None
            await choose_device(
                session, vault, locked, order, secret=step.secret, typed=form.data.code
            )
            if not had_one:
                codes = await renew_recovery_codes(session, vault, locked, order)
    except WrongDigits:
        form.refuse("code", wrong_digits(request))
        return _device_page(request, form, account, step, status=422)
    await steps.end(request)
    if codes:
        await steps.show_codes(request, account.id, codes)
    to = "/konto/codes" if codes else "/konto"
    return await _stay_alone(request, account, to, DEVICE_HOLDS)


@own.get("/codes", action="account.own_change")
async def codes_page(request: Request) -> Response:
    """The spare codes as long as they may be seen, else the button for new ones."""
    account = await _mine(request)
    codes = await steps.codes_to_show(request, account.id)
    async with service_of(request).db.read() as session:
        left = await recovery_codes_left(session, account.id)
    title = gettext_of(request)("Ersatz-Codes")
    return page(request, "own/codes.html", title=title, here="konto", codes=codes, left=left)


@own.post("/codes", action="account.own_change", dependencies=[CHANGES])
async def new_codes(request: Request) -> Response:
    """Ten new codes; the old ones are worthless now."""
    _fresh(request)
    account, service = await _mine(request), service_of(request)
    if account.totp_secret is None:
        return see_other("/konto/geraet")
    async with service.db.begin() as session:
        order = account_order(request, account.id)
        codes = await renew_recovery_codes(session, Vault(service.settings), account, order)
    await steps.show_codes(request, account.id, codes)
    return see_other("/konto/codes")


@own.post("/codes/gesichert", action="account.own_change")
async def codes_are_safe(request: Request) -> Response:
    """They are written down: nobody sees them here again."""
    account = await _mine(request)
    await steps.codes_confirmed(request, account.id)
    return see_other("/konto", note=gettext_of(request)("Gut. Bewahren Sie die Codes sicher auf."))


@own.post("/sprache", action="account.own_change")
async def change_language(request: Request) -> Response:
    """The language of pages and letters."""
    account, form = await _mine(request), await read_form(request, LanguageForm)
    if form.data is None:
        return see_other("/konto")
    async with service_of(request).db.begin() as session:
        account = await session.get_one(Account, account.id, with_for_update=True)
        await speak(session, account, form.data.language, account_order(request, account.id))
    return see_other(f"/konto?lang={form.data.language}")


@own.post("/ueberall-abmelden", action="account.own_change")
async def sign_out_everywhere(request: Request) -> Response:
    """Every browser, this one too."""
    account, service = await _mine(request), service_of(request)
    note = gettext_of(request)("Sie sind überall abgemeldet.")
    response = see_other("/anmelden", note=note)
    await revoke_all(service, account.id)
    await sign_out(service, request, response)
    return response


def _fresh(request: Request) -> None:
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=now(request))


async def _mine(request: Request) -> Account:
    """The account behind this session, still there and still open."""
    account_id = actor_of(request).account_id
    async with service_of(request).db.read() as session:
        account = await session.get(Account, account_id) if account_id else None
    if account is None or not account.is_open:
        raise SignInNeeded("account.own")
    return account


async def _device_step(request: Request, account: Account) -> steps.Step:
    """The secret this browser is being shown; a reload shows the same."""
    step = await steps.current(request, "device")
    if step is not None and step.account_id == account.id:
        return step
    return await steps.begin(request, "device", account.id, secret=new_secret())


async def _stay_alone(request: Request, account: Account, to: str, note: str) -> Response:
    """End every session of the account and begin one for this browser."""
    service = service_of(request)
    await revoke_all(service, account.id)
    response = see_other(to, note=gettext_of(request)(note))
    await sign_in(service, response, actor_for(account), request=request)
    return response


def _password_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Neues Passwort")
    return page(request, "own/password.html", status=status, title=title, here="konto", form=form)


def _device_page(
    request: Request, form: Form[Any], account: Account, step: steps.Step, *, status: int = 200
) -> Response:
    return page(
        request,
        "own/device.html",
        status=status,
        title=gettext_of(request)("Neues Gerät"),
        here="konto",
        form=form,
        device=device(request, step.secret, account),
        replaces=account.totp_secret is not None,
    )
