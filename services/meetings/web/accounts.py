"""The office looks after accounts: who may sign in, with which roles."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands import accounts as commands
from services.meetings.commands.accounts import AddressTaken
from services.meetings.commands.once import Order
from services.meetings.desk import Language, Ordered, order, role_names, service_of
from services.meetings.domain.account import Account, LastOffice
from services.meetings.queries import accounts
from services.meetings.words import ROLE, ROLE_HINT, STANDING, STANDING_KIND
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Email, Form, Line, blank, read_form
from shared.web.i18n import LANGUAGES, lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.sessions import revoke_all

account_pages = Guarded(prefix="/buero/konten")

HERE: Final = "konten"
WORDS: Final[dict[str, Any]] = {
    "ROLE": ROLE,
    "ROLE_HINT": ROLE_HINT,
    "STANDING": STANDING,
    "STANDING_KIND": STANDING_KIND,
    "LANGUAGES": LANGUAGES,
}
LAST_OFFICE: Final = lazy(
    "Das ist das letzte Konto des Büros. Geben Sie zuerst einer anderen Person die Rolle Büro."
)
TAKEN: Final = lazy("Zu dieser Adresse gibt es schon ein Konto.")

Roles = Annotated[list[Role], Field(min_length=1)]
Act = Callable[[AsyncSession, Service, UUID, Order], Awaitable[None]]


class NewAccountForm(Ordered):
    name: Line
    email: Email
    roles: Roles
    language: Language = "de"


class RolesForm(Ordered):
    roles: Roles


@account_pages.get("", action="account.list")
async def list_accounts(request: Request) -> Response:
    """Everyone who may sign in, and those who no longer may."""
    async with service_of(request).db.read() as session:
        found = await accounts(session)
    title = gettext_of(request)("Konten")
    return page(request, "accounts/list.html", title=title, here=HERE, accounts=found, **WORDS)


@account_pages.get("/neu", action="account.open")
async def new_account_form(request: Request) -> Response:
    """Name, address, roles."""
    known = {"command_id": str(uuid7()), "language": "de", "roles": []}
    return _new_page(request, blank(known))


@account_pages.post("/neu", action="account.open")
async def open_account(request: Request) -> Response:
    """The account is there, its invitation under way."""
    form, service, _ = (
        await read_form(request, NewAccountForm),
        service_of(request),
        gettext_of(request),
    )
    if form.data is None:
        return _new_page(request, form, status=422)
    sent = form.data
    try:
        async with service.db.begin() as session:
            account_id, _link = await commands.open_account(
                session,
                service,
                order(request, sent),
                email=sent.email,
                name=sent.name,
                roles=sent.roles,
                language=sent.language,
            )
    except AddressTaken:
        form.refuse("email", _(TAKEN))
        return _new_page(request, form, status=422)
    note = _("Das Konto ist angelegt. Die Einladung ist unterwegs und gilt 3 Tage.")
    return see_other(f"/buero/konten/{account_id}", note=note)


@account_pages.get("/{account_id}", action="account.read")
async def show_account(request: Request, account_id: UUID) -> Response:
    """One account and what can be done with it."""
    account = await _account(request, account_id)
    known = {"roles": account.roles, "version": account.version, "command_id": str(uuid7())}
    return _account_page(request, blank(known), account)


@account_pages.post("/{account_id}/rollen", action="account.roles")
async def change_roles(request: Request, account_id: UUID) -> Response:
    """The roles hold at once; the person signs in again with them."""
    form, service, _ = await read_form(request, RolesForm), service_of(request), gettext_of(request)
    account = await _account(request, account_id)
    if form.data is None:
        return _account_page(request, form, account, status=422)
    sent = form.data
    try:
        async with service.db.begin() as session:
            await commands.change_roles(
                session, service, account_id, sent.roles, order(request, sent)
            )
    except LastOffice:
        form.refuse("roles", _(LAST_OFFICE))
        return _account_page(request, form, account, status=422)
    await revoke_all(service, account_id)
    return _done(request, account_id, _("Die Rollen gelten jetzt. Die Person meldet sich neu an."))


class Button(BaseModel):
    """What a button's page says, before and after."""

    title: Any
    text: Any
    label: Any
    done: Any


SAYS: Final = {
    "sperren": Button(
        title=lazy("Konto sperren"),
        text=lazy("Die Person wird überall abgemeldet und kann sich nicht mehr anmelden."),
        label=lazy("Konto sperren"),
        done=lazy("Das Konto ist gesperrt."),
    ),
    "entsperren": Button(
        title=lazy("Konto wieder öffnen"),
        text=lazy("Die Person kann sich wieder anmelden wie vorher."),
        label=lazy("Konto wieder öffnen"),
        done=lazy("Das Konto ist wieder offen."),
    ),
    "zuruecksetzen": Button(
        title=lazy("Zweiten Schritt zurücksetzen"),
        text=lazy(
            "Das Passwort und das Handy der Person gelten dann nicht mehr. Sie bekommt eine"
            " E-Mail mit einem Link. Damit richtet sie beides neu ein. Der Link gilt 3 Tage."
        ),
        label=lazy("Zurücksetzen und E-Mail schicken"),
        done=lazy("Zurückgesetzt. Die E-Mail ist unterwegs."),
    ),
    "einladen": Button(
        title=lazy("Neue Einladung schicken"),
        text=lazy("Die Person bekommt eine E-Mail mit einem neuen Link. Der alte gilt nicht mehr."),
        label=lazy("Einladung schicken"),
        done=lazy("Die Einladung ist unterwegs und gilt 3 Tage."),
    ),
}


@account_pages.get("/{account_id}/sperren", action="account.deactivate")
async def ask_deactivate(request: Request, account_id: UUID) -> Response:
    """What locking means."""
    return await _ask(request, account_id, "sperren")


@account_pages.post("/{account_id}/sperren", action="account.deactivate")
async def deactivate(request: Request, account_id: UUID) -> Response:
    """Locked, and signed out everywhere."""
    return await _act(request, account_id, "sperren", commands.deactivate)


@account_pages.get("/{account_id}/entsperren", action="account.reactivate")
async def ask_reactivate(request: Request, account_id: UUID) -> Response:
    """What opening again means."""
    return await _ask(request, account_id, "entsperren")


@account_pages.post("/{account_id}/entsperren", action="account.reactivate")
async def reactivate(request: Request, account_id: UUID) -> Response:
    """Open again, or invited again."""
    return await _act(request, account_id, "entsperren", commands.reactivate)


@account_pages.get("/{account_id}/zuruecksetzen", action="account.reset")
async def ask_reset(request: Request, account_id: UUID) -> Response:
    """What losing the phone means."""
    return await _ask(request, account_id, "zuruecksetzen")


@account_pages.post("/{account_id}/zuruecksetzen", action="account.reset")
async def reset(request: Request, account_id: UUID) -> Response:
    """Password and second factor are gone, the letter is under way."""
    return await _act(request, account_id, "zuruecksetzen", commands.reset_proofs)


@account_pages.get("/{account_id}/einladen", action="account.invite")
async def ask_invite(request: Request, account_id: UUID) -> Response:
    """Who gets which letter."""
    return await _ask(request, account_id, "einladen")


@account_pages.post("/{account_id}/einladen", action="account.invite")
async def invite(request: Request, account_id: UUID) -> Response:
    """A new link by mail."""
    return await _act(request, account_id, "einladen", commands.invite_again)


async def _ask(
    request: Request, account_id: UUID, act: str, *, refused: str = "", status: int = 200
) -> Response:
    account, says = await _account(request, account_id), SAYS[act]
    return page(
        request,
        "accounts/check.html",
        status=status,
        title=gettext_of(request)(says.title),
        here=HERE,
        account=account,
        says=says,
        act=act,
        command_id=uuid7(),
        refused=refused,
    )


async def _act(request: Request, account_id: UUID, name: str, act: Act) -> Response:
    """Carry out one button; a session begun while it ran ends too."""
    form, service, _ = await read_form(request, Ordered), service_of(request), gettext_of(request)
    if form.data is None:
        return await _ask(request, account_id, name, status=422)
    try:
        async with service.db.begin() as session:
            await act(session, service, account_id, order(request, form.data))
    except LastOffice:
        return await _ask(request, account_id, name, refused=_(LAST_OFFICE), status=409)
    await revoke_all(service, account_id)
    return _done(request, account_id, _(SAYS[name].done))


def _done(request: Request, account_id: UUID, note: str) -> Response:
    """Back to the account, unless the office just locked its own."""
    itself = actor_of(request).account_id == account_id
    return see_other("/anmelden" if itself else f"/buero/konten/{account_id}", note=note)


async def _account(request: Request, account_id: UUID) -> Account:
    async with service_of(request).db.read() as session:
        return await session.get_one(Account, account_id)


def _new_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Konto anlegen")
    return page(
        request, "accounts/new.html", status=status, title=title, here=HERE, form=form, **WORDS
    )


def _account_page(
    request: Request, form: Form[Any], account: Account, *, status: int = 200
) -> Response:
    return page(
        request,
        "accounts/account.html",
        status=status,
        title=account.name or gettext_of(request)("Gelöschtes Konto"),
        here=HERE,
        form=form,
        account=account,
        role_names=role_names(request, account),
        **WORDS,
    )
