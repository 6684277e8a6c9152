"""Letters about what was decided, and what became of it: with the decision as a PDF where there is one."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import known_case, reader
from services.notifications.case_letters import case_url, take_explanation, tell, tell_office
from services.notifications.domain.addressbook import Case
from services.notifications.enclosures import Kind, Paper, enclosed
from services.notifications.letters.queue import About
from services.notifications.session_letters import still_holds
from services.notifications.votes import Decision, KnownVote, decided_on, way_of
from shared.days import local_day
from shared.events import applications
from shared.inbox import Handlers
from shared.service import Service


async def grant_reserved(
    event: applications.GrantReserved, session: AsyncSession, service: Service
) -> None:
    """How much, what has to be done for it, and what it still waits for."""
    case = await known_case(session, event.application_id)
    case.ended_at = event.at
    facts: dict[str, Any] = event.model_dump(
        include={"asked_cents", "amount_cents", "effective", "accept_by", "public_title"}
    )
    facts |= {
        "partial": event.kind is applications.GrantKind.PARTIAL,
        "conditions": [(one.text, one.due_on) for one in event.conditions],
        "waits_for": [str(one) for one in event.waits_for],
    }
    await _decided(event, session, service, case=case, decision="granted", facts=facts)


async def application_rejected(
    event: applications.ApplicationRejected, session: AsyncSession, service: Service
) -> None:
    """The votes first, then whom to ask for another way."""
    case = await known_case(session, event.application_id)
    case.ended_at = event.at
    counts = (event.yes, event.no, event.abstain or 0)
    facts: dict[str, Any] = {
        "asked_cents": event.asked_cents,
        "public_title": event.public_title,
        "because": str(event.because),
        "counts": counts if None not in counts[:2] else None,
    }
    await _decided(event, session, service, case=case, decision="rejected", facts=facts)


async def application_deferred(
    event: applications.ApplicationDeferred, session: AsyncSession, service: Service
) -> None:
    """Why nothing is decided yet, and when it is."""
    case = await known_case(session, event.application_id)
    case.session_id, case.ended_at = event.next_session_id, None
    next_at = await still_holds(session, event.next_session_id, event.next_session_at)
    facts: dict[str, Any] = {
        "asked_cents": event.asked_cents,
        "public_title": event.public_title,
        "because": str(event.because),
        "next_session_at": next_at,
    }
    await _decided(event, session, service, case=case, decision="deferred", facts=facts)


LETTERS: Final[Mapping[Kind, str]] = {
    "granted": "grant_reserved",
    "rejected": "application_rejected",
    "deferred": "application_deferred",
}


async def _decided(
    event: Decision,
    session: AsyncSession,
    service: Service,
    *,
    case: Case,
    decision: Kind,
    facts: dict[str, Any],
) -> None:
    """The letter with its PDF, both from the same facts."""
    facts["explanation"] = await take_explanation(case, service)
    to = await reader(session, case.person_id)
    if to is None:
        return
    next_at = facts.get("next_session_at")
    vote_id = getattr(event, "vote_id", None)
    vote = await session.get(KnownVote, vote_id) if vote_id else None
    paper = Paper(
        kind=decision,
        number=case.number,
        dated_on=local_day(event.at),
        session_on=await decided_on(session, event, vote),
        way=way_of(vote),
        next_session_on=local_day(next_at) if next_at else None,
        case_url=case_url(service, case.application_id),
    )
    file = await enclosed(paper, to, service, facts)
    about = About(
        application_id=case.application_id, session_id=case.session_id if next_at else None
    )
    await tell(case, event, LETTERS[decision], session, service, about=about, files=[file], **facts)


async def grant_not_covered(
    event: applications.GrantNotCovered, session: AsyncSession, service: Service
) -> None:
    """The office has to find a way: a smaller sum, or another session."""
    await tell_office(
        event,
        "office_grant_not_covered",
        session,
        service,
        application_id=event.application_id,
        application=event.number,
        amount_cents=event.amount_cents,
        left_cents=event.budget.left_cents,
        year=event.budget.year,
    )


async def grant_became_effective(
    event: applications.GrantBecameEffective, session: AsyncSession, service: Service
) -> None:
    """From now on it can be accepted, unless a condition is open."""
    case = await known_case(session, event.application_id)
    facts: dict[str, Any] = {"amount_cents": event.amount_cents, "accept_by": event.accept_by}
    await tell(case, event, "grant_became_effective", session, service, **facts)


async def condition_met(
    event: applications.ConditionMet, session: AsyncSession, service: Service
) -> None:
    """One less; what is still to do."""
    case = await known_case(session, event.application_id)
    facts: dict[str, Any] = {"still_open": event.still_open, "accept_by": event.accept_by}
    await tell(case, event, "condition_met", session, service, **facts)


async def grant_lapsed(
    event: applications.GrantLapsed, session: AsyncSession, service: Service
) -> None:
    """A date has passed: the money is for others now."""
    case = await known_case(session, event.application_id)
    facts: dict[str, Any] = {"amount_cents": event.amount_cents, "matter": str(event.matter)}
    await tell(case, event, "grant_lapsed", session, service, **facts)


async def grant_revoked(
    event: applications.GrantRevoked, session: AsyncSession, service: Service
) -> None:
    """Who took it back, and why."""
    case = await known_case(session, event.application_id)
    facts: dict[str, Any] = {
        "amount_cents": event.amount_cents,
        "because": str(event.because),
        "explanation": await take_explanation(case, service),
    }
    await tell(case, event, "grant_revoked", session, service, **facts)


async def grant_declined(
    event: applications.GrantDeclined, session: AsyncSession, service: Service
) -> None:
    """What the applicant decided, confirmed."""
    case = await known_case(session, event.application_id)
    await tell(case, event, "grant_declined", session, service, amount_cents=event.amount_cents)


async def agreement_signed(
    event: applications.AgreementSigned, session: AsyncSession, service: Service
) -> None:
    """The money is theirs."""
    case = await known_case(session, event.application_id)
    facts: dict[str, Any] = event.model_dump(include={"amount_cents", "signed_on"}) | {
        "signed": str(event.signed)
    }
    await tell(case, event, "agreement_signed", session, service, **facts)


async def budget_runs_low(
    event: applications.BudgetRunsLow, session: AsyncSession, service: Service
) -> None:
    """Before a yes cannot be paid any more."""
    facts: dict[str, Any] = event.budget.model_dump(include={"year", "budget_cents", "left_cents"})
    await tell_office(event, "office_budget_runs_low", session, service, **facts)


async def budget_released(
    event: applications.BudgetReleased, session: AsyncSession, service: Service
) -> None:
    """Whether it is enough for the grants that wait."""
    facts: dict[str, Any] = event.budget.model_dump(
        include={"year", "budget_cents", "released_cents"}
    )
    facts |= {"gap_cents": event.gap_cents}
    await tell_office(event, "office_budget_released", session, service, **facts)


ANSWERED: Final[Handlers] = {
    applications.GrantReserved: grant_reserved,
    applications.ApplicationRejected: application_rejected,
    applications.ApplicationDeferred: application_deferred,
    applications.GrantNotCovered: grant_not_covered,
    applications.GrantBecameEffective: grant_became_effective,
    applications.ConditionMet: condition_met,
    applications.GrantLapsed: grant_lapsed,
    applications.GrantRevoked: grant_revoked,
    applications.GrantDeclined: grant_declined,
    applications.AgreementSigned: agreement_signed,
    applications.BudgetRunsLow: budget_runs_low,
    applications.BudgetReleased: budget_released,
}
