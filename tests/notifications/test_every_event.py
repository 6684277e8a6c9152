"""Nothing is told that concerns somebody and becomes no letter: every event is in one table or the other."""

from typing import Final

import pytest

from services.notifications.addressbook import NotYetKnown
from services.notifications.handlers import ANSWERS
from shared.events import applications as a
from shared.events import meetings as m
from shared.events.applications import ApplicationSubmitted
from shared.events.base import Event, registry
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

ELSEWHERE: Final = {
    "stadtteilbote.draft.saved.v1",
    "stadtteilbote.application.submitted.v1",
    "stadtteilbote.case_link.requested.v1",
    "stadtteilbote.newsletter.requested.v1",
    "stadtteilbote.session.scheduled.v1",
    "stadtteilbote.session.postponed.v1",
    "stadtteilbote.session.cancelled.v1",
    "stadtteilbote.sign_in.requested.v1",
    "stadtteilbote.account.invited.v1",
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
    m.VoteClosed.type: "what it means, applications tells",
    "stadtteilbote.applications.person.erased.v1": "nobody is left to write to",
    "stadtteilbote.meetings.person.erased.v1": "nobody is left to write to",
}


TO_OTHERS: Final = (
    a.CorrectionReceived,
    a.StatementRequested,
    a.StatementGiven,
    a.GrantNotCovered,
)


def test_every_event_is_answered_or_needs_no_letter() -> None:
    named = [{kind.type for kind in LETTERS}, ELSEWHERE, set(NO_LETTER)]
    assert set().union(*named) == {kind.type for kind in TOLD}
    assert sum(map(len, named)) == len(TOLD), "none is in two lists"


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
            if kind in ANSWERS[kind.teller] and kind is not a.ApplicantRecorded:
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
