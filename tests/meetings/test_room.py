"""The session in its room: opened, people come and go, items are called and closed, the end."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.meetings.commands import room
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.domain.agenda import (
    AgendaItem,
    ItemClosed,
    ItemKind,
    ItemStatus,
    NotOurOwn,
    Outcome,
)
from services.meetings.domain.attendance import Attendance, Coming
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.polls import Barred
from services.meetings.domain.room import (
    AlreadyFinished,
    ImpossibleTime,
    ItemHours,
    NotOnThisAgenda,
    NotOpen,
    NotThere,
    PollIsOpen,
)
from services.meetings.domain.session import IllegalMove, NotTheDay, Session, Status
from services.meetings.store import Audit
from shared.clock import SetClock
from shared.events.meetings import Manner
from shared.service import Service
from tests.meetings.agendas import at_once, plan, tell
from tests.meetings.people import told
from tests.meetings.rooms import Hall, invited, opened


async def session_of(hall: Hall) -> Session:
    async with hall.service.db.read() as session:
        return await session.get_one(Session, hall.session_id)


async def item_of(hall: Hall, item_id: object) -> AgendaItem:
    async with hall.service.db.read() as session:
        return await session.get_one(AgendaItem, item_id)


async def stays_of(hall: Hall) -> list[Attendance]:
    async with hall.service.db.read() as session:
        found = select(Attendance).order_by(Attendance.arrived_at)
        return list(await session.scalars(found))


async def test_a_session_is_opened_once_and_everybody_is_told(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=3, absent=2, quorum_kind="half")
    await hall.open(code="ZZZZZZ")
    meeting = await session_of(hall)
    assert (meeting.status, meeting.room_code) == (Status.OPEN, "ABCDEF")
    assert meeting.opened_at == clock.now()
    [event] = await told(meetings, "session.opened")
    assert event["data"] | {"present": 3, "members": 5, "quorum": 3} == event["data"]


async def test_a_session_that_was_not_announced_or_is_not_today_cannot_be_opened(
    meetings: Service, clock: SetClock
) -> None:
    hall = await invited(meetings)
    clock.set(datetime(2026, 5, 5, 18, tzinfo=UTC))
    with pytest.raises(NotTheDay):
        await hall.open()
    planned = Hall(meetings, await plan(meetings, "2026-05-20"))
    clock.set(datetime(2026, 5, 20, 16, tzinfo=UTC))
    with pytest.raises(IllegalMove):
        await planned.open()


async def test_an_open_session_can_neither_move_nor_be_called_off(meetings: Service) -> None:
    meeting = await session_of(await opened(meetings, there=1))
    assert not meeting.may(Status.PLANNED, at=meeting.starts_at)
    assert not meeting.may(Status.CANCELLED, at=meeting.starts_at)


async def test_members_arrive_depart_and_come_back_each_with_the_hour(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=1, absent=0)
    [member], start = hall.members, clock.now()
    clock.forward(minutes=30)
    await hall.depart(member)
    clock.forward(minutes=10)
    await hall.arrive(member)
    assert [one.is_there for one in (await hall.view()).people] == [True]
    first, second = await stays_of(hall)
    assert first.departed_at == start + timedelta(minutes=30)
    assert second.arrived_at == start + timedelta(minutes=40)
    assert second.departed_at is None


async def test_the_second_click_on_the_same_changes_nothing(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=1, absent=0)
    [member], [before] = hall.members, await stays_of(hall)
    clock.forward(minutes=5)
    await hall.arrive(member)
    assert [one.arrived_at for one in await stays_of(hall)] == [before.arrived_at]
    await hall.depart(member)
    gone = clock.now()
    clock.forward(minutes=5)
    await hall.depart(member)
    assert [one.departed_at for one in await stays_of(hall)] == [gone]


async def test_a_click_that_comes_late_again_does_not_bring_back_who_left(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=0, absent=1)
    [member], order = hall.members, hall.order()
    await hall.do(lambda s: room.arrive(s, hall.session_id, member, order))
    clock.forward(minutes=1)
    await hall.depart(member)
    await hall.do(lambda s: room.arrive(s, hall.session_id, member, order))
    assert not (await hall.view()).there


async def test_two_people_at_the_screen_write_one_arrival(meetings: Service) -> None:
    hall = await opened(meetings, there=0, absent=1)
    await at_once(*(hall.arrive(*hall.members) for _click in range(4)))
    assert len(await stays_of(hall)) == 1


async def test_an_hour_can_be_corrected_but_not_into_what_cannot_be(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=1, absent=1)
    here, away = hall.members
    start = (await session_of(hall)).opened_at
    assert start is not None
    clock.forward(hours=1)
    await hall.arrive(here, at=start + timedelta(minutes=20))
    [stay] = await stays_of(hall)
    assert stay.arrived_at == start + timedelta(minutes=20)
    for wrong in (clock.now() + timedelta(minutes=1), start - timedelta(hours=2, seconds=1)):
        with pytest.raises(ImpossibleTime):
            await hall.arrive(here, at=wrong)
        with pytest.raises(ImpossibleTime):
            await hall.arrive(away, at=wrong)
    with pytest.raises(ImpossibleTime):
        await hall.depart(here, at=start + timedelta(minutes=19))
    await hall.arrive(here, at=start - timedelta(hours=2))
    await hall.depart(here, at=start + timedelta(minutes=30))
    with pytest.raises(ImpossibleTime):
        await hall.arrive(here, at=start + timedelta(minutes=29))


async def test_both_hours_of_a_stay_can_be_written_anew(meetings: Service, clock: SetClock) -> None:
    hall = await opened(meetings, there=1, absent=0)
    start = clock.now()
    clock.forward(hours=1)
    await hall.depart(*hall.members)
    await hall.arrive(*hall.members)
    first, second = await stays_of(hall)

    async def write(stay: Attendance, since: datetime, until: datetime | None) -> None:
        await hall.do(
            lambda s: room.correct(
                s, hall.session_id, stay.id, hall.order(), arrived_at=since, departed_at=until
            )
        )

    await write(first, start, start + timedelta(minutes=50))
    assert (await stays_of(hall))[0].departed_at == start + timedelta(minutes=50)
    for since, until in ((start, clock.now() + timedelta(hours=1)), (start, None)):
        with pytest.raises(ImpossibleTime):
            await write(first, since, until)
    with pytest.raises(ImpossibleTime):
        await write(second, start, None)
    with pytest.raises(NotThere):
        other = await invited(meetings, "2026-05-20")
        await other.do(
            lambda s: room.correct(
                s, other.session_id, first.id, hall.order(), arrived_at=start, departed_at=start
            )
        )


async def test_who_never_came_cannot_go(meetings: Service) -> None:
    hall = await opened(meetings, there=0, absent=1)
    with pytest.raises(NotThere):
        await hall.depart(*hall.members)


async def test_people_arrive_on_the_day_before_the_opening_and_not_on_another(
    meetings: Service, clock: SetClock
) -> None:
    hall = await invited(meetings)
    member = await hall.member()
    clock.set(datetime(2026, 5, 5, 16, tzinfo=UTC))
    with pytest.raises(NotOpen):
        await hall.arrive(member)
    clock.set(datetime(2026, 5, 6, 15, 45, tzinfo=UTC))
    await hall.arrive(member)
    assert [one.member.id for one in (await hall.view()).there] == [member]


async def test_who_was_noted_hours_before_the_opening_is_not_there(
    meetings: Service, clock: SetClock
) -> None:
    hall = await invited(meetings)
    member = await hall.member()
    clock.set(datetime(2026, 5, 6, 8, tzinfo=UTC))
    await hall.arrive(member)
    clock.set(datetime(2026, 5, 6, 16, tzinfo=UTC))
    await hall.open()
    assert not (await hall.view()).there


async def test_coming_earns_the_vote_of_who_declared_to_belong(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0, earned_after=1)
    new = await hall.member(MemberStatus.DECLARED)
    assert (await hall.view()).counted.members == 2
    await hall.arrive(new)
    view = await hall.view()
    assert (view.counted.members, view.counted.present) == (3, 3)
    assert [one["data"]["member_id"] for one in await told(meetings, "member.joined")] == [str(new)]


async def test_guests_are_counted_or_known_by_name(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0)
    known = await hall.member(MemberStatus.GUEST)
    await hall.arrive(known)
    await hall.do(lambda s: room.count_guests(s, hall.session_id, hall.order(), guests=4))
    view = await hall.view()
    assert (view.guests, view.counted.present) == (4, 2)
    assert [one.seat.barred for one in view.barred] == [Barred.GUEST]


async def test_who_sent_word_is_excused(meetings: Service) -> None:
    hall = await opened(meetings, there=1, absent=1)
    away = hall.members[1]
    for _click in range(2):
        await hall.do(lambda s: room.excuse(s, hall.session_id, away, hall.order()))
    view = await hall.view()
    assert {one.member.id: one.coming for one in view.people}[away] is Coming.NO
    async with meetings.db.read() as session:
        noted = await session.scalars(select(Audit.subject).where(Audit.action == "room.excuse"))
        assert len(noted.all()) == 1


async def test_items_are_called_with_their_hour_and_a_stale_screen_is_told(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=1)
    first, second = await hall.item("Erstes"), await hall.item("Zweites")
    shown = (await hall.view()).meeting.version
    await hall.call(first, shown)
    await hall.call(first, shown)
    with pytest.raises(ChangedMeanwhile):
        await hall.call(second, shown)
    start = clock.now()
    clock.forward(minutes=7)
    await hall.call(second)
    view = await hall.view()
    assert view.now is not None
    assert view.now.item.id == second
    assert view.hours[first].called_at == start
    assert view.hours[first].finished_at == start + timedelta(minutes=7)
    assert view.hours[second].finished_at is None


async def test_only_open_items_of_this_agenda_are_called(meetings: Service) -> None:
    hall = await opened(meetings, there=1)
    elsewhere = Hall(meetings, await plan(meetings, "2026-06-03"))
    with pytest.raises(NotOnThisAgenda):
        await hall.call(await elsewhere.item())
    item = await hall.item()
    await finish(hall, item, Outcome.DONE)
    with pytest.raises(ItemClosed):
        await hall.call(item)


async def finish(hall: Hall, item_id: object, outcome: Outcome) -> None:
    await hall.do(
        lambda s: room.finish_item(
            s,
            hall.session_id,
            item_id,  # type: ignore[arg-type]
            hall.order(),
            outcome=outcome,
        )
    )


async def test_an_item_ends_without_a_decision_and_another_end_is_told(meetings: Service) -> None:
    hall = await opened(meetings, there=1)
    item = await hall.item()
    await hall.call(item)
    await finish(hall, item, Outcome.DONE)
    await finish(hall, item, Outcome.DONE)
    assert (await item_of(hall, item)).outcome is Outcome.DONE
    assert (await hall.view()).now is None
    with pytest.raises(AlreadyFinished):
        await finish(hall, item, Outcome.DEFERRED)


async def test_a_deferred_item_of_our_own_stands_on_the_next_agenda_first(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=1)
    following = await plan(meetings, "2026-06-03")
    item = await hall.item("Neue Bänke")
    await finish(hall, item, Outcome.DEFERRED)
    async with meetings.db.read() as session:
        [again] = await session.scalars(
            select(AgendaItem).where(AgendaItem.session_id == following)
        )
    assert (again.title, again.carried, again.status) == ("Neue Bänke", True, ItemStatus.OPEN)


async def test_an_application_is_deferred_by_a_word_and_never_simply_done(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=1, cases=1)
    [case], item = hall.cases, await hall.case_item()
    with pytest.raises(NotOurOwn):
        await finish(hall, item, Outcome.DONE)
    await finish(hall, item, Outcome.DEFERRED)
    [event] = await told(meetings, "agenda_item.removed")
    assert event["data"]["item_id"] == str(item)
    kept = await item_of(hall, item)
    assert (kept.status, kept.outcome) == (ItemStatus.RESOLVED, Outcome.DEFERRED)
    following = await plan(meetings, "2026-06-03")
    await tell(meetings, case.deferred(hall.session_id, following))
    async with meetings.db.read() as session:
        open_now = AgendaItem.status == ItemStatus.OPEN
        [again] = await session.scalars(select(AgendaItem).where(open_now))
    assert (again.session_id, again.carried, again.kept_since) == (following, True, case.arrived)


async def test_while_a_vote_is_open_the_session_stays_at_its_item(meetings: Service) -> None:
    hall = await opened(meetings, there=3)
    item, other = await hall.item(), await hall.item("Anderes")
    await hall.call(item)
    poll = await hall.ask(item)
    with pytest.raises(PollIsOpen):
        await hall.close()
    with pytest.raises(PollIsOpen):
        await hall.call(other)
    with pytest.raises(PollIsOpen):
        await finish(hall, item, Outcome.DONE)
    await hall.count(poll, 3, 0)
    await hall.close()


async def test_at_the_end_everybody_goes_and_nothing_is_lost(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=2, absent=1)
    called, left = await hall.item("Besprochen"), await hall.item("Keine Zeit")
    following = await plan(meetings, "2026-06-03")
    await hall.call(called)
    clock.forward(hours=2)
    await hall.close()
    await hall.close()
    assert {one.departed_at for one in await stays_of(hall)} == {clock.now()}
    assert (await item_of(hall, called)).outcome is Outcome.DONE
    assert (await item_of(hall, left)).outcome is Outcome.DEFERRED
    async with meetings.db.read() as session:
        again = select(AgendaItem.title).where(AgendaItem.session_id == following)
        assert list(await session.scalars(again)) == ["Keine Zeit"]
        [ended] = await session.scalars(select(ItemHours.finished_at))
        assert ended == clock.now()
    meeting = await session_of(hall)
    assert (meeting.status, meeting.room_code) == (Status.CLOSED, "")
    [event] = await told(meetings, "session.closed")
    assert event["data"]["closed_at"] == clock.now().isoformat().replace("+00:00", "Z")
    with pytest.raises(NotOpen):
        await hall.arrive(*hall.members)


async def test_applications_nobody_voted_on_go_to_the_next_session(meetings: Service) -> None:
    hall = await opened(meetings, there=1, cases=2)
    await hall.close()
    removed = await told(meetings, "agenda_item.removed")
    assert {event["data"]["application_id"] for event in removed} == {
        str(case.application_id) for case in hall.cases
    }


async def test_a_forgotten_end_is_written_down_later_but_not_before_the_last_thing(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=2)
    clock.forward(hours=1)
    await hall.depart(hall.members[0])
    last = clock.now()
    clock.forward(hours=14)
    for wrong in (last - timedelta(seconds=1), clock.now() + timedelta(seconds=1)):
        with pytest.raises(ImpossibleTime):
            await hall.close(at=wrong)
    await hall.close(at=last + timedelta(minutes=30))
    assert (await session_of(hall)).closed_at == last + timedelta(minutes=30)


async def test_the_end_takes_the_vote_of_who_stayed_away_too_often(meetings: Service) -> None:
    hall = await opened(meetings, there=1, absent=0, lost_after=1, earned_after=0)
    declared = await hall.member(MemberStatus.DECLARED)
    await hall.arrive(declared)
    await hall.depart(declared)
    assert (await hall.view()).counted.members == 2
    await hall.close()
    assert await told(meetings, "member.suspended") == []


async def test_room_codes_stand_on_no_event_and_in_no_trail(meetings: Service) -> None:
    hall = await opened(meetings, there=1)
    assert "ABCDEF" not in str(await told(meetings))
    async with meetings.db.read() as session:
        assert "ABCDEF" not in str((await session.execute(text("SELECT * FROM audit"))).all())
    assert (await hall.view()).meeting.room_code == "ABCDEF"


async def test_nothing_happens_in_a_room_that_is_closed(meetings: Service) -> None:
    hall = await opened(meetings, there=3)
    item = await hall.item(kind=ItemKind.REPORT)
    await hall.close()
    with pytest.raises(NotOpen):
        await hall.ask(item, Manner.HANDS)
    with pytest.raises(NotOpen):
        await hall.call(item)
    with pytest.raises(NotOpen):
        await hall.do(lambda s: room.count_guests(s, hall.session_id, hall.order(), guests=1))
