"""Letters, the people they go to, and what those people asked for.

Importing this makes every table of the service known, those of journal, keys and funds too.
"""

from services.notifications import funds, journal, keys
from services.notifications.domain import addressbook, letter, subscription

__all__ = ["addressbook", "funds", "journal", "keys", "letter", "subscription"]
