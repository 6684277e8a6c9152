"""Reading what mail servers send back: RFC 3464, RFC 5965, and the many that follow neither.

What a message says is taken from its header fields and the fields of its reports, never from
sentences. Anybody can send us anything: nothing here raises, and nothing takes long.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 262_144
"""Reports stand before the returned letter: what comes later is not needed."""
MOST_PARTS: Final = 60
LONGEST_FIELD: Final = 2_000
LONGEST_DIAGNOSTIC: Final = 500
MOST_RECIPIENTS: Final = 50
MOST_ADDRESSES: Final = 50

_ADDRESS: Final = re.compile(r"[\w.%+=~'/-]{1,128}@[\w.-]{1,255}", re.ASCII)
_LINK: Final = re.compile(r"https?://[^\s<>,]{1,500}", re.IGNORECASE)
_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_REPLY: Final = re.compile(
    r"\s*(?:smtp\s*;)?\s*([245]\d\d)(?:[ -]+#?([245]\.\d{1,3}\.\d{1,3})(?![\d.]))?",
    re.IGNORECASE | re.ASCII,
)
"""What a server answers at SMTP: three digits and, since RFC 2034, the enhanced code after them."""
_ENDLESS: Final = re.compile(rb"(?im)^content-[a-z-]{1,30}:(?:[^\n]|\n[ \t]){3000}")
"""A field so long that the standard library takes minutes for it."""

SENT_TO: Final = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Forwarded-To",
    "To",
    "Cc",
)
LEFT_FROM: Final = ("Return-Path", "Original-Mail-From")
LIST_UNSUBSCRIBE: Final = "List-Unsubscribe"
_DAEMON: Final = re.compile(
    r"""(?:^|[<"'\s])(?:mailer-?daemon|mail-daemon|postmaster)(?=[@>"'\s]|$)""", re.IGNORECASE
)
SAYS_REPLY: Final = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-MS-Exchange-Inbox-Rules-Loop",
)


class Kind(StrEnum):
    """What came."""

    REPORT = "report"
    """A delivery status notification."""
    COMPLAINT = "complaint"
    """A reader pressed "spam", and the provider tells us."""
    RETURNED = "returned"
    """From a mail server, about a letter, without saying in fields what happened."""
    REPLY = "reply"
    """Out of office and the like: written by a program, for nobody."""
    OTHER = "other"
    """A mail to unsubscribe, or anything else."""
    UNREADABLE = "unreadable"


class Action(StrEnum):
    """What became of the letter, in RFC 3464's words."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Fate:
    """What became of the letter for one recipient; `status` is "" where none was given."""

    action: Action
    status: str
    diagnostic: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """One message, as far as it matters; addresses in the order in which they are to be believed."""

    kind: Kind
    sent_to: tuple[str, ...] = ()
    """Where the message itself went."""
    returned: tuple[str, ...] = ()
    """What the letter inside says about where it left from, or where its report went."""
    unsubscribes: tuple[str, ...] = ()
    """Addresses and links in the List-Unsubscribe of the letter inside."""
    fates: tuple[Fate, ...] = ()
    sent_at: datetime | None = None
    message_id: str = ""


def read(raw: bytes) -> Report:
    """Whatever the bytes are; UNREADABLE if nothing can be made of them."""
    raw = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if raw.lower().count(b"boundary") > MOST_PARTS or _ENDLESS.search(raw):
        return Report(kind=Kind.UNREADABLE)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        return _report(message)
    except RecursionError:
        return Report(kind=Kind.UNREADABLE)


def _report(message: Message) -> Report:
    parts = list(message.walk())
    inside = parts[1:]
    status = _first(inside, "message/delivery-status", "message/global-delivery-status")
    fates = tuple(_fates(status)) if status is not None else ()
    if status is not None:
        kind = Kind.REPORT
    elif _first(inside, "message/feedback-report") is not None:
        kind = Kind.COMPLAINT
    else:
        kind = _without_report(message)
    return Report(
        kind=kind,
        sent_to=_addresses([message], SENT_TO),
        returned=_addresses(inside, (*LEFT_FROM, *SENT_TO)),
        unsubscribes=_ways_out(inside),
        fates=fates,
        sent_at=_date(_field(message, "Date")),
        message_id=_line(_field(message, "Message-ID"), 200),
    )


def _without_report(message: Message) -> Kind:
    """Old servers write a plain text; programs answer for people who are away."""
    automatic = _field(message, "Auto-Submitted").strip().lower()
    precedence = _field(message, "Precedence").strip().lower()
    if message.get("X-Failed-Recipients") is not None:
        return Kind.RETURNED
    if automatic.startswith("auto-replied") or any(message.get(name) for name in SAYS_REPLY):
        return Kind.REPLY
    if _DAEMON.search(_field(message, "From")):
        return Kind.RETURNED
    if _field(message, "Return-Path").strip() == "<>" or precedence == "auto_reply":
        return Kind.REPLY
    return Kind.OTHER


def _fates(part: Message) -> Iterator[Fate]:
    """One for each group of fields about a recipient; the group about the report itself has no Action."""
    groups = (group for group in _groups(part) if group.get("Action") or group.get("Status"))
    for _, group in zip(range(MOST_RECIPIENTS), groups, strict=False):
        diagnostic = _field(group, "Diagnostic-Code")
        status = _status(_field(group, "Status"), diagnostic)
        action = _action(_field(group, "Action"), status)
        if action is not None:
            shown = re.sub(r"^\s*[\w-]{1,20}\s*;", "", diagnostic)
            yield Fate(action, status, _line(shown, LONGEST_DIAGNOSTIC))


def _groups(part: Message) -> Iterator[Message]:
    """The parser makes a message of each group, or only of the first one."""
    for group in _inside(part):
        yield group
        rest = group.get_payload()
        if isinstance(rest, str) and rest.strip():
            for text in re.split(r"\n[ \t]*\n", rest.strip())[:MOST_RECIPIENTS]:
                yield HeaderParser(policy=compat32).parsestr(text)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _action(said: str, status: str) -> Action | None:
    """Missing or unknown, the class of the status tells; a failure with a success's code is neither."""
    word = "".join(said.lower().split(None, 1)[:1])
    by_class = {"5": Action.FAILED, "4": Action.DELAYED, "2": Action.DELIVERED}.get(status[:1])
    said_so = Action.FAILED if word.startswith("fail") else None
    action = Action(word) if word in set(Action) else said_so or by_class
    return None if action is Action.FAILED and status.startswith("2") else action


def _status(said: str, diagnostic: str) -> str:
    """The status code; a general one, X.0.0, is made more exact by the server's own reply."""
    found = _STATUS.match(said)
    status = found[1] if found else ""
    if status and not status.endswith(".0.0"):
        return status
    reply = _REPLY.match(diagnostic)
    if reply is None or (status and reply[1][0] != status[0]):
        return status
    if reply[2] and reply[2][0] == reply[1][0]:
        return str(reply[2])
    return "5.2.2" if reply[1] == "552" else status


def _first(parts: Iterable[Message], *types: str) -> Message | None:
    return next((part for part in parts if part.get_content_type() in types), None)


def _addresses(messages: Iterable[Message], names: Iterable[str]) -> tuple[str, ...]:
    """Every address in these fields, once, in their order."""
    fields = (
        str(value)[:LONGEST_FIELD]
        for message in messages
        for name in names
        for value in (message.get_all(name) or [])[:5]
    )
    found = (match for field in fields for match in _ADDRESS.findall(field))
    return tuple(dict.fromkeys(one for one, _ in zip(found, range(MOST_ADDRESSES), strict=False)))


def _ways_out(messages: Iterable[Message]) -> tuple[str, ...]:
    fields = [_field(message, LIST_UNSUBSCRIBE) for message in messages]
    found = (way for field in fields for way in (*_LINK.findall(field), *_ADDRESS.findall(field)))
    return tuple(dict.fromkeys(way for way, _ in zip(found, range(MOST_ADDRESSES), strict=False)))


def _field(message: Message, name: str) -> str:
    return str(message.get(name) or "")[:LONGEST_FIELD]


def _line(text: str, longest: int) -> str:
    """One line that a page and a log can show."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())[:longest]


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
