"""A fund's budget year: what it was given, what the council released, the grants, the books."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.budget import release, set_budget
from services.applications.domain import BudgetYear, Rules
from services.applications.domain.ledger import Account, Booking
from services.applications.queries.fund import names_of
from services.applications.queries.money import (
    Granted,
    balances,
    granted,
    ledger,
    year_or_empty,
)
from services.applications.web.funds import FUNDS, HERE, holding, may_change, versions_for
from services.applications.web.orders import Ordered, first_time, order_of, sent_before
from services.applications.web.visit import now, service_of
from services.applications.web.words import BADGES
from shared.events.applications import WaitsFor
from shared.web.access import Guarded
from shared.web.fields import Cents
from shared.web.formats import money
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

PATH: Final = FUNDS + "/{code}/{year}"
YEARS: Final = range(2000, 2100)

BOOKINGS: Final[Mapping[Booking, str]] = {
    Booking.ALLOTMENT: lazy("Budget"),
    Booking.RESERVATION: lazy("Zusage"),
    Booking.REVERSAL: lazy("Wieder frei"),
}
ACCOUNTS: Final[Mapping[Account, str]] = {
    Account.BUDGET: lazy("Jahresbudget"),
    Account.AVAILABLE: lazy("Noch frei"),
    Account.RESERVED: lazy("Zugesagt"),
}
WAITS: Final[Mapping[WaitsFor, str]] = {
    WaitsFor.RELEASE: lazy("wartet auf die Freigabe durch den Rat"),
    WaitsFor.CITY: lazy("wartet auf die Zustimmung der Stadt"),
}

router = Guarded()


class BudgetForm(Ordered):
    budget_cents: Cents


class ReleaseForm(Ordered):
    """Nothing, everything, or a part of the budget."""

    how: Literal["none", "part", "all"]
    part_cents: Cents | None = None
    turn: Literal["check", "change", "save"] = "check"

    def cents(self, year: BudgetYear) -> int | None:
        """How much is released altogether; None while the part is not said."""
        sums = {"none": 0, "part": self.part_cents, "all": year.budget_cents}
        return sums[self.how]


@router.get(PATH, action="fund.office_read")
async def show(request: Request, code: str, year: str) -> Response:
    """The year's money, its grants, and the newest bookings."""
    number = year_number(year)
    before = _cursor(request.query_params.get("vor", ""))
    async with service_of(request).db.read() as session:
        rules = await _rules(session, request, code)
        found = await year_or_empty(session, code, number)
        sums = await balances(session, code, number)
        books = await ledger(session, code, number, before=before)
        grants = await granted(session, [code], number, ended=True)
        names = await names_of(session, {line.actor for line in books.lines})
    return page(
        request,
        "funds/year.html",
        title=f"{rules.name.in_(language_of(request))} {number}",
        here=HERE,
        code=code,
        year=found,
        rules=rules,
        agree=sums.agree_with(found),
        books=books,
        newest=before is None,
        grants=grants,
        waiting=_waiting(grants),
        names=names,
        may_change=may_change(request),
        BADGES=BADGES,
        BOOKINGS=BOOKINGS,
        ACCOUNTS=ACCOUNTS,
        WAITS=WAITS,
    )


@router.get(PATH + "/budget", action="budget.set")
async def budget(request: Request, code: str, year: str) -> Response:
    """The budget as it is, or the usual one where there is none yet."""
    async with service_of(request).db.read() as session:
        rules = await _rules(session, request, code)
        found = await year_or_empty(session, code, year_number(year))
    cents = found.budget_cents or rules.year_cents
    form = blank(_hidden(found) | {"budget_cents": cents})
    return _form_page(request, "funds/budget.html", form, found, rules)


@router.post(PATH + "/budget", action="budget.set")
async def give(request: Request, code: str, year: str) -> Response:
    """Never less than what is promised already."""
    form: Form[BudgetForm] = await read_form(request, BudgetForm)
    number, _ = year_number(year), gettext_of(request)
    async with service_of(request).db.begin() as session:
        rules = await _rules(session, request, code)
        found = await year_or_empty(session, code, number)
        if form.data is not None and await _less_than_promised(session, form.data, found):
            _too_small(request, form, found.reserved_cents)
        if form.data is None:
            return _form_page(request, "funds/budget.html", form, found, rules, status=422)
        order = await order_of(request, session, form.data)
        cents = form.data.budget_cents
        if await first_time(session, order, "set_budget", found.budget_id, cents):
            await set_budget(session, code, number, cents, order, rules=rules)
    said = _("Das Budget für %(year)s ist gespeichert.") % {"year": number}
    return see_other(f"{FUNDS}/{code}/{number}", note=said)


@router.get(PATH + "/freigabe", action="budget.release")
async def released(request: Request, code: str, year: str) -> Response:
    """What the council released so far, to be changed."""
    async with service_of(request).db.read() as session:
        rules = await _rules(session, request, code)
        found = await year_or_empty(session, code, year_number(year))
    part = 0 < found.released_cents < found.budget_cents
    known = {"how": "part" if part else "all", "part_cents": found.released_cents if part else ""}
    return _form_page(request, "funds/release.html", blank(_hidden(found) | known), found, rules)


@router.post(PATH + "/freigabe", action="budget.release")
async def free(request: Request, code: str, year: str) -> Response:
    """First what it brings, then the release itself."""
    form: Form[ReleaseForm] = await read_form(request, ReleaseForm)
    number = year_number(year)
    async with service_of(request).db.begin() as session:
        rules = await _rules(session, request, code)
        found = await year_or_empty(session, code, number)
        cents = _released(request, form, found)
        if form.data is None or cents is None or form.data.turn == "change":
            status = 422 if form.errors else 200
            return _form_page(request, "funds/release.html", form, found, rules, status=status)
        if form.data.turn != "save":
            grants = await granted(session, [code], number)
            return _check_page(request, form, found, cents, _waiting(grants))
        order = await order_of(request, session, form.data)
        if await first_time(session, order, "release", found.budget_id, cents):
            found, _effective = await release(session, code, number, cents, order)
    said = gettext_of(request)("Die Freigabe ist gespeichert.")
    return see_other(f"{FUNDS}/{code}/{number}", note=said)


def _released(request: Request, form: Form[ReleaseForm], year: BudgetYear) -> int | None:
    """The sum, or why it cannot be, beside its field."""
    if form.data is None:
        return None
    cents, _ = form.data.cents(year), gettext_of(request)
    if cents is None:
        form.refuse("part_cents", _("Schreiben Sie, wie viel der Rat freigegeben hat."))
    elif cents > year.budget_cents:
        most = money(year.budget_cents, language_of(request))
        form.refuse("part_cents", _("Das Budget ist %(sum)s. Mehr geht nicht.") % {"sum": most})
    return None if form.errors else cents


async def _less_than_promised(session: AsyncSession, sent: BudgetForm, year: BudgetYear) -> bool:
    return sent.budget_cents < year.reserved_cents and not await sent_before(session, sent)


def _too_small(request: Request, form: Form[BudgetForm], promised: int) -> None:
    said = gettext_of(request)("Zugesagt sind schon %(sum)s. Weniger kann das Budget nicht sein.")
    form.refuse("budget_cents", said % {"sum": money(promised, language_of(request))})


def _check_page(
    request: Request,
    form: Form[ReleaseForm],
    year: BudgetYear,
    cents: int,
    waiting: list[Granted],
) -> Response:
    return page(
        request,
        "funds/release_check.html",
        title=gettext_of(request)("Freigabe prüfen"),
        here=HERE,
        form=form,
        hidden={name: v for name, v in form.values.items() if v and name != "turn"},
        year=year,
        cents=cents,
        gap=max(0, year.reserved_cents - cents),
        waiting=waiting,
        WAITS=WAITS,
        city=WaitsFor.CITY,
    )


def _form_page(
    request: Request,
    template: str,
    form: Form[Any],
    year: BudgetYear,
    rules: Rules,
    *,
    status: int = 200,
) -> Response:
    _ = gettext_of(request)
    title = _("Budget") if template == "funds/budget.html" else _("Freigabe durch den Rat")
    return page(
        request,
        template,
        status=status,
        title=f"{title} {year.year}",
        here=HERE,
        form=form,
        year=year,
        rules=rules,
    )


def _waiting(grants: Sequence[Granted]) -> list[Granted]:
    """Those that take effect with the release, if nothing else is missing."""
    return [one for one in grants if one.grant.waits_for_release and one.grant.ended_at is None]


async def _rules(session: AsyncSession, request: Request, code: str) -> Rules:
    return holding(await versions_for(session, code), now(request)).rules


def _hidden(year: BudgetYear) -> dict[str, Any]:
    return {"command_id": str(uuid7()), "version": year.version or 0}


def year_number(typed: str) -> int:
    """A year there can be; anything else is no page."""
    if not (typed.isascii() and typed.isdecimal() and int(typed) in YEARS):
        raise HTTPException(404)
    return int(typed)


def _cursor(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
