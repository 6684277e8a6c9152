"""What is no longer true once an event was told: letters that still wait for it are never sent."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.letters.queue import overtake
from shared.events import applications, meetings
from shared.events.base import Event

TO_DO: Final = ("correction_requested", "deadline_approaches")
SESSIONS: Final = (
    "application_received",
    "application_placed",
    "case_session_postponed",
    "case_session_cancelled",
    "agenda_item_placed",
)
"""Letters that name the session at which an application is due."""

OPEN: Final = (*TO_DO, *SESSIONS, "correction_withdrawn", "statement_requested")
"""Letters about an application nobody has decided yet."""

GRANT: Final = (
    "grant_reserved",
    "grant_became_effective",
    "condition_met",
    "deadline_approaches",
)
OFFICE: Final = ("office_new_application", "office_correction_received", "office_statement_given")

UNTRUE_SINCE: Final[Mapping[type[Event], tuple[str, ...]]] = {
    applications.DraftSaved: ("draft_saved",),
    applications.DraftDiscarded: ("draft_saved",),
    applications.ApplicationWithdrawn: (*OPEN, *OFFICE, "application_deferred"),
    applications.CorrectionRequested: TO_DO,
    applications.CorrectionReceived: TO_DO,
    applications.CorrectionWithdrawn: TO_DO,
    applications.ApplicationPlaced: SESSIONS,
    applications.ApplicationAdmitted: (*TO_DO, "application_inadmissible"),
    applications.ApplicationFoundInadmissible: OPEN,
    applications.ApplicationLapsed: OPEN,
    applications.ApplicationRejected: OPEN,
    applications.ApplicationDeferred: SESSIONS,
    applications.GrantReserved: (*OPEN, "office_grant_not_covered"),
    applications.GrantDeclined: GRANT,
    applications.GrantLapsed: GRANT,
    applications.GrantRevoked: GRANT,
    applications.AgreementSigned: ("deadline_approaches",),
}
"""By event: the kinds of letters about the same application that it makes untrue."""

OVERTAKING: Final[frozenset[type[Event]]] = frozenset(
    {
        applications.ConditionMet,
        applications.StatementRequested,
        applications.StatementGiven,
        meetings.AgendaItemRemoved,
    }
)
"""Events that make some letters of those kinds untrue: about one statement, one session, one date."""


async def overtaken_by(event: Event, session: AsyncSession) -> None:
    """Hold back what the event makes untrue, whether or not it becomes a letter itself."""
    if kinds := UNTRUE_SINCE.get(type(event)):
        application_id = getattr(event, "application_id")  # noqa: B009
        await overtake(session, kinds=kinds, application_id=application_id, before=event.event_id)
    elif isinstance(event, applications.ConditionMet) and not event.still_open:
        await overtake(
            session,
            kinds=("deadline_approaches",),
            application_id=event.application_id,
            before=event.event_id,
        )
    elif isinstance(event, meetings.AgendaItemRemoved):
        await overtake(
            session,
            kinds=("agenda_item_placed",),
            application_id=event.application_id,
            session_id=event.session_id,
            before=event.event_id,
        )
    elif isinstance(event, applications.StatementRequested | applications.StatementGiven):
        await overtake(
            session,
            kinds=("statement_requested",),
            recipient=str(event.statement_id),
            before=event.event_id,
        )
