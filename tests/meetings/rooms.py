"""A board in its room: members with and without a vote, an open session, and clicks on its screen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands import polls, room
from services.meetings.commands.once import Order
from services.meetings.commands.polls import Asked, Counted
from services.meetings.domain.agenda import AgendaItem, ItemKind, OwnWords
from services.meetings.domain.board import BoardRules
from services.meetings.domain.codes import new_receipt
from services.meetings.domain.member import Member, MemberStatus, Unit, UnitKind
from services.meetings.domain.polls import Choice
from services.meetings.domain.session import Session, Status
from services.meetings.domain.votes import Vote
from services.meetings.queries import the_board
from services.meetings.queries.devices import BallotPaper, ballot_paper
from services.meetings.queries.room import RoomView
from services.meetings.queries.room import room as room_view
from services.meetings.vault import Vault
from shared.events.meetings import Manner, Motion
from shared.events.people import Contact
from shared.service import Service
from tests.meetings.agendas import Told, plan, tell

T = TypeVar("T")
NAMES = ("Ayşe", "Bodo", "Carla", "Dilek", "Emil", "Frieda", "Gül", "Horst", "Irina", "Jan")


@dataclass
class Hall:
    """One service and one session; `members` are ids in the order they were recorded."""

    service: Service
    session_id: UUID = field(default_factory=uuid7)
    members: list[UUID] = field(default_factory=list)
    cases: list[Told] = field(default_factory=list)

    def order(self, version: int = 0, command_id: UUID | None = None) -> Order:
        return Order(
            command_id=command_id or uuid7(),
            by="account:office",
            at=self.service.clock.now(),
            version=version,
        )

    @property
    def vault(self) -> Vault:
        return Vault(self.service.settings)

    async def do(self, what: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with self.service.db.begin() as session:
            return await what(session)

    async def member(
        self,
        status: MemberStatus = MemberStatus.ACTIVE,
        *,
        unit_id: UUID | None = None,
        email: str | None = None,
        name: str = "",
    ) -> UUID:
        """One more member."""
        name = name or f"{NAMES[len(self.members) % len(NAMES)]} {len(self.members)}"
        email = email or f"m{len(self.members)}@example.org"
        person_id = await self.service.seals.person(email=email)
        async with self.service.db.begin() as session:
            board, _rules = await the_board(session)
            member = Member.record(
                Contact(name=name, email=email),
                board_id=board.id,
                person_id=person_id,
                language="de",
                unit_id=unit_id,
                at=self.service.clock.now(),
            )
            member.status = status
            session.add(member)
        self.members.append(member.id)
        return member.id

    async def unit(self, name: str, kind: UnitKind = UnitKind.INSTITUTION) -> UUID:
        async with self.service.db.begin() as session:
            board, _rules = await the_board(session)
            unit = Unit(id=uuid7(), board_id=board.id, kind=kind, name=name)
            session.add(unit)
        return unit.id

    async def item(self, title: str = "Neue Bänke", kind: ItemKind = ItemKind.DISCUSSION) -> UUID:
        """An item of the office's own."""
        async with self.service.db.begin() as session:
            words = OwnWords(kind=kind, title=title)
            item = AgendaItem.own(
                words, session_id=self.session_id, place=None, at=self.service.clock.now()
            )
            session.add(item)
        return item.id

    async def case_item(self, place: int = 0) -> UUID:
        """The item of one of the applications."""
        wanted = self.cases[place].application_id
        lines = (await self.view()).lines
        return next(line.item.id for line in lines if line.item.application_id == wanted)

    async def view(self) -> RoomView:
        async with self.service.db.read() as session:
            return await room_view(session, self.session_id)

    async def paper(self, member_id: UUID) -> BallotPaper:
        async with self.service.db.read() as session:
            return await ballot_paper(session, self.session_id, member_id)

    async def arrive(self, *members: UUID, at: datetime | None = None) -> None:
        for member_id in members:
            async with self.service.db.begin() as session:
                await room.arrive(session, self.session_id, member_id, self.order(), at=at)
            self.service.clock.forward(seconds=1)  # type: ignore[attr-defined]

    async def depart(self, *members: UUID, at: datetime | None = None) -> None:
        for member_id in members:
            async with self.service.db.begin() as session:
                await room.depart(session, self.session_id, member_id, self.order(), at=at)

    async def open(self, code: str = "ABCDEF") -> None:
        await self.do(lambda s: room.open_session(s, self.session_id, self.order(), code=code))

    async def close(self, at: datetime | None = None) -> None:
        await self.do(lambda s: room.close_session(s, self.session_id, self.order(), at=at))

    async def call(self, item_id: UUID, version: int = 0) -> None:
        seals = self.service.seals
        await self.do(
            lambda s: room.call_item(s, seals, self.session_id, item_id, self.order(version))
        )

    async def ask(self, item_id: UUID, manner: Manner = Manner.HANDS, **asked: Any) -> UUID:
        """Open a vote; without more words, a sentence of its own."""
        put = {"motion": Motion.RESOLVE, "text": "Wir stellen Bänke auf."} | asked
        asked_of = Asked(manner=manner, **put)
        return await self.do(
            lambda s: polls.open_poll(s, self.session_id, item_id, asked_of, self.order())
        )

    async def say(
        self, poll_id: UUID, member_id: UUID, choice: Choice = Choice.YES, *, instead: bool = False
    ) -> None:
        await self.do(
            lambda s: polls.cast_named(
                s, poll_id, member_id, self.order(), choice=choice, instead=instead
            )
        )

    async def slip(
        self,
        poll_id: UUID,
        member_id: UUID,
        choice: Choice = Choice.YES,
        receipt: str | None = None,
    ) -> str:
        """Cast a secret ballot; answers with its receipt."""
        given = receipt or new_receipt()
        await self.do(
            lambda s: polls.cast_secret(
                s, self.vault, poll_id, member_id, choice=choice, receipt=given
            )
        )
        return given

    async def count(self, poll_id: UUID, *numbers: int) -> Vote | None:
        """Close a vote; its result, None if it is void."""
        names = ("yes", "no", "abstain", "invalid")
        typed = dict(zip(names, numbers, strict=False))
        counted = Counted(**typed) if numbers else None
        await self.do(
            lambda s: polls.count_poll(s, self.vault, poll_id, self.order(), counted=counted)
        )
        return await self.vote(poll_id)

    async def vote(self, vote_id: UUID) -> Vote | None:
        async with self.service.db.read() as session:
            return await session.get(Vote, vote_id)


async def invited(
    service: Service, day: str = "2026-05-06", *, cases: int = 0, **rules: Any
) -> Hall:
    """A session of today to which the board is invited, with so many applications on its agenda."""
    hall = Hall(service)
    if rules:
        async with service.db.begin() as session:
            await session.execute(update(BoardRules).values(**rules))
    hall.session_id = await plan(service, day)
    for number in range(cases):
        hall.cases.append(Told(service, number=f"2026-{number:03}"))
        await tell(service, hall.cases[-1].admitted(hall.session_id))
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, hall.session_id)
        meeting.status, meeting.invited_at = Status.INVITED, service.clock.now()
    service.clock.set(datetime.fromisoformat(f"{day}T18:00:00+02:00"))  # type: ignore[attr-defined]
    return hall


async def opened(
    service: Service, there: int = 7, absent: int = 2, *, cases: int = 0, **rules: Any
) -> Hall:
    """An open session with so many members in the room."""
    hall = await invited(service, cases=cases, **rules)
    for _member in range(there + absent):
        await hall.member()
    await hall.arrive(*hall.members[:there])
    await hall.open()
    return hall
