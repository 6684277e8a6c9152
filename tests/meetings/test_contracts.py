"""What meetings ever told can be read for ever: a sample of each version, never changed."""

from pathlib import Path

import pytest

from shared.events.base import Audience, registry
from tests.support.contracts import SAMPLES, as_written_today, body_of, read_again, samples_of

OURS = {name: kind for name, kind in registry().items() if kind.teller == "meetings"}


def test_every_event_of_ours_has_its_sample() -> None:
    assert {name for name in OURS if (SAMPLES / f"{name}.json").exists()} == set(OURS)


@pytest.mark.parametrize("path", samples_of("meetings"), ids=lambda path: path.stem)
def test_a_sample_is_read_and_written_again_without_loss(path: Path) -> None:
    sample = body_of(path)
    event = read_again(sample)
    assert event.to_cloudevent() == as_written_today(sample)
    assert event.subject == sample["subject"]


def test_a_vote_closed_before_there_were_ways_to_vote_was_a_show_of_hands_in_a_meeting() -> None:
    old = read_again(body_of(SAMPLES / "stadtteilbote.vote.closed.v1.json")).to_cloudevent()
    new = read_again(body_of(SAMPLES / "stadtteilbote.vote.closed.v1.circular.json"))
    assert (old["data"]["manner"], old["data"]["way"]) == ("hands", "meeting")
    told = new.to_cloudevent()["data"]
    assert (told["manner"], told["way"], told["application_id"]) == ("named", "circular", None)


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_others_may_read_has_no_room_for_a_person(name: str) -> None:
    kind = OURS[name]
    personal = {"contact", "link", "words", "email", "name", "phone", "person_id", "member_id"}
    if kind.audience is not Audience.INTERNAL:
        assert personal.isdisjoint(kind.model_fields)
