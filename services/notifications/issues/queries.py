"""Reads for the office's pages about issues: the list, who gets one, what became of each copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText, Status
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import Subscription, SubscriptionTopic
from services.notifications.issues.audience import READER
from shared.web.i18n import BINDING

PAGE: Final = 50
ISSUES: Final = 30

OPEN: Final = (Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED)
OVER: Final = (Status.SENT, Status.STOPPED)

UNHANDLED: Final = IssueLetter.handled_at.is_(None)
VIEWS: Final[dict[str, ColumnElement[bool]]] = {
    "unklar": and_(IssueLetter.state == State.UNKNOWN, UNHANDLED),
    "gescheitert": and_(IssueLetter.state == State.FAILED, UNHANDLED),
    "spaeter": IssueLetter.state == State.DEFERRED,
    "wartet": IssueLetter.state.in_((State.QUEUED, State.CLAIMED, State.SENDING)),
    "versendet": IssueLetter.state == State.SENT,
    "nicht-versendet": or_(
        IssueLetter.state.in_((State.SUPPRESSED, State.EXPIRED)),
        and_(
            IssueLetter.state.in_((State.UNKNOWN, State.FAILED)),
            IssueLetter.handled_at.is_not(None),
        ),
    ),
}
"""The lists of copies in their order; each copy is in exactly one."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An issue in a list, by its German subject; "" while it has none."""

    issue: Issue
    subject: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of a list; `more` is where the next one begins."""

    rows: Sequence[Any]
    more: Any = None


async def open_issues(session: AsyncSession) -> list[Listed]:
    """What is written, planned or under way, the latest first."""
    chosen = _listed().where(Issue.status.in_(OPEN))
    rows = await session.execute(chosen.order_by(Issue.changed_at.desc(), Issue.id.desc()))
    return [Listed(issue=row[0], subject=row[1] or "") for row in rows]


async def past_issues(session: AsyncSession, *, before: UUID | None = None) -> Found:
    """What went out, a page at a time, the latest first."""
    chosen = _listed().where(Issue.status.in_(OVER))
    if before is not None:
        chosen = chosen.where(Issue.id < before)
    rows = (await session.execute(chosen.order_by(Issue.id.desc()).limit(ISSUES + 1))).all()
    found = [Listed(issue=row[0], subject=row[1] or "") for row in rows[:ISSUES]]
    return Found(rows=found, more=found[-1].issue.id if len(rows) > ISSUES else None)


async def subject_of(session: AsyncSession, issue_id: UUID) -> str:
    """Its German subject; "" while it has none."""
    chosen = select(IssueText.subject).where(
        IssueText.issue_id == issue_id, IssueText.language == BINDING
    )
    return await session.scalar(chosen) or ""


async def reach(session: AsyncSession, kind: IssueKind) -> int:
    """How many would get it now."""
    ordered = select(func.count()).where(SubscriptionTopic.topic == str(kind), *READER)
    return await session.scalar(ordered) or 0


async def audience(session: AsyncSession, kind: IssueKind) -> list[tuple[str, int]]:
    """How many would get it now in each language, most first."""
    count = func.count().label("count")
    ordered = select(Subscription.language, count).where(
        SubscriptionTopic.topic == str(kind), *READER
    )
    by_language = ordered.group_by(Subscription.language)
    rows = await session.execute(by_language.order_by(count.desc(), Subscription.language))
    return [(row[0], row[1]) for row in rows]


async def readers(
    session: AsyncSession, kind: IssueKind, *, language: str = "", after: UUID | None = None
) -> Found:
    """Who would get it now: name, address and language, from behind `after` on."""
    ids = SubscriptionTopic.subscription_id
    chosen = select(
        Subscription.id, Subscription.name, Subscription.address, Subscription.language
    ).where(SubscriptionTopic.topic == str(kind), *READER)
    if language:
        chosen = chosen.where(Subscription.language == language)
    if after is not None:
        chosen = chosen.where(ids > after)
    rows = (await session.execute(chosen.order_by(ids).limit(PAGE + 1))).all()
    return Found(rows=rows[:PAGE], more=rows[PAGE - 1].id if len(rows) > PAGE else None)


async def copies(session: AsyncSession, issue_id: UUID, view: str, *, after: int = 0) -> Found:
    """One list of copies with whom each is for; name and address are gone with the subscription."""
    chosen = (
        select(
            IssueLetter.number,
            IssueLetter.state,
            IssueLetter.code,
            IssueLetter.answer,
            IssueLetter.reason,
            IssueLetter.sent_at,
            IssueLetter.due_at,
            IssueLetter.handled_at,
            IssueLetter.language,
            Subscription.name,
            Subscription.address,
        )
        .outerjoin(Subscription, Subscription.id == IssueLetter.subscription_id)
        .where(IssueLetter.issue_id == issue_id, VIEWS[view], IssueLetter.number > after)
    )
    rows = (await session.execute(chosen.order_by(IssueLetter.number).limit(PAGE + 1))).all()
    return Found(rows=rows[:PAGE], more=rows[PAGE - 1].number if len(rows) > PAGE else None)


def _listed() -> Any:
    german = and_(IssueText.issue_id == Issue.id, IssueText.language == BINDING)
    return select(Issue, IssueText.subject).outerjoin(IssueText, german)
