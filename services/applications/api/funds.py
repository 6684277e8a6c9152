"""Funds and their years for programs: rules with their dates, budget, release, the books."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.door import Click, Sent, api
from services.applications.api.refusals import problems
from services.applications.api.shapes import Out
from services.applications.commands.budget import release, set_budget
from services.applications.commands.funds import (
    NoSuchFund,
    change_rules,
    drop_coming_rules,
    found_fund,
)
from services.applications.domain import BudgetYear, Rules
from services.applications.domain.ledger import Account, Booking
from services.applications.queries.fund import NoRules, funds_at, rules_at, version_of, versions_of
from services.applications.queries.money import ledger, year_or_empty, years_of
from services.applications.web.orders import first_time, order_of
from services.applications.web.visit import now, service_of
from shared.once import Order
from shared.web.fields import MOST_CENTS

Code = Annotated[str, Path(max_length=40, description="code of the fund")]
Year = Annotated[int, Path(ge=2000, le=9999, description="budget year")]


class DatedRules(BaseModel):
    """The fund's rules from one day on."""

    holds_from: date
    rules: Rules


class FundOut(BaseModel):
    """A fund: the rules of today, every dated change, and the version a change is made on."""

    code: str
    version: int
    rules: Rules | None
    """Of today; null for a fund that is still to come."""
    versions: list[DatedRules]


class FundList(BaseModel):
    """Funds whose rules hold today, the oldest first."""

    funds: list[FundOut]


class FundIn(BaseModel):
    """A new fund; its rules hold from today."""

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")
    rules: Rules


class YearOut(Out):
    """A year's money in cents; `gap_cents` is what the council still has to release."""

    fund: str
    year: int
    budget_cents: int
    released_cents: int
    available_cents: int
    reserved_cents: int
    gap_cents: int
    version: int


class YearList(BaseModel):
    """The fund's years, the newest first."""

    years: list[YearOut]


class CentsIn(BaseModel):
    """A sum in cents, altogether."""

    cents: int = Field(ge=0, le=MOST_CENTS, examples=[500_000])


class LedgerLine(Out):
    """A booking with both sides (`moved`, they add up to zero), and the balances after it."""

    id: UUID
    at: AwareDatetime
    kind: Booking
    actor: str
    number: str | None
    application_id: UUID | None
    moved: dict[Account, int]
    available: int
    reserved: int


class LedgerOut(BaseModel):
    """Newest first, 25 a page; `older` leads to the next, null on the last."""

    lines: list[LedgerLine]
    older: UUID | None


@api.get("/funds", action="api.read", response_model=FundList, responses=problems())
async def list_funds(request: Request) -> FundList:
    """Every fund whose rules hold today."""
    async with service_of(request).db.read() as session:
        codes = list(await funds_at(session, now(request)))
        return FundList(funds=[await _fund(request, session, code) for code in codes])


@api.post(
    "/funds",
    action="fund.found",
    status_code=201,
    response_model=FundOut,
    responses=problems(409),
)
async def post_fund(request: Request, response: Response, body: FundIn, sent: Click) -> FundOut:
    """Found a fund."""
    async with service_of(request).db.begin() as session:
        said = sent.saying(body)
        order = await _order(request, session, said, "fund.found", body.code)
        if order is not None:
            await found_fund(session, body.code, body.rules, order)
    response.headers["Location"] = f"{api.prefix}/funds/{body.code}"
    return await _fund_now(request, response, body.code)


@api.get("/funds/{code}", action="api.read", response_model=FundOut, responses=problems(404))
async def get_fund(request: Request, response: Response, code: Code) -> FundOut:
    """The rules of today and every dated change."""
    return await _fund_now(request, response, code)


@api.put(
    "/funds/{code}/rules/{holds_from}",
    action="fund.change",
    response_model=FundOut,
    responses=problems(404, 409, 412),
)
async def put_rules(
    request: Request,
    response: Response,
    *,
    code: Code,
    holds_from: date,
    body: Rules,
    sent: Click,
) -> FundOut:
    """These rules hold from that day on; what is recorded keeps the rules it was made under."""
    async with service_of(request).db.begin() as session:
        name = f"fund.change.{holds_from}"
        order = await _order(request, session, sent.saying(body), name, code)
        if order is not None:
            await change_rules(session, code, body, holds_from, order)
    return await _fund_now(request, response, code)


@api.delete(
    "/funds/{code}/rules/{holds_from}",
    action="fund.change",
    response_model=FundOut,
    responses=problems(404, 409, 412),
)
async def delete_rules(
    request: Request, response: Response, code: Code, holds_from: date, sent: Click
) -> FundOut:
    """Take back a change that does not hold yet."""
    async with service_of(request).db.begin() as session:
        order = await _order(request, session, sent, f"fund.drop.{holds_from}", code)
        if order is not None:
            await drop_coming_rules(session, code, holds_from, order)
    return await _fund_now(request, response, code)


@api.get("/funds/{code}/years", action="api.read", response_model=YearList, responses=problems(404))
async def list_years(request: Request, code: Code) -> YearList:
    """Every year the fund was given money for."""
    async with service_of(request).db.read() as session:
        await _known(session, code)
        found = await years_of(session, [code])
        return YearList(years=[YearOut.model_validate(year) for year in found])


@api.get(
    "/funds/{code}/years/{year}",
    action="api.read",
    response_model=YearOut,
    responses=problems(404),
)
async def get_year(request: Request, response: Response, code: Code, year: Year) -> YearOut:
    """Budget, release, and what is left of it."""
    return await _year_now(request, response, code, year)


@api.put(
    "/funds/{code}/years/{year}/budget",
    action="budget.set",
    response_model=YearOut,
    responses=problems(404, 409, 412),
)
async def put_budget(
    request: Request,
    response: Response,
    *,
    code: Code,
    year: Year,
    body: CentsIn,
    sent: Click,
) -> YearOut:
    """Give the year this much altogether; never less than what is promised."""
    async with service_of(request).db.begin() as session:
        rules = await _rules(request, session, code)
        said = sent.saying(body)
        order = await _order(request, session, said, "budget", f"{code}-{year}")
        if order is not None:
            await set_budget(session, code, year, body.cents, order, rules=rules)
    return await _year_now(request, response, code, year)


@api.put(
    "/funds/{code}/years/{year}/release",
    action="budget.release",
    response_model=YearOut,
    responses=problems(404, 409, 412),
)
async def put_release(
    request: Request,
    response: Response,
    *,
    code: Code,
    year: Year,
    body: CentsIn,
    sent: Click,
) -> YearOut:
    """The council frees this much altogether; waiting grants take effect if all of them fit."""
    async with service_of(request).db.begin() as session:
        await _known(session, code)
        said = sent.saying(body)
        order = await _order(request, session, said, "release", f"{code}-{year}")
        if order is not None:
            await release(session, code, year, body.cents, order)
    return await _year_now(request, response, code, year)


@api.get(
    "/funds/{code}/years/{year}/ledger",
    action="api.read",
    response_model=LedgerOut,
    responses=problems(404),
)
async def get_ledger(
    request: Request,
    code: Code,
    year: Year,
    before: Annotated[UUID | None, Query(description="`older` of the page before")] = None,
) -> LedgerOut:
    """The year's bookings, both sides, appended to and never changed."""
    async with service_of(request).db.read() as session:
        await _known(session, code)
        found = await ledger(session, code, year, before=before)
    lines = [LedgerLine.model_validate(line) for line in found.lines]
    return LedgerOut(lines=lines, older=found.older)


async def _order(
    request: Request, session: AsyncSession, sent: Sent, name: str, subject: str
) -> Order | None:
    """The order to act by; None if this request was carried out before."""
    order = await order_of(request, session, sent)
    new = await first_time(session, order, f"api.{name}", subject, [subject, sent.content])
    return order if new else None


async def _known(session: AsyncSession, code: str) -> None:
    if not await versions_of(session, code):
        raise NoSuchFund


async def _rules(request: Request, session: AsyncSession, code: str) -> Rules:
    await _known(session, code)
    return await rules_at(session, now(request), code)


async def _fund(request: Request, session: AsyncSession, code: str) -> FundOut:
    versions = await versions_of(session, code)
    if not versions:
        raise NoSuchFund
    try:
        rules = await rules_at(session, now(request), code)
    except NoRules:
        rules = None
    dated = [DatedRules(holds_from=one.holds_from, rules=one.rules) for one in versions]
    version = await version_of(session, code)
    return FundOut(code=code, version=version, rules=rules, versions=dated)


async def _fund_now(request: Request, response: Response, code: str) -> FundOut:
    async with service_of(request).db.read() as session:
        out = await _fund(request, session, code)
    response.headers["ETag"] = f'"{out.version}"'
    return out


async def _year_now(request: Request, response: Response, code: str, year: int) -> YearOut:
    async with service_of(request).db.read() as session:
        await _known(session, code)
        found: BudgetYear = await year_or_empty(session, code, year)
        out = YearOut.model_validate(
            {name: getattr(found, name) or 0 for name in YearOut.model_fields if name != "fund"}
            | {"fund": code}
        )
    response.headers["ETag"] = f'"{out.version}"'
    return out
