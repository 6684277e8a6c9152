"""However many hand in at once: numbers without a gap, one application each, nothing told twice."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import FastAPI

from services.applications.domain import next_number
from services.applications.web import create_web
from shared.clock import SetClock
from shared.events.applications import ApplicantRecorded, ApplicationSubmitted, NewsletterRequested
from shared.service import Service
from tests.applications.people import (
    AGREED,
    FORM,
    JUNE,
    Resident,
    plan_session,
    stored,
    told,
)
from tests.support.browser import TOKEN

New = Callable[..., Resident]


async def test_forty_at_once_get_forty_numbers_in_a_row(applications: Service) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    async def one(fails: bool) -> str:
        async with applications.db.begin() as session:
            number = await next_number(session, at=at)
            await asyncio.sleep(0)
            if fails:
                raise RuntimeError
            return number

    given = await asyncio.gather(*(one(n % 4 == 0) for n in range(40)), return_exceptions=True)
    numbers = sorted(number for number in given if isinstance(number, str))
    assert numbers == [f"2026-{n:03d}" for n in range(1, 31)]


async def test_numbers_begin_anew_with_the_year_in_berlin(applications: Service) -> None:
    async with applications.db.begin() as session:
        eve = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
        assert await next_number(session, at=eve) == "2026-001"
        assert await next_number(session, at=datetime(2026, 12, 31, 23, tzinfo=UTC)) == "2027-001"


async def test_five_residents_hand_in_at_the_same_time(
    applications: Service, resident: New
) -> None:
    five = [resident() for _ in range(5)]
    for n, one in enumerate(five):
        await one.fill_all(email=f"person{n}@example.org")
    await asyncio.gather(*(one.hand_in() for one in five))
    assert sorted([await one.number() for one in five]) == [f"2026-00{n}" for n in range(1, 6)]
    events = await told(applications, ApplicationSubmitted)
    assert sorted(event.number for event in events) == [f"2026-00{n}" for n in range(1, 6)]


async def test_a_double_click_is_one_application_with_one_confirmation(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.fill_all()
    token = TOKEN.search((await someone.get(f"{FORM}/pruefen")).text)
    assert token
    sent = {"csrf_token": token[1], "aktion": "weiter", "newsletter": "true", **AGREED}
    answers = await asyncio.gather(*(someone.post(f"{FORM}/pruefen", data=sent) for _ in range(4)))
    assert {answer.headers["location"] for answer in answers} == {"/antraege/danke"}
    assert await someone.number() == "2026-001"
    assert len(await stored(applications)) == 1
    for kind in (ApplicationSubmitted, ApplicantRecorded, NewsletterRequested):
        assert len(await told(applications, kind)) == 1


async def test_handing_in_works_while_redis_is_down(without_redis: Service) -> None:
    async with Resident(create_web(without_redis)) as someone:
        await someone.apply()
    assert len(await told(without_redis, ApplicationSubmitted)) == 1


async def test_the_newsletter_is_asked_for_only_when_its_box_is_ticked(
    applications: Service, resident: New
) -> None:
    await resident().apply()
    assert await told(applications, NewsletterRequested) == []


async def test_a_late_application_goes_to_the_next_session(
    applications: Service, resident: New, clock: SetClock, app: FastAPI
) -> None:
    await plan_session(applications, JUNE)
    autumn = await plan_session(applications, datetime(2026, 9, 9, 16, tzinfo=UTC))
    clock.set(datetime(2026, 6, 1, 9, tzinfo=UTC))
    someone = resident()
    await someone.apply()
    [event] = await told(applications, ApplicationSubmitted)
    assert (event.session_id, event.late) == (autumn, True)
    assert "9. September 2026" in (await someone.get("/antraege/danke")).text
