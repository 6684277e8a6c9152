"""Statements of city departments: asked for by a mailed link, reminded once, given once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.papers import sealed_words
from services.applications.domain import Application, IllegalMove, Rules, Statement, Status
from services.applications.domain.asked import AlreadyGiven, DateInThePast
from services.applications.store import Link, Timer, note, record
from shared.events.applications import StatementGiven, StatementRequested, StatementVerdict
from shared.events.people import Contact
from shared.events.people import Link as MailedLink
from shared.sealed import Seals
from shared.timers import cancel_timer, set_timer
from shared.web import links

PURPOSE: Final = "statement"
REMINDER: Final = "statement_reminder"
OPEN: Final = (
    Status.SUBMITTED,
    Status.CORRECTION_REQUESTED,
    Status.ADMISSIBLE,
    Status.SCHEDULED,
    Status.DEFERRED,
)
"""While an application is undecided, departments may be asked and may answer."""

STAYS_OPEN: Final = timedelta(days=30)
"""After its date a link still opens the page: a late word is better than none."""


LAST_DATE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""No link stays open beyond the calendar."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Whom to ask what, and until when; `url` of the page ends in `/`."""

    department: str
    contact: Contact
    question: str
    due_at: datetime
    url: str


async def ask_department(
    session: AsyncSession,
    application: Application,
    asked: Request,
    *,
    seals: Seals,
    actor: str,
    at: datetime,
) -> Statement:
    """Mail the department a link to its page; raises DateInThePast."""
    if application.status not in OPEN or application.erased_at is not None:
        raise IllegalMove(application.status, application.status)
    if asked.due_at <= at:
        raise DateInThePast
    statement = Statement(
        id=uuid7(),
        application_id=application.id,
        department=asked.department,
        contact_name=asked.contact.name,
        contact_email=asked.contact.email,
        person_id=await _person(session, asked.contact.email, seals),
        question=asked.question,
        asked_at=at,
        due_at=asked.due_at,
        text="",
    )
    session.add(statement)
    await session.flush()
    await _mail(session, application, statement, asked.url, seals=seals, at=at)
    note(session, at=at, actor=actor, action="statement.request", subject=str(application.id))
    rules = Rules.model_validate(application.rules)
    await _remind_later(session, statement, asked.url, rules=rules, at=at)
    return statement


async def remind_department(
    session: AsyncSession,
    statement: Statement,
    application: Application,
    *,
    url: str,
    seals: Seals,
    at: datetime,
) -> None:
    """Ask once more, with a link that opens the same page; nothing if it answered meanwhile."""
    gone = application.erased_at is not None or not statement.contact_email
    if gone or statement.given_at is not None or application.status not in OPEN:
        return
    statement.reminded_at = at
    await _mail(session, application, statement, url, seals=seals, at=at)
    note(session, at=at, actor="system", action="statement.remind", subject=str(application.id))


async def give_statement(
    session: AsyncSession,
    statement: Statement,
    application: Application,
    *,
    verdict: StatementVerdict,
    text: str,
    seals: Seals,
    at: datetime,
) -> None:
    """The department's word; raises AlreadyGiven, IllegalMove once the application is decided."""
    if statement.given_at is not None:
        raise AlreadyGiven
    if application.status not in OPEN or application.erased_at is not None:
        raise IllegalMove(application.status, application.status)
    statement.verdict, statement.text, statement.given_at = verdict, text, at
    told = StatementGiven(
        at=at,
        **application.told(),
        statement_id=statement.id,
        department=statement.department,
        verdict=verdict,
        text=await sealed_words(application, text, seals=seals),
    )
    record(session, told)
    note(session, at=at, actor="department", action="statement.give", subject=str(application.id))
    await cancel_timer(session, Timer, kind=REMINDER, subject=str(statement.id))


async def _mail(
    session: AsyncSession,
    application: Application,
    statement: Statement,
    url: str,
    *,
    seals: Seals,
    at: datetime,
) -> None:
    open_until = min(statement.due_at, LAST_DATE) + STAYS_OPEN
    minutes = int((open_until - at).total_seconds() // 60)
    issued = await links.issue(
        session,
        Link,
        purpose=PURPOSE,
        subject=str(statement.id),
        browser=None,
        at=at,
        minutes=minutes,
    )
    person = statement.person_id
    contact = Contact(name=statement.contact_name, email=statement.contact_email)
    told = StatementRequested(
        at=at,
        **application.told(),
        statement_id=statement.id,
        person_id=person,
        department=statement.department,
        field_of_action=application.field_of_action or "",
        asked_cents=application.asked_cents or 0,
        contact=await seals.seal(person, contact),
        link=await seals.seal(person, MailedLink(url=url + issued.token)),
        due_at=statement.due_at,
        reminder=statement.reminded_at is not None,
    )
    record(session, told)


async def _remind_later(
    session: AsyncSession, statement: Statement, url: str, *, rules: Rules, at: datetime
) -> None:
    before = statement.due_at - timedelta(days=rules.remind_days)
    if rules.remind_days and before > at:
        await set_timer(
            session,
            Timer,
            kind=REMINDER,
            subject=str(statement.id),
            due_at=before,
            payload={"url": url},
        )


async def _person(session: AsyncSession, email: str, seals: Seals) -> UUID:
    """One id per address among departments, minted once."""
    chosen = select(Statement.person_id).where(Statement.contact_email == email).limit(1)
    return await session.scalar(chosen) or await seals.person(email=email)
