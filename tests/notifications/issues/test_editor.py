"""The editor's page: what is typed is kept, two people see each other, and nothing is lost."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.issues.blocks import Trouble
from shared.clock import SetClock
from shared.service import Service
from shared.web.access import Role
from tests.notifications.feeds.conftest import cancelled
from tests.notifications.issues.desk import ARABIC, GERMAN, draft, enrol_many, issue, schedule
from tests.notifications.issues.writers import (
    DESK,
    Writer,
    change,
    festival,
    grant,
    session_on,
    tell,
    texts,
)
from tests.support.browser import Browser

OFFICE = Role.OFFICE


async def body(service: Service, issue_id: Any, language: str = "de") -> str:
    return (await texts(service, issue_id))[language].body


async def test_what_is_typed_keeps_itself_and_by_button(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        assert jana.form["body"] == GERMAN[2]
        answer = await jana.pause(body="Eins.", subject="Neu")
        assert "Gespeichert um" in answer.text
        assert await body(notifications, issue_id) == "Eins."
        assert (await jana.pause(body="Eins. Zwei.")).status_code == 200
        answer = await jana.press(first_line="Erster Satz")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{DESK}/{issue_id}?sprache=de&ansicht=handy"
        again = await Writer(browser, issue_id).open()
    kept = (await texts(notifications, issue_id))["de"]
    assert (kept.subject, kept.first_line, kept.body) == ("Neu", "Erster Satz", "Eins. Zwei.")
    assert again.form["body"] == "Eins. Zwei."


async def test_two_languages_stand_side_by_side_and_keep_together(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open("?sprache=ar")
        assert 'id="other_body"' in jana.answer.text and 'id="body"' in jana.answer.text
        answer = await jana.press("sprache:en", other_subject=ARABIC[0], other_body=ARABIC[2])
        assert answer.headers["location"].endswith("?sprache=en&ansicht=handy")
        english = await Writer(browser, issue_id).open("?sprache=en")
    assert english.form["other_body"] == "", "no language's words appear in another one's field"
    assert (await texts(notifications, issue_id))["ar"].body == ARABIC[2]
    assert "✓" in english.answer.text


async def test_two_people_in_two_languages_never_meet(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as one, signed_in(OFFICE) as two:
        jana = await Writer(one, issue_id).open()
        samira = await Writer(two, issue_id).open("?sprache=ar")
        await jana.pause(body="Jana schreibt.")
        assert "Gespeichert" in (await samira.pause(other_body="سميرة", other_subject="س")).text
        assert "Gespeichert" in (await jana.pause(body="Jana schreibt weiter.")).text
    assert await body(notifications, issue_id) == "Jana schreibt weiter."
    assert await body(notifications, issue_id, "ar") == "سميرة"


async def test_two_people_in_one_text_are_shown_both_and_nothing_is_lost(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as one, signed_in(OFFICE) as two:
        jana, uwe = await Writer(one, issue_id).open(), await Writer(two, issue_id).open()
        await jana.pause(body="Janas <Text>")
        said = (await uwe.pause(body="Uwes Text")).text
        assert "Jemand anderes hat denselben Text geändert" in said
        assert await body(notifications, issue_id) == "Janas <Text>"
        said = (await uwe.pause(body="Uwes Text, länger")).text
        assert "Jemand anderes" in said, "still a conflict, however often it is tried"
        answer = await uwe.press("vergleichen")
        assert answer.status_code == 409
        assert "Janas &lt;Text&gt;" in answer.text and uwe.form["body"] == "Uwes Text, länger"
        assert "Nichts ist überschrieben" in answer.text
        answer = await uwe.press(body="Beides")
        assert answer.status_code == 303
        assert "Jemand anderes" in (await jana.pause(body="Jana tippt weiter")).text
    assert await body(notifications, issue_id) == "Beides"


async def test_a_slow_answer_makes_nobody_their_own_rival(
    notifications: Service, signed_in: Any
) -> None:
    """The second save leaves before the first one's answer: it still names what it began with."""
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        before = dict(jana.form)
        await jana.pause(body="Eins")
        jana.form = before
        assert "Gespeichert" in (await jana.pause(body="Eins Zwei")).text
    assert await body(notifications, issue_id) == "Eins Zwei"


async def test_a_page_that_changed_nothing_overwrites_nothing(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as one, signed_in(OFFICE) as two:
        uwe = await Writer(two, issue_id).open()
        await (await Writer(one, issue_id).open()).press(body="Neu")
        assert (await uwe.press("pruefen")).status_code == 303
    assert await body(notifications, issue_id) == "Neu"


async def test_a_page_that_saves_itself_again_and_again_writes_no_old_words_over_new_ones(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as one, signed_in(OFFICE) as two:
        uwe = await Writer(two, issue_id).open()
        await (await Writer(one, issue_id).open()).press(body="Neu")
        for _ in range(3):
            await uwe.pause()
        assert await body(notifications, issue_id) == "Neu"
        answer = await uwe.press(body="Uwes Text")
        assert answer.status_code == 409 and "Neu" in answer.text
    assert await body(notifications, issue_id) == "Neu"


async def test_what_is_wrong_is_said_and_stays_typed(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        answer = await jana.press(subject="x" * 201, body="Bleibt stehen")
        assert answer.status_code == 422
        assert "Bleibt stehen" in answer.text and 'id="subject-error"' in answer.text
        assert "x" * 201 in answer.text
        said = (await jana.pause(subject="Kurz", body="y" * 20_001)).text
        assert "Nicht gespeichert." in said and "20000" in said.replace(".", "")
        nonsense = await browser.submit(f"{DESK}/{issue_id}", {"news-0-event_id": "kein Name"})
        assert nonsense.status_code == 422
    assert await body(notifications, issue_id) == GERMAN[2]


async def test_characters_that_stand_for_a_reader_are_taken_out(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        await jana.press(subject="a\ue000b", body="c\ue001\uf8ffd")
    kept = (await texts(notifications, issue_id))["de"]
    assert (kept.subject, kept.body) == ("ab", "cd")


async def test_news_are_offered_ticked_ordered_and_edited(
    notifications: Service, signed_in: Any
) -> None:
    old = festival(notifications, title="Altes Fest")
    await tell(notifications, old)
    issue_id = await draft(notifications)
    fest, money = festival(notifications), grant(notifications)
    await tell(notifications, fest, money, session_on(notifications))
    async with notifications.db.read() as session:
        from services.notifications.journal import last_cursor

        newest = await last_cursor(session)
    await change(notifications, issue_id, since_cursor=newest - 3)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        assert "Altes Fest" not in jana.answer.text
        for event in (fest, money):
            jana.tick(event.event_id)
        await jana.press()
        jana = await Writer(browser, issue_id).open("?sprache=ar")
        line = jana.line(fest.event_id)
        assert "Winterfest" in jana.form[f"{line}title"]
        jana.form |= {f"{line}other_title": "مهرجان", f"{line}other_text": "تعالوا"}
        assert (await jana.press()).status_code == 303
    blocks = (await issue(notifications, issue_id)).blocks
    assert {block["event_id"] for block in blocks} == {str(fest.event_id), str(money.event_id)}
    [edited] = [block for block in blocks if "texts" in block]
    assert edited["texts"] == {"ar": {"title": "مهرجان", "text": "تعالوا"}}


async def test_news_are_moved_by_buttons_and_the_button_keeps_the_focus(
    notifications: Service, signed_in: Any
) -> None:
    events = [festival(notifications, title=f"Fest {n}") for n in range(3)]
    await tell(notifications, *events)
    issue_id = await draft(notifications)
    ids = [str(event.event_id) for event in events]
    await change(notifications, issue_id, blocks=[{"event_id": one} for one in ids])

    async def order() -> list[str]:
        return [block["event_id"] for block in (await issue(notifications, issue_id)).blocks]

    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        answer = await jana.press(f"runter:{ids[0]}", body="Nebenbei getippt")
        assert await order() == [ids[1], ids[0], ids[2]]
        page = await browser.get(answer.headers["location"])
        [focused] = re.findall(r"<button[^>]*autofocus[^>]*>", page.text)
        assert f"runter:{ids[0]}" in focused
        jana = await Writer(browser, issue_id).open()
        answer = await jana.press(f"hoch:{ids[0]}")
        page = await browser.get(answer.headers["location"])
        [focused] = re.findall(r"<button[^>]*autofocus[^>]*>", page.text)
        assert f"runter:{ids[0]}" in focused, "at the top the other button takes it"
        for nonsense in ("hoch:kein Name", f"hoch:{uuid4()}", f"hoch:{ids[0]}"):
            jana = await Writer(browser, issue_id).open()
            assert (await jana.press(nonsense)).status_code == 303
    assert await order() == ids
    assert await body(notifications, issue_id) == "Nebenbei getippt"


async def test_two_people_choosing_news_at_once_are_told(
    notifications: Service, signed_in: Any
) -> None:
    one_fest, other = festival(notifications, title="A"), festival(notifications, title="B")
    await tell(notifications, one_fest, other)
    issue_id = await draft(notifications)
    await change(notifications, issue_id, since_cursor=0)
    async with signed_in(OFFICE) as one, signed_in(OFFICE) as two:
        jana, uwe = await Writer(one, issue_id).open(), await Writer(two, issue_id).open()
        jana.tick(one_fest.event_id)
        await jana.press()
        uwe.tick(other.event_id)
        answer = await uwe.press(body="Uwes Text bleibt")
        assert answer.status_code == 409
        assert "Jemand anderes hat die Auswahl geändert" in answer.text
        assert await body(notifications, issue_id) == "Uwes Text bleibt", "no conflict about that"
        assert (await uwe.press()).status_code == 303
    blocks = (await issue(notifications, issue_id)).blocks
    assert [block["event_id"] for block in blocks] == [str(other.event_id)]


async def test_news_that_are_no_longer_true_carry_a_warning(
    notifications: Service, signed_in: Any, clock: SetClock
) -> None:
    meeting, soon = session_on(notifications), festival(notifications, days=2)
    await tell(notifications, meeting, soon)
    issue_id = await draft(notifications)
    ids = [str(meeting.event_id), str(soon.event_id), str(uuid4())]
    await change(notifications, issue_id, blocks=[{"event_id": one} for one in ids])
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        assert jana.answer.text.count("rb-trouble") == 1, "one that nobody knows"
    await tell(notifications, cancelled(meeting, version=2))
    clock.forward(days=3)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        warned = unescape(jana.answer.text)
        assert warned.count('class="rb-trouble"') == 3
        for words in ("Inzwischen gilt etwas anderes", "schon vorbei", "gibt es nicht mehr"):
            assert words in warned
    assert set(Trouble) == {"overtaken", "over", "removed"}


async def test_once_planned_it_is_read_only_and_the_typed_words_are_given_back(
    notifications: Service, signed_in: Any
) -> None:
    await enrol_many(notifications, 2)
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        jana = await Writer(browser, issue_id).open()
        await schedule(notifications, issue_id)
        assert "Kopieren Sie Ihren Text" in (await jana.pause(body="Zu spät getippt")).text
        answer = await jana.press(body="Zu spät getippt")
        assert answer.status_code == 409
        assert "Zu spät getippt" in answer.text and "Das wurde nicht gespeichert" in answer.text
        page = (await browser.get(f"{DESK}/{issue_id}")).text
        assert 'id="schreiben"' not in page and "So kommt er an" in page
        assert (await browser.get(f"{DESK}/{issue_id}/bild")).status_code == 409
    assert await body(notifications, issue_id) == GERMAN[2]


async def test_who_may_read_and_who_may_write(notifications: Service, signed_in: Any) -> None:
    issue_id = await draft(notifications)
    async with signed_in(Role.AUDITOR) as browser:
        page = await browser.get(f"{DESK}/{issue_id}")
        assert page.status_code == 200 and 'id="schreiben"' not in page.text
        assert (await browser.get(f"{DESK}/{issue_id}/ansicht")).status_code == 200
        for path in ("", "/test", "/bild"):
            assert (await browser.submit(f"{DESK}/{issue_id}{path}", {})).status_code == 403
    async with signed_in(Role.MEMBER) as browser:
        for path in ("", "/ansicht", "/pruefen", "/text.docx", "/aushang.pdf"):
            assert (await browser.get(f"{DESK}/{issue_id}{path}")).status_code == 403
    async with signed_in(OFFICE) as browser:
        for path in ("", "/ansicht", "/pruefen", "/test", "/bild"):
            assert (await browser.get(f"{DESK}/{uuid4()}{path}")).status_code == 404


async def test_the_bar_says_to_how_many_in_how_many_languages(
    notifications: Service, signed_in: Any
) -> None:
    await enrol_many(notifications, 3)
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        page = (await browser.get(f"{DESK}/{issue_id}")).text
    assert f'href="{DESK}/{issue_id}/versenden/personen">3 Personen</a>' in page
    assert "in 1 Sprache<" in page


@pytest.mark.parametrize("als", ["handy", "computer", "dunkel", "text", "papier", "unsinn"])
async def test_the_preview_can_do_nothing(notifications: Service, signed_in: Any, als: str) -> None:
    issue_id = await draft(notifications)
    async with signed_in(OFFICE) as browser:
        answer = await browser.get(f"{DESK}/{issue_id}/ansicht?sprache=de&als={als}")
        empty = await browser.get(f"{DESK}/{issue_id}/ansicht?sprache=ar&als={als}")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https:"
    )
    assert "script" not in policy
    assert GERMAN[2] in answer.text and not re.search("[\ue000-\uf8ff]", answer.text)
    assert "Guten Tag," in answer.text
    assert empty.status_code == 200, "even before anybody wrote in it"
    if als == "dunkel":
        assert "@media all{.bg{background:#0d0f1c" in answer.text
    if als == "papier":
        assert "@media all{.bg,.card{background:#fff" in answer.text
    if als != "text":
        assert "sandbox" in (policy) and 'lang="de"' in answer.text


async def test_without_a_session_nobody_sees_a_draft(
    notifications: Service, browser: Browser
) -> None:
    issue_id = await draft(notifications)
    for path in ("", "/ansicht", "/pruefen", "/text.docx"):
        answer = await browser.get(f"{DESK}/{issue_id}{path}")
        assert answer.status_code in (303, 401)
        assert GERMAN[2] not in answer.text
