"""Asking the members in writing, taking their answers, reminding who has not answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.circular_ends import (
    EVE,
    HALF,
    TERM,
    close_if_decided,
    end_circulars,
)
from services.meetings.commands.circular_question import Question, prepare
from services.meetings.commands.leftovers import carry_over
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.agenda import AgendaItem, ItemStatus, Outcome
from services.meetings.domain.circular import (
    Circular,
    CircularElector,
    CircularStatus,
    IllegalMove,
    MayNotAnswer,
)
from services.meetings.domain.electorate import Seat
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.polls import Choice
from services.meetings.domain.session import Session, Status
from services.meetings.store import Link, Timer, record
from shared.events.meetings import CircularVoteRequested
from shared.events.people import Link as MailedLink
from shared.sealed import Sealed
from shared.service import Service
from shared.timers import set_timer
from shared.web import links

PURPOSE: Final = "circular.answer"
READABLE: Final = timedelta(days=30)
"""How long after the term a member's link still shows what came out."""


async def start_circular(
    session: AsyncSession, service: Service, item_id: UUID, question: Question, order: Order
) -> UUID:
    """Ask every member who may vote; the same order again answers with the same vote."""
    new = uuid7()
    content = {"item": item_id, "text": question.text, "cents": question.amount_cents}
    if first := await earlier(session, order, name="circular.start", content=content, subject=new):
        return first
    await lock_agendas(session)
    prepared = await prepare(session, service.seals, item_id, question, at=order.at)
    unchanged("agenda item", order, now=prepared.item.version)
    circular = Circular.start(
        prepared.item,
        circular_id=new,
        title=prepared.title,
        text=question.text,
        amount_cents=question.amount_cents,
        voters=prepared.voters,
        rules=prepared.rules,
        at=order.at,
    )
    session.add(circular)
    await session.flush()
    session.add_all(_list_of(circular, prepared.seats))
    await ask(session, service, circular, prepared.asked, at=order.at)
    await _set_clocks(session, circular)
    trail(session, "circular.start", new, order, members=prepared.voters.members)
    return new


async def answer_circular(
    session: AsyncSession,
    circular_id: UUID,
    member_id: UUID,
    choice: Choice,
    order: Order,
    *,
    on_paper: bool = False,
) -> None:
    """A member's one answer; the vote ends with it if it is certain now."""
    content = {"circular": circular_id, "member": member_id, "choice": choice, "paper": on_paper}
    if await earlier(session, order, name="circular.answer", content=content, subject=circular_id):
        return
    circular = await _locked(session, circular_id)
    circular.check_open(at=order.at)
    elector = await session.get(CircularElector, (circular_id, member_id))
    if elector is None:
        raise MayNotAnswer(None)
    elector.answer(choice, on_paper=on_paper, at=order.at)
    trail(session, "circular.answer", circular_id, order, paper=on_paper)
    await close_if_decided(session, circular, at=order.at)
    await _hand_on_if_over(session, circular, at=order.at)


async def call_off(session: AsyncSession, circular_id: UUID, order: Order) -> None:
    """Nobody is asked any more; the item waits for its session."""
    content = {"circular": circular_id}
    if await earlier(
        session, order, name="circular.call_off", content=content, subject=circular_id
    ):
        return
    circular = await _locked(session, circular_id)
    unchanged("circular vote", order, now=circular.version)
    if circular.status is not CircularStatus.OPEN:
        raise IllegalMove(circular.status, CircularStatus.ENDED)
    await end_circulars(session, [circular.item_id], at=order.at)
    await _hand_on_if_over(session, circular, at=order.at)
    trail(session, "circular.call_off", circular_id, order)


async def term_over(session: AsyncSession, circular_id: UUID, *, at: datetime) -> None:
    """The last day is past: what is not decided now, the session decides."""
    circular = await _locked(session, circular_id)
    if circular.status is CircularStatus.OPEN:
        await close_if_decided(session, circular, at=at, term_over=True)
        await _hand_on_if_over(session, circular, at=at)


async def remind(
    session: AsyncSession, service: Service, circular_id: UUID, *, at: datetime
) -> None:
    """Ask again whoever has not answered; nobody who has left since."""
    circular = await session.get(Circular, circular_id)
    if circular is None or circular.status is not CircularStatus.OPEN:
        return
    silent = exists().where(
        CircularElector.circular_id == circular_id,
        CircularElector.member_id == Member.id,
        CircularElector.barred.is_(None),
        CircularElector.choice.is_(None),
    )
    belongs = Member.erased_at.is_(None), Member.status != MemberStatus.LEFT
    found = select(Member).where(silent, *belongs).order_by(Member.id)
    await ask(
        session, service, circular, (await session.scalars(found)).all(), at=at, reminder=True
    )


async def ask(
    session: AsyncSession,
    service: Service,
    circular: Circular,
    members: Sequence[Member],
    *,
    at: datetime,
    reminder: bool = False,
) -> None:
    """A letter to each of these with a link of their own, in a few statements; none to who is erased."""
    issued = await links.issue_many(
        session,
        Link,
        purpose=PURPOSE,
        subjects=[subject_of(circular.id, member.id) for member in members],
        expires_at=circular.closes_at + READABLE,
    )
    way = f"{service.settings.origin}/sitzungen/umlauf"
    closed = await service.seals.seal_many(
        [
            (member.person_id, (member.contact, MailedLink(url=f"{way}/{link.token}")))
            for member, link in zip(members, issued, strict=True)
        ]
    )
    for member, boxes in zip(members, closed, strict=True):
        if boxes is not None:
            record(session, _letter(circular, member, *boxes, at=at, reminder=reminder))


def _letter(
    circular: Circular,
    member: Member,
    contact: Sealed,
    link: Sealed,
    *,
    at: datetime,
    reminder: bool,
) -> CircularVoteRequested:
    return CircularVoteRequested(
        at=at,
        member_id=member.id,
        person_id=member.person_id,
        language=member.language,
        contact=contact,
        link=link,
        expires_at=circular.closes_at,
        circular_id=circular.id,
        title=circular.title,
        text=circular.text,
        amount_cents=circular.amount_cents,
        closes_at=circular.closes_at,
        reminder=reminder,
        subject_version=member.version,
    )


def subject_of(circular_id: UUID, member_id: UUID) -> str:
    """What a member's link is about."""
    return f"{circular_id}:{member_id}"


def _list_of(circular: Circular, seats: Sequence[Seat]) -> list[CircularElector]:
    return [
        CircularElector(
            circular_id=circular.id,
            member_id=seat.member.id,
            barred=seat.barred,
            because=seat.because,
            on_paper=False,
        )
        for seat in seats
    ]


async def _set_clocks(session: AsyncSession, circular: Circular) -> None:
    subject = str(circular.id)
    due = dict(zip((HALF, EVE), circular.reminders(), strict=False))
    due[TERM] = circular.closes_at + timedelta(seconds=1)
    for kind, moment in due.items():
        await set_timer(session, Timer, kind=kind, subject=subject, due_at=moment)


async def _locked(session: AsyncSession, circular_id: UUID) -> Circular:
    """Agendas first, then the vote: everybody locks in this order."""
    await lock_agendas(session)
    return await session.get_one(
        Circular, circular_id, with_for_update=True, populate_existing=True
    )


async def _hand_on_if_over(session: AsyncSession, circular: Circular, *, at: datetime) -> None:
    """Nothing was decided and its session is over: the item goes to the next one."""
    if circular.status not in (CircularStatus.UNDECIDED, CircularStatus.ENDED):
        return
    item = await session.get_one(AgendaItem, circular.item_id)
    meeting = await session.get_one(Session, item.session_id)
    if item.status is ItemStatus.OPEN and meeting.status in (Status.CLOSED, Status.MINUTED):
        await carry_over(session, [item], Outcome.DEFERRED, at=at)
