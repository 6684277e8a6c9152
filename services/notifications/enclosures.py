"""The decision on paper: a PDF made once, when the letter is written, and never again."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

from services.notifications.addressbook import Recipient
from services.notifications.letters.queue import File, brand_of
from services.notifications.letters.rendering import file_name
from shared.print import Addressee, DecisionLetter, Way, decision_letter
from shared.service import Service

Kind = Literal["granted", "rejected", "deferred"]

PDF: Final = "application/pdf"
PRINTED: Final = frozenset(
    {
        "public_title",
        "asked_cents",
        "amount_cents",
        "partial",
        "conditions",
        "waits_for",
        "accept_by",
        "counts",
        "because",
        "explanation",
    }
)
"""Facts that letter and paper have in common."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What the paper says beside those facts."""

    kind: Kind
    number: str
    dated_on: date
    session_on: date | None
    way: Way
    """Unsure as long as we were not told of the vote."""
    next_session_on: date | None
    case_url: str


async def enclosed(paper: Paper, to: Recipient, service: Service, facts: Mapping[str, Any]) -> File:
    """The decision as a file in the reader's language, made beside the loop."""
    common = {name: value for name, value in facts.items() if name in PRINTED}
    letter = DecisionLetter(addressee=_addressee(to), **asdict(paper), **common)
    brand = brand_of(service.settings.brand_file)
    content = await asyncio.to_thread(decision_letter, letter, brand=brand, language=to.language)
    name = file_name(paper.kind, language=to.language, number=paper.number)
    return File(name=name, media_type=PDF, content=content)


def _addressee(to: Recipient) -> Addressee:
    return Addressee(
        name=to.name,
        street=to.street or None,
        postcode=to.postcode or None,
        city=to.city or None,
    )
