"""What everyone may read: the board's sessions, and each one as a calendar file."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from icalendar import Calendar, Event

from services.meetings.desk import now, service_of
from services.meetings.domain.session import Session, Status
from services.meetings.queries import next_session, sessions
from services.meetings.words import REASON, STATUS, STATUS_KIND
from shared.days import local_day
from shared.web.access import Guarded
from shared.web.pages import gettext_of, page

public = Guarded(prefix="/sitzungen")

USUAL_LENGTH: Final = timedelta(hours=2)
"""What a calendar blocks if the office named no end."""

WORDS: Final[dict[str, Any]] = {
    "STATUS": STATUS,
    "STATUS_KIND": STATUS_KIND,
    "REASON": REASON,
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
    _ = gettext_of(request)
    return page(request, "sessions.html", title=_("Sitzungen"), here="sitzungen", **WORDS, **found)


@public.get("/{session_id}", action="session.read")
async def one_session(request: Request, session_id: UUID) -> Response:
    """Date, place, deadline and how to take part."""
    meeting = await _meeting(request, session_id)
    title = gettext_of(request)("Sitzung")
    return page(request, "session.html", title=title, here="sitzungen", meeting=meeting, **WORDS)


@public.get("/{session_id}/termin.ics", action="session.read")
async def calendar_file(request: Request, session_id: UUID) -> Response:
    """The session for a phone's calendar; a later download updates the same entry."""
    meeting = await _meeting(request, session_id)
    return Response(
        _calendar(meeting, origin=service_of(request).settings.origin, request=request),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="sitzung-{session_id}.ics"'},
    )


async def _meeting(request: Request, session_id: UUID) -> Session:
    async with service_of(request).db.read() as session:
        return await session.get_one(Session, session_id)


def _calendar(meeting: Session, *, origin: str, request: Request) -> bytes:
    calendar, entry = Calendar(), Event()
    calendar.add("prodid", "-//Stadtteilbote//Sitzungen//DE")
    calendar.add("version", "2.0")
    entry.add("uid", f"{meeting.id}@stadtteilbote")
    entry.add("dtstamp", now(request))
    entry.add("sequence", meeting.version)
    entry.add("dtstart", meeting.starts_at)
    entry.add("dtend", meeting.ends_at or meeting.starts_at + USUAL_LENGTH)
    entry.add("summary", f"{gettext_of(request)('Sitzung')}: {meeting.board}")
    entry.add("location", meeting.place)
    entry.add("url", f"{origin}/sitzungen/{meeting.id}")
    cancelled = meeting.status is Status.CANCELLED
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
