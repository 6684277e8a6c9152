"""The board's dates as meetings told them, and which of them an application is in time for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.domain.application import Place
from services.applications.store import Base

ONE_SECOND = timedelta(seconds=1)


class SessionDate(Base):
    """A session as last told; `told_version` keeps an older word from overwriting a newer one."""

    __tablename__ = "session_dates"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(300))
    submission_deadline: Mapped[datetime]
    cancelled: Mapped[bool]
    told_version: Mapped[int]

    def reached_by(self, arrival: datetime) -> bool:
        """The deadline is the last second that counts: all of that second is in time."""
        return arrival < self.submission_deadline + ONE_SECOND


def place_for(dates: Iterable[SessionDate], *, arrival: datetime) -> Place:
    """The first session still reached; late if an earlier one yet to come was missed."""
    missed = False
    for session in sorted(dates, key=lambda session: (session.starts_at, session.session_id)):
        if session.cancelled or session.starts_at <= arrival:
            continue
        if session.reached_by(arrival):
            return Place(
                session_id=session.session_id,
                session_at=session.starts_at,
                submission_deadline=session.submission_deadline,
                late=missed,
            )
        missed = True
    return Place(late=missed)
