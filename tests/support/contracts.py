"""One sample of each version of each event, readable for ever: `<type>.json`, newer ones `<type>.<what>.json`."""

import json
from pathlib import Path
from typing import Any, Final

from shared.events.base import Event, registry

SAMPLES: Final = Path(__file__).parent.parent / "contracts"


def samples_of(teller: str) -> list[Path]:
    """Every sample of what this service tells, the first ones and those written since."""
    told = {kind.type for kind in registry().values() if kind.teller == teller}
    return [path for path in sorted(SAMPLES.glob("*.json")) if body_of(path)["type"] in told]


def body_of(path: Path) -> dict[str, Any]:
    """The event as it once lay in the stream."""
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body


def read_again(body: dict[str, Any]) -> Event:
    """The event as today's class reads it."""
    return registry()[body["type"]].from_cloudevent(body)


def as_written_today(body: dict[str, Any]) -> dict[str, Any]:
    """The sample with every field that is new since then, at the value it has when nobody set it."""
    kind = registry()[body["type"]]
    since = {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
        if not field.is_required() and name not in body["data"]
    }
    fresh = kind.from_cloudevent(body).model_copy(update=since).to_cloudevent()["data"]
    new = {name: value for name, value in fresh.items() if name in since}
    return {**body, "data": {**body["data"], **new}}
