"""Deciding alone: up to the limit, with a reason, told and reported like every decision."""

from datetime import date, time

import pytest

from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.commands.urgent import decide_urgently
from services.meetings.domain.agenda import AskedInWriting, AwaitsAnswer, ItemStatus, Outcome
from services.meetings.domain.circular import NoSum
from services.meetings.domain.urgent import AboveUrgentLimit, NoUrgentDecisions
from services.meetings.domain.votes import Reason
from services.meetings.queries.follow_up import to_report
from shared.clock import SetClock
from shared.days import at_local
from shared.events.meetings import Verdict, Way
from shared.service import Service
from tests.meetings.agendas import plan, tell
from tests.meetings.boards import rule
from tests.meetings.circulars import Asking, asking, resolutions, sign
from tests.meetings.people import told


async def urgent(board: Asking, cents: int = 20000, version: int | None = None) -> None:
    service = board.service
    version = (await board.item()).version if version is None else version
    async with service.db.begin() as session:
        await decide_urgently(
            session,
            board.item_id,
            amount_cents=cents,
            why="Der Zug fährt morgen.",
            order=sign(service, version),
        )


async def with_limit(service: Service, clock: SetClock, cents: int | None = 20000) -> Asking:
    board = await asking(service, clock)
    await rule(service, urgent_limit_cents=cents)
    return board


async def test_a_decision_alone_says_that_nobody_voted(meetings: Service, clock: SetClock) -> None:
    board = await with_limit(meetings, clock)
    await urgent(board)
    [vote] = await board.votes()
    assert (vote.way, vote.verdict, vote.reason) == (Way.URGENT, Verdict.ACCEPTED, Reason.URGENT)
    counts = vote.counts
    assert (counts["members"], counts["present"], counts["cast"], counts["yes"]) == (5, 0, 0, 0)
    assert vote.rules["urgent_limit_cents"] == 20000
    [event] = await told(meetings, "vote.closed")
    assert (event["data"]["way"], event["data"]["reason"]) == ("urgent", "urgent")
    assert event["data"]["amount_cents"] == 20000
    async with meetings.db.read() as session:
        [made] = await resolutions(session)
    assert (made.way, made.text) == (Way.URGENT, "Der Zug fährt morgen.")
    await tell(meetings, board.case.reserved(vote.id, 20000))
    item = await board.item()
    assert (item.status, item.outcome) == (ItemStatus.RESOLVED, Outcome.GRANTED)


@pytest.mark.parametrize(
    ("limit", "cents", "refused"),
    [
        (20000, 20001, AboveUrgentLimit),
        (100000, 80001, AboveUrgentLimit),
        (20000, 0, NoSum),
        (None, 1, NoUrgentDecisions),
    ],
)
async def test_more_than_the_rules_allow_is_refused(
    meetings: Service, clock: SetClock, limit: int | None, cents: int, refused: type[Exception]
) -> None:
    board = await with_limit(meetings, clock, limit)
    with pytest.raises(refused):
        await urgent(board, cents)
    assert await board.votes() == []
    assert await told(meetings, "vote.closed") == []


async def test_nothing_is_decided_twice_or_over_a_running_question(
    meetings: Service, clock: SetClock
) -> None:
    board = await with_limit(meetings, clock)
    await board.start()
    with pytest.raises(AskedInWriting):
        await urgent(board)
    await board.yes(0, 1, 2)
    with pytest.raises(AwaitsAnswer):
        await urgent(board)


async def test_an_old_form_decides_nothing_and_the_same_order_once(
    meetings: Service, clock: SetClock
) -> None:
    board = await with_limit(meetings, clock)
    with pytest.raises(ChangedMeanwhile):
        await urgent(board, version=7)
    order = sign(meetings, (await board.item()).version)
    found = []
    for _again in range(2):
        async with meetings.db.begin() as session:
            new = await decide_urgently(
                session, board.item_id, amount_cents=1, why="Eilt.", order=order
            )
            found.append(new)
    assert found[0] == found[1]
    assert len(await board.votes()) == 1


async def test_the_next_session_hears_of_it_and_the_one_after_does_not(
    meetings: Service, clock: SetClock
) -> None:
    board = await with_limit(meetings, clock)
    await plan(meetings, "2026-09-09")
    await urgent(board)
    may, autumn = (at_local(date(2026, *day), time(18)) for day in ((5, 6), (9, 9)))
    async with meetings.db.read() as session:
        assert [one.number for one in await to_report(session, before=may)] == ["2026-001"]
        assert await to_report(session, before=autumn) == []
