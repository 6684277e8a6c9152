"""The board's evenings of the year: invited, held, written down."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands import (
    agenda_items,
    invitations,
    minutes,
    polls,
    replies,
    room,
    tasks,
)
from services.meetings.commands.minutes_desk import desk_of
from services.meetings.commands.once import Order
from services.meetings.domain.agenda import ItemKind, ItemStatus, Outcome, OwnWords
from services.meetings.domain.attendance import Coming
from services.meetings.domain.codes import new_room_code
from services.meetings.domain.member import Member
from services.meetings.domain.polls import Poll
from services.meetings.domain.session import Session
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.vault import Vault
from shared.events.meetings import Manner, Motion, TaskWords, VotedCondition

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
PRESENT: Final = 11


def invite(name: str) -> Act:
    """The usual agenda around the applications, and a letter to each member; most say they come."""

    async def act(year: "Year") -> None:
        service, session_id = year.stack["meetings"], year.planned[name]
        async with service.db.begin() as session:
            await _add_items(year, session_id, session)
        async with service.db.begin() as session:
            meeting = await session.get_one(Session, session_id)
            order = year.order(version=meeting.version)
            await invitations.issue_invitation(session, service, session_id, order)
        await year.settle()
        async with service.db.begin() as session:
            for number, member in enumerate(await _members(session)):
                if number % 5 != 4:
                    coming = Coming.NO if number % 7 == 3 else Coming.YES
                    await replies.reply(session, session_id, member.id, coming, at=year.now)

    return act


async def _add_items(year: "Year", session_id: UUID, session: AsyncSession) -> None:
    words = [
        OwnWords(
            kind=ItemKind.REPORT,
            title="Bericht des Stadtteilbüros",
            text="Was seit der letzten Sitzung geschehen ist.",
        ),
        OwnWords(kind=ItemKind.DISCUSSION, title="Wie soll das Sommerfest heißen?"),
    ]
    for one in words:
        await agenda_items.add_item(session, session_id, one, year.order())


@dataclass(frozen=True)
class Counted:
    """What the board said about one application: raised hands, and the sum it was asked for."""

    title: str
    cents: int
    yes: int
    no: int
    conditions: tuple[tuple[str, int], ...] = ()
    """Text, and days from today until it is due."""


def hold(name: str, counted: Sequence[Counted], *, task: str = "") -> Act:
    """An evening from the first arrival to the last item, on the screen of whoever runs it."""

    async def act(year: "Year") -> None:
        service, session_id = year.stack["meetings"], year.planned[name]
        async with service.db.begin() as session:
            came = [one.id for one in await _members(session)][:PRESENT]
        for member_id in came:
            year.clock.forward(seconds=40)
            async with service.db.begin() as session:
                await room.arrive(session, session_id, member_id, year.order())
        async with service.db.begin() as session:
            await room.open_session(session, session_id, year.order(), code=new_room_code())
        for one in counted:
            await _decide(year, session_id, one)
        await _rest(year, session_id, task)
        year.clock.forward(minutes=10)
        async with service.db.begin() as session:
            await room.close_session(session, session_id, year.order())

    return act


async def _decide(year: "Year", session_id: UUID, one: Counted) -> None:
    service = year.stack["meetings"]
    year.clock.forward(minutes=12)
    lines = await _agenda(year, session_id)
    wanted = year.applications[one.title]
    item = next(line.item for line in lines if line.item.application_id == wanted)
    async with service.db.begin() as session:
        await room.call_item(session, service.seals, session_id, item.id, year.order())
    year.clock.forward(minutes=8)
    conditions = tuple(
        VotedCondition(text=text, due_on=year.today + timedelta(days=days))
        for text, days in one.conditions
    )
    asked = polls.Asked(
        motion=Motion.GRANT, manner=Manner.HANDS, amount_cents=one.cents, conditions=conditions
    )
    async with service.db.begin() as session:
        poll_id = await polls.open_poll(session, session_id, item.id, asked, year.order())
        poll = await session.get_one(Poll, poll_id)
        voting = poll.present - poll.recused
    year.clock.forward(minutes=1)
    abstain = max(0, voting - one.yes - one.no)
    hands = polls.Counted(yes=one.yes, no=one.no, abstain=abstain)
    async with service.db.begin() as session:
        vault = Vault(service.settings)
        await polls.count_poll(session, vault, poll_id, year.order(), counted=hands)
    await year.settle()


async def _rest(year: "Year", session_id: UUID, task: str) -> None:
    """What is about no application is talked through; one of them leaves somebody with a task."""
    service = year.stack["meetings"]
    for line in await _agenda(year, session_id):
        if line.item.application_id is None and line.item.status is ItemStatus.OPEN:
            year.clock.forward(minutes=6)
            async with service.db.begin() as session:
                await room.call_item(session, service.seals, session_id, line.item.id, year.order())
            if task and line.item.kind is ItemKind.DISCUSSION:
                await _assign(year, session_id, line.item.id, task)
            year.clock.forward(minutes=6)
            async with service.db.begin() as session:
                await room.finish_item(
                    session, session_id, line.item.id, year.order(), outcome=Outcome.DONE
                )


async def _assign(year: "Year", session_id: UUID, item_id: UUID, task: str) -> None:
    service = year.stack["meetings"]
    async with service.db.begin() as session:
        owner = (await _members(session))[2]
        await tasks.assign(
            session,
            service,
            TaskWords(title=task),
            tasks.Wanted(member_id=owner.id),
            due_on=year.today + timedelta(days=5),
            origin=tasks.Origin(session_id=session_id, item_id=item_id),
            order=year.order(),
        )


def send_minutes(name: str) -> Act:
    """The draft, as it wrote itself, goes to those who were there."""

    async def act(year: "Year") -> None:
        service, session_id = year.stack["meetings"], year.planned[name]
        async with service.db.begin() as session:
            await minutes.circulate(session, service, session_id, await _minutes_order(year, name))

    return act


def approve_minutes(name: str) -> Act:
    """Nobody objected: they hold."""

    async def act(year: "Year") -> None:
        service, session_id = year.stack["meetings"], year.planned[name]
        order = await _minutes_order(year, name)
        async with service.db.begin() as session:
            await minutes.approve(session, service, session_id, order, names_confirmed=True)

    return act


async def _minutes_order(year: "Year", name: str) -> Order:
    service, session_id = year.stack["meetings"], year.planned[name]
    async with service.db.begin() as session:
        desk = await desk_of(session, session_id, at=year.now)
    return year.order(version=desk.record.version)


async def _members(session: AsyncSession) -> list[Member]:
    """Everybody who belongs, as the sample wrote them down."""
    found = await session.scalars(select(Member).order_by(Member.id))
    return [one for one in found if one.belongs]


async def _agenda(year: "Year", session_id: UUID) -> list[AgendaLine]:
    async with year.stack["meetings"].db.read() as session:
        return await agendas_of(session, [session_id])
