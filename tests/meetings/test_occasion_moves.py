"""What an occasion may become from each status, what that tells, and which plans are refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.meetings.domain.occasions import (
    MOVES,
    REGISTRATION_MOVES,
    AlreadyOver,
    FewPlaces,
    HasRegistrations,
    IllegalMove,
    IllegalRegistrationMove,
    NotRegistered,
    Occasion,
    OccasionStatus,
    Reach,
    RegisterUntilAfterStart,
    Registration,
    RegistrationStatus,
    ReservedAbovePlaces,
    TakenAlready,
)
from services.meetings.domain.session import EndsBeforeItStarts, InThePast
from shared.events.meetings import EndedBecause
from shared.sealed import Sealed
from tests.meetings.occasions import WALK, walk, wish

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
S, R = OccasionStatus, RegistrationStatus
REACH = Reach(Sealed(person_id=uuid4(), box="AQ"), Sealed(person_id=uuid4(), box="AQ"))


def occasion(status: OccasionStatus = S.PLANNED, **facts: Any) -> Occasion:
    made = Occasion.plan(walk(**facts), occasion_id=uuid4(), at=AT)
    made.status = status
    return made


def move(made: Occasion, to: OccasionStatus) -> Any:
    if to is S.ANNOUNCED:
        return made.announce(at=AT)
    if to is S.CANCELLED:
        return made.cancel(reason="Es stürmt.", at=AT)
    if to is S.HELD:
        return made.hold()
    return made.document(text="Schön war es.", visitors=12, link=None, at=AT)


@pytest.mark.parametrize("to", [S.ANNOUNCED, S.HELD, S.DOCUMENTED, S.CANCELLED])
@pytest.mark.parametrize("status", list(S))
def test_a_move_is_made_where_the_table_says_so_and_refused_with_both_names_elsewhere(
    status: OccasionStatus, to: OccasionStatus
) -> None:
    made = occasion(status)
    if to in MOVES.get(status, ()):
        move(made, to)
        assert made.status is to
        return
    with pytest.raises(IllegalMove) as refused:
        move(made, to)
    assert (refused.value.status, refused.value.to) == (status, to)
    assert made.status is status


def test_nothing_leads_back_to_a_draft_and_a_cancelled_one_is_over_for_good() -> None:
    assert all(S.PLANNED not in to for to in MOVES.values())
    assert S.CANCELLED not in MOVES


@pytest.mark.parametrize("status", [S.HELD, S.DOCUMENTED, S.CANCELLED])
def test_what_is_over_is_not_changed_any_more(status: OccasionStatus) -> None:
    with pytest.raises(IllegalMove):
        occasion(status).change(WALK, taken=0, registered=False, at=AT)


def test_what_was_told_carries_rising_numbers_without_a_gap() -> None:
    made = occasion()
    told = [made.announce(at=AT).subject_version]
    made.change(walk(place="Schulhof"), taken=0, registered=False, at=AT)
    told.append(
        made.changed(previous_starts_at=WALK.starts_at, previous_place="", at=AT).subject_version
    )
    off = made.cancel(reason="Es stürmt.", at=AT)
    assert off is not None
    assert [*told, off.subject_version] == [1, 2, 3]


def test_a_draft_is_given_up_without_a_word_to_anybody() -> None:
    made = occasion()
    assert made.cancel(reason="Kein Platz.", at=AT) is None
    assert made.revision == 0


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"door_note": "Schlüssel"}, False),
        ({"reserved": 2, "reserved_for": "Kita"}, False),
        ({"photos": True}, False),
        ({"title": "Anders"}, True),
        ({"text": "Anders"}, True),
        ({"place": "Anders"}, True),
        ({"places": 30}, True),
        ({"ends_at": None}, True),
        ({"register_until": WALK.starts_at - timedelta(days=1)}, True),
    ],
)
def test_the_public_hears_of_a_change_that_concerns_it(facts: dict[str, Any], told: bool) -> None:
    made = occasion(S.ANNOUNCED)
    assert made.change(walk(**facts), taken=0, registered=False, at=AT) is told
    draft = occasion()
    assert draft.change(walk(**facts), taken=0, registered=False, at=AT) is False


def test_a_change_says_what_held_before_only_where_that_changed() -> None:
    made = occasion(S.ANNOUNCED)
    later = WALK.starts_at + timedelta(hours=1)
    made.change(walk(starts_at=later), taken=0, registered=False, at=AT)
    told = made.changed(previous_starts_at=WALK.starts_at, previous_place=WALK.place, at=AT)
    assert (told.starts_at, told.previous_starts_at, told.previous_place) == (
        later,
        WALK.starts_at,
        None,
    )


@pytest.mark.parametrize(
    ("facts", "broken"),
    [
        ({"starts_at": AT, "ends_at": None}, InThePast),
        ({"ends_at": WALK.starts_at}, EndsBeforeItStarts),
        ({"register_until": WALK.starts_at + timedelta(seconds=1)}, RegisterUntilAfterStart),
        ({"reserved": 11}, ReservedAbovePlaces),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    facts: dict[str, Any], broken: type[Exception]
) -> None:
    with pytest.raises(broken):
        Occasion.plan(walk(**facts), occasion_id=uuid4(), at=AT)
    with pytest.raises(broken):
        occasion(S.ANNOUNCED).change(walk(**facts), taken=0, registered=False, at=AT)


def test_places_people_have_are_not_planned_away() -> None:
    made = occasion(S.ANNOUNCED)
    with pytest.raises(TakenAlready):
        made.change(walk(reserved=4), taken=7, registered=True, at=AT)
    with pytest.raises(HasRegistrations):
        made.change(walk(registration=False, places=None), taken=0, registered=True, at=AT)
    made.change(walk(reserved=3), taken=7, registered=True, at=AT)
    assert made.free(7) == 0


def test_the_text_may_be_corrected_while_it_goes_on_but_not_after() -> None:
    made = occasion(S.ANNOUNCED)
    during = WALK.starts_at + timedelta(minutes=5)
    assert made.change(walk(text="Wir sind hinten."), taken=0, registered=False, at=during)
    assert WALK.ends_at is not None
    with pytest.raises(AlreadyOver):
        made.change(walk(text="Vorbei"), taken=0, registered=False, at=WALK.ends_at)
    with pytest.raises(AlreadyOver):
        made.cancel(reason="Zu spät", at=WALK.ends_at)


def test_registering_ends_with_its_last_day_and_never_outlasts_the_beginning() -> None:
    until = WALK.starts_at - timedelta(days=2)
    early, plain = occasion(S.ANNOUNCED, register_until=until), occasion(S.ANNOUNCED)
    assert early.takes_registrations(until)
    assert not early.takes_registrations(until + timedelta(seconds=1))
    assert early.expects_people(until + timedelta(seconds=1))
    assert plain.takes_registrations(WALK.starts_at - timedelta(seconds=1))
    assert not plain.expects_people(WALK.starts_at)
    assert not occasion().takes_registrations(AT)
    assert not occasion(S.ANNOUNCED, registration=False).takes_registrations(AT)


def test_the_reminder_comes_at_ten_the_day_before_on_both_sides_of_the_clock_change() -> None:
    sunday = datetime(2026, 3, 29, 13, tzinfo=UTC)
    made = occasion(starts_at=sunday, ends_at=None)
    assert made.remind_at == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert made.over_at == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    monday = occasion(starts_at=sunday + timedelta(days=1), ends_at=None)
    assert monday.remind_at == datetime(2026, 3, 29, 8, tzinfo=UTC)


def registration(status: RegistrationStatus, *, phone: bool = False) -> Registration:
    who = wish(email=None, phone="+495361123456") if phone else wish()
    made = Registration.take(
        occasion(S.ANNOUNCED),
        who,
        registration_id=uuid4(),
        person_id=uuid4(),
        number=1,
        address_hash="x",
        by_office=False,
        at=AT,
    )
    made.status = status
    return made


@pytest.mark.parametrize("to", [R.CONFIRMED, R.ENDED])
@pytest.mark.parametrize("status", list(R))
def test_a_registration_moves_where_its_table_says_so(
    status: RegistrationStatus, to: RegistrationStatus
) -> None:
    made, of = registration(status), occasion(S.ANNOUNCED)

    def go() -> None:
        if to is R.CONFIRMED:
            made.promote(of, REACH, at=AT)
        else:
            made.end(of, REACH, because=EndedBecause.OFFICE, at=AT)

    if to in REGISTRATION_MOVES.get(status, ()):
        go()
        assert made.status is to
        return
    with pytest.raises(IllegalRegistrationMove) as refused:
        go()
    assert (refused.value.status, refused.value.to) == (status, to)


def test_more_people_come_only_where_places_are_left_and_fewer_always() -> None:
    made = registration(R.CONFIRMED)
    with pytest.raises(FewPlaces) as few:
        made.bring(4, free=2)
    assert few.value.free == 2
    made.bring(3, free=2)
    made.bring(1, free=0)
    made.bring(9, free=None)
    assert made.people == 9
    waiting = registration(R.WAITING)
    waiting.bring(5, free=0)
    assert waiting.people == 5
    with pytest.raises(NotRegistered):
        registration(R.ENDED).bring(2, free=None)
    with pytest.raises(NotRegistered):
        registration(R.WAITING).tick(arrived=True)


def test_only_people_without_an_address_have_to_be_called() -> None:
    of = occasion(S.ANNOUNCED)
    by_phone, by_mail = registration(R.WAITING, phone=True), registration(R.WAITING)
    for made in (by_phone, by_mail):
        made.promote(of, REACH, at=AT)
    assert (by_phone.to_call, by_mail.to_call) == ("promoted", None)
    by_phone.end(of, REACH, because=EndedBecause.WITHDRAWN, at=AT)
    assert by_phone.to_call is None
