"""Print runs: which letters are in one, and what became of the pile of paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.domain.addressbook import Person
from services.notifications.domain.letter import IS_TO_PRINT, Letter
from services.notifications.domain.print_run import (
    Making,
    Order,
    PrintedLetter,
    PrintPiece,
    PrintRun,
)
from services.notifications.queries.printing import ON_PAPER, to_print
from services.notifications.store import Audit
from shared.store import RINGS

FILE_OVER: Final = "print_run_over"
"""The timer after which the file is not kept any longer."""

WITHOUT_SYNC: Final = {"synchronize_session": False}


class NothingToPrint(Exception):
    """None of these letters waits any more."""


class NotNow(Exception):
    """The run is not made yet, or in the post already."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the office asks for: "" is every kind, `fresh` only what no run has printed."""

    kind: str
    fresh: bool
    order: Order
    double_sided: bool


async def create(session: AsyncSession, wanted: Wanted, *, by: str, at: datetime) -> UUID:
    """Take what waits at this moment, in its order; what comes later is in another run."""
    run_id = uuid7()
    run = PrintRun(
        id=run_id,
        at=at,
        by=by,
        kind=wanted.kind,
        order=wanted.order,
        double_sided=wanted.double_sided,
        making=Making.WAITS,
        letters=0,
        done=0,
        pages=0,
        size=0,
    )
    session.add(run)
    await session.flush()
    taken: Any = await session.execute(_gathered(run_id, wanted, at))
    if not taken.rowcount:
        raise NothingToPrint
    run.letters = taken.rowcount
    _audit(session, "print_run.created", run, by=by, at=at)
    session.info[RINGS] = True
    return run_id


def _gathered(run_id: UUID, wanted: Wanted, at: datetime) -> Any:
    """One statement for all of them, numbered as they are to lie in the pile."""
    by_name = (Letter.name, Letter.id)
    town = func.coalesce(func.nullif(Person.postcode, ""), "~")
    order = (town, *by_name) if wanted.order is Order.POSTCODE else by_name
    chosen = (
        select(
            literal(run_id, PrintedLetter.run_id.type),
            func.row_number().over(order_by=order),
            Letter.id,
            literal(0),
        )
        .select_from(Letter)
        .join(Person, Person.id == Letter.person_id, isouter=True)
        .where(to_print(at, kind=wanted.kind, fresh=wanted.fresh))
    )
    return insert(PrintedLetter).from_select(["run_id", "number", "letter_id", "pages"], chosen)


async def put_in_the_post(session: AsyncSession, run_id: UUID, *, by: str, at: datetime) -> int:
    """Tick off what is in this pile and still to be sent; how many. Letters written since then wait on.

    Raises NotNow unless the run is made and its pile on the table.
    """
    run = await _run(session, run_id)
    if run.made_at is None or run.posted_at is not None:
        raise NotNow
    run.posted_at = at
    ticked = update(Letter).where(Letter.id.in_(_printed(run_id)), IS_TO_PRINT)
    done: Any = await session.execute(ticked.values(handled_at=at), execution_options=WITHOUT_SYNC)
    _audit(session, "print_run.posted", run, by=by, at=at, letters=done.rowcount)
    return int(done.rowcount)


async def take_back(session: AsyncSession, run_id: UUID, *, by: str, at: datetime) -> int:
    """The pile is still here: what it ticked off waits again. Raises NotNow."""
    run = await _run(session, run_id)
    if run.posted_at is None:
        raise NotNow
    ticked = update(Letter).where(
        Letter.id.in_(_printed(run_id)), ON_PAPER, Letter.handled_at == run.posted_at
    )
    done: Any = await session.execute(
        ticked.values(handled_at=None), execution_options=WITHOUT_SYNC
    )
    run.posted_at = None
    _audit(session, "print_run.taken_back", run, by=by, at=at, letters=done.rowcount)
    return int(done.rowcount)


async def make_again(session: AsyncSession, run_id: UUID, *, by: str, at: datetime) -> None:
    """The file is gone and wanted once more; raises NotNow while there is one."""
    run = await _run(session, run_id)
    if run.making != Making.GONE:
        raise NotNow
    run.making, run.done, run.lease_until = Making.WAITS, 0, None
    _audit(session, "print_run.made_again", run, by=by, at=at)
    session.info[RINGS] = True


async def drop_file(session: AsyncSession, run_id: UUID) -> None:
    """The file is not kept any longer; which letters were in it is."""
    await _drop(session, [run_id])


async def forget(session: AsyncSession, person_ids: Sequence[UUID]) -> None:
    """No file with a letter to these people stays, and one that is being made is begun anew."""
    theirs = (
        select(PrintedLetter.run_id)
        .join(Letter, Letter.id == PrintedLetter.letter_id)
        .where(Letter.person_id.in_(person_ids))
        .distinct()
    )
    await _drop(session, (await session.scalars(theirs)).all())


async def _drop(session: AsyncSession, run_ids: Sequence[UUID]) -> None:
    runs = update(PrintRun).where(PrintRun.id.in_(run_ids))
    made = runs.where(PrintRun.making == Making.READY)
    await session.execute(made.values(making=Making.GONE, size=0), execution_options=WITHOUT_SYNC)
    begun = runs.where(PrintRun.making == Making.WAITS)
    await session.execute(begun.values(lease_until=None), execution_options=WITHOUT_SYNC)
    await session.execute(delete(PrintPiece).where(PrintPiece.run_id.in_(run_ids)))


def _printed(run_id: UUID) -> Any:
    return select(PrintedLetter.letter_id).where(
        PrintedLetter.run_id == run_id, PrintedLetter.pages > 0
    )


async def _run(session: AsyncSession, run_id: UUID) -> PrintRun:
    return await session.get_one(PrintRun, run_id, with_for_update=True)


def _audit(
    session: AsyncSession, action: str, run: PrintRun, *, by: str, at: datetime, **details: Any
) -> None:
    details = {"kind": run.kind, "letters": run.letters} | details
    session.add(Audit(at=at, actor=by, action=action, subject=str(run.id), details=details))
