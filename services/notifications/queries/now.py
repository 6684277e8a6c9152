"""What goes out at this moment, and whether it does: a few counts that are cheap to ask again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import IN_TROUBLE, Issue, IssueLetter, IssueText
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import Letter, State
from services.notifications.domain.sending import Relay
from services.notifications.sender import relays
from shared.days import local_day, start_of_day
from shared.service import Service
from shared.web.i18n import BINDING

STUCK: Final = timedelta(minutes=2)
"""A letter that is due goes out within seconds; after this something is wrong."""

UNDER_WAY: Final = (State.QUEUED, State.CLAIMED, State.SENDING, State.DEFERRED)


@dataclass(frozen=True, kw_only=True)
class Now:
    """Letters by where they are; issues count their copies themselves."""

    waiting: int
    sending: int
    deferred: int
    next_try: datetime | None
    last_hour: int
    today: int
    stuck: int
    """Due for a while and still here: no server takes them, or nobody sends."""
    stuck_since: datetime | None
    relay: Relay | None
    """The server that shuts us out at the moment."""
    issues: Sequence[Any]
    """Rows of id, kind, status, subject, recipients: under way or held."""


async def now(session: AsyncSession, service: Service) -> Now:
    """As of this moment."""
    at = service.clock.now()
    state, due = Letter.state, Letter.due_at
    stuck = and_(state == State.QUEUED, due <= at - STUCK)
    waiting = (
        await session.execute(
            select(
                func.count().filter(state == State.QUEUED).label("waiting"),
                func.count().filter(state.in_((State.CLAIMED, State.SENDING))).label("sending"),
                func.count().filter(state == State.DEFERRED).label("deferred"),
                func.min(due).filter(state == State.DEFERRED).label("next_try"),
                func.count().filter(stuck).label("stuck"),
                func.min(due).filter(stuck).label("stuck_since"),
            ).where(state.in_(UNDER_WAY))
        )
    ).mappings()
    hour, day = at - timedelta(hours=1), start_of_day(local_day(at))
    sent = (
        await session.execute(
            select(
                func.count().filter(Letter.sent_at > hour).label("last_hour"),
                func.count().filter(Letter.sent_at >= day).label("today"),
            ).where(Letter.sent_at > min(hour, day))
        )
    ).mappings()
    relay = await relays.stopped(session, service.settings, at=at)
    issues = await _issues(session)
    return Now(**waiting.one(), **sent.one(), relay=relay, issues=issues)


async def _issues(session: AsyncSession) -> Sequence[Any]:
    going = Issue.status.in_((IssueStatus.SENDING, IssueStatus.PAUSED))
    return (await session.execute(_named().where(going).order_by(Issue.id.desc()))).all()


async def issues_in_trouble(session: AsyncSession, state: State) -> Sequence[Any]:
    """Issues with copies that failed or are unknown and wait for a person, with how many: `copies`."""
    count = func.count()
    copies = (
        select(IssueLetter.issue_id, count.label("copies"))
        .where(IN_TROUBLE, IssueLetter.state == state, IssueLetter.handled_at.is_(None))
        .group_by(IssueLetter.issue_id)
        .subquery()
    )
    chosen = _named(copies.c.copies).join(copies, copies.c.issue_id == Issue.id)
    return (await session.execute(chosen.order_by(Issue.id.desc()))).all()


def _named(*more: Any) -> Any:
    german = and_(IssueText.issue_id == Issue.id, IssueText.language == BINDING)
    columns = (Issue.id, Issue.kind, Issue.number, Issue.status, Issue.recipients)
    return select(*columns, IssueText.subject, *more).outerjoin(IssueText, german)
