"""How fast mail may leave: by provider, relay and kind, shared by all senders; slower when asked to be."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.notifications.bulk import limits
from services.notifications.bulk.limits import RELAY, Rates
from services.notifications.bulk.sending import Bulk
from services.notifications.domain.issue import IssueLetter
from services.notifications.domain.letter import State
from services.notifications.domain.sending import Allowance
from services.notifications.letters.queue import brand_of
from shared.clock import SetClock
from shared.service import Service
from shared.web.brand import BadBrand, load_brand
from shared.web.outgoing import Outgoing
from tests.notifications.bulk.conftest import HASTY
from tests.notifications.bulk.kit import START, an_issue, states
from tests.support.sink import Sink

RATES = Rates(
    Outgoing.model_validate(
        {
            "per_minute": 600,
            "kinds": {"newsletter": 300},
            "providers": {"gmx": {"domains": ["gmx.de", "web.de"], "per_minute": 60}},
        }
    )
)


async def _take(service: Service, at: datetime, **wants: int) -> dict[str, int]:
    async with service.db.begin() as session:
        return await limits.take(session, RATES, wants, at=at)


async def test_a_bucket_gives_what_it_has_and_fills_with_time(service: Service) -> None:
    assert await _take(service, START, relay=150) == {RELAY: 100}
    assert await _take(service, START, relay=1) == {RELAY: 0}
    assert await _take(service, START + timedelta(seconds=3), relay=500) == {RELAY: 30}
    assert await _take(service, START + timedelta(hours=3), relay=500) == {RELAY: 100}


async def test_what_has_no_limit_is_given_and_leaves_no_row(service: Service) -> None:
    async with service.db.begin() as session:
        wants = {"domain:example.org": 500}
        assert await limits.take(session, RATES, wants, at=START) == wants
        assert (await session.scalars(select(Allowance))).all() == []


async def test_urgent_letters_go_into_debt_and_others_wait_for_them(service: Service) -> None:
    async with service.db.begin() as session:
        await limits.charge(session, RATES, {RELAY: 130, "kind:letters": 130}, at=START)
        assert await limits.room(session, RATES, [RELAY], at=START) == pytest.approx(-30)
    assert await _take(service, START + timedelta(seconds=2), relay=5) == {RELAY: 0}
    assert await _take(service, START + timedelta(seconds=4), relay=50) == {RELAY: 10}


async def test_half_of_it_after_a_4_7_and_twice_as_much_after_each_quiet_quarter(
    service: Service,
) -> None:
    name = "domain:example.org"
    async with service.db.begin() as session:
        await limits.slow_down(session, RATES, name, measured=480, at=START)
        soon = START + timedelta(seconds=5)
        await limits.slow_down(session, RATES, name, measured=480, at=soon)
    async with service.db.begin() as session:
        row = await session.get_one(Allowance, name)
        assert row.slowed_to == 240
        rates = [
            RATES.now(name, row, at=START + timedelta(minutes=minutes))
            for minutes in (0, 14, 15, 31, 24 * 60)
        ]
        assert rates == [240, 240, 480, 960, None]
        later = START + timedelta(minutes=1)
        await limits.slow_down(session, RATES, name, measured=0, at=later)
        assert row.slowed_to == 120


async def _limited(service: Service, **outgoing: Any) -> Bulk:
    bulk = Bulk(service, patience=HASTY)
    bulk.rates = Rates(Outgoing.model_validate(outgoing))
    return bulk


async def test_a_provider_gets_its_rate_and_others_do_not_wait_for_it(
    service: Service, sink: Sink, clock: SetClock
) -> None:
    """Two domains behind one provider: 60 a minute together, 10 of them at once."""
    bulk = await _limited(
        service, providers={"gmx": {"domains": ["gmx.de", "web.de"], "per_minute": 60}}
    )
    issue_id = await an_issue(
        service, 400, domains=("example.org", "gmx.de", "example.org", "web.de")
    )
    assert await bulk.send_due() == 200 + 10
    for _ in range(6):
        clock.forward(seconds=10)
        await bulk.send_due()
    slow = [to for to in sink.arrived if to.endswith(("gmx.de", "web.de"))]
    assert len(slow) == 70
    async with service.db.read() as session:
        left = await session.scalars(
            select(IssueLetter).where(
                IssueLetter.issue_id == issue_id, IssueLetter.state == State.DEFERRED
            )
        )
        rows = left.all()
    assert all(copy.tries == 0 for copy in rows)
    while State.DEFERRED in await states(service, issue_id):
        clock.forward(seconds=10)
        await bulk.send_due()
    assert sink.arrived.total() == len(sink.arrived) == 400


async def test_a_domain_that_wants_less_gets_less_and_nobody_is_lost(
    service: Service, sink: Sink, clock: SetClock
) -> None:
    sink.fault = lambda to, nth: (
        "rcpt 451 4.7.1 too fast" if to.endswith("slow.example") and clock.now() == START else None
    )
    issue_id = await an_issue(service, 300, domains=("example.org", "slow.example"))
    bulk = Bulk(service, patience=HASTY)
    assert await bulk.send_due() == 150
    refused = sum(count for to, count in sink.tries.items() if to.endswith("slow.example"))
    assert refused < 60, "the others are held back once the first ones were refused"
    async with service.db.read() as session:
        row = await session.get_one(Allowance, "domain:slow.example")
    assert row.slowed_to is not None
    for _ in range(80):
        if State.DEFERRED not in await states(service, issue_id):
            break
        clock.forward(minutes=10)
        await bulk.send_due()
    assert await states(service, issue_id) == {State.SENT: 300}
    assert sink.arrived.total() == 300


async def test_two_senders_share_the_relays_limit(
    service: Service, sink: Sink, clock: SetClock
) -> None:
    first = await _limited(service, per_minute=60, kinds={"newsletter": 30})
    second = await _limited(service, per_minute=60, kinds={"newsletter": 30})
    await an_issue(service, 100)
    for bulk in (first, second):
        await _for_a_moment(bulk)
    assert sink.arrived.total() == 5, "ten seconds' worth of the tighter one"
    clock.forward(seconds=4)
    for bulk in (second, first):
        await _for_a_moment(bulk)
    assert sink.arrived.total() == 7


async def test_a_kind_that_must_wait_takes_nothing_from_the_relay(
    service: Service, sink: Sink
) -> None:
    bulk = await _limited(service, per_minute=600, kinds={"newsletter": 6})
    await an_issue(service, 100)
    await _for_a_moment(bulk)
    await _for_a_moment(bulk)
    assert sink.arrived.total() == 1
    async with service.db.read() as session:
        assert (await session.get_one(Allowance, RELAY)).level == pytest.approx(99)


async def _for_a_moment(bulk: Bulk) -> None:
    import asyncio

    running = asyncio.create_task(bulk.send_due())
    await asyncio.sleep(0.7)
    bulk.stop.set()
    await running
    bulk.stop.clear()


def test_the_brand_file_names_the_limits(tmp_path: Path) -> None:
    ours = Path("deploy/brand.toml").read_text("utf-8")
    assert brand_of(Path("deploy/brand.toml")).mail == Outgoing()
    shown = ours.partition("# [mail]")[2]
    file = tmp_path / "brand.toml"
    file.write_text(f"{ours}\n[mail]{shown.replace('# ', '')}", "utf-8")
    mail = load_brand(file).mail
    assert (mail.per_minute, mail.kinds) == (600, {"newsletter": 300})
    assert mail.provider_of == {"t-online.de": "telekom", "magenta.de": "telekom"}
    file.write_text(f"{ours}\n[mail]\nper_minute = 0\n", "utf-8")
    with pytest.raises(BadBrand):
        load_brand(file)
