"""From the first click to the confirmation, and back in another browser."""

from collections.abc import Callable

from services.applications.domain import Status
from shared.clock import SetClock
from shared.events.applications import ApplicantRecorded, ApplicationSubmitted, DraftSaved
from shared.events.people import Contact, Link
from shared.service import Service
from tests.applications.people import JUNE, Resident, plan_session, stored, told

New = Callable[..., Resident]


async def test_a_resident_gets_through_the_form_and_is_told_number_and_session(
    applications: Service, resident: New
) -> None:
    session_id = await plan_session(applications, JUNE)
    ayse = resident()
    number = await ayse.apply()
    assert number == "2026-001"
    shown = await ayse.get("/antraege/danke")
    assert "10. Juni 2026" in shown.text
    [application] = await stored(applications)
    assert (application.status, application.session_id) == (Status.SUBMITTED, session_id)
    assert application.typed == {}
    [event] = await told(applications, ApplicationSubmitted)
    assert (event.number, event.asked_cents, event.late) == (number, 80000, False)
    assert (event.session_id, event.session_at) == (session_id, JUNE)
    [recorded] = await told(applications, ApplicantRecorded)
    assert recorded.language == "ar"
    contact = await applications.seals.open(recorded.contact, Contact)
    assert contact == Contact(
        name="Ayşe Yıldız",
        email="ayse@example.org",
        phone="+495361123456",
        street="Dessauer Straße 12",
        postcode="38444",
        city="Wolfsburg",
    )


async def test_the_first_address_brings_one_letter_with_a_link_that_opens_the_draft_elsewhere(
    applications: Service, resident: New
) -> None:
    ayse = resident()
    await ayse.begin()
    await ayse.fill("idee")
    await ayse.fill("wer")
    await ayse.fill("kosten")
    [saved] = await told(applications, DraftSaved)
    link = await applications.seals.open(saved.link, Link)
    assert link is not None and link.url.startswith(
        "https://stadtteil.example/antraege/fortsetzen/"
    )
    phone, path = resident(), link.url.removeprefix("https://stadtteil.example")
    offered = await phone.get(path)
    assert offered.status_code == 200 and "__Host-entwurf" not in phone.cookies
    assert (await phone.submit(path)).headers["location"] == "/antraege/entwurf"
    step = await phone.get("/antraege/entwurf/idee")
    assert "Sommerfest im Innenhof" in step.text


async def test_whoever_goes_on_later_gets_a_letter_once_in_ten_minutes(
    applications: Service, resident: New, clock: SetClock
) -> None:
    ayse = resident()
    await ayse.begin()
    for _ in range(3):
        answer = await ayse.fill("wer", aktion="spaeter")
        assert answer.headers["location"] == "/antraege/entwurf/spaeter"
    assert len(await told(applications, DraftSaved)) == 1
    clock.forward(minutes=11)
    await ayse.fill("wer", aktion="spaeter")
    assert len(await told(applications, DraftSaved)) == 2
