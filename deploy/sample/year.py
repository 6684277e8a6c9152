"""Plays the year through the services' own commands, one moment after the other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from deploy.sample import board as people
from deploy.sample import evenings, issues, occasions, office
from deploy.sample.accounts import open_accounts
from deploy.sample.applicants import write_application
from deploy.sample.ideas import IDEAS, READERS
from deploy.sample.subscribers import confirm, end, invite_partner, order
from deploy.stack import Stack, opened
from services.applications.store import Timer as CaseTimer
from services.meetings.commands import sessions
from services.meetings.commands.once import Order
from services.meetings.domain.session import Appointment
from services.meetings.store import Timer as BoardTimer
from services.notifications.sender.loop import Sender
from shared.clock import BERLIN, SetClock
from shared.events.applications import CheckItem, Signed, StatementVerdict
from shared.events.meetings import PostponeReason
from shared.settings import Settings
from shared.worker import Worker, settle

CHOIR: Final = "Singen im Innenhof"
REPAIR: Final = "Repair-Café im Stadtteilbüro"
CYCLING: Final = "دورة دراجات للنساء"
READING: Final = "Lesepaten für die Grundschule"
BASKETBALL: Final = "Basketball under the lights"
BEDS: Final = "Hochbeete am Einkaufszentrum"
COOKING: Final = "Neighbours cook"
BENCHES: Final = "Bänke für den Westhagener Weg"
HOMEWORK: Final = "نادي الواجبات المدرسية"
STATION: Final = "Bike repair station"

HOW_IT_WAS: Final = (
    "420 Nachbarinnen und Nachbarn waren da. 14 Vereine haben Stände aufgebaut. Danke an alle!"
)

WEDNESDAY: Final = 2
PLACE: Final = "Stadtteilbüro, Hallesche Straße 30"

POSTER: Final = "Plakat für das Sommerfest entwerfen"

Act = Callable[["Year"], Awaitable[None]]


@dataclass
class Year:
    """The stage: services on a clock that only moves forward."""

    stack: Stack
    clock: SetClock
    today: date
    workers: list[Worker]
    sender: Sender
    planned: dict[str, UUID] = field(default_factory=dict)
    applications: dict[str, UUID] = field(default_factory=dict)
    office: str = ""
    """Who acts for the office, as the trail names them."""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def order(self, *, version: int = 0) -> Order:
        return Order(command_id=uuid7(), by="operator", at=self.now, version=version)

    async def until(self, moment: datetime) -> None:
        """Let time pass; what falls due on the way happens at its own second."""
        while (due := await self._next_due()) is not None and due <= moment:
            self.clock.set(max(due, self.now))
            await self.settle()
        self.clock.set(max(moment, self.now))
        await self.settle()

    async def _next_due(self) -> datetime | None:
        """When the next date of an application, a task or an occasion acts by itself."""
        due: list[datetime] = []
        for timer, service in (
            (CaseTimer, self.stack["applications"]),
            (BoardTimer, self.stack["meetings"]),
        ):
            async with service.db.read() as session:
                next_ = await session.scalar(select(func.min(timer.try_at)))
            due += [next_] if next_ else []
        return min(due, default=None)

    async def settle(self) -> None:
        """Everything that follows from what just happened, letters included."""
        await settle(*self.workers)
        while await self.sender.send_due():
            await settle(*self.workers)


@dataclass(frozen=True, order=True)
class Moment:
    """Something done at a time of the year."""

    at: datetime
    number: int
    act: Act = field(compare=False)


async def fill(settings: Settings, today: date | None = None) -> None:
    """Write the year up to `today`, or now; about a hundred moments."""
    today = today or datetime.now(BERLIN).date()
    script = moments(today)
    clock = SetClock(script[0].at)
    async with opened(settings, clock) as stack:
        sender = Sender(stack["notifications"])
        year = Year(stack, clock, today, stack.workers(), sender)
        for moment in script:
            await year.until(moment.at)
            await moment.act(year)
            await year.settle()


def moments(today: date) -> list[Moment]:
    """The script in order of time; every day is counted back from `today`."""
    found: list[tuple[datetime, Act]] = [
        (at(today, -335, 9), open_accounts),
        (at(today, -335, 10), office.introduce),
        *board(today),
    ]
    found += [(at(today, -250, 11), invite_partner)]
    for number, idea in enumerate(IDEAS):
        found.append((at(today, -idea.days_ago, 9 + number % 9, 12), write_application(idea)))
    for reader in READERS:
        asked = at(today, -reader.days_ago, 18)
        found.append((asked, order(reader)))
        if reader.confirms:
            found.append((asked + timedelta(minutes=7), confirm(reader)))
        if reader.days_until_end is not None:
            found.append((asked + timedelta(days=reader.days_until_end), end(reader)))
    found += [*money(today), *decisions(today), *meeting_people(today)]
    found += issues.script(today, at)
    return sorted(Moment(at, number, act) for number, (at, act) in enumerate(found))


def money(today: date) -> list[tuple[datetime, Act]]:
    """5,000 euros for each calendar year the sample touches, released by the council weeks later."""
    years = sorted({(today - timedelta(days=335)).year, today.year})
    script: list[tuple[datetime, Act]] = []
    for number, of in enumerate(years):
        given = at(today, -334 + number, 11)
        script.append((given, office.give_budget(of, 500_000)))
        script.append((given + timedelta(days=70), office.release_budget(of, 500_000)))
    return script


def decisions(today: date) -> list[tuple[datetime, Act]]:
    """From the formal check to the agreement: three sessions' worth, and what is open now."""
    return [*in_spring(today), *in_summer(today), *in_autumn(today), *open_now(today)]


def in_spring(today: date) -> list[tuple[datetime, Act]]:
    """Two grants subject to the budget, one signed online and one on paper."""
    first = evening(today, -270)
    return [
        (at(today, -312, 10), office.admit(CHOIR, "Singen im Innenhof Dessauer Straße")),
        (at(today, -292, 10), office.admit(REPAIR, "Repair-Café im Stadtteilbüro")),
        *held(
            "first",
            first,
            evenings.Counted(CHOIR, 35_000, 10, 0),
            evenings.Counted(REPAIR, 55_000, 8, 2),
        ),
        (first + timedelta(days=12), office.accept(CHOIR)),
        (first + timedelta(days=14), office.accept(REPAIR, Signed.PAPER)),
    ]


def in_summer(today: date) -> list[tuple[datetime, Act]]:
    """All of it, a part of it, and a no."""
    second = evening(today, -176)
    return [
        (at(today, -210, 10), office.admit(CYCLING, "Fahrradkurs für Frauen")),
        (at(today, -201, 10), office.admit(READING, "Lesepaten für die Grundschule")),
        (at(today, -193, 10), office.admit(BASKETBALL, "Basketball am Erfurter Ring")),
        *held(
            "second",
            second,
            evenings.Counted(CYCLING, 65_000, 9, 1),
            evenings.Counted(READING, 40_000, 7, 3),
            evenings.Counted(BASKETBALL, 50_500, 4, 6),
        ),
        (second + timedelta(days=6), office.accept(CYCLING)),
        (second + timedelta(days=9), office.accept(READING)),
    ]


def in_autumn(today: date) -> list[tuple[datetime, Act]]:
    """A department is asked, and the board wants a condition met."""
    ask = "Dürfen auf dem Platz Hochbeete stehen, und wo?"
    word = "Der Platz eignet sich. Die Zufahrt für die Feuerwehr muss frei bleiben."
    owner = (("Die Eigentümerin des Platzes stimmt schriftlich zu.", 20),)
    good = StatementVerdict.NO_OBJECTION
    return [
        (at(today, -115, 10), office.ask_city(BEDS, "Geschäftsbereich Grün", office.GREEN, ask)),
        (at(today, -110, 15), office.city_answers(BEDS, good, word)),
        (at(today, -108, 10), office.admit(BEDS, "Hochbeete am Einkaufszentrum")),
        *held(
            "third", evening(today, -85), evenings.Counted(BEDS, 80_000, 8, 1, owner), task=POSTER
        ),
        (at(today, -10, 11), office.meet_conditions(BEDS)),
    ]


def open_now(today: date) -> list[tuple[datetime, Act]]:
    """What is on the next agenda, and whom the office waits for."""
    food = "Wer bezahlt die Zutaten? Bitte schreiben Sie es dazu."
    paid = "Once a month two families cook for forty people. The guests pay for the food."
    quotes = "Wir haben ein Angebot. Es fehlen noch zwei."
    where = "Kann die Station in der Unterführung stehen?"
    return [
        (at(today, -88, 10), office.ask_for(COOKING, CheckItem.FUNDING_PLAN, food)),
        (at(today, -80, 19), office.complete(COOKING, paid)),
        (at(today, -76, 10), office.admit(COOKING, "Nachbarn kochen")),
        (at(today, -26, 10), office.admit(HOMEWORK, "Hausaufgabenclub im Stadtteilbüro")),
        (at(today, -5, 10), office.ask_for(BENCHES, CheckItem.QUOTES, quotes)),
        (at(today, -2, 14), office.ask_city(STATION, "Geschäftsbereich Grün", office.GREEN, where)),
    ]


def held(
    name: str, begins: datetime, *counted: evenings.Counted, task: str = ""
) -> list[tuple[datetime, Act]]:
    """One evening with what comes before and after it: invitation, votes, minutes."""
    return [
        (begins - timedelta(days=14, hours=6), evenings.invite(name)),
        (begins - timedelta(minutes=7), evenings.hold(name, counted, task=task)),
        (begins + timedelta(days=3, hours=16), evenings.send_minutes(name)),
        (begins + timedelta(days=19), evenings.approve_minutes(name)),
    ]


def meeting_people(today: date) -> list[tuple[datetime, Act]]:
    """Who belongs to the board, and what there is besides its evenings."""
    walk = at(today, 9, 15)
    return [
        (at(today, -335, 12), people.found),
        (at(today, -200, 9), people.stricter_rules),
        (at(today, -40, 17), people.somebody_new),
        (at(today, -8, 9), evenings.invite("next")),
        (
            at(today, -190, 9),
            occasions.announce("festival", occasions.festival(at(today, -150, 14))),
        ),
        (at(today, -147, 11), occasions.document("festival", HOW_IT_WAS, 420)),
        (at(today, -16, 9), occasions.announce("walk", occasions.walk(walk))),
        (at(today, -12, 8), occasions.people_register("walk")),
        (at(today, -6, 12), occasions.announce("workshop", occasions.workshop(at(today, 30, 15)))),
    ]


def board(today: date) -> list[tuple[datetime, Act]]:
    """Four sessions, three of them past and one moved; next year's first; one called off."""
    days = {"first": -270, "second": -183, "third": -85, "next": 22, "later": 113}
    plan = at(today, -334, 10)
    script: list[tuple[datetime, Act]] = [
        (plan + timedelta(minutes=5 * number), _plan(name, evening(today, distance)))
        for number, (name, distance) in enumerate(days.items())
    ]
    script.append((at(today, -215, 15), _postpone("second", evening(today, -176))))
    script.append((at(today, -60, 10), _plan("extra", evening(today, 43))))
    script.append((at(today, -9, 14), _cancel("extra")))
    return script


def at(today: date, days: int, hour: int, minute: int = 0) -> datetime:
    """That many days from today, by the clock on the wall in Berlin."""
    return datetime.combine(today + timedelta(days=days), time(hour, minute), BERLIN)


def evening(today: date, days: int) -> datetime:
    """The Wednesday after, 18:00."""
    near = today + timedelta(days=days)
    wednesday = near + timedelta(days=(WEDNESDAY - near.weekday()) % 7)
    return datetime.combine(wednesday, time(18), BERLIN)


def _appointment(starts_at: datetime) -> Appointment:
    ends_at = starts_at + timedelta(hours=2)
    return Appointment(starts_at=starts_at, ends_at=ends_at, place=PLACE, note=None)


def _plan(name: str, starts_at: datetime) -> Act:
    async def act(year: Year) -> None:
        async with year.stack["meetings"].db.begin() as session:
            planned = await sessions.plan(session, _appointment(starts_at), year.order())
        year.planned[name] = planned

    return act


def _postpone(name: str, starts_at: datetime) -> Act:
    async def act(year: Year) -> None:
        async with year.stack["meetings"].db.begin() as session:
            await sessions.postpone(
                session,
                year.planned[name],
                _appointment(starts_at),
                year.order(version=1),
                reason=PostponeReason.ROOM,
            )

    return act


def _cancel(name: str) -> Act:
    async def act(year: Year) -> None:
        async with year.stack["meetings"].db.begin() as session:
            await sessions.cancel(
                session,
                year.planned[name],
                year.order(version=1),
                reason="Der Saal wird renoviert. Alles wird in der nächsten Sitzung besprochen.",
            )

    return act
