"""Random evenings played in the room and in the model, which have to agree after every click."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from services.meetings.commands import polls, room
from services.meetings.domain.agenda import ItemClosed, ItemKind, Outcome
from services.meetings.domain.ballots import DoesNotAddUp
from services.meetings.domain.codes import new_receipt
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.polls import (
    Choice,
    Elector,
    MayNotVote,
    NamedBallot,
    NobodyMayVote,
    PollClosed,
    TooFewForSecret,
    WrongManner,
)
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.room import AlreadyFinished, NotOpen, NotThere, PollIsOpen
from services.meetings.domain.session import IllegalMove
from services.meetings.domain.slips import AlreadyVoted, tally
from services.meetings.domain.votes import Vote
from services.meetings.queries.devices import published_slips
from shared.clock import SetClock
from shared.events.meetings import Manner
from shared.service import Service
from shared.settings import Settings
from tests.meetings.model.plain import STATUS, UNIT, Evening, No
from tests.meetings.rooms import Hall, invited
from tests.support.databases import Databases
from tests.support.services import ORIGIN, SECRET_KEY

REFUSALS: Final = (
    AlreadyFinished,
    AlreadyVoted,
    DoesNotAddUp,
    IllegalMove,
    ItemClosed,
    MayNotVote,
    NobodyMayVote,
    NotOpen,
    NotThere,
    PollClosed,
    PollIsOpen,
    TooFewForSecret,
    WrongManner,
)
PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
MINIMUM, QUORUM = 3, 2
who = st.integers(0, len(STATUS) - 1)
item = st.sampled_from([0, 0, 1, 2])
"""The first one more often, so that more than one thing happens to it."""
manner = st.sampled_from([Manner.NAMED, Manner.SECRET, Manner.NAMED, Manner.SECRET, Manner.HANDS])
choice = st.sampled_from(Choice)
count = st.integers(0, 5)


class Story(RuleBasedStateMachine):
    """One evening of eight people and three items, in any order of clicks."""

    databases: Databases
    files: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Evening(MINIMUM, QUORUM)
        self.hall = self.run(self.prepare())
        self.polls: dict[int, UUID] = {}
        self.receipts: dict[tuple[int, int], str] = {}
        self.lists: dict[UUID, frozenset[tuple[UUID, Any]]] = {}
        self.kept: dict[UUID, dict[str, Any]] = {}

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)

    async def prepare(self) -> Hall:
        at = Settings(
            redis_url=f"unix://{self.files}/no-redis.sock",
            database_url=await self.databases.fresh("meetings"),
            keys_database_url=await self.databases.fresh("keys"),
            secret_key=SECRET_KEY,
            origin=ORIGIN,
            files_dir=self.files,
        )
        clock = SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        service = Service.open("meetings", at, clock)
        hall = await invited(
            service,
            secret_minimum=MINIMUM,
            quorum_kind="fixed",
            quorum=QUORUM,
            one_vote_per="institution",
        )
        units = {number: await hall.unit(f"Haus {number}") for number in (1, 2)}
        for status, unit in zip(STATUS, UNIT, strict=True):
            await hall.member(MemberStatus(status), unit_id=units[unit] if unit else None)
        self.items = [await hall.item(f"Punkt {n}", ItemKind.DISCUSSION) for n in range(3)]
        return hall

    def teardown(self) -> None:
        self.run(self.hall.service.close())
        self.runner.close()

    def both(self, expect: Any, real: Coroutine[Any, Any, Any]) -> Any:
        """Refused by both, or by neither."""
        self.hall.service.clock.forward(seconds=20)
        no = False
        try:
            expect()
        except No:
            no = True
        if no:
            with pytest.raises(REFUSALS):
                self.run(real)
            return None
        return self.run(real)

    @property
    def poll(self) -> UUID:
        return self.polls.get(self.model.asked, UUID(int=0))

    @initialize(people=st.permutations(range(len(STATUS))), there=st.integers(3, len(STATUS)))
    def begins(self, people: list[int], there: int) -> None:
        """Some come, and the first of them is left out of the first item."""
        for one in people[:there]:
            self.arrives(one)
        self.is_recused(0, people[0])
        self.opens()

    @rule()
    def opens(self) -> None:
        self.both(self.model.begin, self.hall.open())

    @rule(one=who)
    def arrives(self, one: int) -> None:
        self.both(lambda: self.model.arrive(one), self.hall.arrive(self.hall.members[one]))

    @rule(one=who)
    def departs(self, one: int) -> None:
        self.both(lambda: self.model.depart(one), self.hall.depart(self.hall.members[one]))

    @rule(n=item)
    def is_called(self, n: int) -> None:
        self.both(lambda: self.model.call(n), self.hall.call(self.items[n]))

    @rule(n=item, one=who)
    def is_recused(self, n: int, one: int) -> None:
        self.both(lambda: self.model.recuse(n, one), self.recusal(n, one, out=True))

    @rule(n=item, one=who)
    def takes_part_again(self, n: int, one: int) -> None:
        self.both(lambda: self.model.unrecuse(n, one), self.recusal(n, one, out=False))

    async def recusal(self, n: int, one: int, *, out: bool) -> None:
        hall, member = self.hall, self.hall.members[one]
        where, order = (hall.session_id, self.items[n], member), hall.order()
        if out:
            other = RecusedBecause.OTHER
            await hall.do(lambda s: room.recuse(s, *where, order, because=other))
        else:
            await hall.do(lambda s: room.unrecuse(s, *where, order, reason="Irrtum"))

    @rule(n=item, how=manner)
    def is_asked(self, n: int, how: Manner) -> None:
        poll = self.both(lambda: self.model.ask(n, how.value), self.hall.ask(self.items[n], how))
        if poll is not None:
            assert self.polls.setdefault(self.model.asked, poll) == poll

    @precondition(lambda self: self.polls)
    @rule(one=who, says=choice)
    def votes_by_name(self, one: int, says: Choice) -> None:
        self.both(
            lambda: self.model.cast(one, says.value, "named", again=False),
            self.hall.say(self.poll, self.hall.members[one], says),
        )

    @precondition(lambda self: self.polls)
    @rule(one=who, says=choice, again=st.booleans())
    def votes_in_secret(self, one: int, says: Choice, again: bool) -> None:
        key = (self.model.asked, one)
        again = again and key in self.receipts
        receipt = self.receipts[key] if again else new_receipt()
        done = self.both(
            lambda: self.model.cast(one, says.value, "secret", again=again),
            self.hall.slip(self.poll, self.hall.members[one], says, receipt),
        )
        if done:
            self.receipts.setdefault(key, receipt)

    @precondition(lambda self: self.model.open)
    @rule(data=st.data())
    def everybody_votes(self, data: st.DataObject) -> None:
        ballot = self.model.open
        assert ballot is not None
        for one in sorted(ballot.voters - set(ballot.cast)):
            says = data.draw(choice)
            if ballot.manner == "named":
                self.votes_by_name(one, says)
            elif ballot.manner == "secret":
                self.votes_in_secret(one, says, again=False)

    @precondition(lambda self: self.model.open and self.model.open.cast)
    @rule(data=st.data(), says=choice)
    def votes_once_more(self, data: st.DataObject, says: Choice) -> None:
        """Whoever has voted tries again, with another choice or the same."""
        ballot = self.model.open
        assert ballot is not None
        one = data.draw(st.sampled_from(sorted(ballot.cast)))
        if ballot.manner == "named":
            self.votes_by_name(one, says)
        else:
            self.votes_in_secret(one, says, again=data.draw(st.booleans()))

    @precondition(lambda self: self.model.state == "open" and self.model.open is None)
    @rule(n=item, how=manner, data=st.data())
    def is_voted_on(self, n: int, how: Manner, data: st.DataObject) -> None:
        """From the question to the result; somebody votes once more, and it is counted once more."""
        self.is_asked(n, how)
        if self.model.open is not None:
            self.everybody_votes(data)
            self.votes_otherwise()
            self.is_counted(1, 0, 0)
            self.count_again(self.model.asked, (2, 1, 0))

    @precondition(lambda self: self.model.results or self.model.void)
    @rule(data=st.data(), typed=st.none() | st.tuples(count, count, count))
    def is_counted_again(self, data: st.DataObject, typed: tuple[int, int, int] | None) -> None:
        ended = sorted({*self.model.results, *self.model.void})
        self.count_again(data.draw(st.sampled_from(ended)), typed)

    def votes_otherwise(self) -> None:
        ballot = self.model.open
        for one, said in sorted(ballot.cast.items())[:1] if ballot else ():
            other = Choice.NO if said == "yes" else Choice.YES
            self.votes_by_name(one, other)
            self.votes_in_secret(one, other, again=True)

    def count_again(self, number: int, typed: tuple[int, int, int] | None) -> None:
        self.both(
            lambda: self.model.count_again(number, typed),
            self.hall.count(self.polls[number], *(typed or ())),
        )

    @precondition(lambda self: self.model.open)
    @rule(yes=count, no=count, abstain=count)
    def is_counted(self, yes: int, no: int, abstain: int) -> None:
        ballot = self.model.open
        assert ballot is not None
        typed = (yes, no, abstain) if ballot.manner == "hands" else ()
        self.both(lambda: self.model.count((yes, no, abstain)), self.hall.count(self.poll, *typed))

    @precondition(lambda self: self.polls)
    @rule()
    def is_called_off(self) -> None:
        if self.model.asked in self.model.void:
            return
        poll = self.poll
        self.both(
            self.model.off,
            self.hall.do(lambda s: polls.call_off(s, poll, self.hall.order())),
        )

    @rule(n=item, outcome=st.sampled_from([Outcome.DONE, Outcome.DEFERRED]))
    def is_finished(self, n: int, outcome: Outcome) -> None:
        hall, ended = self.hall, self.items[n]
        self.both(
            lambda: self.model.finish(n, outcome.value),
            hall.do(
                lambda s: room.finish_item(s, hall.session_id, ended, hall.order(), outcome=outcome)
            ),
        )

    @precondition(lambda self: self.model.results or self.model.void)
    @rule(rarely=st.integers(0, 3))
    def closes(self, rarely: int) -> None:
        if rarely == 0:
            self.both(self.model.end, self.hall.close())

    @invariant()
    def agree(self) -> None:
        self.run(self.compare())

    async def compare(self) -> None:
        view, hall = await self.hall.view(), self.hall
        assert str(view.meeting.status) == self.model.state
        assert [one.member.id for one in view.there] == [
            hall.members[one] for one in self.model.there
        ]
        assert (view.running is not None) is (self.model.open is not None)
        if view.running is not None and self.model.open is not None:
            ballot = self.model.open
            assert view.running.eligible == len(ballot.voters)
            assert view.running.cast == (None if ballot.manner == "hands" else len(ballot.cast))
            frozen = {hall.members[one] for one in ballot.voters}
            assert {one.id for one in view.running.voters} == frozen
        await self.compare_results()

    async def compare_results(self) -> None:
        """What came out is what the model says, adds up from the ballots, and is never another again."""
        async with self.hall.service.db.read() as session:
            found = {vote.id: vote for vote in await session.scalars(select(Vote))}
            rows = (await session.scalars(select(Elector))).all()
            named = (await session.scalars(select(NamedBallot))).all()
            slips = {poll: await published_slips(session, poll) for poll in self.polls.values()}
        lists = Counter(row.poll_id for row in rows)
        for poll in lists:
            entries = frozenset((row.member_id, row.barred) for row in rows if row.poll_id == poll)
            assert self.lists.setdefault(poll, entries) == entries
        assert set(found) == {self.polls[number] for number in self.model.results}
        for number, result in self.model.results.items():
            vote = found[self.polls[number]]
            counts = vote.counts
            names = ("yes", "no", "abstain", "members", "present", "recused")
            assert (str(vote.verdict), *(counts[one] for one in names)) == result
            kept = {**counts, "verdict": vote.verdict, "margin": vote.margin, "rules": vote.rules}
            assert self.kept.setdefault(vote.id, kept) == kept
            self.recount(vote, named, slips[vote.id])

    def recount(self, vote: Vote, named: Any, slips: Any) -> None:
        counts, mine = vote.counts, [one for one in named if one.poll_id == vote.id]
        may = {member for member, barred in self.lists[vote.id] if barred is None}
        assert counts["eligible"] == len(may)
        if vote.manner is Manner.NAMED:
            assert {one.member_id for one in mine} <= may
            said = Counter(one.choice.value for one in mine)
            assert all(said[one] == counts[one] for one in ("yes", "no", "abstain"))
        elif vote.manner is Manner.SECRET:
            found = tally(slips)
            assert (found.yes, found.no, found.abstain) == (
                counts["yes"],
                counts["no"],
                counts["abstain"],
            )
            assert found.cast <= len(may)


def play(databases: Databases, files: Path, *, examples: int, steps: int) -> None:
    story = type("Story", (Story,), {"databases": databases, "files": files})
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def anywhere(dialect: str, request: pytest.FixtureRequest) -> Databases:
    kind = "sqlite_databases" if dialect == "sqlite" else "postgres_databases"
    databases: Databases = request.getfixturevalue(kind)
    return databases


def test_an_evening_in_the_room_agrees_with_the_model(anywhere: Databases, tmp_path: Path) -> None:
    play(anywhere, tmp_path, examples=10, steps=30)


@pytest.mark.long
def test_and_so_do_many_more_and_longer_evenings(anywhere: Databases, tmp_path: Path) -> None:
    play(anywhere, tmp_path, examples=40, steps=50)
