"""The fund's rules: dated rows of the database, asked everywhere and known nowhere."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    RootModel,
    field_validator,
    model_validator,
)
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base
from shared.days import LANDS, days_after, local_day
from shared.events.applications import Tier
from shared.web.fields import MOST_CENTS, Line, has_control_characters, readable

NO_LEAP_YEAR: Final = 2001
LONGEST_WORDS: Final = 400
Sum = Annotated[int, Field(ge=0, le=MOST_CENTS)]


class Words(RootModel[dict[str, str]], frozen=True):
    """One text in several languages; German is always there and stands in for the others."""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        texts = [*self.root, *self.root.values()]
        if not self.root.get("de", "").strip():
            raise ValueError("German is missing")
        if any(len(text) > LONGEST_WORDS or has_control_characters(text) for text in texts):
            raise ValueError("too long, or not to be shown")
        return self

    def in_(self, language: str) -> str:
        return self.root.get(language) or self.root["de"]


class FieldOfAction(BaseModel, frozen=True):
    """One of the programme's fields of action; `code` is what events carry."""

    code: str = Field(pattern=r"^[a-z_]{2,40}$")
    name: Words


class NotPaid(BaseModel, frozen=True):
    """A kind of cost the fund does not pay; lines of a plan are marked by `code`."""

    code: str = Field(pattern=r"^[a-z0-9_]{2,40}$")
    name: Words


class Uploads(BaseModel, frozen=True):
    """What may be handed in as files: how many, and how many bytes each."""

    count: int = Field(default=10, ge=1, le=50)
    bytes_each: int = Field(default=10 * 1024 * 1024, ge=1, le=50 * 1024 * 1024)
    pixels_each: int = Field(default=64_000_000, ge=1, le=500_000_000)
    pages_each: int = Field(default=500, ge=1, le=2000)


class Begun(StrEnum):
    """What becomes of a project that begins before the decision."""

    INADMISSIBLE = "inadmissible"
    WITH_CONSENT = "with_consent"


class Rules(BaseModel, frozen=True):
    """Everything a fund decides for itself; sums in cents, spans in days."""

    name: Words
    board: Annotated[Line, BeforeValidator(readable)]
    land: Literal[LANDS] = "NI"  # type: ignore[valid-type]
    year_cents: Sum
    """The usual budget, offered when a new year is opened."""
    cap_cents: Sum | None = None
    """Most for one project; the office may admit more with a reason."""
    office_up_to_cents: Sum = 0
    """The office decides alone up to this sum; 0 leaves everything to the board."""
    city_above_cents: Sum | None = None
    """Above this sum the city has to agree as well."""
    low_cents: Sum = 0
    """Less than this left is little."""
    fields: list[FieldOfAction] = Field(min_length=1)
    who_may_apply: list[Words]
    not_paid: list[NotPaid]
    correction_days: int = Field(default=14, ge=1, le=365)
    statement_days: int = Field(default=14, ge=1, le=365)
    acceptance_days: int = Field(default=28, ge=1, le=365)
    remind_days: int = Field(default=7, ge=0, le=90)
    """How long before a date runs out the one who has to act is reminded; 0 never."""
    lead_days: int = Field(default=0, ge=0, le=365)
    """At least this long between arrival and beginning."""
    begun: Begun = Begun.INADMISSIBLE
    ends_by: str | None = Field(default=None, pattern=r"^\d\d-\d\d$")
    """Month and day of the year after the decision by which a project has to be over."""
    quotes_from_cents: Sum | None = None
    """A line of the plan from this sum on needs quotes."""
    quotes_needed: int = Field(default=3, ge=1, le=10)
    own_share_percent: int = Field(default=0, ge=0, le=100)
    own_share_may_be_work: bool = True
    rejected_may_return: bool = True
    one_per_sponsor: bool = False
    """One application of an institution a year for the same purpose."""
    undo_minutes: int = Field(default=10, ge=0, le=1440)
    """How long the office can take a result back before anybody is told; 0 tells at once."""
    draft_days: int = Field(ge=1, le=365)
    minutes_needed: int = Field(ge=1, le=600)
    uploads: Uploads = Uploads()

    @field_validator("not_paid", mode="before")
    @classmethod
    def _coded(cls, kinds: Any) -> Any:
        """Rules written before kinds of cost had codes are still read."""
        return [
            kind
            if not isinstance(kind, dict) or "name" in kind
            else {"code": f"kind_{n}", "name": kind}
            for n, kind in enumerate(kinds, 1)
        ]

    @field_validator("ends_by")
    @classmethod
    def _a_day_of_every_year(cls, day: str | None) -> str | None:
        """29 February would leave most years without a last day."""
        if day is not None:
            date(NO_LEAP_YEAR, int(day[:2]), int(day[3:]))
        return day

    def field(self, code: str) -> FieldOfAction | None:
        return next((field for field in self.fields if field.code == code), None)

    def kind_not_paid(self, code: str) -> NotPaid | None:
        return next((kind for kind in self.not_paid if kind.code == code), None)

    def decides(self, asked_cents: int) -> Tier:
        """Who decides about a sum of this size."""
        return Tier.OFFICE if asked_cents <= self.office_up_to_cents else Tier.BOARD

    def needs_city(self, amount_cents: int) -> bool:
        return self.city_above_cents is not None and amount_cents > self.city_above_cents

    def due(self, at: datetime, days: int) -> datetime:
        """The last second of the day so many days on, moved to the next working day."""
        return days_after(at, days, land=self.land)

    def last_day(self, decided: date) -> date | None:
        """The day by which a project decided about on that day has to be over."""
        if self.ends_by is None:
            return None
        month, day = map(int, self.ends_by.split("-"))
        return date(decided.year + 1, month, day)


class Fund(Base):
    """One fund's rules from one day on, until a later row takes over."""

    __tablename__ = "funds"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    holds_from: Mapped[date] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column("rules")

    @property
    def rules(self) -> Rules:
        return Rules.model_validate(self.content)


def year_of(at: datetime) -> int:
    """The budget year a decision is booked to: the office's calendar year."""
    return local_day(at).year
