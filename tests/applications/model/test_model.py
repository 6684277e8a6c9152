"""Random stories played against the service and against the model, which have to agree."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

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
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.budget import release, set_budget
from services.applications.commands.cases import withdraw
from services.applications.commands.decide import NotForTheOffice, TooMuch
from services.applications.commands.erase import erase_person
from services.applications.commands.formal import (
    correction_done,
    judge,
    request_correction,
    withdraw_correction,
)
from services.applications.commands.grants import (
    accept,
    city_agrees,
    conditions_of,
    end,
    meet_condition,
)
from services.applications.commands.held import (
    Admit,
    AlreadyHeld,
    DecideOwn,
    NothingHeld,
    Refuse,
    settle_result,
    take_back,
    tell_now,
)
from services.applications.commands.money import NoBudget, locked_application
from services.applications.domain import Application, IllegalMove, Status
from services.applications.domain.checklist import Judgement, NotChecked
from services.applications.domain.grant import ConditionClosed, NotYetEffective
from services.applications.domain.ledger import BudgetTooSmall, NotCovered, ReleasedTooMuch
from shared.clock import SetClock
from shared.days import local_day
from shared.events.applications import CheckItem, RevokedBecause, Signed
from shared.events.base import Event
from shared.events.meetings import (
    AgendaItemPlaced,
    AgendaItemRemoved,
    Motion,
    PostponeReason,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
    Verdict,
    VoteClosed,
    VotedCondition,
)
from shared.once import CommandConflict
from shared.service import Service
from tests.applications.conftest import settings_for
from tests.applications.model import seen
from tests.applications.model.cases import BERLIN, No
from tests.applications.model.driver import COUNTS, FUND, RULES, START, House, uid
from tests.applications.model.model import Fund
from tests.support.databases import Databases

REFUSALS: Final = (
    AlreadyHeld,
    BudgetTooSmall,
    ConditionClosed,
    IllegalMove,
    NoBudget,
    NotChecked,
    NotCovered,
    NotForTheOffice,
    NotYetEffective,
    NothingHeld,
    ReleasedTooMuch,
    TooMuch,
)
SAID: Final = {
    "accepted": (Motion.GRANT, Verdict.ACCEPTED),
    "rejected": (Motion.GRANT, Verdict.REJECTED),
    "tied": (Motion.GRANT, Verdict.TIED),
    "no_quorum": (Motion.GRANT, Verdict.NO_QUORUM),
    "void": (Motion.GRANT, Verdict.VOID),
    "vote": (Motion.DEFER, Verdict.ACCEPTED),
    "not_put_off": (Motion.DEFER, Verdict.REJECTED),
}
"""Words of the model for what a vote can come to."""

case = st.integers(0, 3) | st.integers(0, 5)
session = st.integers(0, 1) | st.integers(0, 3)
cents = st.sampled_from([10_000, 25_000, 30_000, 30_001, 60_000, 80_000, 80_001, 120_000])
budget = st.sampled_from([0, 20_000, 60_000, 100_000, 150_000, 260_000])
span = st.sampled_from(
    [
        timedelta(seconds=1),
        timedelta(minutes=10),
        timedelta(hours=7),
        timedelta(days=1),
        timedelta(days=6),
        timedelta(days=13, hours=14),
        timedelta(days=30),
    ]
)
PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
STAGES: Final = st.sampled_from(["new", "scheduled", "granted", "granted"])
DUES: Final = st.lists(st.integers(0, 20), max_size=2)
Do = Callable[[AsyncSession], Awaitable[Any]]


class Story(RuleBasedStateMachine):
    """One fund, six applications, four sessions; whatever happens, in any order."""

    databases: Databases
    files: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock, self.model = SetClock(START), Fund(START)
        self.house = House(self.run(self.open()), self.clock)
        self.words: dict[int, int] = {}
        self.items: list[tuple[int, int, int]] = []
        self.log: list[Event] = []
        self.parked: list[tuple[Any, Event, Callable[[], None]]] = []
        self.last: tuple[UUID, Any] | None = None

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)

    async def open(self) -> Service:
        database = await self.databases.fresh("applications")
        keys = await self.databases.fresh("keys")
        where = settings_for(database, keys, f"unix://{self.files}/no-redis.sock", self.files)
        return Service.open("applications", where, self.clock)

    def teardown(self) -> None:
        self.run(self.house.service.close())
        self.run(self.databases.remove_all())
        self.runner.close()

    # --- what both have to do alike

    def both(self, content: Any, do: Do, act: Callable[[], Any]) -> None:
        """A command: done by both, or refused by both."""
        command_id = uuid4()
        try:
            self.run(self.house.once(command_id, content, do))
            refused = None
        except REFUSALS as error:
            refused = error
        try:
            act()
        except No:
            assert refused, f"the model refuses {content}"
            return
        assert refused is None, f"the model allows {content}: {refused!r}"
        self.last = command_id, content

    def on(self, n: int, content: Any, do: Any, act: Callable[[], Any]) -> None:
        """A command about one application that is there."""

        async def locked(session: AsyncSession) -> None:
            await do(session, await locked_application(session, uid("application", n)))

        if n in self.model.cases:
            self.both((n, content), locked, act)

    def tell(self, event: Event, act: Callable[[], None]) -> None:
        """An event of meetings arrives; what cannot be answered waits with all of its subject."""
        self.log.append(event)
        self.run(self.house.hear(event))
        waiting = {one[0] for one in self.parked}
        self.parked.append((event.subject, event, act))
        if event.subject not in waiting:
            self.answer(self.parked[-1:])

    def answer(self, events: list[Any]) -> None:
        """What the model can answer of these waits no longer."""
        for one in events:
            with suppress(No):
                one[2]()
                self.parked.remove(one)

    # --- the office and the applicants

    @initialize(
        given=st.sampled_from([100_000, 150_000, 260_000]),
        freed=budget,
        first=st.lists(st.tuples(cents, STAGES, DUES), min_size=3, max_size=4),
    )
    def a_year(self, given: int, freed: int, first: list[tuple[int, str, list[int]]]) -> None:
        """A fund at work: money, two sessions, and applications here and there on their way."""
        self.council("BudgetSet", 2026, given)
        self.council("BudgetReleased", 2026, min(given, freed))
        for n, days in enumerate((20, 50)):
            self.plan_a_session(n=n, days=days, notice=14)
        for n, (asked, stage, dues) in enumerate(first):
            self.hand_in(asked=asked, days=0)
            if stage != "new":
                self.all_the_way(n=n, on=0, granted=stage == "granted", dues=dues)

    @precondition(lambda self: len(self.model.cases) < 6)
    @rule(asked=cents, days=st.sampled_from([0, 0, 0, 3, 20]))
    def hand_in(self, asked: int, days: int) -> None:
        n, arrival = len(self.model.cases), self.model.now - timedelta(days=days)
        self.run(self.house.submit(n, asked, arrived_at=arrival if days else None))
        self.model.submit(n, asked, arrival)

    @rule(n=case, yes=st.booleans())
    def judge(self, n: int, yes: bool) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            for item in (CheckItem.WHO_MAY_APPLY, CheckItem.NOT_BEGUN):
                said = Judgement.YES if yes else Judgement.NO
                await judge(session, one, item, said, actor="office", at=self.clock.now())

        self.on(n, ("judge", yes), do, lambda: self.model.judge(n, yes))

    @rule(n=case)
    def request_correction(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            at, items = self.clock.now(), [CheckItem.QUOTES]
            await request_correction(
                session,
                one,
                items,
                text="Bitte noch drei Angebote.",
                due_at=RULES.due(at, RULES.correction_days),
                seals=self.house.service.seals,
                actor="office",
                at=at,
            )

        self.on(n, "ask", do, lambda: self.model.move(n, "CorrectionRequested"))

    @rule(n=case)
    def complete(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            await correction_done(session, one, actor="applicant", at=self.clock.now())

        self.on(n, "complete", do, lambda: self.model.move(n, "CorrectionReceived"))

    @rule(n=case)
    def ask_no_more(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            await withdraw_correction(session, one, actor="office", at=self.clock.now())

        self.on(n, "ask no more", do, lambda: self.model.move(n, "CorrectionWithdrawn"))

    @rule(n=case, act=st.sampled_from(["admit", "admit", "refuse", "yes", "no"]), cents=cents)
    def hold(self, n: int, act: str, cents: int) -> None:
        if n not in self.model.cases:
            return
        result: Any = {
            "admit": Admit(),
            "refuse": Refuse(reasons=[CheckItem.CAP]),
            "yes": DecideOwn(cents=cents),
            "no": DecideOwn(cents=None),
        }[act]
        name = {
            "admit": "ApplicationAdmitted",
            "refuse": "ApplicationFoundInadmissible",
            "yes": "GrantReserved",
            "no": "ApplicationRejected",
        }[act]
        command_id = uuid4()

        async def do(session: AsyncSession) -> None:
            seals = self.house.service.seals
            order = self.house.order(command_id)
            await settle_result(session, uid("application", n), result, order, seals=seals)

        given = cents if act == "yes" else 0
        self.both((n, act, cents), do, lambda: self.model.hold(n, name, given))

    @rule(n=case, tell=st.booleans())
    def no_longer_on_hold(self, n: int, tell: bool) -> None:
        async def do(session: AsyncSession) -> None:
            of = uid("application", n)
            if tell:
                await tell_now(session, of, seals=self.house.service.seals, at=self.clock.now())
            else:
                await take_back(session, of, self.house.order(uuid4()))

        if n in self.model.cases:
            self.both((n, tell), do, lambda: self.model.unhold(n, tell))

    @rule(n=case)
    def withdraw(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            await withdraw(session, one, actor="applicant", at=self.clock.now())

        def act() -> None:
            if self.model.cases[n].status != "withdrawn":
                self.model.move(n, "ApplicationWithdrawn")

        self.on(n, "withdraw", do, act)

    @rule(n=case)
    def accept(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            at = self.clock.now()
            signed, day = Signed.ONLINE, local_day(at)
            await accept(session, one, signed=signed, signed_on=day, actor="applicant", at=at)

        self.on(n, "accept", do, lambda: self.model.move(n, "AgreementSigned"))

    @rule(n=case, which=st.integers(0, 1))
    def meet_a_condition(self, n: int, which: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            found = {c.position: c.id for c in await conditions_of(session, one.id)}
            nothing = UUID(int=0)
            of = found.get(which, nothing)
            await meet_condition(session, one, of, actor="office", at=self.clock.now())

        self.on(n, ("meet", which), do, lambda: self.model.meet(n, which))

    @rule(n=case)
    def the_city_agrees(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            await city_agrees(session, one, actor="office", at=self.clock.now())

        self.on(n, "city", do, lambda: self.model.city(n))

    @rule(n=case, how=st.sampled_from(["GrantDeclined", "office", "city"]))
    def end(self, n: int, how: str) -> None:
        told = how if how == "GrantDeclined" else "GrantRevoked"
        facts = () if how == told else (how,)
        as_ = Status.DECLINED if how == told else Status.REVOKED
        because = RevokedBecause(how) if facts else RevokedBecause.OFFICE

        async def do(session: AsyncSession) -> None:
            at, of = self.clock.now(), uid("application", n)
            await end(session, of, as_, actor="office", at=at, because=because)

        if n in self.model.cases:
            self.both((n, how), do, lambda: self.model.end(n, told, *facts))

    @rule(
        told=st.sampled_from(["BudgetSet", "BudgetReleased"]),
        year=st.sampled_from([2026, 2026, 2027]),
        cents=budget,
    )
    def council(self, told: str, year: int, cents: int) -> None:
        command_id = uuid4()

        async def do(session: AsyncSession) -> None:
            order = self.house.order(command_id)
            if told == "BudgetSet":
                await set_budget(session, FUND, year, cents, order, rules=RULES)
            else:
                await release(session, FUND, year, cents, order)

        self.both((told, year, cents), do, lambda: self.model.council(year, told, cents))

    @rule(n=case)
    def erase(self, n: int) -> None:
        async def do(session: AsyncSession, one: Application) -> None:
            assert one.person_id is not None
            ids, at = [one.person_id], self.clock.now()
            await erase_person(session, person_id=ids[0], person_ids=ids, actor="office", at=at)

        self.on(n, "erase", do, lambda: self.model.erase(n))

    @rule(same=st.booleans())
    def repeat_the_last_command(self, same: bool) -> None:
        """M4: the same again does nothing, other content under the same id is refused."""

        async def never(_session: AsyncSession) -> None:
            raise AssertionError("carried out twice")

        if self.last is None:
            return
        command_id, content = self.last
        if same:
            assert not self.run(self.house.once(command_id, content, never))
        else:
            with pytest.raises(CommandConflict):
                self.run(self.house.once(command_id, ["other", content], never))

    # --- the board

    @rule(n=session, days=st.integers(1, 60), notice=st.sampled_from([2, 14]))
    def plan_a_session(self, n: int, days: int, notice: int) -> None:
        at = self.model.now + timedelta(days=days, minutes=n)
        until, known = at - timedelta(days=notice), self.model.sessions.get(n)
        self.words[n] = word = self.words.get(n, 0) + 1
        says: dict[str, Any] = {
            "at": self.model.now,
            "session_id": uid("session", n),
            "board": "Freunde Westhagens",
            "starts_at": at,
            "place": "Treffpunkt",
            "submission_deadline": until,
            "subject_version": word,
        }
        if known is None:
            event: Event = SessionScheduled(**says)
        else:
            event = SessionPostponed(
                **says,
                previous_starts_at=known.at,
                previous_submission_deadline=known.at,
                reason=PostponeReason.ROOM,
            )
        because = "session_planned" if known is None else "session_postponed"
        self.tell(event, lambda: self.model.session(n, word, because, at=at, until=until))

    @rule(n=session, older=st.booleans())
    def cancel_a_session(self, n: int, older: bool) -> None:
        known = self.model.sessions.get(n)
        if known is None or (older and self.words[n] < 2):
            return
        self.words[n] += not older
        word = self.words[n] - older
        event = SessionCancelled(
            at=self.model.now,
            session_id=uid("session", n),
            board="Freunde Westhagens",
            starts_at=known.at,
            reason="Der Raum ist gesperrt.",
            subject_version=word,
        )
        self.tell(event, lambda: self.model.session(n, word, "session_cancelled", at=known.at))

    @rule(n=case, on=session)
    def place_an_item(self, n: int, on: int) -> None:
        if n not in self.model.cases or on not in self.model.sessions:
            return
        item, at = len(self.items), self.model.at_of(on)
        self.items.append((item, n, on))
        event = AgendaItemPlaced(
            at=self.model.now,
            item_id=uid("item", item),
            session_id=uid("session", on),
            application_id=uid("application", n),
            starts_at=at,
            place="Treffpunkt",
            position=1,
        )
        self.tell(event, lambda: self.model.placed(n, item, on, at))

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def remove_an_item(self, data: st.DataObject) -> None:
        item, n, on = data.draw(st.sampled_from(self.items[-4:]))
        event = AgendaItemRemoved(
            at=self.model.now,
            item_id=uid("item", item),
            session_id=uid("session", on),
            application_id=uid("application", n),
        )
        self.tell(event, lambda: self.model.removed(n, item))

    @precondition(lambda self: self.items)
    @rule(
        data=st.data(),
        says=st.sampled_from(["accepted"] * 4 + list(SAID)),
        cents=cents,
        dues=DUES,
    )
    def vote(self, data: st.DataObject, says: str, cents: int, dues: list[int]) -> None:
        item = data.draw(st.sampled_from(self.items[-4:]))
        self.close_vote(item, says=says, cents=cents, dues=dues)

    def close_vote(
        self, item: tuple[int, int, int], *, says: str, cents: int, dues: list[int]
    ) -> None:
        number, n, on = item
        at, (motion, verdict) = self.model.now, SAID[says]
        days = [local_day(at) + timedelta(days=due) for due in dues]
        event = VoteClosed(
            at=at,
            vote_id=uuid4(),
            item_id=uid("item", number),
            session_id=uid("session", on),
            application_id=uid("application", n),
            motion=motion,
            verdict=verdict,
            reason="simple_majority",
            margin=1,
            counts=COUNTS,
            rules={},
            amount_cents=cents,
            conditions=[VotedCondition(text="Ein Plakat", due_on=day) for day in days],
        )
        ends = [_last_second(day) for day in days]
        heard = "rejected" if says == "tied" else says
        self.tell(event, lambda: self.model.vote(n, number, heard, cents, ends, at))

    @rule(n=case, on=session, granted=st.booleans(), dues=DUES)
    def all_the_way(self, n: int, on: int, granted: bool, dues: list[int]) -> None:
        """What would rarely happen by chance: checked, admitted, on an agenda, granted."""
        if n not in self.model.cases or on not in self.model.sessions:
            return
        self.judge(n=n, yes=True)
        self.hold(n=n, act="admit", cents=10_000)
        self.no_longer_on_hold(n=n, tell=True)
        self.place_an_item(n=n, on=on)
        if granted:
            asked = self.model.cases[n].asked
            self.close_vote(self.items[-1], says="accepted", cents=asked, dues=dues)

    # --- the bus and the clock

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def hear_something_again(self, data: st.DataObject) -> None:
        self.run(self.house.hear(data.draw(st.sampled_from(self.log[-10:]))))

    @rule()
    def try_what_is_parked(self) -> None:
        self.run(self.house.retry())
        before = -1
        while self.parked and len(self.parked) != before:
            before = len(self.parked)
            heads = {one[0]: one for one in reversed(self.parked)}
            self.answer([one for one in self.parked if heads[one[0]] is one])

    @rule(span=span)
    def time_passes(self, span: timedelta) -> None:
        to: datetime = self.model.now + span
        while min(self.model.timers.values(), default=to + span) <= to:
            self.model.fire()
            self.clock.set(self.model.now)
            assert self.run(self.house.timers.fire()) == 1
        self.model.now = to
        self.clock.set(to)
        assert self.run(self.house.timers.fire()) == 0

    # --- what has to agree

    @invariant()
    def they_agree(self) -> None:
        self.run(self._compare())

    async def _compare(self) -> None:
        async with self.house.service.db.read() as session:
            await seen.check_money(session, FUND)
            model = self.model
            assert await seen.cases(session) == {n: _case(c) for n, c in model.cases.items()}
            granted = {n: _grant(c.grant) for n, c in model.cases.items() if c.grant}
            assert await seen.grants(session) == granted
            assert await seen.timers(session) == model.timers
            assert await seen.years(session) == {n: _year(y) for n, y in model.years.items()}
            assert await seen.books(session) == model.books
            assert await seen.parked(session) == [one[1].event_id for one in self.parked]
            cases, years = await seen.told(session)
            assert years == model.told
            for n, one in model.cases.items():
                assert cases[n] == [_told(words) for words in one.told]


def _last_second(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=BERLIN)


def _session(n: int | None) -> UUID | None:
    return None if n is None else uid("session", n)


def _case(one: Any) -> tuple[Any, ...]:
    item = uid("item", one.item) if one.status == "scheduled" else None
    held, where = one.held is not None, _session(one.session)
    return one.status, where, one.late, one.due, item, held, one.erased


def _grant(one: Any) -> tuple[Any, ...]:
    return one.year.n, one.cents, one.waits, one.city, one.works, one.by, len(one.open)


def _year(one: Any) -> tuple[int, ...]:
    return one.budget, one.released, one.reserved, one.budget - one.reserved


def _told(words: tuple[Any, ...]) -> tuple[Any, ...]:
    name, *facts = words
    if name == "ApplicationPlaced":
        facts[0] = _session(facts[0])
    if name == "ApplicationDeferred":
        facts[1:] = map(_session, facts[1:])
    return (name, *facts)


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


def test_statuses_books_dates_and_letters_agree_with_the_model(
    anywhere: Databases, tmp_path: Path
) -> None:
    play(anywhere, tmp_path, examples=20, steps=30)


@pytest.mark.long
def test_and_in_many_more_and_longer_stories(anywhere: Databases, tmp_path: Path) -> None:
    play(anywhere, tmp_path, examples=30, steps=60)
