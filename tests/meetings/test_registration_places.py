"""Places are given once, in order, to whoever fits; nobody is lost, whatever happens at once."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.meetings.commands import registrations as commands
from services.meetings.domain.occasions import (
    FewPlaces,
    NoPlaces,
    NotRegistered,
    Occasion,
    Registration,
    RegistrationClosed,
    RegistrationStatus,
    TakenAlready,
    promotable,
)
from shared.clock import SetClock
from shared.events.meetings import EndedBecause
from shared.service import Service
from tests.meetings.occasions import (
    acting,
    announced,
    brings,
    cancelled,
    changed,
    ends,
    everybody,
    one,
    planned,
    registered,
    the_occasion,
    walk,
    wish,
)
from tests.meetings.people import told

R = RegistrationStatus


def standing(found: Sequence[Registration]) -> dict[str, str]:
    return {one.name: one.status.value for one in found}


async def test_fifty_people_at_once_get_the_ten_places_and_the_rest_a_place_in_the_queue(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=12, reserved=2))
    names = [f"gast{n}" for n in range(50)]
    await asyncio.gather(*(registered(meetings, occasion_id, wish(name)) for name in names))
    found = await everybody(meetings, occasion_id)
    assert [one.status for one in found] == [R.CONFIRMED] * 10 + [R.WAITING] * 40
    assert sorted(one.number for one in found) == list(range(1, 51))
    assert max(one.number for one in found[:10]) < min(one.number for one in found[10:])
    waitlisted = await told(meetings, "registration.waitlisted")
    assert [event["data"]["position"] for event in waitlisted] == list(range(1, 41))


async def test_people_who_leave_and_come_at_once_never_leave_a_place_empty_or_given_twice(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=8))
    first = [await registered(meetings, occasion_id, wish(f"a{n}", 2)) for n in range(4)]
    waiting = [await registered(meetings, occasion_id, wish(f"b{n}", 1)) for n in range(6)]
    await asyncio.gather(
        *(ends(meetings, first[n]) for n in range(2)),
        brings(meetings, first[2], 1),
        *(registered(meetings, occasion_id, wish(f"c{n}", 1)) for n in range(6)),
    )
    found = await everybody(meetings, occasion_id)
    seated = [one for one in found if one.status is R.CONFIRMED]
    assert sum(one.people for one in seated) == 8
    assert set(waiting[:5]) <= {one.id for one in seated}
    assert waiting[5] not in {one.id for one in seated}


async def test_the_same_form_sent_twice_registers_once(meetings: Service) -> None:
    occasion_id, order = await announced(meetings), acting(meetings)

    async def send() -> UUID:
        async with meetings.db.begin() as session:
            return await commands.register(session, meetings, occasion_id, wish(), order)

    first, second = await asyncio.gather(send(), send())
    assert first == second
    assert len(await everybody(meetings, occasion_id)) == 1
    assert len(await told(meetings, "registration")) == 1


async def test_a_second_registration_of_an_address_only_brings_a_letter_that_says_what_holds(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=2))
    first = await registered(meetings, occasion_id, wish("Ada", 2, email="ada@example.org"))
    again = await registered(meetings, occasion_id, wish("Eve", 1, email="ADA@example.org"))
    assert again == first
    [kept] = await everybody(meetings, occasion_id)
    assert (kept.name, kept.people) == ("Ada", 2)
    events = await told(meetings, "registration.confirmed")
    assert [event["data"]["again"] for event in events] == [False, True]
    assert [event["subjectversion"] for event in events] == [1, 2]
    waits = await registered(meetings, occasion_id, wish("Bo", 1))
    await registered(meetings, occasion_id, wish("Bo", 1))
    [_, second] = await told(meetings, "registration.waitlisted")
    assert (second["data"]["position"], second["data"]["again"]) == (1, True)
    await ends(meetings, waits)
    assert await registered(meetings, occasion_id, wish("Bo", 1)) != waits


async def test_a_full_occasion_without_a_waiting_list_says_how_many_places_are_left(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=3, waiting_list=False))
    await registered(meetings, occasion_id, wish("Ada", 2))
    with pytest.raises(NoPlaces) as full:
        await registered(meetings, occasion_id, wish("Bo", 2))
    assert full.value.free == 1
    with pytest.raises(NoPlaces):
        await registered(meetings, occasion_id, wish("Ada", 2))
    assert len(await everybody(meetings, occasion_id)) == 1
    assert len(await told(meetings, "registration")) == 1


async def test_a_group_that_does_not_fit_waits_on_and_the_next_that_fits_comes_in(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=4))
    first = await registered(meetings, occasion_id, wish("Ada", 4))
    await registered(meetings, occasion_id, wish("Gruppe", 4))
    await registered(meetings, occasion_id, wish("Bo", 2))
    await registered(meetings, occasion_id, wish("Cem", 1))
    await brings(meetings, first, 2)
    found = standing(await everybody(meetings, occasion_id))
    assert found == {"Ada": "confirmed", "Bo": "confirmed", "Gruppe": "waiting", "Cem": "waiting"}
    await ends(meetings, first)
    found = standing(await everybody(meetings, occasion_id))
    assert (found["Gruppe"], found["Cem"]) == ("waiting", "confirmed")
    [group] = [o for o in await everybody(meetings, occasion_id) if o.name == "Gruppe"]
    await brings(meetings, group.id, 1)
    assert (await one(meetings, group.id)).status is R.CONFIRMED
    promoted = await told(meetings, "registration.promoted")
    assert [event["data"]["people"] for event in promoted] == [2, 1, 1]


async def test_more_places_and_fewer_reserved_ones_go_to_whoever_waits(meetings: Service) -> None:
    occasion_id = await announced(meetings, walk(places=3, reserved=2))
    for name in ("Ada", "Bo", "Cem", "Dilan"):
        await registered(meetings, occasion_id, wish(name))
    await changed(meetings, occasion_id, reserved=1)
    assert standing(await everybody(meetings, occasion_id))["Bo"] == "confirmed"
    assert await told(meetings, "occasion.changed") == []
    await changed(meetings, occasion_id, places=None)
    assert set(standing(await everybody(meetings, occasion_id)).values()) == {"confirmed"}
    with pytest.raises(TakenAlready):
        await changed(meetings, occasion_id, places=4)
    assert (await the_occasion(meetings, occasion_id)).places is None


async def test_more_people_than_places_are_left_is_refused_and_changes_nothing(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=4))
    ada = await registered(meetings, occasion_id, wish("Ada", 2))
    await registered(meetings, occasion_id, wish("Bo", 1))
    with pytest.raises(FewPlaces) as few:
        await brings(meetings, ada, 4)
    assert few.value.free == 1
    await brings(meetings, ada, 3)
    assert (await one(meetings, ada)).people == 3
    await ends(meetings, ada)
    with pytest.raises(NotRegistered):
        await brings(meetings, ada, 1)


async def test_nobody_registers_for_a_draft_a_cancelled_one_or_one_that_has_begun(
    meetings: Service, clock: SetClock
) -> None:
    draft, off, on = await planned(meetings), await announced(meetings), await announced(meetings)
    ada = await registered(meetings, on, wish("Ada"))
    await cancelled(meetings, off)
    for occasion_id in (draft, off):
        with pytest.raises(RegistrationClosed):
            await registered(meetings, occasion_id, wish())
    clock.set(walk().starts_at)
    for late in (
        registered(meetings, on, wish("Bo")),
        brings(meetings, ada, 2),
        ends(meetings, ada),
    ):
        with pytest.raises(RegistrationClosed):
            await late


async def test_after_the_last_day_only_the_office_enters_somebody(
    meetings: Service, clock: SetClock
) -> None:
    until = walk().starts_at.replace(day=20)
    occasion_id = await announced(meetings, walk(register_until=until))
    clock.set(until.replace(day=21))
    with pytest.raises(RegistrationClosed):
        await registered(meetings, occasion_id, wish("Ada"))
    who = wish("Bo", email=None, phone="+495361123456")
    bo = await one(meetings, await registered(meetings, occasion_id, who, by_office=True))
    assert (bo.status, bo.to_call) == (R.CONFIRMED, None)


Step = tuple[str, int, int]


async def take(service: Service, occasion_id: UUID, step: Step, number: int) -> None:
    """One thing somebody does; what is refused changes nothing."""
    what, which, people = step
    found = [one for one in await everybody(service, occasion_id) if one.active]
    try:
        if what == "come":
            await registered(service, occasion_id, wish(f"g{number}", people))
        elif what == "places":
            await changed(service, occasion_id, places=which + people)
        elif found and what == "leave":
            await ends(service, found[which % len(found)].id, EndedBecause.OFFICE)
        elif found:
            await brings(service, found[which % len(found)].id, people)
    except (NoPlaces, TakenAlready):
        return


@given(st.lists(st.integers(1, 10), max_size=30), st.integers(0, 60))
def test_the_queue_moves_up_in_order_never_over_the_places_and_leaves_nobody_who_fits(
    queue: list[int], free: int
) -> None:
    waiting = [(uuid7(), people) for people in queue]
    chosen = promotable(waiting, free)
    assert chosen == [who for who, _people in waiting if who in chosen]
    left = free
    for who, people in waiting:
        assert (who in chosen) is (people <= left)
        left -= people if who in chosen else 0
    assert left >= 0
    assert all(people > left for who, people in waiting if who not in chosen)
    assert promotable(waiting, None) == [who for who, _people in waiting]


@pytest.mark.parametrize("seed", range(3))
async def test_the_commands_keep_the_same_promise_over_a_long_history(
    meetings: Service, seed: int
) -> None:
    from random import Random

    chance = Random(seed)
    occasion_id = await announced(meetings, walk(places=9, reserved=1))
    acts = ["come", "come", "leave", "bring", "places"]
    came = 0
    for number in range(30):
        step = (chance.choice(acts), chance.randrange(12), chance.randrange(1, 6))
        await take(meetings, occasion_id, step, number)
        came += step[0] == "come"
        found, occasion = (
            await everybody(meetings, occasion_id),
            await the_occasion(meetings, occasion_id),
        )
        _check(found, occasion)
        assert len(found) == came


def _check(found: Sequence[Registration], occasion: Occasion) -> None:
    seated = sum(one.people for one in found if one.status is R.CONFIRMED)
    assert occasion.open_places is not None
    assert seated <= occasion.open_places
    left = occasion.open_places - seated
    assert all(one.people > left for one in found if one.status is R.WAITING)
