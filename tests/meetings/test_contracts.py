"""What meetings ever told can be read for ever: one sample of each version, never changed."""

import json
from pathlib import Path

import pytest

from shared.events.base import Audience, registry

SAMPLES = Path(__file__).parent.parent / "contracts"
OURS = {name: kind for name, kind in registry().items() if kind.teller == "meetings"}


def test_every_event_of_ours_has_its_sample() -> None:
    assert {name for name in OURS if (SAMPLES / f"{name}.json").exists()} == set(OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_sample_is_read_and_written_again_without_loss(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text())
    event = OURS[name].from_cloudevent(sample)
    assert event.to_cloudevent() == sample
    assert event.subject == sample["subject"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_others_may_read_has_no_room_for_a_person(name: str) -> None:
    kind = OURS[name]
    personal = {"contact", "link", "email", "name", "phone", "person_id"}
    if kind.audience is not Audience.INTERNAL:
        assert personal.isdisjoint(kind.model_fields)
