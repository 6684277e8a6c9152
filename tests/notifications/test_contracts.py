"""One sample for every version of every event notifications tells, readable for ever."""

import json
from pathlib import Path

import pytest

from shared.events.base import Audience, Event, registry

SAMPLES = Path(__file__).parent.parent / "contracts"
TOLD = [kind for kind in registry().values() if kind.teller == "notifications"]


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.type)
def test_the_sample_is_still_read_and_written_the_same(kind: type[Event]) -> None:
    body = json.loads((SAMPLES / f"{kind.type}.json").read_text(encoding="utf-8"))
    assert kind.from_cloudevent(body).to_cloudevent() == body


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.type)
def test_nothing_about_subscribers_leaves_the_house(kind: type[Event]) -> None:
    assert kind.audience is Audience.INTERNAL
    assert not set(kind.model_fields) & {"name", "email", "address"}
