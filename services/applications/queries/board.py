"""The office's list: rows for a tab, filtered and searched, two queries whatever the length."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    Grant,
    GrantCondition,
    Held,
    SessionDate,
    Statement,
    Status,
)
from services.applications.queries.turn import (
    OFFICE_MOST,
    TAB,
    TABS,
    Act,
    Tab,
    Waits,
    in_tab,
    standing,
    turn_of,
)
from shared.days import start_of_day
from shared.store import Database, UTCDateTime

__all__ = [
    "TABS",
    "Act",
    "Board",
    "Filter",
    "Row",
    "Tab",
    "Waits",
    "board",
    "count",
    "counts",
    "everything",
    "neighbours",
    "rows",
]

ROWS: Final = 25
BATCH: Final = 500
LONGEST_SEARCH: Final = 100
LAST_YEAR: Final = 9998
"""The calendar ends with the next."""
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for the date of those that have none: they come last."""

DUE: Final = func.coalesce(Application.due_at, literal(NEVER, UTCDateTime()))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What the address of the list says; no tab at all means every one."""

    tab: Tab | None = Tab.TODO
    fund: str = ""
    field: str = ""
    status: Status | None = None
    year: int | None = None
    session: UUID | None = None
    overdue_at: datetime | None = None
    """Only what was due before this instant."""
    held: bool = False
    """Only what is decided and not told yet."""
    search: str = ""
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab was chosen."""
        return self != Filter(tab=self.tab, after=self.after)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One application as the list shows it."""

    id: UUID
    number: str
    title: str
    public_title: str
    applicant: str
    fund: str
    field_of_action: str
    asked_cents: int
    granted_cents: int | None
    grant_year: int | None
    status: Status
    late: bool
    on_paper: bool
    submitted_at: datetime
    session_id: UUID | None
    session_at: datetime | None
    due_at: datetime | None
    held_until: datetime | None
    act: Act
    waits: Waits | None
    waits_until: datetime | date | None
    erased: bool


@dataclass(frozen=True)
class Board:
    """One page of rows; `after` leads to the next, None on the last."""

    rows: list[Row]
    after: str | None
    counts: Mapping[Tab, int]


async def board(session: AsyncSession, chosen: Filter) -> Board:
    """Most urgent first, what is over newest first; a cursor stays right while rows change."""
    found = await rows(session, chosen, limit=ROWS + 1)
    shown = found[:ROWS]
    after = _cursor(shown[-1]) if len(found) > ROWS else None
    return Board(shown, after, await counts(session, chosen))


async def counts(session: AsyncSession, chosen: Filter) -> dict[Tab, int]:
    """How many rows each tab has under the same search and filters: one query."""
    by_tab = select(TAB, func.count()).where(*_narrowed(chosen)).group_by(TAB)
    found = {Tab(tab): count for tab, count in await session.execute(by_tab)}
    return {tab: found.get(tab, 0) for tab in Tab}


async def count(session: AsyncSession, chosen: Filter) -> int:
    """How many rows the filters leave, on every page of the list together."""
    return await session.scalar(select(func.count()).where(*_listed(chosen))) or 0


async def rows(session: AsyncSession, chosen: Filter, *, limit: int) -> list[Row]:
    """The first so many rows after the cursor, with whose turn each is: one query."""
    found = await session.execute(_with_turn(_place_in_list(chosen, limit), chosen))
    return [_row(one) for one in found.mappings()]


async def everything(db: Database, chosen: Filter) -> AsyncIterator[list[Row]]:
    """Every row in batches, each in a transaction of its own: a slow reader holds nothing."""
    after: str | None = ""
    while after is not None:
        part = Filter(**{**vars(chosen), "after": after})
        async with db.read() as session:
            batch = await rows(session, part, limit=BATCH)
        if batch:
            yield batch
        after = _cursor(batch[-1]) if len(batch) == BATCH else None


def _newest_first(chosen: Filter) -> bool:
    """What is over, or mixed with it, is looked up by date of arrival."""
    return chosen.tab in (None, Tab.CLOSED)


def _order(chosen: Filter) -> tuple[Any, ...]:
    if _newest_first(chosen):
        return Application.submitted_at.desc(), Application.id.desc()
    return DUE, Application.submitted_at, Application.id


def _place_in_list(chosen: Filter, limit: int) -> Any:
    """Only which rows, and nothing about them: all the database has to sort."""
    found = select(Application.id).where(*_listed(chosen)).order_by(*_order(chosen))
    if place := _place(chosen.after):
        _due, at, of = place
        if _newest_first(chosen):
            found = found.where(tuple_(Application.submitted_at, Application.id) < (at, of))
        else:
            here = tuple_(DUE, Application.submitted_at, Application.id)
            found = found.where(here > place)
    return found.limit(limit).subquery()


def _listed(chosen: Filter) -> list[ColumnElement[bool]]:
    """What the list shows: the filters, the tab, and the status, which only means something there."""
    listed = _narrowed(chosen)
    if chosen.tab is not None:
        listed.append(in_tab(chosen.tab))
    if chosen.status is not None:
        listed.append(Application.status == chosen.status)
    return listed


def _narrowed(chosen: Filter) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [Application.submitted_at.is_not(None)]
    if chosen.fund:
        narrowed.append(Application.fund == chosen.fund)
    if chosen.field:
        narrowed.append(Application.field_of_action == chosen.field)
    if chosen.year is not None:
        year = min(chosen.year, LAST_YEAR)
        narrowed.append(Application.submitted_at >= start_of_day(date(year, 1, 1)))
        narrowed.append(Application.submitted_at < start_of_day(date(year + 1, 1, 1)))
    if chosen.session is not None:
        narrowed.append(Application.session_id == chosen.session)
    if chosen.overdue_at is not None:
        narrowed.append(Application.due_at < chosen.overdue_at)
    if chosen.held:
        narrowed.append(Application.id.in_(select(Held.application_id)))
    for word in chosen.search[:LONGEST_SEARCH].casefold().split():
        in_words = Application.search_text.contains(word, autoescape=True)
        narrowed.append(or_(in_words, Application.number.contains(word, autoescape=True)))
    return narrowed


A: Final = Application
SHOWN: Final = (
    *(A.id, A.number, A.title, A.public_title, A.applicant, A.fund, A.field_of_action),
    *(A.asked_cents, A.status, A.late, A.on_paper, A.submitted_at, A.session_id, A.due_at),
    *(A.erased_at, SessionDate.starts_at.label("session_at"), OFFICE_MOST.label("office_most")),
    *(Held.due_at.label("held_until"), Grant.amount_cents, Grant.waits_for_release),
    *(Grant.needs_city, Grant.city_agreed_at, Grant.year.label("grant_year")),
)
"""Never the answers themselves: they are long, and lists do not need them."""


def _with_turn(listed: Any, chosen: Filter) -> Any:
    statement = (
        select(func.min(Statement.due_at))
        .where(Statement.application_id == A.id, Statement.given_at.is_(None))
        .scalar_subquery()
    )
    condition = (
        select(func.min(GrantCondition.due_on))
        .where(GrantCondition.application_id == A.id, GrantCondition.met_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(*SHOWN, statement.label("statement_due"), condition.label("conditions_open"))
        .join(listed, listed.c.id == A.id)
        .outerjoin(SessionDate, SessionDate.session_id == A.session_id)
        .outerjoin(Held, Held.application_id == A.id)
        .outerjoin(Grant, Grant.application_id == A.id)
        .order_by(*_order(chosen))
    )


def _row(found: Mapping[Any, Any]) -> Row:
    act, waits = turn_of(standing(found))
    until = {Waits.DEPARTMENT: found["statement_due"], Waits.CONDITION: found["conditions_open"]}
    own = {name: found[name] for name in Row.__dataclass_fields__ if name in found}
    own |= {
        "field_of_action": found["field_of_action"] or "",
        "asked_cents": own["asked_cents"] or 0,
    }
    return Row(
        **own,
        granted_cents=found["amount_cents"],
        act=act,
        waits=waits,
        waits_until=until.get(waits, found["due_at"]) if waits else None,
        erased=found["erased_at"] is not None,
    )


def _cursor(row: Row) -> str:
    due = (row.due_at or NEVER).isoformat()
    place = json.dumps([due, row.submitted_at.isoformat(), str(row.id)])
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, datetime, UUID] | None:
    """Where the page before ended; None for anything we did not write."""
    try:
        due, at, of = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        when = [datetime.fromisoformat(one) for one in (due, at)]
        if None in [one.tzinfo for one in when]:
            return None
        return when[0].astimezone(UTC), when[1].astimezone(UTC), UUID(of)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


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
