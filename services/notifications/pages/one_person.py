"""One person's page: everything they got, to look something up together on the phone, or to print."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from services.notifications.pages import words
from services.notifications.queries import recipients as queries
from shared.service import Service
from shared.web.access import Guarded
from shared.web.pages import gettext_of, page

router = Guarded(prefix="/buero/schreiben/person")

WORDS: Final[dict[str, Any]] = {
    "KIND": words.KIND,
    "STATE": words.STATE,
    "STATE_KIND": words.STATE_KIND,
}


@router.get("/{key}", action="letter.list")
async def one_person(
    request: Request, key: UUID, vor: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """By the id of a person or a subscription; `vor` is the last line of the page before."""
    service: Service = request.app.state.service
    async with service.db.read() as session:
        who = await queries.known(session, key)
        if who is None:
            raise HTTPException(404)
        entries, last = await queries.entries(session, who, before=_place(vor))
    more = f"?{urlencode({'vor': f'{last[0].isoformat()}~{last[1]}'})}" if last else ""
    return page(
        request,
        "letters/person.html",
        title=gettext_of(request)("Schreiben an eine Person"),
        here="schreiben",
        who=who,
        entries=entries,
        more=more,
        first="?" if vor else "",
        **WORDS,
    )


def _place(said: str) -> tuple[datetime, UUID] | None:
    """None at the beginning; what nobody's link says is nowhere."""
    if not said:
        return None
    at, _, key = said.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise HTTPException(404)
        return moment.astimezone(UTC), UUID(key)
    except (ValueError, OverflowError) as error:
        raise HTTPException(404) from error
