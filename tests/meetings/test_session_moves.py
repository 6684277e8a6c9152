"""A session goes where its moves lead, tells what happened, and nowhere else."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from uuid_utils.compat import uuid7

from services.meetings.domain.board import Board, OnPostponement, Rules
from services.meetings.domain.session import (
    AlreadyOver,
    Appointment,
    EndsBeforeItStarts,
    IllegalMove,
    InThePast,
    SameAppointment,
    Session,
    Status,
)
from shared.days import at_local, end_of_day
from shared.events.meetings import PostponeReason

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FOLLOWS = {
    Status.PLANNED: {Status.PLANNED, Status.INVITED, Status.CANCELLED, Status.MINUTED},
    Status.INVITED: {Status.PLANNED, Status.OPEN, Status.CANCELLED, Status.MINUTED},
    Status.OPEN: {Status.CLOSED},
    Status.CLOSED: {Status.MINUTED},
    Status.MINUTED: set(),
    Status.CANCELLED: set(),
}
"""The table of the board's own rules, written down a second time on purpose."""


def rules(policy: OnPostponement = OnPostponement.AGAIN, days: int = 14) -> Rules:
    return Rules(holds_from=date(2026, 1, 1), submission_days_before=days, on_postponement=policy)


def on(day: date, *, ends: time | None = time(20), place: str = "Saal") -> Appointment:
    return Appointment(
        starts_at=at_local(day, time(18)),
        ends_at=at_local(day, ends) if ends else None,
        place=place,
        note=None,
    )


def planned(day: date = date(2026, 5, 6), under: Rules | None = None) -> Session:
    board = Board(id=uuid7(), name="Freunde Westhagens", place="Saal")
    session, _event = Session.plan(
        board, on(day), session_id=uuid7(), rules=under or rules(), at=NOW
    )
    return session


@pytest.mark.parametrize(("status", "to"), list(product(Status, Status)))
def test_every_status_leads_only_where_it_may(status: Status, to: Status) -> None:
    session = planned()
    session.status = status
    if to in FOLLOWS[status]:
        session.check_move(to, at=NOW)
    else:
        with pytest.raises(IllegalMove) as refused:
            session.check_move(to, at=NOW)
        assert (refused.value.status, refused.value.to) == (status, to)
    assert session.may(to, at=NOW) == (to in FOLLOWS[status])


@pytest.mark.parametrize("status", list(Status))
def test_postponing_and_cancelling_ask_the_table(status: Status) -> None:
    postponed, cancelled = planned(), planned()
    postponed.status = cancelled.status = status
    later = on(date(2026, 5, 13))
    if Status.PLANNED in FOLLOWS[status]:
        postponed.postpone(later, rules=rules(), reason=PostponeReason.ROOM, at=NOW)
        assert postponed.status is Status.PLANNED
    else:
        with pytest.raises(IllegalMove):
            postponed.postpone(later, rules=rules(), reason=PostponeReason.ROOM, at=NOW)
        assert postponed.starts_at == on(date(2026, 5, 6)).starts_at
    if Status.CANCELLED in FOLLOWS[status]:
        cancelled.cancel(reason="Wasserschaden", at=NOW)
        assert cancelled.status is Status.CANCELLED
    else:
        with pytest.raises(IllegalMove):
            cancelled.cancel(reason="Wasserschaden", at=NOW)


def test_planning_tells_when_where_and_until_when_to_apply() -> None:
    board = Board(id=uuid7(), name="Freunde Westhagens", place="Saal")
    session, told = Session.plan(
        board, on(date(2026, 5, 6)), session_id=uuid7(), rules=rules(), at=NOW
    )
    assert told.submission_deadline == end_of_day(date(2026, 4, 22))
    assert told.submission_deadline == session.submission_deadline
    assert (told.session_id, told.board, told.place) == (session.id, "Freunde Westhagens", "Saal")
    assert (told.at, told.subject_version) == (NOW, 1)


def test_a_session_keeps_the_rules_it_was_planned_under() -> None:
    session = planned(under=rules(days=21))
    assert session.rules == {
        "holds_from": "2026-01-01",
        "submission_days_before": 21,
        "on_postponement": "again",
        "fixed_dates": [],
        "quorum_kind": "none",
        "quorum": None,
        "recused_count": True,
        "second_call": False,
        "majority": "simple",
        "base": "cast",
        "quorum_at": "each_vote",
        "earned_after": 1,
        "lost_after": None,
        "regained_after": None,
        "one_vote_per": "nobody",
        "secret_minimum": 5,
        "circular_days": 7,
        "urgent_limit_cents": None,
        "objection_days": 14,
    }


def test_postponed_under_again_the_deadline_moves_with_the_session() -> None:
    session = planned()
    told = session.postpone(
        on(date(2026, 5, 20)), rules=rules(), reason=PostponeReason.PEOPLE, at=NOW
    )
    assert told.submission_deadline == end_of_day(date(2026, 5, 6))
    assert told.previous_submission_deadline == end_of_day(date(2026, 4, 22))
    assert told.previous_starts_at == on(date(2026, 5, 6)).starts_at
    assert session.first_starts_at == told.previous_starts_at


def test_postponed_under_stays_the_deadline_stays() -> None:
    stays = rules(OnPostponement.STAYS)
    session = planned(under=stays)
    told = session.postpone(on(date(2026, 5, 20)), rules=stays, reason=PostponeReason.ROOM, at=NOW)
    assert told.submission_deadline == end_of_day(date(2026, 4, 22))


def test_brought_forward_the_deadline_is_computed_again_even_under_stays() -> None:
    stays = rules(OnPostponement.STAYS)
    session = planned(under=stays)
    told = session.postpone(on(date(2026, 4, 29)), rules=stays, reason=PostponeReason.ROOM, at=NOW)
    assert told.submission_deadline == end_of_day(date(2026, 4, 15))


def test_an_invited_session_that_moves_is_planned_again() -> None:
    session = planned()
    session.status = Status.INVITED
    session.postpone(on(date(2026, 5, 20)), rules=rules(), reason=PostponeReason.ROOM, at=NOW)
    assert session.status is Status.PLANNED


def test_the_same_beginning_is_no_postponement() -> None:
    with pytest.raises(SameAppointment):
        planned().postpone(
            on(date(2026, 5, 6), place="Schule"),
            rules=rules(),
            reason=PostponeReason.ROOM,
            at=NOW,
        )


def test_a_session_cannot_begin_in_the_past_or_end_before_it_begins() -> None:
    with pytest.raises(InThePast):
        planned(date(2026, 3, 1))
    with pytest.raises(EndsBeforeItStarts):
        on(date(2026, 5, 6), ends=time(18)).check(at=NOW)
    on(date(2026, 5, 6), ends=None).check(at=NOW)


def test_a_session_can_be_called_off_until_the_end_of_its_day_and_no_later() -> None:
    midnight = end_of_day(date(2026, 5, 6))
    planned().cancel(reason="Stromausfall", at=midnight)
    with pytest.raises(AlreadyOver):
        planned().cancel(reason="Stromausfall", at=midnight + timedelta(seconds=1))


def test_a_cancelled_session_tells_the_offices_own_words() -> None:
    told = planned().cancel(reason="Der Saal ist überschwemmt.", at=NOW)
    assert told.reason == "Der Saal ist überschwemmt."
    assert told.to_cloudevent()["data"].keys() == {"session_id", "board", "starts_at", "reason"}
