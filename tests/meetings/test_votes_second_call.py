"""Too few came: the item comes again, its session says so, and then whoever comes decides."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from services.meetings.commands.sessions import change_board
from services.meetings.commands.votes import record_vote
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import QuorumKind, Rules
from services.meetings.domain.session import Session
from services.meetings.queries import the_board
from shared.clock import SetClock
from shared.events.applications import DeferredBecause
from shared.events.meetings import Motion
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import Told, agenda, only_item, order, plan, tell
from tests.meetings.people import Person, told

NewPerson = Callable[[], Person]
FEW = Ballots(motion=Motion.GRANT, amount_cents=65000, members=14, present=5, yes=3, no=2)
NOTICE = "In dieser Sitzung entscheidet, wer kommt."


async def rule(service: Service, *, second_call: bool, since: str = "2026-02-01") -> None:
    """The board asks for eight members from this day on."""
    rules = Rules.model_validate(
        {
            "holds_from": since,
            "submission_days_before": 14,
            "on_postponement": "again",
            "quorum_kind": QuorumKind.FIXED,
            "quorum": 8,
            "second_call": second_call,
        }
    )
    async with service.db.begin() as session:
        board, _known = await the_board(session)
        by = order(service, board.version)
        await change_board(session, by, name=board.name, place=board.place, rules=rules)


async def vote(service: Service, session_id: UUID, sheet: Ballots = FEW) -> UUID:
    item = await only_item(service, session_id)
    async with service.db.begin() as session:
        return await record_vote(session, item.id, sheet, order=order(service, item.version))


async def two_sessions(service: Service, clock: SetClock) -> tuple[UUID, UUID, Told]:
    """In May too few come; in June it is on the agenda again, and it is that evening."""
    june, may = await plan(service, "2026-06-10"), await plan(service, "2026-05-06")
    case = Told(service)
    await tell(service, case.admitted(may))
    clock.forward(days=65)
    await vote(service, may)
    await tell(service, case.deferred(may, june, DeferredBecause.NO_QUORUM))
    clock.forward(days=35)
    return may, june, case


async def verdicts(service: Service) -> list[str]:
    return [event["data"]["verdict"] for event in await told(service, "vote.closed")]


async def test_announced_on_the_sessions_page_whoever_comes_decides(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    await rule(meetings, second_call=True)
    may, june, _case = await two_sessions(meetings, clock)
    item = await only_item(meetings, june)
    assert (item.missed_quorum, item.second_call) == (True, True)
    public = await person().get(f"/sitzungen/{june}")
    assert NOTICE in public.text
    assert NOTICE not in (await person().get(f"/sitzungen/{may}")).text
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{june}/punkte/{item.id}"
    assert NOTICE in (await office.get(path)).text
    form = (await office.get(f"{path}/abstimmung")).text
    assert NOTICE in form
    assert "Für Beschlüsse müssen" not in form
    await vote(meetings, june)
    assert await verdicts(meetings) == ["no_quorum", "accepted"]
    [_first, second] = await told(meetings, "vote.closed")
    rules = second["data"]["rules"]
    assert (rules["by_second_call"], rules["quorum"], rules["there"]) == (True, 8, 5)
    shown = (await person().get(f"/sitzungen/{june}")).text
    assert "Angenommen mit 3 Ja bei 2 Nein. Beim zweiten Aufruf entscheidet, wer da ist." in shown


async def test_a_board_without_that_rule_needs_its_quorum_again(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    await rule(meetings, second_call=False)
    _may, june, _case = await two_sessions(meetings, clock)
    item = await only_item(meetings, june)
    assert (item.missed_quorum, item.second_call) == (True, False)
    assert NOTICE not in (await person().get(f"/sitzungen/{june}")).text
    await vote(meetings, june)
    assert await verdicts(meetings) == ["no_quorum", "no_quorum"]


async def test_a_rule_that_came_after_the_item_was_placed_was_not_announced(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, second_call=False)
    _may, june, _case = await two_sessions(meetings, clock)
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, june)
        meeting.rules = meeting.rules | {"second_call": True}
    await vote(meetings, june)
    assert await verdicts(meetings) == ["no_quorum", "no_quorum"]


async def test_what_the_board_put_off_itself_needs_the_quorum(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, second_call=True)
    june, may = await plan(meetings, "2026-06-10"), await plan(meetings, "2026-05-06")
    case = Told(meetings)
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    await vote(meetings, may, replace(FEW, motion=Motion.DEFER, present=9))
    await tell(meetings, case.deferred(may, june))
    clock.forward(days=35)
    item = await only_item(meetings, june)
    assert (item.missed_quorum, item.second_call) == (False, False)
    await vote(meetings, june)
    assert await verdicts(meetings) == ["accepted", "no_quorum"]


async def test_a_second_call_is_over_once_enough_came_and_put_it_off(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, second_call=True)
    _may, june, case = await two_sessions(meetings, clock)
    september = await plan(meetings, "2026-09-09")
    await vote(meetings, june, replace(FEW, motion=Motion.DEFER, present=9))
    await tell(meetings, case.deferred(june, september))
    item = await only_item(meetings, september)
    assert (item.missed_quorum, item.second_call) == (False, False)


async def test_a_second_call_survives_a_session_that_is_called_off(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, second_call=True)
    june, may = await plan(meetings, "2026-06-10"), await plan(meetings, "2026-05-06")
    case = Told(meetings)
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    await vote(meetings, may)
    september = await plan(meetings, "2026-09-09")
    await tell(meetings, case.deferred(may, june, DeferredBecause.NO_QUORUM))
    await tell(meetings, case.deferred(june, september, DeferredBecause.SESSION_CANCELLED))
    [line] = await agenda(meetings, september)
    assert (line.item.missed_quorum, line.item.second_call) == (True, True)


async def test_too_few_to_put_it_off_leave_it_on_the_agenda_for_a_vote_on_the_money(
    meetings: Service, clock: SetClock
) -> None:
    await rule(meetings, second_call=True)
    june, may = await plan(meetings, "2026-06-10"), await plan(meetings, "2026-05-06")
    case = Told(meetings)
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    await vote(meetings, may, replace(FEW, motion=Motion.DEFER))
    await vote(meetings, may)
    await tell(meetings, case.deferred(may, june, DeferredBecause.NO_QUORUM))
    assert await verdicts(meetings) == ["no_quorum", "no_quorum"]
    assert (await only_item(meetings, june)).second_call


async def test_the_check_page_says_what_the_next_session_may_do(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    await rule(meetings, second_call=True)
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    typed = {"motion": "grant", "amount_cents": "650", "members": "14", "present": "5"}
    path = f"/buero/sitzungen/{may}/punkte/{item.id}/abstimmung"
    checked = (await office.post(path, typed | {"yes": "3", "no": "2"})).text
    assert "5 Mitglieder sind da. Für Beschlüsse brauchen wir 8." in checked
    assert "Es entscheidet, wer kommt." in checked
    assert await verdicts(meetings) == [], "only a look at it"


@pytest.mark.parametrize("reason", ["two_thirds", "no_two_thirds"])
async def test_the_agenda_for_programs_carries_verdict_reason_and_numbers(
    meetings: Service, clock: SetClock, person: NewPerson, reason: str
) -> None:
    await rule(meetings, second_call=True)
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, may)
        meeting.rules = meeting.rules | {"majority": "two_thirds"}
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    yes = 6 if reason == "two_thirds" else 5
    await vote(meetings, may, replace(FEW, present=9, yes=yes, no=9 - yes))
    answer = await person().get(f"/api/v1/meetings/sessions/{may}/agenda")
    [found] = answer.json()["items"][0]["votes"]
    assert found["reason"] == reason
    assert found["rules"]["majority"] == "two_thirds"
    assert (found["rules"]["base_votes"], found["rules"]["needed"]) == (9, 6)
    expected = {
        "two_thirds": (
            "accepted",
            0,
            "Angenommen mit 6 Ja bei 3 Nein. Zu zwei Dritteln von 9 gültigen reichen 6 Ja.",
        ),
        "no_two_thirds": (
            "rejected",
            -1,
            "Abgelehnt: 1 Stimme fehlt zu zwei Dritteln von 9 gültigen.",
        ),
    }
    assert (found["verdict"], found["margin"], found["reason_text"]) == expected[reason]
    assert {"answer", "left_cents"}.isdisjoint(found), "what is left is for the board"
    shown = (await person().get(f"/sitzungen/{may}")).text
    assert expected[reason][2] in shown


async def test_votes_from_before_these_rules_can_still_be_read(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    may, case = await plan(meetings, "2026-05-06"), Told(meetings)
    await tell(meetings, case.admitted(may))
    clock.forward(days=65)
    vote_id = await vote(meetings, may)
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, may)
        old = ("holds_from", "submission_days_before", "on_postponement", "fixed_dates")
        meeting.rules = {name: meeting.rules[name] for name in old} | {"quorum": 8}
        item = await session.scalar(select(AgendaItem).where(AgendaItem.session_id == may))
        assert item is not None
        [line] = await agenda(meetings, may)
        kept = await session.get_one(type(line.votes[0]), vote_id)
        kept.rules = {"majority": "simple", "quorum": 8}
    office = await person().enter(Role.OFFICE)
    assert "Angenommen mit 3 Ja bei 2 Nein." in (await person().get(f"/sitzungen/{may}")).text
    day = (await office.get(f"/buero/sitzungen/{may}")).text
    assert "Für Beschlüsse müssen" in day
    assert "Angenommen" in (await office.get(f"/buero/sitzungen/{may}/punkte/{item.id}")).text
    await tell(meetings, case.not_covered(vote_id, 30000))
    again = await office.get(f"/buero/sitzungen/{may}/punkte/{item.id}/abstimmung")
    assert "Einfache Mehrheit" in again.text
