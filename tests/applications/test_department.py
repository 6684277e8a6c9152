"""A department's page: what it needs and no more, one answer kept once, and nothing for wrong links."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.applications.commands.cases import withdraw
from services.applications.commands.money import locked_application
from services.applications.commands.statements import Request, ask_department
from services.applications.domain import Statement, Status
from shared.clock import SetClock
from shared.events.applications import StatementGiven, StatementRequested
from shared.events.people import Contact, Link
from shared.service import Service
from tests.applications.people import Resident, pdf, stored, told
from tests.applications.stages import OFFICE
from tests.support.services import ORIGIN

New = Callable[..., Resident]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
URL = f"{ORIGIN}/antraege/stellungnahme/"
CONCERNS = {"verdict": "concerns", "text": "Die Fläche ist am 20. Juni belegt."}


async def asked(applications: Service, resident: New) -> tuple[str, UUID]:
    """An application with a file, and the path of the mailed link."""
    someone = resident()
    await someone.fill_all()
    await someone.upload(("plan.pdf", pdf()))
    await someone.hand_in()
    [application] = await stored(applications)
    at = applications.clock.now()
    async with applications.db.begin() as session:
        one = await locked_application(session, application.id)
        wanted = Request(
            department="Grünflächen",
            contact=Contact(name="Herr Baum", email="baum@stadt.example"),
            question="Ist die Fläche <frei>?",
            due_at=at + timedelta(days=14),
            url=URL,
        )
        await ask_department(session, one, wanted, seals=applications.seals, actor=OFFICE, at=at)
    [event] = await told(applications, StatementRequested)
    link = await applications.seals.open(event.link, Link)
    assert link is not None
    return link.url.removeprefix(ORIGIN), application.id


async def kept(applications: Service) -> Statement:
    async with applications.db.read() as session:
        return (await session.scalars(select(Statement))).one()


async def test_the_department_reads_what_it_needs_and_nobodys_account_or_address(
    applications: Service, resident: New
) -> None:
    path, _ = await asked(applications, resident)
    baum = resident()
    answer = await baum.get(path)
    for words in (
        "Ist die Fläche &lt;frei&gt;?",
        "Sommerfest im Innenhof",
        "800,00",
        "Bühne und Ton",
    ):
        assert words in answer.text
    for words in ("ayse@example.org", "05361 123456", "DE89", "3000", "Yıldız", "Dessauer"):
        assert words not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    href = answer.text.split(f'href="{path}/dateien/')[1].split('"')[0]
    assert (await baum.get(f"{path}/dateien/{href}")).content == pdf()


async def test_an_answer_is_kept_once_and_shown_from_then_on(
    applications: Service, resident: New
) -> None:
    path, application_id = await asked(applications, resident)
    baum = resident()
    for sent in (CONCERNS, {"verdict": "no_objection"}):
        assert (await baum.submit(path, sent, on="/mein/link")).headers["location"] == path
    [event] = await told(applications, StatementGiven)
    assert (event.application_id, event.verdict) == (application_id, "concerns")
    statement = await kept(applications)
    assert (statement.verdict, statement.text) == ("concerns", CONCERNS["text"])
    shown = (await baum.get(path)).text
    assert "Ihre Stellungnahme ist da" in shown and CONCERNS["text"] in shown
    assert "Stellungnahme abgeben" not in shown


@sqlite
async def test_concerns_need_a_reason_and_no_objection_does_not(
    applications: Service, resident: New
) -> None:
    path, _ = await asked(applications, resident)
    baum = resident()
    for verdict in ("concerns", "objection"):
        refused = await baum.submit(path, {"verdict": verdict})
        assert refused.status_code == 422 and 'id="text-error"' in refused.text
        assert f'value="{verdict}" checked' in refused.text
    nothing = await baum.submit(path, {"text": "Hm"})
    assert nothing.status_code == 422 and 'id="verdict-error"' in nothing.text
    assert "Hm</textarea>" in nothing.text
    assert (await baum.submit(path, {"verdict": "no_objection"})).status_code == 303
    assert (await kept(applications)).verdict == "no_objection"


@sqlite
async def test_wrong_and_expired_links_get_the_same_page(
    applications: Service, resident: New, clock: SetClock
) -> None:
    path, _ = await asked(applications, resident)
    baum = resident()
    clock.forward(days=14 + 29)
    late = await baum.get(path)
    assert late.status_code == 200 and "trotzdem noch antworten" in late.text
    clock.forward(days=1)
    unknown = await baum.get("/antraege/stellungnahme/" + "x" * 43)
    expired = await baum.get(path)
    said = [answer.text.split("<main")[1].split("</main>")[0] for answer in (unknown, expired)]
    assert said[0] == said[1] and expired.status_code == 404
    assert unknown.status_code == 404 and "Dieser Link geht nicht" in unknown.text
    assert (await baum.submit(path, CONCERNS, on="/mein/link")).status_code == 404
    assert (await kept(applications)).given_at is None


@sqlite
async def test_decided_meanwhile_says_so_and_takes_nothing(
    applications: Service, resident: New
) -> None:
    path, application_id = await asked(applications, resident)
    async with applications.db.begin() as session:
        one = await locked_application(session, application_id)
        await withdraw(session, one, actor="applicant", at=applications.clock.now())
    baum = resident()
    shown = (await baum.get(path)).text
    assert "nicht mehr" in shown and "Stellungnahme abgeben" not in shown
    assert (await baum.submit(path, CONCERNS, on="/mein/link")).status_code == 303
    assert (await kept(applications)).given_at is None
    assert (await stored(applications))[0].status is Status.WITHDRAWN


@sqlite
async def test_of_an_erased_person_nothing_is_shown(applications: Service, resident: New) -> None:
    path, application_id = await asked(applications, resident)
    async with applications.db.begin() as session:
        (await locked_application(session, application_id)).forget(at=applications.clock.now())
    baum = resident()
    assert (await baum.get(path)).status_code == 404
    assert (await baum.submit(path, CONCERNS, on="/mein/link")).status_code == 404
