"""Events on the wire: CloudEvents 1.0 in JSON, readable by older and newer code."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from shared.events.base import Audience, registry, to_json
from shared.events.people import PersonErased
from tests.support.bus import Counted

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_event_survives_the_way_through_json() -> None:
    event = Counted(
        at=AT, subject_id="Bücherschrank ☕", place=3, words="سلام", correlation_id=uuid4()
    )
    assert Counted.from_cloudevent(json.loads(to_json(event.to_cloudevent()))) == event


def test_an_event_is_a_cloudevent() -> None:
    body = Counted(at=AT, subject_id="s", place=1, sequence=7).to_cloudevent()
    assert body["specversion"] == "1.0"
    assert body["source"] == "/applications"
    assert body["subject"] == "s"
    assert body["time"] == "2026-03-02T09:00:00Z"
    assert body["audience"] == "internal"
    assert body["sequence"] == "0000000000000000007"
    assert body["data"] == {"subject_id": "s", "place": 1, "words": ""}
    assert all(name.isalnum() and name == name.lower() for name in body)


def test_a_field_of_a_newer_writer_is_ignored_and_a_missing_one_refused() -> None:
    body = Counted(at=AT, subject_id="s", place=1).to_cloudevent()
    body["data"]["since_next_year"] = 1
    assert Counted.from_cloudevent(body).place == 1
    del body["data"]["place"]
    with pytest.raises(ValidationError):
        Counted.from_cloudevent(body)


def test_an_unreadable_event_does_not_repeat_its_content_in_the_error() -> None:
    body = Counted(at=AT, subject_id="s", place=1).to_cloudevent()
    body["data"]["place"] = "Ada Lovelace"
    with pytest.raises(ValidationError) as caught:
        Counted.from_cloudevent(body)
    assert "Ada" not in str(caught.value)


def test_an_event_cannot_be_changed() -> None:
    event = Counted(at=AT, subject_id="s", place=1)
    with pytest.raises(ValidationError):
        event.place = 2  # type: ignore[misc]


def test_every_event_has_one_home_one_type_and_an_audience() -> None:
    for kind, event in registry().items():
        assert event.type == kind
        assert event.audience in Audience
        assert event.about in event.model_fields
        assert kind.startswith("stadtteilbote.")
        assert kind.rpartition(".v")[2].isdigit()


def test_each_service_tells_of_an_erased_person_under_its_own_name() -> None:
    kinds = {PersonErased.told_by(name) for name in ("applications", "meetings", "notifications")}
    assert len({kind.type for kind in kinds}) == 3
    assert all(kind.teller in kind.type for kind in kinds)


def test_ids_grow_with_time() -> None:
    ids = [Counted(at=AT, subject_id="s", place=1).event_id for _ in range(100)]
    assert ids == sorted(ids)
