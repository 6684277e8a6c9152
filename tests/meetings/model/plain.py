"""What an evening of the board is, in plain sets and numbers: who is there, who may vote, what came out."""

from dataclasses import dataclass, field

STATUS = ("active", "active", "active", "active", "suspended", "guest", "active", "active")
UNIT = (None, None, 1, 1, None, None, None, 2)
"""Of eight people: two share an institution with one vote, the last one is alone in another."""


class No(Exception):
    """This is refused, and leaves no trace."""


def must(hold: object) -> None:
    if not hold:
        raise No


@dataclass
class Ballot:
    """A vote that is open: the list never changes again."""

    item: int
    manner: str
    voters: frozenset[int]
    members: int
    present: int
    recused: int
    cast: dict[int, str] = field(default_factory=dict)


Result = tuple[str, int, int, int, int, int, int]
"""Verdict, yes, no, abstain, members, present, recused."""


class Evening:
    """One session with three items."""

    def __init__(self, minimum: int, quorum: int) -> None:
        self.minimum, self.quorum, self.state = minimum, quorum, "invited"
        self.there: list[int] = []
        self.came: set[int] = set()
        self.now: int | None = None
        self.recused: dict[int, set[int]] = {item: set() for item in range(3)}
        self.open: Ballot | None = None
        self.done: dict[int, str] = {}
        self.results: dict[int, Result] = {}
        """By the number of the vote, in the order in which they were counted."""
        self.void: set[int] = set()
        self.asked = 0

    def running(self) -> None:
        must(self.state == "open")

    def begin(self) -> None:
        must(self.state != "closed")
        self.state = "open"

    def end(self) -> None:
        if self.state != "closed":
            must(self.state == "open" and self.open is None)
            self.state, self.there, self.now = "closed", [], None

    def arrive(self, who: int) -> None:
        must(self.state != "closed")
        if who not in self.there:
            self.there.append(who)
            self.came.add(who)

    def depart(self, who: int) -> None:
        must(self.state != "closed" and who in self.came)
        if who in self.there:
            self.there.remove(who)

    def call(self, item: int) -> None:
        self.running()
        if self.now != item:
            must(self.open is None and item not in self.done)
            self.now = item

    def recuse(self, item: int, who: int) -> None:
        must(self.state != "closed" and (self.open is None or self.open.item != item))
        self.recused[item].add(who)

    def unrecuse(self, item: int, who: int) -> None:
        must(self.state != "closed" and (self.open is None or self.open.item != item))
        self.recused[item].discard(who)

    def own(self, who: int) -> tuple[str, int]:
        """Whose vote it is."""
        return ("unit", UNIT[who] or 0) if UNIT[who] else ("person", who)

    def ask(self, item: int, manner: str) -> None:
        self.running()
        if self.open is not None:
            must((self.open.item, self.open.manner) == (item, manner))
            return
        must(item not in self.done)
        right = [who for who in self.there if STATUS[who] == "active"]
        voters: dict[tuple[str, int], int] = {}
        for who in right:
            if who not in self.recused[item]:
                voters.setdefault(self.own(who), who)
        present = {self.own(who) for who in right}
        must(manner != "secret" or len(voters) >= self.minimum)
        must(manner != "named" or voters)
        members = {self.own(who) for who, status in enumerate(STATUS) if status == "active"}
        self.asked, self.now = self.asked + 1, item
        self.open = Ballot(
            item,
            manner,
            frozenset(voters.values()),
            len(members),
            len(present),
            len(present) - len(voters),
        )

    def cast(self, who: int, choice: str, manner: str, again: bool) -> None:
        ballot = self.open
        must(ballot is not None and ballot.manner == manner)
        assert ballot is not None
        must(who in ballot.voters)
        if who in ballot.cast:
            must(ballot.cast[who] == choice and (again or manner == "named"))
        else:
            ballot.cast[who] = choice

    def count(self, typed: tuple[int, int, int]) -> None:
        must(self.open)
        ballot = self.open
        assert ballot is not None
        counts = typed
        if ballot.manner == "hands":
            must(sum(typed) <= ballot.present - ballot.recused)
        else:
            said = list(ballot.cast.values())
            counts = (said.count("yes"), said.count("no"), said.count("abstain"))
        self.open = None
        if ballot.manner == "secret" and sum(counts) < self.minimum:
            self.void.add(self.asked)
            return
        verdict = self.verdict(counts, ballot.present)
        numbers = (*counts, ballot.members, ballot.present, ballot.recused)
        self.results[self.asked] = (verdict, *numbers)
        if verdict != "no_quorum":
            self.done[ballot.item] = "decided" if verdict == "accepted" else "rejected"

    def count_again(self, number: int, typed: tuple[int, int, int] | None) -> None:
        """What is counted stays: the same numbers are no news, others come too late."""
        must(typed is None or (number in self.results and self.results[number][1:4] == typed))

    def verdict(self, counts: tuple[int, int, int], present: int) -> str:
        yes, no, _abstain = counts
        if present < self.quorum:
            return "no_quorum"
        if yes == no:
            return "tied"
        return "accepted" if yes > no else "rejected"

    def off(self) -> None:
        must(self.open)
        self.void.add(self.asked)
        self.open = None

    def finish(self, item: int, outcome: str) -> None:
        self.running()
        if item in self.done:
            must(self.done[item] == outcome)
            return
        must(self.open is None or self.open.item != item)
        self.done[item] = outcome
        self.now = None if self.now == item else self.now
