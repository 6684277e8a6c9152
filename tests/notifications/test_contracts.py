"""One sample for every version of every event notifications tells, readable for ever."""

from pathlib import Path

import pytest

from shared.events.base import Audience, Event, registry
from shared.events.notifications import IssueEvent
from tests.support.contracts import SAMPLES, as_written_today, body_of, read_again, samples_of

TOLD = [kind for kind in registry().values() if kind.teller == "notifications"]


def test_every_event_told_here_has_its_sample() -> None:
    assert [kind.type for kind in TOLD if not (SAMPLES / f"{kind.type}.json").exists()] == []


@pytest.mark.parametrize("path", samples_of("notifications"), ids=lambda path: path.stem)
def test_the_sample_is_still_read_and_written_the_same(path: Path) -> None:
    body = body_of(path)
    assert read_again(body).to_cloudevent() == as_written_today(body)


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.type)
def test_nothing_about_subscribers_leaves_the_house(kind: type[Event]) -> None:
    assert kind.audience is Audience.INTERNAL or issubclass(kind, IssueEvent)
    assert not set(kind.model_fields) & {"name", "email", "address"}
