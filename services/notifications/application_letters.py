"""Letters about an application on its way: to its applicant, to the office, to departments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.addressbook import (
    NotYetKnown,
    Recipient,
    known_case,
    office,
    open_case,
    reader,
)
from services.notifications.case_letters import (
    explanation_written,
    said,
    take_explanation,
    tell,
    tell_office,
)
from services.notifications.journal import KnownSession
from services.notifications.letters.queue import About, queue
from services.notifications.session_letters import calendar_for, still_holds
from shared.events import applications, meetings
from shared.events.people import Contact, Link
from shared.inbox import Handlers
from shared.service import Service
from shared.web.i18n import BINDING

SAYABLE: Final = frozenset(applications.CheckItem) - {applications.CheckItem.OTHER}
"""A line of the check that a newer office added is named in its own words, too."""


async def application_submitted(
    event: applications.ApplicationSubmitted, session: AsyncSession, service: Service
) -> None:
    """A receipt for the applicant, a task for the office."""
    to = await reader(session, event.person_id)
    await open_case(session, event)
    about = About(application_id=event.application_id, session_id=event.session_id)
    session_at = await still_holds(session, event.session_id, event.session_at)
    facts: dict[str, Any] = {"application": event.number, "session_at": session_at}
    if to is not None:
        receipt: dict[str, Any] = {
            **facts,
            "late": event.late,
            "deadline": event.submission_deadline if session_at == event.session_at else None,
        }
        await queue(session, service, event, "application_received", to, about=about, **receipt)
    task: dict[str, Any] = {
        **facts,
        "asked_cents": event.asked_cents,
        "application_id": event.application_id,
    }
    await queue(
        session, service, event, "office_new_application", office(service), about=about, **task
    )


async def application_withdrawn(
    event: applications.ApplicationWithdrawn, session: AsyncSession, service: Service
) -> None:
    """Say so, and nothing else about it any more."""
    case = await known_case(session, event.application_id)
    case.ended_at = event.at
    await tell(case, event, "application_withdrawn", session, service)


async def correction_requested(
    event: applications.CorrectionRequested, session: AsyncSession, service: Service
) -> None:
    """What is missing, in sentences and in the office's own words, and until when."""
    case = await known_case(session, event.application_id)
    await tell(
        case,
        event,
        "correction_requested",
        session,
        service,
        about=About(application_id=event.application_id, expires_at=event.due_at),
        items=_sayable(event.items),
        note=await said(service, event.note),
        due_at=event.due_at,
    )


async def correction_received(
    event: applications.CorrectionReceived, session: AsyncSession, service: Service
) -> None:
    """The office goes on."""
    await tell_office(
        event,
        "office_correction_received",
        session,
        service,
        application_id=event.application_id,
        application=event.number,
    )


async def correction_withdrawn(
    event: applications.CorrectionWithdrawn, session: AsyncSession, service: Service
) -> None:
    """Nothing is missing any more."""
    case = await known_case(session, event.application_id)
    await tell(case, event, "correction_withdrawn", session, service)


async def deadline_approaches(
    event: applications.DeadlineApproaches, session: AsyncSession, service: Service
) -> None:
    """A reminder; useless once the date is over."""
    case = await known_case(session, event.application_id)
    about = About(application_id=event.application_id, expires_at=event.due_at)
    facts: dict[str, Any] = {"matter": str(event.matter), "due_at": event.due_at}
    await tell(case, event, "deadline_approaches", session, service, about=about, **facts)


async def application_admitted(
    event: applications.ApplicationAdmitted, session: AsyncSession, service: Service
) -> None:
    """No letter: the applicant heard of the session already. A case found wanting by mistake is open again.

    An agenda it stands on by now is newer than what was known when it was admitted.
    """
    case = await known_case(session, event.application_id)
    case.session_id, case.ended_at = case.session_id or event.session_id, None


async def application_inadmissible(
    event: applications.ApplicationFoundInadmissible, session: AsyncSession, service: Service
) -> None:
    """Why the rules do not allow it."""
    case = await known_case(session, event.application_id)
    case.ended_at = event.at
    explanation = await take_explanation(case, service)
    facts: dict[str, Any] = {"reasons": _sayable(event.reasons), "explanation": explanation}
    await tell(case, event, "application_inadmissible", session, service, **facts)


async def application_lapsed(
    event: applications.ApplicationLapsed, session: AsyncSession, service: Service
) -> None:
    """What was missing did not come."""
    case = await known_case(session, event.application_id)
    case.ended_at = event.at
    await tell(case, event, "application_lapsed", session, service)


async def application_changed(
    event: applications.ApplicationChanged, session: AsyncSession, service: Service
) -> None:
    """Nobody finds their answers changed without having been told."""
    case = await known_case(session, event.application_id)
    fields = list(dict.fromkeys(name.partition("-")[0] for name in event.fields))
    await tell(case, event, "application_changed", session, service, fields=fields)


async def application_placed(
    event: applications.ApplicationPlaced, session: AsyncSession, service: Service
) -> None:
    """The session that holds now; nothing if the letter about the deferral has said so already."""
    case = await known_case(session, event.application_id)
    before, case.session_id = case.session_id, event.session_id
    if event.because is applications.PlacedBecause.DEFERRED and before == event.session_id:
        return
    await tell(
        case,
        event,
        "application_placed",
        session,
        service,
        about=About(application_id=event.application_id, session_id=event.session_id),
        because=str(event.because),
        session_at=await still_holds(session, event.session_id, event.session_at),
    )


async def agenda_item_placed(
    event: meetings.AgendaItemPlaced, session: AsyncSession, service: Service
) -> None:
    """An invitation to present, with the date as a file; none to a session that is not held.

    From now on it is due there, whatever session was meant before.
    """
    case = await known_case(session, event.application_id)
    known = await session.get(KnownSession, event.session_id)
    if known is None:
        raise NotYetKnown(event.session_id)
    to = await reader(session, case.person_id)
    if known.cancelled or case.ended_at is not None or to is None:
        return
    if known.starts_at > service.clock.now():
        case.session_id = event.session_id
    about = About(
        application_id=event.application_id,
        session_id=event.session_id,
        expires_at=known.starts_at,
        calendar=calendar_for(known, service, to.language),
    )
    facts: Mapping[str, Any] = {
        "starts_at": known.starts_at,
        "place": known.place or event.place,
        "note": known.note,
    }
    await tell(case, event, "agenda_item_placed", session, service, about=about, **facts)


async def statement_requested(
    event: applications.StatementRequested, session: AsyncSession, service: Service
) -> None:
    """A department is asked, or asked again; its link is for nobody else."""
    contact = await service.seals.open(event.contact, Contact)
    link = await service.seals.open(event.link, Link)
    if contact is None or link is None:
        return
    to = Recipient(
        key=str(event.statement_id),
        name=contact.name,
        address=contact.email,
        language=BINDING,
        person_id=event.person_id,
    )
    about = About(application_id=event.application_id, expires_at=_last_use(event))
    facts: Mapping[str, Any] = event.model_dump(
        include={"department", "field_of_action", "asked_cents", "due_at", "reminder"}
    )
    await queue(
        session,
        service,
        event,
        "statement_requested",
        to,
        about=about,
        application=event.number,
        url=link.url,
        code=link.code,
        **facts,
    )


async def statement_given(
    event: applications.StatementGiven, session: AsyncSession, service: Service
) -> None:
    """Who answered, and whether there are concerns; the words stay in the case."""
    await tell_office(
        event,
        "office_statement_given",
        session,
        service,
        application_id=event.application_id,
        application=event.number,
        department=event.department,
        verdict=str(event.verdict),
    )


def _sayable(items: Sequence[str]) -> list[str]:
    """Those that have a sentence; the others the office names in its own words."""
    return [item for item in items if item in SAYABLE]


def _last_use(event: applications.StatementRequested) -> datetime | None:
    """A reminder that comes after the date still asks; a first letter does not."""
    return None if event.reminder else event.due_at


ANSWERED: Final[Handlers] = {
    applications.ExplanationWritten: explanation_written,
    applications.ApplicationSubmitted: application_submitted,
    applications.ApplicationWithdrawn: application_withdrawn,
    applications.CorrectionRequested: correction_requested,
    applications.CorrectionReceived: correction_received,
    applications.CorrectionWithdrawn: correction_withdrawn,
    applications.DeadlineApproaches: deadline_approaches,
    applications.ApplicationAdmitted: application_admitted,
    applications.ApplicationFoundInadmissible: application_inadmissible,
    applications.ApplicationLapsed: application_lapsed,
    applications.ApplicationChanged: application_changed,
    applications.ApplicationPlaced: application_placed,
    applications.StatementRequested: statement_requested,
    applications.StatementGiven: statement_given,
}
