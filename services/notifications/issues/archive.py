"""What was published: every issue that began to go out, until the office takes it back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import Issue, IssueKind, IssueText
from services.notifications.journal import JournalEntry
from shared.days import local_day, start_of_day
from shared.web.i18n import BINDING

REMOVED: Final[ColumnElement[bool]] = exists().where(
    JournalEntry.event_id == Issue.event_id, JournalEntry.removed.is_(True)
)
PUBLIC: Final[ColumnElement[bool]] = and_(Issue.started_at.is_not(None), ~REMOVED)


@dataclass(frozen=True, kw_only=True)
class Published:
    """An issue in the archive, in the language asked for if it was written in that."""

    id: UUID
    number: int
    at: datetime
    language: str
    subject: str
    first_line: str


async def years(session: AsyncSession, kind: IssueKind) -> list[int]:
    """The years in which something came out, the latest first."""
    begun = select(Issue.started_at).where(Issue.kind == kind, PUBLIC)
    found = {local_day(at).year for at in await session.scalars(begun) if at is not None}
    return sorted(found, reverse=True)


async def of_year(
    session: AsyncSession, kind: IssueKind, year: int, language: str
) -> list[Published]:
    """What came out in a year, the latest first."""
    begins, ends = (start_of_day(date(one, 1, 1)) for one in (year, year + 1))
    rows = await session.execute(
        select(
            Issue.id,
            Issue.number,
            Issue.started_at.label("at"),
            IssueText.language,
            IssueText.subject,
            IssueText.first_line,
        )
        .join(IssueText, IssueText.issue_id == Issue.id)
        .where(Issue.kind == kind, PUBLIC, Issue.started_at >= begins, Issue.started_at < ends)
        .where(IssueText.language.in_({language, BINDING}), IssueText.subject != "")
        .order_by(Issue.started_at.desc(), Issue.id)
    )
    best: dict[UUID, Published] = {}
    for row in rows:
        if row.id not in best or row.language == language:
            best[row.id] = Published(**row._asdict())
    return list(best.values())


async def one(session: AsyncSession, kind: IssueKind, issue_id: UUID) -> Issue | None:
    """A published issue; None for what never was, or is not any more."""
    chosen = select(Issue).where(Issue.id == issue_id, Issue.kind == kind, PUBLIC)
    found: Issue | None = await session.scalar(chosen)
    return found


async def was_taken_back(session: AsyncSession, kind: IssueKind, issue_id: UUID) -> bool:
    """Whether it was public once."""
    chosen = select(Issue.id).where(Issue.id == issue_id, Issue.kind == kind, REMOVED)
    return await session.scalar(chosen) is not None
