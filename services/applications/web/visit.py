"""What every page of this service begins with: the service, the hour, the draft this browser holds."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import draft_for
from services.applications.domain import Application, Rules, Status
from shared.service import Service
from shared.web.cookies import host_cookie, read_host_cookie
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, see_other

COOKIE: Final = "entwurf"
START: Final = "/antraege/neu"
DONE: Final = "/antraege/danke"
NO_DRAFT: Final = lazy("Auf diesem Gerät ist kein Entwurf. Sie können hier neu anfangen.")


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def now(request: Request) -> datetime:
    return service_of(request).clock.now()


def draft_key(request: Request) -> str:
    """The key in this browser's cookie; "" if there is none."""
    return read_host_cookie(request, COOKIE) or ""


def hold(response: Response, key: str, *, rules: Rules) -> None:
    """Let this browser keep the key as long as an untouched draft lives."""
    days = rules.draft_days
    response.headers.append("set-cookie", host_cookie(COOKIE, key, max_age=days * 24 * 3600))


def drop(response: Response) -> None:
    """Let this browser forget the key."""
    response.headers.append("set-cookie", host_cookie(COOKIE, "", max_age=0))


async def held(
    request: Request, session: AsyncSession, *, lock: bool = False
) -> Application | None:
    """What this browser's cookie opens, handed in or not."""
    key = draft_key(request)
    return await draft_for(session, key, at=now(request), lock=lock) if key else None


def elsewhere(request: Request, draft: Application | None) -> Response | None:
    """Where to go instead, if this is no draft that can still be written."""
    if draft is not None and draft.status == Status.DRAFT:
        return None
    handed_in = draft is not None and draft.number is not None
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": DONE if handed_in else START})
    if handed_in:
        return see_other(DONE)
    return see_other(START, note=gettext_of(request)(NO_DRAFT))
