"""When an issue goes out, as it is typed, and what to say when that cannot be."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from services.notifications.domain.issue import Issue
from services.notifications.domain.plan import ExpiresTooEarly, NoWindow, Plan, StartsInPast
from shared.clock import BERLIN
from shared.days import NoSuchTime, at_local, end_of_day, local_day
from shared.web.forms import Day, Form, TimeOfDay
from shared.web.i18n import lazy
from shared.web.pages import gettext_of

LIVES: Final = timedelta(days=7)
"""How long it may be on its way, unless somebody says otherwise."""

HOURS: Final = [(hour, f"{hour}:00") for hour in range(25)]


class DayMissing(Exception):
    """Later, but which day?"""


class TimeMissing(Exception):
    """Later, but at what time?"""


class PlanForm(BaseModel):
    """`turn` is the button: look at it, change it, do it."""

    when: Literal["now", "later"] = "now"
    day: Day | None = None
    clock: TimeOfDay | None = None
    window_from: int = Field(default=0, ge=0, le=23)
    window_to: int = Field(default=24, ge=1, le=24)
    until: Day
    version: int
    turn: Literal["check", "change", "save"] = "check"

    def plan(self, *, at: datetime) -> Plan:
        """Raises one of BROKEN."""
        plan = Plan(
            starts_at=self._starts_at() if self.when == "later" else None,
            expires_at=end_of_day(self.until),
            window_from=self.window_from,
            window_to=self.window_to,
        )
        plan.check(at=at)
        return plan

    def _starts_at(self) -> datetime:
        if self.day is None:
            raise DayMissing
        if self.clock is None:
            raise TimeMissing
        return at_local(self.day, self.clock)


BROKEN: Final[dict[type[Exception], tuple[str, Any]]] = {
    DayMissing: ("day", lazy("An welchem Tag soll es hinausgehen?")),
    TimeMissing: ("clock", lazy("Um wie viel Uhr soll es hinausgehen?")),
    NoSuchTime: ("clock", lazy("Diese Uhrzeit gibt es an dem Tag nicht: Die Uhr wird umgestellt.")),
    StartsInPast: ("day", lazy("Dieser Zeitpunkt ist schon vorbei.")),
    NoWindow: ("window_to", lazy("Das Ende muss nach dem Anfang liegen.")),
    ExpiresTooEarly: (
        "until",
        lazy("Bis dahin kann es niemand bekommen. Wählen Sie einen späteren Tag."),
    ),
}
"""Where each mistake stands, and what to do about it."""


def begin(issue: Issue, *, at: datetime) -> dict[str, Any]:
    """What the form shows first: the plan there was, else a week from now at any hour."""
    planned = issue.scheduled_at is not None and issue.scheduled_at > at
    there = issue.scheduled_at.astimezone(BERLIN) if issue.scheduled_at and planned else None
    expires_at = issue.expires_at if issue.expires_at and issue.expires_at > at else at + LIVES
    return {
        "when": "later" if planned else "now",
        "day": there.date().isoformat() if there else "",
        "clock": f"{there:%H:%M}" if there else "",
        "window_from": issue.window_from,
        "window_to": issue.window_to,
        "until": local_day(expires_at).isoformat(),
        "version": issue.version,
    }


def refuse(request: Request, form: Form[Any], error: Exception) -> None:
    """Say it next to its field."""
    name, sentence = BROKEN[type(error)]
    form.refuse(name, gettext_of(request)(str(sentence)))
