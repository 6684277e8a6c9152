"""The board's dates: kept as last told, in any order, and applications move only when they must."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.applications.domain import SessionDate
from services.applications.handlers import MEETINGS
from shared.events.base import Event
from shared.events.meetings import (
    PostponeReason,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
)
from shared.service import Service
from tests.applications.people import JUNE, Resident, stored

New = Callable[..., Resident]
SESSION = UUID(int=1)
AT = JUNE - timedelta(days=90)


def scheduled(
    starts_at: datetime, session_id: UUID = SESSION, version: int = 1
) -> SessionScheduled:
    return SessionScheduled(
        at=AT,
        session_id=session_id,
        board="Freunde Westhagens",
        starts_at=starts_at,
        place="Treffpunkt",
        submission_deadline=starts_at - timedelta(days=14),
        subject_version=version,
    )


def postponed(starts_at: datetime, version: int = 2) -> SessionPostponed:
    return SessionPostponed(
        at=AT,
        session_id=SESSION,
        board="Freunde Westhagens",
        starts_at=starts_at,
        place="Schule",
        submission_deadline=starts_at - timedelta(days=14),
        previous_starts_at=JUNE,
        previous_submission_deadline=JUNE - timedelta(days=14),
        reason=PostponeReason.ROOM,
        subject_version=version,
    )


def cancelled(version: int = 3) -> SessionCancelled:
    return SessionCancelled(
        at=AT,
        session_id=SESSION,
        board="Freunde Westhagens",
        starts_at=JUNE,
        reason="Der Raum ist gesperrt.",
        subject_version=version,
    )


async def hear(applications: Service, *events: Event) -> None:
    for event in events:
        async with applications.db.begin() as session:
            await MEETINGS[type(event)](event, session, applications)


async def dates(applications: Service) -> list[SessionDate]:
    async with applications.db.read() as session:
        return list(await session.scalars(select(SessionDate)))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_whatever_the_order_the_last_word_holds(
    applications: Service, order: tuple[int, ...]
) -> None:
    words = [scheduled(JUNE), postponed(JUNE + timedelta(days=7)), cancelled()]
    await hear(applications, *(words[n] for n in order), *words)
    [date] = await dates(applications)
    assert (date.cancelled, date.told_version) == (True, 3)


async def test_a_postponed_session_keeps_its_applications_and_has_its_new_date(
    applications: Service, resident: New
) -> None:
    await hear(applications, scheduled(JUNE))
    await resident().apply()
    await hear(applications, postponed(JUNE + timedelta(days=7)))
    [application], [date] = await stored(applications), await dates(applications)
    assert application.session_id == SESSION
    assert (date.starts_at, date.place) == (JUNE + timedelta(days=7), "Schule")


async def test_applications_of_a_cancelled_session_go_to_the_next_and_are_not_late(
    applications: Service, resident: New
) -> None:
    following = uuid4()
    await hear(applications, scheduled(JUNE), scheduled(JUNE + timedelta(days=90), following))
    await resident().apply()
    await hear(applications, cancelled())
    [application] = await stored(applications)
    assert (application.session_id, application.late) == (following, False)


async def test_who_handed_in_before_any_date_was_known_gets_the_first_one(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.apply()
    assert "steht noch nicht fest" in (await someone.get("/antraege/danke")).text
    await hear(applications, scheduled(JUNE))
    assert (await stored(applications))[0].session_id == SESSION
    assert "10. Juni 2026" in (await someone.get("/antraege/danke")).text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_fund_page_shows_the_dates_that_hold_now(
    applications: Service, resident: New
) -> None:
    someone = resident()
    before = await someone.get("/antraege")
    assert "steht noch nicht fest" in before.text and "5.000" in before.text
    await hear(applications, scheduled(JUNE))
    shown = (await someone.get("/antraege")).text
    assert "27. Mai 2026" in shown and "10. Juni 2026" in shown and "noch 86 Tage" in shown
    await hear(applications, cancelled(version=2))
    assert "steht noch nicht fest" in (await someone.get("/antraege")).text
