"""The answer to somebody who asks what we know about them (Art. 15 GDPR): one file of two.

`auskunft.html` for people, `auskunft.json` for programs (Art. 20); both say the same.
"""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.notifications.letters.kinds import KINDS
from services.notifications.queries.one_address import About
from shared.events.people import Contact

SECRET: Final = None
"""In the place of a letter's text that holds a way in: it was for its reader alone, and is over."""


def as_data(about: About, *, at: datetime) -> dict[str, Any]:
    """Everything, in words that last: the names of our columns."""
    return {
        "created_at": _said(at),
        "address": about.address,
        "person_ids": [str(one) for one in about.person_ids],
        "subscription": _subscription(about),
        "consents": [_consent(consent, contact) for consent, contact in about.consents],
        "address_book": [
            _row(one, "name", "address", "street", "postcode", "city", "language", "erased_at")
            for one in about.people
        ],
        "letters": [_letter(about, letter) for letter in about.letters],
        "issues": [
            _row(one, "kind", "subject", "language", "state", "sent_at", "answer")
            for one in about.issues
        ],
        "returned": [_row(one, "at", "severity", "status", "diagnostic") for one in about.bounces],
        "held_back": _row(about.suppression, "at", "reason") if about.suppression else None,
        "applications": [_row(one, "number", "ended_at") for one in about.cases],
        "board": [_row(one, "belongs", "left") for one in about.board],
    }


def as_zip(files: Mapping[str, str], *, at: datetime) -> bytes:
    """Both files in one, without anything else."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(name, at.timetuple()[:6]), text.encode(), ZIP_DEFLATED)
    return packed.getvalue()


def as_json(data: Mapping[str, Any]) -> str:
    """For programs."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _subscription(about: About) -> dict[str, Any] | None:
    names = ("id", "status", "address", "name", "language", "topics", "fields", "occasion_kinds")
    more = ("frequency", "requested_at", "confirmed_at", "ended_at")
    return _row(about.subscription, *names, *more) if about.subscription else None


def _consent(consent: Any, contact: Contact | None) -> dict[str, Any]:
    names = ("topics", "choices", "language", "text", "form", "asked_at", "expires_at")
    known = contact.model_dump(mode="json", exclude_none=True) if contact else None
    return _row(consent, *names, "confirmed_at") | {"contact": known}


def _letter(about: About, letter: Any) -> dict[str, Any]:
    names = ("id", "kind", "subject", "text", "language", "name", "address", "state", "queued_at")
    said = _row(letter, *names, "sent_at", "reason")
    if KINDS[letter.kind].hides(letter.address):
        said["text"] = SECRET
    tried = [one for one in about.attempts if one.letter_id == letter.id]
    said["attempts"] = [_row(one, "at", "outcome", "code", "answer") for one in tried]
    enclosed = [one for one in about.files if one.letter_id == letter.id]
    return said | {"files": [_row(one, "name", "media_type", "sha256") for one in enclosed]}


def _row(row: Any, *names: str) -> dict[str, Any]:
    return {name: _said(getattr(row, name)) for name in names}


def _said(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID) or hasattr(value, "value"):
        return str(value)
    return value
