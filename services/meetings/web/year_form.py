"""A year's pattern and its dates as forms, and what every date brings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from services.meetings.desk import Ordered
from services.meetings.domain.notice import LONGEST_NOTICE
from services.meetings.domain.session import Appointment, Session
from services.meetings.domain.year import (
    LAST,
    Clash,
    Conflict,
    DayTaken,
    DayTwice,
    Rhythm,
    every_weeks,
    in_months,
)
from services.meetings.words import BROKEN
from shared.days import LANDS, at_local
from shared.web.forms import Day, Form, Line, Text, TimeOfDay
from shared.web.i18n import lazy

Turn = Literal["propose", "pattern", "check", "change", "save"]

RHYTHM: Final[Mapping[Rhythm, Any]] = {
    Rhythm.MONTHS: lazy("In bestimmten Monaten, immer am gleichen Wochentag"),
    Rhythm.WEEKS: lazy("Alle paar Wochen"),
}

ORDINAL: Final[Mapping[int, Any]] = {
    1: lazy("am ersten"),
    2: lazy("am zweiten"),
    3: lazy("am dritten"),
    4: lazy("am vierten"),
    LAST: lazy("am letzten"),
}

LAND: Final[Mapping[str, Any]] = {
    "BB": lazy("Brandenburg"),
    "BE": lazy("Berlin"),
    "BW": lazy("Baden-Württemberg"),
    "BY": lazy("Bayern"),
    "HB": lazy("Bremen"),
    "HE": lazy("Hessen"),
    "HH": lazy("Hamburg"),
    "MV": lazy("Mecklenburg-Vorpommern"),
    "NI": lazy("Niedersachsen"),
    "NW": lazy("Nordrhein-Westfalen"),
    "RP": lazy("Rheinland-Pfalz"),
    "SH": lazy("Schleswig-Holstein"),
    "SL": lazy("Saarland"),
    "SN": lazy("Sachsen"),
    "ST": lazy("Sachsen-Anhalt"),
    "TH": lazy("Thüringen"),
}

LINE: Final[Mapping[str, Any]] = {
    "day": lazy("Datum"),
    "starts": lazy("Beginn"),
    "ends": lazy("Ende"),
}

CLASH: Final[Mapping[Clash, Any]] = {
    Clash.TAKEN: lazy("An diesem Tag ist schon eine Sitzung."),
    Clash.NEAR: lazy("Die Sitzung am %(day)s ist weniger als eine Woche entfernt."),
    Clash.HOLIDAY: lazy("Dieser Tag ist ein Feiertag: %(name)s."),
    Clash.WEEKEND: lazy("Dieser Tag liegt am Wochenende."),
}

WRONG_DATE: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    **BROKEN,
    DayTaken: ("day", lazy("An diesem Tag ist schon eine Sitzung.")),
    DayTwice: ("day", lazy("Dieser Tag steht schon in der Liste.")),
}
"""The field of its line that a broken rule belongs to, and what to say there."""

MISSING: Final = lazy("Bitte füllen Sie dieses Feld aus.")


class DateLine(BaseModel):
    """One date of the year, as read on a wall clock in the neighbourhood."""

    day: Day
    starts: TimeOfDay
    ends: TimeOfDay | None = None
    drop: bool = False

    def appointment(self, *, place: str, note: str | None) -> Appointment:
        """As instants; raises `NoSuchTime` in the hour that spring skips."""
        return Appointment(
            starts_at=at_local(self.day, self.starts),
            ends_at=at_local(self.day, self.ends) if self.ends else None,
            place=place,
            note=note,
        )


class YearForm(Ordered):
    """The pattern, and from the second page on the dates it led to."""

    rhythm: Rhythm
    ordinal: Annotated[int, Field(ge=1, le=LAST)] = 1
    weekday: Annotated[int, Field(ge=0, le=6)] = 0
    months: list[Annotated[int, Field(ge=1, le=12)]] = Field(default=[])
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    first: Day | None = None
    every: Annotated[int, Field(ge=1, le=52)] | None = None
    starts: TimeOfDay
    ends: TimeOfDay | None = None
    place: Line
    note: Text | None = None
    land: Literal[LANDS]  # type: ignore[valid-type]
    invitation_days: Annotated[int, Field(ge=0, le=LONGEST_NOTICE)]
    dates: list[DateLine] = Field(default=[])
    turn: Turn = "propose"

    def missing(self) -> list[str]:
        """Fields that the chosen rhythm needs and that were left empty."""
        needed = ("months", "year") if self.rhythm is Rhythm.MONTHS else ("first", "every")
        return [name for name in needed if not getattr(self, name)]

    def days(self) -> list[date]:
        """The days the pattern names, earliest first; past ones too."""
        if self.rhythm is Rhythm.MONTHS:
            assert self.year is not None
            return in_months(self.year, self.months, weekday=self.weekday, ordinal=self.ordinal)
        assert self.first is not None
        assert self.every is not None
        return every_weeks(self.first, self.every)

    def kept(self) -> dict[int, DateLine]:
        """The dates that were not dropped, by the position of their line."""
        return {place: line for place, line in enumerate(self.dates) if not line.drop}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the page can say about one line; nothing about one that cannot be read."""

    day: date | None = None
    meeting: Session | None = None
    conflicts: Sequence[Conflict] = ()
    dropped: bool = False


def lines_for(sent: YearForm, days: Sequence[date], taken: Collection[date]) -> list[DateLine]:
    """A line for every day; where the board meets already the date is left out beforehand."""
    return [
        DateLine(day=day, starts=sent.starts, ends=sent.ends, drop=day in taken) for day in days
    ]


def put_lines(form: Form[YearForm], lines: Sequence[DateLine]) -> None:
    """Let the form show these lines as if they had been typed."""
    form.values["dates"] = [
        {
            "day": line.day.isoformat(),
            "starts": _typed(line.starts),
            "ends": _typed(line.ends),
            "drop": "true" if line.drop else "",
        }
        for line in lines
    ]
    for place, line in enumerate(form.values["dates"]):
        form.values |= {f"dates-{place}-{name}": value for name, value in line.items()}


def readable(form: Form[YearForm]) -> list[DateLine | None]:
    """Every line as typed; None for one that cannot be read."""
    return [_read(line) for line in form.values.get("dates", [])]


def _read(typed: Mapping[str, str]) -> DateLine | None:
    try:
        return DateLine.model_validate({name: value for name, value in typed.items() if value})
    except ValidationError:
        return None


def _typed(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock else ""
