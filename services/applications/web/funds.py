"""The office's pages of funds: all of them, a new one, and one with its rules and who changed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.funds import changed_rules, default_code, found_fund
from services.applications.domain import BudgetYear, Fund, Rules, Words, year_of
from services.applications.queries.fund import funds_at, history_of, version_of, versions_of
from services.applications.queries.money import year_or_empty, years_of
from services.applications.store import Command
from services.applications.web.orders import Ordered, id_of, order_of
from services.applications.web.rules_form import WordsLine
from services.applications.web.rules_words import ACTS, BEGUN, GROUPS, LAND_NAMES, lines_about
from services.applications.web.visit import now, service_of
from shared.clock import BERLIN
from shared.once import Order, earlier
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import LANGUAGES
from shared.web.pages import gettext_of, language_of, page, see_other

FUNDS: Final = "/buero/fonds"
HERE: Final = "fonds"
TAKEN: Final = {"neu"}
"""Addresses that no fund can have."""

WORDS: Final[dict[str, Any]] = {
    "BEGUN": BEGUN,
    "LAND_NAMES": LAND_NAMES,
    "LANGUAGES": LANGUAGES,
}

router = Guarded()


class NewFund(Ordered):
    """A name, and the fund whose rules are copied."""

    name: list[WordsLine] = Field(min_length=1, max_length=1)
    like: str = ""


@dataclass(frozen=True)
class Version:
    """Rules with the day they hold from, and what they change of those before."""

    fund: Fund
    rules: Rules
    before: Rules | None

    @property
    def lines(self) -> Any:
        return lines_about(changed_rules(self.before, self.rules)) if self.before else []


@router.get(FUNDS, action="fund.office_read")
async def funds(request: Request) -> Response:
    """Every fund with this year's money."""
    at = now(request)
    async with service_of(request).db.read() as session:
        found = await funds_at(session, at)
        years = await years_of(session, found)
    this = {one.fund: one for one in years if one.year == year_of(at)}
    rows = [
        (code, rules, this.get(code) or BudgetYear.empty(code, year_of(at)))
        for code, rules in found.items()
    ]
    return page(
        request,
        "funds/list.html",
        title=gettext_of(request)("Fonds"),
        here=HERE,
        rows=rows,
        year=year_of(at),
        may_change=may_change(request),
    )


@router.get(FUNDS + "/neu", action="fund.found")
async def new(request: Request) -> Response:
    """A form with little in it: the rules come from a fund there is."""
    async with service_of(request).db.read() as session:
        found = await funds_at(session, now(request))
    form = blank({"command_id": str(uuid7()), "like": next(iter(found))})
    return _new_page(request, form, found)


@router.post(FUNDS + "/neu", action="fund.found")
async def found(request: Request) -> Response:
    """The new fund holds from today, with the other's rules."""
    form: Form[NewFund] = await read_form(request, NewFund)
    at = now(request)
    async with service_of(request).db.begin() as session:
        known = await funds_at(session, at)
        if form.data is None:
            return _new_page(request, form, known, status=422)
        sent = form.data
        like = known.get(sent.like) or next(iter(known.values()))
        name = Words(sent.name[0].model_dump(exclude_none=True))
        order = await order_of(request, session, sent)
        rules = like.model_copy(update={"name": name})
        code = await _found_once(session, rules, {*known, *TAKEN}, order)
    said = gettext_of(request)("Der Fonds ist angelegt. Prüfen Sie jetzt seine Regeln.")
    return see_other(f"{FUNDS}/{code}", note=said)


@router.get(FUNDS + "/{code}", action="fund.office_read")
async def show(request: Request, code: str) -> Response:
    """The rules that hold, those that will, and who changed what."""
    at = now(request)
    async with service_of(request).db.read() as session:
        versions = await versions_for(session, code)
        years = await years_of(session, [code])
        history, version = await history_of(session, code), await version_of(session, code)
        this = await year_or_empty(session, code, year_of(at))
    current = holding(versions, at)
    coming = [one for one in versions if one.fund.holds_from > current.fund.holds_from]
    return page(
        request,
        "funds/show.html",
        title=current.rules.name.in_(language_of(request)),
        here=HERE,
        code=code,
        current=current,
        coming=coming,
        past=[one for one in reversed(versions) if one.before and one not in coming],
        history=history,
        version_now=version,
        command_id=uuid7(),
        years=years,
        this=this,
        open_years=_without_budget(years, year_of(at)),
        groups=GROUPS,
        acts=ACTS,
        lines_about=lines_about,
        may_change=may_change(request),
        **WORDS,
    )


async def versions_for(session: AsyncSession, code: str) -> list[Version]:
    """Every dated row with what it changes; raises 404 for a fund there is not."""
    rows = await versions_of(session, code)
    if not rows:
        raise HTTPException(404)
    rules = [row.rules for row in rows]
    return [Version(row, rules[n], rules[n - 1] if n else None) for n, row in enumerate(rows)]


def holding(versions: list[Version], at: datetime) -> Version:
    """The last one that has begun; the first while none has."""
    today = at.astimezone(BERLIN).date()
    begun = [one for one in versions if one.fund.holds_from <= today]
    return begun[-1] if begun else versions[0]


def _without_budget(years: Sequence[BudgetYear], this: int) -> list[int]:
    """This year and the next, while they have no row among the years."""
    known = {one.year for one in years}
    return [year for year in (this, this + 1) if year not in known]


def may_change(request: Request) -> bool:
    """Auditors read without buttons."""
    return actor_of(request).has(Role.OFFICE)


async def _found_once(session: AsyncSession, rules: Rules, taken: set[str], order: Order) -> str:
    """The code of the fund this form founded, now or when it was sent before."""
    code = default_code(rules.name.root["de"], taken, order.at)
    content, named = rules.name.root, "found_fund"
    before = await earlier(
        session, Command, order, name=named, content=content, subject=id_of(code)
    )
    if before is not None:
        return next(one for one in taken if id_of(one) == before)
    await found_fund(session, code, rules, order)
    return code


def _new_page(
    request: Request, form: Form[Any], found: dict[str, Rules], *, status: int = 200
) -> Response:
    lang = language_of(request)
    return page(
        request,
        "funds/new.html",
        status=status,
        title=gettext_of(request)("Fonds anlegen"),
        here=HERE,
        form=form,
        funds=[(code, rules.name.in_(lang)) for code, rules in found.items()],
        LANGUAGES=LANGUAGES,
    )
