"""Whatever people and servers say, it stays words: no header, no script, no template comes of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifications.addressbook import Recipient
from services.notifications.domain.letter import State
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.queue import Draft, queue_all
from shared.events.applications import CaseLinkRequested
from shared.web.access import Role
from tests.letters.samples import SAMPLES
from tests.notifications.issues import desk
from tests.notifications.office import Office
from tests.notifications.wire import PARSERS, bodies, caught, headers, post_issue
from tests.support.mailbox import Mailbox

HOSTILE: Final = {
    "header": "Ada\r\nBcc: alle@example.org\r\n\r\n<p>Hallo",
    "percent": "Ada%0d%0aBcc:%20alle@example.org%0a%0aHallo",
    "line separator": "Ada\u2028Bcc: alle@example.org\u0085X-Mailer: x",
    "smtp": "Ada\r\n.\r\nMAIL FROM:<x@example.org>\r\n",
    "template": "{{ 7 * 7 }}{% for x in ''.__class__.__mro__ %}{{ x }}{% endfor %}${7*7}%(name)s",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" style="position:fixed',
    "link": "[hier](javascript:alert(1)) <a href='javascript:alert(1)'>da</a> data:text/html,x",
    "comment": "--><![CDATA[<!--<style>*{display:none}</style><!--",
    "bidi": "\u202egro.elpmaxe\u202c \u202b\u2067ada\u202a",
    "slots": "\ue000\ue001\ue002\uf8ff",
    "encoded": "=?utf-8?q?=0D=0ABcc:_alle@example.org?=",
    "mime": '--===============\r\nContent-Type: text/html; charset="x"\r\n\r\n<b>',
    "controls": "a\x00b\x1b[31mc\x07d",
    "long": "ä" * 500 + "x" * 1200,
}
EVERY_ATTACK = pytest.mark.parametrize("attack", HOSTILE)
TYPED: Final = (
    "title", "text", "place", "note", "explanation", "public_title", "department", "board",
    "previous_place", "reason", "proof", "answer",
)  # fmt: skip
"""Facts of letters in which somebody's own words stand."""

KNOWN_HEADERS: Final = {
    *("from", "reply-to", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
    *("content-language", "mime-version", "content-type", "content-transfer-encoding"),
}
LIVE: Final = {"script", "iframe", "object", "embed", "form", "input", "base", "link", "svg"}
TURNING: Final = re.compile("[\u202a-\u202e\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Tags(HTMLParser):
    """Every tag with its attributes, as a mail program would make them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))


def _harmless(raw: bytes, parser: str) -> tuple[str, str]:
    """Text and HTML, if nothing but words became of it."""
    read = headers(raw, parser)
    assert set(read) <= KNOWN_HEADERS, set(read) - KNOWN_HEADERS
    assert [address for _, address in read["to"]] == ["ada@example.org"]
    assert not TURNING.search(f"{read['subject']}{read['to'][0][0]}".replace("\r\n ", ""))
    assert raw.partition(b"\r\n\r\n")[0].decode("ascii")
    text, html = bodies(raw, parser)
    assert not TURNING.search(text + html)
    assert not re.search("[\ue000-\uf8ff]", text + html)
    for tag, attributes in Tags(html).seen:
        assert tag not in LIVE, html
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src"):
            scheme = urlsplit(attributes.get(name, "")).scheme
            assert scheme in {"", "https", "tel", "mailto"}, attributes
        assert "fixed" not in attributes.get("style", "")
    return text, html


def _facts(sample: str, words: str) -> dict[str, Any]:
    return {
        name: words if name in TYPED and isinstance(fact, str) else fact
        for name, fact in SAMPLES[sample].items()
        if name != "paper"
    }


@EVERY_ATTACK
async def test_no_letter_of_any_kind_carries_more_than_words(
    office: Office, mailbox: Mailbox, attack: str
) -> None:
    words = HOSTILE[attack]
    event = await office.link_event(CaseLinkRequested)
    kinds = [kind for kind in KINDS if kind == "sign_in" or set(SAMPLES.get(kind, ())) & set(TYPED)]
    kinds = [kind for kind in kinds if not KINDS[kind].subscribed]
    async with office.service.db.begin() as session:
        for kind in kinds:
            to = Recipient(
                key=kind, name=_kept(office, words), address="ada@example.org", language="ar"
            )
            draft = Draft(to=to, facts=_facts(kind, _kept(office, words)))
            await queue_all(session, office.service, event, kind, [draft])
    await office.send()
    assert set(await office.states()) == {State.SENT}
    raws = caught(mailbox)
    assert len(raws) == len(kinds) > 20
    for number, raw in enumerate(raws):
        text, _ = _harmless(raw, PARSERS[number % 2])
        if attack == "template":
            assert "{{ 7 * 7 }}" in text, "it stands there as it was typed"
            assert "49" not in text.split("{{ 7 * 7 }}")[1][:20]


def _kept(office: Office, words: str) -> str:
    """PostgreSQL keeps no NUL at all; nobody can have typed one there."""
    return (
        words.replace("\x00", "") if "postgresql" in office.service.settings.database_url else words
    )


@EVERY_ATTACK
async def test_an_issue_carries_no_more_than_words_and_safe_links(
    office: Office, mailbox: Mailbox, attack: str
) -> None:
    words = _kept(office, HOSTILE[attack])
    body = f"# {words}\n\n{words}\n\n[{words}](<{words}>)\n\n![{words}](<{words}>)\n\n* {words}\n"
    texts = {"de": (f"Neues {words}", words, body)}
    posted = await post_issue(office, mailbox, texts, name=words, address="ada@example.org")
    for parser in PARSERS:
        for said in _harmless(posted.raw, parser):
            assert said.count("/abo/abmelden/") == 1, "no slot was faked"


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_a_name_of_nothing_but_blanks_and_controls_is_no_name(
    office: Office, mailbox: Mailbox, language: str
) -> None:
    texts = {"de": desk.GERMAN, "ar": desk.ARABIC}
    more = {"name": " \u202e\r\n\u2028", "language": language, "address": "ada@example.org"}
    posted = await post_issue(office, mailbox, texts, **more)
    text, _ = _harmless(posted.raw, "email")
    assert headers(posted.raw, "email")["to"] == [("", "ada@example.org")]
    assert re.search(r"^\w[\w !]+[,،]?\s*$", text, re.MULTILINE), "greeted all the same"


class Rude(Mailbox):
    """Refuses every mail, in words of its own."""

    said = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return f"550 5.7.0 {self.said}"


@pytest.mark.parametrize("attack", ["template", "script", "attribute", "comment", "bidi", "link"])
async def test_what_a_server_answers_is_shown_as_words(
    office: Office, signed_in: Callable[..., Any], attack: str
) -> None:
    rude = Rude()
    rude.said = HOSTILE[attack]
    rude.controller.start()
    try:
        where = {"smtp_host": rude.host, "smtp_port": rude.port}
        settings = office.service.settings.model_copy(update=where)
        told = Office(replace(office.service, settings=settings), office.clock)
        await told.answer(await told.link_event(CaseLinkRequested))
        await told.send()
    finally:
        rude.controller.stop()
    letter = await office.only()
    assert letter.state is State.FAILED
    async with signed_in(Role.OFFICE) as browser:
        pages = [await browser.get(f"/buero/schreiben{rest}") for rest in ("", f"/{letter.id}")]
    assert [page.status_code for page in pages] == [200, 200]
    shown = pages[1].text
    assert "550" in shown
    ours = Tags(shown).seen
    assert not [
        tag for tag, attributes in ours if any(name.startswith("on") for name in attributes)
    ]
    assert not [a for _, a in ours if a.get("href", "").startswith("javascript:")]
    assert "alert(1)" not in [tag for tag, _ in ours]
    assert "<script>alert" not in shown and "<img src=x" not in shown
    if attack == "template":
        assert "{{ 7 * 7 }}" in shown
