"""The dates everybody may know: the next ones, the months ahead, and a calendar to subscribe to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, Literal

import icalendar
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.journal import KnownSession
from services.notifications.known_occasions import KnownOccasion
from shared.clock import BERLIN

USUAL_LENGTH: Final = timedelta(hours=2)
"""How long a session without an end is shown as still going on."""

REFRESHED: Final = timedelta(hours=6)
KEPT_IN_CALENDARS: Final = timedelta(days=365)
SHORTEST_LIST: Final = 3

BERLIN_TIMES: Final = b"""BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""
"""The rule in words: icalendar's own list ends in 2038 and starts each summer an hour late."""


@dataclass(frozen=True)
class Date:
    """One line of a list of dates: a session, the end of handing in for one, or an occasion."""

    kind: Literal["deadline", "session", "occasion"]
    at: datetime
    about: KnownSession | KnownOccasion

    @property
    def session(self) -> KnownSession:
        """The board's session; only for its own dates."""
        assert isinstance(self.about, KnownSession)
        return self.about

    @property
    def local(self) -> datetime:
        """The moment in the district's own time."""
        return self.at.astimezone(BERLIN)


async def dates_ahead(session: AsyncSession, now: datetime) -> list[Date]:
    """Every date that is not over yet, cancelled sessions too, earliest first."""
    sessions = select(KnownSession).where(
        or_(
            KnownSession.starts_at >= now - timedelta(days=1),
            KnownSession.submission_deadline >= now,
        )
    )
    occasions = select(KnownOccasion).where(
        or_(KnownOccasion.starts_at >= now - timedelta(days=1), KnownOccasion.ends_at >= now)
    )
    found = [date for known in await session.scalars(sessions) for date in _dates(known)]
    found += [Date("occasion", one.starts_at, one) for one in await session.scalars(occasions)]
    ahead = [date for date in found if _over(date) >= now]
    return sorted(ahead, key=lambda date: (date.at, date.kind, date.about.id))


def _dates(known: KnownSession) -> list[Date]:
    dates = [Date("session", known.starts_at, known)]
    if known.submission_deadline is not None and not known.cancelled:
        dates.append(Date("deadline", known.submission_deadline, known))
    return dates


def _over(date: Date) -> datetime:
    if date.kind == "deadline":
        return date.at
    return date.about.ends_at or date.at + USUAL_LENGTH


def next_deadline(dates: Sequence[Date]) -> Date | None:
    """The date somebody with an idea has to know."""
    return next((date for date in dates if date.kind == "deadline"), None)


def next_few(dates: Sequence[Date]) -> list[Date]:
    """The next three in order; the next deadline is always one of them."""
    held = [date for date in dates if not date.about.cancelled]
    few = held[:SHORTEST_LIST]
    deadline = next_deadline(held)
    if deadline is not None and deadline not in few:
        few = [*few[:-1], deadline]
    return few


def by_month(dates: Sequence[Date]) -> list[tuple[datetime, list[Date]]]:
    """The dates of each month, under the first of them."""
    months = groupby(dates, key=lambda date: (date.local.year, date.local.month))
    lists = [list(month) for _, month in months]
    return [(month[0].local, month) for month in lists]


async def dates_for_calendars(
    session: AsyncSession, now: datetime
) -> Sequence[KnownSession | KnownOccasion]:
    """Dates ahead and those of the last year, so that a cancelled one leaves every calendar."""
    since = now - KEPT_IN_CALENDARS
    sessions = select(KnownSession).where(KnownSession.starts_at >= since)
    occasions = select(KnownOccasion).where(KnownOccasion.starts_at >= since)
    found = [*await session.scalars(sessions), *await session.scalars(occasions)]
    return sorted(found, key=lambda known: (known.starts_at, known.id))


@dataclass(frozen=True)
class CalendarWords:
    """What a calendar file says, and where it points."""

    name: str
    origin: str
    host: str
    gettext: Callable[[str], str]


def calendar_file(dates: Sequence[KnownSession | KnownOccasion], words: CalendarWords) -> bytes:
    """The dates as iCalendar: Berlin's own clock, names that stay, cancelled ones marked so."""
    calendar = icalendar.Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Stadtteilbote//Kalender//DE")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", words.name)
    calendar.add("X-WR-CALNAME", words.name)
    calendar.add("REFRESH-INTERVAL", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.vDuration(REFRESHED))
    calendar.add_component(icalendar.Timezone.from_ical(BERLIN_TIMES))
    for known in dates:
        if isinstance(known, KnownOccasion):
            calendar.add_component(_occasion_entry(known, words))
            continue
        calendar.add_component(_session_entry(known, words))
        if known.submission_deadline is not None:
            calendar.add_component(_deadline_entry(known, known.submission_deadline, words))
    file: bytes = calendar.to_ical()
    return file


def _session_entry(known: KnownSession, words: CalendarWords) -> icalendar.Event:
    _ = words.gettext
    entry = _entry(f"sitzung-{known.id}", known, words)
    entry.add("SUMMARY", _("Sitzung: %(board)s") % {"board": known.board})
    entry.add("DTSTART", known.starts_at.astimezone(BERLIN))
    entry.add("DTEND", (known.ends_at or known.starts_at + USUAL_LENGTH).astimezone(BERLIN))
    entry.add("LOCATION", known.place)
    entry.add("DESCRIPTION", known.reason or known.note or _("Alle können kommen."))
    entry.add("URL", f"{words.origin}/sitzungen/{known.id}")
    return entry


def _occasion_entry(known: KnownOccasion, words: CalendarWords) -> icalendar.Event:
    """Under the name it has on its own page and in letters."""
    entry = _entry(f"termin-{known.id}", known, words)
    entry.add("SUMMARY", known.title)
    entry.add("DTSTART", known.starts_at.astimezone(BERLIN))
    entry.add("DTEND", (known.ends_at or known.starts_at + USUAL_LENGTH).astimezone(BERLIN))
    entry.add("LOCATION", known.place)
    entry.add("DESCRIPTION", known.reason or known.text)
    entry.add("URL", f"{words.origin}/termine/{known.id}")
    return entry


def _deadline_entry(
    known: KnownSession, deadline: datetime, words: CalendarWords
) -> icalendar.Event:
    _ = words.gettext
    entry = _entry(f"abgabe-{known.id}", known, words)
    day = deadline.astimezone(BERLIN).date()
    entry.add("SUMMARY", _("Letzter Tag für Anträge: bis 24 Uhr"))
    entry.add("DTSTART", day)
    entry.add("DTEND", day + timedelta(days=1))
    entry.add("TRANSP", "TRANSPARENT")
    entry.add("DESCRIPTION", _("Für die Sitzung: %(board)s") % {"board": known.board})
    entry.add("URL", f"{words.origin}/antraege")
    return entry


def _entry(name: str, known: KnownSession | KnownOccasion, words: CalendarWords) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("UID", f"{name}@{words.host}")
    entry.add("DTSTAMP", known.changed_at)
    entry.add("LAST-MODIFIED", known.changed_at)
    entry.add("SEQUENCE", known.revision)
    entry.add("STATUS", "CANCELLED" if known.cancelled else "CONFIRMED")
    return entry
