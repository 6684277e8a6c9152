"""Who may vote, and why somebody may not: a pure list, the same for the same people and rules."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.meetings.domain.board import OneVotePer, Rules
from services.meetings.domain.electorate import (
    Seat,
    Turnout,
    electorate,
    turnout,
    votes_on_board,
)
from services.meetings.domain.member import Member, MemberStatus, UnitKind
from services.meetings.domain.polls import Barred
from services.meetings.domain.recusal import RecusedBecause
from shared.events.people import Contact

SCHOOL, FLAT, CLUB = UUID(int=901), UUID(int=902), UUID(int=903)
UNITS: Final = {
    SCHOOL: UnitKind.INSTITUTION,
    FLAT: UnitKind.HOUSEHOLD,
    CLUB: UnitKind.INSTITUTION,
}
ACTIVE = MemberStatus.ACTIVE


def member(number: int, status: MemberStatus = ACTIVE, unit_id: UUID | None = None) -> Member:
    one = Member.record(
        Contact(name=f"M{number}", email=""),
        board_id=UUID(int=1),
        person_id=UUID(int=1000 + number),
        language="de",
        unit_id=unit_id,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    one.id, one.status = UUID(int=number), status
    return one


def rules(per: OneVotePer = OneVotePer.NOBODY, **change: Any) -> Rules:
    return Rules.model_validate(
        {
            "holds_from": "2026-01-01",
            "submission_days_before": 14,
            "on_postponement": "again",
            "one_vote_per": per,
        }
        | change
    )


def listed(
    members: list[Member],
    there: list[int],
    recused: tuple[int, ...] = (),
    per: OneVotePer = OneVotePer.NOBODY,
) -> tuple[dict[int, Barred | None], Turnout]:
    why = {UUID(int=one): RecusedBecause.OTHER for one in recused}
    here = [UUID(int=one) for one in there]
    seats = electorate(members, there=here, recused=why, rules=rules(per), units=UNITS)
    found = turnout(seats, members=votes_on_board(members, rules(per), UNITS))
    return {seat.member.id.int: seat.barred for seat in seats}, found


@pytest.mark.parametrize(
    ("status", "there", "recused", "barred"),
    [
        (ACTIVE, True, False, None),
        (ACTIVE, False, False, Barred.ABSENT),
        (ACTIVE, True, True, Barred.RECUSED),
        (ACTIVE, False, True, Barred.ABSENT),
        (MemberStatus.GUEST, True, False, Barred.GUEST),
        (MemberStatus.GUEST, False, False, Barred.GUEST),
        (MemberStatus.DECLARED, True, False, Barred.DECLARED),
        (MemberStatus.SUSPENDED, True, False, Barred.SUSPENDED),
        (MemberStatus.SUSPENDED, True, True, Barred.SUSPENDED),
        (MemberStatus.SUSPENDED, False, False, Barred.SUSPENDED),
        (MemberStatus.LEFT, True, False, Barred.LEFT),
    ],
)
def test_each_reason_bars_and_nothing_else_does(
    status: MemberStatus, there: bool, recused: bool, barred: Barred | None
) -> None:
    found, counted = listed([member(1, status)], [1] if there else [], (1,) if recused else ())
    assert found == {1: barred}
    in_the_room = status is ACTIVE and there
    assert (counted.present, counted.recused) == (int(in_the_room), int(in_the_room and recused))
    assert counted.members == int(status is ACTIVE)


@pytest.mark.parametrize(
    ("per", "members", "barred"),
    [
        (OneVotePer.NOBODY, 4, set()),
        (OneVotePer.INSTITUTION, 3, {2}),
        (OneVotePer.HOUSEHOLD, 3, {4}),
        (OneVotePer.BOTH, 2, {2, 4}),
    ],
)
def test_of_a_unit_with_one_vote_the_first_to_come_has_it(
    per: OneVotePer, members: int, barred: set[int]
) -> None:
    people = [member(1, unit_id=SCHOOL), member(2, unit_id=SCHOOL)]
    people += [member(3, unit_id=FLAT), member(4, unit_id=FLAT)]
    found, counted = listed(people, [1, 2, 3, 4], per=per)
    assert {one for one, why in found.items() if why is Barred.UNIT} == barred
    assert (counted.members, counted.present, counted.eligible) == (members, members, members)


def test_the_order_of_arrival_decides_not_the_order_of_the_list() -> None:
    people = [member(1, unit_id=SCHOOL), member(2, unit_id=SCHOOL)]
    assert listed(people, [2, 1], per=OneVotePer.BOTH)[0] == {2: None, 1: Barred.UNIT}
    assert listed(people[::-1], [2, 1], per=OneVotePer.BOTH)[0] == {2: None, 1: Barred.UNIT}


def test_who_may_not_vote_does_not_take_the_vote_of_the_unit() -> None:
    people = [
        member(1, MemberStatus.SUSPENDED, SCHOOL),
        member(2, MemberStatus.GUEST, SCHOOL),
        member(3, unit_id=SCHOOL),
    ]
    found, counted = listed(people, [1, 2, 3], per=OneVotePer.INSTITUTION)
    assert found == {1: Barred.SUSPENDED, 2: Barred.GUEST, 3: None}
    assert (counted.members, counted.present) == (1, 1)


def test_if_the_first_of_a_unit_is_recused_the_next_one_votes() -> None:
    people = [member(1, unit_id=SCHOOL), member(2, unit_id=SCHOOL)]
    found, counted = listed(people, [1, 2], (1,), per=OneVotePer.INSTITUTION)
    assert found == {1: Barred.RECUSED, 2: None}
    assert (counted.present, counted.recused, counted.eligible) == (1, 0, 1)


def test_a_unit_that_is_recused_as_a_whole_is_there_and_recused_once() -> None:
    people = [member(1, unit_id=SCHOOL), member(2, unit_id=SCHOOL), member(3)]
    found, counted = listed(people, [1, 2, 3], (1, 2), per=OneVotePer.INSTITUTION)
    assert found == {1: Barred.RECUSED, 2: Barred.RECUSED, 3: None}
    assert (counted.members, counted.present, counted.recused, counted.eligible) == (2, 2, 1, 1)


def test_a_unit_of_unknown_kind_is_an_error_and_not_a_guess() -> None:
    people = [member(1, unit_id=UUID(int=999))]
    assert votes_on_board(people, rules()) == 1
    with pytest.raises(KeyError):
        votes_on_board(people, rules(OneVotePer.BOTH), UNITS)


def test_the_reason_of_a_recusal_is_kept_with_the_seat() -> None:
    why = {UUID(int=1): RecusedBecause.EMPLOYER, UUID(int=2): RecusedBecause.PARTNER}
    seats: list[Seat] = electorate(
        [member(1), member(2)], there=[UUID(int=1)], recused=why, rules=rules()
    )
    assert [(seat.barred, seat.because) for seat in seats] == [
        (Barred.RECUSED, "employer"),
        (Barred.ABSENT, ""),
    ]


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(MemberStatus),
        st.sampled_from([None, SCHOOL, FLAT, CLUB]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@given(PEOPLE, st.sampled_from(OneVotePer), st.randoms())
def test_the_numbers_always_add_up(
    people: list[tuple[MemberStatus, UUID | None, bool, bool]], per: OneVotePer, chance: Any
) -> None:
    members = [member(n, status, unit) for n, (status, unit, _t, _r) in enumerate(people, 1)]
    there = [n for n, one in enumerate(people, 1) if one[2]]
    chance.shuffle(there)
    recused = tuple(n for n, one in enumerate(people, 1) if one[3])
    found, counted = listed(members, there, recused, per)
    voting = [n for n, why in found.items() if why is None]
    assert counted.eligible == len(voting)
    assert 0 <= counted.recused <= counted.present <= counted.members
    assert len(found) == len(people)
    assert set(voting) <= set(there) - set(recused)
    assert all(people[n - 1][0] is ACTIVE for n in voting)
    units = [people[n - 1][1] for n in voting]
    shared_ones = [one for one in units if one and one_vote(per, one)]
    assert len(shared_ones) == len(set(shared_ones))


def one_vote(per: OneVotePer, unit: UUID) -> bool:
    kind = UNITS[unit]
    return per is OneVotePer.BOTH or per.value == kind.value
