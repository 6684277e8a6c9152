"""What the office can ask of an issue, from its first word to its last recipient; all of it audited.

A click that comes twice finds its work done and changes nothing; the caller owns the transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import (
    IllegalMove,
    Issue,
    IssueKind,
    IssueText,
    NotReady,
    Pause,
    Status,
)
from services.notifications.domain.plan import ExpiresTooEarly, Plan
from services.notifications.issues import copies, pictures
from services.notifications.issues.checks import Finding, findings
from services.notifications.issues.reachable import Reached
from services.notifications.journal import JournalEntry
from services.notifications.sender.schedule import without_addresses
from services.notifications.store import Audit, Timer, record
from shared.events.notifications import HeldBack, IssueHeldBack, IssuePaused
from shared.once import ChangedMeanwhile
from shared.service import Service
from shared.store import RINGS, insert
from shared.timers import cancel_timer, set_timer

START: Final = "issue_start"
CLOCK: Final = "timer"
"""Who starts what was scheduled, as the trail names it."""

TOO_LATE: Final = timedelta(hours=12)
"""A machine that was away for longer, or a backup put back, sends nothing old by itself."""

ANSWER_LENGTH: Final = 500


@dataclass(frozen=True, kw_only=True)
class Checked:
    """An issue as it stood when nothing spoke against sending it: `check` gives it."""

    issue_id: UUID
    version: int


async def create(
    session: AsyncSession, issue_id: UUID, kind: IssueKind, *, by: str, at: datetime
) -> None:
    """An empty draft that is offered the news since the last issue of its kind."""
    row: dict[str, Any] = {
        "id": issue_id,
        "kind": kind,
        "status": Status.DRAFT,
        "blocks": [],
        "since_cursor": await _last_told(session, kind),
        "created_at": at,
        "changed_at": at,
        "window_from": 0,
        "window_to": 24,
        "pause_answer": "",
        "gathered": False,
        "recipients": 0,
        "version": 1,
    }
    once = insert(session, Issue).values(row).on_conflict_do_nothing(index_elements=["id"])
    if await session.scalar(once.returning(Issue.id)) is not None:
        _audit(session, "issue.created", issue_id, by=by, at=at, kind=kind.value)


async def delete(
    session: AsyncSession, issue_id: UUID, *, version: int, by: str, at: datetime
) -> None:
    """A draft and its pictures go for good; raises IllegalMove for anything that was more than that."""
    issue = await session.get(Issue, issue_id, with_for_update=True)
    if issue is None:
        return
    if issue.status != Status.DRAFT:
        raise IllegalMove(Status(issue.status), Status.DRAFT)
    _seen(issue, version)
    await pictures.drop(session, issue_id)
    await session.delete(issue)
    _audit(session, "issue.deleted", issue_id, by=by, at=at, kind=issue.kind)


async def check(service: Service, issue_id: UUID, *, version: int) -> Checked:
    """What schedule and start want; raises NotReady, ChangedMeanwhile.

    It asks our own pages whether they are there, so it comes before the writing transaction; what
    was changed after it is refused there.
    """
    async with service.db.read() as session:
        issue = await session.get_one(Issue, issue_id)
        if issue.status in (Status.DRAFT, Status.SCHEDULED):
            _seen(issue, version)
            _refuse(await findings(session, service, issue))
    return Checked(issue_id=issue_id, version=version)


async def schedule(
    session: AsyncSession, checked: Checked, plan: Plan, *, by: str, at: datetime
) -> None:
    """It starts by itself at `plan.starts_at`; raises ChangedMeanwhile, or what `Plan.check` finds."""
    assert plan.starts_at is not None
    issue = await _locked(session, checked.issue_id)
    if issue.status == Status.SCHEDULED and issue.planned == plan:
        return
    _seen(issue, checked.version)
    issue.plan(plan, at=at)
    await set_timer(session, Timer, kind=START, subject=str(issue.id), due_at=plan.starts_at)
    when = plan.starts_at.isoformat()
    _audit(session, "issue.scheduled", issue.id, by=by, at=at, starts_at=when)


async def unschedule(session: AsyncSession, issue_id: UUID, *, by: str, at: datetime) -> None:
    """Back to the desk; raises IllegalMove once it has begun."""
    issue = await _locked(session, issue_id)
    if issue.status == Status.DRAFT:
        return
    issue.unplan()
    await cancel_timer(session, Timer, kind=START, subject=str(issue_id))
    _audit(session, "issue.unscheduled", issue_id, by=by, at=at)


async def start(
    session: AsyncSession, checked: Checked, plan: Plan, *, by: str, at: datetime
) -> None:
    """Public from this commit on, told once; its recipients are gathered and served by workers."""
    issue = await _locked(session, checked.issue_id)
    if issue.started_at is not None:
        return
    _seen(issue, checked.version)
    texts = await session.scalars(select(IssueText).where(IssueText.issue_id == issue.id))
    number = await _next_number(session, IssueKind(issue.kind))
    record(session, issue.start(plan, number=number, texts=texts.all(), at=at))
    await cancel_timer(session, Timer, kind=START, subject=str(issue.id))
    _audit(session, "issue.started", issue.id, by=by, at=at, kind=issue.kind, number=number)


async def start_scheduled(
    session: AsyncSession, service: Service, issue_id: UUID, *, at: datetime
) -> None:
    """Its time has come; if it cannot or may not go out any more, the office is told why."""
    issue = await session.get(Issue, issue_id, with_for_update=True)
    if issue is None or issue.status != Status.SCHEDULED:
        return
    try:
        plan = _due(issue, at=at)
        _refuse(await findings(session, service, issue, ask=_nobody))
        checked = Checked(issue_id=issue_id, version=issue.version)
        await start(session, checked, plan, by=CLOCK, at=at)
    except (NotReady, ExpiresTooEarly) as error:
        because = HeldBack.NOT_READY if isinstance(error, NotReady) else HeldBack.TOO_LATE
        issue.unplan()
        kind = IssueKind(issue.kind)
        record(session, IssueHeldBack(at=at, issue_id=issue_id, kind=kind, because=because))
        _audit(session, "issue.held_back", issue_id, by=CLOCK, at=at, because=because.value)


def _due(issue: Issue, *, at: datetime) -> Plan:
    """What was planned, from now on; raises ExpiresTooEarly if now is long after that."""
    plan = issue.planned
    if plan.starts_at is None or at - plan.starts_at > TOO_LATE:
        raise ExpiresTooEarly
    return replace(plan, starts_at=None)


async def _nobody(_origin: str, _pages: Collection[str]) -> Mapping[str, Reached]:
    """Pages were asked when it was planned; with a transaction open none is."""
    return {}


async def pause(session: AsyncSession, issue_id: UUID, *, by: str, at: datetime) -> None:
    """Nothing more gets leave to go; who waits keeps the place in the queue."""
    issue = await _locked(session, issue_id)
    if issue.status == Status.PAUSED:
        return
    issue.hold(Pause.OFFICE)
    _audit(session, "issue.paused", issue_id, by=by, at=at)


async def pause_refused(
    session: AsyncSession, issue_id: UUID, code: int | None, answer: str, at: datetime
) -> None:
    """A server refuses us, not a recipient: stop asking, and tell the office, once."""
    issue = await _locked(session, issue_id)
    if issue.status != Status.SENDING:
        return
    answer = without_addresses(answer)[:ANSWER_LENGTH]
    issue.hold(Pause.REFUSED, answer=f"{code or ''} {answer}".strip())
    sent, waiting = await copies.sent_and_waiting(session, issue)
    told = IssuePaused(
        at=at,
        issue_id=issue_id,
        kind=IssueKind(issue.kind),
        sent=sent,
        waiting=waiting,
        code=code,
        answer=answer,
    )
    record(session, told)
    _audit(session, "issue.refused", issue_id, by="sender", at=at, code=code)


async def resume(session: AsyncSession, issue_id: UUID, *, by: str, at: datetime) -> None:
    """On with those who still wait; nobody is asked twice."""
    issue = await _locked(session, issue_id)
    if issue.status == Status.SENDING:
        return
    if issue.status != Status.PAUSED:
        raise IllegalMove(Status(issue.status), Status.SENDING)
    issue.resume()
    session.info[RINGS] = True
    _audit(session, "issue.resumed", issue_id, by=by, at=at)


async def stop(session: AsyncSession, issue_id: UUID, *, by: str, at: datetime) -> None:
    """Who has it keeps it, everyone else gets nothing; for good."""
    issue = await _locked(session, issue_id)
    if issue.status == Status.STOPPED:
        return
    issue.end(Status.STOPPED, at=at)
    held = await copies.hold_back(session, issue_id)
    session.info[RINGS] = True
    _audit(session, "issue.stopped", issue_id, by=by, at=at, held_back=held)


async def finish(session: AsyncSession, issue: Issue, at: datetime) -> bool:
    """Sent, if all were gathered and nobody waits any more; asking again is harmless."""
    fresh = await _locked(session, issue.id)
    if fresh.status != Status.SENDING or not fresh.gathered:
        return False
    if await copies.under_way(session, issue.id):
        return False
    fresh.end(Status.SENT, at=at)
    return True


def _refuse(found: Sequence[Finding]) -> None:
    """Raises NotReady for what must not go out like this."""
    if blocking := [one for one in found if one.blocks]:
        raise NotReady(blocking)


async def _last_told(session: AsyncSession, kind: IssueKind) -> int:
    """Where the journal stood when the last issue of the kind came out; 0 before the first."""
    cursors = (
        select(JournalEntry.cursor)
        .join(Issue, Issue.event_id == JournalEntry.event_id)
        .where(Issue.kind == kind)
    )
    return await session.scalar(cursors.order_by(JournalEntry.cursor.desc()).limit(1)) or 0


async def _next_number(session: AsyncSession, kind: IssueKind) -> int:
    """One more than the last; two that start at once wait for each other."""
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtext(literal(f"issue number {kind}"))
        await session.execute(select(func.pg_advisory_xact_lock(key)))
    last = select(func.max(Issue.number)).where(Issue.kind == kind)
    return (await session.scalar(last) or 0) + 1


async def _locked(session: AsyncSession, issue_id: UUID) -> Issue:
    return await session.get_one(Issue, issue_id, with_for_update=True, populate_existing=True)


def _seen(issue: Issue, version: int) -> None:
    """Raises ChangedMeanwhile unless it is what the person in front of the page has seen."""
    if issue.version != version:
        raise ChangedMeanwhile("issue", version, issue.version)


def _audit(
    session: AsyncSession, action: str, issue_id: UUID, *, by: str, at: datetime, **details: Any
) -> None:
    session.add(Audit(at=at, actor=by, action=action, subject=str(issue_id), details=details))
