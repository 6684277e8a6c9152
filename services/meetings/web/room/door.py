"""Who may come to a session's screen, and the way back to it."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.chairs import own_member
from services.meetings.domain.session import Session
from services.meetings.policy import authorize
from shared.web.access import Role, actor_of
from shared.web.pages import gettext_of, see_other


@dataclass(frozen=True, kw_only=True)
class Entered:
    """The session somebody came to, and whether they may change anything there."""

    meeting: Session
    may_run: bool

    @property
    def path(self) -> str:
        """The session's screen."""
        return f"/buero/sitzungen/{self.meeting.id}/raum"


async def enter(request: Request, session: AsyncSession, session_id: UUID, action: str) -> Entered:
    """Let the office in, and members whose office on the board it is; 404 without such a session."""
    actor = actor_of(request)
    own = await own_member(request, session)
    authorize(actor, action, own)
    meeting = await session.get_one(Session, session_id)
    runs = Role.OFFICE in actor.roles or (own is not None and own.runs_sessions)
    return Entered(meeting=meeting, may_run=runs)


def back(request: Request, entered: Entered, note: str = "", *, to: str = "") -> Response:
    """To the screen (or a page below it) with a sentence that stays."""
    said = gettext_of(request)(note) if note else None
    return see_other(entered.path + to, note=said)
