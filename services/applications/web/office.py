"""The office's pages: what waits today, and all applications."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain import Rules
from services.applications.queries.board import Filter, Row, board, counts
from services.applications.queries.fund import NoRules, dates_from, funds_at
from services.applications.queries.today import due, money, others
from services.applications.queries.turn import Act, Tab
from services.applications.web.case_desk import LIST, case_path
from services.applications.web.choosing import address, choices, chosen_from
from services.applications.web.visit import now, service_of
from services.applications.web.words import BADGES, NEXT_ACTS, TABS, WAITS
from shared.web.access import Guarded, Role, actor_of
from shared.web.pages import gettext_of, page

SESSIONS: Final = "/buero/sitzungen"
FUNDS: Final = "/buero/fonds"

router = Guarded()


@router.get("/buero", action="office.read")
async def today(request: Request) -> Response:
    """What is due when, whom the office waits for, and where money is short."""
    at = now(request)
    async with service_of(request).db.read() as session:
        funds = await funds_or_none(session, at)
        found: dict[str, Any] = {
            "due": await due(session, at),
            "others": await others(session),
            "years": await money(session, at, funds),
            "dates": await dates_from(session, at),
            "counts": await counts(session, Filter()),
        }
    return page(
        request,
        "office/today.html",
        title=gettext_of(request)("Heute"),
        here="heute",
        tabs=Tab,
        funds=funds,
        **found,
        **row_words(request),
    )


@router.get(LIST, action="office.read")
async def applications(request: Request) -> Response:
    """One tab of the list, filtered by what the address says."""
    at, chosen = now(request), chosen_from(request)
    async with service_of(request).db.read() as session:
        funds = await funds_or_none(session, at)
        found = await board(session, chosen)
        offered = await choices(request, session, chosen, funds)
        years, dates = await money(session, at, funds), await dates_from(session, at)
    return page(
        request,
        "office/board.html",
        title=gettext_of(request)("Anträge"),
        here="antraege",
        board=found,
        chosen=chosen,
        tabs=[
            (TABS[tab], address(LIST, chosen, tab=tab), tab is chosen.tab, found.counts[tab])
            for tab in Tab
        ],
        tab_words=TABS,
        next_page=address(LIST, chosen, after=found.after) if found.after else "",
        first_page=address(LIST, chosen),
        export=address(f"{LIST}/export", chosen),
        choices=offered,
        dates=dates,
        year=next((one for one in years if one.fund == (chosen.fund or one.fund)), None),
        funds=funds,
        **row_words(request),
    )


def row_words(request: Request) -> dict[str, Any]:
    """What every page with rows needs to name statuses, acts and whom we wait for."""
    return {
        "badges": BADGES,
        "next_acts": NEXT_ACTS,
        "waits": WAITS,
        "may_act": actor_of(request).has(Role.OFFICE),
        "act_path": act_path,
    }


def act_path(row: Row) -> str:
    """Where the next act is done: mostly on the case itself."""
    if row.act is Act.PLAN:
        return f"{SESSIONS}/neu"
    if row.act is Act.AGENDA:
        return f"{SESSIONS}/{row.session_id}"
    if row.act is Act.RELEASE:
        return f"{FUNDS}/{row.fund}/{row.grant_year}/freigabe"
    return case_path(row.id)


async def funds_or_none(session: AsyncSession, at: datetime) -> dict[str, Rules]:
    """Every fund's rules; a house without any fund still opens."""
    try:
        return await funds_at(session, at)
    except NoRules:
        return {}
