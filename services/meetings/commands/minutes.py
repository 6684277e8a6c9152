"""Keeping the minutes: written, given to those who were there, taken back, approved, reported."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.minutes_desk import Desk, desk_of, fix, keep_texts
from services.meetings.commands.minutes_letters import draft_letters, report, revoke_drafts
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.minutes import (
    Minutes,
    NamesUnconfirmed,
    NobodyToAsk,
    NotHeldYet,
    OpenAmendments,
    public,
)
from services.meetings.minutes_paper import texts_of
from services.meetings.minutes_words import names_in
from services.meetings.queries.minutes import Facts, Record, known_names
from services.meetings.store import Timer, record
from shared.service import Service
from shared.timers import cancel_timer, set_timer

TERM: Final = "minutes.term"
"""The timer that notes that the days to object are over."""


async def write(
    session: AsyncSession, session_id: UUID, texts: Mapping[str, str], order: Order
) -> int:
    """Keep what was typed, part by part; the same again changes nothing. Gives the version."""
    desk = await desk_of(session, session_id, at=order.at)
    before = desk.texts
    changed = {
        part: text for part, text in texts.items() if part in before and text != before[part]
    }
    if not changed:
        return desk.record.version
    desk.minutes.write(at=order.at)
    unchanged("minutes", order, now=desk.record.version)
    for part, text in changed.items():
        desk.minutes.check_words(part, before[part], text)
    await keep_texts(session, desk, changed)
    trail(session, "minutes.write", session_id, order, parts=len(changed))
    await session.flush()
    return desk.minutes.version


async def circulate(
    session: AsyncSession, service: Service, session_id: UUID, order: Order
) -> UUID:
    """Give the draft to everybody who was there; from now on its words are fixed."""
    if first := await _repeated(session, order, "minutes.circulate", session_id):
        return first
    desk = await _closed(session, session_id, order)
    if not desk.facts.voters:
        raise NobodyToAsk
    desk.minutes.circulate(days=desk.facts.rules.objection_days, at=order.at)
    await fix(session, desk)
    assert desk.minutes.object_until is not None
    record(session, *await draft_letters(session, service, desk, at=order.at))
    subject, due_at = str(desk.minutes.id), desk.minutes.object_until + timedelta(seconds=1)
    await set_timer(session, Timer, kind=TERM, subject=subject, due_at=due_at)
    trail(session, "minutes.circulate", session_id, order, asked=len(desk.facts.voters))
    return session_id


async def take_back(session: AsyncSession, session_id: UUID, order: Order) -> UUID:
    """A draft again while nobody has answered; the links that were sent stop working."""
    if first := await _repeated(session, order, "minutes.take_back", session_id):
        return first
    desk = await _closed(session, session_id, order)
    answered = bool(desk.record.amendments or desk.record.agreed)
    desk.minutes.take_back(answered=answered, at=order.at)
    await cancel_timer(session, Timer, kind=TERM, subject=str(desk.minutes.id))
    await revoke_drafts(session, desk.minutes)
    trail(session, "minutes.take_back", session_id, order)
    return session_id


async def approve(
    session: AsyncSession,
    service: Service,
    session_id: UUID,
    order: Order,
    *,
    reason: str = "",
    names_confirmed: bool = False,
) -> UUID:
    """The minutes hold and are public; whatever speaks against it is raised."""
    if first := await _repeated(session, order, "minutes.approve", session_id, reason=reason):
        return first
    desk = await _closed(session, session_id, order)
    asked, agreed = {one.id for one in desk.facts.voters}, desk.record.agreed
    because = desk.minutes.ground(
        asked=len(asked),
        agreed=len(asked & agreed),
        days=desk.facts.rules.objection_days,
        reason=reason,
        at=order.at,
    )
    if desk.record.open_amendments:
        raise OpenAmendments
    if not names_confirmed and (found := await names_found(service, desk.facts, desk.record)):
        raise NamesUnconfirmed({name for names in found.values() for name in names})
    desk.minutes.approve(because, reason=reason, at=order.at)
    await fix(session, desk)
    await cancel_timer(session, Timer, kind=TERM, subject=str(desk.minutes.id))
    record(session, desk.meeting.minute(minutes_id=desk.minutes.id, at=order.at))
    await report(session, service, desk, at=order.at)
    trail(session, "minutes.approve", session_id, order, because=because)
    return session_id


async def term_over(session: AsyncSession, minutes_id: UUID, *, at: datetime) -> None:
    """The days to object are over: the office's page says so, a person approves."""
    minutes = await session.get(Minutes, minutes_id, with_for_update=True)
    if minutes is not None:
        minutes.term_is_over(at=at)


async def names_found(service: Service, facts: Facts, kept: Record) -> dict[str, list[str]]:
    """By part, the names of this session that everybody could read."""
    texts = {part: public(text) for part, text in texts_of(facts, kept).items()}
    return names_in(texts, await known_names(service, facts))


async def _repeated(
    session: AsyncSession, order: Order, name: str, session_id: UUID, **content: Any
) -> UUID | None:
    told = {"id": session_id, **content}
    return await earlier(session, order, name=name, content=told, subject=session_id)


async def _closed(session: AsyncSession, session_id: UUID, order: Order) -> Desk:
    """Ready to be handed on: the session is over, and nobody changed anything unseen."""
    desk = await desk_of(session, session_id, at=order.at)
    if not desk.facts.was_held(at=order.at):
        raise NotHeldYet
    unchanged("minutes", order, now=desk.record.version)
    return desk
