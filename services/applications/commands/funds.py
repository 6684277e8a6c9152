"""Funds and their rules: every change is dated, and no recorded result changes with it."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Fund, Rules
from services.applications.queries.fund import codes_in_use, version_of
from services.applications.store import note
from shared.days import local_day
from shared.once import Order, unchanged


class FundExists(Exception):
    """There is a fund of this code already."""


class NoSuchFund(Exception):
    """No rules of such a fund were ever written down."""


class RulesOfThePast(Exception):
    """Rules can hold from today on: what was decided yesterday stays decided."""


class FieldInUse(Exception):
    """Applications are filed under this field of action: it can be renamed, not removed."""

    def __init__(self, codes: set[str]) -> None:
        super().__init__(", ".join(sorted(codes)))
        self.codes = codes


async def found_fund(session: AsyncSession, code: str, rules: Rules, order: Order) -> Fund:
    """A new fund, its rules holding from today."""
    if await session.scalar(select(Fund).where(Fund.code == code).limit(1)) is not None:
        raise FundExists
    fund = Fund(code=code, holds_from=local_day(order.at), content=rules.model_dump(mode="json"))
    session.add(fund)
    note(session, at=order.at, actor=order.by, action="fund.found", subject=code)
    return fund


async def change_rules(
    session: AsyncSession, code: str, rules: Rules, holds_from: date, order: Order
) -> Fund:
    """These rules hold from that day; a change of the same day is replaced.

    Raises RulesOfThePast, FieldInUse, and ChangedMeanwhile for a form that shows older rules.
    """
    if holds_from < local_day(order.at):
        raise RulesOfThePast
    rows = await _locked(session, code, order)
    if missing := await codes_in_use(session, code) - {field.code for field in rules.fields}:
        raise FieldInUse(missing)
    fund = rows.get(holds_from)
    before = (fund or rows[max(day for day in rows if day <= holds_from)]).rules
    content = rules.model_dump(mode="json")
    if fund is None:
        fund = Fund(code=code, holds_from=holds_from, content=content)
        session.add(fund)
    fund.content = content
    note(
        session,
        at=order.at,
        actor=order.by,
        action="fund.change",
        subject=code,
        holds_from=holds_from.isoformat(),
        fields=changed_rules(before, rules),
    )
    return fund


async def drop_coming_rules(
    session: AsyncSession, code: str, holds_from: date, order: Order
) -> None:
    """Take back a change that does not hold yet; raises RulesOfThePast once it does."""
    if holds_from <= local_day(order.at):
        raise RulesOfThePast
    fund = (await _locked(session, code, order)).get(holds_from)
    if fund is not None:
        await session.delete(fund)
        note(
            session,
            at=order.at,
            actor=order.by,
            action="fund.drop_change",
            subject=code,
            holds_from=holds_from.isoformat(),
        )


async def _locked(session: AsyncSession, code: str, order: Order) -> dict[date, Fund]:
    """The fund's dated rules, nobody else's until this transaction ends."""
    known = select(Fund).where(Fund.code == code).order_by(Fund.holds_from).with_for_update()
    rows = {fund.holds_from: fund for fund in await session.scalars(known)}
    if not rows:
        raise NoSuchFund
    unchanged("fund", order, now=await version_of(session, code))
    return rows


def changed_rules(before: Rules, after: Rules) -> list[str]:
    """Names of the rules that differ."""
    return [name for name in Rules.model_fields if getattr(before, name) != getattr(after, name)]


def default_code(name: str, taken: set[str], at: datetime) -> str:
    """An address for a new fund from its name, unlike those there are."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.casefold())
    code = "-".join(part for part in plain.split("-") if part)[:36] or f"fonds-{local_day(at).year}"
    number = 2
    while code in taken:
        code, number = f"{code.rstrip('0123456789-')}-{number}", number + 1
    return code
