"""One recipient's copy in a sender's hands: to whom it goes, as it was true when it was taken up."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True, eq=False)
class Block:
    """A stretch of numbers we hold, and how many of its copies have no recorded result yet."""

    first: int
    last: int
    open: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Copy:
    """What sending it needs; the words are the issue's."""

    number: int
    subscription_id: UUID
    name: str
    address: str
    address_hash: str
    language: str
    way: str
    """The bucket its provider's limit is kept in."""
    tries: int
    block: Block | None
    """None for one that was put off and claimed again by its own row."""
    losses: int = 0

    @property
    def again(self) -> bool:
        """Claimed by its own row."""
        return self.block is None
