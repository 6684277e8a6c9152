"""Reads about resolutions: the public register, and the whole chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.cases import Case
from services.meetings.domain.followed import Followed
from services.meetings.domain.resolutions import Resolution
from services.meetings.domain.votes import Answer, Vote
from shared.events.meetings import Motion, Verdict, Way

Fate = Literal[
    "none",
    "awaited",
    "not_covered",
    "no_money",
    "later",
    "promised",
    "effective",
    "accepted",
    "lapsed",
    "declined",
    "revoked",
    "withdrawn",
]
"""What became of a resolution, as a key of `followup_words.FATE`."""


@dataclass(frozen=True, kw_only=True)
class ResolutionLine:
    """One resolution with its vote and where the matter stands now."""

    resolution: Resolution
    vote: Vote
    application_number: str
    followed: Followed | None

    @property
    def fate(self) -> Fate:
        """What became of it so far."""
        made, answer = self.resolution, self.vote.answer
        if made.application_id is None:
            return "none"
        if made.motion is Motion.DEFER:
            return "later" if made.verdict is Verdict.ACCEPTED else "none"
        if made.verdict is not Verdict.ACCEPTED:
            return "no_money"
        if answer is Answer.AWAITED:
            return "awaited"
        if answer is Answer.NOT_COVERED:
            return "not_covered"
        return _stage(self.followed)


def _stage(followed: Followed | None) -> Fate:
    """How far the grant has come; before anything else is known it is promised."""
    known: dict[str, Fate] = {
        "effective": "effective",
        "accepted": "accepted",
        "lapsed": "lapsed",
        "declined": "declined",
        "revoked": "revoked",
        "withdrawn": "withdrawn",
    }
    return known.get(followed.stage.value, "promised") if followed else "promised"


async def resolutions(
    session: AsyncSession, *, year: int | None = None, way: Way | None = None
) -> list[ResolutionLine]:
    """Newest first, of a year and a way if these are named."""
    chosen = _lines().order_by(Resolution.position.desc())
    if year is not None:
        chosen = chosen.where(Resolution.year == year)
    if way is not None:
        chosen = chosen.where(Resolution.way == way)
    return [_line(*row) for row in await session.execute(chosen)]


async def resolution(session: AsyncSession, year: int, running: int) -> ResolutionLine | None:
    """The one people quote by this number."""
    chosen = _lines().where(Resolution.year == year, Resolution.running == running)
    row = (await session.execute(chosen)).first()
    return _line(*row) if row else None


async def resolution_years(session: AsyncSession) -> list[int]:
    """Years in which something was decided, newest first."""
    years = select(Resolution.year).distinct().order_by(Resolution.year.desc())
    return list(await session.scalars(years))


async def chain(session: AsyncSession) -> Sequence[Resolution]:
    """All resolutions from the first one on, each behind the one it names."""
    return (await session.scalars(select(Resolution).order_by(Resolution.position))).all()


def _lines() -> Select[Resolution, Vote, str, Followed]:
    return (
        select(Resolution, Vote, Case.number, Followed)
        .join(Vote, Vote.id == Resolution.vote_id)
        .outerjoin(Case, Case.application_id == Resolution.application_id)
        .outerjoin(Followed, Followed.application_id == Resolution.application_id)
    )


def _line(
    made: Resolution, vote: Vote, number: str | None, followed: Followed | None
) -> ResolutionLine:
    return ResolutionLine(
        resolution=made, vote=vote, application_number=number or "", followed=followed
    )
