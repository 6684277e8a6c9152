"""Making the file of a print run: a few letters at a time, so that neither memory nor patience runs out."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import typst
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.commands.printing import FILE_OVER, WITHOUT_SYNC
from services.notifications.domain.letter import Letter, LetterFile
from services.notifications.domain.print_run import (
    KEPT,
    Making,
    PrintedLetter,
    PrintPiece,
    PrintRun,
    Trouble,
)
from services.notifications.letters.queue import brand_of
from services.notifications.printing.on_paper import can_be_posted, on_paper
from services.notifications.queries.printing import ON_PAPER
from services.notifications.store import Timer
from shared.days import local_day
from shared.loops import rest
from shared.outages import place
from shared.print import Unbindable, bindable, pile, post_letter
from shared.service import Service
from shared.timers import set_timer

BATCH: Final = 10
LEASE: Final = timedelta(minutes=2)
"""How long a batch may take before somebody else begins anew."""
POLL_SECONDS: Final = 5.0
UNPRINTABLE: Final = (typst.TypstError, Unbindable, ValueError, KeyError, IndexError, TypeError)
"""What reading one letter can end with; the others are printed all the same."""

log = logging.getLogger(__name__)


class TakenAway(Exception):
    """The run is somebody else's by now, or has to be begun anew."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What became of one letter."""

    number: int
    pages: int
    trouble: Trouble | None


async def run_printing(service: Service) -> None:
    """For the worker: make what was asked for, then wait for the next."""
    bell = service.db.bell
    rung = bell.listen()
    try:
        while True:
            rung.clear()
            while await make_next(service):
                pass
            await rest(POLL_SECONDS, rung)
    finally:
        bell.leave(rung)


async def make_next(service: Service) -> bool:
    """Make the oldest file nobody is making; False if there is none."""
    async with service.db.begin() as session:
        run = await _claimed(session, service.clock.now())
    if run is None:
        return False
    try:
        await Maker(service, run).make()
    except TakenAway:
        log.info("print run %s was taken away while it was made", run.id)
    return True


async def _claimed(session: AsyncSession, at: datetime) -> PrintRun | None:
    """Ours until the lease ends; what somebody before us began is thrown away."""
    free = or_(PrintRun.lease_until.is_(None), PrintRun.lease_until <= at)
    oldest = select(PrintRun).where(PrintRun.making == Making.WAITS, free).order_by(PrintRun.id)
    run: PrintRun | None = await session.scalar(oldest.limit(1).with_for_update(skip_locked=True))
    if run is not None:
        run.lease_until, run.done, run.pages, run.size = at + LEASE, 0, 0, 0
        await session.execute(delete(PrintPiece).where(PrintPiece.run_id == run.id))
        theirs = update(PrintedLetter).where(PrintedLetter.run_id == run.id)
        await session.execute(theirs.values(pages=0, trouble=None))
    return run


class Maker:
    """One run on its way to paper; after each batch the database knows how far it is."""

    def __init__(self, service: Service, run: PrintRun) -> None:
        self.service, self.run_id, self.lease = service, run.id, run.lease_until
        self.double_sided = run.double_sided
        self.brand = brand_of(service.settings.brand_file)
        self.pieces = 0
        self.binder = pile(dated=local_day(run.at))

    async def make(self) -> None:
        """Raises TakenAway if the run is not ours any more."""
        number = 0
        while numbers := await self._numbers(number):
            number = numbers[-1]
            letters, files = await self._read(numbers)
            bound = await asyncio.to_thread(self._bound, numbers, letters, files)
            await self._keep(bound, self.binder.take() if self.binder.pages else b"")
        rest = self.binder.close() if self.binder.pages else b""
        await self._keep([], rest, ready=True)

    async def _numbers(self, after: int) -> Sequence[int]:
        following = select(PrintedLetter.number).where(
            PrintedLetter.run_id == self.run_id, PrintedLetter.number > after
        )
        async with self.service.db.read() as session:
            chosen = following.order_by(PrintedLetter.number).limit(BATCH)
            return (await session.scalars(chosen)).all()

    async def _read(
        self, numbers: Sequence[int]
    ) -> tuple[Mapping[int, Letter], Mapping[UUID, list[LetterFile]]]:
        """The letters that are still true, by their number, and what is enclosed in each."""
        chosen = (
            select(PrintedLetter.number, Letter)
            .join(Letter, Letter.id == PrintedLetter.letter_id)
            .where(PrintedLetter.run_id == self.run_id, PrintedLetter.number.in_(numbers), ON_PAPER)
        )
        files: defaultdict[UUID, list[LetterFile]] = defaultdict(list)
        async with self.service.db.read() as session:
            rows = (await session.execute(chosen)).all()
            letters = {row.number: row.Letter for row in rows}
            enclosed = select(LetterFile).where(
                LetterFile.letter_id.in_([letter.id for letter in letters.values()])
            )
            for file in await session.scalars(enclosed.order_by(LetterFile.id)):
                files[file.letter_id].append(file)
        return letters, files

    def _bound(
        self,
        numbers: Sequence[int],
        letters: Mapping[int, Letter],
        files: Mapping[UUID, Sequence[LetterFile]],
    ) -> list[Bound]:
        """One after the other into the file; takes CPU, so it runs beside the loop."""
        bound = [
            self._letter(number, letters[number], files.get(letters[number].id, ()))
            for number in numbers
            if number in letters
        ]
        gone = [Bound(number=n, pages=0, trouble=None) for n in numbers if n not in letters]
        return bound + gone

    def _letter(self, number: int, letter: Letter, files: Sequence[LetterFile]) -> Bound:
        """The letter, then what is enclosed; one that cannot be read stops no other."""
        try:
            paper = on_paper(letter)
            pages = self._add(post_letter(paper, brand=self.brand))
        except UNPRINTABLE as error:
            said = place(error)
            log.error("letter %s cannot be printed: %s", letter.id, said)  # noqa: TRY400 - its words
            return Bound(number=number, pages=0, trouble=Trouble.UNREADABLE)
        trouble = None if can_be_posted(paper.envelope) else Trouble.ADDRESS
        for file in files:
            if bindable(file.content):
                pages += self._add(file.content)
            else:
                trouble = Trouble.FILE
        return Bound(number=number, pages=pages, trouble=trouble)

    def _add(self, pdf: bytes) -> int:
        return self.binder.add(pdf, own_sheet=self.double_sided)

    async def _keep(self, bound: Sequence[Bound], piece: bytes, *, ready: bool = False) -> None:
        """Commit what was made, if the run is still ours; it is nobody's once it is ready."""
        at = self.service.clock.now()
        said: dict[str, Any] = {"lease_until": None if ready else at + LEASE}
        said |= {"done": PrintRun.done + len(bound), "size": PrintRun.size + len(piece)}
        said |= {"pages": self.binder.pages}
        if ready:
            said |= {"making": Making.READY, "made_at": at}
        async with self.service.db.begin() as session:
            ours = update(PrintRun).where(
                PrintRun.id == self.run_id,
                PrintRun.making == Making.WAITS,
                PrintRun.lease_until == self.lease,
            )
            kept: Any = await session.execute(ours.values(**said), execution_options=WITHOUT_SYNC)
            if not kept.rowcount:
                raise TakenAway
            await self._write_down(session, bound, piece)
            if ready:
                subject, due_at = str(self.run_id), at + KEPT
                await set_timer(session, Timer, kind=FILE_OVER, subject=subject, due_at=due_at)
        self.lease = said["lease_until"]

    async def _write_down(
        self, session: AsyncSession, bound: Sequence[Bound], piece: bytes
    ) -> None:
        if piece:
            self.pieces += 1
            session.add(PrintPiece(run_id=self.run_id, number=self.pieces, content=piece))
        if bound:
            rows = [
                {"run_id": self.run_id, "number": one.number, "pages": one.pages}
                | {"trouble": one.trouble}
                for one in bound
            ]
            await session.execute(update(PrintedLetter), rows)
