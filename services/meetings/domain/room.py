"""What the room adds to a session: guests, the count at the opening, and the hours of the items."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.ballots import Opening
from services.meetings.store import Base


class NotOpen(Exception):
    """The session is not open: nothing happens in a room that is closed."""


class PollIsOpen(Exception):
    """The board is voting: first that vote is counted or called off."""


class NotThere(Exception):
    """This member was never in the room of this session."""


class ImpossibleTime(Exception):
    """Nobody comes later than now, long before the opening, or goes before they came."""


class NotOnThisAgenda(Exception):
    """The item is not on the agenda of this session, or was taken off."""


class WrongCode(Exception):
    """The code on the wall or the member's own one is another."""


class AlreadyFinished(Exception):
    """Somebody closed this item in another way."""


class Room(Base):
    """One session's room since it was opened; its row is what the counts of the opening live in."""

    __tablename__ = "rooms"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    members: Mapped[int]
    """Votes on the board when the session was opened."""
    present: Mapped[int]
    """Votes that were there then."""
    guests: Mapped[int]
    """People without a vote whom nobody knows by name."""

    @property
    def opening(self) -> Opening:
        """What a quorum is measured by where it is counted once."""
        return Opening(members=self.members, present=self.present)


class ItemHours(Base):
    """When the board began and ended an item."""

    __tablename__ = "item_hours"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_items.id"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    called_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
