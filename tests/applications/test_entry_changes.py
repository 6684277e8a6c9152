"""The office corrects answers: shown first, kept field by field, told, and never over somebody else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.applications.domain import Application, Change, Status
from shared.clock import SetClock
from shared.events.applications import ApplicationChanged
from shared.service import Service
from tests.applications.cases import held
from tests.applications.paper import (
    New,
    case_of,
    correction,
)
from tests.applications.people import (
    Resident,
    stored,
    told,
)

Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def changed(service: Service) -> list[Change]:
    async with service.db.read() as session:
        return list(await session.scalars(select(Change).order_by(Change.id)))


async def test_a_correction_is_shown_first_then_kept_field_by_field_and_told(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    sent = correction(application, title="Sommerfest am Teich", **{"costs-0-cents": "700"})
    check = await office.submit(f"{case}/bearbeiten", sent)
    assert check.status_code == 200 and await changed(applications) == []
    for words in ("Sommerfest im Innenhof", "Sommerfest am Teich", "680,00", "700,00"):
        assert words in check.text, words
    saved = await office.submit(f"{case}/bearbeiten", sent | {"turn": "save"})
    assert saved.headers["location"] == f"{case}/aenderungen"
    again = await office.submit(f"{case}/bearbeiten", sent | {"turn": "save"})
    assert again.headers["location"] == f"{case}/aenderungen"
    assert [one.field for one in await changed(applications)] == ["title", "costs"]
    [event] = await told(applications, ApplicationChanged)
    assert event.fields == ["title", "costs"] and event.number == application.number
    shown = (await office.get(f"{case}/aenderungen")).text
    for words in ("Sommerfest im Innenhof", "Sommerfest am Teich", "700,00", "Jana Kruse"):
        assert words in shown, words
    assert (await office.get("/buero/antraege?q=teich")).text.count("<small><bdi") == 1


async def test_a_correction_that_met_another_shows_both_and_overwrites_nothing(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office, colleague = await staff("office"), await staff("office", name="Ali Demir")
    mine = correction(application, title="Mein Fest")
    theirs = correction(application, title="Ihr Fest", turn="save")
    assert (await colleague.submit(f"{case}/bearbeiten", theirs)).status_code == 303
    fresh: dict[str, str] = {}
    for turn in ("check", "save"):
        met = await office.submit(f"{case}/bearbeiten", mine | {"turn": turn})
        assert met.status_code == 409
        assert "Mein Fest" in met.text and "Ihr Fest" in met.text
        fresh = {
            name: met.text.split(f'name="{name}" value="')[1].split('"')[0]
            for name in ("command_id", "version")
        }
        assert [one.title for one in await stored(applications)] == ["Ihr Fest"]
    saved = await office.submit(f"{case}/bearbeiten", mine | fresh | {"turn": "save"})
    assert saved.status_code == 303
    assert [one.title for one in await stored(applications)] == ["Mein Fest"]


@sqlite
async def test_a_correction_of_nothing_says_so_and_a_wrong_one_keeps_what_was_typed(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    same = await office.submit(f"{case}/bearbeiten", correction(application))
    assert same.status_code == 422 and "Sie haben nichts geändert." in same.text
    wrong = await office.submit(
        f"{case}/bearbeiten", correction(application, title="Neu", email="")
    )
    assert wrong.status_code == 422 and 'value="Neu"' in wrong.text
    assert 'id="email-error"' in wrong.text
    assert await told(applications, ApplicationChanged) == []


@sqlite
async def test_an_iban_is_never_shown_whole_and_stays_when_left_empty(
    applications: Service, resident: New, staff: Staff
) -> None:
    case, application = await case_of(applications, resident)
    office = await staff("office")
    iban = application.answers["applicant"]["iban"]
    new = correction(application, iban="DE02 1203 0000 0000 2020 51", turn="save")
    seen = [(await office.get(f"{case}/bearbeiten")).text]
    assert (await office.submit(f"{case}/bearbeiten", new)).status_code == 303
    seen.append((await office.get(f"{case}/aenderungen")).text)
    seen.append((await office.get(case)).text)
    for text in seen:
        assert iban not in text and "DE02120300000000202051" not in text
        assert iban[-4:] in text
    [kept] = await stored(applications)
    assert kept.answers["applicant"]["iban"] == "DE02120300000000202051"
    more = correction(kept, title="Neu", turn="save")
    assert (await office.submit(f"{case}/bearbeiten", more)).status_code == 303
    [kept] = await stored(applications)
    assert kept.answers["applicant"]["iban"] == "DE02120300000000202051"


@sqlite
@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.GRANTED, Status.WITHDRAWN])
async def test_what_the_board_read_is_not_changed_any_more(
    applications: Service, resident: New, staff: Staff, status: Status
) -> None:
    case, application = await case_of(applications, resident)
    await set_status(applications, application.id, status)
    office = await staff("office")
    assert (await office.get(f"{case}/bearbeiten")).status_code == 409
    sent = correction(application, title="Zu spät", turn="save")
    assert (await office.submit(f"{case}/bearbeiten", sent)).status_code == 409
    assert await changed(applications) == []


async def set_status(service: Service, application_id: UUID, status: Status) -> None:
    async with service.db.begin() as session:
        (await session.get_one(Application, application_id)).status = status


@sqlite
async def test_while_a_result_is_on_hold_nothing_is_changed(
    applications: Service, resident: New, staff: Staff, clock: SetClock
) -> None:
    case, application = await case_of(applications, resident)
    async with applications.db.begin() as session:
        session.add(held(application.id, clock.now() + timedelta(minutes=5)))
    sent = correction(application, title="Zu spät", turn="save")
    answer = await (await staff("office")).submit(f"{case}/bearbeiten", sent)
    assert answer.status_code == 409 and await changed(applications) == []
