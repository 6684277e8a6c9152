"""Letters, the people they go to, and what those people asked for.

Importing this makes every table of the service known, those of journal and keys too.
"""

from services.notifications import journal, keys
from services.notifications.domain import addressbook, letter, subscription

__all__ = ["addressbook", "journal", "keys", "letter", "subscription"]
