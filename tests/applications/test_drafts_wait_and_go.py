"""A draft is kept as typed, opens again where its owner wants, and ends when nobody touches it."""

import html
from collections.abc import Callable

import pytest

from services.applications.domain import Status
from services.applications.worker import create_worker
from shared.clock import SetClock
from shared.events.applications import DraftDiscarded, DraftSaved
from shared.events.people import Link
from shared.service import Service
from shared.worker import settle
from tests.applications.people import FORM, Resident, pdf, stored, told
from tests.support.browser import TOKEN

New = Callable[..., Resident]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
AUTOSAVE = {"HX-Request": "true"}


async def autosave(someone: Resident, slug: str, **typed: str) -> str:
    token = TOKEN.search((await someone.get(f"{FORM}/{slug}")).text)
    assert token
    sent = {"csrf_token": token[1], **typed}
    answer = await someone.post(f"{FORM}/{slug}", data=sent, headers=AUTOSAVE)
    assert answer.status_code == 200
    return answer.text


async def test_autosave_keeps_even_what_is_wrong_and_sends_no_letter(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    said = await autosave(someone, "wer", email="ayse@example.org", iban="DE12 halb")
    assert "gespeichert" in said and "<html" not in said
    [draft] = await stored(applications)
    assert (draft.typed["iban"], draft.typed["email"]) == ("DE12 halb", "ayse@example.org")
    assert await told(applications, DraftSaved) == []
    assert 'value="DE12 halb"' in (await someone.get(f"{FORM}/wer")).text


async def test_the_running_total_comes_with_every_autosave(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    typed = {"costs-0-what": "Bühne", "costs-0-cents": "680", "costs-1-cents": "noch offen"}
    said = await autosave(someone, "kosten", **typed, **{"funding-0-cents": "80,50"})
    assert 'id="summen"' in said and "599,50" in said


@sqlite
async def test_lines_are_added_and_taken_away_without_script(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    answer = await someone.fill("kosten", aktion="zeile:costs")
    assert answer.headers["location"] == f"{FORM}/kosten#costs-2-what"
    await someone.fill("kosten", aktion="weg:costs-0")
    [draft] = await stored(applications)
    assert [line["what"] for line in draft.typed["costs"]] == ["Bastelmaterial"]
    assert "Bastelmaterial" in html.unescape((await someone.get(f"{FORM}/kosten")).text)


@sqlite
async def test_going_on_later_without_an_address_asks_for_one(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    answer = await someone.fill("idee", aktion="spaeter")
    asked = await someone.get(answer.headers["location"])
    assert 'name="email"' in asked.text
    wrong = await someone.submit(f"{FORM}/spaeter", {"email": "ayse"})
    assert wrong.status_code == 422 and 'id="email-error"' in wrong.text
    await someone.submit(f"{FORM}/spaeter", {"email": "ayse@example.org"})
    assert len(await told(applications, DraftSaved)) == 1


async def test_a_draft_nobody_touches_for_thirty_days_is_gone_with_its_files(
    applications: Service, resident: New, clock: SetClock
) -> None:
    someone, worker = resident(), create_worker(applications)
    await someone.begin()
    await someone.upload(("plan.pdf", pdf()))
    clock.forward(days=20)
    await someone.fill("idee")
    clock.forward(days=29)
    await settle(worker)
    assert len(await stored(applications)) == 1
    clock.forward(days=2)
    await settle(worker)
    assert await stored(applications) == []
    assert not [path for path in applications.settings.files_dir.rglob("*") if path.is_file()]
    assert (await someone.get(f"{FORM}/idee")).headers["location"] == "/antraege/neu"


async def test_what_is_handed_in_is_never_deleted_as_a_draft(
    applications: Service, resident: New, clock: SetClock
) -> None:
    await resident().apply()
    clock.forward(days=60)
    await settle(create_worker(applications))
    assert len(await stored(applications)) == 1


async def test_a_link_is_good_for_thirty_days_and_says_so_afterwards(
    applications: Service, resident: New, clock: SetClock
) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("wer")
    [saved] = await told(applications, DraftSaved)
    link = await applications.seals.open(saved.link, Link)
    assert link is not None
    path = link.url.removeprefix("https://stadtteil.example")
    clock.forward(days=29)
    await someone.fill("idee")
    assert (await resident().get(path)).status_code == 200
    clock.forward(days=2)
    gone = await resident().get(path)
    assert gone.status_code == 410 and "nicht mehr da" in gone.text


@sqlite
async def test_a_discarded_draft_leaves_nothing_and_tells_it(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("idee")
    answer = await someone.submit(f"{FORM}/loeschen")
    assert answer.headers["location"] == "/antraege"
    [draft] = await stored(applications)
    assert (draft.status, draft.typed, draft.title) == (Status.WITHDRAWN, {}, "")
    assert len(await told(applications, DraftDiscarded)) == 1


@sqlite
async def test_a_borrowed_device_forgets_the_draft_and_its_link_still_opens_it(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("wer")
    await someone.submit(f"{FORM}/spaeter/vergessen", on=f"{FORM}/spaeter")
    assert (await someone.get(f"{FORM}/wer")).status_code == 303
    [saved] = await told(applications, DraftSaved)
    link = await applications.seals.open(saved.link, Link)
    assert link is not None
    path = link.url.removeprefix("https://stadtteil.example")
    assert (await someone.submit(path)).headers["location"] == FORM


@sqlite
async def test_nobody_opens_a_draft_with_a_made_up_key(resident: New) -> None:
    someone = resident()
    someone.cookies.set("__Host-entwurf", "x" * 43, domain="stadtteil.example")
    assert (await someone.get(f"{FORM}/idee")).headers["location"] == "/antraege/neu"
    assert (await someone.get("/antraege/fortsetzen/" + "y" * 43)).status_code == 410


@sqlite
async def test_autosave_of_a_page_whose_draft_is_gone_leads_away_and_never_into_the_page(
    resident: New,
) -> None:
    someone = resident()
    await someone.fill_all()
    token = TOKEN.search((await someone.get(f"{FORM}/idee")).text)
    assert token
    await someone.hand_in()
    sent = {"csrf_token": token[1], "title": "Zu spät"}
    answer = await someone.post(f"{FORM}/idee", data=sent, headers=AUTOSAVE)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/antraege/danke")


@sqlite
async def test_letters_come_in_the_language_chosen_in_the_form(
    applications: Service, resident: New
) -> None:
    someone = resident("de")
    await someone.begin()
    await someone.fill("wer")
    [saved] = await told(applications, DraftSaved)
    assert saved.language == "ar"
