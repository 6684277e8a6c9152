"""Every page of ours in every language, in both directions, without a crash or a dead end."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest

from services.meetings.web import create_web
from shared.roles import Role
from shared.service import Service
from shared.web.access import matrix
from shared.web.i18n import LANGUAGES, direction
from shared.web.routes import prefix_of, service_of
from tests.meetings.agendas import Told, only_item, plan, tell
from tests.meetings.people import Person, hidden, told
from tests.meetings.test_planning import EVENING, planned
from tests.meetings.test_votes import TYPED

NewPerson = Callable[[], Person]
LINK = re.compile(r'href="(/[^"?#]*)')

PAGES = (
    "/sitzungen",
    "/sitzungen/{session}",
    "/anmelden",
    "/anmelden/link",
    "/anmelden/link/unbekannt",
    "/anmelden/einladung/unbekannt",
    "/konto",
    "/konto/passwort",
    "/konto/geraet",
    "/konto/codes",
    "/buero/sitzungen",
    "/buero/sitzungen/neu",
    "/buero/sitzungen/gremium",
    "/buero/sitzungen/{session}",
    "/buero/sitzungen/{session}/verschieben",
    "/buero/sitzungen/{session}/absagen",
    "/buero/konten",
    "/buero/konten/neu",
    "/buero/konten/{account}",
    "/buero/konten/{account}/sperren",
    "/buero/konten/{account}/zuruecksetzen",
    "/buero/konten/{account}/einladen",
    "/buero/konten/{account}/entsperren",
)


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
async def test_every_page_speaks_every_language(person: NewPerson, lang: str) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    for pattern in PAGES:
        path = pattern.format(session=session_id, account=office.account_id)
        page = await office.get(path, lang=lang)
        assert page.status_code in (200, 404), (path, page.status_code)
        assert f'<html lang="{lang}" dir="{direction(lang)}">' in page.text
        assert page.text.count("<h1") == 1, path
        assert "%(" not in page.text, path
        assert 'style="' not in page.text


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
async def test_check_and_error_pages_speak_every_language(person: NewPerson, lang: str) -> None:
    office = await person().enter(Role.OFFICE)
    session_id = await planned(office)
    await office.get("/sitzungen", lang=lang)
    acts = {
        "/buero/sitzungen/neu": EVENING | {"day": "3.6.2026"},
        f"/buero/sitzungen/{session_id}/verschieben": EVENING
        | {"day": "20.5.2026", "reason": "room"},
        f"/buero/sitzungen/{session_id}/absagen": {"reason": "Sturm"},
    }
    for path, sent in acts.items():
        for answer in (
            await office.post(path, sent),
            await office.post(path, {"reason": "x" * 3000}),
        ):
            assert f'<html lang="{lang}"' in answer.text
            assert answer.status_code in (200, 422)
    late = await office.act(f"/buero/sitzungen/{session_id}/absagen", "save", {"reason": "Sturm"})
    assert late.status_code == 303
    for path in (f"/sitzungen/{session_id}", "/sitzungen", "/buero/sitzungen"):
        assert (await office.get(path)).status_code == 200
    wrong = await person().post("/anmelden", {"email": "x@example.org", "password": "falsch"})
    assert wrong.status_code == 422


async def evening(office: Person) -> tuple[str, str]:
    """The session's own day, with a paper on its agenda and a vote on more money than is left."""
    service, case = office.service, Told(office.service)
    frieda = await service.seals.person(email="frieda@example.org")
    may = await plan(service, "2026-05-06")
    words = await case.paper(frieda), await case.statement(frieda, "Bitte leise.")
    await tell(service, case.admitted(may), *words)
    office.clock.forward(days=65)
    await office.enter(Role.OFFICE)
    item = await only_item(service, may)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}"
    conditions = {"conditions-0-text": "Mit Erlaubnis", "conditions-0-due_on": "30.6.2026"}
    await office.act(f"{path}/abstimmung", "save", TYPED | conditions)
    [event] = await told(service, "vote.closed")
    await tell(service, case.not_covered(UUID(event["data"]["vote_id"]), 30000))
    return f"/buero/sitzungen/{may}", path


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
async def test_agenda_paper_and_vote_speak_every_language(person: NewPerson, lang: str) -> None:
    office = person()
    meeting, item = await evening(office)
    await office.get("/sitzungen", lang=lang)
    sheet = f"{item}/abstimmung"
    for answer in (
        await office.get(meeting),
        await office.get(meeting.removeprefix("/buero")),
        await office.get(item),
        await office.get(sheet),
        await office.post(sheet, TYPED),
        await office.post(sheet, TYPED | {"motion": "defer"}),
        await office.post(sheet, TYPED | {"yes": "1"}),
        await office.post(sheet, TYPED | {"yes": "99"}),
    ):
        assert answer.status_code in (200, 422), answer.text
        assert f'<html lang="{lang}" dir="{direction(lang)}">' in answer.text
        assert answer.text.count("<h1") == 1
        assert "%(" not in answer.text
        assert 'style="' not in answer.text
        assert answer.text.count("kern-btn--primary") <= 1


async def test_empty_lists_say_what_will_stand_there(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    listed = await office.get("/buero/sitzungen")
    assert "Das Jahr planen" in listed.text
    assert "Noch steht kein Termin fest." in (await person().get("/sitzungen")).text


async def test_every_link_on_a_page_leads_to_a_page_somebody_answers(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    session_id, ours = await planned(office), our_pages(meetings)
    for pattern in PAGES:
        page = await office.get(pattern.format(session=session_id, account=office.account_id))
        check_links(page.text, ours)


async def test_every_link_of_an_agenda_leads_to_a_page_somebody_answers(
    person: NewPerson, meetings: Service
) -> None:
    office, ours = person(), our_pages(meetings)
    for path in await evening(office):
        check_links((await office.get(path)).text, ours)


def our_pages(meetings: Service) -> re.Pattern[str]:
    pages = [path for method, path, _ in matrix(create_web(meetings)) if method == "GET"]
    return re.compile("|".join(re.sub(r"{[^}]+}", "[^/]+", path) for path in pages))


def check_links(page: str, ours: re.Pattern[str]) -> None:
    for path in LINK.findall(page):
        assert prefix_of(path) != "/" or path == "/", path
        if service_of(path) == "meetings" and not path.startswith("/static"):
            assert ours.fullmatch(path), path


async def test_a_strangers_words_stay_words(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    script = "<script>alert(1)</script>"
    await office.act("/buero/sitzungen/neu", "save", EVENING | {"place": script, "note": script})
    for path in ("/sitzungen", "/buero/sitzungen"):
        assert script not in (await office.get(path)).text
    form = hidden((await office.get("/buero/konten/neu")).text)
    sent = form | {"name": script, "email": "neu@example.org", "roles": ["member"]}
    assert (await office.http.post("/buero/konten/neu", data=sent)).status_code == 303
    assert script not in (await office.get("/buero/konten")).text


async def test_the_secret_parts_of_an_address_never_reach_a_cache(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    for path in ("/konto", "/konto/codes", "/anmelden", "/anmelden/einladung/abc"):
        answer = await office.get(path)
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
