"""What happens beside a vote that is open, or after the last hour, and must not be lost or counted."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.meetings.commands import room
from services.meetings.domain.agenda import (
    AgendaItem,
    AskedInWriting,
    ItemKind,
    ItemStatus,
    Outcome,
    OwnWords,
)
from services.meetings.domain.polls import Choice, Poll, PollStatus, SecretBox
from services.meetings.domain.room import ImpossibleTime, NotOnThisAgenda
from services.meetings.domain.slips import AlreadyVoted
from shared.clock import BERLIN, SetClock
from shared.events.meetings import Manner, Motion
from shared.service import Service
from tests.meetings.agendas import agenda, cancel, plan, tell
from tests.meetings.people import told
from tests.meetings.preparation import invite
from tests.meetings.rooms import Hall, opened

GRANT: dict[str, Any] = {"motion": Motion.GRANT, "amount_cents": 60000, "text": ""}


async def poll_of(hall: Hall) -> Poll:
    async with hall.service.db.read() as session:
        return (await session.scalars(select(Poll))).one()


@pytest.mark.parametrize("manner", [Manner.NAMED, Manner.SECRET, Manner.HANDS])
async def test_an_application_withdrawn_during_its_vote_ends_the_vote_and_not_the_screen(
    meetings: Service, manner: Manner
) -> None:
    hall = await opened(meetings, cases=2)
    item_id = await hall.case_item(0)
    await hall.call(item_id)
    poll_id = await hall.ask(item_id, manner, **GRANT)
    if manner is Manner.NAMED:
        await hall.say(poll_id, hall.members[0])
    if manner is Manner.SECRET:
        await hall.slip(poll_id, hall.members[0])
    await tell(meetings, hall.cases[0].withdrawn())
    view = await hall.view()
    assert (view.running, view.now) == (None, None)
    assert (await poll_of(hall)).status is PollStatus.VOID
    assert await hall.count(poll_id) is None
    assert await told(meetings, "vote.closed") == []
    if manner is Manner.SECRET:
        async with meetings.db.read() as session:
            box = await session.get_one(SecretBox, poll_id)
        assert (box.sealed, box.slips) == (b"", [])
    assert view.hours[item_id].finished_at is not None
    with pytest.raises(NotOnThisAgenda):
        await hall.ask(item_id, manner, **GRANT)
    other = await hall.case_item(1)
    await hall.ask(other, **GRANT)


async def test_a_receipt_sent_again_with_another_choice_is_told_that_the_first_one_stands(
    meetings: Service,
) -> None:
    hall = await opened(meetings)
    poll_id = await hall.ask(await hall.item(), Manner.SECRET)
    receipt = await hall.slip(poll_id, hall.members[0], Choice.YES)
    await hall.slip(poll_id, hall.members[0], Choice.YES, receipt)
    with pytest.raises(AlreadyVoted):
        await hall.slip(poll_id, hall.members[0], Choice.NO, receipt)


async def test_no_session_ends_before_its_last_vote_was_counted(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings)
    item_id = await hall.item()
    await hall.call(item_id)
    clock.set(datetime(2026, 5, 6, 19, 30, tzinfo=BERLIN))
    await hall.count(await hall.ask(item_id), 5, 1)
    clock.set(datetime(2026, 5, 6, 20, tzinfo=BERLIN))
    with pytest.raises(ImpossibleTime):
        await hall.close(datetime(2026, 5, 6, 19, 10, tzinfo=BERLIN))
    await hall.close(datetime(2026, 5, 6, 19, 30, tzinfo=BERLIN))


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.DONE])
async def test_the_room_ends_no_item_the_members_decide_about_in_writing(
    meetings: Service, outcome: Outcome
) -> None:
    hall = await opened(meetings)
    item_id = await hall.item()
    async with meetings.db.begin() as session:
        (await session.get_one(AgendaItem, item_id)).in_writing = True
    with pytest.raises(AskedInWriting):
        await hall.do(
            lambda s: room.finish_item(s, hall.session_id, item_id, hall.order(), outcome=outcome)
        )
    async with meetings.db.read() as session:
        assert (await session.get_one(AgendaItem, item_id)).status is ItemStatus.OPEN


async def test_what_was_put_off_without_a_next_session_waits_for_one(meetings: Service) -> None:
    hall = await opened(meetings)
    for title in ("Neue Bänke", "Sommerfest"):
        await hall.item(title)
    await hall.close()
    first = await plan(meetings, "2026-07-08")
    carried = await agenda(meetings, first)
    assert [line.title for line in carried] == ["Neue Bänke", "Sommerfest"]
    assert all(line.item.carried and line.item.status is ItemStatus.OPEN for line in carried)
    await plan(meetings, "2026-06-10")
    async with meetings.db.read() as session:
        everywhere = select(AgendaItem).where(AgendaItem.status == ItemStatus.OPEN)
        assert len((await session.scalars(everywhere)).all()) == 2


async def test_what_was_put_off_goes_on_when_that_session_is_cancelled(meetings: Service) -> None:
    hall = await opened(meetings)
    await hall.item("Neue Bänke")
    await hall.close()
    first = await plan(meetings, "2026-06-10")
    assert [line.title for line in await agenda(meetings, first)] == ["Neue Bänke"]
    await cancel(meetings, first)
    second = await plan(meetings, "2026-07-08")
    assert [line.title for line in await agenda(meetings, second)] == ["Neue Bänke"]
    third = await plan(meetings, "2026-09-09")
    assert await agenda(meetings, third) == []


async def test_what_waits_stands_behind_the_numbers_of_an_agenda_that_was_sent_out(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, cases=1)
    later = await plan(meetings, "2026-06-10")
    async with meetings.db.begin() as session:
        item = AgendaItem.own(
            OwnWords(kind=ItemKind.OTHER, title="Begrüßung"),
            session_id=later,
            place=None,
            at=meetings.clock.now(),
        )
        session.add(item)
    await invite(meetings, later)
    await hall.item("Neue Bänke")
    await hall.close()
    lines = await agenda(meetings, later)
    assert [(line.position, line.title) for line in lines] == [(1, "Begrüßung"), (2, "Neue Bänke")]
    assert lines[1].item.fixed_position == 2
    assert lines[1].item.supplementary
