"""The fund's own pages: how it works, and where to begin."""

from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import start_draft
from services.applications.domain import Status
from services.applications.queries.fund import dates_from, first_fund
from services.applications.web.visit import held, hold, now, service_of
from shared.web.access import Guarded
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded()


@router.get("/antraege", action="fund.read")
async def fund(request: Request) -> Response:
    """How to get money: four steps with the dates that hold now."""
    at = now(request)
    async with service_of(request).db.read() as session:
        (_code, rules), dates = await first_fund(session, at), await dates_from(session, at)
    name = rules.name.in_(language_of(request))
    return page(request, "fund.html", title=name, here="antraege", rules=rules, dates=dates)


@router.get("/antraege/neu", action="fund.read")
async def begin(request: Request) -> Response:
    """What is needed, how long it takes, and that it saves itself."""
    at = now(request)
    async with service_of(request).db.read() as session:
        (_code, rules), dates = await first_fund(session, at), await dates_from(session, at)
        draft = await held(request, session)
    return page(
        request,
        "start.html",
        title=gettext_of(request)("Idee einreichen"),
        here="antraege",
        rules=rules,
        dates=dates,
        draft=draft if draft is not None and draft.status == Status.DRAFT else None,
    )


@router.post("/antraege/neu", action="draft.write", dependencies=[limit("30/hour")])
async def start(request: Request) -> Response:
    """A new draft for this browser; one it had before keeps its letter's link."""
    at, service = now(request), service_of(request)
    async with service.db.begin() as session:
        code, rules = await first_fund(session, at)
        key = await start_draft(session, code, language=language_of(request), rules=rules, at=at)
    response = see_other("/antraege/entwurf/idee")
    hold(response, key, rules=rules)
    return response
