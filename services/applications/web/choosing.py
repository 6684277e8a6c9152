"""What the office chose of its list: read from the address, and written into addresses."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from services.applications.domain import NumberSeries, Rules, SessionDate, Status
from services.applications.queries.board import Filter
from services.applications.queries.turn import TABS as STATUSES
from services.applications.queries.turn import Tab
from services.applications.web.visit import now
from services.applications.web.words import BADGES
from shared.web.formats import date_medium
from shared.web.pages import gettext_of, language_of

EVERY_LIST: Final = "alle"
MOST_CHOICES: Final = 60


def chosen_from(request: Request) -> Filter:
    """The filters in the address; what makes no sense there is left out."""
    asked = {name: value.replace("\0", "") for name, value in request.query_params.items()}
    tab = next((tab for tab in Tab if tab == asked.get("liste")), Tab.TODO)
    every = asked.get("liste") == EVERY_LIST
    known = tuple(Status) if every else STATUSES[tab]
    return Filter(
        tab=None if every else tab,
        fund=asked.get("fonds", "")[:40],
        field=asked.get("feld", "")[:40],
        status=next((one for one in known if one == asked.get("status")), None),
        year=_year(asked.get("jahr", "")),
        session=_uuid(asked.get("sitzung", "")),
        overdue_at=now(request) if asked.get("ueberfaellig") else None,
        search=asked.get("q", "").strip(),
        after=asked.get("nach", ""),
    )


def address(
    path: str, chosen: Filter, *, tab: Tab | str | None = "", after: str | None = None
) -> str:
    """The same choice under this path, on another tab or another page of it."""
    other = tab != ""
    here = tab if other else chosen.tab
    asked: dict[str, Any] = {
        "liste": EVERY_LIST if here is None else here,
        "fonds": chosen.fund,
        "feld": chosen.field,
        "status": chosen.status.value if chosen.status and not other else "",
        "jahr": chosen.year or "",
        "sitzung": chosen.session or "",
        "ueberfaellig": 1 if chosen.overdue_at else "",
        "q": chosen.search,
        "nach": after or "",
    }
    return f"{path}?{urlencode({name: str(value) for name, value in asked.items() if value})}"


async def choices(
    request: Request, session: AsyncSession, chosen: Filter, funds: dict[str, Rules]
) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from, by the name each has in the address."""
    lang = language_of(request)
    rules = [funds[chosen.fund]] if chosen.fund in funds else list(funds.values())
    fields = {field.code: field.name.in_(lang) for one in rules for field in one.fields}
    statuses = STATUSES[chosen.tab] if chosen.tab else tuple(BADGES)
    years = await session.scalars(select(NumberSeries.year).order_by(NumberSeries.year.desc()))
    latest = select(SessionDate).order_by(SessionDate.starts_at.desc()).limit(MOST_CHOICES)
    sessions = await session.scalars(latest)
    return {
        "fonds": [(code, one.name.in_(lang)) for code, one in funds.items()],
        "feld": list(fields.items()),
        "status": [(status.value, BADGES[status].text) for status in statuses],
        "ueberfaellig": [("1", gettext_of(request)("Nur überfällige"))],
        "jahr": [(str(year), str(year)) for year in years],
        "sitzung": [(str(one.session_id), date_medium(one.starts_at, lang)) for one in sessions],
    }


def _year(text: str) -> int | None:
    return (
        int(text) if len(text) == 4 and text.isascii() and text.isdigit() and text > "1" else None
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
