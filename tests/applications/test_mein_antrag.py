"""Back to one's own application: by a mailed link or its code, in one's own browser, and no one else's."""

from collections.abc import Callable
from uuid import UUID

import pytest

from services.applications.domain import Application, Status
from shared.clock import SetClock
from shared.events.applications import ApplicationWithdrawn, CaseLinkRequested
from shared.events.people import Link
from shared.service import Service
from tests.applications.people import (
    JUNE,
    Resident,
    pdf,
    plan_session,
    sign_in_applicant,
    stored,
    told,
)

New = Callable[..., Resident]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def ask_for_link(applications: Service, someone: Resident) -> Link:
    answer = await someone.submit("/mein", {"email": "Ayse@Example.org"})
    assert answer.headers["location"] == "/mein/link"
    event = (await told(applications, CaseLinkRequested))[-1]
    link = await applications.seals.open(event.link, Link)
    assert link is not None and link.code
    return link


def path_of(link: Link) -> str:
    return link.url.removeprefix("https://stadtteil.example")


async def own_case(applications: Service, resident: New) -> tuple[Resident, UUID]:
    """Somebody signed in to the application they handed in."""
    someone = resident()
    await someone.apply()
    application_id = (await stored(applications))[-1].id
    await sign_in_applicant(applications, someone, application_id)
    return someone, application_id


async def test_the_mailed_link_opens_the_case_in_the_browser_that_asked(
    applications: Service, resident: New
) -> None:
    await plan_session(applications, JUNE)
    await resident().apply()
    [application] = await stored(applications)
    someone = resident()
    link = await ask_for_link(applications, someone)
    offered = await someone.get(path_of(link))
    assert "Meinen Antrag öffnen" in offered.text
    assert (await someone.submit(path_of(link))).headers["location"] == "/mein"
    assert (await someone.get("/mein")).headers["location"] == f"/mein/{application.id}"
    case = await someone.get(f"/mein/{application.id}")
    for words in ("2026-001", "Sommerfest im Innenhof", "800,00", "10. Juni 2026", "Angekommen"):
        assert words in case.text
    assert "DE89370400440532013000" not in case.text and "DE•• •••• •••• 3000" in case.text
    again = await someone.get(path_of(link))
    assert again.status_code == 410 and "schon benutzt" in again.text


async def test_another_browser_is_sent_back_and_the_code_works_where_it_was_asked_for(
    applications: Service, resident: New
) -> None:
    await resident().apply()
    someone, phone = resident(), resident()
    link = await ask_for_link(applications, someone)
    refused = await phone.get(path_of(link))
    assert refused.status_code == 404 and "in dem Browser" in refused.text
    wrong = await someone.submit("/mein/link", {"code": "AAAA-AAAA"})
    assert wrong.status_code == 422 and 'id="code-error"' in wrong.text
    assert (await phone.submit("/mein/link", {"code": link.code})).status_code == 422
    assert (await someone.submit("/mein/link", {"code": link.code})).headers["location"] == "/mein"


async def test_after_ten_minutes_the_link_opens_nothing(
    applications: Service, resident: New, clock: SetClock
) -> None:
    await resident().apply()
    someone = resident()
    link = await ask_for_link(applications, someone)
    clock.forward(minutes=10)
    late = await someone.submit(path_of(link), on="/mein")
    assert late.status_code == 410 and "nur 10 Minuten" in late.text


async def test_an_unknown_address_gets_the_same_answer_and_no_letter(
    applications: Service, resident: New
) -> None:
    await resident().apply()
    someone, stranger = resident(), resident()
    known = await someone.submit("/mein", {"email": "ayse@example.org"})
    unknown = await stranger.submit("/mein", {"email": "niemand@example.org"})
    assert (known.status_code, known.headers["location"], known.text) == (
        unknown.status_code,
        unknown.headers["location"],
        unknown.text,
    )
    assert len(await told(applications, CaseLinkRequested)) == 1
    wrong = await stranger.submit("/mein/link", {"code": "AAAA-AAAA"})
    assert wrong.status_code == 422


@sqlite
async def test_one_address_is_not_flooded(applications: Service, resident: New) -> None:
    await resident().apply()
    someone = resident()
    codes = [
        (await someone.submit("/mein", {"email": "ayse@example.org"})).status_code for _ in range(6)
    ]
    assert codes == [303] * 5 + [429]
    assert len(await told(applications, CaseLinkRequested)) == 5


async def test_all_applications_of_an_address_are_listed_drafts_too(
    applications: Service, resident: New
) -> None:
    await resident().apply()
    await resident().apply(title="Lesenachmittag")
    half = resident()
    await half.begin()
    await half.fill("idee", {"title": "Noch ein Plan"})
    await half.fill("wer")
    someone = resident()
    link = await ask_for_link(applications, someone)
    await someone.submit(path_of(link))
    shown = await someone.get("/mein")
    for title in ("Sommerfest im Innenhof", "Lesenachmittag", "Noch ein Plan"):
        assert title in shown.text
    draft = (await stored(applications))[-1]
    answer = await someone.submit(f"/mein/{draft.id}/weiter", on="/mein")
    assert answer.headers["location"] == "/antraege/entwurf"
    assert "Noch ein Plan" in (await someone.get("/antraege/entwurf/idee")).text


async def test_withdrawing_asks_first_then_tells_it_once(
    applications: Service, resident: New
) -> None:
    someone, application_id = await own_case(applications, resident)
    path = f"/mein/{application_id}/zurueckziehen"
    asked = await someone.get(path)
    assert "nicht abgestimmt" in asked.text
    assert (await stored(applications))[0].status == Status.SUBMITTED
    for _ in range(2):
        answer = await someone.submit(path, on="/mein/link")
        assert answer.headers["location"] == f"/mein/{application_id}"
    [event] = await told(applications, ApplicationWithdrawn)
    assert (event.application_id, event.number) == (application_id, "2026-001")
    case = await someone.get(f"/mein/{application_id}")
    assert "Zurückgezogen" in case.text and "zurueckziehen" not in case.text


async def test_nobody_sees_or_withdraws_what_is_anothers(
    applications: Service, resident: New
) -> None:
    _, mine = await own_case(applications, resident)
    other = resident()
    await other.apply()
    theirs = (await stored(applications))[-1].id
    await sign_in_applicant(applications, other, theirs)
    assert (await other.get(f"/mein/{theirs}")).status_code == 200
    for path in (f"/mein/{mine}", f"/mein/{mine}/zurueckziehen"):
        assert (await other.get(path)).status_code == 403
    refused = await other.submit(f"/mein/{mine}/zurueckziehen", on="/mein/link")
    assert refused.status_code == 403
    assert (await stored(applications))[0].status == Status.SUBMITTED


@sqlite
async def test_files_are_shown_to_their_owner_only(applications: Service, resident: New) -> None:
    someone, other = resident(), resident()
    await someone.begin()
    await someone.upload(("plan.pdf", pdf()))
    for slug in ("idee", "wer", "kosten"):
        await someone.fill(slug)
    await someone.hand_in()
    application_id = (await stored(applications))[0].id
    await sign_in_applicant(applications, someone, application_id)
    case = await someone.get(f"/mein/{application_id}")
    href = case.text.split(f'href="/mein/{application_id}/dateien/')[1].split('"')[0]
    path = f"/mein/{application_id}/dateien/{href}"
    assert (await someone.get(path)).content == pdf()
    assert (await other.get(path)).status_code == 303


@sqlite
async def test_whoever_has_a_draft_here_sees_how_far_it_is(resident: New) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("idee")
    shown = await someone.get("/mein")
    assert "Fertig" in shown.text and "Noch leer" in shown.text and "Weiterschreiben" in shown.text


@sqlite
async def test_what_can_no_longer_be_withdrawn_says_so_and_stays(
    applications: Service, resident: New
) -> None:
    someone, application_id = await own_case(applications, resident)
    async with applications.db.begin() as session:
        application = await session.get_one(Application, application_id)
        application.status = Status.GRANTED
    path = f"/mein/{application_id}/zurueckziehen"
    assert (await someone.get(path)).headers["location"] == f"/mein/{application_id}"
    refused = await someone.submit(path, on="/mein/link")
    assert refused.status_code == 409 and "geht bei diesem Antrag nicht mehr" in refused.text
    assert await told(applications, ApplicationWithdrawn) == []
