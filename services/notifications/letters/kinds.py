"""Every letter we write: how urgent it is, how long it holds, what its headers promise."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any, Final


class Priority(IntEnum):
    """Lower goes out first, at every claim."""

    URGENT = 0
    CASE = 1
    OFFICE = 2
    SUBSCRIBED = 3


A_DECISION: Final = timedelta(days=60)
"""What was decided stays true while a mailbox is out of order."""

ANY_TOPIC: Final = "subscription"
"""The topic of letters to every subscriber, whatever they chose: they go out as long as it lasts."""

OCCASION_FILE: Final = "veranstaltung.ics"


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
    plain_on_paper: bool = False
    """On paper it holds no such link, so that the office may read and print it."""
    encloses: bool = False
    """Files go out with it."""
    untemplated: bool = False
    """Its words are an issue's: it has no folder, and no event causes it."""
    calendar_file: str = "sitzung.ics"
    """What a date that goes out with it is called."""

    @property
    def subscribed(self) -> bool:
        return self.topic is not None

    def hides(self, address: str) -> bool:
        """Whether the office must not read what goes to this address; "" is paper."""
        return self.secret and not (self.plain_on_paper and not address)


def _board(name: str, **rules: Any) -> Kind:
    """To somebody who is invited to the board's sessions."""
    return Kind(name=name, priority=Priority.CASE, **rules)


def _personal(name: str) -> Kind:
    """With a link of the reader's own; on paper they phone instead."""
    return _board(name, secret=True, plain_on_paper=True)


def _registered(name: str, *, link: bool = True) -> Kind:
    """To somebody who registered, with the link to their registration."""
    return Kind(name=name, priority=Priority.CASE, secret=link, calendar_file=OCCASION_FILE)


def _subscribed(name: str, topic: str, **rules: Any) -> Kind:
    """To everyone who ordered the topic."""
    file = OCCASION_FILE if topic == "occasions" else "sitzung.ics"
    return Kind(name=name, priority=Priority.SUBSCRIBED, topic=topic, calendar_file=file, **rules)


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
        Kind(name="office_accession_declared", priority=Priority.OFFICE),
        Kind(name="office_amendment_proposed", priority=Priority.OFFICE),
        Kind(name="issue_test", priority=Priority.CASE, untemplated=True),
        Kind(name="office_issue_paused", priority=Priority.OFFICE),
        Kind(name="office_issue_held_back", priority=Priority.OFFICE),
        _board("accession_declared"),
        _board("member_joined"),
        _board("member_suspended"),
        _board("member_left"),
        _personal("member_invited"),
        _board("member_session_postponed"),
        _board("member_session_cancelled"),
        _personal("circular_vote_requested"),
        _personal("minutes_circulated"),
        _board("member_minutes_approved"),
        _board("minutes_reported", secret=True),
        _personal("task_assigned"),
        _personal("task_falls_due"),
        _registered("registration_confirmed"),
        _registered("registration_waitlisted"),
        _registered("registration_promoted"),
        _registered("registration_changed"),
        _registered("registration_reminded"),
        _registered("registration_ended", link=False),
        _registered("registration_cancelled", link=False),
        _subscribed("session_scheduled", "sessions"),
        _subscribed("session_postponed", "sessions"),
        _subscribed("session_cancelled", "sessions"),
        _subscribed("session_invited", "sessions"),
        _subscribed("minutes_published", "sessions"),
        _subscribed("occasion_announced", "occasions"),
        _subscribed("occasion_changed", "occasions"),
        _subscribed("occasion_cancelled", "occasions"),
        _subscribed("occasion_documented", "occasions"),
        _subscribed("decision_granted", "decisions"),
        _subscribed("decision_rejected", "decisions"),
        _subscribed("decision_resolved", "decisions"),
        _subscribed("subscription_welcome", ANY_TOPIC),
        _subscribed("digest_daily", ANY_TOPIC, lives=timedelta(days=1)),
        _subscribed("digest_weekly", ANY_TOPIC, lives=timedelta(days=4)),
    )
}
