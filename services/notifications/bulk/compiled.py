"""An issue as a mail, compiled once a language: what differs from reader to reader is put in last.

No `Auto-Submitted`: people wrote it, no program did (RFC 3834). No `Precedence`: no standard knows
it; `List-Id` and `List-Unsubscribe` already tell programs not to answer (RFC 5230, 4.6).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Final

from services.notifications.bulk.slots import MANAGE_URL, SALUTATION, SLOTS, UNSUBSCRIBE_URL
from services.notifications.domain.issue import IssueKind
from services.notifications.issues.content import Rendered
from services.notifications.letters.mime import (
    LIST_NAMES,
    LIST_POST,
    WIRE,
    Verbatim,
    ascii_domain,
    links_header,
    mailbox_of,
    one_line,
    readable,
)
from services.notifications.letters.quoted import SOFT, mailbox, quoted_printable
from shared.settings import Settings

NEEDED: Final = {SALUTATION: "a salutation", UNSUBSCRIBE_URL: "a link to unsubscribe"}
"""Without these nothing goes out to many."""

_SLOT: Final = re.compile(f"([{''.join(SLOTS)}])")
_UNRENDERED: Final = re.compile("[\ue000-\uf8ff]")
_LINK: Final = re.compile(r"[a-z]+:[!#-;=?-~]+")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")

_TO, _ID, _LIST = "To", "Message-ID", "List-Unsubscribe"
_TEXT, _HTML = "text", "html"


class Unfit(ValueError):
    """This must not go out; the message says what is missing."""


@dataclass(frozen=True)
class Compiled:
    """The whole mail in pieces: bytes that are everybody's, and the names of what is the reader's own."""

    language: str
    pieces: tuple[bytes | str, ...]

    def fill(
        self,
        *,
        to_name: str,
        to_address: str,
        message_id: str,
        salutation: str,
        manage_url: str,
        unsubscribe_url: str,
        mailto_unsubscribe: str | None = None,
    ) -> bytes:
        """One reader's mail, CRLF throughout; raises Unfit, and ValueError for an impossible address.

        `message_id` with its angle brackets, the links as they are: HTML is escaped here.
        """
        greeting = one_line(salutation)
        if not greeting:
            raise Unfit("the salutation is empty")
        links = [unsubscribe_url, *([mailto_unsubscribe] if mailto_unsubscribe else [])]
        for link in (manage_url, *links):
            if not _LINK.fullmatch(link):
                raise Unfit(f"not a link: {link[:80]!r}")
        if not _MESSAGE_ID.fullmatch(message_id):
            raise Unfit(f"not a Message-ID: {message_id[:80]!r}")
        own = {
            _TO: mailbox(_TO, one_line(to_name), ascii_domain(to_address)),
            _ID: message_id.encode(),
            _LIST: links_header(links).encode(),
        }
        for slot, value in (
            (SALUTATION, greeting),
            (MANAGE_URL, manage_url),
            (UNSUBSCRIBE_URL, unsubscribe_url),
        ):
            own[_TEXT + slot] = own[_HTML + slot] = quoted_printable(value)
            if (escaped := escape(value)) != value:
                own[_HTML + slot] = quoted_printable(escaped)
        return b"".join([own[piece] if isinstance(piece, str) else piece for piece in self.pieces])


def compile_issue(
    rendered: Rendered, *, settings: Settings, sender_name: str, kind: IssueKind, at: datetime
) -> Compiled:
    """Raises Unfit if a reader could not be greeted or could not get away again."""
    _check(rendered)
    seed = f"{rendered.subject}\0{rendered.text}\0{rendered.html}".encode("utf-8", "replace")
    boundary = f"=_{sha256(seed).hexdigest()[:24]}"  # "=_" stands in no quoted-printable text
    head = _headers(rendered, settings, sender_name, kind, at)
    pieces: list[bytes | str] = [head, b"To: ", _TO, b"\r\nMessage-ID: ", _ID]
    pieces += [b"\r\nList-Unsubscribe: ", _LIST, b"\r\nMIME-Version: 1.0\r\n"]
    pieces.append(f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode())
    for name, subtype, content in (
        (_TEXT, "plain", rendered.text),
        (_HTML, "html", rendered.html),
    ):
        pieces.append(_part_head(boundary, subtype))
        pieces += _segments(name, content)
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return Compiled(rendered.language, tuple(_joined(pieces)))


def _check(rendered: Rendered) -> None:
    if not rendered.language or not one_line(rendered.subject):
        raise Unfit("the issue has no language or no subject")
    for name, content in (("text", rendered.text), ("HTML", rendered.html)):
        for slot, what in NEEDED.items():
            if slot not in content:
                raise Unfit(f"the issue's {name} lacks {what}")
        if strange := set(_UNRENDERED.findall(content)) - set(SLOTS):
            raise Unfit(f"the issue's {name} holds a slot nobody fills: {sorted(strange)!a}")
    if _UNRENDERED.search(rendered.subject):
        raise Unfit("the subject holds a slot")


def _headers(
    rendered: Rendered, settings: Settings, sender_name: str, kind: IssueKind, at: datetime
) -> bytes:
    """What is the same for everybody, by the standard library: each line ends with CRLF."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = mailbox_of(sender_name, settings.mail_from)
    mail["Reply-To"] = mailbox_of("", settings.office_email)
    mail["Subject"] = Verbatim(one_line(rendered.subject))
    mail["Date"] = format_datetime(at)
    mail["List-Id"] = f"{LIST_NAMES[kind]} <{kind}.{settings.mail_domain}>"
    mail["List-Unsubscribe-Post"] = LIST_POST
    mail["Content-Language"] = rendered.language
    return mail.as_bytes().removesuffix(b"\r\n")


def _part_head(boundary: str, subtype: str) -> bytes:
    return (
        f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()


def _segments(name: str, content: str) -> list[bytes | str]:
    """Each segment encoded by itself, with soft breaks where a slot stands inside a line."""
    pieces: list[bytes | str] = []
    at_start = True
    for segment in _SLOT.split(readable(content)):
        if segment in SLOTS:
            pieces += [*([] if at_start else [SOFT]), name + segment]
            at_start = False
        elif segment:
            encoded = quoted_printable(segment)
            broken = at_start or encoded.startswith(b"\r\n")
            pieces += [*([] if broken else [SOFT]), encoded]
            at_start = encoded.endswith(b"\r\n")
    return pieces


def _joined(pieces: list[bytes | str]) -> list[bytes | str]:
    """Neighbouring bytes as one."""
    joined: list[bytes | str] = []
    for piece in pieces:
        if joined and isinstance(piece, bytes) and isinstance(last := joined[-1], bytes):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return joined
