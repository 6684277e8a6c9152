"""The office's pages: what waits today, all applications, and one with everything about it."""

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain import Application, Rules, Status
from services.applications.queries.board import TABS as STATUSES
from services.applications.queries.board import Filter, Tab, board, counts, neighbours, waiting
from services.applications.queries.case import attachment, case_of, trail
from services.applications.queries.fund import dates_from, first_fund
from services.applications.web.files import sent_file
from services.applications.web.shown import as_typed, readable_phone, sections, sums
from services.applications.web.visit import now, service_of
from services.applications.web.words import ACTORS, ACTS, BADGES, TABS, TOLD
from shared.web.access import Guarded, Role, actor_of
from shared.web.pages import gettext_of, language_of, page

LIST: Final = "/buero/antraege"

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


@router.get(LIST + "/{application_id}", action="office.read")
async def case(request: Request, application_id: UUID) -> Response:
    """Next act, application, money, files, and the trail of who did what."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        found, steps = await case_of(session, application), await trail(session, application)
        newer, older = await neighbours(session, application)
    rules, lang = Rules.model_validate(application.rules), language_of(request)
    typed = as_typed(found.answers) if found.answers else {}
    return page(
        request,
        "office/case.html",
        title=application.title or str(application.number),
        here="antraege",
        case=found,
        application=application,
        badge=BADGES[application.status],
        sections=sections(typed, rules, lang),
        sums=sums(typed),
        call=readable_phone(typed.get("phone", "")),
        field=rules.field(application.field_of_action or ""),
        steps=steps,
        newer=newer,
        older=older,
        may_erase=actor_of(request).has(Role.OFFICE) and application.person_id is not None,
        acts=ACTS,
        told=TOLD,
        actors=ACTORS,
    )


@router.get(LIST + "/{application_id}/dateien/{file_id}", action="office.read")
async def download(request: Request, application_id: UUID, file_id: UUID) -> Response:
    """A file that was handed in."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        file = await attachment(session, application.id, file_id)
    return sent_file(request, file)


async def handed_in(session: AsyncSession, application_id: UUID) -> Application:
    """Drafts are the applicant's own: the office sees what was handed in."""
    application = await session.get(Application, application_id)
    if application is None or application.number is None:
        raise HTTPException(404)
    return application


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
