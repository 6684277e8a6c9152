"""What the office and the public fill in about occasions, and the commands' words for it."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, Field, StringConstraints

from services.meetings.desk import Ordered
from services.meetings.domain.occasions import NoPlaces, Occasion, Plan, Wish
from services.meetings.occasion_words import NO_PLACES, PLAN_BROKEN
from shared.clock import BERLIN
from shared.days import at_local, end_of_day, local_day
from shared.events.meetings import OccasionKind
from shared.web.complaints import Complaint
from shared.web.fields import Day, Line, Text, TimeOfDay, email, one_line, phone
from shared.web.formats import number
from shared.web.forms import Form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of

MOST_PLACES: Final = 5_000
MOST_PEOPLE: Final = 10
MOST_VISITORS: Final = 100_000
SHORT_TEXT: Final = 500

Turn = Literal["check", "change", "save"]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT)]
Places = Annotated[int, Field(ge=1, le=MOST_PLACES)]
People = Annotated[int, Field(ge=1, le=MOST_PEOPLE)]

NEITHER: Final = lazy("Schreiben Sie eine E-Mail-Adresse oder eine Telefonnummer.")
NO_LINK: Final = lazy("Schreiben Sie eine Adresse, die mit https:// beginnt.")


def _reachable(value: str) -> str:
    try:
        return email(value) if "@" in value else phone(value)
    except ValueError as error:
        raise Complaint(NEITHER) from error


def _link(value: str) -> str:
    if not value.startswith("https://") or any(mark.isspace() for mark in value):
        raise Complaint(NO_LINK)
    return value


ContactLine = Annotated[
    str, StringConstraints(max_length=254), AfterValidator(one_line), AfterValidator(_reachable)
]
"""An e-mail address or a telephone number."""

LinkLine = Annotated[Line, AfterValidator(_link)]


class OccasionForm(Ordered):
    """Everything about an occasion, as read on a wall clock in the neighbourhood."""

    kind: OccasionKind
    title: Line
    text: Text
    place: Line
    day: Day
    starts: TimeOfDay
    last_day: Day | None = None
    ends: TimeOfDay | None = None
    registration: bool = False
    places: Places | None = None
    reserved: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    reserved_for: ShortText | None = None
    register_until: Day | None = None
    waiting_list: bool = False
    reminders: bool = False
    photos: bool = False
    door_note: ShortText | None = None
    turn: Turn = "check"

    def plan(self) -> Plan:
        """As instants; raises `NoSuchTime` in the hour that spring skips."""
        starts_at = at_local(self.day, self.starts)
        return Plan(
            kind=self.kind,
            title=self.title,
            text=self.text,
            place=self.place,
            starts_at=starts_at,
            ends_at=self._ends_at(),
            registration=self.registration,
            places=self.places if self.registration else None,
            reserved=self.reserved if self.registration else 0,
            reserved_for=(self.reserved_for or "") if self.registration else "",
            register_until=self._until(starts_at) if self.registration else None,
            waiting_list=self.waiting_list and self.registration,
            reminders=self.reminders and self.registration,
            photos=self.photos,
            door_note=self.door_note or "",
        )

    def _ends_at(self) -> datetime | None:
        if self.ends is not None:
            return at_local(self.last_day or self.day, self.ends)
        return end_of_day(self.last_day) if self.last_day else None

    def _until(self, starts_at: datetime) -> datetime | None:
        """The end of that day; on the day itself until it begins."""
        if self.register_until is None:
            return None
        until = end_of_day(self.register_until)
        return starts_at if self.register_until == local_day(starts_at) else until


def known_values(occasion: Occasion) -> dict[str, Any]:
    """The occasion as the form shows it."""
    starts, ends = occasion.starts_at.astimezone(BERLIN), occasion.ends_at
    last_day = local_day(ends) if ends else None
    values = {name: getattr(occasion, name) for name in COPIED}
    return values | {
        "kind": occasion.kind.value,
        "day": starts.date(),
        "starts": f"{starts:%H:%M}",
        "last_day": last_day if last_day and last_day != starts.date() else "",
        "ends": f"{ends.astimezone(BERLIN):%H:%M}" if ends else "",
        "places": occasion.places or "",
        "register_until": local_day(occasion.register_until) if occasion.register_until else "",
    }


COPIED: Final = (
    "title", "text", "place", "registration", "reserved", "reserved_for", "waiting_list",
    "reminders", "photos", "door_note", "version",
)  # fmt: skip


class WishForm(Ordered):
    """Who wants to come: a name, one way to reach them, and how many they are."""

    name: Line
    contact: ContactLine
    people: People
    needs: ShortText | None = None

    def wish(self, language: str) -> Wish:
        """What the command works with."""
        by_mail = "@" in self.contact
        return Wish(
            name=self.name,
            email=self.contact if by_mail else None,
            phone=None if by_mail else self.contact,
            people=self.people,
            needs=self.needs or "",
            language=language,
        )


class PeopleForm(Ordered):
    people: People


class ReasonForm(Ordered):
    reason: Text
    turn: Turn = "check"


class ReportForm(Ordered):
    report: Text
    visitors: Annotated[int, Field(ge=0, le=MOST_VISITORS)] | None = None
    report_link: LinkLine | None = None


class ArrivalsForm(Ordered):
    here: list[UUID] = Field(default_factory=list, max_length=MOST_PLACES)


def said(request: Request, text: Any) -> str:
    """A `lazy` sentence in the reader's language."""
    return gettext_of(request)(str(text))


def refuse_plan(request: Request, form: Form[Any], error: Exception) -> None:
    """Say a broken rule of a plan next to its field."""
    name, sentence = said_of(request, error)
    form.refuse(name, sentence)


def said_of(request: Request, error: Exception) -> tuple[str, str]:
    """The field of a broken rule, and its sentence."""
    name, sentence = PLAN_BROKEN[type(error)]
    text, taken = said(request, sentence), getattr(error, "taken", None)
    return name, text if taken is None else text % {"taken": number(taken, language_of(request))}


def no_places(request: Request, error: NoPlaces, sentence: Any = NO_PLACES) -> str:
    """How many places are left, as a sentence."""
    facts = {"free": number(error.free, language_of(request))}
    return said(request, sentence) % facts
