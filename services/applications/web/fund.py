"""The funds' own pages: how it works, what the money went to, and where to begin."""

from typing import Any

from markupsafe import Markup
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import start_draft
from services.applications.domain import Application, Rules, Status
from services.applications.queries.fund import Dates, dates_from, funds_at
from services.applications.queries.public import public_year
from services.applications.web.visit import held, hold, now, service_of
from shared.web.access import Guarded
from shared.web.formats import isolated, money, text
from shared.web.forms import Form, blank, read_form
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded()


class Start(BaseModel):
    """Which fund is asked for money; nobody is asked while there is one."""

    fonds: str = ""


@router.get("/antraege", action="fund.read")
async def fund(request: Request) -> Response:
    """How to get money, what is left, and what it went to."""
    at, lang = now(request), language_of(request)
    async with service_of(request).db.read() as session:
        found = await public_year(session, at, lang, asked=request.query_params.get("jahr", ""))
        dates = await dates_from(session, at)
    first = found.funds[0].rules
    several = len(found.funds) > 1
    return page(
        request,
        "fund.html",
        title=gettext_of(request)("Geld für Ihre Idee") if several else first.name.in_(lang),
        here="antraege",
        year=found,
        several=several,
        rules=first,
        dates=dates,
        tabs=[(isolated(one), f"/antraege?jahr={one}", one == found.shown) for one in found.years],
    )


@router.get("/antraege/neu", action="fund.read")
async def begin(request: Request) -> Response:
    """What is needed, how long it takes, that it saves itself, and which fund if there are several."""
    at = now(request)
    async with service_of(request).db.read() as session:
        funds, dates = await funds_at(session, at), await dates_from(session, at)
        draft = await held(request, session)
    form = blank({"fonds": request.query_params.get("fonds", "")})
    return _start_page(request, form, funds, dates, draft)


@router.post("/antraege/neu", action="draft.write", dependencies=[limit("30/hour")])
async def start(request: Request) -> Response:
    """A new draft for this browser; one it had before keeps its letter's link."""
    form: Form[Start] = await read_form(request, Start)
    at, service, lang = now(request), service_of(request), language_of(request)
    async with service.db.begin() as session:
        funds = await funds_at(session, at)
        code = next(iter(funds)) if len(funds) == 1 else str(form.values["fonds"])
        rules = funds.get(code)
        if rules is None:
            form.refuse("fonds", gettext_of(request)("Bitte wählen Sie eine der Möglichkeiten."))
            dates, draft = await dates_from(session, at), await held(request, session)
            return _start_page(request, form, funds, dates, draft, status=422)
        key = await start_draft(session, code, language=lang, rules=rules, at=at)
    response = see_other("/antraege/entwurf/idee")
    hold(response, key, rules=rules)
    return response


def _choice(request: Request, code: str, rules: Rules) -> tuple[str, str, str]:
    """A fund to choose: its name, and what it gives at most."""
    lang, most = language_of(request), ""
    if rules.cap_cents is not None:
        said = gettext_of(request)("Höchstens %(sum)s für eine Idee.")
        most = Markup(said) % {"sum": isolated(money(rules.cap_cents, lang, decimals=0))}  # noqa: S704 - ours
    return code, text(rules.name.in_(lang)), most


def _start_page(
    request: Request,
    form: Form[Any],
    funds: dict[str, Rules],
    dates: Dates,
    draft: Application | None,
    *,
    status: int = 200,
) -> Response:
    lang, first = language_of(request), next(iter(funds.values()))
    _ = gettext_of(request)
    return page(
        request,
        "start.html",
        status=status,
        title=_("Idee einreichen"),
        here="antraege",
        form=form,
        fund_name=first.name.in_(lang) if len(funds) == 1 else _("Geld für Ihre Idee"),
        funds=[_choice(request, *one) for one in funds.items()] if len(funds) > 1 else [],
        minutes=max(rules.minutes_needed for rules in funds.values()),
        days=min(rules.draft_days for rules in funds.values()),
        dates=dates,
        draft=draft if draft is not None and draft.status == Status.DRAFT else None,
    )
