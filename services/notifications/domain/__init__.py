"""Letters, the people they go to, and what those people asked for.

Importing this makes every table of the service known, those of journal, keys, funds and votes too.
"""

from services.notifications import funds, journal, keys, votes
from services.notifications.domain import addressbook, bounce, issue, letter, subscription

__all__ = [
    "addressbook",
    "bounce",
    "funds",
    "issue",
    "journal",
    "keys",
    "letter",
    "subscription",
    "votes",
]
