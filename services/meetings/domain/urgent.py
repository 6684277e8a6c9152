"""Decisions that cannot wait: chair or office alone, up to a sum, reported to the next session."""

from services.meetings.domain.agenda import AgendaItem
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.board import Rules
from services.meetings.domain.circular import NoSum
from services.meetings.domain.votes import Decision, Reason
from shared.events.meetings import Motion, Verdict


class NoUrgentDecisions(Exception):
    """The board's rules let nobody decide alone."""


class AboveUrgentLimit(Exception):
    """So much the board's rules let nobody decide alone."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit} cents")
        self.limit = limit


class NoMoneyAsked(Exception):
    """Only applications can be decided alone."""


def check_urgent(item: AgendaItem, cents: int, *, asked_cents: int, rules: Rules) -> None:
    """Raise what stands against deciding this sum alone."""
    if rules.urgent_limit_cents is None:
        raise NoUrgentDecisions
    if item.application_id is None:
        raise NoMoneyAsked
    if cents <= 0:
        raise NoSum
    if cents > (most := min(rules.urgent_limit_cents, asked_cents)):
        raise AboveUrgentLimit(most)


def urgent_ballots(cents: int, *, members: int, why: str) -> Ballots:
    """Nobody voted: the sheet says how many could have."""
    return Ballots(
        motion=Motion.GRANT, amount_cents=cents, text=why, members=members, present=0, yes=0, no=0
    )


def urgent_decision() -> Decision:
    """Accepted, by the rule and not by votes."""
    return Decision(
        verdict=Verdict.ACCEPTED,
        reason=Reason.URGENT,
        margin=0,
        base_votes=0,
        needed=0,
        there=0,
        quorum=None,
        by_second_call=False,
    )
