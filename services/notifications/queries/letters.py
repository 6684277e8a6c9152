"""The office's view of letters: what needs a person first, then everything, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.addressbook import Case
from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import (
    IS_TO_PRINT,
    Attempt,
    Letter,
    LetterFile,
    Reason,
    State,
)

PAGE: Final = 50

OPEN: Final = Letter.handled_at.is_(None)
VIEWS: Final[dict[str, ColumnElement[bool]]] = {
    "unklar": and_(Letter.state == State.UNKNOWN, OPEN),
    "gescheitert": and_(Letter.state == State.FAILED, OPEN),
    "drucken": IS_TO_PRINT,
    "wartet": Letter.state.in_((State.QUEUED, State.CLAIMED, State.SENDING, State.DEFERRED)),
    "gesendet": Letter.state == State.SENT,
    "nicht-gesendet": or_(
        Letter.state.in_((State.EXPIRED, State.OVERTAKEN)),
        and_(
            Letter.state == State.SUPPRESSED,
            or_(Letter.reason != Reason.PAPER, Letter.handled_at.is_not(None)),
        ),
        and_(Letter.state.in_((State.UNKNOWN, State.FAILED)), Letter.handled_at.is_not(None)),
    ),
}
"""The lists of the page in their order; each letter is in exactly one."""

LISTED: Final = (
    Letter.id,
    Letter.kind,
    Letter.state,
    Letter.name,
    Letter.address,
    Letter.subject,
    Letter.queued_at,
    Letter.due_at,
    Letter.sent_at,
    Letter.reason,
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which letters of one list: of a kind, and with words found in them; "" is any.

    `search` is part of a name, an address or a subject, or the number of a case; `address_hash` is
    that of a whole address, so that it is found however it was typed.
    """

    view: str
    kind: str = ""
    search: str = ""
    address_hash: str = ""

    @property
    def condition(self) -> ColumnElement[bool]:
        chosen = [VIEWS[self.view]]
        if self.kind:
            chosen.append(Letter.kind == self.kind)
        if self.search:
            chosen.append(self._found())
        return and_(*chosen)

    def _found(self) -> ColumnElement[bool]:
        columns = (Letter.name, Letter.address, Letter.subject)
        cases = select(Case.application_id).where(Case.number == self.search)
        hits = [contains(column, self.search) for column in columns]
        hits.append(Letter.application_id.in_(cases))
        if self.address_hash:
            hits.append(Letter.address_hash == self.address_hash)
        return or_(*hits)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of a list; `more` is where the next one begins."""

    letters: Sequence[Any]
    """Rows of the columns in LISTED."""
    more: UUID | None


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many letters each list holds."""
    each = [func.count().filter(view) for view in VIEWS.values()]
    row = (await session.execute(select(*each).select_from(Letter))).one()
    return dict(zip(VIEWS, row, strict=True))


async def letters(session: AsyncSession, wanted: Wanted, *, before: UUID | None = None) -> Found:
    """Newest first, from below `before` on."""
    chosen = select(*LISTED).where(wanted.condition)
    if before is not None:
        chosen = chosen.where(Letter.id < before)
    found = (await session.execute(chosen.order_by(Letter.id.desc()).limit(PAGE + 1))).all()
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return Found(letters=found[:PAGE], more=more)


async def attempts(session: AsyncSession, letter_id: UUID) -> Sequence[Attempt]:
    """Every conversation about the letter, oldest first."""
    log = select(Attempt).where(Attempt.letter_id == letter_id).order_by(Attempt.id)
    return (await session.scalars(log)).all()


async def bounces(session: AsyncSession, letter_id: UUID) -> Sequence[Bounce]:
    """What came back about it after it was sent, oldest first."""
    reports = select(Bounce).where(Bounce.about == letter_id, Bounce.number == 0)
    return (await session.scalars(reports.order_by(Bounce.at, Bounce.id))).all()


async def files(session: AsyncSession, letter_id: UUID) -> Sequence[Any]:
    """What is enclosed: ids, names and sizes, without the content."""
    enclosed = select(
        LetterFile.id, LetterFile.name, func.length(LetterFile.content).label("size")
    ).where(LetterFile.letter_id == letter_id)
    return (await session.execute(enclosed.order_by(LetterFile.id))).all()


async def file(session: AsyncSession, letter_id: UUID, file_id: UUID) -> LetterFile | None:
    """One enclosed file with its bytes; None if it belongs to another letter."""
    chosen = select(LetterFile).where(LetterFile.id == file_id, LetterFile.letter_id == letter_id)
    found: LetterFile | None = await session.scalar(chosen)
    return found


def contains(column: Any, search: str) -> ColumnElement[bool]:
    """Whether it holds these words, in capitals or not; signs of patterns are only signs."""
    literal = "".join(f"\\{c}" if c in "\\%_" else c for c in search)
    found: ColumnElement[bool] = column.ilike(f"%{literal}%", escape="\\")
    return found
