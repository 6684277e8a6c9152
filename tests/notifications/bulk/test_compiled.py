"""What is compiled once and filled per reader reads the same to the standard library's `email`."""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.utils import getaddresses, parsedate_to_datetime
from html import escape
from time import perf_counter
from typing import Any, cast
from unicodedata import bidirectional, category

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.notifications.bulk.compiled import Unfit
from services.notifications.bulk.slots import (
    MANAGE_URL,
    SALUTATION,
    SLOTS,
    UNSUBSCRIBE_URL,
    without_slots,
)
from services.notifications.domain.issue import IssueKind
from services.notifications.letters.mime import NoAddress, one_line
from services.notifications.letters.quoted import quoted_printable
from tests.notifications.bulk.mails import (
    AT,
    HTML,
    READER,
    TEXT,
    Words,
    compiled,
    filled,
    parsed,
    said,
)

HOSTILE = [
    "\r\nBcc: alle@example.org",
    "\n.\nMAIL FROM:<x@example.org>",
    "%0d%0aBcc: x@example.org",
    "{{ 7 * 7 }}{% raw %}%(name)s",
    "=?utf-8?q?Sie?= =?utf-8?b?Z2V3?=",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '", <x@example.org>, "',
    "\u202edrow\u202c",
    "\x00\x1b[31m",
    ".",
    "From da",
    "👩\u200d👩\u200d👧 مكتب حي فيستهاغن",
    "x" * 300,
    "ä" * 120,
    "a\u00a0b\u2028c",
    "--=_",
    " = ",
]
TEXTS = st.lists(
    st.sampled_from(HOSTILE)
    | st.text(max_size=60)
    | st.text("\n\r .=F\trom-ä", max_size=100)
    | st.sampled_from(["\n", ". ", " \n", "\n\n", "."]),
    max_size=6,
).map(lambda parts: without_slots("".join(parts)))


def _with_slots(parts: tuple[str, str, str, str]) -> str:
    return f"{parts[0]}{SALUTATION}{parts[1]}{MANAGE_URL}{parts[2]}{UNSUBSCRIBE_URL}{parts[3]}"


BODIES = st.tuples(TEXTS, TEXTS, TEXTS, TEXTS).map(_with_slots)


def _wanted(content: str, *, html: bool) -> str:
    """The content with its slots filled, by plain replacing."""
    quote = escape if html else str
    for slot, value in (
        (SALUTATION, one_line(READER["salutation"])),
        (MANAGE_URL, READER["manage_url"]),
        (UNSUBSCRIBE_URL, READER["unsubscribe_url"]),
    ):
        content = content.replace(slot, quote(value))
    return re.sub(r"\r\n|\r", "\n", _readable(content))


def _readable(text: str) -> str:
    """Without controls and what turns other words around."""
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF")
    return "".join(
        c
        for c in text
        if c in "\r\n\t" or (category(c) != "Cc" and bidirectional(c) not in turning)
    )


def _on_the_wire(raw: bytes) -> None:
    """What every server may expect of us."""
    raw.decode("ascii")
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not [line for line in raw.split(b"\r\n") if line.startswith((b".", b"From "))]
    for line in head.split(b"\r\n"):
        assert b"=?" not in line or len(line) <= 76
        assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+?\?b\?\S*?\?=", line))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] != b" "]
    assert len(names) == len(set(names)) == 12, names


@settings(deadline=None)
@given(text=BODIES, html=BODIES)
def test_both_forms_read_as_they_were_written(text: str, html: str) -> None:
    raw = filled(Words(text=text, html=html))
    _on_the_wire(raw)
    mail = parsed(raw)
    assert mail.defects == []
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert said(mail, "plain") == _wanted(text, html=False)
    assert said(mail, "html") == _wanted(html, html=True)


@settings(deadline=None)
@given(name=TEXTS, subject=TEXTS, greeting=TEXTS, sender=TEXTS)
def test_names_subjects_and_greetings_stay_in_their_place(
    name: str, subject: str, greeting: str, sender: str
) -> None:
    assume(one_line(subject) and one_line(greeting))
    whole = compiled(Words(subject=subject), sender_name=sender)
    raw = whole.fill(**READER | {"to_name": name, "salutation": greeting})
    _on_the_wire(raw)
    mail = parsed(raw)
    assert mail["Subject"] == one_line(subject)
    assert _only_mailbox(raw, "To") == (one_line(name), "ada@example.org")
    assert _only_mailbox(raw, "From") == (one_line(sender), "post@stadtteil.example")
    assert said(mail, "plain") == _wanted(TEXT.replace(SALUTATION, one_line(greeting)), html=False)
    said_in_html = _wanted(HTML.replace(SALUTATION, escape(one_line(greeting))), html=True)
    assert said(mail, "html") == said_in_html


def _only_mailbox(raw: bytes, header: str) -> tuple[str, str]:
    """By both parsers of the standard library; the newer one puts blanks between encoded words."""
    [new] = cast(AddressHeader, parsed(raw)[header]).addresses
    [(phrase, address)] = getaddresses([message_from_bytes(raw)[header]])
    name = str(make_header(decode_header(phrase)))
    assert new.addr_spec == address
    if len(name.encode()) <= 39:
        assert new.display_name == name
    return name, address


@settings(deadline=None)
@given(text=TEXTS)
def test_quoted_printable_leaves_room_for_a_soft_break_and_reads_back(text: str) -> None:
    lines = quoted_printable(text).split(b"\r\n")
    for line in lines:
        assert len(line) <= (76 if line.endswith(b"=") else 75)
        assert not line.startswith((b".", b"From "))
        assert line[-1:] not in (b" ", b"\t")
    raw = b"Content-Transfer-Encoding: quoted-printable\r\n"
    raw += b'Content-Type: text/plain; charset="utf-8"\r\n\r\n' + b"\r\n".join(lines)
    assert parsed(raw).get_content().replace("\r\n", "\n") == re.sub(r"\r\n|\r", "\n", text)


def test_the_headers_are_those_of_a_newsletter() -> None:
    mail = parsed(filled())
    assert mail.keys() == [
        "From",
        "Reply-To",
        "Subject",
        "Date",
        "List-Id",
        "List-Unsubscribe-Post",
        "Content-Language",
        "To",
        "Message-ID",
        "List-Unsubscribe",
        "MIME-Version",
        "Content-Type",
    ]
    assert mail["From"] == "Stadtteilbüro Westhagen <post@stadtteil.example>"
    assert mail["Reply-To"] == "buero@stadtteil.example"
    assert parsedate_to_datetime(mail["Date"]) == AT
    assert mail["Message-ID"] == READER["message_id"]
    assert mail["List-Id"] == "Newsletter <newsletter.stadtteil.example>"
    assert mail["List-Unsubscribe"] == (
        f"<{READER['unsubscribe_url']}>, <{READER['mailto_unsubscribe']}>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "de"
    assert mail["Auto-Submitted"] is None
    assert mail["Precedence"] is None


def test_a_press_release_has_a_list_of_its_own_and_mailto_only_where_mails_are_read() -> None:
    whole = compiled(Words(language="ar"), kind=IssueKind.PRESS)
    mail = parsed(whole.fill(**READER | {"mailto_unsubscribe": None}))
    assert mail["List-Id"] == "Presse <press.stadtteil.example>"
    assert mail["List-Unsubscribe"] == f"<{READER['unsubscribe_url']}>"
    assert mail["Content-Language"] == whole.language == "ar"


@pytest.mark.parametrize("greeting", ["", " ", "\r\n", "\u202e", "\ue000"])
def test_nobody_is_greeted_with_nothing(greeting: str) -> None:
    with pytest.raises(Unfit, match="salutation is empty"):
        filled(salutation=greeting)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (Words(text=TEXT.replace(UNSUBSCRIBE_URL, "")), "text lacks a link to unsubscribe"),
        (Words(html=HTML.replace(UNSUBSCRIBE_URL, "")), "HTML lacks a link to unsubscribe"),
        (Words(text=TEXT.replace(SALUTATION, "")), "text lacks a salutation"),
        (Words(html=HTML.replace(SALUTATION, "")), "HTML lacks a salutation"),
        (Words(text=TEXT + "\ue003"), "text holds a slot nobody fills"),
        (Words(html=HTML + "\uf8ff"), "HTML holds a slot nobody fills"),
        (Words(subject=SALUTATION), "no subject"),
        (Words(subject=f"Für {SALUTATION}"), "subject holds a slot"),
        (Words(subject=" \r\n"), "no subject"),
        (Words(language=""), "no language"),
    ],
)
def test_an_issue_that_must_not_go_out_is_not_compiled(words: Words, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        compiled(words)


@pytest.mark.parametrize(
    "changed",
    [
        {"manage_url": ""},
        {"unsubscribe_url": "https://stadtteil.example/\r\nBcc: x@example.org"},
        {"unsubscribe_url": "https://stadtteil.example/>, <mailto:x@example.org"},
        {"mailto_unsubscribe": "mailto:x@example.org\n"},
        {"message_id": "<a@b>\r\nBcc: x@example.org"},
        {"message_id": "a@b"},
    ],
)
def test_what_we_put_in_ourselves_is_looked_at_too(changed: dict[str, Any]) -> None:
    with pytest.raises(Unfit, match="not a "):
        filled(**changed)


@pytest.mark.parametrize(
    "address",
    ["", "ada", "@example.org", "a\r\nBcc: x@example.org", "a b@example.org", "a,b@example.org",
     "<a>@example.org", "a@b@example.org", "a\u202e@example.org", "a@exa mple.org", "a@"],
)  # fmt: skip
def test_an_impossible_address_breaks_out_of_nothing(address: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        filled(to_address=address)
    assert isinstance(refused.value, NoAddress | UnicodeError)


def test_domains_go_out_as_every_server_knows_them() -> None:
    assert b"To: Ada Lovelace <ada@xn--bcher-kva.example>\r\n" in filled(
        to_address="ada@Bücher.example"
    )
    assert "<ädä@example.org>".encode() in filled(to_address="ädä@example.org")


def test_every_slot_of_the_issue_is_filled() -> None:
    raw = filled()
    mail = parsed(raw)
    for subtype in ("plain", "html"):
        assert not set(said(mail, subtype)) & set(SLOTS)
    assert raw != filled(to_address="bob@example.org")


def test_filling_is_cheap_beside_sending() -> None:
    """The goal is 20 µs; a busy machine may take five times as long."""
    whole = compiled(Words(text=TEXT + "Neues. " * 500, html=HTML + "<p>Neues.</p>\n" * 400))
    best = min(_seconds(whole.fill) for _ in range(20))
    assert best < 100e-6, f"{best * 1e6:.0f} µs"


def _seconds(fill: object) -> float:
    assert callable(fill)
    begin = perf_counter()
    for _ in range(200):
        fill(**READER)
    return (perf_counter() - begin) / 200
