"""One sample for every version of every event this service tells, readable for ever."""

import json
from pathlib import Path

import pytest

from shared.events.base import Audience, Event, registry

SAMPLES = Path(__file__).parent.parent / "contracts"
TOLD = [kind for kind in registry().values() if kind.teller == "applications"]
PERSONAL = ("name", "email", "phone", "iban", "title", "street", "contact", "link")


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.type)
def test_the_sample_is_still_read_and_written_the_same(kind: type[Event]) -> None:
    body = json.loads((SAMPLES / f"{kind.type}.json").read_text(encoding="utf-8"))
    assert kind.from_cloudevent(body).to_cloudevent() == body


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.type)
def test_what_others_may_read_names_nobody(kind: type[Event]) -> None:
    if kind.audience is not Audience.INTERNAL:
        assert not set(kind.model_fields) & set(PERSONAL)
