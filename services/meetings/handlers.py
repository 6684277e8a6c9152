"""Events of others that meetings answers: one table a teller, one function an event."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.accounts import forget_traces
from services.meetings.commands.agenda import case_of, lock_agendas, seat
from services.meetings.commands.budgets import remember
from services.meetings.commands.followed import follow
from services.meetings.commands.forgetting import forget_people
from services.meetings.commands.leftovers import hand_on_if_over
from services.meetings.commands.votes import answer, put_off, resolve
from services.meetings.domain.account import Account
from services.meetings.domain.agenda import Outcome
from services.meetings.domain.votes import Answer
from services.meetings.store import PERSONAL
from shared.events.applications import (
    AgreementSigned,
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationFoundInadmissible,
    ApplicationLapsed,
    ApplicationPaperPrepared,
    ApplicationPlaced,
    ApplicationRejected,
    ApplicationWithdrawn,
    BudgetEvent,
    BudgetReleased,
    BudgetRunsLow,
    BudgetSet,
    GrantBecameEffective,
    GrantDeclined,
    GrantLapsed,
    GrantNotCovered,
    GrantReserved,
    GrantRevoked,
    StatementGiven,
)
from shared.events.people import (
    PersonErased,
    PersonErasedByApplications,
    PersonErasedByNotifications,
)
from shared.service import Service
from shared.store import scrub_after
from shared.streams import Handlers
from shared.web.sessions import revoke_all


async def forget_person(event: PersonErased, session: AsyncSession, service: Service) -> None:
    """Wipe the accounts of an erased human, even the office's last: the command line can open one."""
    await forget_people(session, service, event.person_ids, at=service.clock.now())
    theirs = select(Account).where(Account.person_id.in_(event.person_ids))
    for account in await session.scalars(theirs.with_for_update()):
        account.erase(others_run_the_office=True)
        await forget_traces(session, account.id)
        await revoke_all(service, account.id)
        scrub_after(session, *PERSONAL)


async def take_up(event: ApplicationAdmitted, session: AsyncSession, service: Service) -> None:
    """Formally in order: if the board decides, it stands on an agenda or waits for one."""
    case = await case_of(session, event.application_id)
    case.admitted(event)
    await seat(session, case, at=service.clock.now())


async def hand_on(event: ApplicationPlaced, session: AsyncSession, service: Service) -> None:
    """The application goes to the session that is named now."""
    case = await case_of(session, event.application_id)
    case.placed(event)
    await seat(session, case, at=service.clock.now())


async def defer(event: ApplicationDeferred, session: AsyncSession, service: Service) -> None:
    """Not decided at that session: its item is closed, the next one gets it first."""
    await follow(session, event.application_id, event)
    case, at = await case_of(session, event.application_id), service.clock.now()
    case.deferred(event)
    await put_off(session, case, event.session_id, at=at)
    await seat(session, case, at=at)


async def withdraw(event: ApplicationWithdrawn, session: AsyncSession, service: Service) -> None:
    """The applicant wants no decision any more."""
    await follow(session, event.application_id, event)
    await _drop(event, Outcome.WITHDRAWN, session, service)


async def lapse(event: ApplicationLapsed, session: AsyncSession, service: Service) -> None:
    """What was missing did not come in time."""
    await follow(session, event.application_id, event)
    await _drop(event, Outcome.LAPSED, session, service)


async def refuse(
    event: ApplicationFoundInadmissible, session: AsyncSession, service: Service
) -> None:
    """The fund's rules do not allow it after all."""
    await _drop(event, Outcome.INADMISSIBLE, session, service)


async def keep_paper(
    event: ApplicationPaperPrepared, session: AsyncSession, service: Service
) -> None:
    """What the board reads, kept closed."""
    case = await case_of(session, event.application_id)
    case.prepared(event)


async def keep_statement(event: StatementGiven, session: AsyncSession, service: Service) -> None:
    """What a department says belongs to the paper."""
    case = await case_of(session, event.application_id)
    case.statement(event)


async def grant(event: GrantReserved, session: AsyncSession, service: Service) -> None:
    """The money is there: the item is decided."""
    await remember(session, event)
    await follow(session, event.application_id, event)
    case = await case_of(session, event.application_id)
    case.end(Outcome.GRANTED, event.subject_version)
    await answer(session, event.vote_id, Answer.RESERVED)
    await resolve(session, case, Outcome.GRANTED, amount_cents=event.amount_cents)


async def keep_remainder(event: GrantNotCovered, session: AsyncSession, service: Service) -> None:
    """Less is left than the board wanted to give: a smaller sum may be put to the vote."""
    await remember(session, event)
    await lock_agendas(session)
    left = event.budget.left_cents
    await answer(session, event.vote_id, Answer.NOT_COVERED, left_cents=left)
    await hand_on_if_over(session, event.vote_id, at=service.clock.now())


async def keep_budget(event: BudgetEvent, session: AsyncSession, service: Service) -> None:
    """What is left of the fund stands beside every vote about money."""
    await remember(session, event)


async def reject(event: ApplicationRejected, session: AsyncSession, service: Service) -> None:
    """The no is final: the item is decided."""
    await follow(session, event.application_id, event)
    case = await case_of(session, event.application_id)
    case.end(Outcome.REJECTED, event.subject_version)
    await answer(session, event.vote_id, Answer.REJECTED)
    await resolve(session, case, Outcome.REJECTED)


async def follow_grant(
    event: GrantBecameEffective | AgreementSigned | GrantLapsed | GrantDeclined | GrantRevoked,
    session: AsyncSession,
    service: Service,
) -> None:
    """What became of a grant: the follow-up shows where it stands."""
    await remember(session, event)
    await follow(session, event.application_id, event)


async def _drop(
    event: ApplicationWithdrawn | ApplicationLapsed | ApplicationFoundInadmissible,
    outcome: Outcome,
    session: AsyncSession,
    service: Service,
) -> None:
    case = await case_of(session, event.application_id)
    case.end(outcome, event.subject_version)
    await seat(session, case, at=service.clock.now())


APPLICATIONS: Final[Handlers] = {
    ApplicationAdmitted: take_up,
    ApplicationPlaced: hand_on,
    ApplicationDeferred: defer,
    ApplicationWithdrawn: withdraw,
    ApplicationLapsed: lapse,
    ApplicationFoundInadmissible: refuse,
    ApplicationPaperPrepared: keep_paper,
    StatementGiven: keep_statement,
    GrantReserved: grant,
    GrantNotCovered: keep_remainder,
    BudgetSet: keep_budget,
    BudgetReleased: keep_budget,
    BudgetRunsLow: keep_budget,
    ApplicationRejected: reject,
    GrantBecameEffective: follow_grant,
    AgreementSigned: follow_grant,
    GrantLapsed: follow_grant,
    GrantDeclined: follow_grant,
    GrantRevoked: follow_grant,
    PersonErasedByApplications: forget_person,
}
NOTIFICATIONS: Final[Handlers] = {PersonErasedByNotifications: forget_person}

ANSWERS: Final = {"applications": APPLICATIONS, "notifications": NOTIFICATIONS}
