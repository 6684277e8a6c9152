"""What each registered person is told, who has to be called, and when everything is forgotten."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from services.meetings.commands import registrations as commands
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.domain.occasions import RegistrationStatus
from services.meetings.handlers import forget_person
from services.meetings.store import Audit, Outbox, Timer
from services.meetings.worker import create_worker
from shared.clock import SetClock
from shared.events.people import Contact, Link, PersonErasedByApplications
from shared.sealed import Sealed
from shared.service import Service
from shared.worker import settle
from tests.meetings.occasions import (
    WALK,
    acting,
    announced,
    cancelled,
    changed,
    ends,
    everybody,
    one,
    registered,
    the_occasion,
    walk,
    wish,
)
from tests.meetings.people import told
from tests.support.services import ORIGIN

import pytest  # isort: skip

BY_PHONE: dict[str, Any] = {"email": None, "phone": "+495361123456"}


async def opened(service: Service, event: dict[str, Any]) -> tuple[Contact, Link]:
    contact = await service.seals.open(Sealed(**event["data"]["contact"]), Contact)
    link = await service.seals.open(Sealed(**event["data"]["link"]), Link)
    assert contact is not None
    assert link is not None
    return contact, link


async def test_a_confirmation_carries_address_and_link_sealed_and_nothing_in_the_clear(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings)
    await registered(meetings, occasion_id, wish("Ada Lovelace", 3, needs="Rollstuhl"))
    [event] = await told(meetings, "registration")
    assert event["type"] == "stadtteilbote.registration.confirmed.v1"
    assert event["audience"] == "internal"
    assert (event["data"]["people"], event["data"]["place"]) == (3, WALK.place)
    contact, link = await opened(meetings, event)
    assert (contact.name, contact.email) == ("Ada Lovelace", "ada@example.org")
    assert link.url.startswith(f"{ORIGIN}/termine/anmeldung/")
    async with meetings.db.read() as session:
        bodies = " ".join(await session.scalars(select(Outbox.body)))
        trail = " ".join(str(row.details) for row in await session.scalars(select(Audit)))
    for personal in ("Lovelace", "ada@example.org", "Rollstuhl", link.url.rsplit("/", 1)[1]):
        assert personal not in bodies
        assert personal not in trail


async def test_another_date_or_place_is_told_to_everybody_who_wants_to_come(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=1))
    await registered(meetings, occasion_id, wish("Ada"))
    await registered(meetings, occasion_id, wish("Bo"))
    gone = await registered(meetings, occasion_id, wish("Cem"))
    await ends(meetings, gone)
    await changed(meetings, occasion_id, text="Nur der Text ist anders.")
    assert await told(meetings, "registration.changed") == []
    later = WALK.starts_at + timedelta(days=7)
    await changed(meetings, occasion_id, starts_at=later, ends_at=None, place="Schulhof")
    events = await told(meetings, "registration.changed")
    assert len(events) == 2
    for event in events:
        assert event["data"]["starts_at"] == "2026-05-02T12:00:00Z"
        assert event["data"]["previous_starts_at"] == "2026-04-25T12:00:00Z"
        assert (event["data"]["place"], event["data"]["previous_place"]) == ("Schulhof", WALK.place)
    [_, public] = await told(meetings, "occasion.changed")
    assert public["data"]["previous_place"] == WALK.place


async def test_a_cancelled_occasion_ends_every_registration_with_its_public_reason(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=1))
    await registered(meetings, occasion_id, wish("Ada"))
    await registered(meetings, occasion_id, wish("Bo"))
    await cancelled(meetings, occasion_id, "Es stürmt.")
    [public] = await told(meetings, "occasion.cancelled")
    ended = await told(meetings, "registration.ended")
    assert public["data"]["reason"] == "Es stürmt."
    assert [(e["data"]["because"], e["data"]["reason"]) for e in ended] == [
        ("cancelled", "Es stürmt.")
    ] * 2
    assert await told(meetings, "registration.promoted") == []
    found = await everybody(meetings, occasion_id)
    assert {one.status for one in found} == {RegistrationStatus.ENDED}


async def test_people_without_e_mail_stand_on_the_list_to_call_until_somebody_did(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=1))
    ada = await registered(meetings, occasion_id, wish("Ada"))
    bo = await registered(meetings, occasion_id, wish("Bo", **BY_PHONE))
    assert (await one(meetings, bo)).to_call == "waitlisted"
    async with meetings.db.begin() as session:
        version = (await one(meetings, bo)).version
        await commands.called(session, bo, acting(meetings, version))
    assert (await one(meetings, bo)).to_call is None
    await ends(meetings, ada)
    assert (await one(meetings, bo)).to_call == "promoted"
    with pytest.raises(ChangedMeanwhile):
        async with meetings.db.begin() as session:
            await commands.called(session, bo, acting(meetings, version))
    await changed(meetings, occasion_id, place="Schulhof")
    assert (await one(meetings, bo)).to_call == "changed"
    await cancelled(meetings, occasion_id)
    assert (await one(meetings, bo)).to_call == "cancelled"
    [event] = await told(meetings, "registration.promoted")
    contact, _link = await opened(meetings, event)
    assert (contact.email, contact.phone) == ("", "+495361123456")


async def test_the_day_before_everybody_with_a_place_is_reminded_once(
    meetings: Service, clock: SetClock
) -> None:
    occasion_id = await announced(meetings, walk(places=1))
    await registered(meetings, occasion_id, wish("Ada"))
    await registered(meetings, occasion_id, wish("Bo"))
    worker = create_worker(meetings)
    clock.set(WALK.starts_at - timedelta(days=1, hours=4, seconds=1))
    await settle(worker)
    assert await told(meetings, "reminded") == []
    clock.forward(seconds=1)
    await settle(worker)
    clock.forward(hours=1)
    await settle(worker)
    [event] = await told(meetings, "reminded")
    assert (await opened(meetings, event))[0].name == "Ada"


async def test_nobody_is_reminded_of_what_moved_was_cancelled_or_is_not_to_be_reminded_of(
    meetings: Service, clock: SetClock
) -> None:
    moved, off = await announced(meetings), await announced(meetings)
    quiet = await announced(meetings, walk(reminders=False))
    for occasion_id in (moved, off, quiet):
        await registered(meetings, occasion_id, wish("Ada"))
    later = WALK.starts_at + timedelta(days=7)
    await changed(meetings, moved, starts_at=later, ends_at=None)
    await cancelled(meetings, off)
    clock.set(WALK.starts_at - timedelta(hours=3))
    await settle(create_worker(meetings))
    assert await told(meetings, "reminded") == []
    clock.set(later - timedelta(hours=3))
    await settle(create_worker(meetings))
    [event] = await told(meetings, "reminded")
    assert event["data"]["occasion_id"] == str(moved)


async def test_with_its_end_an_occasion_is_held(meetings: Service, clock: SetClock) -> None:
    occasion_id = await announced(meetings)
    assert WALK.ends_at is not None
    clock.set(WALK.ends_at - timedelta(seconds=1))
    await settle(create_worker(meetings))
    assert (await the_occasion(meetings, occasion_id)).status == "announced"
    clock.forward(seconds=1)
    await settle(create_worker(meetings))
    assert (await the_occasion(meetings, occasion_id)).status == "held"
    off = await told(meetings, "occasion.held")
    assert off == []


async def raw(service: Service, table: str) -> str:
    async with service.db.read() as session:
        return str((await session.execute(text(f"SELECT * FROM {table}"))).all())


async def test_fourteen_days_later_addresses_are_gone_with_every_sealed_copy_and_counts_stay(
    meetings: Service, clock: SetClock
) -> None:
    occasion_id = await announced(meetings, walk(places=2))
    who = wish("Ada Lovelace", 2, needs="Rollstuhl")
    ada = await registered(meetings, occasion_id, who)
    bo = await registered(meetings, occasion_id, wish("Bo Yang", **BY_PHONE))
    other = await announced(
        meetings, walk(starts_at=WALK.starts_at + timedelta(days=60), ends_at=None)
    )
    still = await registered(meetings, other, who)
    [event, *_rest] = await told(meetings, "registration.confirmed")
    assert WALK.ends_at is not None
    clock.set(WALK.ends_at + timedelta(days=14) - timedelta(seconds=1))
    await settle(create_worker(meetings))
    assert (await one(meetings, ada)).name == "Ada Lovelace"
    clock.forward(seconds=1)
    await settle(create_worker(meetings))
    found = {one.id: one for one in await everybody(meetings, occasion_id)}
    assert [(found[who].people, found[who].status) for who in (ada, bo)] == [
        (2, RegistrationStatus.CONFIRMED),
        (1, RegistrationStatus.WAITING),
    ]
    assert all(kept.wiped and kept.name == "" and kept.to_call is None for kept in found.values())
    assert (await the_occasion(meetings, occasion_id)).contacts_wiped_at is not None
    assert await meetings.seals.open(Sealed(**event["data"]["contact"]), Contact) is None
    assert (await one(meetings, still)).email == "ada@example.org"
    gone = await told(meetings, "meetings.person.erased")
    assert {e["data"]["person_id"] for e in gone} == {
        str(found[who].person_id) for who in (ada, bo)
    }
    clock.set(WALK.starts_at + timedelta(days=90))
    await settle(create_worker(meetings))
    everything = await raw(meetings, "registrations")
    for personal in ("Ada", "Bo Yang", "Rollstuhl", "ada@example.org", "5361123456"):
        assert personal not in everything


async def test_somebody_erased_is_not_expected_any_more_and_who_waited_comes_in(
    meetings: Service,
) -> None:
    occasion_id = await announced(meetings, walk(places=1))
    ada = await registered(meetings, occasion_id, wish("Ada Lovelace", needs="Rollstuhl"))
    bo = await registered(meetings, occasion_id, wish("Bo"))
    person_id = (await one(meetings, ada)).person_id
    ids = await meetings.seals.erase(person_id)
    event = PersonErasedByApplications(at=meetings.clock.now(), person_id=person_id, person_ids=ids)
    async with meetings.db.begin() as session:
        await forget_person(event, session, meetings)
    kept = await one(meetings, ada)
    assert (kept.status, kept.name, kept.email, kept.wiped) == ("ended", "", None, True)
    assert (await one(meetings, bo)).status is RegistrationStatus.CONFIRMED
    assert "Lovelace" not in await raw(meetings, "registrations")
    async with meetings.db.begin() as session:
        await forget_person(event, session, meetings)
    assert len(await told(meetings, "registration.promoted")) == 1


async def test_somebody_erased_afterwards_still_counts_among_those_who_came(
    meetings: Service, clock: SetClock
) -> None:
    occasion_id = await announced(meetings)
    ada = await registered(meetings, occasion_id, wish("Ada", 3))
    clock.set(WALK.starts_at + timedelta(hours=5))
    person_id = (await one(meetings, ada)).person_id
    ids = await meetings.seals.erase(person_id)
    event = PersonErasedByApplications(at=clock.now(), person_id=person_id, person_ids=ids)
    async with meetings.db.begin() as session:
        await forget_person(event, session, meetings)
    kept = await one(meetings, ada)
    assert (kept.status, kept.people, kept.name) == ("confirmed", 3, "")


async def test_a_human_is_found_under_every_registration_with_the_same_address(
    meetings: Service,
) -> None:
    first, second = await announced(meetings), await announced(meetings)
    one_id = await registered(meetings, first, wish("Ada"))
    other_id = await registered(meetings, second, wish("Ada"))
    ids = await meetings.seals.erase((await one(meetings, one_id)).person_id)
    assert (await one(meetings, other_id)).person_id in ids


async def test_clocks_stand_for_what_holds(meetings: Service) -> None:
    occasion_id = await announced(meetings)

    async def due() -> dict[str, datetime]:
        async with meetings.db.read() as session:
            rows = await session.scalars(select(Timer).where(Timer.subject == str(occasion_id)))
            return {row.kind: row.due_at for row in rows}

    assert set(await due()) == {"occasion.reminder", "occasion.over", "occasion.forget"}
    before = await due()
    await changed(meetings, occasion_id, starts_at=WALK.starts_at + timedelta(days=1), ends_at=None)
    after = await due()
    assert all(after[kind] != before[kind] for kind in before)
    await cancelled(meetings, occasion_id)
    assert set(await due()) == {"occasion.forget"}
