"""The same case gets the same session, whichever way it came."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from services.applications.domain.answers import Answers
from shared.clock import SetClock
from shared.events.applications import ApplicationSubmitted
from shared.service import Service
from tests.applications.paper import (
    New,
    enter,
    entered_later,
    token,
)
from tests.applications.people import (
    Resident,
    plan_session,
    stored,
    told,
)

Staff = Callable[..., Awaitable[Resident]]

SUMMER = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
WINTER = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
DEADLINES = {
    "an ordinary evening": datetime(2026, 5, 27, 21, 59, 59, tzinfo=UTC),
    "the evening summer time began": datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC),
    "the last second before summer time": SUMMER,
    "the evening summer time ended": datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC),
    "the second time it is half past two": WINTER,
    "the end of a year": datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
}


@pytest.mark.parametrize("deadline", DEADLINES.values(), ids=DEADLINES)
async def test_form_program_and_staff_give_the_same_session_to_the_second(
    applications: Service, staff: Staff, resident: New, clock: SetClock, deadline: datetime
) -> None:
    later = deadline + timedelta(days=90)
    first = await plan_session(applications, deadline + timedelta(days=14), deadline=deadline)
    second = await plan_session(applications, later + timedelta(days=14), deadline=later)
    for seconds, session, late, until in (
        (-1, first, False, deadline),
        (0, first, False, deadline),
        (1, second, True, later),
    ):
        clock.set(arrived := deadline + timedelta(seconds=seconds))
        before = len(await stored(applications))
        await four_ways(applications, await staff("office"), resident(), clock, day=later)
        found = (await stored(applications))[before:]
        assert [(one.session_id, one.late) for one in found] == [(session, late)] * 4, seconds
        assert {one.submitted_at for one in found} == {arrived}
        told_of = (await told(applications, ApplicationSubmitted))[-4:]
        assert {event.submission_deadline for event in told_of} == {until}


async def four_ways(
    service: Service, office: Resident, someone: Resident, clock: SetClock, *, day: datetime
) -> None:
    """Through the form, a program, the office at once, and the office minutes later."""
    arrived, days = clock.now(), {"starts_on": f"{day:%d.%m.%Y}", "ends_on": f"{day:%d.%m.%Y}"}
    await someone.apply(**days)
    body = (await stored(service))[-1].answers
    path, headers = f"/api/v1/applications/{uuid7()}", {"x-csrf-token": await token(office)}
    put = await office.put(path, json=body, headers=headers)
    assert put.status_code == 201, put.text
    entered = await enter(office, arrived, command_id=str(uuid7()), **days)
    assert entered.status_code == 303, entered.text
    clock.forward(minutes=5)
    await entered_later(service, Answers.model_validate(body), arrived, clock.now())
