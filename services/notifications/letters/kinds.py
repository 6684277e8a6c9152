"""Every letter we write: how urgent it is, how long it holds, what its headers promise."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final


class Priority(IntEnum):
    """Lower goes out first, at every claim."""

    URGENT = 0
    CASE = 1
    OFFICE = 2
    SUBSCRIBED = 3


A_DECISION: Final = timedelta(days=60)
"""What was decided stays true while a mailbox is out of order."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One letter's rules; its texts are in the folder of the same name."""

    name: str
    priority: Priority
    lives: timedelta = timedelta(days=14)
    """How long it may wait at most; what its event says earlier than that wins."""
    topic: str | None = None
    """Set on subscribed letters: they carry the list headers and need a living subscription."""
    secret: bool = False
    """Holds a link that opens something for whoever has it: its text is for the recipient alone."""
    encloses: bool = False
    """Files go out with it."""

    @property
    def subscribed(self) -> bool:
        return self.topic is not None


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(name="sign_in", priority=Priority.URGENT, secret=True),
        Kind(name="case_link", priority=Priority.URGENT, secret=True),
        Kind(name="account_invited", priority=Priority.URGENT, secret=True),
        Kind(name="draft_saved", priority=Priority.CASE, secret=True),
        Kind(name="application_received", priority=Priority.CASE),
        Kind(name="application_withdrawn", priority=Priority.CASE),
        Kind(name="case_session_postponed", priority=Priority.CASE),
        Kind(name="case_session_cancelled", priority=Priority.CASE),
        Kind(name="correction_requested", priority=Priority.CASE),
        Kind(name="correction_withdrawn", priority=Priority.CASE),
        Kind(name="deadline_approaches", priority=Priority.CASE),
        Kind(name="application_inadmissible", priority=Priority.CASE, lives=A_DECISION),
        Kind(name="application_lapsed", priority=Priority.CASE, lives=A_DECISION),
        Kind(name="application_changed", priority=Priority.CASE),
        Kind(name="application_placed", priority=Priority.CASE),
        Kind(name="agenda_item_placed", priority=Priority.CASE),
        Kind(name="grant_reserved", priority=Priority.CASE, lives=A_DECISION, encloses=True),
        Kind(name="application_rejected", priority=Priority.CASE, lives=A_DECISION, encloses=True),
        Kind(name="application_deferred", priority=Priority.CASE, lives=A_DECISION, encloses=True),
        Kind(name="grant_became_effective", priority=Priority.CASE, lives=A_DECISION),
        Kind(name="condition_met", priority=Priority.CASE),
        Kind(name="grant_lapsed", priority=Priority.CASE, lives=A_DECISION),
        Kind(name="grant_revoked", priority=Priority.CASE, lives=A_DECISION),
        Kind(name="grant_declined", priority=Priority.CASE),
        Kind(name="agreement_signed", priority=Priority.CASE),
        Kind(name="statement_requested", priority=Priority.CASE, secret=True),
        Kind(name="subscription_confirm", priority=Priority.CASE, secret=True),
        Kind(name="subscription_ended", priority=Priority.CASE, lives=timedelta(days=3)),
        Kind(name="office_new_application", priority=Priority.OFFICE),
        Kind(name="office_correction_received", priority=Priority.OFFICE),
        Kind(name="office_statement_given", priority=Priority.OFFICE),
        Kind(name="office_grant_not_covered", priority=Priority.OFFICE),
        Kind(name="office_budget_runs_low", priority=Priority.OFFICE),
        Kind(name="office_budget_released", priority=Priority.OFFICE),
        Kind(name="session_scheduled", priority=Priority.SUBSCRIBED, topic="sessions"),
        Kind(name="session_postponed", priority=Priority.SUBSCRIBED, topic="sessions"),
        Kind(name="session_cancelled", priority=Priority.SUBSCRIBED, topic="sessions"),
    )
}
