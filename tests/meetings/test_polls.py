"""Votes in the room: opened on a frozen list, cast by hands, names, slips; counted once and for ever."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from services.meetings.commands import polls, room
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.commands.polls import Asked, CountsMissing
from services.meetings.commands.votes import record_vote
from services.meetings.domain.agenda import (
    AgendaItem,
    AwaitsAnswer,
    ItemClosed,
    ItemStatus,
    Outcome,
)
from services.meetings.domain.ballots import Ballots, DoesNotAddUp, Wrong
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.polls import (
    Barred,
    Choice,
    Elector,
    MayNotVote,
    NamedBallot,
    NobodyMayVote,
    Poll,
    PollClosed,
    WrongManner,
)
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.room import PollIsOpen
from services.meetings.domain.slips import AlreadyVoted
from services.meetings.domain.votes import Answer, Vote
from shared.clock import SetClock
from shared.events.meetings import Manner, Motion, Verdict, VotedCondition
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import at_once, plan, tell
from tests.meetings.people import told
from tests.meetings.rooms import Hall, opened

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN
GRANT: dict[str, Any] = {"motion": Motion.GRANT, "text": "", "amount_cents": 65000}


async def item_of(hall: Hall, item_id: object) -> AgendaItem:
    async with hall.service.db.read() as session:
        return await session.get_one(AgendaItem, item_id)


async def electors(hall: Hall) -> dict[object, Barred | None]:
    async with hall.service.db.read() as session:
        rows = await session.scalars(select(Elector))
        return {row.member_id: row.barred for row in rows}


async def votes(hall: Hall) -> int:
    async with hall.service.db.read() as session:
        return await session.scalar(select(func.count()).select_from(Vote)) or 0


async def test_hands_are_counted_and_the_result_is_told_once(meetings: Service) -> None:
    hall = await opened(meetings, there=7, absent=2, cases=1)
    item = await hall.case_item()
    poll = await hall.ask(item, **GRANT)
    vote = await hall.count(poll, 5, 1, 1)
    assert vote is not None
    assert (vote.id, vote.verdict, vote.manner) == (poll, Verdict.ACCEPTED, Manner.HANDS)
    counts = {"members": 9, "present": 7, "recused": 0, "eligible": 7, "cast": 7, "valid": 7}
    assert vote.counts == counts | {"invalid": 0, "yes": 5, "no": 1, "abstain": 1}
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["vote_id"] == str(poll)
    assert event["data"]["amount_cents"] == 65000
    assert len(await told(meetings, "resolution.recorded")) == 1
    again = await hall.count(poll, 5, 1, 1)
    assert again is not None
    assert len(await told(meetings, "vote.closed")) == 1
    with pytest.raises(PollClosed):
        await hall.count(poll, 6, 0, 1)


async def test_opening_is_told_without_anything_of_how_it_goes(meetings: Service) -> None:
    hall = await opened(meetings, there=3, absent=0)
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    await hall.say(poll, hall.members[0], YES)
    [event] = await told(meetings, "vote.opened")
    assert event["data"]["eligible"] == 3
    assert event["data"]["manner"] == "named"
    assert "yes" not in str(event)


async def test_one_vote_at_a_time_and_the_same_question_is_the_same_vote(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3)
    item, other = await hall.item(), await hall.item("Anderes")
    polls_opened = await at_once(*(hall.ask(item) for _click in range(3)))
    assert len(set(polls_opened)) == 1
    with pytest.raises(PollIsOpen):
        await hall.ask(item, text="Etwas anderes.")
    with pytest.raises(PollIsOpen):
        await hall.ask(other)
    assert len(await told(meetings, "vote.opened")) == 1


async def test_a_click_that_comes_again_after_the_count_opens_no_second_vote(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=1, absent=3, quorum_kind="half")
    item, click = await hall.item(), hall.order()
    asked = Asked(motion=Motion.RESOLVE, manner=Manner.HANDS, text="Wir stellen Bänke auf.")
    first = await hall.do(lambda s: polls.open_poll(s, hall.session_id, item, asked, click))
    await hall.count(first, 1, 0)
    again = await hall.do(lambda s: polls.open_poll(s, hall.session_id, item, asked, click))
    assert again == first
    assert (await hall.view()).running is None
    assert len(await told(meetings, "vote.opened")) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"motion": Motion.GRANT, "amount_cents": 1000}, {"motion": Wrong.WRONG_MOTION}),
        ({"text": "  "}, {"text": Wrong.NO_TEXT}),
        (
            {"conditions": (VotedCondition(text="x", due_on=date(2026, 6, 1)),)},
            {"conditions": Wrong.CONDITIONS_WITHOUT_GRANT},
        ),
    ],
)
async def test_what_cannot_be_asked_about_an_item_of_our_own_is_refused(
    meetings: Service, asked: dict[str, Any], found: dict[str, Wrong]
) -> None:
    hall = await opened(meetings, there=3)
    with pytest.raises(DoesNotAddUp) as refused:
        await hall.ask(await hall.item(), **asked)
    assert refused.value.found == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"motion": Motion.RESOLVE}, {"motion": Wrong.WRONG_MOTION}),
        (GRANT | {"amount_cents": 80001}, {"amount_cents": Wrong.ABOVE_ASKED}),
        (GRANT | {"amount_cents": None}, {"amount_cents": Wrong.NO_AMOUNT}),
        (
            GRANT | {"conditions": (VotedCondition(text="x", due_on=date(2026, 5, 5)),)},
            {"conditions-0-due_on": Wrong.DUE_BEFORE_SESSION},
        ),
    ],
)
async def test_what_cannot_be_asked_about_an_application_is_refused(
    meetings: Service, asked: dict[str, Any], found: dict[str, Wrong]
) -> None:
    hall = await opened(meetings, there=3, cases=1)
    with pytest.raises(DoesNotAddUp) as refused:
        await hall.ask(await hall.case_item(), **asked)
    assert refused.value.found == found


async def test_the_list_of_voters_is_frozen_when_the_vote_opens(
    meetings: Service, clock: SetClock
) -> None:
    hall = await opened(meetings, there=3, absent=2)
    stays, leaves, suspended, late, absent = hall.members
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    await hall.arrive(late)
    await hall.depart(leaves)
    async with meetings.db.begin() as session:
        member = await session.get_one(Member, suspended)
        member.status = MemberStatus.SUSPENDED
    await hall.say(poll, leaves, NO)
    await hall.say(poll, suspended, YES)
    await hall.say(poll, stays, YES)
    with pytest.raises(MayNotVote) as refused:
        await hall.say(poll, late, YES)
    assert refused.value.barred is Barred.ABSENT
    vote = await hall.count(poll)
    assert vote is not None
    assert (vote.counts["eligible"], vote.counts["cast"], vote.counts["yes"]) == (3, 3, 2)
    assert await electors(hall) == {
        stays: None,
        leaves: None,
        suspended: None,
        late: Barred.ABSENT,
        absent: Barred.ABSENT,
    }


async def test_everybody_who_may_not_vote_is_told_why(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0, one_vote_per="institution")
    school = await hall.unit("Grundschule")
    for status in (MemberStatus.GUEST, MemberStatus.SUSPENDED, MemberStatus.ACTIVE):
        await hall.member(status, unit_id=school if status is MemberStatus.ACTIVE else None)
    second = await hall.member(unit_id=school)
    _one, out, guest, suspended, first, _second = hall.members
    await hall.arrive(*hall.members)
    item = await hall.item()
    await hall.do(
        lambda s: room.recuse(
            s, hall.session_id, item, out, hall.order(), because=RecusedBecause.PARTNER
        )
    )
    poll = await hall.ask(item, Manner.NAMED)
    why = {
        out: Barred.RECUSED,
        guest: Barred.GUEST,
        suspended: Barred.SUSPENDED,
        second: Barred.UNIT,
    }
    for member, barred in why.items():
        with pytest.raises(MayNotVote) as refused:
            await hall.say(poll, member)
        assert refused.value.barred is barred
        paper = await hall.paper(member)
        assert (paper.barred, paper.may_vote) == (barred, False)
    assert (await hall.paper(out)).because == "partner"
    await hall.say(poll, first)
    vote = await hall.count(poll)
    assert vote is not None
    counts = vote.counts
    assert (counts["members"], counts["present"], counts["recused"]) == (3, 3, 1)


async def test_a_name_votes_once_and_the_office_may_retype_it(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0)
    [first, second] = hall.members
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    await hall.say(poll, first, YES)
    await hall.say(poll, first, YES)
    with pytest.raises(AlreadyVoted):
        await hall.say(poll, first, NO)
    await hall.say(poll, first, NO, instead=True)
    assert (await hall.paper(first)).choice is NO
    assert (await hall.paper(second)).may_vote
    vote = await hall.count(poll)
    assert vote is not None
    assert (vote.counts["yes"], vote.counts["no"], vote.counts["cast"]) == (0, 1, 1)
    for choice in (YES, NO):
        with pytest.raises(PollClosed):
            await hall.say(poll, second, choice)


async def test_while_it_is_open_the_screen_knows_who_voted_and_not_how(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3, absent=0)
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    await hall.say(poll, hall.members[0], YES)
    running = (await hall.view()).running
    assert running is not None
    assert (running.cast, running.eligible) == (1, 3)
    assert running.voted == {hall.members[0]}
    assert not hasattr(running, "choices")
    assert "Choice." not in repr(running)
    assert await votes(hall) == 0


async def test_a_ballot_of_another_manner_is_refused(meetings: Service) -> None:
    hall = await opened(meetings, there=5, absent=0)
    poll = await hall.ask(await hall.item(), Manner.HANDS)
    with pytest.raises(WrongManner):
        await hall.say(poll, hall.members[0])
    with pytest.raises(WrongManner):
        await hall.slip(poll, hall.members[0])
    with pytest.raises(CountsMissing):
        await hall.count(poll)


async def test_a_named_vote_needs_somebody_who_may_vote(meetings: Service) -> None:
    hall = await opened(meetings, there=0, absent=3)
    with pytest.raises(NobodyMayVote):
        await hall.ask(await hall.item(), Manner.NAMED)


async def test_more_hands_than_voters_do_not_add_up_and_the_vote_stays_open(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3)
    poll = await hall.ask(await hall.item())
    with pytest.raises(DoesNotAddUp) as refused:
        await hall.count(poll, 3, 1)
    assert refused.value.found == {"counts": Wrong.MORE_VOTES_THAN_VOTERS}
    assert (await hall.view()).running is not None


async def test_typed_counts_show_their_verdict_before_they_count(meetings: Service) -> None:
    hall = await opened(meetings, there=3, absent=5, quorum_kind="half")
    await hall.ask(await hall.item())
    view = await hall.view()
    found = view.preview(yes=3, no=0)
    assert found is not None
    assert (found.verdict, found.margin) == (Verdict.NO_QUORUM, -1)
    assert (view.quorum.there, view.quorum.needed, view.quorum.missing) == (3, 4, 1)


@pytest.mark.parametrize(
    ("counted", "outcome"),
    [
        ((3, 0), Outcome.DECIDED),
        ((1, 2), Outcome.REJECTED),
        ((1, 1, 1), Outcome.REJECTED),
    ],
)
async def test_a_sentence_nobody_else_answers_is_settled_at_once(
    meetings: Service, counted: tuple[int, ...], outcome: Outcome
) -> None:
    hall = await opened(meetings, there=3, absent=0)
    item = await hall.item()
    vote = await hall.count(await hall.ask(item), *counted)
    assert vote is not None
    assert (vote.answer, vote.text) == (Answer.NONE, "Wir stellen Bänke auf.")
    assert (await item_of(hall, item)).outcome is outcome
    with pytest.raises(ItemClosed):
        await hall.ask(item)


async def test_without_a_quorum_an_item_stays_open_and_goes_on(meetings: Service) -> None:
    hall = await opened(meetings, there=1, absent=3, quorum_kind="half")
    item = await hall.item()
    vote = await hall.count(await hall.ask(item), 1, 0)
    assert vote is not None
    assert vote.verdict is Verdict.NO_QUORUM
    assert (await item_of(hall, item)).status is ItemStatus.OPEN
    await hall.arrive(hall.members[1])
    second = await hall.count(await hall.ask(item), 2, 0)
    assert second is not None
    assert second.verdict is Verdict.ACCEPTED
    assert (await hall.vote(vote.id)).verdict is Verdict.NO_QUORUM  # type: ignore[union-attr]


async def test_putting_off_our_own_item_brings_it_onto_the_next_agenda(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3)
    following = await plan(meetings, "2026-06-03")
    item = await hall.item("Neue Bänke")
    vote = await hall.count(await hall.ask(item, motion=Motion.DEFER, text=""), 3, 0)
    assert vote is not None
    assert vote.answer is Answer.DEFERRED
    assert (await item_of(hall, item)).outcome is Outcome.DEFERRED
    async with meetings.db.read() as session:
        ahead = select(AgendaItem.title).where(AgendaItem.session_id == following)
        assert list(await session.scalars(ahead)) == ["Neue Bänke"]


async def test_if_the_money_is_short_a_smaller_sum_is_voted_on(meetings: Service) -> None:
    hall = await opened(meetings, there=5, cases=1)
    [case], item = hall.cases, await hall.case_item()
    first = await hall.ask(item, **GRANT)
    await hall.count(first, 5, 0)
    with pytest.raises(AwaitsAnswer):
        await hall.ask(item, **GRANT)
    await tell(meetings, case.not_covered(first, 30000))
    money = (await hall.view()).money
    assert money is not None
    assert (money.left_cents, money.covered) == (30000, False)
    second = await hall.ask(item, **GRANT | {"amount_cents": 30000})
    money = (await hall.view()).money
    assert money is not None
    assert (money.voted_cents, money.covered) == (30000, True)
    vote = await hall.count(second, 4, 1)
    assert vote is not None
    await tell(meetings, case.reserved(second, 30000))
    kept = await item_of(hall, item)
    assert (kept.outcome, kept.amount_cents) == (Outcome.GRANTED, 30000)


async def test_money_that_falls_short_after_the_end_defers_the_application(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=5, cases=1)
    [case], item = hall.cases, await hall.case_item()
    poll = await hall.ask(item, **GRANT)
    await hall.count(poll, 5, 0)
    await hall.close()
    assert await told(meetings, "agenda_item.removed") == []
    await tell(meetings, case.not_covered(poll, 30000))
    assert len(await told(meetings, "agenda_item.removed")) == 1
    assert (await item_of(hall, item)).outcome is Outcome.DEFERRED


async def test_a_quorum_counted_at_the_opening_holds_for_the_evening(meetings: Service) -> None:
    hall = await opened(meetings, there=4, absent=4, quorum_kind="half", quorum_at="opening")
    await hall.depart(*hall.members[1:4])
    item = await hall.item()
    assert (await hall.view()).quorum.met
    vote = await hall.count(await hall.ask(item), 1, 0)
    assert vote is not None
    assert vote.verdict is Verdict.ACCEPTED
    assert (vote.rules["there"], vote.rules["quorum"], vote.rules["at_opening"]) == (4, 4, True)
    assert vote.counts["present"] == 1


async def test_a_quorum_missed_at_the_opening_is_missed_however_many_come(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3, absent=5, quorum_kind="half", quorum_at="opening")
    await hall.arrive(*hall.members[3:])
    vote = await hall.count(await hall.ask(await hall.item()), 8, 0)
    assert vote is not None
    assert (vote.verdict, vote.margin) == (Verdict.NO_QUORUM, -1)


async def test_a_vote_called_off_leaves_no_result(meetings: Service) -> None:
    hall = await opened(meetings, there=5, absent=0)
    item = await hall.item()
    for manner in (Manner.NAMED, Manner.SECRET, Manner.HANDS):
        poll = await hall.ask(item, manner)
        for _click in range(2):
            await hall.do(lambda s, p=poll: polls.call_off(s, p, hall.order()))  # type: ignore[misc]
        with pytest.raises(PollClosed):
            await hall.count(poll, 5, 0)
    assert await votes(hall) == 0
    assert (await hall.view()).running is None
    poll = await hall.ask(item)
    await hall.count(poll, 5, 0)
    with pytest.raises(PollClosed):
        await hall.do(lambda s: polls.call_off(s, poll, hall.order()))


async def test_a_result_is_recounted_from_what_is_kept(meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=0)
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    for place, member in enumerate(hall.members[:5]):
        await hall.say(poll, member, (YES, NO, ABSTAIN)[place % 3])
    vote = await hall.count(poll)
    assert vote is not None
    async with meetings.db.read() as session:
        found = list(await session.scalars(select(NamedBallot.choice)))
    counts = vote.counts
    assert [found.count(one) for one in Choice] == [counts["yes"], counts["no"], counts["abstain"]]
    assert len(found) == counts["cast"] == 5


async def test_every_vote_weighs_one(meetings: Service) -> None:
    """There is no weight anywhere: not on a member, a unit, a ballot or a list of voters."""
    hall = await opened(meetings, there=3, absent=0)
    tables = (Poll, Elector, NamedBallot, Member, Vote)
    columns = {name for table in tables for name in table.__table__.columns.keys()}  # noqa: SIM118
    assert not {name for name in columns if "weight" in name or "share" in name}
    poll = await hall.ask(await hall.item(), Manner.NAMED)
    for member in hall.members:
        await hall.say(poll, member, YES)
    vote = await hall.count(poll)
    assert vote is not None
    assert vote.counts["yes"] == len(hall.members)


async def test_a_vote_of_the_past_is_entered_without_a_room(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0)
    item = await hall.item()
    sheet = Ballots(
        motion=Motion.RESOLVE, text="So sei es.", members=9, present=7, recused=0, yes=6, no=1
    )
    vote = await hall.do(lambda s: record_vote(s, item, sheet, order=hall.order(1)))
    assert vote is not None
    assert (await item_of(hall, item)).outcome is Outcome.DECIDED
    [event] = await told(meetings, "vote.closed")
    assert (event["data"]["title"], event["data"]["text"]) == ("Neue Bänke", "So sei es.")
    wrong = Ballots(motion=Motion.GRANT, amount_cents=1, members=9, present=7, yes=6, no=1)
    other = await hall.item("Noch eins")
    with pytest.raises(DoesNotAddUp):
        await hall.do(lambda s: record_vote(s, other, wrong, order=hall.order(1)))


async def test_nothing_is_entered_beside_a_vote_that_is_open(meetings: Service) -> None:
    hall = await opened(meetings, there=2)
    item = await hall.item()
    await hall.ask(item)
    sheet = Ballots(motion=Motion.RESOLVE, text="So.", members=9, present=7, yes=6, no=1)
    with pytest.raises(PollIsOpen):
        await hall.do(lambda s: record_vote(s, item, sheet, order=hall.order(1)))


@pytest.mark.parametrize("manner", [Manner.NAMED, Manner.SECRET])
async def test_twenty_who_vote_at_the_same_moment_are_all_counted_once(
    meetings: Service, manner: Manner
) -> None:
    hall = await opened(meetings, there=20, absent=0)
    poll = await hall.ask(await hall.item(), manner)
    cast = hall.say if manner is Manner.NAMED else hall.slip
    await at_once(*(cast(poll, member, YES) for member in hall.members))
    vote = await hall.count(poll)
    assert vote is not None
    assert (vote.counts["cast"], vote.counts["yes"]) == (20, 20)


@pytest.mark.parametrize("manner", [Manner.NAMED, Manner.SECRET])
async def test_a_ballot_beside_the_count_is_counted_or_refused(
    meetings: Service, manner: Manner
) -> None:
    hall = await opened(meetings, there=15, absent=0)
    poll = await hall.ask(await hall.item(), manner)
    cast = hall.say if manner is Manner.NAMED else hall.slip
    for member in hall.members[:5]:
        await cast(poll, member, YES)
    refused = 0

    async def late(member: Any) -> None:
        nonlocal refused
        try:
            await cast(poll, member, NO)
        except PollClosed:
            refused += 1

    rest = hall.members[5:]
    await at_once(*map(late, rest[:5]), hall.count(poll), *map(late, rest[5:]))
    vote = await hall.vote(poll)
    assert vote is not None
    assert vote.counts["no"] == len(rest) - refused
    assert vote.counts["yes"] == 5
    with pytest.raises(PollClosed):
        await cast(poll, rest[0], NO)


async def test_only_those_on_the_list_vote(meetings: Service) -> None:
    hall = await opened(meetings, there=5, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    stranger = await hall.member()
    with pytest.raises(MayNotVote):
        await hall.slip(poll, stranger)
    paper = await hall.paper(stranger)
    assert (paper.listed, paper.may_vote) == (False, False)


async def test_the_phone_says_what_to_vote_on_and_remembers_that_it_did(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=5, absent=0)
    member = hall.members[0]
    assert (await hall.paper(member)).poll is None
    item = await hall.item()
    poll = await hall.ask(item, Manner.SECRET)
    paper = await hall.paper(member)
    assert paper.line is not None
    assert (paper.line.title, paper.may_vote, paper.has_voted) == ("Neue Bänke", True, False)
    await hall.slip(poll, member, NO)
    paper = await hall.paper(member)
    assert (paper.has_voted, paper.choice, paper.may_vote) == (True, None, False)


async def test_a_question_from_a_stale_screen_is_told(meetings: Service) -> None:
    hall = await opened(meetings, there=3)
    item, shown = await hall.item(), (await hall.view()).meeting.version
    await hall.call(item)
    asked = Asked(motion=Motion.RESOLVE, manner=Manner.HANDS, text="So.")
    with pytest.raises(ChangedMeanwhile):
        await hall.do(lambda s: polls.open_poll(s, hall.session_id, item, asked, hall.order(shown)))


async def test_the_office_enters_afterwards_what_was_decided_about_an_item_of_its_own(
    meetings: Service, person: Any
) -> None:
    hall = await opened(meetings, there=2, absent=0)
    item = await hall.item("Neue Bänke")
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{hall.session_id}/punkte/{item}/abstimmung"
    counts = {"members": "9", "present": "7", "recused": "0", "yes": "6", "no": "1"}
    shown = await office.get(path)
    assert shown.status_code == 200, shown.text
    empty = await office.post(path, counts | {"motion": "resolve", "turn": "check"})
    assert empty.status_code == 422
    typed = counts | {"motion": "resolve", "text": "Wir stellen zwei Bänke auf."}
    kept = await office.act(path, "save", typed)
    assert kept.status_code == 303
    assert (await item_of(hall, item)).outcome is Outcome.DECIDED
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["text"] == "Wir stellen zwei Bänke auf."
