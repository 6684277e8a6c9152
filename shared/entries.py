"""One entry of a stream: a CloudEvent under the id the teller's number gave it."""

import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

FIELD: Final = b"__data__"
STRANGE: Final = UUID("5d2c0f0e-0f5e-4d0b-9d3b-6a0b6f0c7a11")
"""Names ids for entries that have none of their own."""


@dataclass(frozen=True)
class Entry:
    """An event as it was told."""

    epoch: int
    number: int
    event_id: UUID
    type: str
    subject: str
    body: dict[str, Any]
    text: str


@dataclass(frozen=True)
class Unreadable:
    """Something in the stream that is no event; kept for a person to look at."""

    epoch: int
    number: int
    event_id: UUID
    text: str


def read_entry(stream_id: bytes, fields: dict[bytes, bytes]) -> Entry | Unreadable:
    """Read one entry; never fails, whatever someone wrote into the stream."""
    epoch, _, number = stream_id.decode().partition("-")
    text = fields.get(FIELD, b"").decode("utf-8", "replace")
    return parse(int(epoch), int(number), text)


def parse(epoch: int, number: int, text: str) -> Entry | Unreadable:
    """The same for a body kept elsewhere."""
    try:
        body = json.loads(text)
        return Entry(
            epoch=epoch,
            number=number,
            event_id=UUID(body["id"]),
            type=str(body["type"]),
            subject=str(body["subject"]),
            body=body,
            text=text,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unreadable(epoch, number, uuid5(STRANGE, f"{epoch}-{number}"), text)
