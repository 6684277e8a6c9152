"""The numbers applications get: one row a year, so that none is skipped and none given twice."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base
from shared.clock import BERLIN
from shared.store import insert


class NumberSeries(Base):
    """The last number given in a year; its row stays locked until the one who counts commits."""

    __tablename__ = "number_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


async def next_number(session: AsyncSession, *, at: datetime) -> str:
    """`2026-021`: the year on the office's wall, then 1, 2, 3 … A rollback gives it back."""
    year = at.astimezone(BERLIN).year
    first = insert(session, NumberSeries).values(year=year, last=1)
    count = first.on_conflict_do_update(
        index_elements=[NumberSeries.year], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    return f"{year}-{(await session.execute(count)).scalar_one():03d}"
