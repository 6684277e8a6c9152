"""The office's pages: what waits today, and all applications."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain import Status
from services.applications.queries.board import TABS as STATUSES
from services.applications.queries.board import Filter, Tab, board, counts, waiting
from services.applications.queries.fund import dates_from, first_fund
from services.applications.web.case_desk import LIST
from services.applications.web.visit import now, service_of
from services.applications.web.words import BADGES, TABS
from shared.web.access import Guarded
from shared.web.pages import gettext_of, language_of, page

router = Guarded()


@router.get("/buero", action="office.read")
async def today(request: Request) -> Response:
    """What waits for the office, and whom the office waits for."""
    at = now(request)
    async with service_of(request).db.read() as session:
        rows, dates = await waiting(session), await dates_from(session, at)
        numbers = await counts(session, Filter())
    return page(
        request,
        "office/today.html",
        title=gettext_of(request)("Heute"),
        here="heute",
        rows=rows,
        dates=dates,
        counts=numbers,
        tabs=Tab,
        badges=BADGES,
    )


@router.get(LIST, action="office.read")
async def applications(request: Request) -> Response:
    """One tab of the list, filtered by what the address says."""
    at, chosen = now(request), _filter(request)
    async with service_of(request).db.read() as session:
        found = await board(session, chosen)
        (_code, rules), dates = await first_fund(session, at), await dates_from(session, at)
    lang = language_of(request)
    return page(
        request,
        "office/board.html",
        title=gettext_of(request)("Anträge"),
        here="antraege",
        board=found,
        chosen=chosen,
        tabs=[(TABS[t], _address(chosen, tab=t), t == chosen.tab, found.counts[t]) for t in Tab],
        next_page=_address(chosen, after=found.after) if found.after else "",
        fields=[(field.code, field.name.in_(lang)) for field in rules.fields],
        statuses=[(status.value, BADGES[status].text) for status in STATUSES[chosen.tab]],
        dates=dates,
        badges=BADGES,
    )


def _filter(request: Request) -> Filter:
    asked = request.query_params
    tab = next((tab for tab in Tab if tab == asked.get("liste")), Tab.TODO)
    status = next((one for one in STATUSES[tab] if one == asked.get("status")), None)
    return Filter(
        tab=tab,
        field=asked.get("feld", ""),
        status=status,
        search=asked.get("q", "").strip(),
        after=asked.get("nach", ""),
    )


def _address(chosen: Filter, *, tab: Tab | None = None, after: str | None = None) -> str:
    """The list's address with another tab or page; what else was chosen stays."""
    status: Any = "" if tab else (chosen.status or "")
    asked = {
        "liste": tab or chosen.tab,
        "feld": chosen.field,
        "status": Status(status).value if status else "",
        "q": chosen.search,
        "nach": after or "",
    }
    return f"{LIST}?{urlencode({name: str(value) for name, value in asked.items() if value})}"
