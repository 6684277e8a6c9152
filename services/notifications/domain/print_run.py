"""A print run: letters that came out of the printer together, so that they can be ticked off together."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base

KEPT: Final = timedelta(days=14)
"""How long the file is kept; the letters stay, and it can be made again."""


class Order(StrEnum):
    """How the letters follow one another."""

    POSTCODE = "postcode"
    NAME = "name"


class Trouble(StrEnum):
    """What the office has to look at before the letter goes into an envelope."""

    ADDRESS = "address"
    """There is no whole address for the window."""
    FILE = "file"
    """A file that belongs to it could not be bound in: it is printed from the letter's page."""
    UNREADABLE = "unreadable"
    """No page could be made of it: it is not in the file."""


class Making(StrEnum):
    """How far the file is."""

    WAITS = "waits"
    READY = "ready"
    GONE = "gone"
    """Not kept any longer, or somebody in it was erased."""


class PrintRun(Base):
    """Which letters, in which order, and how far the file is; `done` of `letters` are in it."""

    __tablename__ = "print_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]
    """Of all its letters; "" for every kind."""
    order: Mapped[Order]
    double_sided: Mapped[bool]
    making: Mapped[Making]
    letters: Mapped[int]
    done: Mapped[int]
    pages: Mapped[int]
    size: Mapped[int]
    """The file's bytes."""
    made_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    """Until then somebody is making it."""


class PrintedLetter(Base):
    """One letter of a run, in its place."""

    __tablename__ = "print_run_letters"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("print_runs.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letter_id: Mapped[UUID] = mapped_column(
        ForeignKey("letters.id", ondelete="CASCADE"), index=True
    )
    pages: Mapped[int]
    """With everything enclosed; 0 as long as it is not in the file."""
    trouble: Mapped[Trouble | None]


class PrintPiece(Base):
    """A piece of the file: nobody ever holds the whole of it."""

    __tablename__ = "print_pieces"

    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("print_runs.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]
