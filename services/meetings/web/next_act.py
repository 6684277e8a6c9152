"""What a session waits for: said on its page and in the list of all sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.meetings.domain.invitation import begun
from services.meetings.domain.session import Session, Status
from services.meetings.queries import AgendaLine
from shared.days import local_day

SETTLED: Final = {
    Status.OPEN: "run",
    Status.CLOSED: "minutes",
    Status.MINUTED: "done",
    Status.CANCELLED: "",
}
"""Where the status alone says it."""


def next_act(meeting: Session, agenda: Sequence[AgendaLine], *, at: datetime) -> str:
    """The one act; "wait" and "done" where nobody waits for the office, empty where there is none."""
    if meeting.status in SETTLED:
        return SETTLED[meeting.status]
    if begun(meeting, at) and any(line.item.votes for line in agenda):
        return "minutes"
    if meeting.status is Status.INVITED and meeting.agenda_is_fixed:
        return "run" if local_day(at) >= local_day(meeting.starts_at) else "wait"
    if begun(meeting, at):
        return ""
    ordered = any(line.item.place is not None for line in agenda)
    return "invite" if ordered or meeting.agenda_reopened_at else "order"
