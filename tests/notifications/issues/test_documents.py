"""On paper: read by others than us."""

import io
import zipfile
from typing import Any

import docx
import pytest
from pypdf import PdfReader

from services.notifications.domain.letter import State
from services.notifications.issues import test_mail
from shared.service import Service
from shared.web.access import Role
from tests.notifications.issues.desk import (
    ARABIC,
    GERMAN,
    draft,
    enrol_many,
    issue,
    suppress,
    trail,
)
from tests.notifications.issues.writers import DESK, change, festival, host, photo, tell, texts
from tests.notifications.office import Office
from tests.support.browser import TOKEN
from tests.support.mailbox import Mailbox

BODY = (
    "Liebe **Nachbarn**,\n\n## Winterfest\n\n- Tasse\n- Mütze\n\n1. Kommen\n2. Feiern\n\n"
    "[Mehr dazu](/termine/7)\n\n> Schön war es.\n\n![Zwei Bänke](/bilder/%s)"
)


async def _draft(service: Service) -> Any:
    digest = await host(service)
    fest = festival(service, title="Sommerfest")
    await tell(service, fest)
    body = BODY % digest
    issue_id = await draft(service, texts={"de": (*GERMAN[:2], body), "ar": ARABIC})
    await change(service, issue_id, blocks=[{"event_id": str(fest.event_id)}])
    return issue_id


async def test_a_word_processor_finds_headings_lists_links_and_pictures(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await _draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{DESK}/{issue_id}/text.docx")
    assert answer.status_code == 200
    assert "Rundbrief-2026" in answer.headers["content-disposition"]
    made = docx.Document(io.BytesIO(answer.content))
    styles = {p.text: p.style.name for p in made.paragraphs if p.text and p.style}
    assert styles[GERMAN[0]] == "Title"
    assert styles["Winterfest"] == "Heading 1"
    assert styles["Tasse"] == "List Bullet" and styles["Kommen"] == "List Number"
    assert styles["Schön war es."] == "Quote"
    assert [run.bold for p in made.paragraphs for run in p.runs if run.text == "Nachbarn"] == [True]
    places = {rel.target_ref for rel in made.part.rels.values() if rel.is_external}
    assert "https://stadtteil.example/termine/7" in places
    assert [shape._inline.docPr.get("descr") for shape in made.inline_shapes] == ["Zwei Bänke"]
    assert "Stadtteilbüro Westhagen" in made.sections[0].header.paragraphs[0].text
    assert "Hallesche Straße 30" in made.sections[0].footer.paragraphs[0].text
    assert "Sommerfest" in " ".join(styles)
    assert made.core_properties.language == "de-DE"
    assert (
        'w:val="de-DE"'
        in zipfile.ZipFile(io.BytesIO(answer.content)).read("word/styles.xml").decode()
    )


async def test_arabic_runs_from_right_to_left(notifications: Service, signed_in: Any) -> None:
    issue_id = await _draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{DESK}/{issue_id}/text.docx?sprache=ar")
    xml = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert ARABIC[2] in xml and "<w:bidi" in xml and "<w:rtl" in xml


async def test_the_notice_is_a_tagged_pdf_with_every_link_spelled_out(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await _draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{DESK}/{issue_id}/aushang.pdf")
        assert (await browser.get(f"{DESK}/{issue_id}/aushang.pdf?sprache=ar")).status_code == 200
    assert answer.status_code == 200
    read = PdfReader(io.BytesIO(answer.content))
    said = " ".join(" ".join(page.extract_text() for page in read.pages).split()).replace(
        "\u200b", ""
    )
    for words in (
        GERMAN[0],
        "Winterfest",
        "Tasse",
        "1. Kommen",
        "stadtteil.example/termine/7",
        "Sommerfest",
    ):
        assert words in said, words
    assert read.pages[0].mediabox.width == pytest.approx(595.3, abs=0.5)
    assert "/MarkInfo" in read.root_object and "/StructTreeRoot" in read.root_object


@pytest.mark.parametrize("name", ["text.docx", "aushang.pdf"])
async def test_hostile_words_stay_words_on_paper(
    notifications: Service, signed_in: Any, name: str
) -> None:
    hostile = '#import "x" $1$ <w:p> & \x0b ]]> {{ 7*7 }} \\u{41}'
    issue_id = await draft(notifications, texts={"de": (hostile, hostile, hostile)})
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"{DESK}/{issue_id}/{name}")
    assert answer.status_code == 200
    if name == "text.docx":
        said = "\n".join(p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs)
    else:
        said = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    for words in ("$1$", "{{ 7*7 }}", "<w:p>"):
        assert words in said.replace("\u200b", ""), words


async def test_without_a_subject_there_is_nothing_to_print(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications, texts={"de": ("", "", "x")})
    async with signed_in(Role.OFFICE) as browser:
        for name in ("text.docx", "aushang.pdf"):
            assert (await browser.get(f"{DESK}/{issue_id}/{name}")).status_code == 404


async def test_a_test_arrives_as_a_letter_and_counts_nowhere(
    notifications: Service, office: Office, mailbox: Mailbox, signed_in: Any
) -> None:
    issue_id = await _draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.submit(
            f"{DESK}/{issue_id}/test", {"email": "jana@example.org", "sprache": "ar"}
        )
    assert answer.status_code == 303
    await office.send()
    [mail] = mailbox.to("jana@example.org")
    assert mail["Subject"] == f"{test_mail.PREFIX}{ARABIC[0]}"
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for said in (html, text):
        assert ARABIC[2] in said and "https://stadtteil.example/abo" in said
        assert not any("\ue000" <= c <= "\uf8ff" for c in said)
    assert mail["List-Unsubscribe"] is None
    letter = await office.only()
    assert (letter.kind, letter.state, letter.subscription_id) == ("issue_test", State.SENT, None)
    assert (await issue(notifications, issue_id)).recipients == 0
    assert "issue.tested" in await trail(notifications, issue_id)


async def test_a_test_is_refused_next_to_the_field(
    notifications: Service, office: Office, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    await suppress(notifications, notifications.seals.address_hash("tot@example.org"))
    empty = await draft(notifications, texts={"de": ("", "", "x")})
    async with signed_in(Role.OFFICE) as browser:
        for path, email in (
            (issue_id, "kein Postfach"),
            (issue_id, "tot@example.org"),
            (empty, "a@example.org"),
        ):
            answer = await browser.submit(f"{DESK}/{path}/test", {"email": email, "sprache": "de"})
            assert answer.status_code == 422
            assert "-error" in answer.text and email in answer.text
    assert await office.letters() == []


async def test_a_picture_comes_with_its_words_at_the_end_of_both_texts(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications, texts={"de": GERMAN, "ar": ARABIC})
    path = f"{DESK}/{issue_id}/bild"
    async with signed_in(Role.OFFICE) as browser:
        sent = {"alt": "Zwei *Bänke*", "other_alt": "مقعدان", "sprache": "ar"}
        answer = await upload(browser, path, sent, photo())
        assert answer.status_code == 303
        page = await browser.get(answer.headers["location"])
    kept = await texts(notifications, issue_id)
    assert r"![Zwei \*Bänke\*](/bilder/" in kept["de"].body
    assert kept["de"].body.startswith(GERMAN[2])
    assert "![مقعدان](/bilder/" in kept["ar"].body
    assert "Zwei \\*Bänke\\*" in page.text


@pytest.mark.parametrize(
    ("sent", "content", "field"),
    [
        ({"alt": ""}, photo(), "alt"),
        ({"alt": "x"}, b"GIF89a....", "picture"),
        ({"alt": "x"}, None, "picture"),
        ({"alt": "x" * 301}, photo(), "alt"),
    ],
)
async def test_a_picture_is_refused_next_to_the_field(
    notifications: Service, signed_in: Any, sent: dict[str, str], content: bytes | None, field: str
) -> None:
    issue_id = await draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        answer = await upload(browser, f"{DESK}/{issue_id}/bild", sent, content)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert (await texts(notifications, issue_id))["de"].body == GERMAN[2]


async def test_decoration_needs_no_words_and_too_much_is_refused(
    notifications: Service, signed_in: Any
) -> None:
    issue_id = await draft(notifications)
    path = f"{DESK}/{issue_id}/bild"
    async with signed_in(Role.OFFICE) as browser:
        assert (await upload(browser, path, {"decorative": "true"}, photo())).status_code == 303
        huge = await upload(browser, path, {"alt": "x"}, b"\xff\xd8\xff" + bytes(9_000_000))
    assert huge.status_code in (413, 422)
    assert '"Schmuck")' in (await texts(notifications, issue_id))["de"].body


async def upload(browser: Any, path: str, sent: dict[str, str], content: bytes | None) -> Any:
    token = TOKEN.search((await browser.get(path)).text)
    assert token is not None
    files = {"picture": ("bank.jpg", content, "image/jpeg")} if content is not None else None
    return await browser.post(path, data={"csrf_token": token[1]} | sent, files=files)


async def test_the_bulk_of_readers_is_no_business_of_a_test(
    notifications: Service, office: Office, signed_in: Any
) -> None:
    await enrol_many(notifications, 3)
    issue_id = await draft(notifications)
    async with signed_in(Role.OFFICE) as browser:
        await browser.submit(f"{DESK}/{issue_id}/test", {"email": "a@example.org"})
    assert [letter.address for letter in await office.letters()] == ["a@example.org"]
