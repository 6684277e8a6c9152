"""A letter as the mail servers see it."""

from collections.abc import Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID

import idna

from services.notifications.domain.letter import Letter, LetterFile
from services.notifications.letters.kinds import KINDS
from shared.settings import Settings
from shared.web.i18n import BINDING

LIST_NAMES: Final = {"sessions": "Sitzungen", "occasions": "Veranstaltungen"}
ISOLATES: Final = "\u2066\u2067\u2068\u2069"
"""Invisible, but they keep a number's direction in an Arabic subject."""
LONGEST_WORD: Final = 60
"""A longer one does not fit into a line beside the header's name: it is encoded."""


class Wire(EmailPolicy):
    """As SMTP wants it, with subjects that read the same after the way.

    The policy of the standard library breaks a line where unfolding leaves a blank too many.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        text = str(value)
        plain = text.isascii() and "=?" not in text
        fits = all(len(word) <= LONGEST_WORD for word in text.split())
        charset = "us-ascii" if plain and fits else "utf-8"
        folded = Header(text, charset, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


WIRE: Final = Wire(linesep="\r\n")


def message_id(letter_id: UUID, domain: str) -> str:
    """The same at every attempt, so that a mailbox can tell a repeated letter."""
    return f"<{letter_id}@{domain}>"


def as_bytes(
    letter: Letter, settings: Settings, *, sender_name: str, files: Sequence[LetterFile] = ()
) -> bytes:
    """The whole mail; names and subjects cannot break out of their headers."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = Address(one_line(sender_name), addr_spec=settings.mail_from)
    mail["Reply-To"] = Address(addr_spec=settings.office_email)
    mail["To"] = Address(one_line(letter.name), addr_spec=ascii_domain(letter.address))
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(letter.queued_at)
    mail["Message-ID"] = message_id(letter.id, settings.mail_domain)
    _thread_headers(mail, letter)
    if letter.topic is None:
        mail["Auto-Submitted"] = "auto-generated"
    else:
        _list_headers(mail, letter, settings)
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    if letter.calendar is not None:
        mail.add_attachment(
            letter.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename=KINDS[letter.kind].calendar_file,
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    for file in files:
        maintype, _, subtype = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype, subtype, filename=file.name)
    mail["Content-Language"] = ", ".join(dict.fromkeys((letter.language, BINDING)))
    return mail.as_bytes()


def _thread_headers(mail: EmailMessage, letter: Letter) -> None:
    if letter.thread is not None:
        mail["In-Reply-To"] = letter.thread
        mail["References"] = letter.thread


def _list_headers(mail: EmailMessage, letter: Letter, settings: Settings) -> None:
    """RFC 2919 and RFC 8058: mail programs can unsubscribe with one POST."""
    name = LIST_NAMES.get(letter.topic or "", letter.topic or "")
    mail["List-Id"] = f"{name} <{letter.topic}.{settings.mail_domain}>"
    if letter.unsubscribe_url is not None:
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def one_line(text: str) -> str:
    """No line break, no control character: fit for a header."""
    return " ".join("".join(c if c.isprintable() or c in ISOLATES else " " for c in text).split())


def ascii_domain(address: str) -> str:
    """The address with its domain as A-labels, which every server understands."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"
