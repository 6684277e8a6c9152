"""The office's view of letters: what needs a person first, then everything, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

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


async def letters(
    session: AsyncSession,
    view: str,
    *,
    kind: str = "",
    search: str = "",
    before: UUID | None = None,
) -> Found:
    """Newest first, from below `before` on; `search` is part of a name, an address or a subject."""
    chosen = select(*LISTED).where(VIEWS[view])
    if kind:
        chosen = chosen.where(Letter.kind == kind)
    if search:
        like = f"%{_literal(search)}%"
        columns = (Letter.name, Letter.address, Letter.subject)
        chosen = chosen.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
    if before is not None:
        chosen = chosen.where(Letter.id < before)
    found = (await session.execute(chosen.order_by(Letter.id.desc()).limit(PAGE + 1))).all()
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return Found(letters=found[:PAGE], more=more)


async def attempts(session: AsyncSession, letter_id: UUID) -> Sequence[Attempt]:
    """Every conversation about the letter, oldest first."""
    log = select(Attempt).where(Attempt.letter_id == letter_id).order_by(Attempt.id)
    return (await session.scalars(log)).all()


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


def _literal(search: str) -> str:
    return "".join(f"\\{c}" if c in "\\%_" else c for c in search)
