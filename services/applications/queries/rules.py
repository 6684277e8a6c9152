"""What other rules would come to: run over the open applications, which keep their own."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import (
    Application,
    Attachment,
    CostMark,
    Rules,
    SessionDate,
    Status,
)
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import Check, Earlier, Facts, checklist
from services.applications.queries.check import as_earlier
from shared.events.applications import CheckItem, Tier

UNDECIDED: Final = (
    Status.SUBMITTED,
    Status.CORRECTION_REQUESTED,
    Status.ADMISSIBLE,
    Status.SCHEDULED,
    Status.DEFERRED,
)
MOST: Final = 500
"""Open applications that are looked at, the newest first."""


@dataclass(frozen=True)
class Difference:
    """How many open applications these rules would see differently, and in which lines."""

    looked_at: int
    other: int
    lines: Mapping[CheckItem, int]
    other_tier: int
    """Somebody else would decide."""


async def difference(session: AsyncSession, fund: str, rules: Rules) -> Difference:
    """The formal check of every open application under its own rules and under these."""
    chosen = select(Application).where(Application.fund == fund)
    newest = chosen.where(Application.status.in_(UNDECIDED)).order_by(
        Application.submitted_at.desc()
    )
    found = [one for one in await session.scalars(newest.limit(MOST)) if one.answers]
    facts = await _facts(session, found)
    lines: Counter[CheckItem] = Counter()
    other, tiers = 0, 0
    for one in found:
        own = Rules.model_validate(one.rules)
        differ = _differing(one, own, rules, facts[one.id])
        tier = _decides(own, one) != _decides(rules, one)
        lines.update(differ)
        tiers += tier
        other += bool(differ) or tier
    return Difference(len(found), other, lines, tiers)


def _decides(rules: Rules, one: Application) -> tuple[Tier, bool]:
    asked = one.asked_cents or 0
    return rules.decides(asked), rules.needs_city(asked)


def _differing(one: Application, own: Rules, new: Rules, facts: Facts) -> list[CheckItem]:
    answers = Answers.model_validate(one.answers)
    before, after = (
        checklist(answers, rules, _as_seen_by(rules, one, facts), {}) for rules in (own, new)
    )
    pairs = zip(before, after, strict=True)
    return [first.item for first, second in pairs if _verdict(first) != _verdict(second)]


def _verdict(check: Check) -> tuple[bool, bool]:
    """A rule that is kept and one that is not asked for come to the same."""
    return check.passed, check.broken


def _as_seen_by(rules: Rules, one: Application, facts: Facts) -> Facts:
    """Small sums are decided about at once, the others at their session."""
    at_once = rules.decides(one.asked_cents or 0) is Tier.OFFICE
    return replace(facts, decided_at=facts.submitted_at) if at_once else facts


async def _facts(session: AsyncSession, found: Sequence[Application]) -> dict[UUID, Facts]:
    """What the checks look at, for all of them: four queries."""
    ids = [one.id for one in found]
    files = select(Attachment.application_id, func.count()).where(
        Attachment.application_id.in_(ids)
    )
    grouped = await session.execute(files.group_by(Attachment.application_id))
    counted: dict[UUID, int] = {row[0]: row[1] for row in grouped}
    marked: dict[UUID, list[int]] = defaultdict(list)
    for mark in await session.scalars(select(CostMark).where(CostMark.application_id.in_(ids))):
        marked[mark.application_id].append(mark.line)
    dates = await _dates(session, {one.session_id for one in found if one.session_id})
    earlier = await _earlier(session, found)
    return {
        one.id: Facts(
            submitted_at=one.submitted_at,
            decided_at=dates[one.session_id].starts_at if one.session_id in dates else None,
            files=counted.get(one.id, 0),
            earlier=earlier[one.id],
            not_paid_lines=marked[one.id],
        )
        for one in found
        if one.submitted_at
    }


async def _dates(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, SessionDate]:
    chosen = select(SessionDate).where(SessionDate.session_id.in_(ids))
    return {one.session_id: one for one in await session.scalars(chosen)}


async def _earlier(
    session: AsyncSession, found: Iterable[Application]
) -> dict[UUID, list[Earlier]]:
    """Other applications from the same address or under the same name, for each of them."""
    funds = {one.fund for one in found}
    names = {one.applicant for one in found}
    hashes = {one.email_hash for one in found if one.email_hash}
    chosen = (
        select(Application)
        .where(Application.fund.in_(funds), Application.number.is_not(None))
        .where(Application.erased_at.is_(None))
        .where(or_(Application.applicant.in_(names), Application.email_hash.in_(hashes)))
    )
    others = (await session.scalars(chosen)).all()
    return {
        one.id: [
            as_earlier(other)
            for other in others
            if other.id != one.id
            and (other.applicant == one.applicant or _same_address(one, other))
        ]
        for one in found
    }


def _same_address(one: Application, other: Application) -> bool:
    return one.email_hash is not None and one.email_hash == other.email_hash
