"""What happened at a session, and what is kept of its minutes."""

from services.meetings.queries.minutes.facts import Facts, Present, facts_of
from services.meetings.queries.minutes.items import ItemFacts, VoteFacts
from services.meetings.queries.minutes.record import (
    Record,
    known_names,
    record_of,
)

__all__ = [
    "Facts",
    "ItemFacts",
    "Present",
    "Record",
    "VoteFacts",
    "facts_of",
    "known_names",
    "record_of",
]
