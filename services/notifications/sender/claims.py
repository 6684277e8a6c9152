"""Which letters a sender holds: taken for a while, given back, or found left behind by a dead one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, case, exists, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.bounces.consequences import Returned, keep
from services.notifications.bulk.limits import Rates, slow_down
from services.notifications.domain.addressbook import Person
from services.notifications.domain.bounce import Severity
from services.notifications.domain.letter import (
    IS_WAITING,
    Attempt,
    Letter,
    Outcome,
    Reason,
    State,
    Suppression,
    leading_to,
)
from services.notifications.domain.subscription import Status, Subscription
from services.notifications.sender.schedule import (
    LOSSES_AT_ONCE,
    Answer,
    pause,
    short_pause,
    without_addresses,
)
from services.notifications.store import record
from shared.events.notifications import LetterUnresolved

LEASE: Final = timedelta(minutes=5)
"""How long a sender may hold a letter; longer than a conversation can take."""

AT_MOST_A_MINUTE: Final = 120.0
"""What single letters to one domain may come to at the very most: half of it after a 4.7.x."""

LEFT: Final = "the sender stopped before the answer came"

WITHOUT_SYNC: Final = {"synchronize_session": False}

ERASED: Final = or_(
    Letter.address == "",
    exists().where(Person.id == Letter.person_id, Person.erased_at.is_not(None)),
)
"""Nothing goes there, even if the letter was written while its reader was erased."""
SUPPRESSED: Final = exists().where(Suppression.address_hash == Letter.address_hash)
UNSUBSCRIBED: Final = and_(
    Letter.topic.is_not(None),
    ~exists().where(
        Subscription.id == Letter.subscription_id, Subscription.status == Status.CONFIRMED
    ),
)


async def claim(
    session: AsyncSession, *, at: datetime, priority: int, limit: int
) -> Sequence[Letter]:
    """The most urgent letters due, ours alone until the lease ends; two senders never get one twice.

    What is due but too late, unwanted or undeliverable leaves the queue on the way.
    """
    due = (
        select(Letter.id)
        .where(IS_WAITING, Letter.due_at <= at, Letter.priority <= priority)
        .order_by(Letter.priority, Letter.due_at, Letter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    while ids := (await session.scalars(due)).all():
        await _set_aside(session, ids, at=at)
        mine = update(Letter).where(Letter.id.in_(ids), IS_WAITING).returning(Letter)
        rows = await session.scalars(
            mine.values(state=State.CLAIMED, claim=uuid7(), lease_until=at + LEASE)
        )
        if taken := rows.all():
            return sorted(taken, key=lambda letter: (letter.priority, letter.due_at, letter.id))
    return []


async def _set_aside(session: AsyncSession, ids: Sequence[UUID], *, at: datetime) -> None:
    for reason, unwanted, state in (
        (Reason.ERASED, ERASED, State.SUPPRESSED),
        (None, Letter.expires_at <= at, State.EXPIRED),
        (Reason.ADDRESS, SUPPRESSED, State.SUPPRESSED),
        (Reason.UNSUBSCRIBED, UNSUBSCRIBED, State.SUPPRESSED),
    ):
        chosen = update(Letter).where(Letter.id.in_(ids), IS_WAITING, unwanted)
        await session.execute(
            chosen.values(state=state, reason=reason), execution_options=WITHOUT_SYNC
        )


async def mark_sending(session: AsyncSession, letter: Letter, *, at: datetime) -> bool:
    """The last word before the body: False if the letter is not ours, or not wanted, any more."""
    still = update(Letter).where(
        Letter.id == letter.id,
        Letter.claim == letter.claim,
        Letter.state == State.CLAIMED,
        Letter.expires_at > at,
        ~ERASED,
        ~SUPPRESSED,
        ~UNSUBSCRIBED,
    )
    sending = still.values(state=State.SENDING, lease_until=at + LEASE).returning(Letter.id)
    return await session.scalar(sending) is not None


async def give_back(session: AsyncSession, letters: Sequence[Letter]) -> list[Letter]:
    """Unsent and unharmed: the next sender may have them at once. Those that were still ours."""
    ours = update(Letter).where(
        Letter.id.in_([letter.id for letter in letters]),
        Letter.claim.in_({letter.claim for letter in letters}),
        Letter.state == State.CLAIMED,
    )
    back = ours.values(state=State.QUEUED, claim=None, lease_until=None).returning(Letter.id)
    ids = set(await session.scalars(back, execution_options=WITHOUT_SYNC))
    return [letter for letter in letters if letter.id in ids]


async def recover(session: AsyncSession, *, at: datetime) -> None:
    """What a dead sender held: untouched letters go back, those it may have sent wait for a person."""
    over = Letter.lease_until <= at
    untouched = update(Letter).where(Letter.state == State.CLAIMED, over)
    await session.execute(untouched.values(state=State.QUEUED, claim=None, lease_until=None))
    lost = (
        select(Letter)
        .where(Letter.state == State.SENDING, over)
        .order_by(Letter.id)
        .with_for_update(skip_locked=True)
    )
    for letter in await session.scalars(lost):
        letter.state, letter.lease_until = State.UNKNOWN, None
        session.add(attempt(letter.id, Answer(Outcome.UNKNOWN, None, LEFT), at=at))
        tell_unresolved(session, letter, at=at)


def tell_unresolved(session: AsyncSession, letter: Letter, *, at: datetime) -> None:
    """A person has to find out whether it arrived."""
    record(session, LetterUnresolved(at=at, letter_id=letter.id, kind=letter.kind))


async def settle(
    session: AsyncSession,
    letter: Letter,
    answer: Answer,
    *,
    at: datetime,
    random: Random,
    rates: Rates,
) -> None:
    """Write down what came of it; a letter that is not ours any more gets its line in the log only."""
    become = _consequence(letter, answer, at=at, random=random)
    ours = update(Letter).where(
        Letter.id == letter.id,
        Letter.claim == letter.claim,
        Letter.state.in_(leading_to(become["state"])),
    )
    values = become | {"state": _unless_untrue(become["state"]), "lease_until": None}
    changed = await session.execute(
        ours.values(**values).returning(Letter.id),
        execution_options=WITHOUT_SYNC,
    )
    if changed.first() is not None and become["state"] == State.UNKNOWN:
        tell_unresolved(session, letter, at=at)
    await _follow_up(session, letter, answer, at=at, rates=rates)
    readable = await session.scalar(select(Letter.address).where(Letter.id == letter.id))
    said = answer if readable else replace(answer, text="")
    session.add(attempt(letter.id, said, at=at))


def _consequence(letter: Letter, answer: Answer, *, at: datetime, random: Random) -> dict[str, Any]:
    """What the answer makes of the letter's columns."""
    if answer.outcome is Outcome.SENT:
        return {"state": State.SENT, "sent_at": at, "reason": None}
    if answer.outcome is Outcome.UNKNOWN:
        return {"state": State.UNKNOWN}
    if answer.outcome is Outcome.FAILED:
        return {"state": State.FAILED}
    if answer.outcome is Outcome.LOST and letter.losses < LOSSES_AT_ONCE:
        losses = letter.losses + 1
        due = at + short_pause(losses=losses)
        return {"state": State.QUEUED, "losses": losses, "due_at": due, "claim": None}
    tries = letter.tries + 1
    due = min(at + pause(tries=tries, random=random), letter.expires_at)
    return {"state": State.DEFERRED, "tries": tries, "losses": 0, "due_at": due, "claim": None}


def _unless_untrue(state: State) -> Any:
    """What became untrue while it was sent is not tried again."""
    if state not in (State.QUEUED, State.DEFERRED):
        return state
    overtaken, become = (literal(one, Letter.state.type) for one in (State.OVERTAKEN, state))
    return case((Letter.reason == Reason.NEWER, overtaken), else_=become)


async def _follow_up(
    session: AsyncSession, letter: Letter, answer: Answer, *, at: datetime, rates: Rates
) -> None:
    """What the answer means for later letters: to this address, or to everybody in its domain."""
    if answer.too_fast:
        way = rates.way(letter.address.rpartition("@")[2].lower())
        await slow_down(session, rates, way, measured=AT_MOST_A_MINUTE, at=at)
    if not (answer.no_such_address or answer.mailbox_full):
        return
    known = select(Letter.address_hash).where(Letter.id == letter.id)
    returned = Returned(
        about=letter.id,
        number=0,
        address_hash=await session.scalar(known) or "",
        subscription_id=letter.subscription_id,
        sent_at=at,
    )
    await keep(
        session,
        returned,
        severity=Severity.HARD if answer.no_such_address else Severity.SOFT,
        status=answer.status,
        diagnostic=without_addresses(answer.text),
        at=at,
        heard=True,
    )


def attempt(letter_id: UUID, answer: Answer, *, at: datetime) -> Attempt:
    """One line of the letter's log."""
    return Attempt(
        id=uuid7(),
        letter_id=letter_id,
        at=at,
        outcome=answer.outcome,
        code=answer.code,
        answer=answer.text,
    )
