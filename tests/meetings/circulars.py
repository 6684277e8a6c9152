"""A board whose members are asked in writing, and what each of them finds in the letter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.circular import (
    answer_circular,
    start_circular,
)
from services.meetings.commands.circular_question import Question
from services.meetings.commands.once import Order
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.circular import Circular
from services.meetings.domain.member import BoardRole, Member
from services.meetings.domain.polls import Choice
from services.meetings.domain.resolutions import Resolution
from services.meetings.domain.votes import Vote
from services.meetings.queries import the_board
from services.meetings.store import TABLES, Timer
from services.meetings.timers import TIMERS
from shared.clock import SetClock
from shared.due import Timers
from shared.events.meetings import JoinedBecause
from shared.events.people import Contact, Link
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import Told, only_item, plan, tell
from tests.meetings.people import told

MONEY = Question(text="Der Stand muss bestellt werden.", amount_cents=65000)


def sign(service: Service, version: int = 0) -> Order:
    return Order(command_id=uuid7(), by="test", at=service.clock.now(), version=version)


async def seat_members(
    service: Service, count: int, *, on_paper: int = 0, chair: UUID | None = None
) -> list[UUID]:
    """So many members with a vote, in the order of their joining; the first has the chair's account."""
    at, ids = service.clock.now(), []
    async with service.db.begin() as session:
        board, _rules = await the_board(session)
        for number in range(count):
            email = "" if number < on_paper else f"mitglied-{number}@example.org"
            person_id = await service.seals.person(email=email or None)
            member = Member.record(
                Contact(name=f"Mitglied {number}", email=email, street="Weg 1"),
                board_id=board.id,
                person_id=person_id,
                language="de",
                at=at,
            )
            member.declare(on=at.date(), online=False, attendances=0, at=at)
            member.join(JoinedBecause.OFFICE, on=at.date(), attendances=0, at=at)
            if number == 0 and chair is not None:
                member.account_id = chair
                member.take_roles([BoardRole.CHAIR])
            session.add(member)
            ids.append(member.id)
    return ids


@dataclass
class Asking:
    """One application of a coming session, and members to ask about it."""

    service: Service
    clock: SetClock
    session_id: UUID
    item_id: UUID
    case: Told
    members: list[UUID]
    circular_id: UUID = field(default_factory=uuid7)

    async def start(self, question: Question = MONEY, order: Order | None = None) -> UUID:
        item = await self.get(AgendaItem, self.item_id)
        order = order or sign(self.service, item.version)
        async with self.service.db.begin() as session:
            self.circular_id = await start_circular(
                session, self.service, self.item_id, question, order
            )
        return self.circular_id

    async def say(self, choice: Choice, *numbers: int) -> None:
        for number in numbers:
            async with self.service.db.begin() as session:
                await answer_circular(
                    session, self.circular_id, self.members[number], choice, sign(self.service)
                )

    async def yes(self, *numbers: int) -> None:
        await self.say(Choice.YES, *numbers)

    async def get(self, kind: type[Any], key: Any) -> Any:
        async with self.service.db.read() as session:
            return await session.get_one(kind, key)

    async def circular(self) -> Circular:
        found: Circular = await self.get(Circular, self.circular_id)
        return found

    async def item(self) -> AgendaItem:
        found: AgendaItem = await self.get(AgendaItem, self.item_id)
        return found

    async def votes(self) -> Sequence[Vote]:
        async with self.service.db.read() as session:
            return (await session.scalars(select(Vote).order_by(Vote.recorded_at))).all()

    async def timers_left(self) -> int:
        async with self.service.db.read() as session:
            ours = Timer.subject == str(self.circular_id)
            return await session.scalar(select(func.count()).where(ours)) or 0

    async def requests(self, *, reminder: bool) -> list[UUID]:
        """Who was written to."""
        found = await told(self.service, "circular.vote_requested")
        return [
            UUID(event["data"]["member_id"])
            for event in found
            if event["data"]["reminder"] is reminder
        ]

    async def path_of(self, number: int) -> str:
        """The page behind the newest link of this member."""
        found = await told(self.service, "circular.vote_requested")
        mine = [one for one in found if one["data"]["member_id"] == str(self.members[number])]
        link = await self.service.seals.open(Sealed(**mine[-1]["data"]["link"]), Link)
        assert link is not None
        return link.url.removeprefix(self.service.settings.origin)


async def asking(
    service: Service, clock: SetClock, *, members: int = 5, on_paper: int = 0
) -> Asking:
    """An application on the agenda of May, nobody asked yet."""
    case, may = Told(service), await plan(service, "2026-05-06")
    await tell(service, case.admitted(may))
    ids = await seat_members(service, members, on_paper=on_paper)
    item = await only_item(service, may)
    return Asking(service, clock, may, item.id, case, ids)


async def fire_until(service: Service, clock: SetClock, moment: datetime) -> None:
    """Let time pass; whatever falls due on the way happens at its own second."""
    timers = Timers(service, TABLES, TIMERS)
    while (due := await _next_due(service)) is not None and due <= moment:
        clock.set(max(due, clock.now()))
        while await timers.fire():
            pass
    clock.set(moment)


async def _next_due(service: Service) -> datetime | None:
    async with service.db.read() as session:
        due: datetime | None = await session.scalar(select(func.min(Timer.try_at)))
        return due


async def resolutions(session: AsyncSession) -> Sequence[Resolution]:
    return (await session.scalars(select(Resolution).order_by(Resolution.position))).all()
