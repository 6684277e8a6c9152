"""Recipients are gathered once each, numbered without gaps, whatever happens to the worker."""

import asyncio
import json
import sys
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.notifications.commands import subscriptions
from services.notifications.domain.issue import IssueKind, IssueLetter, Status
from services.notifications.domain.letter import Reason, State
from services.notifications.domain.subscription import Consent, Subscription
from services.notifications.domain.subscription import Status as Standing
from services.notifications.issues import commands, gathering, queries
from services.notifications.issues.gathering import gather, run_gathering, sweep
from shared.clock import SetClock
from shared.events.people import Contact
from shared.loops import end
from shared.service import Service
from tests.notifications.issues import desk
from tests.notifications.issues.desk import JANA, reader
from tests.notifications.issues.gather_harness import Job
from tests.support.services import SECRET_KEY


async def _under_way(service: Service, kind: IssueKind = IssueKind.NEWSLETTER) -> UUID:
    issue_id = await desk.draft(service, kind)
    await desk.start(service, issue_id)
    return issue_id


async def test_everyone_who_said_yes_is_gathered_once_in_their_language(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 3)
    at = notifications.clock.now()
    rows = [reader(number, at, language="ar" if number % 2 else "de") for number in range(10)]
    await desk.enrol(notifications, rows)
    issue_id = await _under_way(notifications)
    assert await desk.gather_all(notifications) == 4
    copies = await desk.copies(notifications, issue_id)
    assert [copy.number for copy in copies] == list(range(1, 11))
    assert [copy.subscription_id for copy in copies] == [row["id"] for row in rows]
    assert [copy.language for copy in copies] == ["de", "ar"] * 5
    assert {(copy.state, copy.tries, copy.answer) for copy in copies} == {(State.QUEUED, 0, "")}
    issue = await desk.issue(notifications, issue_id)
    assert (issue.gathered, issue.recipients, issue.version) == (True, 10, 2)
    assert not await gather(notifications), "and never again"


async def test_a_copy_says_nothing_of_its_readers_address(notifications: Service) -> None:
    own = reader(1, notifications.clock.now(), address="max@max-mustermann.example")
    await desk.enrol(notifications, [own])
    issue_id = await _under_way(notifications)
    await desk.gather_all(notifications)
    async with notifications.db.read() as session:
        rows = (await session.execute(text("SELECT * FROM issue_letters"))).all()
    [copy] = await desk.copies(notifications, issue_id)
    assert copy.subscription_id == own["id"]
    assert "mustermann" not in str(rows)


async def test_nobody_is_gathered_who_did_not_say_yes_or_cannot_be_reached(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    at = notifications.clock.now()
    gone = {"status": Standing.ENDED, "address": None}
    rows = [
        reader(1, at),
        reader(2, at, status=Standing.REQUESTED),
        reader(3, at, **gone),
        reader(4, at, topics=["press", "sessions"]),
        reader(5, at),
        reader(6, at),
    ]
    await desk.enrol(notifications, rows)
    await desk.suppress(notifications, rows[4]["address_hash"])
    issue_id = await _under_way(notifications)
    await desk.gather_all(notifications)
    copies = await desk.copies(notifications, issue_id)
    assert [(copy.number, copy.subscription_id) for copy in copies] == [
        (1, rows[0]["id"]),
        (2, rows[5]["id"]),
    ]
    async with notifications.db.read() as session:
        assert await queries.reach(session, IssueKind.NEWSLETTER) == 2
        assert await queries.audience(session, IssueKind.NEWSLETTER) == [("de", 2)]
        listed = await queries.readers(session, IssueKind.NEWSLETTER)
        assert [row.id for row in listed.rows] == [rows[0]["id"], rows[5]["id"]]
        assert await queries.reach(session, IssueKind.PRESS) == 1


async def test_whoever_confirms_by_the_letter_is_gathered_and_whoever_ends_it_is_not(
    notifications: Service, clock: SetClock
) -> None:
    for address in ("ja@Post.example", "nein@post.example"):
        async with notifications.db.begin() as session:
            asked = subscriptions.Wish(
                contact=Contact(name="", email=address),
                topics=["newsletter"],
                language="de",
                text="Ja",
                form="/abo",
            )
            await subscriptions.order(session, notifications, asked, at=clock.now())
            newest = select(Consent.id).order_by(Consent.id.desc())
            consent_id = (await session.scalars(newest.limit(1))).one()
            await subscriptions.confirm(session, notifications, consent_id, at=clock.now())
    async with notifications.db.begin() as session:
        ends = select(Subscription.id).where(Subscription.address == "nein@post.example")
        leaving = (await session.scalars(ends)).one()
        await subscriptions.end(session, notifications, leaving, at=clock.now())
    issue_id = await _under_way(notifications)
    await desk.gather_all(notifications)
    [copy] = await desk.copies(notifications, issue_id)
    assert copy.subscription_id != leaving


async def test_an_issue_nobody_ordered_is_over_at_once(notifications: Service) -> None:
    ids = await desk.enrol_many(notifications, 1)
    issue_id = await _under_way(notifications)
    async with notifications.db.begin() as session:
        leaves = await session.get_one(Subscription, ids[0])
        leaves.status = Standing.ENDED
    await desk.gather_all(notifications)
    issue = await desk.issue(notifications, issue_id)
    assert (issue.status, issue.recipients) == (Status.SENT, 0)


async def test_pausing_in_the_middle_leaves_the_rest_for_later(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    await desk.enrol_many(notifications, 7)
    issue_id = await _under_way(notifications)
    assert await gather(notifications)
    async with notifications.db.begin() as session:
        await commands.pause(session, issue_id, by=JANA, at=notifications.clock.now())
    assert not await gather(notifications)
    assert len(await desk.copies(notifications, issue_id)) == 2
    async with notifications.db.begin() as session:
        await commands.resume(session, issue_id, by=JANA, at=notifications.clock.now())
    await desk.gather_all(notifications)
    numbers = [copy.number for copy in await desk.copies(notifications, issue_id)]
    assert numbers == list(range(1, 8))


async def test_stopping_in_the_middle_gathers_nobody_else(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    await desk.enrol_many(notifications, 5)
    issue_id = await _under_way(notifications)
    await gather(notifications)
    async with notifications.db.begin() as session:
        await commands.stop(session, issue_id, by=JANA, at=notifications.clock.now())
    assert not await gather(notifications)
    assert await desk.states(notifications, issue_id) == [State.SUPPRESSED] * 2


async def test_what_a_sender_gives_back_after_the_stop_is_held_back_as_well(
    notifications: Service,
) -> None:
    issue_id = await desk.started(notifications, 2)
    await desk.become(notifications, issue_id, State.SENDING, [1])
    async with notifications.db.begin() as session:
        await commands.stop(session, issue_id, by=JANA, at=notifications.clock.now())
    await desk.become(notifications, issue_id, State.QUEUED, [1])
    await sweep(notifications)
    [first, _] = await desk.copies(notifications, issue_id)
    assert (first.state, first.reason) == (State.SUPPRESSED, Reason.OFFICE)


async def test_two_issues_at_once_do_not_mix(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CHUNK", 2)
    await desk.enrol_many(notifications, 5, topics=["newsletter", "press"])
    letter = await _under_way(notifications)
    release = await _under_way(notifications, IssueKind.PRESS)
    await desk.gather_all(notifications)
    for issue_id in (letter, release):
        numbers = [copy.number for copy in await desk.copies(notifications, issue_id)]
        assert numbers == [1, 2, 3, 4, 5]


async def test_the_loop_begins_when_the_bell_rings_and_rings_it_for_the_senders(
    notifications: Service,
) -> None:
    await desk.enrol_many(notifications, 3)
    issue_id = await desk.draft(notifications)
    heard = notifications.db.bell.listen()
    loop = asyncio.create_task(run_gathering(notifications))
    await asyncio.sleep(0.3)
    heard.clear()
    before = asyncio.get_running_loop().time()
    await desk.start(notifications, issue_id)
    while not (await desk.issue(notifications, issue_id)).gathered:
        await asyncio.sleep(0.01)
    took = asyncio.get_running_loop().time() - before
    assert took < gathering.POLL_SECONDS / 2, "nobody waits for the next poll"
    assert heard.is_set()
    await end(loop)
    notifications.db.bell.leave(heard)
    assert len(await desk.copies(notifications, issue_id)) == 3


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_any_commit_nobody_is_left_out_or_taken_twice(
    notifications: Service, seed: int
) -> None:
    """kill -9 before and after commits, then two workers at once: 1, 2, 3, … and everybody once."""
    ids = await desk.enrol_many(notifications, 60)
    issue_id = await _under_way(notifications)
    settings = notifications.settings
    job = Job(
        database_url=settings.database_url,
        keys_url=settings.keys_database_url,
        secret=SECRET_KEY.get_secret_value(),
        seed=seed,
        chunk=4,
        deaths=6,
        workers=2,
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.notifications.issues.gather_harness",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate(json.dumps(vars(job)).encode() + b"\n")
    assert process.returncode == 0
    assert len(json.loads(said)["died"]) >= 3, "otherwise nothing was tried"
    async with notifications.db.read() as session:
        chosen = select(IssueLetter.number, IssueLetter.subscription_id)
        rows = (await session.execute(chosen.order_by(IssueLetter.number))).all()
    assert [row[0] for row in rows] == list(range(1, 61))
    assert [row[1] for row in rows] == ids
    issue = await desk.issue(notifications, issue_id)
    assert (issue.gathered, issue.recipients) == (True, 60)


async def test_lists_go_on_page_by_page_without_missing_one(
    notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    issue_id = await desk.started(notifications, 10)
    await desk.become(notifications, issue_id, State.FAILED, [2, 9])
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        async with notifications.db.read() as session:
            found = await queries.copies(session, issue_id, "wartet", after=after)
        seen, after = seen + [row.number for row in found.rows], found.more
    assert seen == [1, 3, 4, 5, 6, 7, 8, 10]
    names: list[str] = []
    last: UUID | None = None
    while True:
        async with notifications.db.read() as session:
            page = await queries.readers(session, IssueKind.NEWSLETTER, language="de", after=last)
        names, last = names + [row.name for row in page.rows], page.more
        if last is None:
            break
    assert names == [f"Leserin {number}" for number in range(10)]
