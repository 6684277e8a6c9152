"""The funds as everybody may see them: this year's money, and what it went to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import BudgetYear, Rules, year_of
from services.applications.queries.fund import funds_at
from services.applications.queries.money import Granted, asked_for, granted, years_of


@dataclass(frozen=True)
class Field:
    """A field of action with the cents asked for and granted."""

    name: str
    asked: int
    granted: int


@dataclass(frozen=True)
class PublicFund:
    """One fund: the chosen year's money, and fields and projects of the year they are shown for."""

    code: str
    rules: Rules
    year: BudgetYear
    fields: list[Field]
    projects: list[Granted]

    @property
    def most(self) -> int:
        """What the longest bar stands for."""
        return max((max(field.asked, field.granted) for field in self.fields), default=0)

    @property
    def first(self) -> Field | None:
        """Where most of the money went, if any did."""
        best = max(self.fields, key=lambda field: field.granted, default=None)
        return best if best and best.granted else None


@dataclass(frozen=True)
class PublicYear:
    """All funds in one year; `shown` is another year while the chosen one has no project yet."""

    chosen: int
    shown: int
    years: list[int]
    funds: list[PublicFund]


async def public_year(
    session: AsyncSession, at: datetime, lang: str, *, asked: str = ""
) -> PublicYear:
    """The year asked for, else this one; four queries however many projects there are."""
    rules = await funds_at(session, at)
    known = [one for one in await years_of(session, rules) if one.year <= year_of(at)]
    years = sorted({one.year for one in known} | {year_of(at)}, reverse=True)
    chosen = next((year for year in years if str(year) == asked), year_of(at))
    shown = chosen if asked else _with_projects(known, chosen)
    wanted = await asked_for(session, rules, shown)
    projects = await granted(session, rules, shown)
    money = {(one.fund, one.year): one for one in known}
    funds = []
    for code, one in rules.items():
        own = [project for project in projects if project.grant.fund == code]
        year = money.get((code, chosen)) or BudgetYear.empty(code, chosen)
        fields = _fields(one, {f: c for (fund, f), c in wanted.items() if fund == code}, own, lang)
        funds.append(PublicFund(code, one, year, fields, own))
    return PublicYear(chosen, shown, years, funds)


def _with_projects(known: Sequence[BudgetYear], chosen: int) -> int:
    """The newest year in which money was promised; the chosen one if there is none."""
    return next((one.year for one in known if one.year <= chosen and one.reserved_cents), chosen)


def _fields(
    rules: Rules, asked: dict[str, int], projects: Sequence[Granted], lang: str
) -> list[Field]:
    """Fields somebody asked money for, the one with most money first."""
    given = dict.fromkeys(asked, 0)
    for project in projects:
        code = project.field_of_action
        given[code] = given.get(code, 0) + project.grant.amount_cents
    names = {field.code: field.name.in_(lang) for field in rules.fields}
    found = [
        Field(names.get(code, code), asked.get(code, 0), cents) for code, cents in given.items()
    ]
    return sorted(found, key=lambda field: (-field.granted, -field.asked, field.name))
