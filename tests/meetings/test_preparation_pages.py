"""The office prepares a session from page to page; who only reads changes nothing."""

import html
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands.budgets import remember
from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.attendance import Reply
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.session import Session, Status
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from shared.web.i18n import LANGUAGES, direction
from tests.meetings.agendas import Told, tell
from tests.meetings.people import Person, hidden, told
from tests.meetings.preparation import (
    GARDEN,
    evening,
    invite,
    invited,
    lines_of,
    members,
    own_item,
    reopen,
    titles,
    way_in,
)
from tests.meetings.preparation import usual as propose

NewPerson = Callable[[], Person]
PRIMARY = re.compile(
    r'kern-btn--primary"[^>]*>(?:<span class="kern-icon[^>]*></span>)?<span class="kern-label">([^<]*)'
)


def primary(page: httpx.Response) -> list[str]:
    """The buttons that name the one act of a page."""
    return [html.unescape(one) for one in PRIMARY.findall(page.text)]


def said(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def fields(page: str, action: str = "") -> dict[str, str]:
    """What the form that posts to `action` holds, typed fields included."""
    found_forms = re.findall(r'<form[^>]*method="post"([^>]*)>(.*?)</form>', page, re.DOTALL)
    body = next(
        body
        for attributes, body in found_forms
        if (f'action="{action}"' in attributes if action else "action=" not in attributes)
    )
    values = re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', body)
    return {name: html.unescape(value) for name, value in values}


async def press(who: Person, path: str, action: str, **typed: str) -> httpx.Response:
    """Press the button of that form on this page."""
    shown = await who.get(path)
    return await who.http.post(action or path, data=fields(shown.text, action) | typed)


async def test_a_session_is_prepared_from_page_to_page(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    may, case = await evening(meetings), Told(meetings)
    applicant = await meetings.seals.person(email="frieda@example.org")
    await tell(meetings, case.admitted(may), await case.paper(applicant))
    await members(meetings, 2)
    await members(meetings, 1, on_paper=True, name="Papier")
    office = await person().enter(Role.OFFICE)
    base = f"/buero/sitzungen/{may}"
    assert primary(await office.get(base)) == ["Tagesordnung ordnen"]

    order = f"{base}/tagesordnung"
    added = await office.http.post(
        f"{order}/dazu", data=usual_fields((await office.get(order)).text, "all")
    )
    assert added.status_code == 303
    shown = (await office.get(order)).text
    assert "3 Punkte sind dazugekommen." not in shown
    assert await titles(meetings, may) == [
        "Eröffnung und Begrüßung",
        "Sommerfest im Innenhof",
        "Verschiedenes",
    ]
    assert (
        await office.post(f"{order}/neu", {"kind": "discussion", "title": "Garten"})
    ).status_code == 303
    moved = await press(office, order, "", move="up-3", **{"lines-1-minutes": "30"})
    assert moved.status_code == 303
    assert (await titles(meetings, may))[2:] == ["Garten", "Verschiedenes"]
    lines = await lines_of(meetings, may)
    assert lines[1].item.planned_minutes == 30
    onwards = await press(office, order, "", then="invite", **{"lines-1-minutes": "35"})
    assert onwards.headers["location"] == f"{base}/einladen"
    assert (await lines_of(meetings, may))[1].item.planned_minutes == 35
    assert primary(await office.get(base)) == ["Einladen"]

    check = await office.get(f"{base}/einladen")
    assert primary(check) == ["Einladung verschicken"]
    for words in ("2 Mitglieder per E-Mail", "1 Mitglied auf Papier", "Papier 0", "18:05"):
        assert words in check.text
    assert "Für diese Sitzung gilt keine Frist." in check.text
    assert (await office.post(f"{base}/einladen")).status_code == 303
    assert len(await invited(meetings)) == 3
    after = await office.get(base)
    assert primary(after) == []
    assert f'href="{base}/raum"' in after.text
    assert "0 haben zugesagt" in after.text
    letters = await office.get(f"{base}/einladungen.pdf")
    assert letters.headers["content-type"] == "application/pdf"
    assert "Papier 0" in said(letters.content)
    assert "Mitglied 0" not in said(letters.content)
    assert "18:05" in said(letters.content)


def usual_fields(page: str, kind: str) -> dict[str, str]:
    """The one-click form for this kind."""
    bodies = re.findall(r'<form[^>]*/dazu"[^>]*>(.*?)</form>', page, re.DOTALL)
    body = next(body for body in bodies if f'value="{kind}"' in body)
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', body))


async def test_the_clock_decides_when_the_session_is_run_and_its_minutes_are_written(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await invite(meetings, may)
    office = await person().enter(Role.OFFICE)
    assert "nichts zu tun" in (await office.get(f"/buero/sitzungen/{may}")).text
    clock.forward(days=65)
    await office.sign_in()
    assert "Heute ist die Sitzung." in (await office.get(f"/buero/sitzungen/{may}")).text
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, may)
        meeting.status, meeting.opened_at = Status.CLOSED, clock.now()
    page = await office.get(f"/buero/sitzungen/{may}")
    assert primary(page) == ["Protokoll schreiben"]
    assert f'href="/buero/sitzungen/{may}/protokoll"' in page.text


async def test_what_does_not_fit_is_said_with_its_number(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings, ends=18 + 1)
    for minutes in (50, 25):
        await own_item(meetings, may, words(minutes))
    office = await person().enter(Role.OFFICE)
    for page in ("", "/tagesordnung", "/einladen"):
        assert "15 Minuten zu viel" in (await office.get(f"/buero/sitzungen/{may}{page}")).text


def words(minutes: int) -> Any:
    return type(GARDEN)(kind=GARDEN.kind, title=f"Punkt {minutes}", minutes=minutes)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"lines-0-minutes": "viel"}, "lines-0-minutes"),
        ({"lines-0-minutes": "601"}, "lines-0-minutes"),
        ({"lines-0-minutes": "-1"}, "lines-0-minutes"),
        ({"lines-0-place": "0"}, "lines-0-place"),
        ({"lines-0-place": "oben"}, "lines-0-place"),
    ],
)
async def test_numbers_that_are_none_are_said_beside_their_field(
    person: NewPerson, meetings: Service, typed: dict[str, str], field: str
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    answer = await press(office, f"/buero/sitzungen/{may}/tagesordnung", "", **typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{next(iter(typed.values()))}"' in answer.text


async def test_typed_numbers_put_an_item_where_they_say(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    for minutes in (1, 2, 3, 4):
        await own_item(meetings, may, words(minutes))
    office, path = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}/tagesordnung"
    await press(office, path, "", **{"lines-0-place": "3"})
    assert await titles(meetings, may) == ["Punkt 2", "Punkt 3", "Punkt 1", "Punkt 4"]
    await press(office, path, "", **{"lines-3-place": "1"})
    assert await titles(meetings, may) == ["Punkt 4", "Punkt 2", "Punkt 3", "Punkt 1"]
    await press(office, path, "", move="down-3")
    await press(office, path, "", move="sideways")
    assert await titles(meetings, may) == ["Punkt 4", "Punkt 2", "Punkt 3", "Punkt 1"]


async def test_an_own_item_is_changed_and_taken_off(person: NewPerson, meetings: Service) -> None:
    may = await evening(meetings)
    item = await own_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{may}/punkte/{item}"
    empty = await press(office, f"{path}/aendern", "", title="", kind="report")
    assert empty.status_code == 422
    assert 'href="#title"' in empty.text
    known = {"title": "Bericht", "kind": "report", "text": "Kurz", "minutes": "7"}
    assert (await press(office, f"{path}/aendern", "", **known)).status_code == 303
    [line] = await lines_of(meetings, may)
    assert (line.title, line.item.kind, line.item.text, line.item.minutes) == (
        "Bericht",
        "report",
        "Kurz",
        7,
    )
    gone = await press(office, f"{path}/aendern", f"{path}/entfernen")
    assert gone.status_code == 303
    assert await titles(meetings, may) == []


async def test_nobody_writes_an_application_or_reaches_into_another_session(
    person: NewPerson, meetings: Service
) -> None:
    may, june = await evening(meetings), await evening(meetings, "2026-06-10")
    await tell(meetings, Told(meetings).admitted(may))
    item = await own_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    forged = {"kind": "application", "title": "Geld"}
    answer = await office.post(f"/buero/sitzungen/{may}/tagesordnung/neu", forged)
    assert answer.status_code == 422
    [application, _own] = await lines_of(meetings, may)
    path = f"/buero/sitzungen/{may}/punkte/{application.item.id}/aendern"
    assert (await office.get(path)).status_code == 409
    assert (await office.get(f"/buero/sitzungen/{june}/punkte/{item}/aendern")).status_code == 404
    assert len(await lines_of(meetings, may)) == 2


async def test_an_agenda_that_was_sent_is_changed_by_an_act_of_its_own(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await members(meetings, 1)
    await invite(meetings, may)
    office, base = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}"
    refused = await office.get(f"{base}/tagesordnung/neu")
    assert refused.status_code == 409
    assert "nachträglich" in refused.text
    assert primary(await office.get(f"{base}/tagesordnung")) == ["Tagesordnung nachträglich ändern"]
    assert (await office.post(f"{base}/tagesordnung/aendern")).status_code == 303
    assert primary(await office.get(base)) == ["Noch einmal einladen"]
    assert (await office.post(f"{base}/einladen")).status_code == 303
    assert [letter.again for letter in await invited(meetings)] == [False, True]
    assert "Zum zweiten Mal verschickt" in (await office.get(base)).text


async def test_a_late_invitation_asks_for_its_reason_and_keeps_what_was_typed(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    async with meetings.db.begin() as session:
        meeting = await session.get_one(Session, may)
        meeting.rules = meeting.rules | {"invitation_days": 90}
    office, path = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}/einladen"
    assert "Die Frist war am" in (await office.get(path)).text
    refused = await office.post(path)
    assert refused.status_code == 422
    assert 'href="#urgent_because"' in refused.text
    assert (
        await office.post(path, {"urgent_because": "Der Zuschuss verfällt."})
    ).status_code == 303
    [event] = await told(meetings, "invitation")
    assert event["data"]["urgent"] is True


async def test_an_agenda_that_changed_under_the_check_page_is_shown_again(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    office, path = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}/einladen"
    before = hidden((await office.get(path)).text)
    await tell(meetings, Told(meetings).admitted(may))
    answer = await office.http.post(path, data=before)
    assert answer.status_code == 422
    assert "hat sich gerade geändert" in answer.text
    assert await told(meetings, "invitation") == []
    assert (await office.http.post(path, data=hidden(answer.text))).status_code == 303


async def test_papers_come_as_one_file_for_the_office_with_what_is_left(
    person: NewPerson, meetings: Service
) -> None:
    may, case = await evening(meetings), Told(meetings)
    applicant = await meetings.seals.person(email="frieda@example.org")
    await tell(
        meetings,
        case.admitted(may),
        await case.paper(applicant),
        await case.statement(applicant, "Der Rasen leidet."),
    )
    async with meetings.db.begin() as session:
        await remember(session, case.not_covered(case.application_id, 70000))
    office = await person().enter(Role.OFFICE)
    answer = await office.get(f"/buero/sitzungen/{may}/unterlagen.pdf")
    text = said(answer.content)
    for words_ in ("Frieda Kruse", "Der Rasen leidet.", "800,00", "700,00", "reicht nicht"):
        assert words_ in text
    assert "no-store" in answer.headers["cache-control"]
    await meetings.seals.erase(applicant)
    text = said((await office.get(f"/buero/sitzungen/{may}/unterlagen.pdf")).content)
    assert "Frieda" not in text
    assert "(gelöscht)" in text


async def test_a_follow_up_item_shows_the_office_what_is_open(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await propose(meetings, may, "follow_up")
    [line] = await lines_of(meetings, may)
    office = await person().enter(Role.OFFICE)
    shown = (await office.get(f"/buero/sitzungen/{may}/punkte/{line.item.id}")).text
    assert "Alle Aufgaben sind erledigt." in shown
    assert "Punkt ändern" in shown


async def test_the_office_notes_what_it_hears_on_the_phone(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    [member] = await members(meetings, 1, on_paper=True, name="Papier")
    await members(meetings, 1, status=MemberStatus.DECLARED)
    await invite(meetings, may)
    office, base = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}"
    nobody = await press(office, base, f"{base}/antworten", coming="yes")
    assert nobody.status_code == 422
    assert 'href="#member_id"' in nobody.text
    noted = await press(office, base, f"{base}/antworten", coming="no", member_id=str(member.id))
    assert noted.status_code == 303
    async with meetings.db.read() as session:
        [kept] = await session.scalars(select(Reply))
    assert (kept.member_id, kept.coming) == (member.id, "no")
    assert "Kommt nicht" in (await office.get(base)).text


async def test_auditors_read_and_have_no_buttons(person: NewPerson, meetings: Service) -> None:
    may = await evening(meetings)
    item = await own_item(meetings, may)
    auditor, base = await person().enter(Role.AUDITOR), f"/buero/sitzungen/{may}"
    page = await auditor.get(base)
    assert primary(page) == []
    assert "Nur lesen" in page.text
    assert (await auditor.get(f"{base}/unterlagen.pdf")).status_code == 200
    for path in (
        "/tagesordnung",
        "/tagesordnung/neu",
        "/tagesordnung/aendern",
        "/einladen",
        "/einladungen.pdf",
        f"/punkte/{item}/aendern",
    ):
        assert (await auditor.get(f"{base}{path}")).status_code == 403
    before = await titles(meetings, may)
    for path in ("/tagesordnung", "/tagesordnung/dazu", "/einladen", "/antworten"):
        token = hidden((await auditor.get("/konto")).text)
        assert (await auditor.http.post(f"{base}{path}", data=token)).status_code == 403
    assert await titles(meetings, may) == before


async def test_programs_prepare_a_session_too(person: NewPerson, meetings: Service) -> None:
    may = await evening(meetings)
    [member] = await members(meetings, 1)
    office = await person().enter(Role.OFFICE)
    api, base = Program(office), f"/api/v1/meetings/sessions/{may}"
    made = await api.post(f"{base}/agenda/items", kind="report", title="Bericht", minutes=5)
    assert made.status_code == 201
    [item] = made.json()["items"]
    assert (item["position"], item["starts_at"]) == (1, "2026-05-06T16:00:00Z")
    line = {"item_id": item["id"], "version": item["version"], "minutes": 12}
    ordered = await api.put(f"{base}/agenda", items=[line])
    assert ordered.json()["items"][0]["minutes"] == 12
    version = ordered.json()["items"][0]["version"]
    changed = await api.put(
        f"/api/v1/meetings/agenda/{item['id']}", kind="other", title="Anders", version=version
    )
    assert changed.json()["items"][0]["title"] == "Anders"
    meeting = (await office.get(base)).json()
    sent = await api.post(f"{base}/invitation", version=meeting["version"])
    assert sent.json()["status"] == "invited"
    reply = await api.post(f"{base}/replies", member_id=str(member.id), coming="yes")
    assert reply.json()["votes_coming"] == 1
    assert (await office.get(f"{base}/replies")).json() == reply.json()
    fixed = await api.post(f"{base}/agenda/items", kind="report", title="Zu spät")
    assert fixed.status_code == 409
    opened = await api.post(f"{base}/agenda/reopen", version=sent.json()["version"])
    assert opened.status_code == 200
    version = (await found_item(meetings, may)).version
    gone = await api.post(f"/api/v1/meetings/agenda/{item['id']}/remove", version=version)
    assert gone.json()["items"] == []
    nothing = await api.post(f"{base}/invitation", version=opened.json()["version"])
    assert nothing.status_code == 422


async def found_item(service: Service, session_id: UUID) -> Any:
    [line] = await lines_of(service, session_id)
    return line.item


class Program:
    """Sends JSON as the signed-in person, with a new command each time."""

    def __init__(self, who: Person) -> None:
        self.who = who

    async def post(self, path: str, **sent: Any) -> httpx.Response:
        return await self._send("POST", path, sent)

    async def put(self, path: str, **sent: Any) -> httpx.Response:
        return await self._send("PUT", path, sent)

    async def _send(self, method: str, path: str, sent: dict[str, Any]) -> httpx.Response:
        token = hidden((await self.who.get("/konto")).text)["csrf_token"]
        headers = {"X-CSRF-Token": token, "Accept": "application/json"}
        body = {"command_id": str(uuid7())} | sent
        return await self.who.http.request(method, path, json=body, headers=headers)


async def test_the_public_page_shows_times_and_what_came_later(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await invite(meetings, may)
    await tell(meetings, Told(meetings).admitted(may))
    shown = (await person().get(f"/sitzungen/{may}")).text
    assert "nachträglich dazugekommen" in shown
    assert "18:20" in shown
    await reopen(meetings, may)
    assert "nachträglich dazugekommen" not in (await person().get(f"/sitzungen/{may}")).text


async def test_a_second_call_is_said_wherever_the_agenda_is(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await tell(meetings, Told(meetings).admitted(may))
    [line] = await lines_of(meetings, may)
    async with meetings.db.begin() as session:
        (await session.get_one(AgendaItem, line.item.id)).second_call = True
    await members(meetings, 1, on_paper=True)
    office, base = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}"
    assert (
        "In dieser Sitzung entscheidet, wer kommt." in (await office.get(f"{base}/einladen")).text
    )
    await invite(meetings, may)
    [letter] = await invited(meetings)
    assert [one.second_call for one in letter.agenda] == [True]
    way = await way_in(meetings, letter)
    assert "In dieser Sitzung entscheidet, wer kommt." in (await person().get(way)).text
    for file in ("einladungen.pdf", "unterlagen.pdf"):
        assert "zweiter aufruf" in said((await office.get(f"{base}/{file}")).content).lower()


async def test_moving_an_invited_session_says_what_becomes_of_the_invitation(
    person: NewPerson, meetings: Service
) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    await invite(meetings, may)
    office, path = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}/verschieben"
    moved = {"day": "13.5.2026", "starts": "18:00", "place": "Saal", "reason": "room"}
    check = await office.post(path, moved | {"turn": "check"})
    assert "Die Einladung gilt nicht mehr" in check.text


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
async def test_every_page_speaks_every_language_and_has_one_act(
    person: NewPerson, meetings: Service, lang: str
) -> None:
    may, case = await evening(meetings, ends=18 + 1), Told(meetings)
    applicant = await meetings.seals.person(email="frieda@example.org")
    words_ = await case.paper(applicant), await case.statement(applicant, "Bitte leise.")
    await tell(meetings, case.admitted(may), *words_)
    await propose(meetings, may)
    await propose(meetings, may, "follow_up")
    await own_item(meetings, may, words(90))
    await members(meetings, 2, on_paper=True)
    office, base = await person().enter(Role.OFFICE), f"/buero/sitzungen/{may}"
    await office.get("/sitzungen", lang=lang)
    own = (await lines_of(meetings, may))[-1].item.id
    before = [
        await office.get(f"{base}{path}")
        for path in (
            "",
            "/tagesordnung",
            "/tagesordnung/neu",
            f"/punkte/{own}",
            f"/punkte/{own}/aendern",
            "/einladen",
        )
    ]
    await invite(meetings, may)
    way = await way_in(meetings, (await invited(meetings))[0])
    papers = way.replace("antwort", "unterlagen")
    after = [
        await office.get(path)
        for path in (base, f"{base}/tagesordnung", f"{base}/tagesordnung/aendern", way, papers)
    ]
    for answer in (*before, *after, await office.post(way, {})):
        assert answer.status_code in (200, 422), answer.text
        assert f'<html lang="{lang}" dir="{direction(lang)}">' in answer.text
        assert answer.text.count("<h1") == 1
        assert "%(" not in answer.text
        assert 'style="' not in answer.text
        assert answer.text.count("kern-btn--primary") <= 1
