"""What is to be printed, and what came out of the printer already."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.letter import IS_TO_PRINT, Letter, Reason, State
from services.notifications.domain.print_run import PrintedLetter, PrintPiece, PrintRun
from services.notifications.letters.kinds import KINDS
from shared.store import Database

PAGE: Final = 100
RUNS: Final = 20
SHOWN: Final = 30
"""Of a list of exceptions, which is short or a sign of something else."""

HIDDEN: Final = tuple(kind.name for kind in KINDS.values() if kind.hides(""))
"""Kinds nobody but their reader may see, not even on paper."""

WAS_PRINTED: Final = exists().where(PrintedLetter.letter_id == Letter.id, PrintedLetter.pages > 0)
ON_PAPER: Final = and_(
    Letter.state == State.SUPPRESSED, Letter.reason == Reason.PAPER, Letter.kind.not_in(HIDDEN)
)
"""In the post already, or still to be printed."""

LISTED: Final = (
    Letter.id,
    Letter.name,
    Letter.subject,
    Letter.kind,
    Letter.state,
    Letter.handled_at,
)


def to_print(at: datetime, *, kind: str = "", fresh: bool = False) -> ColumnElement[bool]:
    """What waits for the printer and is still true; `fresh` leaves out what a run has printed."""
    chosen = [IS_TO_PRINT, Letter.kind.not_in(HIDDEN), Letter.expires_at > at]
    if kind:
        chosen.append(Letter.kind == kind)
    if fresh:
        chosen.append(~WAS_PRINTED)
    return and_(*chosen)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What the office can print now, and what it cannot."""

    kinds: Sequence[Any]
    """Rows of kind, `all` of it, and how many of these are `fresh`."""
    outdated: Sequence[Any]
    """Rows of the columns in LISTED: what they say may not hold any more."""
    hidden: int

    @property
    def all(self) -> int:
        return sum(row.all for row in self.kinds)

    @property
    def fresh(self) -> int:
        return sum(row.fresh for row in self.kinds)


async def waiting(session: AsyncSession, at: datetime) -> Waiting:
    """By kind, the most frequent first."""
    count = func.count()
    kinds = (
        select(Letter.kind, count.label("all"), count.filter(~WAS_PRINTED).label("fresh"))
        .where(to_print(at))
        .group_by(Letter.kind)
        .order_by(count.desc(), Letter.kind)
    )
    late = select(*LISTED).where(IS_TO_PRINT, Letter.kind.not_in(HIDDEN), Letter.expires_at <= at)
    hidden = select(func.count()).select_from(Letter).where(IS_TO_PRINT, Letter.kind.in_(HIDDEN))
    return Waiting(
        kinds=(await session.execute(kinds)).all(),
        outdated=(await session.execute(late.order_by(Letter.id).limit(SHOWN))).all(),
        hidden=await session.scalar(hidden) or 0,
    )


async def runs(session: AsyncSession) -> Sequence[PrintRun]:
    """The last ones, newest first."""
    newest = select(PrintRun).order_by(PrintRun.id.desc()).limit(RUNS)
    return (await session.scalars(newest)).all()


async def letters_of(session: AsyncSession, run_id: UUID, *, after: int = 0) -> Sequence[Any]:
    """A page of the run's letters in their order, and one more if there are others."""
    chosen = (
        _in_run(run_id)
        .where(PrintedLetter.number > after)
        .order_by(PrintedLetter.number)
        .limit(PAGE + 1)
    )
    return (await session.execute(chosen)).all()


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """What a person has to look at before the envelopes are closed."""

    troubled: Sequence[Any]
    untrue: Sequence[Any]
    """Printed, and overtaken since: to be taken out of the pile."""
    printed: int
    posted: int


async def exceptions(session: AsyncSession, run_id: UUID) -> Exceptions:
    """Rows as of `letters_of`, and how many are printed and in the post."""
    troubled = _in_run(run_id).where(PrintedLetter.trouble.is_not(None))
    untrue = _in_run(run_id).where(PrintedLetter.pages > 0, ~ON_PAPER)
    counted = (
        select(func.count(), func.count().filter(Letter.handled_at.is_not(None)))
        .select_from(PrintedLetter)
        .join(Letter, Letter.id == PrintedLetter.letter_id)
        .where(PrintedLetter.run_id == run_id, PrintedLetter.pages > 0)
    )
    printed, posted = (await session.execute(counted)).one()
    number = PrintedLetter.number
    return Exceptions(
        troubled=(await session.execute(troubled.order_by(number).limit(SHOWN))).all(),
        untrue=(await session.execute(untrue.order_by(number).limit(SHOWN))).all(),
        printed=printed,
        posted=posted,
    )


async def run_of(session: AsyncSession, letter_id: UUID) -> UUID | None:
    """The last run a letter was printed in."""
    printed = select(PrintedLetter.run_id).where(
        PrintedLetter.letter_id == letter_id, PrintedLetter.pages > 0
    )
    found: UUID | None = await session.scalar(
        printed.order_by(PrintedLetter.run_id.desc()).limit(1)
    )
    return found


async def pieces(db: Database, run_id: UUID) -> AsyncIterator[bytes]:
    """The file, piece by piece, each read when the reader has taken the one before."""
    number = 0
    while True:
        number += 1
        async with db.read() as session:
            piece = await session.get(PrintPiece, (run_id, number))
        if piece is None:
            return
        yield piece.content


def _in_run(run_id: UUID) -> Any:
    printed = (PrintedLetter.number, PrintedLetter.pages, PrintedLetter.trouble)
    return (
        select(*printed, *LISTED)
        .join(Letter, Letter.id == PrintedLetter.letter_id)
        .where(PrintedLetter.run_id == run_id)
    )
