"""What the office does with a member and cannot simply take back: a page first, then the button."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands import members as commands
from services.meetings.commands.accounts import AddressTaken
from services.meetings.commands.member_accounts import (
    NoAddress,
    check_erasable,
    erase_member,
    open_member_account,
)
from services.meetings.commands.members import NotYetThere
from services.meetings.commands.once import Order
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.member import Member
from services.meetings.store import PERSONAL
from services.meetings.web.members.lists import FRESH_MINUTES, HERE
from services.meetings.web.members.taking_in import refuse_member
from shared.days import local_day
from shared.service import Service
from shared.web.access import Guarded, actor_of, require_fresh
from shared.web.forms import Day, Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

act_pages = Guarded(prefix="/buero/mitglieder/{member_id}")

Run = Callable[[AsyncSession, Service, UUID, Order, date], Awaitable[UUID]]


class ActForm(Ordered):
    on: Day | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a button's page says, before and after, and what it does."""

    title: Any
    text: Any
    label: Any
    done: Any
    run: Run
    dated: Any = ""
    """The label of the day that is asked for, where one is."""


async def _declare(
    session: AsyncSession, service: Service, member_id: UUID, order: Order, on: date
) -> UUID:
    return await commands.declare(session, member_id, order, on=on)


async def _leave(
    session: AsyncSession, service: Service, member_id: UUID, order: Order, on: date
) -> UUID:
    return await commands.leave(session, service, member_id, order, on=on)


async def _account(
    session: AsyncSession, service: Service, member_id: UUID, order: Order, on: date
) -> UUID:
    return await open_member_account(session, service, member_id, order)


def _plain(run: Callable[[AsyncSession, UUID, Order], Awaitable[UUID]]) -> Run:
    async def without_more(
        session: AsyncSession, service: Service, member_id: UUID, order: Order, on: date
    ) -> UUID:
        return await run(session, member_id, order)

    return without_more


ACTS: Final[dict[str, Act]] = {
    "beitritt": Act(
        title=lazy("Beitritt eintragen"),
        text=lazy("Haben Sie die unterschriebene Erklärung? Dann tragen Sie den Tag darauf ein."),
        label=lazy("Beitritt eintragen"),
        done=lazy("Der Beitritt ist eingetragen."),
        run=_declare,
        dated=lazy("Tag der Unterschrift"),
    ),
    "gesehen": Act(
        title=lazy("Beitritt bestätigen"),
        text=lazy(
            "Sie haben die Erklärung gelesen und kennen die Person. Danach steht sie nicht mehr unter"
            " „Neu beigetreten“."
        ),
        label=lazy("Beitritt bestätigen"),
        done=lazy("Der Beitritt ist bestätigt."),
        run=_plain(commands.acknowledge),
    ),
    "ruhen": Act(
        title=lazy("Stimmrecht ruhen lassen"),
        text=lazy(
            "Die Person darf ab sofort nicht mehr abstimmen. Sie bekommt eine Nachricht. Nur Sie"
            " können ihr das Stimmrecht zurückgeben."
        ),
        label=lazy("Stimmrecht ruhen lassen"),
        done=lazy("Das Stimmrecht ruht."),
        run=_plain(commands.suspend),
    ),
    "stimmrecht": Act(
        title=lazy("Stimmrecht geben"),
        text=lazy(
            "Die Person darf ab sofort abstimmen, auch wenn ihr noch Sitzungen fehlen. Sie bekommt"
            " eine Nachricht."
        ),
        label=lazy("Stimmrecht geben"),
        done=lazy("Die Person darf jetzt abstimmen."),
        run=_plain(commands.restore),
    ),
    "austritt": Act(
        title=lazy("Austritt eintragen"),
        text=lazy(
            "Die Person gehört dann nicht mehr zum Gremium und verliert ihre Aufgaben darin. Ihr Konto"
            " wird gesperrt, wenn es nur für das Gremium da ist. Was sie mit beschlossen hat, bleibt."
        ),
        label=lazy("Austritt eintragen"),
        done=lazy("Der Austritt ist eingetragen."),
        run=_leave,
        dated=lazy("Tag des Austritts"),
    ),
    "konto": Act(
        title=lazy("Konto anlegen"),
        text=lazy(
            "Die Person bekommt eine E-Mail mit einem Link. Damit kann sie sich anmelden: Sie sieht"
            " ihre Sitzungen und sagt dort zu oder ab. Der Link gilt 3 Tage."
        ),
        label=lazy("Konto anlegen und einladen"),
        done=lazy("Die Person kann sich mit ihrer E-Mail-Adresse anmelden."),
        run=_account,
    ),
}
TAKEN: Final = lazy(
    "Mit dieser E-Mail-Adresse meldet sich schon ein anderes Mitglied an. Jedes Konto braucht eine"
    " eigene Adresse."
)
UNREACHABLE: Final = lazy("Ohne E-Mail-Adresse geht das nicht. Tragen Sie zuerst eine ein.")


@act_pages.get("/tun/{act}", action="member.change")
async def ask(request: Request, member_id: UUID, act: str) -> Response:
    """What the button means."""
    if act not in ACTS:
        return problem(request, 404)
    known = {"on": local_day(now(request)).isoformat(), "command_id": str(uuid7())}
    return await _ask_page(request, member_id, act, blank(known))


@act_pages.post("/tun/{act}", action="member.change")
async def carry_out(request: Request, member_id: UUID, act: str) -> Response:
    """Done, or said why not."""
    if act not in ACTS:
        return problem(request, 404)
    form, says, _ = await read_form(request, ActForm), ACTS[act], gettext_of(request)
    if form.data is not None and says.dated and form.data.on is None:
        form.refuse("on", _("Schreiben Sie den Tag."))
    if form.data is None:
        return await _ask_page(request, member_id, act, form, status=422)
    sent, service = form.data, service_of(request)
    day = sent.on or local_day(now(request))
    try:
        async with service.db.begin() as session:
            await says.run(session, service, member_id, order(request, sent), day)
    except NotYetThere as error:
        refuse_member(request, form, error)
    except AddressTaken:
        form.refuse("", _(TAKEN))
    except NoAddress:
        form.refuse("", _(UNREACHABLE))
    if form.errors:
        return await _ask_page(request, member_id, act, form, status=422)
    return see_other(f"/buero/mitglieder/{member_id}", note=_(says.done))


@act_pages.get("/loeschen", action="member.erase")
async def ask_erase(request: Request, member_id: UUID) -> Response:
    """What is gone for good, and what stays."""
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=now(request))
    member = await _member(request, member_id)
    if member.erased_at is not None:
        return problem(request, 404)
    title = gettext_of(request)("Daten löschen")
    return page(
        request, "members/erase.html", title=title, here=HERE, member=member, command_id=uuid7()
    )


@act_pages.post("/loeschen", action="member.erase")
async def erase(request: Request, member_id: UUID) -> Response:
    """The keys first, which nothing brings back; then every row, here and with the others."""
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=now(request))
    form, service = await read_form(request, Ordered), service_of(request)
    if form.data is None:
        return see_other(f"/buero/mitglieder/{member_id}/loeschen")
    clicked = order(request, form.data)
    async with service.db.read() as session:
        member = await check_erasable(session, member_id, clicked)
    person_ids = await service.seals.erase(member.person_id)
    async with service.db.begin() as session:
        await erase_member(session, service, member, person_ids, clicked)
    await service.db.scrub(*PERSONAL)
    note = gettext_of(request)("Die Daten sind gelöscht.")
    return see_other("/buero/mitglieder?liste=ausgetreten", note=note)


async def _member(request: Request, member_id: UUID) -> Member:
    async with service_of(request).db.read() as session:
        return await session.get_one(Member, member_id)


async def _ask_page(
    request: Request, member_id: UUID, act: str, form: Form[Any], *, status: int = 200
) -> Response:
    says, member = ACTS[act], await _member(request, member_id)
    form.values["version"] = form.values.get("version") or member.version
    return page(
        request,
        "members/check.html",
        status=status,
        title=gettext_of(request)(says.title),
        here=HERE,
        member=member,
        says=says,
        form=form,
    )
