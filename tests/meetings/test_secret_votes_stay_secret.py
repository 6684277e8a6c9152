"""Somebody with every table, every file, every stream and a stopwatch tries to learn who voted how.

They know the order in which the members voted, and look at the database after every ballot. What they
do not have is SECRET_KEY. The same attacks are tried on two naive boxes first, and break them.
"""

import logging
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import make_url, select, text

from services.meetings.commands import polls
from services.meetings.commands.ballots import cast_secret
from services.meetings.domain.codes import NotAReceipt, new_receipt
from services.meetings.domain.polls import (
    Choice,
    Poll,
    PollStatus,
    SecretBox,
    SecretTurnout,
    TooFewForSecret,
)
from services.meetings.domain.slips import AlreadyVoted, ReceiptTaken, Slip, published, tally
from services.meetings.queries.devices import published_slips
from services.meetings.store import Base
from shared.events.meetings import Manner
from shared.service import Service
from tests.meetings.agendas import at_once
from tests.meetings.rooms import Hall, opened

CHOICES: Final = list(Choice)
RECEIPT: Final = re.compile(rb"[A-Z2-9]{20}")
VOTERS: Final = 6
RUNS: Final = 24
CHANCE: Final = RUNS
"""Whoever guesses an order at random hits one ballot a vote on average, however many voters there are."""
BEYOND_CHANCE: Final = CHANCE + 25
"""Five standard deviations (the square root of RUNS each) above what guessing hits."""


async def everything(service: Service, redis: Redis) -> dict[str, list[str]]:
    """Every row of every table with what the database itself knows of it, and every key of Redis."""
    hidden = "xmin, ctid," if service.db.dialect == "postgresql" else "rowid,"
    found = {}
    async with service.db.read() as session:
        for name in Base.metadata.tables:
            rows = await session.execute(text(f'SELECT {hidden} * FROM "{name}"'))
            found[name] = sorted(str(tuple(row)) for row in rows)
    keys = sorted([key async for key in redis.scan_iter("*")])
    found["redis"] = [f"{key!r} {await redis.dump(key)!r}" for key in keys]
    return found


async def raw_bytes(service: Service) -> bytes:
    """The files as they lie on the disk: the whole of SQLite, on PostgreSQL both secret tables."""
    if service.db.dialect == "sqlite":
        path = Path(str(make_url(service.db.url).database))
        return b"".join(one.read_bytes() for one in sorted(path.parent.glob(path.name + "*")))
    read = "SELECT pg_read_binary_file(pg_relation_filepath('{}'))"
    async with service.db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CHECKPOINT"))
        tables = ("secret_boxes", "secret_turnouts")
        found = [(await connection.execute(text(read.format(one)))).scalar() for one in tables]
    return b"".join(bytes(one) for one in found if one is not None)


@dataclass
class Seen:
    """What the attacker noted of one vote; the truth is only there to score them."""

    order: list[UUID] = field(default_factory=list)
    """The members in the order in which they voted."""
    looks: list[bytes] = field(default_factory=list)
    """The box as it lay in the database after each ballot."""
    listed: list[str] = field(default_factory=list)
    """The receipts as they were published."""
    turnout: list[str] = field(default_factory=list)
    """Who voted, as it lay in the database."""
    disk: bytes = b""
    """The files after the count."""
    truth: dict[UUID, str] = field(default_factory=dict)


Attack = Callable[[Seen], dict[UUID, str]]


def by_time(seen: Seen) -> dict[UUID, str]:
    """The first ballot of the list is that of who voted first."""
    return dict(zip(seen.order, seen.listed, strict=False))


def by_time_backwards(seen: Seen) -> dict[UUID, str]:
    """Newest first."""
    return dict(zip(reversed(seen.order), seen.listed, strict=False))


def by_key(seen: Seen) -> dict[UUID, str]:
    """Both lists in the order they lie in belong together."""
    return {UUID(one): slip for one, slip in zip(seen.turnout, seen.listed, strict=False)}


def by_disk(seen: Seen) -> dict[UUID, str]:
    """What lies further back in the file was written first, or last."""
    found = list(dict.fromkeys(one.decode() for one in RECEIPT.findall(seen.disk)))
    ours = [one for one in found if one in set(seen.listed)]
    return dict(zip(reversed(seen.order), ours, strict=False))


def by_difference(seen: Seen) -> dict[UUID, str]:
    """What is in the box after a ballot and was not before is that ballot."""
    guessed, before = {}, set[bytes]()
    for member, look in zip(seen.order, seen.looks, strict=False):
        now = set(RECEIPT.findall(look))
        new = now - before
        if len(new) == 1:
            guessed[member] = new.pop().decode()
        before = now
    return guessed


def by_growth(seen: Seen) -> dict[UUID, str]:
    """A ballot whose bytes stand where the box grew is the newest one: read its place off the list."""
    places, before = [], b""
    for look in seen.looks:
        same = next(
            (n for n, pair in enumerate(zip(before, look, strict=False)) if len(set(pair)) > 1), 0
        )
        places.append(same)
        before = look
    ranked = sorted(range(len(places)), key=lambda one: (places[one], one))
    slips = dict(zip(ranked, seen.listed, strict=False))
    return {member: slips[n] for n, member in enumerate(seen.order) if n in slips}


ATTACKS: Final[Sequence[Attack]] = (
    by_time,
    by_time_backwards,
    by_key,
    by_disk,
    by_difference,
    by_growth,
)


def hits(attack: Attack, votes: Sequence[Seen]) -> int:
    """How many ballots were joined to their member."""
    return sum(
        seen.truth[member] == slip for seen in votes for member, slip in attack(seen).items()
    )


async def watched(hall: Hall) -> Seen:
    """One secret vote in which everybody votes in a random order, watched by the attacker."""
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    seen = Seen(order=random.sample(hall.members, len(hall.members)))
    for member in seen.order:
        seen.truth[member] = await hall.slip(poll, member, random.choice(CHOICES))
        async with hall.service.db.read() as session:
            box = (await session.scalars(select(SecretBox).where(SecretBox.poll_id == poll))).one()
            came = await session.get_one(SecretTurnout, poll)
            seen.looks.append(bytes(box.sealed) + str(box.slips).encode())
            seen.turnout = list(came.member_ids)
    await hall.count(poll)
    async with hall.service.db.read() as session:
        seen.listed = [slip.receipt for slip in await published_slips(session, poll)]
    seen.disk = await raw_bytes(hall.service)
    return seen


async def test_nobody_joins_members_and_ballots_by_order_key_time_or_place(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=VOTERS, absent=0)
    votes = [await watched(hall) for _run in range(RUNS)]
    assert all(set(seen.listed) == set(seen.truth.values()) for seen in votes)
    assert all(seen.turnout == sorted(seen.turnout) for seen in votes)
    found = {attack.__name__: hits(attack, votes) for attack in ATTACKS}
    assert max(found.values()) < BEYOND_CHANCE, found
    assert found["by_difference"] == 0


def naive_rows() -> Seen:
    """A box with one row a ballot, in the order in which they came."""
    seen = Seen(order=[UUID(int=random.getrandbits(100)) for _voter in range(VOTERS)])
    seen.truth = {member: new_receipt() for member in seen.order}
    seen.listed = [seen.truth[member] for member in seen.order]
    seen.disk = b"".join(slip.encode() for slip in reversed(seen.listed))
    return seen


def naive_list() -> Seen:
    """A box that is sorted by receipt and lies open while the vote runs."""
    seen, slips = Seen(), list[Slip]()
    for _voter in range(VOTERS):
        member, receipt = UUID(int=random.getrandbits(100)), new_receipt()
        seen.order.append(member)
        seen.truth[member] = receipt
        slips = sorted([*slips, Slip(receipt, Choice.YES)])
        seen.looks.append(str(published(slips)).encode())
    seen.listed = [slip.receipt for slip in slips]
    return seen


@pytest.mark.parametrize(
    ("box", "attack"),
    [(naive_rows, by_time), (naive_rows, by_disk), (naive_list, by_difference)],
)
def test_the_same_attacks_break_a_naive_box(box: Callable[[], Seen], attack: Attack) -> None:
    votes = [box() for _run in range(RUNS)]
    assert hits(attack, votes) == RUNS * VOTERS > BEYOND_CHANCE


async def test_the_same_attack_breaks_rows_in_the_order_they_came(meetings: Service) -> None:
    """The database itself keeps the order of rows: that is why there is one row for the whole box."""
    votes = []
    async with meetings.db.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE naive (receipt VARCHAR NOT NULL)"))
    order = "ctid" if meetings.db.dialect == "postgresql" else "rowid"
    for _run in range(RUNS):
        seen = naive_rows()
        for member in seen.order:
            async with meetings.db.begin() as session:
                put = text("INSERT INTO naive VALUES (:slip)")
                await session.execute(put, {"slip": seen.truth[member]})
        async with meetings.db.begin() as session:
            found = await session.scalars(text(f"SELECT receipt FROM naive ORDER BY {order}"))
            seen.listed = list(found)
            await session.execute(text("DELETE FROM naive"))
        votes.append(seen)
    assert hits(by_time, votes) > BEYOND_CHANCE


async def test_a_ballot_changes_two_rows_and_nothing_else_anywhere(
    meetings: Service, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    hall = await opened(meetings, there=6, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    before = await everything(meetings, redis)
    with caplog.at_level(logging.INFO):
        receipts = [await hall.slip(poll, member, Choice.NO) for member in hall.members]
    after = await everything(meetings, redis)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"secret_boxes", "secret_turnouts"}
    assert {len(after[name]) for name in changed} == {1}
    assert caplog.text == ""
    seen, disk = repr(after), await raw_bytes(meetings)
    assert not [one for one in receipts if one in seen or one.encode() in disk]
    async with meetings.db.read() as session:
        box = await session.get_one(SecretBox, poll)
    assert box.slips == [] and box.sealed and not RECEIPT.search(box.sealed)


async def test_both_rows_bear_only_the_mark_of_the_last_ballot(
    meetings: Service, dialect: str
) -> None:
    if dialect != "postgresql":
        pytest.skip("SQLite keeps no mark of a transaction in a row")
    hall = await opened(meetings, there=6, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    for member in hall.members:
        await hall.slip(poll, member)
    async with meetings.db.read() as session:
        marks = (
            "SELECT xmin::text FROM secret_boxes UNION SELECT xmin::text FROM secret_turnouts"
            " UNION SELECT xmax::text FROM polls"
        )
        assert len((await session.scalars(text(marks))).all()) == 1


async def test_no_ballot_tells_by_its_size(meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=0)
    sizes = []
    for choice in CHOICES:
        poll = await hall.ask(await hall.item(), Manner.SECRET)
        grown = []
        for member in hall.members:
            await hall.slip(poll, member, choice)
            async with meetings.db.read() as session:
                grown.append(len((await session.get_one(SecretBox, poll)).sealed))
        sizes.append(grown)
        await hall.count(poll)
    assert sizes[0] == sizes[1] == sizes[2]
    steps = {after - before for before, after in zip(sizes[0][1:], sizes[0][2:], strict=False)}
    assert len(steps) == 1


async def test_the_box_looks_new_at_every_ballot(meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=0)
    seen = await watched(hall)
    for before, after in zip(seen.looks, seen.looks[1:], strict=False):
        shared = sum(one == other for one, other in zip(before, after, strict=False))
        assert shared < len(before) // 8


async def test_after_the_count_the_files_hold_each_name_once(meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=0)
    seen = await watched(hall)
    disk = await raw_bytes(meetings)
    if meetings.db.dialect == "postgresql":
        assert [disk.count(str(one).encode()) for one in seen.order] == [1] * 6
    else:
        first = f'["{seen.order[0]}"]'.encode()
        assert first not in disk
    assert all(disk.count(one.encode()) == 1 for one in seen.listed)


async def test_everybody_can_count_again_with_the_published_list(meetings: Service) -> None:
    hall = await opened(meetings, there=7, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    said = dict(zip(hall.members, [*CHOICES, *CHOICES, Choice.YES], strict=True))
    mine = {member: await hall.slip(poll, member, choice) for member, choice in said.items()}
    async with meetings.db.read() as session:
        assert await published_slips(session, poll) == []
    vote = await hall.count(poll)
    assert vote is not None
    async with meetings.db.read() as session:
        listed = await published_slips(session, poll)
    assert {(slip.receipt, slip.choice) for slip in listed} == {
        (mine[member], choice) for member, choice in said.items()
    }
    assert list(listed) == sorted(listed, key=lambda slip: slip.receipt)
    found = tally(listed)
    counts = vote.counts
    assert (found.yes, found.no, found.abstain) == (
        counts["yes"],
        counts["no"],
        counts["abstain"],
    )
    assert found.cast == counts["cast"] == 7


async def test_a_lost_answer_is_asked_for_again_and_counts_once(meetings: Service) -> None:
    hall = await opened(meetings, there=5, absent=0)
    first, second = hall.members[:2]
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    receipt = await hall.slip(poll, first, Choice.YES)
    await at_once(*(hall.slip(poll, first, Choice.YES, receipt) for _again in range(3)))
    await hall.slip(poll, first, Choice.YES, receipt.lower())
    for other in (None, receipt):
        with pytest.raises(AlreadyVoted):
            await hall.slip(poll, first, Choice.NO, other)
    with pytest.raises(ReceiptTaken):
        await hall.slip(poll, second, Choice.NO, receipt)
    for wrong in ("", "ABC", receipt + "A", receipt[:-1] + "0"):
        with pytest.raises(NotAReceipt):
            await hall.do(
                lambda s, w=wrong: cast_secret(  # type: ignore[misc]
                    s, hall.vault, poll, second, choice=Choice.NO, receipt=w
                )
            )
    for member in hall.members[1:]:
        await hall.slip(poll, member, Choice.ABSTAIN)
    vote = await hall.count(poll)
    assert vote is not None
    assert (vote.counts["yes"], vote.counts["abstain"], vote.counts["no"]) == (1, 4, 0)


async def test_a_member_votes_once_whatever_they_send_at_the_same_moment(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=5, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    refused = 0

    async def vote() -> None:
        nonlocal refused
        try:
            await hall.slip(poll, hall.members[0])
        except AlreadyVoted:
            refused += 1

    await at_once(*(vote() for _try in range(6)))
    running = (await hall.view()).running
    assert running is not None
    assert (refused, running.cast) == (5, 1)
    assert running.voted == frozenset()


async def test_so_few_voters_that_they_would_be_known_cannot_vote_in_secret(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=5, absent=3, secret_minimum=6)
    with pytest.raises(TooFewForSecret) as refused:
        await hall.ask(await hall.item(), Manner.SECRET)
    assert (refused.value.eligible, refused.value.minimum) == (5, 6)
    assert not (await hall.view()).secret_is_possible
    await hall.arrive(hall.members[5])
    assert (await hall.view()).secret_is_possible
    await hall.ask(await hall.item(), Manner.SECRET)


async def test_with_too_few_ballots_the_vote_is_void_and_the_box_is_emptied(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=6, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    receipts = [await hall.slip(poll, member, Choice.NO) for member in hall.members[:4]]
    assert await hall.count(poll) is None
    assert await hall.count(poll) is None
    async with meetings.db.read() as session:
        kept = await session.get_one(Poll, poll)
        box = await session.get_one(SecretBox, poll)
        assert (kept.status, box.sealed, box.slips) == (PollStatus.VOID, b"", [])
        assert await published_slips(session, poll) == []
    disk = await raw_bytes(meetings)
    assert not [one for one in receipts if one.encode() in disk]


async def test_a_secret_vote_called_off_is_emptied_uncounted(meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=0)
    poll = await hall.ask(await hall.item(), Manner.SECRET)
    for member in hall.members:
        await hall.slip(poll, member)
    await hall.do(lambda s: polls.call_off(s, poll, hall.order()))
    async with meetings.db.read() as session:
        box = await session.get_one(SecretBox, poll)
        assert (box.sealed, box.slips) == (b"", [])


async def test_no_event_of_a_secret_vote_names_a_member_or_a_receipt(
    meetings: Service, redis: Redis
) -> None:
    hall = await opened(meetings, there=6, absent=0)
    seen = await watched(hall)
    found: dict[str, Any] = await everything(meetings, redis)
    told = [row for row in found["outbox"] if "vote." in row or "resolution" in row]
    assert told
    for row in (*told, *found["audit"], *found["commands"], *found["redis"]):
        assert not [one for one in seen.listed if one in row]
    for row in told:
        assert not [one for one in seen.order if str(one) in row]
