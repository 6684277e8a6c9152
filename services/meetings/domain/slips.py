"""The ballots of a secret vote: every slip as long as every other, in the order of its receipt."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.meetings.domain.polls import Choice

CODES: Final = {Choice.YES: "J", Choice.NO: "N", Choice.ABSTAIN: "E"}
"""One sign each, so that no slip tells by its length."""

CHOICES: Final = {code: choice for choice, code in CODES.items()}


class AlreadyVoted(Exception):
    """This member has voted, and what was cast stays as it is."""


class ReceiptTaken(Exception):
    """Another ballot lies under this receipt: the form has to be opened anew."""


@dataclass(frozen=True, order=True)
class Slip:
    """One ballot; nothing on it tells whose it is."""

    receipt: str
    choice: Choice


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What the slips come to."""

    yes: int
    no: int
    abstain: int

    @property
    def cast(self) -> int:
        """How many ballots there are."""
        return self.yes + self.no + self.abstain


def tally(slips: Iterable[Slip]) -> Tally:
    """Count the published list; whoever has it counts the same."""
    counted = Counter(slip.choice for slip in slips)
    return Tally(yes=counted[Choice.YES], no=counted[Choice.NO], abstain=counted[Choice.ABSTAIN])


def with_slip(slips: Iterable[Slip], new: Slip, *, voted: bool) -> list[Slip] | None:
    """The box with one more slip, in the order of the receipts; None if this ballot lies in it.

    A lost answer is asked for again with the same slip; any other second ballot is refused.
    """
    kept = {slip.receipt: slip for slip in slips}
    if voted:
        if kept.get(new.receipt) != new:
            raise AlreadyVoted
        return None
    if new.receipt in kept:
        raise ReceiptTaken
    return sorted([*kept.values(), new], key=lambda slip: slip.receipt)


def packed(slips: Sequence[Slip]) -> str:
    """The whole box as one text whose length tells only how many slips there are."""
    return json.dumps([slip.receipt + CODES[slip.choice] for slip in slips])


def unpacked(text: str) -> list[Slip]:
    """The slips again."""
    return [Slip(one[:-1], CHOICES[one[-1]]) for one in json.loads(text)] if text else []


def published(slips: Sequence[Slip]) -> list[dict[str, Any]]:
    """The list everybody may read once it is counted."""
    return [{"receipt": slip.receipt, "choice": slip.choice.value} for slip in slips]


def from_list(rows: Iterable[dict[str, Any]]) -> list[Slip]:
    """The published list as slips."""
    return [Slip(row["receipt"], Choice(row["choice"])) for row in rows]
