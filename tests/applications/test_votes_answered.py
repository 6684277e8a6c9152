"""Words of the board in any order and more than once: one state comes out, or they wait and succeed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, Final
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.applications.commands.budget import set_budget
from services.applications.commands.cases import withdraw
from services.applications.commands.formal import admit, correction_done, judge, request_correction
from services.applications.domain import Application, Decision, Grant, IllegalMove
from services.applications.domain.checklist import Judgement
from shared.clock import SetClock
from shared.events.applications import CheckItem
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
    Way,
)
from shared.service import Service
from tests.applications.model import seen
from tests.applications.model.driver import COUNTS, FUND, RULES, START, House, uid

SOON, LATER = START + timedelta(days=20), START + timedelta(days=50)
GRANT, DEFER = Motion.GRANT, Motion.DEFER
YES, NO, TIED = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.TIED
CASE: Final = uid("application", 0)


def scheduled(session: int, at: datetime) -> SessionScheduled:
    return SessionScheduled(
        at=START,
        session_id=uid("session", session),
        board="Freunde Westhagens",
        starts_at=at,
        place="Treffpunkt",
        submission_deadline=at - timedelta(days=14),
    )


def postponed(session: int, at: datetime, version: int = 2) -> SessionPostponed:
    return SessionPostponed(
        **scheduled(session, at).model_dump(exclude={"event_id", "subject_version"}),
        previous_starts_at=SOON,
        previous_submission_deadline=SOON,
        reason=PostponeReason.ROOM,
        subject_version=version,
    )


def cancelled(session: int, at: datetime, version: int = 2) -> SessionCancelled:
    return SessionCancelled(
        at=START,
        session_id=uid("session", session),
        board="Freunde Westhagens",
        starts_at=at,
        reason="Der Raum ist gesperrt.",
        subject_version=version,
    )


def placed(item: int, session: int = 1, at: datetime = SOON) -> AgendaItemPlaced:
    return AgendaItemPlaced(
        at=START,
        item_id=uid("item", item),
        session_id=uid("session", session),
        application_id=CASE,
        starts_at=at,
        place="Treffpunkt",
        position=1,
    )


def removed(item: int, session: int = 1) -> AgendaItemRemoved:
    return AgendaItemRemoved(
        at=START,
        item_id=uid("item", item),
        session_id=uid("session", session),
        application_id=CASE,
    )


def vote(
    item: int,
    verdict: Verdict = YES,
    motion: Motion = GRANT,
    *,
    session: int = 1,
    cents: int | None = 40_000,
    way: Way = Way.MEETING,
) -> VoteClosed:
    return VoteClosed(
        at=START,
        vote_id=uuid4(),
        item_id=uid("item", item),
        session_id=uid("session", session),
        application_id=CASE,
        motion=motion,
        verdict=verdict,
        reason="simple_majority",
        margin=1,
        counts=COUNTS,
        rules={},
        amount_cents=cents,
        way=way,
    )


def in_any_order(events: Sequence[Event]) -> Iterator[tuple[Event, ...]]:
    """Every order in which the bus can bring them: those of one subject stay as they were told."""
    for order in permutations(range(len(events))):
        told = [events[n] for n in order]
        by_subject = {one.subject: [e for e in told if e.subject == one.subject] for one in events}
        if all(
            found == [one for one in events if one.subject == subject]
            for subject, found in by_subject.items()
        ):
            yield tuple(told)


async def money(house: House, cents: int = 100_000) -> None:
    async with house.service.db.begin() as session:
        await set_budget(session, FUND, 2026, cents, house.order(uuid4()), rules=RULES)


async def checked(house: House, *, ready: bool = True) -> None:
    """Application 0 is handed in and, if ready, admitted."""
    await house.submit(0, 60_000)

    async def check(session: Any, one: Application) -> None:
        for item in (CheckItem.WHO_MAY_APPLY, CheckItem.NOT_BEGUN):
            await judge(session, one, item, Judgement.YES, actor="office", at=START)
        if ready:
            await admit(session, one, seals=house.service.seals, actor="office", at=START)

    await house.on(0, check)


async def taken_back(house: House) -> None:
    async def take(session: Any, one: Application) -> None:
        await withdraw(session, one, actor="applicant", at=START)

    await house.on(0, take)


async def state(house: House) -> tuple[Any, ...]:
    """Where the application stands, what is reserved, and what waits."""
    async with house.service.db.read() as session:
        await seen.check_money(session, FUND)
        [case] = (await seen.cases(session)).values()
        reserved = [grant.amount_cents for grant in await session.scalars(select(Grant))]
        return case[0], case[1], reserved, await seen.parked(session)


@pytest.fixture
def house(applications: Service, clock: SetClock) -> House:
    clock.set(START)
    return House(applications, clock)


TWO: Final = uid("session", 2)
STORIES: Final[list[tuple[str, list[Event], tuple[Any, ...]]]] = [
    ("granted", [placed(1), vote(1)], ("granted", uid("session", 1), [40_000], [])),
    ("rejected", [placed(1), vote(1, NO)], ("rejected", uid("session", 1), [], [])),
    ("tied", [placed(1), vote(1, TIED)], ("rejected", uid("session", 1), [], [])),
    ("taken off", [placed(1), removed(1)], ("deferred", TWO, [], [])),
    ("cancelled", [placed(1), cancelled(1, SOON), removed(1)], ("deferred", TWO, [], [])),
    (
        "put off, then granted",
        [placed(1), vote(1, YES, DEFER), placed(2, 2, LATER), vote(2, session=2)],
        ("granted", TWO, [40_000], []),
    ),
    (
        "moved, then rejected",
        [placed(1), removed(1), placed(2, 2, LATER), vote(2, NO, session=2)],
        ("rejected", TWO, [], []),
    ),
    (
        "no quorum, then put off no longer, then granted",
        [
            placed(1),
            vote(1, Verdict.NO_QUORUM),
            placed(2, 2, LATER),
            vote(2, NO, DEFER, session=2),
            vote(2, session=2),
        ],
        ("granted", TWO, [40_000], []),
    ),
    (
        "not covered, then less",
        [placed(1), vote(1, cents=60_000), vote(1, cents=50_000)],
        ("granted", uid("session", 1), [50_000], []),
    ),
    (
        "in writing",
        [placed(1), vote(1, way=Way.CIRCULAR)],
        ("granted", uid("session", 1), [40_000], []),
    ),
    (
        "rejected in writing",
        [placed(1), vote(1, NO, way=Way.CIRCULAR)],
        ("rejected", uid("session", 1), [], []),
    ),
    (
        "urgent, then too late for the session",
        [placed(1), vote(1, way=Way.URGENT), vote(1, NO)],
        ("granted", uid("session", 1), [40_000], []),
    ),
    (
        "void, then counted",
        [placed(1), vote(1, Verdict.VOID), vote(1)],
        ("granted", uid("session", 1), [40_000], []),
    ),
]


@pytest.mark.parametrize(
    ("name", "events", "expected"), STORIES, ids=[name for name, *_ in STORIES]
)
async def test_every_order_and_every_duplicate_lead_to_the_same_state(
    fresh_database: Any, house: House, name: str, events: list[Event], expected: tuple[Any, ...]
) -> None:
    for n, told in enumerate(in_any_order(events)):
        if n:
            house = await another(house, fresh_database)
        await money(house, 50_000)
        await house.hear(scheduled(1, SOON), scheduled(2, LATER))
        await checked(house)
        for event in told:
            await house.hear(event)
            await house.hear(event)
        await house.retry()
        await house.hear(*told)
        found = await state(house)
        if n:
            await house.service.close()
        assert found == expected, f"{name}: {[type(one).__name__ for one in told]}"


async def another(house: House, fresh_database: Any) -> House:
    """The same with a database of its own."""
    own = await fresh_database("applications")
    keys = house.service.settings.keys_database_url
    settings = house.service.settings.model_copy(
        update={"database_url": own, "keys_database_url": keys}
    )
    return House(Service.open("applications", settings, house.clock), house.clock)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_dates_of_the_board_in_any_order_leave_the_application_at_the_same_session(
    house: House, order: tuple[int, ...]
) -> None:
    words = [scheduled(1, SOON), scheduled(2, LATER), cancelled(1, SOON)]
    await house.submit(0, 60_000)
    for n in order:
        await house.hear(words[n])
        await house.hear(words[n])
    assert await state(house) == ("submitted", TWO, [], [])


async def test_a_vote_waits_while_a_correction_is_pending_and_counts_afterwards(
    house: House,
) -> None:
    await money(house)
    await house.hear(scheduled(1, SOON))
    await checked(house, ready=False)

    async def ask(session: Any, one: Application) -> None:
        await request_correction(
            session,
            one,
            [CheckItem.QUOTES],
            text="",
            due_at=SOON,
            seals=house.service.seals,
            actor="office",
            at=START,
        )

    async def complete(session: Any, one: Application) -> None:
        await correction_done(session, one, actor="applicant", at=START)
        await admit(session, one, seals=house.service.seals, actor="office", at=START)

    await house.on(0, ask)
    events = [placed(1), vote(1)]
    await house.hear(*events)
    await house.retry()
    waiting = await state(house)
    assert (waiting[0], len(waiting[3])) == ("correction_requested", 2)
    await house.on(0, complete)
    await house.retry()
    assert await state(house) == ("granted", uid("session", 1), [40_000], [])


@pytest.mark.parametrize("after", range(4))
async def test_a_withdrawal_between_the_words_never_leaves_money_behind(
    house: House, after: int
) -> None:
    await money(house)
    await house.hear(scheduled(1, SOON), scheduled(2, LATER))
    await checked(house)
    for n, event in enumerate([placed(1), vote(1, Verdict.VOID), vote(1), removed(1)]):
        if n == after != 3:
            await taken_back(house)
        await house.hear(event)
    if after == 3:
        with pytest.raises(IllegalMove):
            await taken_back(house)
    status, _, reserved, parked = await state(house)
    assert (status, reserved) == (("granted", [40_000]) if after == 3 else ("withdrawn", []))
    assert not parked


async def test_a_vote_on_an_item_it_stands_on_no_longer_counts_for_nothing(house: House) -> None:
    await money(house)
    await house.hear(scheduled(1, SOON), scheduled(2, LATER))
    await checked(house)
    await house.hear(placed(1), removed(1), placed(2, 2, LATER), vote(1))
    assert await state(house) == ("scheduled", TWO, [], [])
    async with house.service.db.read() as session:
        [kept] = await session.scalars(select(Decision.outcome))
    assert kept == "nothing"


async def test_it_cannot_stand_on_two_agendas_the_later_word_waits(house: House) -> None:
    await house.hear(scheduled(1, SOON), scheduled(2, LATER))
    await checked(house)
    await house.hear(placed(1), placed(2, 2, LATER))
    assert (await state(house))[:2] == ("scheduled", uid("session", 1))
    await house.hear(removed(1))
    await house.retry()
    assert await state(house) == ("scheduled", TWO, [], [])


@pytest.mark.parametrize("cents", [0, -500, 60_001])
async def test_a_sum_nobody_can_have_voted_for_is_put_aside_for_a_person(
    house: House, cents: int
) -> None:
    await money(house)
    await house.hear(scheduled(1, SOON))
    await checked(house)
    odd = vote(1, cents=cents)
    await house.hear(placed(1), odd)
    await house.retry()
    assert await state(house) == ("scheduled", uid("session", 1), [], [odd.event_id])


async def test_who_waits_for_a_postponed_session_waits_until_its_new_date(house: House) -> None:
    await house.hear(scheduled(1, SOON))
    await checked(house)
    await house.hear(placed(1), postponed(1, LATER))
    async with house.service.db.read() as session:
        [case] = (await seen.cases(session)).values()
    assert case[3] == LATER


async def test_a_cancelled_session_hands_on_in_the_order_of_arrival_before_newer_ones(
    house: House,
) -> None:
    await house.hear(scheduled(1, SOON))
    for n in range(3):
        await house.submit(n, 10_000)
        house.clock.set(house.clock.now() + timedelta(hours=1))
    await house.hear(scheduled(2, LATER), cancelled(1, SOON))
    await house.submit(3, 10_000)
    async with house.service.db.read() as session:
        waiting = select(Application.id).where(Application.session_id == TWO)
        in_order = await session.scalars(waiting.order_by(Application.submitted_at, Application.id))
        told, _years = await seen.told(session)
        assert list(in_order) == [uid("application", n) for n in range(4)]
    assert [len(told[n]) for n in range(4)] == [1, 1, 1, 0]
    assert all(
        told[n] == [("ApplicationPlaced", TWO, False, "session_cancelled")] for n in range(3)
    )
