"""What is true when sent wins: which news hold back which letters that still wait."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.commands.subscriptions import end
from services.notifications.domain.letter import Letter, Reason, State
from services.notifications.domain.subscription import Subscription
from services.notifications.letters.kinds import KINDS as KINDS_OF_LETTERS
from services.notifications.overtaking import NO_LONGER, OVERTAKING, UNTRUE_SINCE
from services.notifications.session_letters import UNTRUE_ONCE_CHANGED
from shared.events import applications as a
from shared.events import meetings as m
from shared.events.base import Event
from tests.notifications.board import meeting, member, occasion, told_about
from tests.notifications.office import Office
from tests.notifications.test_letters_from_events import cancelled, postponed

TO_DO: Final = {"correction_requested", "deadline_approaches"}
SESSIONS: Final = {
    "application_received",
    "application_placed",
    "agenda_item_placed",
    "case_session_postponed",
    "case_session_cancelled",
}
OPEN: Final = TO_DO | SESSIONS | {"correction_withdrawn", "statement_requested"}
GRANT: Final = {"grant_reserved", "grant_became_effective", "condition_met", "deadline_approaches"}
OFFICE: Final = {"office_new_application", "office_correction_received", "office_statement_given"}
OVER: Final = OPEN | OFFICE | {"application_deferred", "office_grant_not_covered"}

EXPECTED: Final[dict[type[Event], set[str]]] = {
    a.DraftSaved: {"draft_saved"},
    a.DraftDiscarded: {"draft_saved"},
    a.ApplicationSubmitted: {"draft_saved"},
    a.ApplicationWithdrawn: OVER,
    a.CorrectionRequested: TO_DO | {"correction_withdrawn"},
    a.CorrectionReceived: TO_DO,
    a.CorrectionWithdrawn: TO_DO,
    a.ApplicationPlaced: SESSIONS,
    a.ApplicationAdmitted: TO_DO | {"application_inadmissible"},
    a.ApplicationFoundInadmissible: OVER,
    a.ApplicationLapsed: OVER,
    a.ApplicationRejected: OVER,
    a.ApplicationDeferred: SESSIONS | {"application_deferred", "office_grant_not_covered"},
    a.GrantReserved: OVER,
    a.GrantDeclined: GRANT,
    a.GrantLapsed: GRANT,
    a.GrantRevoked: GRANT | {"agreement_signed"},
    a.AgreementSigned: {"deadline_approaches", "grant_became_effective", "condition_met"},
}
"""Written down a second time: what is changed there has to be meant."""

KINDS: Final = sorted(set().union(*EXPECTED.values()))


def test_the_table_says_what_was_agreed() -> None:
    assert {event: set(kinds) for event, kinds in UNTRUE_SINCE.items()} == EXPECTED
    assert not set(UNTRUE_SINCE) & OVERTAKING


async def _wait(office: Office, kind: str, **about: Any) -> None:
    """A letter of the kind, waiting."""
    at = office.clock.now()
    row: dict[str, Any] = {
        "id": uuid7(), "event_id": uuid7(), "kind": kind, "cause": "", "recipient": "ada",
        "name": "Ada", "address": "ada@example.org", "address_hash": "", "language": "de",
        "subject": "", "text": "", "html": "", "state": State.QUEUED, "priority": 1,
        "queued_at": at, "due_at": at, "expires_at": at + timedelta(days=9),
    }  # fmt: skip
    async with office.service.db.begin() as session:
        session.add(Letter(**row | about))


async def _waiting(office: Office, case: a.ApplicationSubmitted) -> set[str]:
    theirs = [one for one in await office.letters() if one.application_id == case.application_id]
    return {one.kind for one in theirs if one.state is State.QUEUED}


async def test_every_rule_holds_back_its_kinds_of_this_case_and_nothing_else(
    office: Office,
) -> None:
    for event, untrue in EXPECTED.items():
        case, other = await office.case(), await office.case()
        for kind in KINDS:
            for one in (case, other):
                await _wait(office, kind, application_id=one.application_id)
        whose = {"person_id": case.person_id} if event is a.ApplicationSubmitted else {}
        told = await office.sample(event, case, **whose)
        await office.answer(told)
        new = {one.kind for one in await office.letters() if one.event_id == told.event_id}
        assert await _waiting(office, case) == set(KINDS) - untrue | new, event
        assert await _waiting(office, other) == set(KINDS), event
        async with office.service.db.begin() as session:
            for letter in await office.letters():
                await session.delete(letter)


async def test_an_answer_holds_back_the_question_to_that_department_only(office: Office) -> None:
    case = await office.case()
    asked = [
        await office.sample(a.StatementRequested, case, statement_id=uuid7()) for _ in range(2)
    ]
    await office.answer(*asked)
    given = await office.sample(a.StatementGiven, case, statement_id=asked[0].statement_id)
    await office.answer(given)
    assert await office.states("statement_requested") == [State.OVERTAKEN, State.QUEUED]


async def test_a_reminder_holds_back_the_first_question(office: Office) -> None:
    case = await office.case()
    asked = await office.sample(a.StatementRequested, case)
    again = asked.model_copy(update={"event_id": uuid7(), "reminder": True})
    await office.answer(asked, again)
    assert await office.states("statement_requested") == [State.OVERTAKEN, State.QUEUED]


async def test_the_last_condition_met_holds_back_reminders_and_an_earlier_one_none(
    office: Office,
) -> None:
    case = await office.case()
    await office.answer(await office.sample(a.DeadlineApproaches, case))
    await office.answer(await office.sample(a.ConditionMet, case, still_open=1))
    assert await office.states("deadline_approaches") == [State.QUEUED]
    await office.answer(await office.sample(a.ConditionMet, case, still_open=0))
    assert await office.states("deadline_approaches") == [State.OVERTAKEN]
    assert await office.states("condition_met") == [State.OVERTAKEN, State.QUEUED], "one less again"


async def _invited(office: Office) -> tuple[m.AgendaItemPlaced, m.SessionScheduled]:
    case = await office.case()
    placed = await office.sample(m.AgendaItemPlaced, case)
    session = office.session(placed.starts_at, session_id=placed.session_id)
    await office.answer(session, placed)
    assert await office.states("agenda_item_placed") == [State.QUEUED]
    return placed, session


async def test_an_item_taken_off_holds_back_its_invitation(office: Office) -> None:
    placed, _ = await _invited(office)
    removed = m.AgendaItemRemoved(
        at=office.clock.now(),
        item_id=placed.item_id,
        session_id=uuid7(),
        application_id=placed.application_id,
    )
    await office.answer(removed)
    assert await office.states("agenda_item_placed") == [State.QUEUED], "of another session"
    update = {"event_id": uuid7(), "session_id": placed.session_id}
    await office.answer(removed.model_copy(update=update))
    letter = await office.only("agenda_item_placed")
    assert (letter.state, letter.reason) == (State.OVERTAKEN, Reason.NEWER)


@pytest.mark.parametrize("change", [postponed, cancelled])
async def test_a_session_that_moves_or_falls_holds_back_invitations_and_placings(
    office: Office, change: Callable[[m.SessionScheduled], Event]
) -> None:
    case = await office.case()
    _, session = await _invited(office)
    at = {"session_id": session.session_id, "session_at": session.starts_at}
    await office.answer(await office.sample(a.ApplicationPlaced, case, **at))
    assert await office.states("application_placed") == [State.QUEUED]
    await office.answer(change(session))
    assert await office.states("agenda_item_placed") == [State.OVERTAKEN]
    assert await office.states("application_placed") == [State.OVERTAKEN]


async def test_no_invitation_to_a_session_that_is_not_held_or_for_a_case_that_ended(
    office: Office,
) -> None:
    case = await office.case()
    placed = await office.sample(m.AgendaItemPlaced, case)
    session = office.session(placed.starts_at, session_id=placed.session_id)
    await office.answer(session, cancelled(session), placed)
    assert await office.letters("agenda_item_placed") == []
    later = office.session(placed.starts_at)
    again = placed.model_copy(update={"session_id": later.session_id})
    await office.answer(await office.sample(a.ApplicationWithdrawn, case), later, again)
    assert await office.letters("agenda_item_placed") == []


async def test_letters_about_a_session_go_to_those_who_still_wait_for_it(office: Office) -> None:
    ends: tuple[type[Any], ...] = (
        a.ApplicationWithdrawn,
        a.ApplicationFoundInadmissible,
        a.ApplicationLapsed,
        a.ApplicationRejected,
        a.GrantReserved,
    )
    session = office.session()
    await office.answer(session)
    at: dict[str, Any] = {"session_id": session.session_id, "session_at": session.starts_at}
    for number, over in enumerate(ends):
        case = await office.case(number=f"2026-00{number}", **at)
        await office.answer(await office.sample(over, case))
    reopened = await office.case(number="2026-100", **at)
    await office.answer(await office.sample(a.ApplicationFoundInadmissible, reopened))
    await office.answer(await office.sample(a.ApplicationAdmitted, reopened, **at))
    await office.case(number="2026-101", **at)
    await office.answer(postponed(session))
    told = [letter.subject for letter in await office.letters("case_session_postponed")]
    assert [subject.split()[2].rstrip(":") for subject in told] == ["2026-100", "2026-101"]


async def test_a_case_follows_its_session_wherever_it_goes(office: Office) -> None:
    first, second, third = (office.session() for _ in range(3))
    await office.answer(first, second, third)
    case = await office.case(session_id=first.session_id, session_at=first.starts_at)
    moved = await office.sample(a.ApplicationPlaced, case, session_id=second.session_id)
    await office.answer(moved, postponed(first))
    assert await office.letters("case_session_postponed") == []
    deferred = await office.sample(
        a.ApplicationDeferred,
        case,
        session_id=second.session_id,
        next_session_id=third.session_id,
        next_session_at=third.starts_at,
    )
    said_again = await office.sample(
        a.ApplicationPlaced,
        case,
        session_id=third.session_id,
        because=a.PlacedBecause.DEFERRED,
    )
    await office.answer(deferred, said_again)
    assert len(await office.letters("application_placed")) == 1, "the deferral has said so"
    await office.answer(postponed(second))
    assert await office.letters("case_session_postponed") == []
    await office.answer(postponed(third))
    assert len(await office.letters("case_session_postponed")) == 1


BELONGING: Final = {"accession_declared", "member_joined", "member_suspended"}
TASKS: Final = {"task_assigned", "task_falls_due"}
REGISTERED: Final = {
    "registration_confirmed",
    "registration_waitlisted",
    "registration_promoted",
    "registration_changed",
    "registration_reminded",
}
OCCASION: Final = {"occasion_announced", "occasion_changed"}
MEMBER: Final = {
    "member_invited",
    "member_session_postponed",
    "member_session_cancelled",
    "circular_vote_requested",
    "minutes_circulated",
}

MINUTES: Final = {
    "minutes_circulated",
    "office_amendment_proposed",
    "member_minutes_approved",
    "minutes_published",
}
EXPECTED_AGAIN: Final = REGISTERED | {"registration_ended"}

BOARD: Final[dict[type[Event], tuple[set[str], set[str]]]] = {
    m.AccessionDeclared: ({"accession_declared"}, {"person_id"}),
    m.MemberJoined: (BELONGING, {"person_id"}),
    m.MemberSuspended: (BELONGING, {"person_id"}),
    m.MemberLeft: (BELONGING | MEMBER, {"person_id"}),
    m.InvitationIssued: ({"session_invited"}, {"session_id"}),
    m.MemberInvited: ({"member_invited"}, {"session_id", "person_id"}),
    m.CircularVoteRequested: ({"circular_vote_requested"}, {"circular_id", "person_id"}),
    m.CircularClosed: ({"circular_vote_requested"}, {"circular_id"}),
    m.MinutesCirculated: ({"minutes_circulated"}, {"session_id", "person_id"}),
    m.MinutesApproved: (MINUTES, {"session_id"}),
    m.MinutesReported: ({"minutes_reported"}, {"session_id"}),
    m.TaskAssigned: (TASKS, {"task_id"}),
    m.TaskFallsDue: (TASKS, {"task_id"}),
    m.TaskClosed: (TASKS, {"task_id"}),
    m.RegistrationConfirmed: (EXPECTED_AGAIN, {"occasion_id", "registration_id"}),
    m.RegistrationWaitlisted: (EXPECTED_AGAIN, {"occasion_id", "registration_id"}),
    m.RegistrationPromoted: (EXPECTED_AGAIN, {"occasion_id", "registration_id"}),
    m.RegistrationChanged: (REGISTERED, {"occasion_id", "registration_id"}),
    m.RegistrationEnded: (REGISTERED, {"occasion_id", "registration_id"}),
    m.OccasionChanged: (OCCASION, {"occasion_id"}),
    m.OccasionCancelled: (OCCASION | REGISTERED, {"occasion_id"}),
}
"""The kinds that are untrue since then, of letters that have these ids in common with the event."""

BOARD_KINDS: Final = sorted(set().union(*(kinds for kinds, _ in BOARD.values())))


def test_the_table_of_the_board_says_what_was_agreed() -> None:
    said = {event: (set(kinds), set(same.values())) for event, (kinds, same) in NO_LONGER.items()}
    assert said == BOARD
    assert not set(NO_LONGER) & (set(UNTRUE_SINCE) | OVERTAKING)


COLUMNS: Final = {
    "person_id": "person_id",
    "registration_id": "recipient",
    "session_id": "session_id",
    "circular_id": "thing_id",
    "task_id": "thing_id",
    "occasion_id": "thing_id",
}


async def test_news_of_the_board_hold_back_their_kinds_of_this_matter_and_nothing_else(
    office: Office,
) -> None:
    who = await member(office)
    await meeting(office)
    await occasion(office)
    for kind, (untrue, ids) in BOARD.items():
        told = await told_about(office, kind, who)
        this = {COLUMNS[name]: getattr(told, name) for name in ids}
        strangers = [this | {column: uuid7()} for column in this]
        for about in (this, *strangers):
            if "recipient" in about:
                about["recipient"] = str(about["recipient"])
            for letter in BOARD_KINDS:
                await _wait(office, letter, **about, cause=str(about == this))
        await office.answer(told)
        waiting = [one for one in await office.letters() if one.cause in ("True", "False")]
        held = {one.kind for one in waiting if one.cause == "True" and one.state != State.QUEUED}
        assert held == untrue, kind
        assert {one.state for one in waiting if one.cause == "False"} == {State.QUEUED}, kind
        async with office.service.db.begin() as session:
            for one in await office.letters():
                await session.delete(one)


async def test_coming_back_holds_back_the_goodbye_to_this_reader_only(office: Office) -> None:
    for address in ("abo@example.org", "bea@example.org"):
        await office.subscriber(address)
        await _end(office, address)
    assert await office.states("subscription_ended") == [State.QUEUED] * 2
    await office.subscriber("abo@example.org")
    await office.listen_to_itself()
    assert await office.states("subscription_ended") == [State.OVERTAKEN, State.QUEUED]


async def _end(office: Office, address: str) -> None:
    by_address = select(Subscription.id).where(Subscription.address == address)
    async with office.service.db.begin() as session:
        [subscription_id] = await session.scalars(by_address)
        await end(session, office.service, subscription_id, at=office.clock.now())
    await office.listen_to_itself()


ONCE_CHANGED: Final = set(UNTRUE_ONCE_CHANGED)
"""Held back when their session moves or falls."""

ONE_BY_ONE: Final = {"statement_requested", "condition_met", "agenda_item_placed"}
"""Of these only some, as the tests above show."""

STAYS: Final = {
    "sign_in": "true as long as its link holds",
    "case_link": "true as long as its link holds",
    "account_invited": "true as long as its link holds",
    "application_withdrawn": "what they did themselves",
    "application_changed": "what was changed was changed",
    "application_lapsed": "an end",
    "application_rejected": "a decision, with its paper",
    "grant_lapsed": "an end",
    "grant_revoked": "an end",
    "grant_declined": "an end",
    "office_budget_runs_low": "what was so on that day; the figures stand on the page it leads to",
    "office_budget_released": "what was so on that day; the figures stand on the page it leads to",
    "office_accession_declared": "a task, done or not",
    "office_issue_paused": "what happened at that moment; the page says how it stands",
    "office_issue_held_back": "what happened at that moment; the page says how it stands",
    "issue_test": "nothing is told in it",
    "member_left": "a goodbye",
    "session_cancelled": "a session that fell stays so",
    "member_session_cancelled": "a session that fell stays so; a member who left is spared",
    "registration_cancelled": "an occasion that fell stays so",
    "occasion_cancelled": "an occasion that fell stays so",
    "occasion_documented": "how it was",
    "decision_rejected": "what was decided; whoever ordered it",
    "decision_resolved": "a sentence of the board that stays",
    "subscription_confirm": "true as long as its link holds",
    "subscription_welcome": "not sent once the subscription ends",
    "digest_daily": "held back with the subscription, and by its short life",
    "digest_weekly": "held back with the subscription, and by its short life",
}
"""Kinds that no later event makes untrue, and why."""

ELSEWHERE: Final = {"decision_granted": "when the grant ends", "subscription_ended": "coming back"}


def test_every_kind_of_letter_is_held_back_by_something_or_stays_true_for_a_reason() -> None:
    tables = set().union(*EXPECTED.values(), *(kinds for kinds, _ in BOARD.values()))
    held = tables | ONCE_CHANGED | ONE_BY_ONE | set(ELSEWHERE)
    assert set(KINDS_OF_LETTERS) - held - set(STAYS) == set(), "nobody has thought about these"
    assert (held | set(STAYS)) <= set(KINDS_OF_LETTERS)
    assert held & set(STAYS) == {"member_session_cancelled"}, "by the member's leaving alone"
