"""Planning, postponing and cancelling the board's sessions."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import clear, lock_agendas, seat_waiting
from services.meetings.commands.circular_ends import end_circulars_of
from services.meetings.commands.invitations import forget_invitation
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.board import Board, BoardRules, Rules, rules_on
from services.meetings.domain.notice import NoticePeriod, notice_on
from services.meetings.domain.session import AlreadyVoted, Appointment, Session, Status
from services.meetings.domain.year import check_year
from services.meetings.queries import days_taken, notice_periods, the_board, voted_sessions
from services.meetings.store import record
from shared.days import local_day
from shared.events.meetings import PostponeReason, SessionScheduled


async def plan(session: AsyncSession, appointment: Appointment, order: Order) -> UUID:
    """Put a session on the calendar; the same command again answers with the same session."""
    new, content = uuid7(), asdict(appointment)
    if first := await earlier(session, order, name="session.plan", content=content, subject=new):
        return first
    await lock_agendas(session)
    board, rules, notice = await board_and_rules(session, appointment, at=order.at)
    planned = Session.plan(
        board, appointment, session_id=new, rules=rules, notice=notice, at=order.at
    )
    _put_on_calendar(session, *planned, order)
    await seat_waiting(session, at=order.at)
    return new


async def plan_year(
    session: AsyncSession, appointments: Sequence[Appointment], order: Order, *, notice: int
) -> UUID:
    """All of these sessions or none; answers with the first of them, again with the same one."""
    content = {"notice": notice, "dates": [asdict(one) for one in appointments]}
    new = [uuid7() for _one in appointments]
    if first := await earlier(
        session, order, name="session.plan_year", content=content, subject=new[0]
    ):
        return first
    await lock_agendas(session)
    board, rules = await the_board(session)
    taken = await days_taken(session, [local_day(one.starts_at) for one in appointments])
    check_year(appointments, rules=rules, taken=taken, at=order.at)
    for session_id, appointment in zip(new, appointments, strict=True):
        held = rules_on(appointment.starts_at, rules)
        planned = Session.plan(
            board, appointment, session_id=session_id, rules=held, notice=notice, at=order.at
        )
        _put_on_calendar(session, *planned, order)
    await _set_notice(session, board, notice, order)
    await seat_waiting(session, at=order.at)
    return new[0]


def _put_on_calendar(
    session: AsyncSession, planned: Session, event: SessionScheduled, order: Order
) -> None:
    session.add(planned)
    record(session, event)
    trail(session, "session.plan", planned.id, order)


async def _set_notice(session: AsyncSession, board: Board, days: int, order: Order) -> None:
    """From today on the board is invited so early; the same again leaves no new entry."""
    today, known = local_day(order.at), await notice_periods(session, board.id)
    if notice_on(today, known) == days:
        return
    same_day = NoticePeriod.board_id == board.id, NoticePeriod.holds_from == today
    await session.execute(delete(NoticePeriod).where(*same_day))
    session.add(NoticePeriod(id=uuid7(), board_id=board.id, holds_from=today, days=days))
    trail(session, "board.notice", board.id, order, days=days)


async def postpone(
    session: AsyncSession,
    session_id: UUID,
    appointment: Appointment,
    order: Order,
    *,
    reason: PostponeReason,
) -> UUID:
    """Move a session; refused if it changed since the form showed `version`."""
    content = {"id": session_id, "reason": reason, **asdict(appointment)}
    if first := await earlier(
        session, order, name="session.postpone", content=content, subject=session_id
    ):
        return first
    meeting = await _movable(session, session_id, order)
    meeting.check_move(Status.PLANNED, at=order.at)
    _board, rules, notice = await board_and_rules(session, appointment, at=order.at)
    moved = meeting.postpone(appointment, rules=rules, notice=notice, reason=reason, at=order.at)
    record(session, moved)
    await forget_invitation(session, session_id)
    await seat_waiting(session, at=order.at)
    trail(session, "session.postpone", session_id, order, reason=reason)
    return session_id


async def cancel(session: AsyncSession, session_id: UUID, order: Order, *, reason: str) -> UUID:
    """Call a session off; refused if it changed since the form showed `version`."""
    content = {"id": session_id, "reason": reason}
    if first := await earlier(
        session, order, name="session.cancel", content=content, subject=session_id
    ):
        return first
    meeting = await _movable(session, session_id, order)
    record(session, meeting.cancel(reason=reason, at=order.at))
    await clear(session, meeting, at=order.at)
    trail(session, "session.cancel", session_id, order)
    return session_id


async def _movable(session: AsyncSession, session_id: UUID, order: Order) -> Session:
    """The session as the form showed it, agendas locked; raises `AlreadyVoted` if it took place."""
    await lock_agendas(session)
    meeting = await session.get_one(Session, session_id, with_for_update=True)
    unchanged("session", order, now=meeting.version)
    if await voted_sessions(session, [session_id]):
        raise AlreadyVoted
    await end_circulars_of(session, session_id, at=order.at)
    return meeting


async def board_and_rules(
    session: AsyncSession, appointment: Appointment, *, at: datetime
) -> tuple[Board, Rules, int | None]:
    """Who meets, the rules and the notice period of that day; raises what makes it impossible."""
    appointment.check(at=at)
    board, rules = await the_board(session)
    held = rules_on(appointment.starts_at, rules)
    periods = await notice_periods(session, board.id)
    return board, held, notice_on(local_day(appointment.starts_at), periods)


async def set_up_board(
    session: AsyncSession,
    order: Order,
    *,
    name: str,
    place: str,
    rules: Rules,
    city: tuple[str, str] = ("", ""),
) -> UUID:
    """Create the board with its first rules, for an installation that has none."""
    board = Board(id=uuid7(), name=name, place=place, city_name=city[0], city_email=city[1])
    session.add(board)
    await session.flush()
    _enter(session, board.id, rules)
    trail(session, "board.create", board.id, order)
    return board.id


async def change_board(
    session: AsyncSession,
    order: Order,
    *,
    name: str,
    place: str,
    rules: Rules,
    city: tuple[str, str] | None = None,
) -> UUID:
    """Name the board anew and add or correct a dated rule; recorded sessions keep their copy."""
    board, known = await the_board(session, for_update=True)
    unchanged("board", order, now=board.version)
    board.name, board.place = name, place
    board.city_name, board.city_email = city or (board.city_name, board.city_email)
    if rules not in known:
        same_day = BoardRules.board_id == board.id, BoardRules.holds_from == rules.holds_from
        await session.execute(delete(BoardRules).where(*same_day))
        _enter(session, board.id, rules)
    trail(session, "board.change", board.id, order, **rules.model_dump(mode="json"))
    return board.id


def _enter(session: AsyncSession, board_id: UUID, rules: Rules) -> None:
    session.add(BoardRules(id=uuid7(), board_id=board_id, **rules.model_dump()))
