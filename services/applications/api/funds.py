"""Funds for programs: founded, and their rules with the dates from which they hold."""

from datetime import date
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.door import Click, Sent, api
from services.applications.api.refusals import problems
from services.applications.commands.funds import (
    NoSuchFund,
    change_rules,
    drop_coming_rules,
    found_fund,
)
from services.applications.domain import Rules
from services.applications.queries.fund import NoRules, funds_at, rules_at, version_of, versions_of
from services.applications.web.orders import first_time, order_of
from services.applications.web.visit import now, service_of
from shared.once import Order

Code = Annotated[str, Path(max_length=40, description="code of the fund")]


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
        order = await order_once(request, session, said, "fund.found", body.code)
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
        order = await order_once(request, session, sent.saying(body), name, code)
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
        order = await order_once(request, session, sent, f"fund.drop.{holds_from}", code)
        if order is not None:
            await drop_coming_rules(session, code, holds_from, order)
    return await _fund_now(request, response, code)


async def order_once(
    request: Request, session: AsyncSession, sent: Sent, name: str, subject: str
) -> Order | None:
    """The order to act by; None if this request was carried out before."""
    order = await order_of(request, session, sent)
    new = await first_time(session, order, f"api.{name}", subject, [subject, sent.content])
    return order if new else None


async def known_fund(session: AsyncSession, code: str) -> None:
    """Raises NoSuchFund for a code nobody wrote rules for."""
    if not await versions_of(session, code):
        raise NoSuchFund


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
