"""What the session's screen says, put together once for the page and for what keeps it up to date."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.exc import NoResultFound

from services.meetings.domain.electorate import Seat
from services.meetings.domain.polls import Barred
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.session import Status
from services.meetings.domain.votes import Answer
from services.meetings.queries import AgendaLine
from services.meetings.queries.room import Attendee, RoomView
from services.meetings.room_words import BARRED, RECUSED
from services.meetings.web.room.door import Entered
from services.meetings.web.room.live import Live, live, named
from services.meetings.words import OUTCOME
from shared.events.meetings import Manner
from shared.web.pages import gettext_of

ON_PHONES: Final = frozenset({Manner.NAMED, Manner.SECRET})


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One look at the session: what is shown, and which item it is about."""

    entered: Entered
    view: RoomView
    line: AgendaLine | None
    """The item that is looked at: the one of now, or another one of the agenda."""

    @property
    def is_now(self) -> bool:
        """Whether the board is at the item that is looked at."""
        return self.line is not None and self.line.item.id == self.view.meeting.now_item_id

    @property
    def state(self) -> str:
        """Which part of the page is shown."""
        status = self.view.meeting.status
        if status in (Status.CLOSED, Status.MINUTED, Status.CANCELLED):
            return "over"
        if self.line is not None:
            return "item"
        return "before" if status is not Status.OPEN else "choose"

    @property
    def shape(self) -> str:
        """Changes when the forms of the page would be other ones: then it has to be loaded anew."""
        meeting, running = self.view.meeting, self.view.running
        line, newest = self.line, self.line.last_vote if self.line else None
        return named(
            meeting.status,
            meeting.now_item_id,
            running and running.poll.id,
            line and (line.item.id, line.item.status, line.standing),
            newest and (newest.id, newest.answer),
            [one.member.id for one in self.view.people if one.recusal],
            meeting.status is Status.OPEN or self.view.quorum.there,
        )

    @property
    def following(self) -> AgendaLine | None:
        """What comes next on the agenda."""
        return next((line for line in self.view.lines if line.standing == "open"), None)

    def seats(self) -> list[Seat]:
        """Who is there and may not vote on the item of now."""
        return [one.seat for one in self.view.barred] if self.is_now else []


def look(entered: Entered, view: RoomView, item_id: UUID | None) -> Screen:
    """The item somebody chose from the agenda, else that of now."""
    line = view.now
    if item_id is not None:
        line = next((one for one in view.lines if one.item.id == item_id), None)
        if line is None:
            raise NoResultFound
    return Screen(entered=entered, view=view, line=line)


@dataclass(frozen=True, kw_only=True)
class Moving:
    """The parts that keep themselves up to date, and a name for how they are now."""

    strip: Live
    agenda: Live
    progress: Live
    revision: str

    def shown(self) -> dict[str, Markup | str]:
        """For a template."""
        return {
            "strip": self.strip.html,
            "agenda": self.agenda.html,
            "progress": self.progress.html,
            "revision": self.revision,
        }


def moving(request: Request, screen: Screen, *, stale: bool = False) -> Moving:
    """Nothing in here has a field, so nobody's typing is ever overwritten."""
    view, entered = screen.view, screen.entered
    shared = {
        "meeting": view.meeting,
        "path": entered.path,
        "may_run": entered.may_run,
        "quorum": view.quorum,
        "lines": view.lines,
        "OUTCOME": OUTCOME,
    }
    strip = live(request, "room/_strip.html", stale=stale, **shared)
    agenda = live(request, "room/_agenda.html", **shared)
    progress = live(request, "room/_progress.html", **_progress(screen))
    parts = (strip, agenda, progress)
    revision = named(*(part.revision for part in parts))
    return Moving(strip=strip, agenda=agenda, progress=progress, revision=revision)


def _progress(screen: Screen) -> dict[str, Any]:
    running, line = screen.view.running, screen.line
    voted = running.voted if running else frozenset()
    named_vote = running is not None and running.poll.manner is Manner.NAMED
    missing = [one.name for one in running.voters if one.id not in voted] if running else []
    return {
        "poll": running.poll if running else None,
        "on_phones": running is not None and running.poll.manner in ON_PHONES,
        "cast": running.cast if running else 0,
        "eligible": running.eligible if running else 0,
        "missing": missing if named_vote else [],
        "all_in": running is not None and running.cast == running.eligible,
        "awaiting": line is not None and line.answer is Answer.AWAITED and running is None,
    }


def barred_words(request: Request, people: Iterable[Attendee]) -> list[dict[str, str]]:
    """Each name with the reason, as the screen says it."""
    _ = gettext_of(request)
    return [
        {"name": one.member.name, "why": _(str(why_barred(one.seat.barred, one.seat.because)))}
        for one in people
    ]


def why_barred(barred: Barred | None, because: str) -> str:
    """The reason behind a name."""
    if barred is Barred.RECUSED and because:
        return str(RECUSED[RecusedBecause(because)])
    return str(BARRED[barred or Barred.ABSENT])
