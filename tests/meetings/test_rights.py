"""The right to vote, case by case: earned, lost, regained, and the words that say why."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.meetings.domain.board import OneVotePer, OnPostponement, Rules
from services.meetings.domain.member import MemberStatus, UnitKind
from services.meetings.domain.rights import (
    Presence,
    Right,
    RightBecause,
    Sitting,
    Standing,
    Turn,
    has_one_vote,
    right_of,
    turn_at,
)
from services.meetings.member_words import why_right, your_right
from shared.events.meetings import SuspendedBecause

FIRST = date(2026, 1, 14)
MARK = {"+": Presence.PRESENT, "e": Presence.EXCUSED, "-": Presence.ABSENT}
G, D, A, S, L = (
    MemberStatus.GUEST,
    MemberStatus.DECLARED,
    MemberStatus.ACTIVE,
    MemberStatus.SUSPENDED,
    MemberStatus.LEFT,
)
BEFORE = FIRST - timedelta(days=1)


def sessions(marks: str) -> list[Sitting]:
    """`+e-`: there, excused, absent; one a month from FIRST on."""
    return [
        Sitting(session_id=uuid4(), day=day_of(n), presence=MARK[mark])
        for n, mark in enumerate(marks)
    ]


def day_of(n: int) -> date:
    return FIRST + timedelta(days=30 * n)


def rules(earned: int = 1, lost: int | None = None, regained: int | None = None) -> Rules:
    return Rules(
        holds_from=date(2025, 1, 1),
        submission_days_before=14,
        on_postponement=OnPostponement.AGAIN,
        earned_after=earned,
        lost_after=lost,
        regained_after=regained,
    )


@dataclass(frozen=True)
class Case:
    """Who they are, what the sessions were, and what the last of them changes."""

    status: MemberStatus
    marks: str
    rules: Rules
    turn: Turn | None
    because: RightBecause
    missing: int | None = None
    missed: int = 0
    until_lost: int | None = None
    since: int | None = None
    """The session on whose day the status began; None: the day before the first."""
    why: SuspendedBecause | None = None

    def standing(self) -> Standing:
        begun = BEFORE if self.since is None else day_of(self.since)
        rests = self.status is S
        return Standing(
            status=self.status,
            declared_on=None if self.status is G else (begun if self.status is D else BEFORE),
            active_since=begun if self.status is A else (BEFORE if rests else None),
            suspended_since=begun if rests else None,
            suspended_because=(self.why or SuspendedBecause.ABSENT) if rests else None,
            left_on=begun if self.status is L else None,
        )


E, V, B = RightBecause.EARNING, RightBecause.VOTES, RightBecause.ABSENT
CASES = {
    "nothing happened yet": Case(D, "", rules(1), None, E, missing=1),
    "the first attendance earns it": Case(D, "+", rules(1), Turn.EARNED, E, missing=1),
    "with the declaration, it is there when they come": Case(
        D, "+", rules(0), Turn.EARNED, E, missing=1
    ),
    "being away earns nothing, even where the declaration is enough": Case(
        D, "-", rules(0), None, E, missing=1
    ),
    "one of three": Case(D, "+", rules(3), None, E, missing=2),
    "two of three": Case(D, "++", rules(3), None, E, missing=1),
    "the third of three": Case(D, "+++", rules(3), Turn.EARNED, E, missing=1),
    "absences in between do not matter": Case(D, "+-+e+", rules(3), Turn.EARNED, E, missing=1),
    "the last session has to be attended": Case(D, "+++-", rules(3), None, E, missing=1),
    "an excuse is no attendance": Case(D, "ee", rules(2), None, E, missing=2),
    "what was before the declaration does not count": Case(
        D, "++", rules(2), None, E, missing=1, since=1
    ),
    "the day of the declaration counts": Case(D, "-+", rules(1), Turn.EARNED, E, 1, since=1),
    "rules eased later: granted when they come": Case(D, "++-", rules(1), None, E, missing=1),
    "a guest earns nothing": Case(G, "+++", rules(1), None, RightBecause.GUEST),
    "who left earns nothing": Case(L, "+", rules(0), None, RightBecause.LEFT),
    "who votes keeps it by coming": Case(A, "+", rules(1, 2), None, V, until_lost=2),
    "once absent is once": Case(A, "-", rules(1, 2), None, V, missed=1, until_lost=1),
    "twice in a row loses it": Case(A, "--", rules(1, 2), Turn.LOST, V, missed=2, until_lost=1),
    "an attendance ends the row": Case(A, "-+-", rules(1, 2), None, V, missed=1, until_lost=1),
    "an excuse ends the row": Case(A, "-e-", rules(1, 2), None, V, missed=1, until_lost=1),
    "excused for ever loses nothing": Case(A, "eeeee", rules(1, 2), None, V, until_lost=2),
    "one absence may be enough": Case(A, "+-", rules(1, 1), Turn.LOST, V, missed=1, until_lost=1),
    "three are needed where the rule says three": Case(
        A, "--", rules(1, 3), None, V, missed=2, until_lost=1
    ),
    "where nothing is lost, nothing is lost": Case(A, "-----", rules(1), None, V, missed=5),
    "absences before the right began do not count": Case(
        A, "--+-", rules(1, 2), None, V, missed=1, until_lost=1, since=2
    ),
    "the day on which the office gave it does not count": Case(
        A, "--", rules(1, 2), None, V, missed=1, until_lost=1, since=0
    ),
    "the present one loses nothing, whatever was before": Case(
        A, "--+", rules(1, 2), None, V, until_lost=2
    ),
    "the next attendance brings it back": Case(
        S, "--+", rules(1, 2, 1), Turn.REGAINED, B, missing=1, missed=2, since=1
    ),
    "one of three to regain": Case(S, "--+", rules(1, 2, 3), None, B, missing=2, missed=2, since=1),
    "three of three to regain, absences between": Case(
        S, "--+-++", rules(1, 2, 3), Turn.REGAINED, B, missing=1, missed=2, since=1
    ),
    "an absence regains nothing": Case(
        S, "--++-", rules(1, 2, 2), None, B, missing=1, missed=2, since=1
    ),
    "only the office brings it back": Case(
        S, "--++++", rules(1, 2), None, B, missing=None, missed=2, since=1
    ),
    "what the office took no attendance brings back": Case(
        S,
        "-++++",
        rules(1, 2, 1),
        None,
        RightBecause.OFFICE,
        missed=0,
        since=1,
        why=SuspendedBecause.OFFICE,
    ),
    "it cannot be lost twice": Case(
        S, "----", rules(1, 2, 3), None, B, missing=3, missed=2, since=1
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_right_to_vote(case: Case) -> None:
    sittings = sessions(case.marks)
    assert turn_at(case.standing(), sittings, case.rules) is case.turn
    right = right_of(case.standing(), sittings, case.rules)
    assert right.because is case.because
    assert (right.missing, right.missed, right.until_lost) == (
        case.missing,
        case.missed,
        case.until_lost,
    )
    assert right.may_vote is (case.status is A)
    assert (right.attended, right.held) == (case.marks.count("+"), len(case.marks))


@pytest.mark.parametrize(
    ("right", "office", "member"),
    [
        (
            Right(because=E, attended=1, held=1, missing=2),
            "Noch 2 Sitzungen bis zum Stimmrecht.",
            "Sie dürfen noch nicht abstimmen. Es fehlen noch 2 Sitzungen.",
        ),
        (
            Right(because=E, attended=0, held=0, missing=1),
            "Noch 1 Sitzung bis zum Stimmrecht.",
            "Sie dürfen noch nicht abstimmen. Es fehlt noch 1 Sitzung.",
        ),
        (
            Right(because=V, attended=2, held=3, since=FIRST, missed=1, until_lost=1),
            (
                "Darf abstimmen seit 14. Januar 2026. 1 Mal unentschuldigt gefehlt. Noch 1 Mal, dann"
                " ruht das Stimmrecht."
            ),
            (
                "Sie dürfen abstimmen, seit 14. Januar 2026. Sie haben 1 Mal gefehlt und nicht"
                " abgesagt. Noch 1 Mal, dann ruht Ihr Stimmrecht."
            ),
        ),
        (
            Right(because=B, attended=0, held=2, since=FIRST, missed=2, missing=3),
            (
                "Das Stimmrecht ruht seit 14. Januar 2026: 2 Mal unentschuldigt gefehlt. Nach 3"
                " weiteren Sitzungen gilt es wieder."
            ),
            (
                "Ihr Stimmrecht ruht seit 14. Januar 2026: Sie haben 2 Mal gefehlt und nicht abgesagt."
                " Nach 3 weiteren Sitzungen gilt es wieder."
            ),
        ),
        (
            Right(because=RightBecause.OFFICE, attended=0, held=0, since=FIRST),
            (
                "Das Stimmrecht ruht seit 14. Januar 2026: Das Büro hat es so eingetragen. Nur das Büro"
                " kann es zurückgeben."
            ),
            (
                "Ihr Stimmrecht ruht seit 14. Januar 2026: Das Büro hat es so eingetragen. Nur das Büro"
                " kann es zurückgeben."
            ),
        ),
        (
            Right(because=RightBecause.GUEST, attended=0, held=0),
            "Ist Gast. Ohne Beitritt gibt es kein Stimmrecht.",
            "Sie sind Gast. Wenn Sie beitreten, können Sie später mit abstimmen.",
        ),
    ],
)
def test_the_reason_is_said_with_its_numbers(right: Right, office: str, member: str) -> None:
    assert why_right(right, "de") == office
    assert your_right(right, "de") == member


def test_the_second_of_a_unit_is_told_who_votes_already() -> None:
    votes = Right(because=V, attended=1, held=1, since=FIRST)
    assert why_right(votes, "de", unit="Kita Sonne").endswith(
        "Kita Sonne hat nur eine Stimme: Es stimmt ab, wer zuerst kommt."
    )
    said = why_right(votes, "de", unit="Kita Sonne", voted_by="Ayşe Demir")
    assert said.endswith("Für Kita Sonne stimmt schon Ayşe Demir.")


@pytest.mark.parametrize(
    ("per", "institution", "household"),
    [
        (OneVotePer.NOBODY, False, False),
        (OneVotePer.INSTITUTION, True, False),
        (OneVotePer.HOUSEHOLD, False, True),
        (OneVotePer.BOTH, True, True),
    ],
)
def test_only_units_the_rule_names_have_one_vote(
    per: OneVotePer, institution: bool, household: bool
) -> None:
    held = rules().model_copy(update={"one_vote_per": per})
    assert has_one_vote(UnitKind.INSTITUTION, held) is institution
    assert has_one_vote(UnitKind.HOUSEHOLD, held) is household
