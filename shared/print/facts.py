"""What each document is made from: plain facts, sums in cents, people's words as they typed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom a document is for; without street and town it is handed over or mailed as a file."""

    name: str
    street: str | None = None
    postcode: str | None = None
    city: str | None = None


Way = Literal["meeting", "circular", "urgent"]
"""Where the board decided: in a session, in writing between two, or in a hurry."""


@dataclass(frozen=True, kw_only=True)
class DecisionLetter:
    """What was decided about an application; `because` is a code of the event that told it."""

    kind: Literal["granted", "rejected", "deferred"]
    number: str
    public_title: str
    title: str | None = None
    """The applicant's own; never for anybody else's eyes."""
    addressee: Addressee
    dated_on: date
    asked_cents: int
    amount_cents: int | None = None
    partial: bool = False
    conditions: Sequence[tuple[str, date]] = ()
    """What has to be done, until when."""
    waits_for: Sequence[str] = ()
    """`release` or `city`: what the grant still needs."""
    accept_by: datetime | None = None
    session_on: date | None = None
    """The day of the session, or on which a vote outside of one ended."""
    way: Way = "meeting"
    counts: tuple[int, int, int] | None = None
    """Yes, no, abstain."""
    because: str | None = None
    next_session_on: date | None = None
    explanation: str | None = None
    """The office's free words."""
    case_url: str


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What both sides sign; `costs` are (what, cents, not paid by the fund)."""

    number: str
    title: str
    addressee: Addressee
    dated_on: date
    amount_cents: int
    eligible_cents: int
    asked_cents: int
    costs: Sequence[tuple[str, int, bool]]
    funding: Sequence[tuple[str, int]]
    starts_on: date
    ends_on: date
    conditions: Sequence[tuple[str, date]] = ()
    rules: Sequence[str] = ()
    """The fund's, in the reader's language."""
    rules_in_german: Sequence[str] = ()
    """The same for the binding text, where the reader's language is another."""
    signed: tuple[Literal["online", "paper"], date] | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """Everything known about a case; labels and headings come in the reader's language already."""

    number: str
    title: str
    public_title: str
    applicant: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[tuple[str, str | Sequence[str]]]]] = ()
    money: Sequence[tuple[str, int]] = ()
    checklist: Sequence[tuple[str, str, str]] = ()
    """What is checked, the verdict in words, a note."""
    trail: Sequence[tuple[datetime, str, str, int | None]] = ()
    """When, who, what, and the cents it was about."""
    files: Sequence[tuple[str, int]] = ()
    """Names and sizes in bytes."""
    as_of: datetime | None = None
    """When it was put together; else the last entry of the trail dates it."""
