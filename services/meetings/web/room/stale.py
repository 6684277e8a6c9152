"""A click that came too late: one clear sentence, and the session as it is now below it."""

from uuid import UUID

from fastapi import Request, Response

from services.meetings.web.room.screen import screen_page, seen
from shared.web.i18n import Lazy
from shared.web.pages import gettext_of
from shared.web.problems import is_api


async def as_it_is_now(request: Request, sentence: str | Lazy) -> Response | None:
    """The screen with the sentence on top, status 409; None for every other page."""
    inside = request.url.path.startswith("/buero/sitzungen/") and "/raum" in request.url.path
    if is_api(request) or not inside:
        return None
    session_id = UUID(request.path_params["session_id"])
    screen = await seen(request, session_id, None, action="room.run")
    return screen_page(request, screen, refused=gettext_of(request)(str(sentence)), status=409)
