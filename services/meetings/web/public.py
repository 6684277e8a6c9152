"""What everyone may read: the board's sessions, and each one as a calendar file."""

from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from icalendar import Calendar, Event

from services.meetings.desk import now, service_of
from services.meetings.domain.session import Session, Status
from services.meetings.queries import agendas_of, next_session, sessions
from services.meetings.verdict_words import why_of
from services.meetings.words import MOTION, OUTCOME, OUTCOME_KIND, REASON, STATUS, STATUS_KIND
from shared.days import local_day
from shared.settings import Settings
from shared.web.access import Guarded
from shared.web.pages import gettext_of, language_of, page

public = Guarded(prefix="/sitzungen")

USUAL_LENGTH: Final = timedelta(hours=2)
"""What a calendar blocks if the office named no end."""

CALENDAR: Final = "/kalender.ics"
"""The one feed of all public dates, kept by notifications: the sessions, moved and cancelled too."""

WORDS: Final[dict[str, Any]] = {
    "STATUS": STATUS,
    "STATUS_KIND": STATUS_KIND,
    "REASON": REASON,
    "MOTION": MOTION,
    "OUTCOME": OUTCOME,
    "OUTCOME_KIND": OUTCOME_KIND,
    "local_day": local_day,
}


@public.get("", action="session.list")
async def all_sessions(request: Request) -> Response:
    """Coming sessions, then past ones."""
    async with service_of(request).db.read() as session:
        at = now(request)
        found: dict[str, Any] = {
            "coming": await sessions(session, "coming", at=at),
            "past": await sessions(session, "past", at=at, limit=12),
            "next": await next_session(session, at=at),
        }
    return page(
        request,
        "sessions.html",
        title=gettext_of(request)("Sitzungen"),
        here="sitzungen",
        calendar=f"{service_of(request).settings.origin}{CALENDAR}",
        **WORDS,
        **found,
    )


@public.get("/{session_id}", action="session.read")
async def one_session(request: Request, session_id: UUID) -> Response:
    """Date, place, deadline and how to take part."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        agenda = await agendas_of(session, [session_id])
    return page(
        request,
        "session.html",
        title=gettext_of(request)("Sitzung"),
        here="sitzungen",
        meeting=meeting,
        agenda=agenda,
        why=partial(why_of, lang=language_of(request)),
        **WORDS,
    )


@public.get("/{session_id}/termin.ics", action="session.read")
async def calendar_file(request: Request, session_id: UUID) -> Response:
    """The session for a phone's calendar; a later download updates the same entry."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
    return Response(
        _calendar(meeting, service_of(request).settings, request=request),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="sitzung-{session_id}.ics"'},
    )


def _calendar(meeting: Session, settings: Settings, *, request: Request) -> bytes:
    """One entry under the name it has in our letters and calendars: each replaces the other."""
    calendar, entry = Calendar(), Event()
    calendar.add("prodid", "-//Stadtteilbote//Sitzungen//DE")
    calendar.add("version", "2.0")
    entry.add("uid", f"sitzung-{meeting.id}@{settings.mail_domain}")
    entry.add("dtstamp", now(request))
    entry.add("sequence", meeting.version)
    entry.add("dtstart", meeting.starts_at)
    entry.add("dtend", meeting.ends_at or meeting.starts_at + USUAL_LENGTH)
    entry.add("summary", f"{gettext_of(request)('Sitzung')}: {meeting.board}")
    entry.add("location", meeting.place)
    entry.add("url", f"{settings.origin}/sitzungen/{meeting.id}")
    cancelled = meeting.status is Status.CANCELLED
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
