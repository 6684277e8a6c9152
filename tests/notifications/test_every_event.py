"""Nothing is told that concerns somebody and becomes no letter: every event is in one table or the other."""

from typing import Final

import pytest

from services.notifications.addressbook import NotYetKnown
from services.notifications.handlers import ANSWERS
from services.notifications.letters.kinds import KINDS
from shared.events import applications as a
from shared.events import meetings as m
from shared.events.applications import ApplicationSubmitted
from shared.events.base import Event, registry
from tests.notifications.board import meeting, member, occasion, subscriber, told_about, written
from tests.notifications.office import Office

TOLD: Final = [kind for kind in registry().values() if kind.teller in ("applications", "meetings")]

LETTERS: Final[dict[type[Event], set[str]]] = {
    a.ApplicationWithdrawn: {"application_withdrawn"},
    a.CorrectionRequested: {"correction_requested"},
    a.CorrectionReceived: {"office_correction_received"},
    a.CorrectionWithdrawn: {"correction_withdrawn"},
    a.DeadlineApproaches: {"deadline_approaches"},
    a.StatementRequested: {"statement_requested"},
    a.StatementGiven: {"office_statement_given"},
    a.ApplicationChanged: {"application_changed"},
    a.ApplicationPlaced: {"application_placed"},
    a.ApplicationFoundInadmissible: {"application_inadmissible"},
    a.ApplicationLapsed: {"application_lapsed"},
    a.ApplicationRejected: {"application_rejected"},
    a.ApplicationDeferred: {"application_deferred"},
    a.GrantReserved: {"grant_reserved"},
    a.GrantNotCovered: {"office_grant_not_covered"},
    a.GrantBecameEffective: {"grant_became_effective"},
    a.ConditionMet: {"condition_met"},
    a.GrantLapsed: {"grant_lapsed"},
    a.GrantRevoked: {"grant_revoked"},
    a.GrantDeclined: {"grant_declined"},
    a.AgreementSigned: {"agreement_signed"},
    a.BudgetReleased: {"office_budget_released"},
    a.BudgetRunsLow: {"office_budget_runs_low"},
    m.AgendaItemPlaced: {"agenda_item_placed"},
}
"""What each event about a case that we know, or about a year, becomes; for whom, the kind says."""

BOARD: Final[dict[type[Event], set[str]]] = {
    m.AccessionDeclared: {"accession_declared", "office_accession_declared"},
    m.MemberJoined: {"member_joined"},
    m.MemberSuspended: {"member_suspended"},
    m.MemberInvited: {"member_invited"},
    m.InvitationIssued: {"session_invited"},
    m.SessionPostponed: {"member_session_postponed", "session_postponed"},
    m.SessionCancelled: {"member_session_cancelled", "session_cancelled"},
    m.CircularVoteRequested: {"circular_vote_requested"},
    m.MinutesCirculated: {"minutes_circulated"},
    m.AmendmentProposed: {"office_amendment_proposed"},
    m.MinutesApproved: {"member_minutes_approved", "minutes_published"},
    m.MinutesReported: {"minutes_reported"},
    m.TaskAssigned: {"task_assigned"},
    m.TaskFallsDue: {"task_falls_due"},
    m.RegistrationConfirmed: {"registration_confirmed"},
    m.RegistrationWaitlisted: {"registration_waitlisted"},
    m.RegistrationPromoted: {"registration_promoted"},
    m.RegistrationChanged: {"registration_changed"},
    m.RegistrationReminded: {"registration_reminded"},
    m.RegistrationEnded: {"registration_cancelled"},
    m.OccasionAnnounced: {"occasion_announced"},
    m.OccasionChanged: {"occasion_changed"},
    m.OccasionDocumented: {"occasion_documented"},
    m.OccasionCancelled: {"occasion_cancelled"},
    m.MemberLeft: {"member_left"},
}
"""What each event about the board and its occasions becomes, with a member and a subscriber there."""

ELSEWHERE: Final = {
    "stadtteilbote.draft.saved.v1",
    "stadtteilbote.application.submitted.v1",
    "stadtteilbote.case_link.requested.v1",
    "stadtteilbote.newsletter.requested.v1",
    "stadtteilbote.session.scheduled.v1",
    "stadtteilbote.sign_in.requested.v1",
    "stadtteilbote.account.invited.v1",
    "stadtteilbote.resolution.recorded.v1",
}
"""These become letters, too; the tests of letters from events show it."""

NO_LETTER: Final = {
    a.DraftDiscarded.type: "they did it themselves",
    a.ApplicantRecorded.type: "it fills the address book",
    a.ExplanationWritten.type: "its words stand in the letter that follows",
    a.ApplicationPaperPrepared.type: "it is for the board's agenda",
    a.ApplicationAdmitted.type: "the receipt has said when the vote is",
    a.BudgetSet.type: "the office did it itself; the front page shows it",
    m.AgendaItemRemoved.type: "where it goes instead, applications tells",
    m.VoteOpened.type: "those who vote are in the room",
    m.VoteClosed.type: "what it means, applications tells",
    m.SessionOpened.type: "whoever comes is there",
    m.SessionClosed.type: "the minutes say what was decided",
    m.MemberRecorded.type: "it fills the address book",
    m.CircularClosed.type: "the minutes and the applicant's letter say how it ended",
    m.TaskClosed.type: "they did it themselves, or the office told them",
    "stadtteilbote.applications.person.erased.v1": "nobody is left to write to",
    "stadtteilbote.meetings.person.erased.v1": "nobody is left to write to",
}


ADDRESSES: Final = (a.ApplicantRecorded, m.MemberRecorded)
TO_OTHERS: Final = (
    a.CorrectionReceived,
    a.StatementRequested,
    a.StatementGiven,
    a.GrantNotCovered,
)


def test_every_event_is_answered_or_needs_no_letter() -> None:
    tables = (LETTERS, BOARD)
    named = [*({kind.type for kind in table} for table in tables), ELSEWHERE, set(NO_LETTER)]
    assert set().union(*named) == {kind.type for kind in TOLD}
    assert sum(map(len, named)) == len(TOLD), "none is in two lists"


async def test_an_event_about_the_board_becomes_its_letters_once_however_often_it_comes(
    office: Office,
) -> None:
    who = await member(office, "ada@example.org")
    await meeting(office)
    await occasion(office)
    await subscriber(office, "abo@example.org", "sessions", "occasions")
    await _forget_letters(office)
    for kind, expected in BOARD.items():
        event = await told_about(office, kind, who)
        assert set((await written(office, event)).values()) == expected, kind
        assert await written(office, event, event) == {}, kind
        await _forget_letters(office)


async def test_every_kind_of_letter_is_written_because_of_some_event() -> None:
    elsewhere = {
        "sign_in", "case_link", "account_invited", "draft_saved", "application_received",
        "office_new_application", "subscription_confirm", "subscription_ended",
        "session_scheduled", "case_session_postponed", "case_session_cancelled",
        "decision_granted", "decision_rejected", "decision_resolved",
        "subscription_welcome", "digest_daily", "digest_weekly",
        "registration_ended", "issue_test", "office_issue_paused", "office_issue_held_back",
    }  # fmt: skip
    expected = set().union(*LETTERS.values(), *BOARD.values())
    assert expected | elsewhere == set(KINDS)


async def _forget_letters(office: Office) -> None:
    async with office.service.db.begin() as session:
        for letter in await office.letters():
            await session.delete(letter)


async def _ready(office: Office, kind: type[Event]) -> tuple[ApplicationSubmitted, Event]:
    case = await office.case()
    event = await office.sample(kind, case)
    if isinstance(event, m.AgendaItemPlaced):
        await office.answer(office.session(event.starts_at, session_id=event.session_id))
    return case, event


async def test_an_event_becomes_its_letter_once_however_often_it_comes(office: Office) -> None:
    for kind, expected in LETTERS.items():
        case, event = await _ready(office, kind)
        before = {letter.id for letter in await office.letters()}
        for _ in range(3):
            await office.answer(event)
        letters = [letter for letter in await office.letters() if letter.id not in before]
        assert [letter.kind for letter in letters] == list(expected), kind
        [letter] = letters
        to_office = letter.kind.startswith("office_")
        department = kind is a.StatementRequested
        to = "amt@" if department else "buero@" if to_office else "ada@"
        assert letter.address.startswith(to), kind
        if hasattr(event, "application_id"):
            assert letter.application_id == case.application_id
            assert "2026-021" in letter.subject


async def test_an_event_without_a_letter_writes_none(office: Office) -> None:
    for kind in TOLD:
        if kind.type in NO_LETTER and "erased" not in kind.type:
            _, event = await _ready(office, kind)
            before = len(await office.letters())
            if kind in ANSWERS[kind.teller] and kind not in ADDRESSES:
                await office.answer(event)
            assert len(await office.letters()) == before, kind


async def test_an_event_about_an_unknown_case_waits_for_it(office: Office) -> None:
    stranger = await office.applicant()
    for kind in LETTERS:
        if "budget" in kind.type or kind in TO_OTHERS:
            continue
        with pytest.raises(NotYetKnown):
            await office.answer(await office.sample(kind, stranger))
    assert await office.letters() == []
