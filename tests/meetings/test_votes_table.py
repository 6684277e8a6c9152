"""Every way a vote can come out: verdict, reason, margin, and the sentence people read."""

import ast
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.web.case_words import REASONS as APPLICATIONS_WORDS
from services.meetings.domain import ballots as ballots_module
from services.meetings.domain import board as board_module
from services.meetings.domain import electorate as electorate_module
from services.meetings.domain import slips as slips_module
from services.meetings.domain import votes as votes_module
from services.meetings.domain.ballots import Ballots, Opening
from services.meetings.domain.board import Majority, QuorumKind, Rules, VoteBase
from services.meetings.domain.electorate import Turnout, electorate, turnout, votes_on_board
from services.meetings.domain.member import Member, MemberStatus, UnitKind
from services.meetings.domain.polls import Barred
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.votes import Reason, SecondCall, decide
from services.meetings.verdict_words import why
from shared.events.meetings import Motion, Verdict
from shared.events.people import Contact

ACCEPTED, REJECTED = Verdict.ACCEPTED, Verdict.REJECTED
TIED, NO_QUORUM = Verdict.TIED, Verdict.NO_QUORUM
SIMPLE, ABSOLUTE = Majority.SIMPLE, Majority.ABSOLUTE
THIRDS, QUARTERS = Majority.TWO_THIRDS, Majority.THREE_QUARTERS
CAST, WITH, PRESENT, MEMBERS = VoteBase
NOBODY: Final = "Abgelehnt: Niemand hat mit Ja oder Nein gestimmt."
SECOND: Final = " Beim zweiten Aufruf entscheidet, wer da ist."


FIRST: Final = SecondCall()


class Case(NamedTuple):
    """One vote under one rule; yes, no, abstain; `people` are members, present, recused."""

    majority: Majority
    base: VoteBase
    counted: tuple[int, int, int]
    verdict: Verdict
    reason: Reason
    margin: int
    sentence: str
    people: tuple[int, int, int] = (14, 11, 0)
    invalid: int = 0
    rules: dict[str, Any] = {}  # noqa: RUF012
    call: SecondCall = FIRST


def yes(text: str, more: str = "") -> str:
    return f"Angenommen mit {text}.{' ' + more if more else ''}"


def quorum(kind: str, number: int | None = None, **more: bool) -> dict[str, Any]:
    return {"quorum_kind": QuorumKind(kind), "quorum": number, **more}


HALF_OF: Final = "mehr als der Hälfte von"
SIMPLE_CASES: Final = [
    Case(SIMPLE, base, counted, verdict, reason, margin, sentence)
    for base in VoteBase
    for counted, verdict, reason, margin, sentence in [
        ((7, 3, 0), ACCEPTED, Reason.SIMPLE_MAJORITY, 3, yes("7 Ja bei 3 Nein")),
        ((1, 0, 0), ACCEPTED, Reason.SIMPLE_MAJORITY, 0, yes("1 Ja bei 0 Nein")),
        ((6, 5, 0), ACCEPTED, Reason.SIMPLE_MAJORITY, 0, yes("6 Ja bei 5 Nein")),
        ((1, 0, 10), ACCEPTED, Reason.SIMPLE_MAJORITY, 0, yes("1 Ja bei 0 Nein")),
        ((5, 5, 1), TIED, Reason.TIE, -1, "Abgelehnt: 5 Ja und 5 Nein sind gleich viele."),
        ((3, 7, 0), REJECTED, Reason.NO_MAJORITY, -5, "Abgelehnt mit 3 Ja bei 7 Nein."),
        ((0, 1, 0), REJECTED, Reason.NO_MAJORITY, -2, "Abgelehnt mit 0 Ja bei 1 Nein."),
        ((0, 0, 11), TIED, Reason.NOBODY_DECIDED, -1, NOBODY),
        ((0, 0, 0), TIED, Reason.NOBODY_DECIDED, -1, NOBODY),
    ]
]

REACHED: Final = {
    ABSOLUTE: Reason.ABSOLUTE_MAJORITY,
    THIRDS: Reason.TWO_THIRDS,
    QUARTERS: Reason.THREE_QUARTERS,
}
MISSED: Final = {
    ABSOLUTE: Reason.NO_ABSOLUTE_MAJORITY,
    THIRDS: Reason.NO_TWO_THIRDS,
    QUARTERS: Reason.NO_THREE_QUARTERS,
}


def reached(
    majority: Majority,
    base: VoteBase,
    counted: tuple[int, int, int],
    margin: int,
    enough: str,
    **more: Any,
) -> Case:
    said = yes(f"{counted[0]} Ja bei {counted[1]} Nein", enough)
    return Case(majority, base, counted, ACCEPTED, REACHED[majority], margin, said, **more)


def missed(
    majority: Majority,
    base: VoteBase,
    counted: tuple[int, int, int],
    margin: int,
    sentence: str,
    **more: Any,
) -> Case:
    return Case(majority, base, counted, REJECTED, MISSED[majority], margin, sentence, **more)


def equal(base: VoteBase, counted: tuple[int, int, int], **more: Any) -> Case:
    said = f"Abgelehnt: {counted[0]} Ja und {counted[1]} Nein sind gleich viele."
    return Case(ABSOLUTE, base, counted, TIED, Reason.TIE, -1, said, **more)


def nobody(majority: Majority, base: VoteBase, abstain: int, margin: int) -> Case:
    reason = Reason.NOBODY_DECIDED
    return Case(majority, base, (0, 0, abstain), TIED, reason, margin, NOBODY)


ABSOLUTE_CASES: Final = [
    reached(ABSOLUTE, CAST, (7, 3, 0), 1, f"Zu {HALF_OF} 10 gültigen reichen 6 Ja."),
    reached(ABSOLUTE, CAST, (6, 5, 0), 0, f"Zu {HALF_OF} 11 gültigen reichen 6 Ja."),
    reached(ABSOLUTE, CAST, (1, 0, 0), 0, f"Zu {HALF_OF} 1 gültigen reicht 1 Ja."),
    reached(
        ABSOLUTE, CAST, (5, 4, 2), 0, f"Zu {HALF_OF} 9 gültigen ohne Enthaltungen reichen 5 Ja."
    ),
    missed(ABSOLUTE, CAST, (4, 6, 0), -2, f"Abgelehnt: 2 Stimmen fehlen zu {HALF_OF} 10 gültigen."),
    missed(
        ABSOLUTE,
        CAST,
        (4, 5, 2),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 9 gültigen ohne Enthaltungen.",
    ),
    missed(ABSOLUTE, CAST, (0, 1, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 1 gültigen."),
    equal(CAST, (5, 5, 0)),
    equal(CAST, (5, 5, 1)),
    equal(CAST, (1, 1, 9)),
    nobody(ABSOLUTE, CAST, 0, -1),
    nobody(ABSOLUTE, CAST, 11, -1),
    reached(
        ABSOLUTE, WITH, (6, 3, 2), 0, f"Zu {HALF_OF} 11 gültigen mit Enthaltungen reichen 6 Ja."
    ),
    reached(ABSOLUTE, WITH, (6, 5, 0), 0, f"Zu {HALF_OF} 11 gültigen reichen 6 Ja."),
    missed(
        ABSOLUTE,
        WITH,
        (5, 4, 2),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 11 gültigen mit Enthaltungen.",
    ),
    missed(
        ABSOLUTE,
        WITH,
        (5, 4, 1),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 10 gültigen mit Enthaltungen.",
    ),
    missed(
        ABSOLUTE,
        WITH,
        (5, 5, 1),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 11 gültigen mit Enthaltungen.",
    ),
    equal(WITH, (5, 5, 0)),
    nobody(ABSOLUTE, WITH, 11, -6),
    nobody(ABSOLUTE, WITH, 0, -1),
    reached(
        ABSOLUTE,
        PRESENT,
        (6, 0, 0),
        0,
        f"Zu {HALF_OF} 11 Anwesenden mit Stimmrecht reichen 6 Ja.",
    ),
    reached(
        ABSOLUTE,
        PRESENT,
        (5, 4, 0),
        0,
        f"Zu {HALF_OF} 9 Anwesenden mit Stimmrecht reichen 5 Ja.",
        people=(14, 11, 2),
    ),
    missed(
        ABSOLUTE,
        PRESENT,
        (5, 0, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 11 Anwesenden mit Stimmrecht.",
    ),
    missed(
        ABSOLUTE,
        PRESENT,
        (5, 3, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 11 Anwesenden mit Stimmrecht.",
        invalid=3,
    ),
    equal(PRESENT, (5, 5, 0), people=(14, 10, 0)),
    equal(PRESENT, (5, 5, 0), people=(14, 11, 1)),
    missed(
        ABSOLUTE,
        PRESENT,
        (5, 5, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 11 Anwesenden mit Stimmrecht.",
    ),
    nobody(ABSOLUTE, PRESENT, 11, -6),
    reached(ABSOLUTE, MEMBERS, (8, 3, 0), 0, f"Zu {HALF_OF} 14 Mitgliedern reichen 8 Ja."),
    reached(ABSOLUTE, MEMBERS, (11, 0, 0), 3, f"Zu {HALF_OF} 14 Mitgliedern reichen 8 Ja."),
    reached(
        ABSOLUTE,
        MEMBERS,
        (1, 0, 0),
        0,
        f"Zu {HALF_OF} 1 Mitglied reicht 1 Ja.",
        people=(1, 1, 0),
    ),
    reached(
        ABSOLUTE,
        MEMBERS,
        (8, 1, 0),
        0,
        f"Zu {HALF_OF} 15 Mitgliedern reichen 8 Ja.",
        people=(15, 11, 2),
    ),
    missed(
        ABSOLUTE, MEMBERS, (7, 0, 4), -1, f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 14 Mitgliedern."
    ),
    missed(
        ABSOLUTE, MEMBERS, (7, 4, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 14 Mitgliedern."
    ),
    missed(
        ABSOLUTE,
        MEMBERS,
        (5, 5, 0),
        -3,
        f"Abgelehnt: 3 Stimmen fehlen zu {HALF_OF} 14 Mitgliedern.",
    ),
    equal(MEMBERS, (7, 7, 0), people=(14, 14, 0)),
    nobody(ABSOLUTE, MEMBERS, 0, -8),
]

TWO: Final = "zwei Dritteln von"
THIRDS_CASES: Final = [
    reached(THIRDS, CAST, (6, 3, 0), 0, f"Zu {TWO} 9 gültigen reichen 6 Ja."),
    reached(THIRDS, CAST, (7, 3, 0), 0, f"Zu {TWO} 10 gültigen reichen 7 Ja."),
    reached(THIRDS, CAST, (8, 3, 0), 0, f"Zu {TWO} 11 gültigen reichen 8 Ja."),
    reached(THIRDS, CAST, (11, 0, 0), 3, f"Zu {TWO} 11 gültigen reichen 8 Ja."),
    reached(THIRDS, CAST, (1, 0, 0), 0, f"Zu {TWO} 1 gültigen reicht 1 Ja."),
    reached(THIRDS, CAST, (2, 1, 8), 0, f"Zu {TWO} 3 gültigen ohne Enthaltungen reichen 2 Ja."),
    missed(THIRDS, CAST, (5, 4, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {TWO} 9 gültigen."),
    missed(THIRDS, CAST, (6, 4, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {TWO} 10 gültigen."),
    missed(THIRDS, CAST, (7, 4, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {TWO} 11 gültigen."),
    missed(THIRDS, CAST, (5, 5, 0), -2, f"Abgelehnt: 2 Stimmen fehlen zu {TWO} 10 gültigen."),
    missed(THIRDS, CAST, (0, 11, 0), -8, f"Abgelehnt: 8 Stimmen fehlen zu {TWO} 11 gültigen."),
    missed(
        THIRDS,
        CAST,
        (5, 4, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {TWO} 9 gültigen.",
        invalid=2,
    ),
    nobody(THIRDS, CAST, 0, -1),
    nobody(THIRDS, CAST, 5, -1),
    reached(THIRDS, WITH, (6, 1, 2), 0, f"Zu {TWO} 9 gültigen mit Enthaltungen reichen 6 Ja."),
    reached(THIRDS, WITH, (8, 1, 2), 0, f"Zu {TWO} 11 gültigen mit Enthaltungen reichen 8 Ja."),
    missed(
        THIRDS,
        WITH,
        (7, 0, 4),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {TWO} 11 gültigen mit Enthaltungen.",
    ),
    missed(
        THIRDS,
        WITH,
        (6, 3, 1),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {TWO} 10 gültigen mit Enthaltungen.",
    ),
    nobody(THIRDS, WITH, 9, -6),
    reached(THIRDS, PRESENT, (8, 0, 0), 0, f"Zu {TWO} 11 Anwesenden mit Stimmrecht reichen 8 Ja."),
    reached(
        THIRDS,
        PRESENT,
        (6, 2, 0),
        0,
        f"Zu {TWO} 9 Anwesenden mit Stimmrecht reichen 6 Ja.",
        people=(14, 11, 2),
    ),
    missed(
        THIRDS,
        PRESENT,
        (7, 0, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {TWO} 11 Anwesenden mit Stimmrecht.",
    ),
    missed(
        THIRDS,
        PRESENT,
        (6, 0, 0),
        -2,
        f"Abgelehnt: 2 Stimmen fehlen zu {TWO} 11 Anwesenden mit Stimmrecht.",
        invalid=5,
    ),
    reached(THIRDS, MEMBERS, (10, 1, 0), 0, f"Zu {TWO} 14 Mitgliedern reichen 10 Ja."),
    reached(
        THIRDS,
        MEMBERS,
        (10, 0, 0),
        0,
        f"Zu {TWO} 15 Mitgliedern reichen 10 Ja.",
        people=(15, 11, 1),
    ),
    missed(THIRDS, MEMBERS, (9, 2, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {TWO} 14 Mitgliedern."),
    missed(THIRDS, MEMBERS, (7, 0, 0), -3, f"Abgelehnt: 3 Stimmen fehlen zu {TWO} 14 Mitgliedern."),
    nobody(THIRDS, MEMBERS, 0, -10),
]

THREE: Final = "drei Vierteln von"
QUARTERS_CASES: Final = [
    reached(QUARTERS, CAST, (6, 2, 0), 0, f"Zu {THREE} 8 gültigen reichen 6 Ja."),
    reached(QUARTERS, CAST, (7, 2, 0), 0, f"Zu {THREE} 9 gültigen reichen 7 Ja."),
    reached(QUARTERS, CAST, (8, 2, 0), 0, f"Zu {THREE} 10 gültigen reichen 8 Ja."),
    reached(QUARTERS, CAST, (9, 2, 0), 0, f"Zu {THREE} 11 gültigen reichen 9 Ja."),
    reached(QUARTERS, CAST, (3, 1, 7), 0, f"Zu {THREE} 4 gültigen ohne Enthaltungen reichen 3 Ja."),
    missed(QUARTERS, CAST, (5, 3, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {THREE} 8 gültigen."),
    missed(QUARTERS, CAST, (6, 3, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {THREE} 9 gültigen."),
    missed(QUARTERS, CAST, (7, 3, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {THREE} 10 gültigen."),
    missed(QUARTERS, CAST, (4, 4, 0), -2, f"Abgelehnt: 2 Stimmen fehlen zu {THREE} 8 gültigen."),
    nobody(QUARTERS, CAST, 0, -1),
    nobody(QUARTERS, CAST, 3, -1),
    reached(QUARTERS, WITH, (9, 1, 1), 0, f"Zu {THREE} 11 gültigen mit Enthaltungen reichen 9 Ja."),
    missed(
        QUARTERS,
        WITH,
        (8, 1, 2),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {THREE} 11 gültigen mit Enthaltungen.",
    ),
    nobody(QUARTERS, WITH, 8, -6),
    reached(
        QUARTERS,
        PRESENT,
        (9, 0, 0),
        0,
        f"Zu {THREE} 11 Anwesenden mit Stimmrecht reichen 9 Ja.",
    ),
    reached(
        QUARTERS,
        PRESENT,
        (6, 2, 0),
        0,
        f"Zu {THREE} 8 Anwesenden mit Stimmrecht reichen 6 Ja.",
        people=(14, 11, 3),
    ),
    missed(
        QUARTERS,
        PRESENT,
        (8, 0, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {THREE} 11 Anwesenden mit Stimmrecht.",
        invalid=3,
    ),
    reached(QUARTERS, MEMBERS, (11, 0, 0), 0, f"Zu {THREE} 14 Mitgliedern reichen 11 Ja."),
    missed(
        QUARTERS, MEMBERS, (10, 1, 0), -1, f"Abgelehnt: 1 Stimme fehlt zu {THREE} 14 Mitgliedern."
    ),
    missed(
        QUARTERS, MEMBERS, (8, 0, 0), -3, f"Abgelehnt: 3 Stimmen fehlen zu {THREE} 14 Mitgliedern."
    ),
    nobody(QUARTERS, MEMBERS, 11, -11),
]

WON: Final = (ACCEPTED, Reason.SIMPLE_MAJORITY)
FEW: Final = (NO_QUORUM, Reason.QUORUM_MISSED)


def there(
    rules: dict[str, Any],
    people: tuple[int, int, int],
    short: int = 0,
    sentence: str = "",
    call: SecondCall = FIRST,
) -> Case:
    """Everybody who may vote says yes: only the quorum can stand against it."""
    votes = people[1] - people[2]
    verdict, reason = FEW if short else WON
    said = sentence or yes(f"{votes} Ja bei 0 Nein")
    margin = -short if short else votes - 1
    return Case(
        SIMPLE, CAST, (votes, 0, 0), verdict, reason, margin, said, people, rules=rules, call=call
    )


def few(there: int, needed: int, without: str = "") -> str:
    members = "1 Mitglied ist" if there == 1 else f"{there} Mitglieder sind"
    return f"{members} da{without}. Für Beschlüsse brauchen wir {needed}."


OUT: Final = {"recused_count": False}
QUORUM_CASES: Final = [
    there(quorum("none"), (14, 1, 0)),
    there(quorum("none", recused_count=False), (14, 2, 1)),
    there(quorum("fixed", 8), (14, 8, 0)),
    there(quorum("fixed", 8), (14, 14, 0)),
    there(quorum("fixed", 8), (14, 7, 0), 1, few(7, 8)),
    there(quorum("fixed", 8), (14, 1, 0), 7, few(1, 8)),
    there(quorum("fixed", 8), (14, 0, 0), 8, few(0, 8)),
    there(quorum("fixed", 8), (7, 7, 0), 1, few(7, 8)),
    there(quorum("fixed", 8), (14, 8, 1)),
    there(quorum("fixed", 8, **OUT), (14, 8, 1), 1, few(7, 8, ", ohne die Befangenen")),
    there(quorum("fixed", 8, **OUT), (14, 9, 1)),
    there(quorum("fixed", 8, **OUT), (14, 7, 0), 1, few(7, 8)),
    there(quorum("fixed", 2, **OUT), (14, 2, 1), 1, few(1, 2, ", ohne die Befangenen")),
    there(quorum("half"), (14, 7, 0)),
    there(quorum("half"), (14, 6, 0), 1, few(6, 7)),
    there(quorum("half"), (15, 8, 0)),
    there(quorum("half"), (15, 7, 0), 1, few(7, 8)),
    there(quorum("half"), (14, 7, 2)),
    there(quorum("half", **OUT), (14, 7, 2), 2, few(5, 7, ", ohne die Befangenen")),
    there(quorum("half", **OUT), (14, 9, 2)),
    there(quorum("half"), (1, 1, 0)),
    there(quorum("more_than_half"), (14, 8, 0)),
    there(quorum("more_than_half"), (14, 7, 0), 1, few(7, 8)),
    there(quorum("more_than_half"), (15, 8, 0)),
    there(quorum("more_than_half"), (15, 7, 0), 1, few(7, 8)),
    there(quorum("more_than_half"), (14, 8, 1)),
    there(quorum("more_than_half", **OUT), (14, 8, 1), 1, few(7, 8, ", ohne die Befangenen")),
    there(quorum("two_thirds"), (15, 10, 0)),
    there(quorum("two_thirds"), (15, 9, 0), 1, few(9, 10)),
    there(quorum("two_thirds"), (14, 10, 0)),
    there(quorum("two_thirds"), (14, 9, 0), 1, few(9, 10)),
    there(quorum("two_thirds"), (16, 11, 0)),
    there(quorum("two_thirds"), (16, 10, 3), 1, few(10, 11)),
    there(quorum("two_thirds", **OUT), (15, 11, 2), 1, few(9, 10, ", ohne die Befangenen")),
    Case(SIMPLE, CAST, (0, 7, 0), *FEW, -1, few(7, 8), (14, 7, 0), rules=quorum("fixed", 8)),
    Case(SIMPLE, CAST, (3, 3, 1), *FEW, -1, few(7, 8), (14, 7, 0), rules=quorum("fixed", 8)),
    Case(SIMPLE, CAST, (0, 0, 7), *FEW, -1, few(7, 8), (14, 7, 0), rules=quorum("fixed", 8)),
    Case(THIRDS, MEMBERS, (7, 0, 0), *FEW, -1, few(7, 8), (14, 7, 0), rules=quorum("fixed", 8)),
]

AGAIN: Final = SecondCall(missed_quorum=True, announced=True)
SECOND_RULES: Final = quorum("fixed", 8, second_call=True)
FIRST_RULES: Final = quorum("fixed", 8, second_call=False)


def again(counted: tuple[int, int, int], verdict: Verdict, reason: Reason, margin: int) -> Case:
    said = {
        ACCEPTED: yes(f"{counted[0]} Ja bei {counted[1]} Nein"),
        REJECTED: f"Abgelehnt mit {counted[0]} Ja bei {counted[1]} Nein.",
        TIED: f"Abgelehnt: {counted[0]} Ja und {counted[1]} Nein sind gleich viele.",
    }[verdict]
    return Case(
        SIMPLE,
        CAST,
        counted,
        verdict,
        reason,
        margin,
        said + SECOND,
        (14, 5, 0),
        rules=SECOND_RULES,
        call=AGAIN,
    )


SECOND_CALL_CASES: Final = [
    again((3, 2, 0), ACCEPTED, Reason.SIMPLE_MAJORITY, 0),
    again((1, 0, 4), ACCEPTED, Reason.SIMPLE_MAJORITY, 0),
    again((2, 3, 0), REJECTED, Reason.NO_MAJORITY, -2),
    again((2, 2, 1), TIED, Reason.TIE, -1),
    Case(
        SIMPLE,
        CAST,
        (0, 0, 0),
        TIED,
        Reason.NOBODY_DECIDED,
        -1,
        NOBODY + SECOND,
        (14, 0, 0),
        rules=SECOND_RULES,
        call=AGAIN,
    ),
    there(SECOND_RULES, (14, 8, 0), call=AGAIN),
    there(SECOND_RULES, (14, 5, 0), 3, few(5, 8), SecondCall(missed_quorum=True, announced=False)),
    there(SECOND_RULES, (14, 5, 0), 3, few(5, 8), SecondCall(missed_quorum=False, announced=True)),
    there(SECOND_RULES, (14, 5, 0), 3, few(5, 8)),
    there(FIRST_RULES, (14, 5, 0), 3, few(5, 8), AGAIN),
    missed(
        THIRDS,
        CAST,
        (3, 2, 0),
        -1,
        f"Abgelehnt: 1 Stimme fehlt zu {TWO} 5 gültigen.{SECOND}",
        people=(14, 5, 0),
        rules=SECOND_RULES,
        call=AGAIN,
    ),
    missed(
        ABSOLUTE,
        MEMBERS,
        (5, 0, 0),
        -3,
        f"Abgelehnt: 3 Stimmen fehlen zu {HALF_OF} 14 Mitgliedern.{SECOND}",
        people=(14, 5, 0),
        rules=SECOND_RULES,
        call=AGAIN,
    ),
    there(
        quorum("half", second_call=True, recused_count=False),
        (14, 7, 1),
        sentence=yes("6 Ja bei 0 Nein") + SECOND,
        call=AGAIN,
    ),
]

TABLE: Final = [
    *SIMPLE_CASES,
    *ABSOLUTE_CASES,
    *THIRDS_CASES,
    *QUARTERS_CASES,
    *QUORUM_CASES,
    *SECOND_CALL_CASES,
]


BETWEEN: Final = {Reason.CIRCULAR_MAJORITY, Reason.NO_CIRCULAR_MAJORITY, Reason.URGENT}
"""Decided between two sessions, where nobody counts hands."""


def rules_of(**change: Any) -> Rules:
    return Rules.model_validate(
        {"holds_from": "2026-01-01", "submission_days_before": 14, "on_postponement": "again"}
        | change
    )


def sheet(case: Case) -> Ballots:
    members, present, recused = case.people
    yeses, noes, abstain = case.counted
    return Ballots(
        motion=Motion.DEFER,
        members=members,
        present=present,
        recused=recused,
        yes=yeses,
        no=noes,
        abstain=abstain,
        invalid=case.invalid,
    )


def name_of(case: Case) -> str:
    counted = "-".join(map(str, (*case.counted, case.invalid)))
    people = "-".join(map(str, case.people))
    return f"{case.majority}-{case.base}-{counted}-of-{people}-{case.reason}"


def test_the_table_is_long_and_no_case_stands_in_it_twice() -> None:
    seen = [(case.majority, case.base, case.counted, case.people, case.invalid) for case in TABLE]
    whole = [repr((one, case.rules, case.call)) for one, case in zip(seen, TABLE, strict=True)]
    assert len(set(whole)) == len(TABLE) >= 120
    assert {(case.majority, case.base) for case in TABLE} == {
        (majority, base) for majority in Majority for base in VoteBase
    }
    assert {case.reason for case in TABLE} == set(Reason) - BETWEEN
    assert {case.rules.get("quorum_kind") for case in TABLE} == {None, *QuorumKind}


@pytest.mark.parametrize("case", TABLE, ids=name_of)
def test_a_vote_comes_out_as_the_rules_say_and_says_why(case: Case) -> None:
    rules = rules_of(majority=case.majority, base=case.base, **case.rules)
    ballots = sheet(case)
    assert not dict(ballots._wrong_counts()), "the sheet itself must add up"
    found = decide(ballots, rules=rules, call=case.call)
    assert (found.verdict, found.reason, found.margin) == (case.verdict, case.reason, case.margin)
    assert why(found, ballots.counts, base=rules.base, lang="de") == case.sentence


COUNT: Final = st.integers(min_value=0, max_value=40)


@st.composite
def votes(draw: st.DrawFn) -> tuple[Ballots, Rules, SecondCall]:
    """A sheet that adds up, under any rules."""
    yeses, noes, abstain, invalid, recused, silent, absent = (draw(COUNT) for _part in range(7))
    present = yeses + noes + abstain + invalid + recused + silent
    kind = draw(st.sampled_from(QuorumKind))
    number = draw(st.integers(1, 60)) if kind is QuorumKind.FIXED else None
    rules = rules_of(
        majority=draw(st.sampled_from(Majority)),
        base=draw(st.sampled_from(VoteBase)),
        **quorum(kind, number),
        recused_count=draw(st.booleans()),
        second_call=draw(st.booleans()),
    )
    ballots = Ballots(
        motion=Motion.DEFER,
        members=present + absent,
        present=present,
        recused=recused,
        yes=yeses,
        no=noes,
        abstain=abstain,
        invalid=invalid,
    )
    return (
        ballots,
        rules,
        SecondCall(missed_quorum=draw(st.booleans()), announced=draw(st.booleans())),
    )


ANY: Final = votes()


@given(ANY)
def test_without_a_yes_nothing_is_accepted(vote: tuple[Ballots, Rules, SecondCall]) -> None:
    ballots, rules, call = vote
    found = decide(replace(ballots, yes=0), rules=rules, call=call)
    assert found.verdict is not ACCEPTED


@given(ANY, st.sampled_from(["no", "abstain", "invalid", "silence", "absence"]))
def test_one_more_yes_never_turns_a_yes_into_a_no(
    vote: tuple[Ballots, Rules, SecondCall], whose: str
) -> None:
    """Whoever says yes now said something else before, or nothing, or was not even there."""
    ballots, rules, call = vote
    before = decide(ballots, rules=rules, call=call)
    more = replace(ballots, yes=ballots.yes + 1)
    if whose == "absence":
        more = replace(more, present=more.present + 1, members=max(more.members, more.present + 1))
    elif whose != "silence":
        taken = getattr(ballots, whose)
        more = replace(more, **{whose: max(0, taken - 1)})
    if dict(more._wrong_counts()) or more.members != ballots.members:
        return
    after = decide(more, rules=rules, call=call)
    if before.verdict is ACCEPTED:
        assert after.verdict is ACCEPTED
    if before.verdict is not NO_QUORUM:
        assert after.margin >= before.margin


@given(ANY)
def test_the_margin_says_whether_it_is_a_yes(vote: tuple[Ballots, Rules, SecondCall]) -> None:
    ballots, rules, call = vote
    found = decide(ballots, rules=rules, call=call)
    assert (found.margin >= 0) is (found.verdict is ACCEPTED)
    if found.verdict is NO_QUORUM:
        assert found.quorum is not None
        assert found.there - found.quorum == found.margin
    else:
        assert ballots.yes - found.needed == found.margin


@given(ANY)
def test_the_verdict_is_that_of_exact_fractions(vote: tuple[Ballots, Rules, SecondCall]) -> None:
    ballots, rules, call = vote
    found = decide(ballots, rules=rules, call=call)
    if found.verdict is NO_QUORUM:
        return
    expected = ballots.yes > 0 and carries(ballots, rules)
    assert (found.verdict is ACCEPTED) is expected


def carries(ballots: Ballots, rules: Rules) -> bool:
    """The majority as a statute puts it, in fractions."""
    whole = {
        CAST: ballots.yes + ballots.no,
        WITH: ballots.yes + ballots.no + ballots.abstain,
        PRESENT: ballots.present - ballots.recused,
        MEMBERS: ballots.members,
    }[rules.base]
    if rules.majority is SIMPLE:
        return ballots.yes > ballots.no
    if rules.majority is ABSOLUTE:
        return ballots.yes > Fraction(1, 2) * whole
    return ballots.yes >= {THIRDS: Fraction(2, 3), QUARTERS: Fraction(3, 4)}[rules.majority] * whole


@given(ANY)
def test_a_quorum_is_that_of_exact_fractions(vote: tuple[Ballots, Rules, SecondCall]) -> None:
    ballots, rules, _call = vote
    there = ballots.present - (0 if rules.recused_count else ballots.recused)
    enough = {
        QuorumKind.NONE: True,
        QuorumKind.FIXED: there >= (rules.quorum or 0),
        QuorumKind.HALF: there >= Fraction(1, 2) * ballots.members,
        QuorumKind.MORE_THAN_HALF: there > Fraction(1, 2) * ballots.members,
        QuorumKind.TWO_THIRDS: there >= Fraction(2, 3) * ballots.members,
    }[rules.quorum_kind]
    found = decide(ballots, rules=rules)
    assert (found.verdict is not NO_QUORUM) is enough


@given(ANY)
def test_a_second_call_only_ever_lifts_the_quorum(
    vote: tuple[Ballots, Rules, SecondCall],
) -> None:
    ballots, rules, _call = vote
    first, second = (decide(ballots, rules=rules, call=call) for call in (FIRST, AGAIN))
    if first.verdict is NO_QUORUM and rules.second_call:
        free = decide(ballots, rules=rules.model_copy(update=quorum("none")))
        assert second.verdict is free.verdict is not NO_QUORUM
        assert second.by_second_call
    else:
        assert first == second
        assert not first.by_second_call


@given(ANY, st.sampled_from(["de", "en", "ar"]))
def test_every_vote_has_a_sentence_in_every_language(
    vote: tuple[Ballots, Rules, SecondCall], lang: str
) -> None:
    ballots, rules, call = vote
    said = why(decide(ballots, rules=rules, call=call), ballots.counts, base=rules.base, lang=lang)
    assert said.strip().endswith((".", "؟", "。"))
    assert "%(" not in said


def test_applications_have_words_for_every_reason() -> None:
    assert set(APPLICATIONS_WORDS) == {reason.value for reason in Reason}


class Board(NamedTuple):
    """Who belongs, who comes, who is left out; then the rules, the votes, and what comes out.

    A member is `a` (active), `g`, `d`, `s`, `l` for guest, declared, suspended, left, with `1`, `2` for
    an institution and `3`, `4` for a household behind it; `there` are places in order of arrival.
    """

    story: str
    members: str
    there: tuple[int, ...]
    counted: tuple[int, int, int]
    people: tuple[int, int, int]
    barred: dict[int, Barred]
    verdict: Verdict
    sentence: str
    recused: tuple[int, ...] = ()
    rules: dict[str, Any] = {}  # noqa: RUF012
    call: SecondCall = FIRST
    opening: Opening | None = None


def all_of(barred: Barred, *places: int) -> dict[int, Barred]:
    return dict.fromkeys(places, barred)


ABSENT, OUT_OF_IT = Barred.ABSENT, Barred.RECUSED
EIGHT: Final = "a a a a a a a a"
HALF: Final = quorum("half")
BOARDS: Final = [
    Board(
        "everybody there",
        EIGHT,
        (*range(8),),
        (5, 3, 0),
        (8, 8, 0),
        {},
        ACCEPTED,
        yes("5 Ja bei 3 Nein"),
    ),
    Board(
        "two are absent",
        EIGHT,
        (*range(6),),
        (3, 3, 0),
        (8, 6, 0),
        all_of(ABSENT, 6, 7),
        TIED,
        "Abgelehnt: 3 Ja und 3 Nein sind gleich viele.",
    ),
    Board(
        "one is recused and counts for the quorum",
        EIGHT,
        (*range(4),),
        (3, 0, 0),
        (8, 4, 1),
        {0: OUT_OF_IT} | all_of(ABSENT, 4, 5, 6, 7),
        ACCEPTED,
        yes("3 Ja bei 0 Nein"),
        recused=(0,),
        rules=HALF,
    ),
    Board(
        "one is recused and does not count",
        EIGHT,
        (*range(4),),
        (3, 0, 0),
        (8, 4, 1),
        {0: OUT_OF_IT} | all_of(ABSENT, 4, 5, 6, 7),
        NO_QUORUM,
        few(3, 4, ", ohne die Befangenen"),
        recused=(0,),
        rules=quorum("half", **OUT),
    ),
    Board(
        "who is recused and absent is only absent",
        "a a a a",
        (0, 1, 2),
        (2, 1, 0),
        (4, 3, 0),
        {3: ABSENT},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
        recused=(3,),
    ),
    Board(
        "all who came are recused",
        "a a a",
        (0, 1),
        (0, 0, 0),
        (3, 2, 2),
        all_of(OUT_OF_IT, 0, 1) | {2: ABSENT},
        TIED,
        NOBODY,
        recused=(0, 1),
    ),
    Board(
        "recusals make the base of those present smaller",
        "a a a a a",
        (*range(5),),
        (2, 1, 0),
        (5, 5, 2),
        all_of(OUT_OF_IT, 3, 4),
        ACCEPTED,
        yes("2 Ja bei 1 Nein", f"Zu {HALF_OF} 3 Anwesenden mit Stimmrecht reichen 2 Ja."),
        recused=(3, 4),
        rules={"majority": ABSOLUTE, "base": PRESENT},
    ),
    Board(
        "recusals leave the base of all members as it is",
        "a a a a a",
        (*range(5),),
        (2, 1, 0),
        (5, 5, 2),
        all_of(OUT_OF_IT, 3, 4),
        REJECTED,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 5 Mitgliedern.",
        recused=(3, 4),
        rules={"majority": ABSOLUTE, "base": MEMBERS},
    ),
    Board(
        "the second of an institution watches",
        "a1 a1 a a",
        (0, 1, 2, 3),
        (2, 1, 0),
        (3, 3, 0),
        {1: Barred.UNIT},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "the one who came first has the institution's vote",
        "a1 a1 a a",
        (1, 0, 2, 3),
        (2, 1, 0),
        (3, 3, 0),
        {0: Barred.UNIT},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "the first of an institution is recused, the second votes",
        "a1 a1 a",
        (0, 1, 2),
        (1, 1, 0),
        (2, 2, 0),
        {0: OUT_OF_IT},
        TIED,
        "Abgelehnt: 1 Ja und 1 Nein sind gleich viele.",
        recused=(0,),
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "a whole institution is recused and counts once",
        "a1 a1 a a",
        (0, 1, 2, 3),
        (2, 0, 0),
        (3, 3, 1),
        all_of(OUT_OF_IT, 0, 1),
        ACCEPTED,
        yes("2 Ja bei 0 Nein"),
        recused=(0, 1),
        rules={"one_vote_per": "institution", **quorum("fixed", 3)},
    ),
    Board(
        "an institution's two votes count where units have none of their own",
        "a1 a1 a",
        (0, 1, 2),
        (2, 1, 0),
        (3, 3, 0),
        {},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
    ),
    Board(
        "households keep their votes where only institutions share one",
        "a3 a3 a",
        (0, 1, 2),
        (2, 1, 0),
        (3, 3, 0),
        {},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "the second of a household watches",
        "a3 a3 a",
        (0, 1, 2),
        (1, 1, 0),
        (2, 2, 0),
        {1: Barred.UNIT},
        TIED,
        "Abgelehnt: 1 Ja und 1 Nein sind gleich viele.",
        rules={"one_vote_per": "household"},
    ),
    Board(
        "both kinds share one vote each",
        "a1 a1 a3 a3 a",
        (*range(5),),
        (2, 1, 0),
        (3, 3, 0),
        all_of(Barred.UNIT, 1, 3),
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
        rules={"one_vote_per": "both"},
    ),
    Board(
        "a unit counts once for the quorum too",
        "a1 a1 a1 a a a",
        (0, 1, 2),
        (1, 0, 0),
        (4, 1, 0),
        all_of(Barred.UNIT, 1, 2) | all_of(ABSENT, 3, 4, 5),
        NO_QUORUM,
        few(1, 2),
        rules={"one_vote_per": "institution", **HALF},
    ),
    Board(
        "who is suspended neither votes nor counts",
        "a a a s",
        (0, 1, 2, 3),
        (2, 1, 0),
        (3, 3, 0),
        {3: Barred.SUSPENDED},
        ACCEPTED,
        yes("2 Ja bei 1 Nein"),
    ),
    Board(
        "suspended members do not raise the quorum",
        "a a s s s s",
        (0, 2, 3),
        (1, 0, 0),
        (2, 1, 0),
        {1: ABSENT} | all_of(Barred.SUSPENDED, 2, 3, 4, 5),
        ACCEPTED,
        yes("1 Ja bei 0 Nein"),
        rules=HALF,
    ),
    Board(
        "a suspended one leaves the institution's vote to the next",
        "s1 a1 a",
        (0, 1, 2),
        (1, 1, 0),
        (2, 2, 0),
        {0: Barred.SUSPENDED},
        TIED,
        "Abgelehnt: 1 Ja und 1 Nein sind gleich viele.",
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "guests may listen",
        "a a g g g",
        (*range(5),),
        (2, 0, 0),
        (2, 2, 0),
        all_of(Barred.GUEST, 2, 3, 4),
        ACCEPTED,
        yes("2 Ja bei 0 Nein"),
    ),
    Board(
        "guests make no quorum",
        "a a a a g g",
        (0, 4, 5),
        (1, 0, 0),
        (4, 1, 0),
        all_of(ABSENT, 1, 2, 3) | all_of(Barred.GUEST, 4, 5),
        NO_QUORUM,
        few(1, 2),
        rules=HALF,
    ),
    Board(
        "who declared to belong does not vote yet",
        "a a d",
        (0, 1, 2),
        (1, 1, 0),
        (2, 2, 0),
        {2: Barred.DECLARED},
        TIED,
        "Abgelehnt: 1 Ja und 1 Nein sind gleich viele.",
    ),
    Board(
        "who left the board is a guest without a name",
        "a a l",
        (0, 1, 2),
        (2, 0, 0),
        (2, 2, 0),
        {2: Barred.LEFT},
        ACCEPTED,
        yes("2 Ja bei 0 Nein"),
    ),
    Board(
        "who arrives before the vote opens makes the quorum",
        "a a a a",
        (0, 1),
        (2, 0, 0),
        (4, 2, 0),
        all_of(ABSENT, 2, 3),
        ACCEPTED,
        yes("2 Ja bei 0 Nein"),
        rules=HALF,
    ),
    Board(
        "who arrives after it opened does not",
        "a a a a",
        (0,),
        (1, 0, 0),
        (4, 1, 0),
        all_of(ABSENT, 1, 2, 3),
        NO_QUORUM,
        few(1, 2),
        rules=HALF,
    ),
    Board(
        "who leaves after it opened is still in the base of those present",
        "a a a a",
        (0, 1, 2, 3),
        (2, 1, 0),
        (4, 4, 0),
        {},
        REJECTED,
        f"Abgelehnt: 1 Stimme fehlt zu {HALF_OF} 4 Anwesenden mit Stimmrecht.",
        rules={"majority": ABSOLUTE, "base": PRESENT},
    ),
    Board(
        "who left before it opened is not",
        "a a a a",
        (0, 1, 2),
        (2, 1, 0),
        (4, 3, 0),
        {3: ABSENT},
        ACCEPTED,
        yes("2 Ja bei 1 Nein", f"Zu {HALF_OF} 3 Anwesenden mit Stimmrecht reichen 2 Ja."),
        rules={"majority": ABSOLUTE, "base": PRESENT},
    ),
    Board(
        "too few at the second call, announced",
        EIGHT,
        (0, 1),
        (1, 0, 1),
        (8, 2, 0),
        all_of(ABSENT, *range(2, 8)),
        ACCEPTED,
        yes("1 Ja bei 0 Nein") + SECOND,
        rules=quorum("half", second_call=True),
        call=AGAIN,
    ),
    Board(
        "too few at the second call nobody announced",
        EIGHT,
        (0, 1),
        (1, 0, 1),
        (8, 2, 0),
        all_of(ABSENT, *range(2, 8)),
        NO_QUORUM,
        few(2, 4),
        rules=quorum("half", second_call=True),
        call=SecondCall(missed_quorum=True),
    ),
    Board(
        "a second call where the only one there is recused",
        EIGHT,
        (0,),
        (0, 0, 0),
        (8, 1, 1),
        {0: OUT_OF_IT} | all_of(ABSENT, *range(1, 8)),
        TIED,
        NOBODY + SECOND,
        recused=(0,),
        rules=quorum("half", second_call=True),
        call=AGAIN,
    ),
    Board(
        "the quorum of the opening holds when people have left",
        EIGHT,
        (0, 1),
        (2, 0, 0),
        (8, 2, 0),
        all_of(ABSENT, *range(2, 8)),
        ACCEPTED,
        yes("2 Ja bei 0 Nein"),
        rules=quorum("half") | {"quorum_at": "opening"},
        opening=Opening(members=8, present=4),
    ),
    Board(
        "the quorum missed at the opening stays missed",
        EIGHT,
        (*range(8),),
        (8, 0, 0),
        (8, 8, 0),
        {},
        NO_QUORUM,
        "Bei der Eröffnung waren 3 Mitglieder da. Für Beschlüsse brauchen wir 4.",
        rules=quorum("half") | {"quorum_at": "opening"},
        opening=Opening(members=8, present=3),
    ),
    Board(
        "one alone at the opening",
        "a a a a",
        (*range(4),),
        (4, 0, 0),
        (4, 4, 0),
        {},
        NO_QUORUM,
        "Bei der Eröffnung war 1 Mitglied da. Für Beschlüsse brauchen wir 2.",
        rules=quorum("half") | {"quorum_at": "opening"},
        opening=Opening(members=4, present=1),
    ),
    Board(
        "an opening says nothing where each vote counts",
        EIGHT,
        (0, 1),
        (2, 0, 0),
        (8, 2, 0),
        all_of(ABSENT, *range(2, 8)),
        NO_QUORUM,
        few(2, 4),
        rules=HALF,
        opening=Opening(members=8, present=8),
    ),
    Board(
        "an evening nobody opened has only its votes",
        EIGHT,
        (0, 1),
        (2, 0, 0),
        (8, 2, 0),
        all_of(ABSENT, *range(2, 8)),
        NO_QUORUM,
        few(2, 4),
        rules=quorum("half") | {"quorum_at": "opening"},
    ),
    Board(
        "everybody abstains",
        "a a a",
        (0, 1, 2),
        (0, 0, 3),
        (3, 3, 0),
        {},
        TIED,
        NOBODY,
    ),
    Board(
        "a single member decides alone",
        "a",
        (0,),
        (1, 0, 0),
        (1, 1, 0),
        {},
        ACCEPTED,
        yes("1 Ja bei 0 Nein"),
    ),
    Board(
        "a chair's yes weighs no more than any other",
        "a a",
        (0, 1),
        (1, 1, 0),
        (2, 2, 0),
        {},
        TIED,
        "Abgelehnt: 1 Ja und 1 Nein sind gleich viele.",
    ),
    Board(
        "an institution of ten weighs one",
        "a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a a",
        (*range(12),),
        (1, 2, 0),
        (3, 3, 0),
        all_of(Barred.UNIT, *range(1, 10)),
        REJECTED,
        "Abgelehnt mit 1 Ja bei 2 Nein.",
        rules={"one_vote_per": "institution"},
    ),
    Board(
        "two thirds of those present without the recused",
        "a a a a a",
        (*range(5),),
        (3, 1, 0),
        (5, 5, 1),
        {4: OUT_OF_IT},
        ACCEPTED,
        yes("3 Ja bei 1 Nein", f"Zu {TWO} 4 Anwesenden mit Stimmrecht reichen 3 Ja."),
        recused=(4,),
        rules={"majority": THIRDS, "base": PRESENT},
    ),
    Board(
        "three quarters of all, units counted once",
        "a1 a1 a a a",
        (*range(5),),
        (3, 1, 0),
        (4, 4, 0),
        {1: Barred.UNIT},
        ACCEPTED,
        yes("3 Ja bei 1 Nein", f"Zu {THREE} 4 Mitgliedern reichen 3 Ja."),
        rules={"majority": QUARTERS, "base": MEMBERS, "one_vote_per": "institution"},
    ),
]

STATUS: Final = dict(
    zip(
        "agdsl",
        (
            MemberStatus.ACTIVE,
            *(MemberStatus(one) for one in ("guest", "declared", "suspended", "left")),
        ),
        strict=True,
    )
)


def person(place: int, written: str) -> Member:
    contact = Contact(name=f"M{place}", email="")
    one = Member.record(
        contact,
        board_id=UUID(int=1),
        person_id=UUID(int=2),
        language="de",
        unit_id=UUID(int=int(written[1:]) + 900) if written[1:] else None,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    one.id, one.status = UUID(int=place + 1), STATUS[written[0]]
    return one


def seated(board: Board, rules: Rules) -> tuple[dict[int, Barred], Turnout]:
    """Through the list of voters, as a vote in the room is."""
    members = [person(place, written) for place, written in enumerate(board.members.split())]
    kinds = {
        UUID(int=900 + n): UnitKind("institution" if n < 3 else "household") for n in range(1, 5)
    }
    seats = electorate(
        members,
        there=[UUID(int=place + 1) for place in board.there],
        recused={UUID(int=place + 1): RecusedBecause.OTHER for place in board.recused},
        rules=rules,
        units=kinds,
    )
    counted = turnout(seats, members=votes_on_board(members, rules, kinds))
    return {one.member.id.int - 1: one.barred for one in seats if one.barred}, counted


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.story.replace(" ", "-"))
def test_from_who_is_there_to_the_sentence_people_read(board: Board) -> None:
    rules = rules_of(**board.rules)
    barred, counted = seated(board, rules)
    assert barred == board.barred
    assert (counted.members, counted.present, counted.recused) == board.people
    yeses, noes, abstain = board.counted
    ballots = Ballots(
        motion=Motion.DEFER,
        members=counted.members,
        present=counted.present,
        recused=counted.recused,
        yes=yeses,
        no=noes,
        abstain=abstain,
    )
    assert not dict(ballots._wrong_counts()), "the sheet itself must add up"
    found = decide(ballots, rules=rules, call=board.call, opening=board.opening)
    assert found.verdict is board.verdict
    assert why(found, ballots.counts, base=rules.base, lang="de") == board.sentence


def test_no_story_of_a_board_is_told_twice() -> None:
    assert len({board.story for board in BOARDS}) == len(BOARDS) >= 40
    assert {why for board in BOARDS for why in board.barred.values()} == set(Barred)


@pytest.mark.parametrize(
    "module", [votes_module, board_module, ballots_module, electorate_module, slips_module]
)
def test_votes_are_reckoned_in_whole_numbers_only(module: ModuleType) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        assert not isinstance(getattr(node, "op", None), ast.Div), line
        assert not isinstance(getattr(node, "value", None), float | complex), line
        assert not (isinstance(node, ast.Name) and node.id in {"float", "round", "Decimal"}), line
