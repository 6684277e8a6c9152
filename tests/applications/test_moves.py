"""Every status × every status: what the table allows happens, all else is refused with both names."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final
from uuid import uuid4

import pytest

from services.applications.domain import (
    MOVES,
    Application,
    IllegalMove,
    Incomplete,
    Place,
    Status,
)
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationFoundInadmissible,
    ApplicationLapsed,
    ApplicationRejected,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CheckItem,
    DeferredBecause,
    DraftDiscarded,
    RejectedBecause,
    Tier,
)
from shared.events.base import Event

AT: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

TABLE: Final = """
draft: submitted withdrawn
submitted: correction_requested admissible inadmissible withdrawn
correction_requested: submitted lapsed withdrawn
admissible: scheduled granted rejected withdrawn
scheduled: granted rejected deferred withdrawn
deferred: scheduled withdrawn
granted: accepted declined lapsed revoked
accepted: proof_submitted revoked declined
proof_submitted: proof_queried settled
proof_queried: proof_submitted settled revoked
inadmissible:
rejected:
withdrawn:
lapsed:
declined:
settled:
revoked:
"""
ALLOWED: Final = {
    (Status(line.split(":")[0]), Status(to))
    for line in TABLE.strip().splitlines()
    for to in line.split(":")[1].split()
}


def application(status: Status) -> Application:
    one = Application.start(fund="buergerfonds", language="de", at=AT)
    one.status, one.version = status, 3
    one.person_id, one.field_of_action, one.asked_cents = uuid4(), "education", 80000
    if status != Status.DRAFT:
        one.number, one.submitted_at = "2026-001", AT
    return one


S: Final = Status

Act = Callable[[Application], Any]
ACTS: Final[dict[str, tuple[Status, frozenset[Status], Act]]] = {
    "submit": (
        S.SUBMITTED,
        frozenset({S.DRAFT}),
        lambda one: one.submit(number="2026-021", place=Place(), at=AT),
    ),
    "request_correction": (
        S.CORRECTION_REQUESTED,
        frozenset({S.SUBMITTED}),
        lambda one: one.request_correction(due_at=AT),
    ),
    "resume": (
        S.SUBMITTED,
        frozenset({S.CORRECTION_REQUESTED}),
        lambda one: one.resume(session_at=AT),
    ),
    "lapse": (S.LAPSED, frozenset({S.CORRECTION_REQUESTED}), lambda one: one.lapse(at=AT)),
    "admit": (
        S.ADMISSIBLE,
        frozenset({S.SUBMITTED}),
        lambda one: one.admit(decides=Tier.BOARD, session_at=AT, at=AT),
    ),
    "find_inadmissible": (
        S.INADMISSIBLE,
        frozenset({S.SUBMITTED}),
        lambda one: one.find_inadmissible([CheckItem.CAP], at=AT),
    ),
    "schedule": (
        S.SCHEDULED,
        frozenset({S.ADMISSIBLE, S.DEFERRED}),
        lambda one: one.schedule(uuid4(), uuid4(), starts_at=AT),
    ),
    "defer": (
        S.DEFERRED,
        frozenset({S.SCHEDULED}),
        lambda one: one.defer(DeferredBecause.VOTE, following=Place(), at=AT),
    ),
    "reject": (
        S.REJECTED,
        frozenset({S.ADMISSIBLE, S.SCHEDULED}),
        lambda one: one.reject(decided_by=Tier.OFFICE, because=RejectedBecause.OFFICE, at=AT),
    ),
    "grant": (S.GRANTED, frozenset({S.ADMISSIBLE, S.SCHEDULED}), lambda one: one.grant()),
    "accept": (S.ACCEPTED, frozenset({S.GRANTED}), lambda one: one.accept()),
    "decline": (
        S.DECLINED,
        frozenset({S.GRANTED, S.ACCEPTED}),
        lambda one: one.end_grant(S.DECLINED),
    ),
    "let_grant_lapse": (S.LAPSED, frozenset({S.GRANTED}), lambda one: one.end_grant(S.LAPSED)),
    "revoke": (
        S.REVOKED,
        frozenset({S.GRANTED, S.ACCEPTED, S.PROOF_QUERIED}),
        lambda one: one.end_grant(S.REVOKED),
    ),
    "withdraw": (
        S.WITHDRAWN,
        frozenset(
            {S.DRAFT, S.SUBMITTED, S.CORRECTION_REQUESTED, S.ADMISSIBLE, S.SCHEDULED, S.DEFERRED}
        ),
        lambda one: one.withdraw(at=AT),
    ),
}
"""Every method that moves an application: where to, from where, and the call itself."""

LATER: Final = {
    (S.ACCEPTED, S.PROOF_SUBMITTED),
    (S.PROOF_SUBMITTED, S.PROOF_QUERIED),
    (S.PROOF_SUBMITTED, S.SETTLED),
    (S.PROOF_QUERIED, S.PROOF_SUBMITTED),
    (S.PROOF_QUERIED, S.SETTLED),
}
"""Moves of the proof of use: the table has them, no method makes them yet."""


def test_the_table_names_every_status_and_says_what_the_design_says() -> None:
    assert {line.split(":")[0] for line in TABLE.strip().splitlines()} == set(Status)
    assert differences() == set()


def differences() -> set[tuple[Status, Status]]:
    """What the code allows and the design does not, or the other way round."""
    return {(a, b) for a, into in MOVES.items() for b in into} ^ ALLOWED


@pytest.mark.parametrize(("status", "to"), sorted(ALLOWED))
def test_taking_any_move_out_of_the_table_is_noticed(
    status: Status, to: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOVES, status, MOVES[status] - {to})
    assert differences() == {(status, to)}
    for kind, froms, act in ACTS.values():
        if kind is to and status in froms:
            with pytest.raises(IllegalMove):
                act(application(status))


@pytest.mark.parametrize(("status", "to"), list(product(Status, Status)))
def test_only_what_the_table_allows_may_happen(status: Status, to: Status) -> None:
    assert application(status).may(to) is ((status, to) in ALLOWED)


def test_the_methods_together_make_every_move_of_the_table_but_those_of_the_proof() -> None:
    made = {(status, to) for to, froms, _act in ACTS.values() for status in froms}
    assert made | LATER == ALLOWED and not made & LATER


@pytest.mark.parametrize(("name", "status"), list(product(ACTS, Status)))
def test_each_method_moves_from_where_it_may_and_is_refused_elsewhere_with_both_names(
    name: str, status: Status
) -> None:
    to, froms, act = ACTS[name]
    one = application(status)
    if status in froms:
        event = act(one)
        assert one.status is to
        assert event is None or event.subject_version == 4
        return
    with pytest.raises(IllegalMove, match=f"{status} → {to}") as refused:
        act(one)
    assert (refused.value.status, refused.value.to) == (status, to)
    assert one.status is status


@pytest.mark.parametrize(
    ("name", "status", "event"),
    [
        ("submit", S.DRAFT, ApplicationSubmitted),
        ("withdraw", S.DRAFT, DraftDiscarded),
        ("withdraw", S.SUBMITTED, ApplicationWithdrawn),
        ("lapse", S.CORRECTION_REQUESTED, ApplicationLapsed),
        ("admit", S.SUBMITTED, ApplicationAdmitted),
        ("find_inadmissible", S.SUBMITTED, ApplicationFoundInadmissible),
        ("defer", S.SCHEDULED, ApplicationDeferred),
        ("reject", S.ADMISSIBLE, ApplicationRejected),
    ],
)
def test_a_move_returns_the_event_it_causes(name: str, status: Status, event: type[Event]) -> None:
    assert isinstance(ACTS[name][2](application(status)), event)


def test_a_draft_without_checked_answers_cannot_be_handed_in() -> None:
    one = application(Status.DRAFT)
    one.asked_cents = None
    with pytest.raises(Incomplete):
        one.submit(number="2026-001", place=Place(), at=AT)
    assert one.status == Status.DRAFT
