"""A fund's years for programs: budget, release by the council, the books."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.door import Click, api
from services.applications.api.funds import Code, known_fund, order_once
from services.applications.api.refusals import problems
from services.applications.api.shapes import Out
from services.applications.commands.budget import release, set_budget
from services.applications.domain import BudgetYear, Rules
from services.applications.domain.ledger import Account, Booking
from services.applications.queries.fund import rules_at
from services.applications.queries.money import ledger, year_or_empty, years_of
from services.applications.web.visit import now, service_of
from shared.web.fields import MOST_CENTS

Year = Annotated[int, Path(ge=2000, le=9999, description="budget year")]


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


@api.get("/funds/{code}/years", action="api.read", response_model=YearList, responses=problems(404))
async def list_years(request: Request, code: Code) -> YearList:
    """Every year the fund was given money for."""
    async with service_of(request).db.read() as session:
        await known_fund(session, code)
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
        order = await order_once(request, session, said, "budget", f"{code}-{year}")
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
        await known_fund(session, code)
        said = sent.saying(body)
        order = await order_once(request, session, said, "release", f"{code}-{year}")
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
        await known_fund(session, code)
        found = await ledger(session, code, year, before=before)
    lines = [LedgerLine.model_validate(line) for line in found.lines]
    return LedgerOut(lines=lines, older=found.older)


async def _rules(request: Request, session: AsyncSession, code: str) -> Rules:
    await known_fund(session, code)
    return await rules_at(session, now(request), code)


async def _year_now(request: Request, response: Response, code: str, year: int) -> YearOut:
    async with service_of(request).db.read() as session:
        await known_fund(session, code)
        found: BudgetYear = await year_or_empty(session, code, year)
        out = YearOut.model_validate(
            {name: getattr(found, name) or 0 for name in YearOut.model_fields if name != "fund"}
            | {"fund": code}
        )
    response.headers["ETag"] = f'"{out.version}"'
    return out
