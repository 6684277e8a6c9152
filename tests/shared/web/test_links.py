"""One-time links: once, for one purpose, in time, in the browser that asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, event, select
from sqlalchemy.orm import DeclarativeBase

from shared.clock import SetClock
from shared.store import NAMING, TYPES, Database, connect
from shared.web.links import (
    Issued,
    LinkRefused,
    LinkRow,
    Refusal,
    consume,
    consume_code,
    forget_old,
    issue,
    issue_many,
    look_up,
    revoke,
)

BROWSER, OTHER = "b" * 43, "o" * 43


class Base(DeclarativeBase):
    type_annotation_map = TYPES
    metadata = MetaData(naming_convention=NAMING)


class Link(LinkRow, Base): ...


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    db = connect(database_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield db
    await db.dispose()


async def new_link(db: Database, clock: SetClock, browser: str | None = BROWSER) -> Issued:
    async with db.begin() as session:
        return await issue(
            session,
            Link,
            purpose="sign-in",
            subject="account-1",
            browser=browser,
            at=clock.now(),
            payload={"weiter": "/buero"},
        )


async def use(
    db: Database,
    clock: SetClock,
    token: str,
    *,
    browser: str | None = BROWSER,
    purpose: str = "sign-in",
) -> str:
    """The subject, or why not."""
    try:
        async with db.begin() as session:
            row = await consume(
                session, Link, token, purpose=purpose, browser=browser, at=clock.now()
            )
            return row.subject
    except LinkRefused as refused:
        return refused.reason.value


async def use_code(db: Database, clock: SetClock, code: str, *, browser: str = BROWSER) -> str:
    async with db.begin() as session:
        try:
            row = await consume_code(
                session, Link, code, purpose="sign-in", browser=browser, at=clock.now()
            )
        except LinkRefused as refused:
            return refused.reason.value
        return row.subject


async def test_a_link_opens_once(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    assert await use(db, clock, link.token) == "account-1"
    assert await use(db, clock, link.token) == "used"


async def test_of_many_at_once_one_gets_in(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    answers = await asyncio.gather(*(use(db, clock, link.token) for _ in range(8)))
    assert sorted(answers) == ["account-1"] + ["used"] * 7


async def test_looking_at_it_uses_nothing_up(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    async with db.read() as session:
        row = await look_up(
            session, Link, link.token, purpose="sign-in", browser=BROWSER, at=clock.now()
        )
        assert row.payload == {"weiter": "/buero"}
    assert await use(db, clock, link.token) == "account-1"


async def test_it_opens_for_its_purpose_only(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    assert await use(db, clock, link.token, purpose="invitation") == "unknown"


async def test_it_is_over_after_ten_minutes(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    clock.forward(minutes=10)
    assert await use(db, clock, link.token) == "expired"


async def test_another_browser_does_not_get_in_and_spoils_nothing(
    db: Database, clock: SetClock
) -> None:
    link = await new_link(db, clock)
    for browser in (OTHER, None, ""):
        assert await use(db, clock, link.token, browser=browser) == "other_browser"
    assert await use(db, clock, link.token) == "account-1"


async def test_a_link_without_a_browser_opens_anywhere_and_has_no_code(
    db: Database, clock: SetClock
) -> None:
    link = await new_link(db, clock, browser=None)
    assert link.code is None
    assert await use(db, clock, link.token, browser=OTHER) == "account-1"


async def test_the_code_opens_it_in_the_browser_that_asked(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    assert link.code
    assert await use_code(db, clock, link.code, browser=OTHER) == "unknown"
    assert await use_code(db, clock, f" {link.code.lower()} ") == "account-1"
    assert await use_code(db, clock, link.code) == "used"
    assert await use(db, clock, link.token) == "used"


async def test_five_wrong_codes_close_it(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    assert link.code
    for _ in range(5):
        assert await use_code(db, clock, "AAAA-AAAA") == "wrong_code"
    assert await use_code(db, clock, link.code) == "expired"
    assert await use(db, clock, link.token) == "account-1"


async def test_a_newer_link_can_close_the_older_ones(db: Database, clock: SetClock) -> None:
    old = await new_link(db, clock)
    async with db.begin() as session:
        await revoke(session, Link, purpose="sign-in", subject="account-1")
    assert await use(db, clock, old.token) == "unknown"


async def test_the_newest_of_two_codes_counts(db: Database, clock: SetClock) -> None:
    await new_link(db, clock)
    clock.forward(minutes=1)
    newer = await new_link(db, clock)
    assert newer.code
    assert await use_code(db, clock, newer.code) == "account-1"


async def test_the_table_gives_nothing_away(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    async with db.read() as session:
        [row] = (await session.scalars(select(Link))).all()
        kept = " ".join(str(value) for value in vars(row).values())
    for secret in (link.token, link.code, BROWSER):
        assert str(secret) not in kept
    assert len(link.token) == 43


async def test_old_links_are_forgotten(db: Database, clock: SetClock) -> None:
    link = await new_link(db, clock)
    clock.forward(days=1)
    async with db.begin() as session:
        await forget_old(session, Link, before=clock.now())
    assert await use(db, clock, link.token) == Refusal.UNKNOWN.value


async def test_many_links_are_written_in_one_go_and_each_opens_its_own(
    db: Database, clock: SetClock
) -> None:
    subjects = [f"member-{number}" for number in range(200)]
    sent = list[str]()

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    async with db.begin() as session:
        issued = await issue_many(
            session,
            Link,
            purpose="reply",
            subjects=subjects,
            expires_at=clock.now() + timedelta(days=3),
        )
    event.remove(db.engine.sync_engine, "before_cursor_execute", count)
    assert len([one for one in sent if "INSERT" in one]) < 5
    assert len({one.token for one in issued}) == 200
    async with db.read() as session:
        for subject, one in list(zip(subjects, issued, strict=True))[::50]:
            row = await look_up(session, Link, one.token, purpose="reply", at=clock.now())
            assert row.subject == subject
    clock.forward(days=3)
    with pytest.raises(LinkRefused):
        async with db.read() as session:
            await look_up(session, Link, issued[0].token, purpose="reply", at=clock.now())
