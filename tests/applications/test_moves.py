"""Every status × every status: what the table allows happens, all else is refused with both names."""

from datetime import UTC, datetime
from itertools import product
from typing import Final
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
from shared.events.applications import ApplicationSubmitted, ApplicationWithdrawn, DraftDiscarded

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
        one.number = "2026-001"
    return one


def test_the_table_names_every_status_and_says_what_the_design_says() -> None:
    assert {line.split(":")[0] for line in TABLE.strip().splitlines()} == set(Status)
    assert {(a, b) for a, into in MOVES.items() for b in into} == ALLOWED


@pytest.mark.parametrize(("status", "to"), list(product(Status, Status)))
def test_only_what_the_table_allows_may_happen(status: Status, to: Status) -> None:
    assert application(status).may(to) is ((status, to) in ALLOWED)


@pytest.mark.parametrize("status", Status)
def test_handing_in_tells_it_or_is_refused_with_both_names(status: Status) -> None:
    one = application(status)
    if (status, Status.SUBMITTED) in ALLOWED:
        event = one.submit(number="2026-021", place=Place(), at=AT)
        assert isinstance(event, ApplicationSubmitted)
        assert (event.number, event.subject_version) == ("2026-021", 4)
        return
    with pytest.raises(IllegalMove, match=f"{status} → submitted"):
        one.submit(number="2026-021", place=Place(), at=AT)
    assert one.status is status


@pytest.mark.parametrize("status", Status)
def test_withdrawing_tells_it_or_is_refused_with_both_names(status: Status) -> None:
    one = application(status)
    if (status, Status.WITHDRAWN) in ALLOWED:
        kind = DraftDiscarded if status == Status.DRAFT else ApplicationWithdrawn
        assert isinstance(one.withdraw(at=AT), kind)
        assert one.status == Status.WITHDRAWN
        return
    with pytest.raises(IllegalMove, match=f"{status} → withdrawn"):
        one.withdraw(at=AT)
    assert one.status is status


def test_a_draft_without_checked_answers_cannot_be_handed_in() -> None:
    one = application(Status.DRAFT)
    one.asked_cents = None
    with pytest.raises(Incomplete):
        one.submit(number="2026-001", place=Place(), at=AT)
    assert one.status == Status.DRAFT
