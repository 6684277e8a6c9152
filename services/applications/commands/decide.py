"""Decisions: the board's as told by its votes, the office's own for small sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.clocks import stop_clocks
from services.applications.commands.grants import Award, award
from services.applications.commands.money import (
    NoBudget,
    fund_of,
    locked_application,
    locked_year,
)
from services.applications.commands.papers import explain, not_paid_lines
from services.applications.commands.place import following_place
from services.applications.domain import (
    Application,
    BudgetYear,
    Decision,
    IllegalMove,
    Rules,
    Status,
)
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import most_cents
from services.applications.domain.fund import year_of
from services.applications.domain.record import Outcome
from services.applications.store import note, record
from shared.events.applications import (
    Budget,
    DeferredBecause,
    GrantNotCovered,
    RejectedBecause,
    Tier,
)
from shared.events.meetings import Motion, Verdict, VoteClosed
from shared.sealed import Seals

BOARD: Final = "board"
NO: Final = {Verdict.REJECTED: RejectedBecause.VOTE, Verdict.TIED: RejectedBecause.TIE}


class NotForTheOffice(Exception):
    """A sum of this size is the board's to decide."""


class TooMuch(Exception):
    """More than was asked for, or than eligible costs leave to be paid."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} cents")
        self.most = most


class NotYetOnTheAgenda(Exception):
    """The vote came before the word that the application is on an agenda: answered again later."""


async def vote_closed(session: AsyncSession, vote: VoteClosed) -> Outcome | None:
    """Move the application by its vote, once; None if this vote was answered before.

    A yes that the year does not cover reserves nothing and leaves the application on the agenda.
    """
    assert vote.application_id is not None
    if await session.get(Decision, vote.vote_id) is not None:
        return None
    fund = await fund_of(session, vote.application_id)
    year = await locked_year(session, fund, year_of(vote.at))
    application = await locked_application(session, vote.application_id)
    if application.status in (Status.SUBMITTED, Status.CORRECTION_REQUESTED, Status.ADMISSIBLE):
        raise NotYetOnTheAgenda
    outcome = await _outcome(session, application, vote, year)
    _keep(session, application, vote, outcome, year)
    note(
        session,
        at=vote.at,
        actor=BOARD,
        action=f"vote.{outcome}",
        subject=str(application.id),
        vote=str(vote.vote_id),
    )
    return outcome


async def _outcome(
    session: AsyncSession, application: Application, vote: VoteClosed, year: BudgetYear | None
) -> Outcome:
    on_it = application.status is Status.SCHEDULED and application.item_id == vote.item_id
    if not on_it or vote.verdict is Verdict.VOID:
        return Outcome.NOTHING
    if vote.motion is Motion.DEFER and vote.verdict is not Verdict.ACCEPTED:
        return Outcome.NOTHING
    if vote.motion is Motion.DEFER:
        return await _defer(session, application, DeferredBecause.VOTE, at=vote.at)
    if vote.verdict is Verdict.NO_QUORUM:
        return await _defer(session, application, DeferredBecause.NO_QUORUM, at=vote.at)
    if vote.verdict is Verdict.ACCEPTED:
        return await _grant(session, application, vote, year)
    _reject(session, application, vote)
    await stop_clocks(session, application)
    return Outcome.REJECTED


async def _grant(
    session: AsyncSession, application: Application, vote: VoteClosed, year: BudgetYear | None
) -> Outcome:
    asked = application.asked_cents or 0
    cents = asked if vote.amount_cents is None else vote.amount_cents
    if not 0 < cents <= asked:
        raise TooMuch(asked)
    given = Award(
        cents=cents,
        decided_by=Tier.BOARD,
        conditions=[(one.text, one.due_on) for one in vote.conditions],
        session_id=vote.session_id,
        vote_id=vote.vote_id,
    )
    rules = Rules.model_validate(application.rules)
    left = year.available_cents if year else 0
    if year is None or cents > left:
        told = GrantNotCovered(
            at=vote.at,
            **application.told(),
            amount_cents=cents,
            session_id=vote.session_id,
            vote_id=vote.vote_id,
            budget=_as_told(application, year, vote.at),
        )
        record(session, told)
        return Outcome.NOT_COVERED
    await award(session, application, year, given, rules=rules, actor=BOARD, at=vote.at)
    return Outcome.GRANTED


def _reject(session: AsyncSession, application: Application, vote: VoteClosed) -> None:
    counts = vote.counts
    told = application.reject(
        decided_by=Tier.BOARD,
        at=vote.at,
        because=NO[vote.verdict],
        session_id=vote.session_id,
        vote_id=vote.vote_id,
        yes=counts.yes,
        no=counts.no,
        abstain=counts.abstain,
    )
    record(session, told)


async def _defer(
    session: AsyncSession, application: Application, because: DeferredBecause, *, at: datetime
) -> Outcome:
    following = await following_place(session, application, at=at)
    record(session, application.defer(because, following=following, at=at))
    return Outcome.DEFERRED


def _keep(
    session: AsyncSession,
    application: Application,
    vote: VoteClosed,
    outcome: Outcome,
    year: BudgetYear | None,
) -> None:
    decision = Decision(
        id=vote.vote_id,
        application_id=application.id,
        by_vote=True,
        at=vote.at,
        session_id=vote.session_id,
        outcome=outcome,
        amount_cents=vote.amount_cents,
        left_cents=year.available_cents if year else 0,
        reason=vote.reason,
        margin=vote.margin,
        counts=vote.counts.model_dump(mode="json"),
        rules=vote.rules,
    )
    session.add(decision)


@dataclass(frozen=True, kw_only=True)
class OwnDecision:
    """What the office decides: a sum, or None for a no; conditions; and its words to the applicant."""

    decision_id: UUID
    cents: int | None
    conditions: Sequence[tuple[str, date]] = ()
    text: str = ""


async def decide_by_office(
    session: AsyncSession,
    application_id: UUID,
    decided: OwnDecision,
    *,
    seals: Seals,
    actor: str,
    at: datetime,
) -> Outcome:
    """Grant a small sum, or reject; raises NotForTheOffice, TooMuch, NotCovered, NoBudget."""
    fund = await fund_of(session, application_id)
    year = await locked_year(session, fund, year_of(at))
    application = await locked_application(session, application_id)
    rules = Rules.model_validate(application.rules)
    await check_office_may(session, application, decided.cents)
    record(session, *await explain(application, decided.text, seals=seals, at=at))
    if decided.cents is None:
        no = RejectedBecause.OFFICE
        record(session, application.reject(decided_by=Tier.OFFICE, at=at, because=no))
    elif year is None:
        raise NoBudget(fund, year_of(at))
    else:
        given = Award(cents=decided.cents, decided_by=Tier.OFFICE, conditions=decided.conditions)
        await award(session, application, year, given, rules=rules, actor=actor, at=at)
    outcome = Outcome.REJECTED if decided.cents is None else Outcome.GRANTED
    session.add(_own(application, decided, outcome, year, at=at))
    action = f"office.{outcome}"
    note(session, at=at, actor=actor, action=action, subject=str(application.id))
    return outcome


async def check_office_may(
    session: AsyncSession, application: Application, cents: int | None
) -> None:
    """Raise what stands against the office deciding this."""
    if application.status is not Status.ADMISSIBLE:
        to = Status.REJECTED if cents is None else Status.GRANTED
        raise IllegalMove(application.status, to)
    rules = Rules.model_validate(application.rules)
    if rules.decides(application.asked_cents or 0) is not Tier.OFFICE:
        raise NotForTheOffice
    if cents is not None and cents > (most := await most_of(session, application)):
        raise TooMuch(most)


async def most_of(session: AsyncSession, application: Application) -> int:
    """The most that can be granted: what was asked, less what is not eligible or paid by others."""
    if not application.answers:
        return application.asked_cents or 0
    answers = Answers.model_validate(application.answers)
    return most_cents(answers, await not_paid_lines(session, application))


def _own(
    application: Application,
    decided: OwnDecision,
    outcome: Outcome,
    year: BudgetYear | None,
    *,
    at: datetime,
) -> Decision:
    empty: dict[str, Any] = {}
    return Decision(
        id=decided.decision_id,
        application_id=application.id,
        by_vote=False,
        at=at,
        outcome=outcome,
        amount_cents=decided.cents,
        left_cents=year.available_cents if year else 0,
        reason="office",
        counts=empty,
        rules=empty,
    )


def _as_told(application: Application, year: BudgetYear | None, at: datetime) -> Budget:
    if year is not None:
        return year.as_told()
    return BudgetYear.empty(application.fund, year_of(at)).as_told()
