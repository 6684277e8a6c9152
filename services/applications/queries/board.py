"""The office's list: rows for a tab, filtered and searched, one query whatever the length."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Application, SessionDate, Status

ROWS: Final = 25
LONGEST_SEARCH: Final = 100


class Tab(StrEnum):
    """Whose turn it is; every status but draft belongs to one."""

    TODO = "zu-tun"
    OTHERS = "andere"
    SESSION = "sitzung"
    CLOSED = "abgeschlossen"


S = Status
TABS: Final[Mapping[Tab, tuple[Status, ...]]] = {
    Tab.TODO: (S.SUBMITTED, S.ADMISSIBLE, S.PROOF_SUBMITTED),
    Tab.OTHERS: (S.CORRECTION_REQUESTED, S.GRANTED, S.ACCEPTED, S.PROOF_QUERIED),
    Tab.SESSION: (S.SCHEDULED, S.DEFERRED),
    Tab.CLOSED: (
        S.SETTLED,
        S.REJECTED,
        S.INADMISSIBLE,
        S.WITHDRAWN,
        S.LAPSED,
        S.DECLINED,
        S.REVOKED,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the address of the list says."""

    tab: Tab = Tab.TODO
    field: str = ""
    status: Status | None = None
    search: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One application as the list shows it."""

    id: UUID
    number: str
    title: str
    applicant: str
    field_of_action: str
    asked_cents: int
    status: Status
    late: bool
    submitted_at: datetime
    session_at: datetime | None
    erased: bool


@dataclass(frozen=True)
class Board:
    """One page of rows; `after` leads to the next, None on the last."""

    rows: list[Row]
    after: str | None
    counts: Mapping[Tab, int]


async def board(session: AsyncSession, chosen: Filter) -> Board:
    """Newest first; a cursor stays right while new ones arrive."""
    found = (await session.execute(_page(chosen))).all()
    rows = [_row(application, at) for application, at in found[:ROWS]]
    more = len(found) > ROWS
    return Board(rows, _cursor(rows[-1]) if more else None, await counts(session, chosen))


async def counts(session: AsyncSession, chosen: Filter) -> dict[Tab, int]:
    """How many rows each tab has under the same search and field."""
    by_status = select(Application.status, func.count()).group_by(Application.status)
    rows = await session.execute(_narrowed(by_status, chosen))
    found: dict[Status, int] = dict(rows.all())
    return {tab: sum(found.get(status, 0) for status in TABS[tab]) for tab in Tab}


def _page(chosen: Filter) -> Any:
    rows = (
        select(Application, SessionDate.starts_at)
        .outerjoin(SessionDate, SessionDate.session_id == Application.session_id)
        .where(Application.status.in_(TABS[chosen.tab]))
        .order_by(Application.submitted_at.desc(), Application.id.desc())
        .limit(ROWS + 1)
    )
    if chosen.status is not None:
        rows = rows.where(Application.status == chosen.status)
    if place := _place(chosen.after):
        rows = rows.where(tuple_(Application.submitted_at, Application.id) < place)
    return _narrowed(rows, chosen)


def _narrowed(rows: Any, chosen: Filter) -> Any:
    rows = rows.where(Application.submitted_at.is_not(None))
    if chosen.field:
        rows = rows.where(Application.field_of_action == chosen.field)
    for word in chosen.search[:LONGEST_SEARCH].casefold().split():
        rows = rows.where(
            or_(
                Application.search_text.contains(word, autoescape=True),
                Application.number.contains(word, autoescape=True),
            )
        )
    return rows


def _row(application: Application, session_at: datetime | None) -> Row:
    assert application.number and application.submitted_at
    return Row(
        id=application.id,
        number=application.number,
        title=application.title,
        applicant=application.applicant,
        field_of_action=application.field_of_action or "",
        asked_cents=application.asked_cents or 0,
        status=application.status,
        late=application.late,
        submitted_at=application.submitted_at,
        session_at=session_at,
        erased=application.erased_at is not None,
    )


def _cursor(row: Row) -> str:
    place = json.dumps([row.submitted_at.isoformat(), str(row.id)])
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended; None for anything we did not write."""
    try:
        at, of = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(at), UUID(of)
    except (ValueError, TypeError, AttributeError):
        return None
    return place if place[0].tzinfo is not None else None


async def neighbours(
    session: AsyncSession, application: Application
) -> tuple[UUID | None, UUID | None]:
    """The next newer and the next older application of the whole list."""
    here = tuple_(Application.submitted_at, Application.id)
    place = (application.submitted_at, application.id)
    handed_in = select(Application.id).where(Application.submitted_at.is_not(None)).limit(1)
    newer = handed_in.where(here > place).order_by(
        Application.submitted_at.asc(), Application.id.asc()
    )
    older = handed_in.where(here < place).order_by(
        Application.submitted_at.desc(), Application.id.desc()
    )
    return await session.scalar(newer), await session.scalar(older)


async def waiting(session: AsyncSession, *, limit: int = ROWS) -> Sequence[Row]:
    """What the office has to do, the session that comes first on top, then the oldest."""
    todo = (
        select(Application, SessionDate.starts_at)
        .outerjoin(SessionDate, SessionDate.session_id == Application.session_id)
        .where(Application.status.in_(TABS[Tab.TODO]))
        .order_by(
            SessionDate.starts_at.is_(None),
            SessionDate.starts_at,
            Application.submitted_at,
            Application.id,
        )
        .limit(limit)
    )
    return [_row(application, at) for application, at in await session.execute(todo)]
