"""Inviting the board: once, in time or urgently, to an agenda that then stays as it is."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from services.meetings.commands import sessions as calendar
from services.meetings.commands.agenda_items import AgendaIsFixed
from services.meetings.commands.invitations import AnotherAgenda, issue_invitation
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.commands.replies import reply
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.invitation import (
    AlreadyBegun,
    NothingToInviteTo,
    NotInvited,
    TooLate,
)
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.notice import NoticePeriod
from services.meetings.domain.session import Appointment, IllegalMove, Status
from services.meetings.queries import the_board
from services.meetings.store import Link
from shared.clock import SetClock
from shared.days import at_local, local_day
from shared.events.meetings import InvitationIssued, PostponeReason
from shared.events.people import Contact
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import Told, order, tell
from tests.meetings.people import told
from tests.meetings.preparation import (
    evening,
    found,
    invite,
    invited,
    lines_of,
    members,
    own_item,
    put_in_order,
    reopen,
    titles,
    way_in,
)
from tests.meetings.preparation import usual as propose

BEGINS = datetime(2026, 5, 6, 16, tzinfo=UTC)


async def issued(service: Service) -> list[InvitationIssued]:
    return [InvitationIssued.from_cloudevent(one) for one in await told(service, "invitation")]


async def ready(service: Service) -> tuple[UUID, Told]:
    """A session with the usual agenda and one application."""
    may, case = await evening(service), Told(service)
    await tell(service, case.admitted(may))
    await propose(service, may)
    return may, case


async def postpone(service: Service, session_id: UUID, day: str) -> None:
    meeting = await found(service, session_id)
    on = datetime.fromisoformat(day).date()
    moved = Appointment(
        starts_at=at_local(on, time(18)), ends_at=at_local(on, time(20)), place="Saal", note=None
    )
    async with service.db.begin() as session:
        click = order(service, meeting.version)
        await calendar.postpone(session, session_id, moved, click, reason=PostponeReason.ROOM)


async def notice(service: Service, days: int) -> None:
    async with service.db.begin() as session:
        board, _rules = await the_board(session)
        since = local_day(service.clock.now())
        session.add(NoticePeriod(board_id=board.id, holds_from=since, days=days))


async def test_everybody_hears_titles_and_each_member_gets_a_letter(meetings: Service) -> None:
    may, case = await ready(meetings)
    await members(meetings, 1)
    await members(meetings, 1, status=MemberStatus.SUSPENDED)
    await members(meetings, 1, status=MemberStatus.DECLARED)
    await members(meetings, 1, status=MemberStatus.GUEST)
    await members(meetings, 1, status=MemberStatus.LEFT)
    await invite(meetings, may)
    [public] = await issued(meetings)
    assert [(one.position, one.title, one.number) for one in public.agenda] == [
        (1, "Eröffnung und Begrüßung", ""),
        (2, "Sommerfest im Innenhof", "2026-021"),
        (3, "Verschiedenes", ""),
    ]
    assert public.agenda[1].application_id == case.application_id
    assert public.agenda[1].starts_at == BEGINS + timedelta(minutes=5)
    assert (public.urgent, public.again) == (False, False)
    letters = await invited(meetings)
    assert sorted(letter.may_vote for letter in letters) == [False, False, True]
    contact = await meetings.seals.open(Sealed(**letters[0].contact.model_dump()), Contact)
    assert contact is not None
    assert contact.email.endswith("@example.org")
    assert letters[0].agenda == public.agenda
    assert letters[0].expires_at == public.starts_at
    [body] = await told(meetings, "invitation")
    assert "example.org" not in str(body)


async def test_the_session_is_invited_and_its_version_rises(meetings: Service) -> None:
    may, _case = await ready(meetings)
    before = await found(meetings, may)
    await invite(meetings, may)
    after = await found(meetings, may)
    assert (after.status, after.invited_at) == (Status.INVITED, meetings.clock.now())
    assert after.version == before.version + 1
    [public] = await issued(meetings)
    assert public.subject_version == after.version


async def test_the_same_click_twice_tells_everybody_once(meetings: Service) -> None:
    may, _case = await ready(meetings)
    await members(meetings, 3)
    click = await invite(meetings, may)
    await invite(meetings, may, click)
    assert len(await issued(meetings)) == 1
    assert len(await invited(meetings)) == 3


async def test_a_second_invitation_without_a_change_is_refused(meetings: Service) -> None:
    may, _case = await ready(meetings)
    await invite(meetings, may)
    with pytest.raises(IllegalMove):
        await invite(meetings, may)
    assert len(await issued(meetings)) == 1


async def test_two_hundred_members_are_invited_in_a_few_statements(meetings: Service) -> None:
    may, _case = await ready(meetings)
    await members(meetings, 200)
    sent = list[str]()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    engines = [meetings.db.engine.sync_engine, meetings.seals.db.engine.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    await invite(meetings, may)
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)
    letters = await invited(meetings)
    assert len(letters) == 200
    assert len({letter.link.box for letter in letters}) == 200
    told_one_by_one = [one for one in sent if one.startswith("INSERT INTO outbox")]
    assert len(sent) - len(told_one_by_one) < 20, sent
    if "postgresql" in meetings.settings.database_url:
        assert len(told_one_by_one) < 10, "SQLite alone gives each row its number by itself"


async def test_an_erased_member_gets_nothing(meetings: Service) -> None:
    may, _case = await ready(meetings)
    kept, gone, forgotten = await members(meetings, 3)
    async with meetings.db.begin() as session:
        (await session.get_one(Member, gone.id)).erase(at=meetings.clock.now())
    await meetings.seals.erase(forgotten.person_id)
    await invite(meetings, may)
    assert [letter.member_id for letter in await invited(meetings)] == [kept.id]


async def test_after_the_notice_period_only_a_reason_invites(
    meetings: Service, clock: SetClock
) -> None:
    await notice(meetings, 14)
    may, _case = await ready(meetings)
    clock.forward(days=60)
    with pytest.raises(TooLate):
        await invite(meetings, may)
    await invite(meetings, may, urgent_because="Der Zuschuss verfällt.")
    [public] = await issued(meetings)
    assert public.urgent
    assert (await found(meetings, may)).urgent_because == "Der Zuschuss verfällt."


async def test_in_time_a_reason_makes_nothing_urgent(meetings: Service) -> None:
    await notice(meetings, 14)
    may, _case = await ready(meetings)
    await invite(meetings, may, urgent_because="Eilig")
    assert not (await issued(meetings))[0].urgent
    assert (await found(meetings, may)).urgent_because is None


async def test_the_last_day_of_the_notice_period_is_still_in_time(
    meetings: Service, clock: SetClock
) -> None:
    await notice(meetings, 14)
    may, _case = await ready(meetings)
    clock.forward(days=(local_day(BEGINS) - timedelta(days=14) - local_day(clock.now())).days)
    await invite(meetings, may)
    assert not (await issued(meetings))[0].urgent


async def test_nobody_is_invited_to_nothing_or_to_what_has_begun(
    meetings: Service, clock: SetClock
) -> None:
    may = await evening(meetings)
    with pytest.raises(NothingToInviteTo):
        await invite(meetings, may)
    await own_item(meetings, may)
    clock.forward(days=66)
    with pytest.raises(AlreadyBegun):
        await invite(meetings, may)
    assert await issued(meetings) == []


async def test_what_was_not_looked_at_is_not_sent(meetings: Service) -> None:
    may, _case = await ready(meetings)
    with pytest.raises(AnotherAgenda):
        await invite(meetings, may, seen="0123456789abcdef")
    stale = order(meetings, 7)
    with pytest.raises(ChangedMeanwhile):
        async with meetings.db.begin() as session:
            await issue_invitation(session, meetings, may, stale)
    assert await issued(meetings) == []


async def test_numbers_and_times_stay_when_something_is_taken_off(meetings: Service) -> None:
    may, case = await ready(meetings)
    later = Told(meetings, number="2026-099")
    await tell(meetings, later.admitted(may))
    await invite(meetings, may)
    await tell(meetings, case.withdrawn())
    left = [(line.position, line.number, line.starts_at) for line in await lines_of(meetings, may)]
    assert left == [
        (1, "", BEGINS),
        (3, "2026-099", BEGINS + timedelta(minutes=15)),
        (4, "", BEGINS + timedelta(minutes=25)),
    ]


async def test_what_is_admitted_later_comes_at_the_end_and_is_marked(meetings: Service) -> None:
    may, _case = await ready(meetings)
    await invite(meetings, may)
    one, two = Told(meetings, number="2026-001"), Told(meetings, number="2026-002")
    await tell(meetings, one.admitted(may))
    await tell(meetings, two.admitted(may))
    await tell(meetings, one.withdrawn())
    lines = await lines_of(meetings, may)
    marks = [(line.position, line.number, line.item.supplementary) for line in lines]
    assert marks == [
        (1, "", False),
        (2, "2026-021", False),
        (3, "", False),
        (5, "2026-002", True),
    ]
    placed = await told(meetings, "agenda_item.placed")
    assert [one["data"]["position"] for one in placed] == [1, 4, 5]


async def test_a_fixed_agenda_changes_only_after_it_was_opened_and_goes_out_again(
    meetings: Service,
) -> None:
    may, _case = await ready(meetings)
    await members(meetings, 2)
    await invite(meetings, may)
    with pytest.raises(AgendaIsFixed):
        await own_item(meetings, may)
    await reopen(meetings, may)
    await own_item(meetings, may)
    opening, feast, other, garden = await lines_of(meetings, may)
    await put_in_order(meetings, may, [opening, garden, feast, other])
    await invite(meetings, may)
    first, second = await issued(meetings)
    assert (first.again, second.again) == (False, True)
    assert [one.title for one in second.agenda][1] == "Wie weiter mit dem Garten"
    assert [letter.again for letter in await invited(meetings)] == [False, False, True, True]
    meeting = await found(meetings, may)
    assert meeting.agenda_changed_at is not None
    with pytest.raises(AgendaIsFixed):
        await own_item(meetings, may)


async def test_only_a_sent_agenda_can_be_opened(meetings: Service) -> None:
    may, _case = await ready(meetings)
    with pytest.raises(NotInvited):
        await reopen(meetings, may)


async def test_a_postponed_session_is_planned_anew_and_nobody_has_answered(
    meetings: Service,
) -> None:
    may, _case = await ready(meetings)
    [member] = await members(meetings, 1)
    await invite(meetings, may)
    async with meetings.db.begin() as session:
        await reply(session, may, member.id, Coming.YES, at=meetings.clock.now())
    await postpone(meetings, may, "2026-05-13")
    meeting = await found(meetings, may)
    assert (meeting.status, meeting.invited_at) == (Status.PLANNED, None)
    async with meetings.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Reply)) == 0
        assert await session.scalar(select(func.count()).select_from(Link)) == 0
    await tell(meetings, Told(meetings, number="2026-099").admitted(may))
    assert [line.item.supplementary for line in await lines_of(meetings, may)] == [False] * 4
    assert await titles(meetings, may) == [
        "Eröffnung und Begrüßung",
        "Sommerfest im Innenhof",
        "Sommerfest im Innenhof",
        "Verschiedenes",
    ]
    await invite(meetings, may)
    assert [one.again for one in await issued(meetings)] == [False, False]


async def test_each_letter_leads_to_a_page_of_its_own(meetings: Service) -> None:
    may, _case = await ready(meetings)
    await members(meetings, 2)
    await invite(meetings, may)
    ways = {await way_in(meetings, letter) for letter in await invited(meetings)}
    assert len(ways) == 2
    assert all(way.startswith(f"/sitzungen/{may}/antwort/") for way in ways)
