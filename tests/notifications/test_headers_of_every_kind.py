"""No letter of any kind goes out in any language without a greeting, a text or its language."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifications.bulk.slots import SLOTS
from services.notifications.domain.letter import Letter
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.mime import NothingToSay, as_bytes
from services.notifications.letters.rendering import write
from services.notifications.letters.voice import catalogue, languages
from tests.letters.samples import BRAND, ORIGIN, SAMPLES
from tests.notifications.bulk.mails import SETTINGS, parsed, said

AT = datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
SOMEBODY = UUID("018f0000-0000-7000-8000-000000000003")
UNSPOKEN = ("fa", "", "de_DE")
"""Languages without a catalogue: German is written instead."""


def _letter(sample: str, language: str, name: str) -> Letter:
    """As it stands in the queue."""
    kind = KINDS[sample.split(maxsplit=1)[0]]
    facts = {name: fact for name, fact in SAMPLES[sample].items() if name != "paper"}
    words = write(kind.name, language=language, name=name, brand=BRAND, origin=ORIGIN, facts=facts)
    subscribed = kind.subscribed
    return Letter(
        id=SOMEBODY, kind=kind.name, topic=kind.topic, name=name, address="ada@example.org",
        language=words.language, subject=words.subject, text=words.text, html=words.html,
        thread=None, calendar=None, queued_at=AT, expires_at=AT + timedelta(days=1),
        subscription_id=SOMEBODY if subscribed else None,
        unsubscribe_url=f"{ORIGIN}/abo/abmelden/t0ken" if subscribed else None,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "Ada Lovelace"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_letter_greets_says_its_language_and_leaves_nothing_open(
    sample: str, name: str
) -> None:
    for language in (*languages(), *UNSPOKEN):
        letter = _letter(sample, language, name)
        mail = parsed(as_bytes(letter, SETTINGS, sender_name=BRAND.name))
        spoken = language if language in languages() else "de"
        assert mail["Content-Language"] == ("de" if spoken == "de" else f"{spoken}, de")
        assert mail["Subject"].strip()
        assert (mail["Auto-Submitted"] is None) == (mail["List-Id"] is not None)
        assert (mail["List-Unsubscribe"] is None) == (mail["List-Id"] is None)
        for subtype in ("plain", "html"):
            words = said(mail, subtype)
            for tongue in {spoken, "de"}:
                assert _greeting(tongue, name) in re.sub(r"<[^>]+>|[\u2066-\u2069]", "", words)
            assert not re.search(r"\{\{|\{%|%\(|\bNone\b|Undefined", words)
            assert not set(words) & set(SLOTS)


def _greeting(language: str, name: str) -> str:
    said = catalogue(language).gettext
    greeting = said("Guten Tag %(name)s,") % {"name": name} if name else said("Guten Tag,")
    assert len(greeting) > 3
    return greeting


@pytest.mark.parametrize("empty", ["text", "html", "language"])
def test_a_letter_whose_words_were_taken_away_is_no_mail_any_more(empty: str) -> None:
    letter = _letter("sign_in", "de", "Ada")
    setattr(letter, empty, "")
    with pytest.raises(NothingToSay):
        as_bytes(letter, SETTINGS, sender_name=BRAND.name)
