"""Plays the year through the services' own commands, one moment after the other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from deploy.sample.accounts import open_accounts
from deploy.sample.applicants import write_application
from deploy.sample.ideas import IDEAS, READERS
from deploy.sample.subscribers import confirm, end, invite_partner, order
from deploy.stack import Stack, opened
from services.meetings.commands import sessions
from services.meetings.commands.once import Order
from services.meetings.domain.session import Appointment
from services.notifications.sender.loop import Sender
from shared.clock import BERLIN, SetClock
from shared.events.meetings import PostponeReason
from shared.settings import Settings
from shared.worker import Worker, settle

WEDNESDAY: Final = 2
PLACE: Final = "Stadtteilbüro, Hallesche Straße 30"

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

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def order(self, *, version: int = 0) -> Order:
        return Order(command_id=uuid7(), by="operator", at=self.now, version=version)

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


async def fill(settings: Settings) -> None:
    """Write the year up to now; about fifty moments."""
    today = datetime.now(BERLIN).date()
    script = moments(today)
    clock = SetClock(script[0].at)
    async with opened(settings, clock) as stack:
        sender = Sender(stack["notifications"])
        year = Year(stack, clock, today, stack.workers(), sender)
        for moment in script:
            clock.set(moment.at)
            await moment.act(year)
            await year.settle()


def moments(today: date) -> list[Moment]:
    """The script in order of time; every day is counted back from `today`."""
    found: list[tuple[datetime, Act]] = [(at(today, -335, 9), open_accounts), *board(today)]
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
    return sorted(Moment(at, number, act) for number, (at, act) in enumerate(found))


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
