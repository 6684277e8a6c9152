"""A letter as the mail servers see it: seven bits, short lines, headers nobody can break out of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final
from unicodedata import category
from uuid import UUID

import idna

from services.notifications.bounces.verp import unsubscribe_mailto
from services.notifications.bulk.slots import without_slots
from services.notifications.domain.letter import Letter, LetterFile
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.quoted import encoded_words, mailbox
from shared.settings import Settings
from shared.web.i18n import BINDING

LIST_NAMES: Final = {
    "sessions": "Sitzungen",
    "occasions": "Veranstaltungen",
    "decisions": "Entscheidungen",
    "newsletter": "Newsletter",
    "press": "Presse",
    "subscription": "Neuigkeiten",
}
LIST_POST: Final = "List-Unsubscribe=One-Click"
"""What a mail provider sends us when its user wants no more (RFC 8058)."""

KEPT: Final = "\u2066\u2067\u2068\u2069\u200c\u200d"
"""Invisible, but isolates keep a number's direction in an Arabic subject, and joiners make one sign of several."""
_NOISE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")

LONGEST_WORD: Final = 60
"""A longer one does not fit into a line beside the header's name: it is encoded."""


_LOCAL: Final = re.compile(r"""[^\s<>()\[\]\\,;:@"]+""")


class NoAddress(ValueError):
    """No mail can carry this address: it would break out of a header or a command."""


class NothingToSay(ValueError):
    """A letter without text, HTML or language must not go out."""


class Wire(EmailPolicy):
    """As SMTP wants it, with subjects and names that read the same after the way.

    The policy of the standard library breaks a line where unfolding leaves a blank too many, and
    encodes addresses of websites that are longer than a line.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        folds = {
            "from": _mailboxes,
            "reply-to": _mailboxes,
            "to": _mailboxes,
            "subject": _subject,
            "list-unsubscribe": _links,
        }
        if (fold := folds.get(name.lower())) is None:
            return super().fold_binary(name, value)
        return name.encode() + b": " + fold(name, value) + b"\r\n"


class Verbatim(str):
    """A subject as it was typed: the standard library would decode what looks encoded in it."""

    __slots__ = ()
    name: Final = "subject"


def _mailboxes(name: str, value: Any) -> bytes:
    return b",\r\n ".join(mailbox(name, a.display_name, a.addr_spec) for a in value.addresses)


def _subject(name: str, value: Any) -> bytes:
    text = str(value)
    plain = text.isascii() and "=?" not in text
    fits = all(len(word) <= LONGEST_WORD for word in text.split())
    if not (plain and fits):
        return b"\r\n ".join(encoded_words(text))
    return Header(text, "us-ascii", header_name=name).encode(linesep="\r\n").encode("ascii")


def _links(name: str, value: Any) -> bytes:
    return str(value).replace(", ", ",\r\n ").encode("ascii")


WIRE: Final = Wire(linesep="\r\n", cte_type="7bit")
"""Seven bits: a relay that has to encode a text anew would break its signature (RFC 6376, 5.3)."""


def message_id(letter_id: UUID, domain: str) -> str:
    """The same at every attempt, so that a mailbox can tell a repeated letter."""
    return f"<{letter_id}@{domain}>"


def as_bytes(
    letter: Letter, settings: Settings, *, sender_name: str, files: Sequence[LetterFile] = ()
) -> bytes:
    """The whole mail; raises NothingToSay, and ValueError for an address no mail can carry."""
    if not (letter.language and letter.text and letter.html):
        raise NothingToSay(f"the letter {letter.id} is empty")
    mail = EmailMessage(policy=WIRE)
    mail["From"] = mailbox_of(sender_name, settings.mail_from)
    mail["Reply-To"] = mailbox_of("", settings.office_email)
    mail["To"] = mailbox_of(letter.name, letter.address)
    mail["Subject"] = Verbatim(one_line(letter.subject))
    mail["Date"] = format_datetime(letter.queued_at)
    mail["Message-ID"] = message_id(letter.id, settings.mail_domain)
    _thread_headers(mail, letter)
    if letter.topic is None:
        mail["Auto-Submitted"] = "auto-generated"
    else:
        _list_headers(mail, letter, settings)
    mail.set_content(readable(without_slots(letter.text)), cte="quoted-printable")
    mail.add_alternative(
        readable(without_slots(letter.html)), subtype="html", cte="quoted-printable"
    )
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


def mailbox_of(name: str, address: str) -> Address:
    """For an address header."""
    local, _, domain = ascii_domain(address).rpartition("@")
    return Address(one_line(name), local, domain)


def _thread_headers(mail: EmailMessage, letter: Letter) -> None:
    if letter.thread is not None:
        mail["In-Reply-To"] = letter.thread
        mail["References"] = letter.thread


def _list_headers(mail: EmailMessage, letter: Letter, settings: Settings) -> None:
    """RFC 2919 and RFC 8058: mail programs can unsubscribe with one POST."""
    name = LIST_NAMES.get(letter.topic or "", letter.topic or "")
    mail["List-Id"] = f"{name} <{letter.topic}.{settings.mail_domain}>"
    if letter.unsubscribe_url is not None:
        mail["List-Unsubscribe"] = links_header(_ways_out(letter, settings))
        mail["List-Unsubscribe-Post"] = LIST_POST


def _ways_out(letter: Letter, settings: Settings) -> Iterator[str]:
    if letter.unsubscribe_url is not None:
        yield letter.unsubscribe_url
    if letter.subscription_id is not None and (
        mailed := unsubscribe_mailto(settings, letter.subscription_id)
    ):
        yield mailed


def links_header(links: Iterable[str]) -> str:
    """Website first: what it is for must be first (RFC 2369)."""
    return ", ".join(f"<{link}>" for link in links)


def readable(text: str) -> str:
    """Without control characters and without what turns the words behind it around: fit for a body."""
    return _NOISE.sub("", text)


def one_line(text: str) -> str:
    """No line break, no control character, nothing that turns other words around: fit for a header."""
    if not text.isprintable():
        text = "".join(_fit(character) for character in text)
    return " ".join(text.split())


def _fit(character: str) -> str:
    if character in KEPT:
        return character
    kind = category(character)
    if kind in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    return "" if kind in {"Cf", "Cs", "Co"} else character


def ascii_domain(address: str) -> str:
    """The address with its domain as A-labels, which every server understands; raises NoAddress."""
    local, _, domain = address.rpartition("@")
    if not (local.isprintable() and _LOCAL.fullmatch(local)):
        raise NoAddress(f"not an address: {address[:80]!a}")
    return f"{local}@{_a_labels(domain)}"


@lru_cache(maxsize=4096)
def _a_labels(domain: str) -> str:
    return idna.encode(domain, uts46=True).decode()
