"""The sheet of one vote: what was counted, and whether it adds up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from shared.events.meetings import Counts, Motion, VotedCondition


class Wrong(StrEnum):
    """Why counts cannot be recorded."""

    MORE_PRESENT_THAN_MEMBERS = "more_present_than_members"
    MORE_RECUSED_THAN_PRESENT = "more_recused_than_present"
    MORE_VOTES_THAN_VOTERS = "more_votes_than_voters"
    NO_AMOUNT = "no_amount"
    ABOVE_ASKED = "above_asked"
    CONDITIONS_WITHOUT_GRANT = "conditions_without_grant"
    DUE_BEFORE_SESSION = "due_before_session"
    WRONG_MOTION = "wrong_motion"
    """Money only where it is applied for; a sentence of its own only where it is not."""
    NO_TEXT = "no_text"


class DoesNotAddUp(Exception):
    """The sheet cannot be right; `found` says what is wrong with which field."""

    def __init__(self, found: dict[str, Wrong]) -> None:
        super().__init__(", ".join(sorted(found.values())))
        self.found = found


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Who was there when the session was opened: where the quorum is counted once, it is this."""

    members: int
    present: int


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """What the board voted on, and what was counted; `present` are members, the recused among them."""

    motion: Motion
    amount_cents: int | None = None
    conditions: tuple[VotedCondition, ...] = ()
    text: str = ""
    """The sentence that is decided, where it is about no application."""
    members: int
    present: int
    recused: int = 0
    yes: int
    no: int
    abstain: int = 0
    invalid: int = 0

    @classmethod
    def empty(cls, *, members: int, present: int, recused: int) -> Self:
        """Before anybody voted: only who is there can be told from it."""
        return cls(
            motion=Motion.DEFER,
            members=members,
            present=present,
            recused=recused,
            yes=0,
            no=0,
        )

    @property
    def counts(self) -> Counts:
        """Everything that is stored with a vote; `eligible` are those who could vote on this."""
        valid = self.yes + self.no + self.abstain
        return Counts(
            members=self.members,
            eligible=self.present - self.recused,
            present=self.present,
            recused=self.recused,
            cast=valid + self.invalid,
            valid=valid,
            invalid=self.invalid,
            yes=self.yes,
            no=self.no,
            abstain=self.abstain,
        )

    def check(self, *, asked_cents: int | None, meets_on: date) -> None:
        """Refuse counts, sums and conditions that cannot be; no sum is asked for: no application."""
        found = dict(self._wrong_counts()) | dict(self._wrong_motion(asked_cents, meets_on))
        if found:
            raise DoesNotAddUp(found)

    def check_motion(self, *, asked_cents: int | None, meets_on: date) -> None:
        """Refuse what cannot be put to the vote, before anybody is counted."""
        found = dict(self._wrong_motion(asked_cents, meets_on))
        if found:
            raise DoesNotAddUp(found)

    def _wrong_motion(self, asked_cents: int | None, meets_on: date) -> Iterator[tuple[str, Wrong]]:
        about_money = asked_cents is not None
        if self.motion is not Motion.DEFER and about_money is not (self.motion is Motion.GRANT):
            yield "motion", Wrong.WRONG_MOTION
        elif self.motion is Motion.GRANT:
            yield from self._wrong_grant(asked_cents or 0, meets_on)
        elif self.motion is Motion.RESOLVE and not self.text.strip():
            yield "text", Wrong.NO_TEXT
        if self.motion is not Motion.GRANT and self.conditions:
            yield "conditions", Wrong.CONDITIONS_WITHOUT_GRANT

    def _wrong_counts(self) -> Iterator[tuple[str, Wrong]]:
        if self.present > self.members:
            yield "present", Wrong.MORE_PRESENT_THAN_MEMBERS
        if self.recused > self.present:
            yield "recused", Wrong.MORE_RECUSED_THAN_PRESENT
        elif self.counts.cast > self.present - self.recused:
            yield "counts", Wrong.MORE_VOTES_THAN_VOTERS

    def _wrong_grant(self, asked_cents: int, meets_on: date) -> Iterator[tuple[str, Wrong]]:
        if not self.amount_cents:
            yield "amount_cents", Wrong.NO_AMOUNT
        elif self.amount_cents > asked_cents:
            yield "amount_cents", Wrong.ABOVE_ASKED
        for place, condition in enumerate(self.conditions):
            if condition.due_on < meets_on:
                yield f"conditions-{place}-due_on", Wrong.DUE_BEFORE_SESSION
