"""What every event has in common, and its form on the wire (CloudEvents 1.0 in JSON)."""

import json
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

HOMES: Final = ("applications", "meetings", "notifications", "people")
"""The modules of this folder in which events are at home."""

ENVELOPE: Final = frozenset({"event_id", "at", "subject_version", "correlation_id", "sequence"})
"""What travels beside the data; every other field of an event is data."""

STREAM_PREFIX: Final = "stadtteilbote:"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Audience(StrEnum):
    """Who may read an event: anyone, holders of a scoped key, or our services alone."""

    PUBLIC = "public"
    PARTNER = "partner"
    INTERNAL = "internal"


class Event(BaseModel):
    """A fact one service tells the others: past tense, immutable, told once."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    teller: ClassVar[str]
    type: ClassVar[str]
    audience: ClassVar[Audience]
    about: ClassVar[str]
    """Name of the data field that is the CloudEvent's subject."""
    waits: ClassVar[bool] = True
    """False for what must not wait behind a parked event of its subject: forgetting somebody."""

    event_id: UUID = Field(default_factory=uuid7)
    at: AwareDatetime
    subject_version: int = 1
    correlation_id: UUID | None = None
    sequence: int | None = None
    """The teller's gapless number; known once the relay has told the event."""

    @property
    def subject(self) -> str:
        """The thing it is about: events of one subject are answered in order."""
        return str(getattr(self, self.about))

    def to_cloudevent(self) -> dict[str, Any]:
        """The JSON form; `sequence` is missing until the relay has given a number."""
        body: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(self.event_id),
            "source": f"/{self.teller}",
            "type": self.type,
            "subject": self.subject,
            "time": self.at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "audience": self.audience.value,
            "subjectversion": self.subject_version,
            "data": self.model_dump(mode="json", exclude=set(ENVELOPE)),
        }
        if self.correlation_id is not None:
            body["correlationid"] = str(self.correlation_id)
        if self.sequence is not None:
            body["sequence"] = f"{self.sequence:019d}"
        return body

    @classmethod
    def from_cloudevent(cls, body: dict[str, Any]) -> Self:
        """Read the JSON form back; fields of a newer writer are ignored, missing ones refused."""
        return cls.model_validate(
            {
                **body["data"],
                "event_id": body["id"],
                "at": body["time"],
                "subject_version": body.get("subjectversion", 1),
                "correlation_id": body.get("correlationid"),
                "sequence": body.get("sequence"),
            }
        )


def stream_of(teller: str) -> str:
    """The Redis stream that carries this service's events."""
    return STREAM_PREFIX + teller


def to_json(body: dict[str, Any]) -> str:
    """One line of JSON as it lies in outbox and stream."""
    return _encode(body)


def _kinds(of: type[Event]) -> list[type[Event]]:
    """Every class below this one that has a type of its own."""
    found = [of] if "type" in vars(of) else []
    return found + [kind for child in of.__subclasses__() for kind in _kinds(child)]


@cache
def registry() -> dict[str, type[Event]]:
    """All event classes of `shared/events`, by type; two classes of one type are refused."""
    known: dict[str, type[Event]] = {}
    for home in HOMES:
        import_module(f"shared.events.{home}")
    for kind in _kinds(Event):
        ours = kind.__module__.startswith("shared.events.")
        if ours and known.setdefault(kind.type, kind) is not kind:
            raise TypeError(f"{kind.type} is claimed by {kind} and {known[kind.type]}")
    return known
