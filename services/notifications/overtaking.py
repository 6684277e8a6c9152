"""What is no longer true once an event was told: letters that still wait for it are never sent."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.subscription import Status, Subscription
from services.notifications.letters.queue import overtake
from shared.events import applications, meetings, notifications
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

OFFICE: Final = ("office_new_application", "office_correction_received", "office_statement_given")
"""Tasks that are done once there is a decision."""

OVER: Final = (*OPEN, *OFFICE, "application_deferred", "office_grant_not_covered")
"""Everything that said the decision was still to come."""

GRANT: Final = (
    "grant_reserved",
    "grant_became_effective",
    "condition_met",
    "deadline_approaches",
)
ACCEPTED: Final = ("deadline_approaches", "grant_became_effective", "condition_met")
"""They ask for the acceptance that has come."""

UNTRUE_SINCE: Final[Mapping[type[Event], tuple[str, ...]]] = {
    applications.DraftSaved: ("draft_saved",),
    applications.DraftDiscarded: ("draft_saved",),
    applications.ApplicationSubmitted: ("draft_saved",),
    applications.ApplicationWithdrawn: OVER,
    applications.CorrectionRequested: (*TO_DO, "correction_withdrawn"),
    applications.CorrectionReceived: TO_DO,
    applications.CorrectionWithdrawn: TO_DO,
    applications.ApplicationPlaced: SESSIONS,
    applications.ApplicationAdmitted: (*TO_DO, "application_inadmissible"),
    applications.ApplicationFoundInadmissible: OVER,
    applications.ApplicationLapsed: OVER,
    applications.ApplicationRejected: OVER,
    applications.ApplicationDeferred: (
        *SESSIONS,
        "application_deferred",
        "office_grant_not_covered",
    ),
    applications.GrantReserved: OVER,
    applications.GrantDeclined: GRANT,
    applications.GrantLapsed: GRANT,
    applications.GrantRevoked: (*GRANT, "agreement_signed"),
    applications.AgreementSigned: ACCEPTED,
}
"""By event: the kinds of letters about the same application that it makes untrue."""

DUE_AT: Final[Mapping[type[Event], str]] = {
    applications.ApplicationPlaced: "session_id",
    applications.ApplicationDeferred: "next_session_id",
}
"""Which field of these events names the session that holds now: what is said about that one stays true."""

OVERTAKING: Final[frozenset[type[Event]]] = frozenset(
    {
        applications.ConditionMet,
        applications.StatementRequested,
        applications.StatementGiven,
        meetings.AgendaItemRemoved,
        notifications.SubscriptionConfirmed,
    }
)
"""Events that make some letters untrue: about one statement, one session, one date, one reader."""


BELONGING: Final = ("accession_declared", "member_joined", "member_suspended")
MEMBER: Final = (
    *BELONGING,
    "member_invited",
    "member_session_postponed",
    "member_session_cancelled",
    "circular_vote_requested",
    "minutes_circulated",
)
TASKS: Final = ("task_assigned", "task_falls_due")
REGISTERED: Final = (
    "registration_confirmed",
    "registration_waitlisted",
    "registration_promoted",
    "registration_changed",
    "registration_reminded",
)
EXPECTED_AGAIN: Final = (*REGISTERED, "registration_ended")
OCCASION: Final = ("occasion_announced", "occasion_changed")
MINUTES: Final = (
    "minutes_circulated",
    "office_amendment_proposed",
    "member_minutes_approved",
    "minutes_published",
)

Same = Mapping[str, str]
"""Which column of a letter must be equal to which field of the event."""

THE_MEMBER: Final = {"person_id": "person_id"}
THE_TASK: Final = {"thing_id": "task_id"}
THE_CIRCULAR: Final = {"thing_id": "circular_id"}
THE_SESSION: Final = {"session_id": "session_id"}
THE_OCCASION: Final = {"thing_id": "occasion_id"}
THE_REGISTRATION: Final = THE_OCCASION | {"recipient": "registration_id"}

NO_LONGER: Final[Mapping[type[Event], tuple[tuple[str, ...], Same]]] = {
    meetings.AccessionDeclared: (("accession_declared",), THE_MEMBER),
    meetings.MemberJoined: (BELONGING, THE_MEMBER),
    meetings.MemberSuspended: (BELONGING, THE_MEMBER),
    meetings.MemberLeft: (MEMBER, THE_MEMBER),
    meetings.InvitationIssued: (("session_invited",), THE_SESSION),
    meetings.MemberInvited: (("member_invited",), THE_SESSION | THE_MEMBER),
    meetings.CircularVoteRequested: (("circular_vote_requested",), THE_CIRCULAR | THE_MEMBER),
    meetings.CircularClosed: (("circular_vote_requested",), THE_CIRCULAR),
    meetings.MinutesCirculated: (("minutes_circulated",), THE_SESSION | THE_MEMBER),
    meetings.MinutesApproved: (MINUTES, THE_SESSION),
    meetings.MinutesReported: (("minutes_reported",), THE_SESSION),
    meetings.TaskAssigned: (TASKS, THE_TASK),
    meetings.TaskFallsDue: (TASKS, THE_TASK),
    meetings.TaskClosed: (TASKS, THE_TASK),
    meetings.RegistrationConfirmed: (EXPECTED_AGAIN, THE_REGISTRATION),
    meetings.RegistrationWaitlisted: (EXPECTED_AGAIN, THE_REGISTRATION),
    meetings.RegistrationPromoted: (EXPECTED_AGAIN, THE_REGISTRATION),
    meetings.RegistrationChanged: (REGISTERED, THE_REGISTRATION),
    meetings.RegistrationEnded: (REGISTERED, THE_REGISTRATION),
    meetings.OccasionChanged: (OCCASION, THE_OCCASION),
    meetings.OccasionCancelled: ((*OCCASION, *REGISTERED), THE_OCCASION),
}
"""By event of meetings: the kinds it makes untrue, and what they have in common with it."""


async def overtaken_by(event: Event, session: AsyncSession) -> None:
    """Hold back what the event makes untrue, whether or not it becomes a letter itself."""
    if kinds := UNTRUE_SINCE.get(type(event)):
        about = {"application_id": getattr(event, "application_id")}  # noqa: B009
        holds = getattr(event, DUE_AT[type(event)]) if type(event) in DUE_AT else None
        await overtake(session, kinds=kinds, before=event.event_id, but_for=holds, **about)
    elif rule := NO_LONGER.get(type(event)):
        kinds, same = rule
        common = {column: _as_kept(column, getattr(event, field)) for column, field in same.items()}
        await overtake(session, kinds=kinds, before=event.event_id, **common)
    elif type(event) in OVERTAKING:
        await _some_of_them(event, session)


async def _some_of_them(event: Event, session: AsyncSession) -> None:
    """Those whose facts it changes, not all of their kinds."""
    if isinstance(event, applications.ConditionMet):
        kinds = ("condition_met",) if event.still_open else ("condition_met", "deadline_approaches")
        about: dict[str, Any] = {"application_id": event.application_id}
    elif isinstance(event, meetings.AgendaItemRemoved):
        kinds = ("agenda_item_placed",)
        about = {"application_id": event.application_id, "session_id": event.session_id}
    elif isinstance(event, applications.StatementRequested | applications.StatementGiven):
        kinds = ("statement_requested",)
        about = {"application_id": event.application_id, "recipient": str(event.statement_id)}
    else:
        assert isinstance(event, notifications.SubscriptionConfirmed)
        subscription = await session.get(Subscription, event.subscription_id)
        if subscription is None or subscription.status != Status.CONFIRMED:
            return
        kinds, about = ("subscription_ended",), {"person_id": subscription.person_id}
    await overtake(session, kinds=kinds, before=event.event_id, **about)


def _as_kept(column: str, value: UUID) -> Any:
    """A recipient's key is text; everything else is an id."""
    return str(value) if column == "recipient" else value
