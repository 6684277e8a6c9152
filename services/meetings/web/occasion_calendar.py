"""One occasion as a calendar file, under the name it has in the feed of all dates."""

from datetime import datetime, timedelta
from typing import Final

import icalendar

from services.meetings.domain.occasions import Occasion, OccasionStatus
from shared.settings import Settings

USUAL_LENGTH: Final = timedelta(hours=2)
"""What a calendar blocks if the office named no end."""


def one_date(occasion: Occasion, settings: Settings, *, at: datetime) -> bytes:
    """The same entry as in letters and feed: a later file replaces the earlier one."""
    calendar, entry = icalendar.Calendar(), icalendar.Event()
    calendar.add("prodid", "-//Stadtteilbote//Termine//DE")
    calendar.add("version", "2.0")
    entry.add("uid", f"termin-{occasion.id}@{settings.mail_domain}")
    entry.add("dtstamp", at)
    entry.add("sequence", occasion.revision)
    entry.add("dtstart", occasion.starts_at)
    entry.add("dtend", occasion.ends_at or occasion.starts_at + USUAL_LENGTH)
    entry.add("summary", occasion.title)
    entry.add("location", occasion.place)
    entry.add("description", occasion.cancelled_because or occasion.text)
    entry.add("url", f"{settings.origin}/termine/{occasion.id}")
    cancelled = occasion.status is OccasionStatus.CANCELLED
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
