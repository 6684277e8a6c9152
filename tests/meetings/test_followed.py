"""What became of the board's decisions: the same picture in whatever order the words come."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.meetings.domain.followed import Followed, Stage
from services.meetings.queries.follow_up import decisions, open_list
from shared.clock import SetClock
from shared.events.applications import (
    AgreementSigned,
    GrantBecameEffective,
    GrantDeclined,
    GrantKind,
    GrantLapsed,
    GrantReserved,
    GrantRevoked,
    Matter,
    RevokedBecause,
    Signed,
    Tier,
)
from shared.events.base import Event
from shared.service import Service
from tests.meetings.agendas import Told, budget, tell


def head(case: Told) -> dict[str, Any]:
    case.version += 1
    return {
        "at": case.service.clock.now(),
        "application_id": case.application_id,
        "number": case.number,
        "subject_version": case.version,
        "amount_cents": 65000,
    }


def reserved(case: Told, *, decided_by: Tier = Tier.BOARD, effective: bool = False) -> Event:
    return GrantReserved(
        **head(case),
        public_title="Sommerfest",
        field_of_action="encounter",
        asked_cents=80000,
        kind=GrantKind.PARTIAL,
        effective=effective,
        decided_by=decided_by,
        budget=budget(100000),
    )


def became_effective(case: Told) -> Event:
    return GrantBecameEffective(**head(case))


def signed(case: Told) -> Event:
    on = case.service.clock.now().date()
    return AgreementSigned(**head(case), signed=Signed.ONLINE, signed_on=on)


def ended(case: Told, kind: type[Event]) -> Event:
    more: dict[str, Any] = {"budget": budget(100000)}
    if kind is GrantLapsed:
        more["matter"] = Matter.ACCEPTANCE
    if kind is GrantRevoked:
        more["because"] = RevokedBecause.OFFICE
    return kind(**head(case), **more)


async def followed(service: Service, application_id: UUID) -> Followed:
    async with service.db.read() as session:
        return await session.get_one(Followed, application_id)


async def test_a_grant_goes_from_promised_to_signed(meetings: Service, clock: SetClock) -> None:
    case = Told(meetings)
    for event, stage in (
        (reserved(case), Stage.PROMISED),
        (became_effective(case), Stage.EFFECTIVE),
        (signed(case), Stage.ACCEPTED),
    ):
        await tell(meetings, event)
        now = await followed(meetings, case.application_id)
        assert (now.stage, now.since) == (stage, event.at)
    found = await followed(meetings, case.application_id)
    assert (found.number, found.public_title, found.amount_cents) == (
        "2026-021",
        "Sommerfest",
        65000,
    )


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_any_order_and_any_repetition_leads_to_the_same(
    meetings: Service, clock: SetClock, order: tuple[int, ...]
) -> None:
    case = Told(meetings)
    events = [reserved(case), became_effective(case), signed(case)]
    for n in order:
        await tell(meetings, events[n], events[n])
    await tell(meetings, *reversed(events))
    found = await followed(meetings, case.application_id)
    assert (found.stage, found.by_board, found.public_title) == (
        Stage.ACCEPTED,
        True,
        "Sommerfest",
    )
    assert found.stage_version == events[2].subject_version


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        (GrantLapsed, Stage.LAPSED),
        (GrantDeclined, Stage.DECLINED),
        (GrantRevoked, Stage.REVOKED),
    ],
)
async def test_a_grant_that_comes_to_nothing_is_not_open_any_more(
    meetings: Service, clock: SetClock, kind: type[Event], stage: Stage
) -> None:
    case = Told(meetings)
    first, last = reserved(case), ended(case, kind)
    await tell(meetings, last, first)
    assert (await followed(meetings, case.application_id)).stage is stage
    async with meetings.db.read() as session:
        assert await decisions(session, over=False) == []
        assert [one.stage for one in await decisions(session, over=True)] == [stage]
        assert (await open_list(session, at=clock.now())).decisions == []


async def test_a_grant_that_holds_at_once_waits_for_the_signature(
    meetings: Service, clock: SetClock
) -> None:
    case = Told(meetings)
    await tell(meetings, reserved(case, effective=True))
    assert (await followed(meetings, case.application_id)).stage is Stage.EFFECTIVE


async def test_what_the_office_granted_itself_is_not_followed(
    meetings: Service, clock: SetClock
) -> None:
    case = Told(meetings)
    await tell(meetings, reserved(case, decided_by=Tier.OFFICE), became_effective(case))
    async with meetings.db.read() as session:
        assert await decisions(session) == []
        assert len((await session.scalars(select(Followed))).all()) == 1


async def test_what_was_put_off_is_open_until_it_is_decided(
    meetings: Service, clock: SetClock
) -> None:
    case = Told(meetings)
    await tell(meetings, case.deferred(None, None))
    async with meetings.db.read() as session:
        [found] = await decisions(session, over=False)
    assert (found.stage, found.amount_cents) == (Stage.DEFERRED, None)
    await tell(meetings, case.reserved(None))
    async with meetings.db.read() as session:
        [found] = (await open_list(session, at=clock.now())).decisions
    assert (found.stage, found.amount_cents) == (Stage.EFFECTIVE, 65000)


async def test_what_was_put_off_and_then_rejected_is_over(
    meetings: Service, clock: SetClock
) -> None:
    case = Told(meetings)
    await tell(meetings, case.deferred(None, None), case.rejected(None))
    async with meetings.db.read() as session:
        assert [one.stage for one in await decisions(session, over=True)] == [Stage.REJECTED]


async def test_the_longest_standstill_comes_first(meetings: Service, clock: SetClock) -> None:
    first, second = Told(meetings), Told(meetings, number="2026-022")
    await tell(meetings, reserved(first))
    clock.forward(days=1)
    await tell(meetings, reserved(second))
    clock.forward(days=1)
    await tell(meetings, became_effective(first))
    async with meetings.db.read() as session:
        found = await decisions(session, over=False)
    assert [one.number for one in found] == ["2026-022", "2026-021"]
