"""A whole session by pages only: arrivals, recusal, votes, not enough money, a smaller sum, the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.meetings.domain.agenda import ItemStatus
from services.meetings.domain.member import BoardRole, Member
from shared.roles import Role
from shared.service import Service
from shared.web.i18n import LANGUAGES, direction
from tests.meetings.agendas import tell
from tests.meetings.people import Person, told
from tests.meetings.rooms import Hall, invited, opened
from tests.meetings.screens import (
    Screen,
    in_the_room,
    polled,
    press_on,
    sheets,
    with_button,
    words,
)
from tests.shared.web.test_look_assets import PHYSICAL, QUERY

NewPerson = Callable[[], Person]


async def with_members(service: Service, number: int = 9, **more: object) -> Hall:
    hall = await invited(service, **more)  # type: ignore[arg-type]
    for _member in range(number):
        await hall.member()
    return hall


async def arrivals(screen: Screen, number: int) -> None:
    for member_id in screen.hall.members[:number]:
        await screen.press("Ist da", below="/anwesenheit", about=str(member_id))


async def test_a_whole_session_is_run_from_its_screen(person: NewPerson, meetings: Service) -> None:
    hall = await with_members(meetings, cases=2)
    screen = await in_the_room(person(), hall)
    assert "Bevor es losgeht" in await screen.says()
    await arrivals(screen, 7)
    assert "7 Menschen von der Liste sind da." in await screen.says("/anwesenheit")
    await screen.press("Sitzung eröffnen")
    [_opened] = await told(meetings, "session.opened")
    first, second = await hall.case_item(0), await hall.case_item(1)
    await screen.call(first)
    shown = await screen.says()
    assert "800,00" in shown and "7 von 7" in shown
    await screen.press(
        "Als befangen eintragen", {"member_id": str(hall.members[2]), "because": "relative"}
    )
    shown = await screen.says()
    assert "6 von 7" in shown
    assert "Carla 2" in shown and "ist mit der Person verwandt" in shown
    await screen.ask(amount_cents="800,00")
    check = await screen.count(yes="4", no="1", abstain="1")
    said = words(check.text)
    assert "Angenommen" in said and "Alle 6 Stimmen sind gezählt." in said
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["counts"]["recused"] == 1
    assert "Wir prüfen gerade, ob das Geld reicht." in await screen.says()
    await tell(meetings, hall.cases[0].not_covered(event["data"]["vote_id"], 45000))
    shown = await screen.says()
    assert "Das Geld reicht nicht: noch" in shown and "450,00" in shown
    await screen.press("Über 450,00 € abstimmen")
    await screen.count(yes="6", no="0", abstain="0")
    smaller = (await told(meetings, "vote.closed"))[1]
    assert smaller["data"]["amount_cents"] == 45000
    await tell(meetings, hall.cases[0].reserved(smaller["data"]["vote_id"], 45000))
    assert "Das Geld ist zurückgelegt." in await screen.says(f"?punkt={first}")
    await screen.call(second)
    await screen.press("Verschieben", below=f"/punkte/{second}/ende")
    await screen.press("Geht", below="/anwesenheit", about=str(hall.members[0]))
    assert "6 Menschen von der Liste sind da." in await screen.says("/anwesenheit")
    await screen.press("Sitzung beenden", below="/ende")
    [_closed] = await told(meetings, "session.closed")
    assert "Die Sitzung ist beendet" in await screen.says()
    assert len(await told(meetings, "vote.closed")) == 2
    view = await hall.view()
    assert [line.item.status for line in view.lines if line.item.id == first] == [
        ItemStatus.RESOLVED
    ]


async def asked(person: NewPerson, meetings: Service, manner: str = "hands") -> Screen:
    """An open session at an application, with a vote in this manner."""
    hall = await opened(meetings, there=6, absent=2, cases=2)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    await screen.ask(manner, amount_cents="800")
    return screen


async def colleague(person: NewPerson, screen: Screen) -> Screen:
    """A second screen on the same session."""
    other = await person().enter(Role.OFFICE, email="zweite@example.org", name="Mira Kaya")
    return Screen(other, screen.hall)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"yes": "7", "no": "0"}, "mehr Stimmen, als Mitglieder abstimmen konnten"),
        ({"yes": "viele", "no": "1"}, "Schreiben Sie eine"),
        ({"yes": "", "no": "1"}, "Bitte füllen Sie dieses Feld aus."),
        ({"yes": "-1", "no": "1"}, "mindestens"),
    ],
)
async def test_numbers_that_cannot_be_are_refused_and_stay(
    person: NewPerson, meetings: Service, typed: dict[str, str], said: str
) -> None:
    screen = await asked(person, meetings)
    page = await screen.who.get(screen.path)
    answer = await press_on(screen.who, page, "Weiter", typed)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert "<title>Fehler:" in answer.text
    for name, value in typed.items():
        assert f'id="{name}" name="{name}" type="text" value="{value}"' in answer.text
    assert not await told(meetings, "vote.closed")


async def test_a_question_that_cannot_be_asked_is_refused_beside_its_field(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=4, absent=2, cases=1)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    page = await screen.who.get(screen.path)
    for sent, said in (
        ({"manner": "hands", "amount_cents": "900"}, "Das ist mehr, als beantragt ist."),
        ({"manner": "hands", "amount_cents": ""}, "Schreiben Sie, wie viel Geld es geben soll."),
        ({"manner": "secret", "amount_cents": "800"}, "Geheim geht nur, wenn mindestens 5"),
        ({"manner": "hands", "amount_cents": "8", "motion": "resolve"}, "Worüber"),
    ):
        answer = await press_on(screen.who, page, "Abstimmung eröffnen", {"motion": "grant"} | sent)
        assert answer.status_code == 422, sent
        assert said in words(answer.text)
    assert not await told(meetings, "vote.opened")


async def test_conditions_are_voted_on_with_the_sum(person: NewPerson, meetings: Service) -> None:
    hall = await opened(meetings, there=4, absent=2, cases=1)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    condition = {"conditions-0-text": "Mit Erlaubnis", "conditions-0-due_on": "30.6.2026"}
    await screen.ask(amount_cents="500", **condition)
    assert "Mit Erlaubnis – bis 30. Juni 2026" in await screen.says()
    await screen.count(yes="4", no="0")
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["conditions"] == [{"text": "Mit Erlaubnis", "due_on": "2026-06-30"}]


async def test_an_own_item_is_decided_by_its_sentence_or_ended_without_one(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=4, absent=2)
    bench, report = await hall.item("Neue Bänke"), await hall.item("Bericht")
    screen = await in_the_room(person(), hall)
    await screen.call(bench)
    sentence = {"motion": "resolve", "manner": "hands", "text": "Wir stellen zwei Bänke auf."}
    await screen.press("Abstimmung eröffnen", sentence)
    assert "Wir stellen zwei Bänke auf." in await screen.says()
    await screen.count(yes="3", no="1")
    await screen.call(report)
    await screen.press("Punkt beenden", {"outcome": "done"}, below=f"/punkte/{report}/ende")
    assert "Alle Punkte sind fertig." in await screen.says()


async def test_a_click_that_comes_too_late_says_so_and_shows_what_is_true_now(
    person: NewPerson, meetings: Service
) -> None:
    screen = await asked(person, meetings)
    other = await colleague(person, screen)
    old = await other.who.get(other.path)
    check = await press_on(other.who, old, "Weiter", {"yes": "1", "no": "5"})
    await screen.count(yes="5", no="1", abstain="0")
    late = await press_on(other.who, check, "Ergebnis festhalten")
    assert late.status_code == 409
    said = words(late.text)
    assert "Diese Abstimmung ist schon vorbei" in said
    assert "Angenommen mit 5 Ja bei 1 Nein." in said
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["counts"]["yes"] == 5


async def test_two_people_calling_different_items_do_not_jump_over_one_another(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=4, absent=2, cases=2)
    screen = await in_the_room(person(), hall)
    other = await colleague(person, screen)
    first, second = await hall.case_item(0), await hall.case_item(1)
    old = await other.who.get(f"{other.path}?punkt={second}")
    await screen.call(first)
    late = await press_on(other.who, old, "Diesen Punkt aufrufen")
    assert late.status_code == 409
    assert "Unten sehen Sie, wie es jetzt ist." in words(late.text)
    assert (await hall.view()).meeting.now_item_id == first


async def test_the_other_screen_is_told_of_every_change_and_typing_is_left_alone(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=4, absent=2, cases=2)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    other = await colleague(person, screen)
    asks = polled(await other.page())
    assert (await other.who.get(asks)).status_code == 204
    await hall.depart(hall.members[0])
    fresh = await other.who.get(asks)
    assert "3 da" in words(fresh.text) and "data-stale" not in fresh.text
    for part in ("<form", "<input", "<textarea", "<select", "autofocus"):
        assert part not in fresh.text
    asks = polled(fresh.text)
    assert (await other.who.get(asks)).status_code == 204
    await screen.ask(amount_cents="800")
    fresh = await other.who.get(asks)
    assert "data-stale" in fresh.text and "Es gibt einen neuen Stand." in words(fresh.text)


async def test_nothing_of_a_vote_is_told_before_it_is_counted(
    person: NewPerson, meetings: Service
) -> None:
    screen = await asked(person, meetings, "secret")
    poll_id = await screen.poll_id()
    await screen.says()
    before = await screen.says()
    for member_id in screen.hall.members[:6]:
        await screen.hall.slip(poll_id, member_id)
    for below in ("", f"/abstimmungen/{poll_id}/zaehlen"):
        page = await screen.page(below)
        assert "6 von 6 haben abgestimmt" in words(page)
        assert "sb-verdict" not in page
    after = (await screen.says()).replace("6 von 6 haben", "0 von 6 haben")
    assert after.replace("Alle haben abgestimmt. Sie können auszählen. ", "") == before


async def test_too_few_secret_ballots_count_for_nothing(
    person: NewPerson, meetings: Service
) -> None:
    screen = await asked(person, meetings, "secret")
    poll_id = await screen.poll_id()
    await screen.hall.slip(poll_id, screen.hall.members[0])
    below = f"/abstimmungen/{poll_id}/zaehlen"
    assert "mindestens 5 Stimmen" in await screen.says(below)
    page = await screen.who.get(screen.path + below)
    for _click in range(2):
        answer = await press_on(screen.who, page, "Auszählen und festhalten")
        assert answer.status_code == 409
        assert "Zu wenige haben geheim abgestimmt." in words(answer.text)
    assert not await told(meetings, "vote.closed")


async def test_hours_are_corrected_and_impossible_ones_refused(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=2, absent=1)
    screen = await in_the_room(person(), hall)
    stay = (await hall.view()).there[0].stays[0].id
    below = f"/anwesenheit/zeiten/{stay}"
    await screen.press("Speichern", {"arrived": "17:45", "departed": ""}, below=below)
    assert "seit 17:45 Uhr da" in await screen.says("/anwesenheit")
    for typed in (
        {"arrived": "23:00"},
        {"arrived": "17:50", "departed": "17:40"},
        {"arrived": "x"},
    ):
        page = await screen.who.get(screen.path + below)
        answer = await press_on(screen.who, page, "Speichern", typed)
        assert answer.status_code == 422
        assert f'value="{typed["arrived"]}"' in answer.text


async def test_somebody_goes_and_comes_back_and_guests_are_counted(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=2, absent=1)
    screen = await in_the_room(person(), hall)
    one = str(hall.members[0])
    await screen.press("Geht", below="/anwesenheit", about=one)
    meetings.clock.forward(minutes=10)  # type: ignore[attr-defined]
    await screen.press("Kommt wieder", below="/anwesenheit", about=one)
    await screen.press("Entschuldigt", below="/anwesenheit", about=str(hall.members[2]))
    await screen.press("Gast eintragen", {"name": "Olga Neu"}, below="/anwesenheit")
    await screen.press("Zahl speichern", {"guests": "4"}, below="/anwesenheit")
    said = await screen.says("/anwesenheit")
    assert "Dazu 4 Gäste ohne Namen." in said
    assert said.count("Olga Neu") == 1, "clicked twice, there once"
    assert "entschuldigt" in said
    stays = next(p for p in (await hall.view()).people if str(p.member.id) == one).stays
    assert len(stays) == 2
    only = await screen.says("/anwesenheit?buchstabe=O")
    assert "Olga Neu" in only and "Bodo 1" not in only


async def test_a_recusal_is_taken_back_with_a_reason(person: NewPerson, meetings: Service) -> None:
    hall = await opened(meetings, there=4, absent=1, cases=1)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    who = str(hall.members[0])
    await screen.press("Als befangen eintragen", {"member_id": who, "because": "partner"})
    page = await screen.who.get(screen.path)
    nothing = await press_on(screen.who, page, "Stimmt doch mit", {"reason": ""}, about=who)
    assert nothing.status_code == 422
    await screen.press("Stimmt doch mit", {"reason": "War ein Irrtum"}, about=who)
    assert "4 von 4" in await screen.says()


async def test_members_who_run_the_session_may_and_others_may_not(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=4, absent=1, cases=1)
    chair = await person().enter(Role.MEMBER, email="vorsitz@example.org")
    plain = await person().enter(Role.MEMBER, email="mitglied@example.org")
    auditor = await person().enter(Role.AUDITOR, email="pruefung@example.org")
    async with meetings.db.begin() as session:
        first = await session.get_one(Member, hall.members[0])
        first.account_id = chair.account_id
        first.take_roles([BoardRole.CHAIR])
        (await session.get_one(Member, hall.members[1])).account_id = plain.account_id
    path = f"/buero/sitzungen/{hall.session_id}/raum"
    screen = Screen(chair, hall)
    await screen.call(await hall.case_item())
    await screen.ask(amount_cents="800")
    await screen.count(yes="4", no="0")
    for below in ("", "/anwesenheit", "/codes", "/stand"):
        assert (await plain.get(path + below)).status_code == 403
        assert (await person().get(path + below)).status_code == 303
        assert (await auditor.get(path + below)).status_code == 200
    shown = await auditor.get(f"{path}/anwesenheit")
    assert "Nur lesen" in words(shown.text) and not sheets(shown.text)
    assert not sheets((await auditor.get(path)).text)
    csrf = with_button((await screen.who.get(f"{path}/anwesenheit")).text, "Geht").fields
    for who in (plain, auditor):
        answer = await who.http.post(f"{path}/eroeffnen", data=csrf)
        assert answer.status_code == 403


async def test_every_page_of_the_room_speaks_every_language(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=6, absent=1, cases=2)
    screen = await in_the_room(person(), hall)
    item_id, other = await hall.case_item(0), await hall.case_item(1)
    stay = (await hall.view()).there[0].stays[0].id
    pages = ["", "/anwesenheit", f"/anwesenheit/zeiten/{stay}", "/codes", "/ende"]

    async def look(*more: str) -> None:
        for lang in sorted(LANGUAGES):
            await screen.who.get("/sitzungen", lang=lang)
            for below in [*pages, *more]:
                page = await screen.page(below)
                assert f'<html lang="{lang}" dir="{direction(lang)}">' in page, below
                assert page.count("<h1") == 1, below
                assert "%(" not in page and 'style="' not in page, below
                assert page.count("kern-btn--primary") <= 1, below
        await screen.who.get("/sitzungen", lang="de")

    await look(f"?punkt={other}")
    await screen.call(item_id)
    await look(f"/punkte/{item_id}/ende")
    for manner in ("hands", "named", "secret"):
        await screen.ask(manner, amount_cents="800")
        poll_id = await screen.poll_id()
        await look(f"/abstimmungen/{poll_id}/zaehlen", f"/abstimmungen/{poll_id}/abbrechen")
        below = f"/abstimmungen/{poll_id}/abbrechen"
        await screen.press("Abstimmung abbrechen", below=below, twice=False)
    await hall.close()
    pages.remove("/ende")
    await look()


def test_the_stylesheet_of_the_room_knows_no_left_and_right() -> None:
    css = Path("shared/web/static/raum.css").read_text("utf-8")
    assert PHYSICAL.findall(QUERY.sub("", css)) == []
    assert len(css.encode()) < 10_000
