"""The formal check: what the rules say by themselves, and what a person has to judge."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.domain.answers import Answers, ApplicantKind, FundingKind
from services.applications.domain.fund import Begun, Rules
from services.applications.domain.status import Status
from services.applications.store import Base
from shared.days import local_day
from shared.events.applications import CheckItem


class Finding(StrEnum):
    """What the rules say to a line by themselves."""

    FULFILLED = "fulfilled"
    BROKEN = "broken"
    ASK = "ask"
    """Only a person can tell."""
    NOT_ASKED = "not_asked"
    """The fund has no such rule, or it does not concern this application."""


class Judgement(StrEnum):
    """What a person says to a line."""

    YES = "yes"
    NO = "no"


class CheckMark(Base):
    """A person's judgement on one line; it counts more than what the rules found."""

    __tablename__ = "check_marks"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    item: Mapped[CheckItem] = mapped_column(primary_key=True)
    judgement: Mapped[Judgement]
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class CostMark(Base):
    """A line of the plan the fund does not pay, with the kind of cost it is."""

    __tablename__ = "cost_marks"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))


class ReasonMissing(Exception):
    """An exception from a rule needs its reason in words."""

    def __init__(self, item: CheckItem) -> None:
        super().__init__(item)
        self.item = item


class NotChecked(Exception):
    """Lines of the check that are open or broken: nothing can be admitted yet."""

    def __init__(self, items: Sequence[CheckItem]) -> None:
        super().__init__(", ".join(items))
        self.items = items


class PublicTitleMissing(Exception):
    """The board and the public need a title that names nobody."""


@dataclass(frozen=True)
class Earlier:
    """Another application of the same sponsor or address."""

    id: UUID
    number: str
    title: str
    status: Status
    submitted_at: datetime
    organisation: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything the rules look at besides the answers."""

    submitted_at: datetime
    decided_at: datetime | None
    """When the decision is expected: the session, None while none is known."""
    files: int
    earlier: Sequence[Earlier] = ()
    not_paid_lines: Collection[int] = ()


@dataclass(frozen=True)
class Check:
    """One line: the finding, the numbers that explain it, and a person's mark."""

    item: CheckItem
    finding: Finding
    facts: Mapping[str, Any] = field(default_factory=dict)
    mark: CheckMark | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing stands against admitting; a judgement counts more than a finding."""
        if self.mark is not None:
            return self.mark.judgement is Judgement.YES
        return self.finding in (Finding.FULFILLED, Finding.NOT_ASKED)

    @property
    def broken(self) -> bool:
        """Whether it is a reason to say no."""
        if self.mark is not None:
            return self.mark.judgement is Judgement.NO
        return self.finding is Finding.BROKEN


ORDER: Final = tuple(item for item in CheckItem if item is not CheckItem.OTHER)


def checklist(
    answers: Answers, rules: Rules, facts: Facts, marks: Mapping[CheckItem, CheckMark]
) -> list[Check]:
    """Every line, in the order the office works through them."""
    found = {item: (finding, numbers) for item, finding, numbers in _find(answers, rules, facts)}
    return [Check(item, *found[item], marks.get(item)) for item in ORDER]


def eligible_cents(answers: Answers, not_paid_lines: Collection[int]) -> int:
    """What the plan costs without the lines the fund does not pay."""
    lines = enumerate(answers.costs.costs)
    return sum(line.cents for number, line in lines if number not in not_paid_lines)


def most_cents(answers: Answers, not_paid_lines: Collection[int]) -> int:
    """Deficit funding: never more than asked, nor than eligible costs without others' money."""
    missing = eligible_cents(answers, not_paid_lines) - answers.costs.others
    return max(0, min(answers.costs.asked_cents, missing))


Found = tuple[CheckItem, Finding, dict[str, Any]]
C, F = CheckItem, Finding


def _find(answers: Answers, rules: Rules, facts: Facts) -> Iterator[Found]:
    yield C.WHO_MAY_APPLY, F.ASK, {}
    yield _plan(answers)
    yield _quotes(answers, rules, facts)
    yield _not_begun(answers, rules, facts)
    yield _lead_time(answers, rules, facts)
    yield _ends_in_time(answers, rules, facts)
    yield _cap(answers, rules)
    yield _own_share(answers, rules, facts)
    yield _not_fundable(answers, rules, facts)
    yield _repeat(rules, facts)
    yield _one_per_sponsor(answers, rules, facts)


def _plan(answers: Answers) -> Found:
    costs = answers.costs
    gap = costs.total - costs.others - costs.asked_cents
    numbers = {"total": costs.total, "others": costs.others, "asked": costs.asked_cents, "gap": gap}
    return C.FUNDING_PLAN, F.FULFILLED if gap == 0 else F.ASK, numbers


def _quotes(answers: Answers, rules: Rules, facts: Facts) -> Found:
    limit = rules.quotes_from_cents
    if limit is None:
        return C.QUOTES, F.NOT_ASKED, {}
    large = [n for n, line in enumerate(answers.costs.costs) if line.cents >= limit]
    numbers = {"from": limit, "needed": rules.quotes_needed, "files": facts.files, "lines": large}
    if not large:
        return C.QUOTES, F.NOT_ASKED, numbers
    return C.QUOTES, F.ASK if facts.files >= rules.quotes_needed else F.BROKEN, numbers


def _not_begun(answers: Answers, rules: Rules, facts: Facts) -> Found:
    begins = answers.idea.starts_on
    numbers = {"starts_on": begins, "decided_at": facts.decided_at}
    if facts.decided_at is None:
        return C.NOT_BEGUN, F.ASK, numbers
    if begins > local_day(facts.decided_at):
        return C.NOT_BEGUN, F.FULFILLED, numbers
    return C.NOT_BEGUN, F.BROKEN if rules.begun is Begun.INADMISSIBLE else F.ASK, numbers


def _lead_time(answers: Answers, rules: Rules, facts: Facts) -> Found:
    if not rules.lead_days:
        return C.LEAD_TIME, F.NOT_ASKED, {}
    earliest = local_day(facts.submitted_at) + timedelta(days=rules.lead_days)
    kept = answers.idea.starts_on >= earliest
    numbers = {"days": rules.lead_days, "earliest": earliest, "starts_on": answers.idea.starts_on}
    return C.LEAD_TIME, F.FULFILLED if kept else F.BROKEN, numbers


def _ends_in_time(answers: Answers, rules: Rules, facts: Facts) -> Found:
    last = rules.last_day(_decision_day(facts))
    if last is None:
        return C.ENDS_IN_TIME, F.NOT_ASKED, {}
    numbers = {"last": last, "ends_on": answers.idea.ends_on}
    return C.ENDS_IN_TIME, F.FULFILLED if answers.idea.ends_on <= last else F.BROKEN, numbers


def _cap(answers: Answers, rules: Rules) -> Found:
    if rules.cap_cents is None:
        return C.CAP, F.NOT_ASKED, {}
    numbers = {"cap": rules.cap_cents, "asked": answers.costs.asked_cents}
    return C.CAP, F.FULFILLED if numbers["asked"] <= rules.cap_cents else F.BROKEN, numbers


def _own_share(answers: Answers, rules: Rules, facts: Facts) -> Found:
    """Integers only: own · 100 ≥ percent · eligible."""
    if not rules.own_share_percent:
        return C.OWN_SHARE, F.NOT_ASKED, {}
    counted = {FundingKind.OWN_MONEY}
    if rules.own_share_may_be_work:
        counted |= {FundingKind.OWN_WORK, FundingKind.OWN_ROOMS}
    own = sum(line.cents for line in answers.costs.funding if line.kind in counted)
    eligible = eligible_cents(answers, facts.not_paid_lines)
    enough = own * 100 >= rules.own_share_percent * eligible
    numbers = {"percent": rules.own_share_percent, "own": own, "eligible": eligible}
    return C.OWN_SHARE, F.FULFILLED if enough else F.BROKEN, numbers


def _not_fundable(answers: Answers, rules: Rules, facts: Facts) -> Found:
    most = most_cents(answers, facts.not_paid_lines)
    eligible = eligible_cents(answers, facts.not_paid_lines)
    numbers = {"eligible": eligible, "most": most, "lines": sorted(facts.not_paid_lines)}
    if most == 0:
        return C.NOT_FUNDABLE, F.BROKEN, numbers
    return C.NOT_FUNDABLE, F.ASK if rules.not_paid else F.NOT_ASKED, numbers


def _repeat(rules: Rules, facts: Facts) -> Found:
    if rules.rejected_may_return:
        return C.REPEAT, F.NOT_ASKED, {}
    rejected = [one for one in facts.earlier if one.status is Status.REJECTED]
    return C.REPEAT, F.ASK if rejected else F.FULFILLED, {"earlier": rejected}


def _one_per_sponsor(answers: Answers, rules: Rules, facts: Facts) -> Found:
    if not rules.one_per_sponsor or answers.applicant.kind is ApplicantKind.PERSON:
        return C.ONE_PER_SPONSOR, F.NOT_ASKED, {}
    year = local_day(facts.submitted_at).year
    same = [
        one
        for one in facts.earlier
        if one.status not in GONE and local_day(one.submitted_at).year == year
    ]
    return C.ONE_PER_SPONSOR, F.ASK if same else F.FULFILLED, {"earlier": same}


GONE: Final = frozenset({Status.WITHDRAWN, Status.INADMISSIBLE, Status.REJECTED, Status.LAPSED})
"""Applications that came to nothing do not stand in the way of another."""


LOOKS_AT: Final[Mapping[CheckItem, frozenset[str]]] = {
    C.WHO_MAY_APPLY: frozenset({"kind", "name", "legal_form"}),
    C.FUNDING_PLAN: frozenset({"costs", "funding", "asked_cents"}),
    C.QUOTES: frozenset({"costs"}),
    C.NOT_BEGUN: frozenset({"starts_on"}),
    C.LEAD_TIME: frozenset({"starts_on"}),
    C.ENDS_IN_TIME: frozenset({"ends_on"}),
    C.CAP: frozenset({"asked_cents"}),
    C.OWN_SHARE: frozenset({"costs", "funding"}),
}
"""The answers a judgement rests on: when one of them changes, a person is asked again."""


def _decision_day(facts: Facts) -> date:
    return local_day(facts.decided_at or facts.submitted_at)
