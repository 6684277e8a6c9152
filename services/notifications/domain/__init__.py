"""Letters, the people they go to, and what those people asked for.

Importing this makes every table of the service known, those outside of this folder too.
"""

from services.notifications import funds, journal, keys, known_fields, votes
from services.notifications.digests import runs
from services.notifications.domain import (
    addressbook,
    bounce,
    issue,
    letter,
    print_run,
    sending,
    subscription,
)

__all__ = [
    "addressbook",
    "bounce",
    "funds",
    "issue",
    "journal",
    "keys",
    "known_fields",
    "letter",
    "print_run",
    "runs",
    "sending",
    "subscription",
    "votes",
]
