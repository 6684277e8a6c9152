"""Deciding in writing: who is asked, when it is decided, what ends it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from uuid_utils.compat import uuid7

from services.meetings.commands.circular import (
    answer_circular,
    call_off,
)
from services.meetings.commands.circular_question import Question
from services.meetings.commands.once import CommandConflict, Order
from services.meetings.commands.sessions import postpone
from services.meetings.commands.votes import record_vote
from services.meetings.domain.agenda import (
    AgendaItem,
    AskedInWriting,
    ItemKind,
    ItemStatus,
    Outcome,
)
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.circular import (
    AboveAsked,
    AlreadyAnswered,
    Answers,
    Circular,
    CircularElector,
    CircularStatus,
    IllegalMove,
    MayNotAnswer,
    NoSum,
    NothingToAsk,
    NotInWriting,
    TermOver,
    TooFewToDecide,
)
from services.meetings.domain.member import Member
from services.meetings.domain.polls import Barred, Choice, Poll, PollStatus
from services.meetings.domain.recusal import Recusal, RecusedBecause
from services.meetings.domain.room import PollIsOpen
from services.meetings.domain.session import Appointment, Session, Status
from services.meetings.domain.votes import Answer, Reason
from services.meetings.store import Audit
from shared.clock import SetClock
from shared.days import end_of_day, local_day
from shared.events.meetings import Manner, Motion, PostponeReason, Verdict, Way
from shared.service import Service
from tests.meetings.agendas import agenda, at_once, cancel, plan, tell
from tests.meetings.boards import rule
from tests.meetings.circulars import Asking, asking, fire_until, resolutions, sign
from tests.meetings.people import told


@pytest.mark.parametrize(
    ("members", "yes", "no", "abstain", "verdict"),
    [
        (5, 2, 0, 0, None),
        (5, 3, 0, 0, Verdict.ACCEPTED),
        (5, 3, 2, 0, Verdict.ACCEPTED),
        (4, 2, 0, 0, None),
        (4, 2, 1, 1, None),
        (4, 3, 1, 0, Verdict.ACCEPTED),
        (4, 2, 2, 0, Verdict.REJECTED),
        (5, 2, 2, 0, None),
        (5, 2, 3, 0, Verdict.REJECTED),
        (5, 2, 0, 3, None),
        (1, 1, 0, 0, Verdict.ACCEPTED),
        (1, 0, 1, 0, Verdict.REJECTED),
    ],
)
def test_more_than_half_of_all_members_decide(
    members: int, yes: int, no: int, abstain: int, verdict: Verdict | None
) -> None:
    answers = Answers(yes=yes, no=no, abstain=abstain, waiting=members - yes - no - abstain)
    decision = Circular(members=members, recused=0).decision(answers)
    assert (decision.verdict if decision else None) is verdict
    if decision is not None:
        assert decision.needed == members // 2 + 1
        assert (decision.margin >= 0) is (verdict is Verdict.ACCEPTED)


def test_abstentions_make_it_hopeless_and_reject_nothing() -> None:
    circular = Circular(members=5, recused=0)
    answers = Answers(yes=2, abstain=3)
    assert circular.decision(answers) is None
    assert circular.is_hopeless(answers)
    assert not circular.is_hopeless(Answers(yes=2, abstain=2, waiting=1))


async def test_every_member_is_asked_once_with_a_link_of_their_own(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=5, on_paper=1)
    await board.start()
    assert sorted(await board.requests(reminder=False)) == sorted(board.members)
    links = {await board.path_of(number) for number in range(5)}
    assert len(links) == 5
    circular = await board.circular()
    assert circular.closes_at == end_of_day(local_day(clock.now()) + timedelta(days=7))
    events = await told(meetings, "circular.vote_requested")
    assert {event["data"]["title"] for event in events} == {"Sommerfest im Innenhof"}
    assert "Mitglied" not in str(events)


async def test_the_same_order_asks_once_and_another_content_is_a_conflict(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    order = sign(meetings, (await board.item()).version)
    first = await board.start(order=order)
    assert await board.start(order=order) == first
    assert len(await board.requests(reminder=False)) == 5
    with pytest.raises(CommandConflict):
        await board.start(Question(text="Anders", amount_cents=1), order)


async def test_the_majority_ends_it_at_once_with_a_vote_and_a_resolution(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0, 1)
    assert await board.votes() == []
    await board.yes(2)
    [vote] = await board.votes()
    assert (vote.way, vote.manner, vote.verdict) == (Way.CIRCULAR, Manner.NAMED, Verdict.ACCEPTED)
    assert (vote.reason, vote.margin) == (Reason.CIRCULAR_MAJORITY, 0)
    assert vote.rules["majority"] == "absolute"
    assert (vote.rules["base"], vote.rules["needed"]) == ("members", 3)
    assert vote.rules["circular_days"] == 7
    counts = vote.counts
    assert (counts["members"], counts["eligible"], counts["cast"], counts["yes"]) == (5, 5, 3, 3)
    [closed] = await told(meetings, "vote.closed")
    assert (closed["data"]["way"], closed["data"]["amount_cents"]) == ("circular", 65000)
    [ended] = await told(meetings, "circular.closed")
    assert ended["data"]["decided"] is True
    assert await board.timers_left() == 0
    assert (await board.circular()).vote_id == vote.id
    async with meetings.db.read() as session:
        [made] = await resolutions(session)
    assert (made.number, made.way, made.vote_id) == ("2026-001", Way.CIRCULAR, vote.id)


async def test_what_follows_resolves_the_item_as_after_a_session(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0, 1, 2)
    [vote] = await board.votes()
    await tell(meetings, board.case.reserved(vote.id))
    item = await board.item()
    assert (item.status, item.outcome, item.amount_cents) == (
        ItemStatus.RESOLVED,
        Outcome.GRANTED,
        65000,
    )


async def test_half_of_the_members_against_it_rejects(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock, members=4)
    await board.start()
    await board.say(Choice.NO, 0)
    await board.say(Choice.NO, 1)
    [vote] = await board.votes()
    assert (vote.verdict, vote.reason) == (Verdict.REJECTED, Reason.NO_CIRCULAR_MAJORITY)
    assert vote.margin == -3


async def test_abstentions_leave_it_to_the_session(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock, members=4)
    await board.start()
    await board.say(Choice.ABSTAIN, 0, 1)
    assert await board.votes() == []
    assert (await board.circular()).status is CircularStatus.UNDECIDED
    item = await board.item()
    assert (item.status, item.in_writing) == (ItemStatus.OPEN, False)
    [ended] = await told(meetings, "circular.closed")
    assert ended["data"]["decided"] is False


async def test_who_is_silent_is_reminded_twice_and_then_the_session_decides(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0)
    circular = await board.circular()
    half = circular.started_at + (circular.closes_at - circular.started_at) / 2
    await fire_until(meetings, clock, half + timedelta(minutes=1))
    assert sorted(await board.requests(reminder=True)) == sorted(board.members[1:])
    await board.yes(1)
    await fire_until(meetings, clock, circular.closes_at - timedelta(hours=1))
    reminded = await board.requests(reminder=True)
    assert sorted(reminded[4:]) == sorted(board.members[2:])
    await fire_until(meetings, clock, circular.closes_at)
    assert (await board.circular()).status is CircularStatus.OPEN
    await fire_until(meetings, clock, circular.closes_at + timedelta(seconds=1))
    assert (await board.circular()).status is CircularStatus.UNDECIDED
    assert await board.votes() == []
    assert (await board.item()).status is ItemStatus.OPEN


async def test_who_left_or_was_erased_since_is_reminded_of_nothing(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    erased = await board.get(Member, board.members[1])
    await meetings.seals.erase(erased.person_id)
    async with meetings.db.begin() as session:
        gone = await session.get_one(Member, board.members[2])
        gone.leave(on=local_day(clock.now()), at=clock.now())
    circular = await board.circular()
    half = circular.started_at + (circular.closes_at - circular.started_at) / 2
    await fire_until(meetings, clock, half + timedelta(minutes=1))
    others = {board.members[0], *board.members[3:]}
    assert set(await board.requests(reminder=True)) == others


async def test_two_hundred_members_are_asked_in_a_few_statements(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=200)
    sent = list[str]()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    engines = [meetings.db.engine.sync_engine, meetings.seals.db.engine.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    await board.start()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)
    assert len(await board.requests(reminder=False)) == 200
    assert len([one for one in sent if not one.startswith("INSERT INTO outbox")]) < 40, sent


async def test_the_last_second_counts_and_the_next_does_not(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    clock.set((await board.circular()).closes_at)
    await board.yes(0)
    clock.forward(seconds=1)
    with pytest.raises(TermOver):
        await board.yes(1)


async def test_a_term_of_one_day_reminds_once(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, circular_days=1)
    await board.start()
    closes_at = (await board.circular()).closes_at
    await fire_until(meetings, clock, closes_at)
    assert len(await board.requests(reminder=True)) == 5


async def test_each_member_answers_once(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0)
    with pytest.raises(AlreadyAnswered):
        await board.say(Choice.NO, 0)
    with pytest.raises(MayNotAnswer):
        async with meetings.db.begin() as session:
            await answer_circular(session, board.circular_id, uuid4(), Choice.YES, sign(meetings))
    async with meetings.db.read() as session:
        kept = await session.get_one(CircularElector, (board.circular_id, board.members[0]))
    assert (kept.choice, kept.on_paper) == (Choice.YES, False)


async def test_a_repeated_answer_changes_nothing(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await board.start()
    order = Order(command_id=uuid7(), by="test", at=clock.now())
    for _again in range(2):
        async with meetings.db.begin() as session:
            await answer_circular(
                session, board.circular_id, board.members[0], Choice.YES, order, on_paper=True
            )
    async with meetings.db.read() as session:
        answers = select(Audit).where(Audit.action == "circular.answer")
        assert len((await session.scalars(answers)).all()) == 1


async def test_three_last_answers_at_once_make_one_vote(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock, members=5)
    await board.start()
    await board.yes(0)

    async def one(number: int) -> str:
        try:
            await board.yes(number)
        except IllegalMove:
            return "late"
        return "counted"

    outcomes = await at_once(*(one(number) for number in range(1, 5)))
    assert sorted(outcomes) == ["counted", "counted", "late", "late"]
    assert len(await board.votes()) == 1


async def test_who_may_not_vote_is_not_asked_and_told_why(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    async with meetings.db.begin() as session:
        session.add(
            Recusal(
                item_id=board.item_id,
                member_id=board.members[0],
                because=RecusedBecause.APPLICANT,
                known=False,
                declared_at=clock.now(),
            )
        )
    await board.start()
    assert board.members[0] not in await board.requests(reminder=False)
    with pytest.raises(MayNotAnswer) as refused:
        await board.yes(0)
    assert (refused.value.barred, refused.value.because) == (Barred.RECUSED, "applicant")
    await board.yes(1, 2, 3)
    [vote] = await board.votes()
    assert (vote.counts["members"], vote.counts["eligible"], vote.counts["recused"]) == (5, 4, 1)


async def test_the_applicant_is_found_among_the_members(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    same = await meetings.seals.person(email="mitglied-2@example.org")
    await tell(meetings, await board.case.paper(same))
    await board.start()
    assert board.members[2] not in await board.requests(reminder=False)


async def test_it_is_refused_where_even_everybody_could_not_decide(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock, members=2)
    async with meetings.db.begin() as session:
        session.add(
            Recusal(
                item_id=board.item_id,
                member_id=board.members[0],
                because=RecusedBecause.OTHER,
                known=False,
                declared_at=clock.now(),
            )
        )
    with pytest.raises(TooFewToDecide):
        await board.start()
    assert await told(meetings, "circular") == []


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        (Question(text="Zu viel", amount_cents=80001), AboveAsked),
        (Question(text="Nichts", amount_cents=0), NoSum),
        (Question(text="Ohne Summe"), NoSum),
    ],
)
async def test_impossible_sums_are_refused(
    meetings: Service, clock: SetClock, question: Question, refused: type[Exception]
) -> None:
    board = await asking(meetings, clock)
    with pytest.raises(refused):
        await board.start(question)


async def test_a_board_that_meets_only_is_asked_nothing(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await rule(meetings, circular_days=None)
    with pytest.raises(NotInWriting):
        await board.start()


async def test_no_session_votes_while_it_runs(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    clock.forward(days=64)
    await board.start()
    clock.forward(days=1)
    item = await board.item()
    sheet = Ballots(motion=Motion.GRANT, amount_cents=1, members=5, present=5, yes=5, no=0)
    with pytest.raises(AskedInWriting):
        async with meetings.db.begin() as session:
            await record_vote(session, item.id, sheet, order=sign(meetings, item.version))
    with pytest.raises(AskedInWriting):
        await board.start()


async def ends(board: Asking) -> None:
    """Closed for good, nothing decided, nobody asked any more."""
    assert (await board.circular()).status is CircularStatus.ENDED
    assert await board.timers_left() == 0
    [closed] = await told(board.service, "circular.closed")
    assert closed["data"]["decided"] is False
    with pytest.raises(IllegalMove):
        await board.yes(0)
    assert await board.votes() == []


async def test_withdrawing_the_application_ends_it(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await tell(meetings, board.case.withdrawn())
    await ends(board)
    assert (await board.item()).status is ItemStatus.REMOVED


async def test_cancelling_the_session_ends_it(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await cancel(meetings, board.session_id)
    await ends(board)


async def test_postponing_the_session_ends_it_and_the_item_stays(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    meeting: Session = await board.get(Session, board.session_id)
    later = Appointment(
        starts_at=meeting.starts_at + timedelta(days=7), ends_at=None, place="Saal", note=None
    )
    async with meetings.db.begin() as session:
        order = sign(meetings, meeting.version)
        await postpone(session, meeting.id, later, order, reason=PostponeReason.ROOM)
    await ends(board)
    assert (await board.item()).in_writing is False


async def test_calling_it_off_ends_it_once(meetings: Service, clock: SetClock) -> None:
    board = await asking(meetings, clock)
    await board.start()
    order = sign(meetings, (await board.circular()).version)
    for _again in range(2):
        async with meetings.db.begin() as session:
            await call_off(session, board.circular_id, order)
    await ends(board)
    await board.start()
    assert (await board.circular()).status is CircularStatus.OPEN


async def test_a_decision_in_writing_does_not_make_a_session_take_place(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0, 1, 2)
    await cancel(meetings, board.session_id)
    assert (await board.get(Session, board.session_id)).status == "cancelled"


async def test_money_that_is_not_there_leaves_the_item_to_the_session(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    await board.start()
    await board.yes(0, 1, 2)
    [vote] = await board.votes()
    await tell(meetings, board.case.not_covered(vote.id, 30000))
    item = await board.item()
    assert item.status is ItemStatus.OPEN
    [line] = await agenda(meetings, board.session_id)
    assert (line.answer, line.left_cents) == (Answer.NOT_COVERED, 30000)
    await board.start(Question(text="Dann weniger", amount_cents=30000))
    assert (await board.circular()).amount_cents == 30000


async def test_a_sentence_of_its_own_is_decided_and_its_item_with_it(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    async with meetings.db.begin() as session:
        own = AgendaItem(
            id=uuid7(),
            session_id=board.session_id,
            kind=ItemKind.OTHER,
            title="Treffpunkt",
            text="",
            status=ItemStatus.OPEN,
            carried=False,
            kept_since=clock.now(),
            votes=0,
            missed_quorum=False,
            second_call=False,
        )
        session.add(own)
    board.item_id = own.id
    with pytest.raises(NothingToAsk):
        await board.start(Question(text=""))
    await board.start(Question(text="Wir treffen uns ab Mai in der Bücherei."))
    await board.yes(0, 1, 2)
    [vote] = await board.votes()
    assert (vote.motion, vote.text, vote.answer) == (
        Motion.RESOLVE,
        "Wir treffen uns ab Mai in der Bücherei.",
        Answer.NONE,
    )
    item = await board.item()
    assert (item.status, item.outcome) == (ItemStatus.RESOLVED, Outcome.DECIDED)
    async with meetings.db.read() as session:
        [made] = await resolutions(session)
    assert (made.title, made.text) == ("Treffpunkt", "Wir treffen uns ab Mai in der Bücherei.")


@pytest.mark.parametrize("how", ["term", "call_off"])
async def test_what_is_not_decided_when_the_session_is_over_goes_to_the_next_one(
    meetings: Service, clock: SetClock, how: str
) -> None:
    board = await asking(meetings, clock)
    autumn = await plan(meetings, "2026-09-09")
    clock.forward(days=64)
    await board.start()
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, board.session_id)
        meeting.status = Status.CLOSED
    if how == "term":
        closes_at = (await board.circular()).closes_at
        await fire_until(meetings, clock, closes_at + timedelta(seconds=1))
    else:
        order = sign(meetings, (await board.circular()).version)
        async with meetings.db.begin() as session:
            await call_off(session, board.circular_id, order)
    item = await board.item()
    assert (item.status, item.outcome) == (ItemStatus.RESOLVED, Outcome.DEFERRED)
    [removed] = await told(meetings, "agenda_item.removed")
    assert removed["data"]["item_id"] == str(board.item_id)
    await tell(meetings, board.case.deferred(board.session_id, autumn))
    [line] = await agenda(meetings, autumn)
    assert line.number == board.case.number


async def test_nobody_is_asked_in_writing_while_the_room_votes(
    meetings: Service, clock: SetClock
) -> None:
    board = await asking(meetings, clock)
    async with meetings.db.begin() as session:
        session.add(
            Poll(
                id=uuid7(),
                session_id=board.session_id,
                item_id=board.item_id,
                status=PollStatus.OPEN,
                motion=Motion.GRANT,
                manner=Manner.HANDS,
                amount_cents=1,
                conditions=[],
                text="",
                members=5,
                present=5,
                recused=0,
                opened_at=clock.now(),
            )
        )
    with pytest.raises(PollIsOpen):
        await board.start()
    assert await board.requests(reminder=False) == []
