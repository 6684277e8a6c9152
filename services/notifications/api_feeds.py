"""The feed for partner offices: every event in one order, from any cursor, as CloudEvents."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from time import monotonic
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from services.notifications import journal
from services.notifications.fresh import unchanged
from services.notifications.journal import LAST_POSSIBLE
from services.notifications.keys import note_position, reach
from services.notifications.policy import authorize
from shared.events.base import Audience
from shared.service import Service
from shared.store import Database
from shared.web.access import Guarded, actor_of
from shared.web.i18n import lazy
from shared.web.limits import hit
from shared.web.pages import gettext_of
from shared.web.problems import problem

router = Guarded()

BATCH: Final = "application/cloudevents-batch+json"
MOST: Final = 500
LONGEST_WAIT: Final = 30
LOOKS_EVERY: Final = 0.25
"""Seconds between looks at the journal while a reader waits; nothing is held in between."""

READS: Final = "240/minute"


KEY: Final = HTTPBearer(
    scheme_name="partnerKey",
    description="The key the office gave you, `prefix.secret`, in the header and nowhere else.",
    auto_error=False,
)
"""For the OpenAPI document; who the key belongs to is known before the route."""


class Topic(StrEnum):
    """What can be followed."""

    ALL = journal.ALL
    SESSIONS = "sessions"
    APPLICATIONS = "applications"
    OCCASIONS = "occasions"
    NEWSLETTER = "newsletter"
    PRESS = "press"


@dataclass(frozen=True)
class Lines:
    """A page of the feed, and the cursor to read on from."""

    events: Sequence[dict[str, Any]]
    next: int

    @property
    def body(self) -> bytes:
        """The batch; the same events give the same bytes."""
        return json.dumps(
            self.events, ensure_ascii=False, separators=(",", ":"), sort_keys=True
        ).encode()


@dataclass(frozen=True)
class Window:
    """Which part of the feed was asked for."""

    topic: Topic
    reach: Audience
    limit: int
    after: int | None
    since: datetime | None


class CursorAhead(Exception):
    """The cursor is beyond everything ever given: it belongs to another journal than this one."""


AHEAD: Final = lazy("So weit sind wir noch nicht. Lesen Sie noch einmal von vorn, mit after=0.")


ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A JSON array of CloudEvents 1.0, oldest first. `X-Next-Cursor` and"
        " `Link: <…>; rel=next` say where to read on, also after an empty array.",
        "content": {BATCH: {"schema": {"type": "array", "items": {"type": "object"}}}},
        "headers": {
            "X-Next-Cursor": {"schema": {"type": "integer"}},
            "Link": {"schema": {"type": "string"}},
            "ETag": {"schema": {"type": "string"}},
        },
    },
    304: {"description": "Nothing has changed since the response with this ETag."},
    401: {"description": "No key, or one that is unknown or revoked."},
    403: {"description": "The key is not for this topic."},
    410: {"description": "The cursor is ahead of the journal: read again from `after=0`."},
    429: {"description": "Too many requests; `Retry-After` says how long to wait."},
}


@router.get(
    "/api/v1/notifications/feeds/{topic}/events",
    action="feed.read",
    summary="Read a topic's events, from any cursor or date, as often as you like",
    tags=["feeds"],
    response_class=Response,
    responses=ANSWERS,
    dependencies=[Security(KEY)],
)
async def events(
    request: Request,
    topic: Topic,
    *,
    after: Annotated[
        int | None, Query(ge=0, le=LAST_POSSIBLE, description="The last cursor you have.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Instead of `after`.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait.")] = 0,
) -> Response:
    """Events in the order they were committed. Keep `X-Next-Cursor` and send it as `after`.

    An event's own `cursor` is where to read on after that event. What was taken back is still in
    its place, without `data` and with `removed: true`.
    """
    service: Service = request.app.state.service
    partner = actor_of(request)
    assert partner.partner_id is not None
    authorize(partner, "feed.read", topic.value)
    await hit(request, READS, str(partner.partner_id), key="partner")
    window = Window(topic, reach(partner.scopes, topic), limit, after, since)
    try:
        lines = await _read(service.db, window, wait=wait)
    except CursorAhead:
        return problem(request, 410, detail=gettext_of(request)(str(AHEAD)))
    await note_position(service, partner.partner_id, topic=topic.value, cursor=lines.next)
    return _answer(request, lines, window)


async def _read(db: Database, window: Window, *, wait: int) -> Lines:
    """A page; if it is empty, looks again until something arrives or `wait` seconds are over."""
    ends = monotonic() + wait
    while True:
        async with db.read() as session:
            lines = await _page(session, window)
        left = ends - monotonic()
        if lines.events or left <= 0:
            return lines
        await asyncio.sleep(min(LOOKS_EVERY, left))


async def _page(session: AsyncSession, window: Window) -> Lines:
    after = window.after or 0
    if window.after is None and window.since is not None:
        after = await journal.cursor_at(session, window.since)
    entries = await journal.lines(
        session, topic=window.topic, reach=window.reach, after=after, limit=window.limit
    )
    if not entries and after > await journal.last_cursor(session):
        raise CursorAhead
    shown = [entry.body | {"cursor": str(entry.cursor)} for entry in entries]
    return Lines(shown, entries[-1].cursor if entries else after)


def _answer(request: Request, lines: Lines, window: Window) -> Response:
    tag = f'"{sha256(lines.body).hexdigest()[:32]}-{lines.next}"'
    query = urlencode({"after": lines.next, "limit": window.limit})
    headers = {
        "ETag": tag,
        "Link": f'<{request.url.path}?{query}>; rel="next"',
        "X-Next-Cursor": str(lines.next),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(lines.body, media_type=BATCH, headers=headers)
