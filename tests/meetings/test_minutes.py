"""The minutes write themselves from the evening, and are the office's to complete."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import event

from services.meetings.commands.minutes import write
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.domain.agenda import ItemKind
from services.meetings.domain.member import BoardRole, Member
from services.meetings.domain.minutes import (
    MARK,
    MOVES,
    IllegalMove,
    MinutesStatus,
    NotHeldYet,
    UnclosedBlank,
    check_blanks,
    public,
    written,
)
from services.meetings.domain.session import Session
from services.meetings.minutes_paper import texts_of
from services.meetings.minutes_words import names_in
from services.meetings.queries.minutes import facts_of, record_of
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import only_item, order, plan
from tests.meetings.evenings import whole_evening
from tests.meetings.people import Person, hidden, told
from tests.meetings.rooms import Hall, invited
from tests.meetings.test_votes import SHEET, evening, voted

NewPerson = Callable[[], Person]


def plain(page: str) -> str:
    main = page[page.find("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def read(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    pages = PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def typed(page: str) -> dict[str, str]:
    """The form of the page as a browser would send it again."""
    texts = re.findall(
        r'<textarea[^>]* name="(texts-\d+-text)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    )
    return hidden(page) | {name: html.unescape(text) for name, text in texts}


def field_of(sent: dict[str, str], part: str) -> str:
    [name] = [name for name, value in sent.items() if value == part]
    return name.replace("part", "text")


async def test_an_evening_of_six_items_and_four_votes_needs_no_typing_to_be_circulated(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    form = typed((await office.get(done.path)).text)
    texts = {name: text for name, text in form.items() if name.endswith("-text")}
    assert len(texts) == 8
    assert all(len(text) > 20 for text in texts.values())
    answer = await office.post(done.path + "/genehmigung")
    assert answer.status_code == 303, answer.text
    [*sent] = await told(meetings, "minutes.circulated")
    assert {one["data"]["member_id"] for one in sent} == {str(one) for one in done.hall.members[:5]}
    async with meetings.db.read() as session:
        kept = await record_of(session, done.session_id)
    assert kept.status is MinutesStatus.CIRCULATED
    assert sorted(kept.texts.values()) == sorted(texts.values())


async def test_the_first_texts_are_sentences_from_what_happened(meetings: Service) -> None:
    done = await whole_evening(meetings)
    async with meetings.db.read() as session:
        facts = await facts_of(session, done.session_id)
        sight = await record_of(session, done.session_id)
    texts = list(texts_of(facts, sight).values())
    assert texts == [
        (
            "Die Sitzung begann um 18:00 Uhr. 5 von 7 Stimmen waren da. Nötig sind 4."
            " Das Gremium war beschlussfähig."
        ),
        (
            "Das Gremium hat den Antrag 2026-000 „Sommerfest im Innenhof“ beraten. Beantragt sind"
            " 800,00\u00a0€. Angenommen (3 Ja, 1 Nein): 650,00\u00a0€ bewilligen."
        ),
        (
            "Das Gremium hat den Antrag 2026-001 „Sommerfest im Innenhof“ beraten. Beantragt sind"
            " 800,00\u00a0€. Abgelehnt (1 Ja, 4 Nein): 650,00\u00a0€ bewilligen."
        ),
        (
            "Das Gremium hat den Antrag 2026-002 „Sommerfest im Innenhof“ beraten. Beantragt sind"
            " 800,00\u00a0€. Angenommen (5 Ja, 0 Nein): Auf eine spätere Sitzung vertagen."
        ),
        (
            "Das Gremium hat über „Neue Bänke“ gesprochen. Angenommen (2 Ja, 1 Nein, 1 Enthaltung):"
            " Wir stellen drei Bänke auf. Daraus folgt 1 Aufgabe."
        ),
        "Das Gremium hat gehört: Bericht des Büros.",
        "Das Gremium hat besprochen, was aus früheren Beschlüssen offen ist.",
        "Die Sitzung endete um 19:30 Uhr.",
    ]


async def test_what_the_board_did_not_come_to_was_not_dealt_with(meetings: Service) -> None:
    hall = await invited(meetings)
    called = await hall.item("Neue Bänke")
    await hall.item("Bericht des Büros", ItemKind.REPORT)
    await hall.arrive(await hall.member())
    await hall.open()
    await hall.call(called)
    await hall.close()
    async with meetings.db.read() as session:
        facts = await facts_of(session, hall.session_id)
        texts = texts_of(facts, await record_of(session, hall.session_id))
    assert list(texts.values())[-3:-1] == [
        "Das Gremium hat über „Neue Bänke“ gesprochen.",
        "Der Punkt „Bericht des Büros“ ist auf eine spätere Sitzung verschoben.",
    ]


async def test_the_whole_minutes_say_who_was_there_from_when_to_when_and_what_was_decided(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    whole = read(await office.get(done.path + "/vollstaendig.pdf"))
    for fact in (
        "Ayşe Yıldız Mitglied 18:00 bis 19:30 Uhr",
        "Dilek Öztürk Mitglied 18:00 bis 19:10 Uhr",
        "Horst Brandt Gast 18:00 bis 19:30 Uhr",
        "5 Mitglieder mit Stimmrecht waren da.",
        "Entschuldigt: Frauke Hansen.",
        "Nicht da: Gül Demir.",
        "3 Gäste waren da.",
        "5 von 7 Stimmen da. Nötig sind 4. Das Gremium war beschlussfähig.",
        "Angenommen mit 3 Ja bei 1 Nein.",
        "Da waren 5 von 7, abstimmen durften 4. Nötig waren 4.",
        "Regel: Einfache Mehrheit: mehr Ja als Nein.",
        "Beschluss Nummer 2026-001.",
        "Auflage: Die Erlaubnis liegt vor. Bis 30. Juni 2026.",
        "Das Geld ist zurückgelegt.",
        "Emil Wagner hat nicht mitgestimmt: arbeitet beim Antragsteller.",
        "Abgestimmt wurde mit Namen.",
        "Carla Neumann Nein",
        "Aufgabe: Angebote für Bänke holen. Wer: Bodo Kirchner. Bis 1. Juni 2026.",
        "Der Antrag kommt in eine spätere Sitzung.",
    ):
        assert fact in whole


async def test_votes_recorded_afterwards_are_enough_for_minutes(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    session_id, _case = await evening(meetings, clock)
    item = await only_item(meetings, session_id)
    await voted(meetings, item.id, replace(SHEET, recused=1))
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{session_id}/protokoll"
    whole = read(await office.get(path + "/vollstaendig.pdf"))
    assert "Das Gremium hat sich am Mittwoch, 6. Mai 2026 getroffen." in whole
    assert "Bei den Abstimmungen waren 11 Mitglieder da." in whole
    assert "1 Mitglied hat nicht mitgestimmt: befangen." in whole
    refused = await office.post(path + "/genehmigung", page=path)
    assert refused.status_code == 409
    assert "Niemand ist als anwesend eingetragen" in refused.text
    answer = await office.post(path + "/genehmigen")
    assert answer.status_code == 303, answer.text
    assert "Genehmigt" in plain((await office.get(f"/sitzungen/{session_id}/protokoll")).text)
    async with meetings.db.read() as session:
        assert (await session.get_one(Session, session_id)).status == "minuted"


async def test_a_session_still_to_come_has_no_minutes(meetings: Service, person: NewPerson) -> None:
    session_id = await plan(meetings, "2026-05-06")
    office = await person().enter(Role.OFFICE)
    assert (await office.get(f"/buero/sitzungen/{session_id}/protokoll")).status_code == 409
    with pytest.raises(NotHeldYet):
        async with meetings.db.begin() as session:
            await write(session, session_id, {"opening": "Neu"}, order(meetings))
    public_page = await office.get(f"/sitzungen/{session_id}/protokoll")
    assert "noch nicht fertig" in public_page.text
    assert (await office.get(f"/sitzungen/{session_id}/protokoll.pdf")).status_code == 404


async def test_texts_keep_themselves_while_somebody_types_and_by_the_button(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    sent = typed((await office.get(done.path)).text)
    sent[field_of(sent, "opening")] = "Guten Abend."
    by_itself = await office.http.post(done.path, data=sent, headers={"HX-Request": "true"})
    assert by_itself.status_code == 200
    assert "Gespeichert" in by_itself.text
    [version] = re.findall(r'name="version" value="(\d+)"', by_itself.text)
    sent["version"], sent[field_of(sent, "closing")] = version, "Bis bald."
    assert (await office.http.post(done.path, data=sent)).status_code == 303
    again = typed((await office.get(done.path)).text)
    assert again[field_of(again, "opening")] == "Guten Abend."
    assert again[field_of(again, "closing")] == "Bis bald."


async def test_what_a_colleague_wrote_meanwhile_is_not_lost_unseen(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    mine = typed((await office.get(done.path)).text)
    theirs = dict(mine)
    theirs[field_of(theirs, "opening")] = "Von der Kollegin."
    assert (await office.http.post(done.path, data=theirs)).status_code == 303
    mine[field_of(mine, "opening")] = "Von mir."
    refused = await office.http.post(done.path, data=mine)
    assert refused.status_code == 422
    assert "Jemand hat das Protokoll inzwischen geändert" in refused.text
    kept = typed(refused.text)
    assert kept[field_of(kept, "opening")] == "Von mir."
    for _second in range(2):
        by_itself = await office.http.post(done.path, data=mine, headers={"HX-Request": "true"})
        assert "Jemand hat das Protokoll inzwischen geändert" in by_itself.text
        mine |= dict(re.findall(r'name="(version)" value="(\d+)"', by_itself.text))
    assert (await office.http.post(done.path, data=kept)).status_code == 303


async def test_the_same_text_twice_is_no_change(meetings: Service) -> None:
    done = await whole_evening(meetings)
    for _time in range(2):
        async with meetings.db.begin() as session:
            assert await write(session, done.session_id, {"opening": "Neu"}, order(meetings)) == 1
    with pytest.raises(ChangedMeanwhile):
        async with meetings.db.begin() as session:
            await write(session, done.session_id, {"opening": "Anders"}, order(meetings))


async def test_a_blank_with_one_end_is_refused_beside_its_text(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    sent = typed((await office.get(done.path)).text)
    sent[field_of(sent, "closing")] = "Danke an [[Ayşe."
    answer = await office.http.post(done.path, data=sent)
    assert answer.status_code == 422
    assert f'id="{field_of(sent, "closing")}-error"' in answer.text
    assert "[[Ayşe." in answer.text


async def test_the_office_sees_names_in_its_text_and_blanks_in_the_preview(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    sent = typed((await office.get(done.path)).text)
    sent[field_of(sent, "closing")] = "Herr Kirchner dankt [[Frieda Kruse]] und Brandts."
    assert (await office.http.post(done.path, data=sent)).status_code == 303
    page = (await office.get(done.path)).text
    assert re.findall(r"<mark><bdi>(.*?)</bdi></mark>", page) == ["Kirchner", "Brandts"]
    preview = (await office.get(done.path + "/vorschau")).text
    assert "Kruse" not in preview
    assert f'<span aria-hidden="true">{MARK}</span><span class="sb-sr">geschwärzt</span>' in preview
    assert "[geschwärzt]" in read(await office.get(done.path + "/oeffentlich.pdf"))
    assert "Frieda Kruse" in read(await office.get(done.path + "/vollstaendig.pdf"))


async def test_who_writes_the_minutes_keeps_them_and_other_members_do_not(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    somebody = await person().enter(Role.MEMBER, email="somebody@example.org")
    assert (await somebody.get(done.path)).status_code == 403
    async with meetings.db.begin() as session:
        member = await session.get_one(Member, done.hall.members[0])
        member.account_id = somebody.account_id
    assert (await somebody.get(done.path)).status_code == 403
    async with meetings.db.begin() as session:
        member = await session.get_one(Member, done.hall.members[0])
        member.take_roles([BoardRole.MINUTES])
    page = await somebody.get(done.path)
    assert page.status_code == 200
    assert (await somebody.http.post(done.path, data=typed(page.text))).status_code == 303


async def test_the_auditor_reads_and_changes_nothing(meetings: Service, person: NewPerson) -> None:
    done = await whole_evening(meetings)
    auditor = await person().enter(Role.AUDITOR)
    page = await auditor.get(done.path)
    assert "Nur lesen" in page.text
    assert "<textarea" not in page.text
    answer = await auditor.post(done.path, {}, page="/konto")
    assert answer.status_code == 403


@pytest.mark.parametrize("many", [3, 200])
async def test_a_large_board_costs_no_more_statements(meetings: Service, many: int) -> None:
    done = await whole_evening(meetings)
    hall: Hall = done.hall
    async with meetings.db.begin() as session:
        first = await session.get_one(Member, hall.members[0])
        for number in range(many):
            more = Member.record(
                first.contact.model_copy(update={"name": f"Nummer {number}"}),
                board_id=first.board_id,
                person_id=first.person_id,
                language="de",
                at=meetings.clock.now(),
            )
            more.status = first.status
            session.add(more)
    statements: list[str] = []

    def counted(_c: object, _u: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    async with meetings.db.read() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", counted)
        facts = await facts_of(session, done.session_id)
        await record_of(session, done.session_id)
        event.remove(engine, "before_cursor_execute", counted)
    assert len(facts.absent) == 1 + many
    assert len(statements) <= 20


def test_names_are_found_whole_and_in_any_case_but_not_inside_other_words() -> None:
    texts = {"a": "SOMMER war da, Sommers auch.", "b": "Das Sommerfest. Der Wagnerplatz."}
    assert names_in(texts, ["Horst Sommer", "Emil Wagner"]) == {"a": ["SOMMER", "Sommers"]}
    assert names_in({"a": "von und zu"}, ["Ada von und zu Berg"]) == {}
    assert names_in({"a": "Ada"}, []) == {}


def test_blanks_come_in_pairs() -> None:
    assert public("Danke, [[Ada\nLovelace]]!") == f"Danke, {MARK}!"
    assert written("Danke, [[Ada]]!") == "Danke, Ada!"
    for wrong in ("[[Ada", "Ada]]", "[[Ada [[Bodo]] Carla]]"):
        with pytest.raises(UnclosedBlank):
            check_blanks("opening", wrong)


FOLLOWS = {
    MinutesStatus.DRAFT: {MinutesStatus.CIRCULATED, MinutesStatus.APPROVED},
    MinutesStatus.CIRCULATED: {MinutesStatus.DRAFT, MinutesStatus.APPROVED},
}


def test_the_minutes_go_only_where_they_may() -> None:
    assert MOVES == FOLLOWS
    refused = IllegalMove(MinutesStatus.DRAFT, MinutesStatus.DRAFT)
    assert (refused.status, refused.to) == (MinutesStatus.DRAFT, MinutesStatus.DRAFT)
