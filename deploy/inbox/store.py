"""Caught mails in one SQLite file; a mail is on disk before the sender hears 250."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    caught_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    raw BLOB NOT NULL
)
"""


@dataclass(frozen=True)
class Part:
    """Something in a mail that is not its text: an attachment, or a picture the HTML shows."""

    number: int
    name: str
    kind: str
    content: bytes
    content_id: str


@dataclass
class Mail:
    """One mail as it came."""

    id: int
    caught_at: datetime
    recipients: list[str]
    raw: bytes

    @cached_property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def header(self, name: str) -> str:
        return str(self.parsed.get(name, ""))

    @cached_property
    def text(self) -> str:
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        return self._body("html")

    @cached_property
    def parts(self) -> list[Part]:
        bodies = {self.parsed.get_body(("plain",)), self.parsed.get_body(("html",))}
        leaves = [leaf for leaf in self.parsed.walk() if not leaf.is_multipart()]
        rest = [leaf for leaf in leaves if leaf not in bodies]
        return [_part(number, leaf) for number, leaf in enumerate(rest)]

    def _body(self, kind: str) -> str:
        body = self.parsed.get_body((kind,))
        return str(body.get_content()) if body else ""


class Mails:
    """The file; newest first, as a person reads."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute(SCHEMA)

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        now = datetime.now(UTC).isoformat()
        self.connection.execute(
            "INSERT INTO mails (caught_at, sender, recipients, raw) VALUES (?, ?, ?, ?)",
            (now, sender, "\n".join(recipients), raw),
        )

    def find(
        self, *, to: str = "", after: int = 0, before: int = 0, limit: int = 100
    ) -> list[Mail]:
        """To an address (or part of it), with a higher id than `after`, a lower one than `before`."""
        rows = self.connection.execute(
            "SELECT id, caught_at, recipients, raw FROM mails"
            " WHERE id > ? AND (? = 0 OR id < ?) AND instr(lower(recipients), lower(?))"
            " ORDER BY id DESC LIMIT ?",
            (after, before, before, to, limit),
        )
        return [_mail(row) for row in rows]

    def get(self, number: int) -> Mail | None:
        found = self.find(after=number - 1, before=number + 1, limit=1)
        return found[0] if found else None

    def close(self) -> None:
        self.connection.close()


def _mail(row: tuple[int, str, str, bytes]) -> Mail:
    number, caught_at, recipients, raw = row
    return Mail(number, datetime.fromisoformat(caught_at), recipients.splitlines(), raw)


def _part(number: int, leaf: EmailMessage) -> Part:
    content = leaf.get_payload(decode=True)
    return Part(
        number=number,
        name=leaf.get_filename() or f"teil-{number}",
        kind=leaf.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
        content_id=str(leaf.get("Content-ID", "")).strip("<> "),
    )
