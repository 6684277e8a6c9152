"""The board's rules of voting: typed, checked beside their field, dated, and copied into sessions."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from services.meetings.domain.board import Majority, QuorumKind, Rules, VoteBase
from services.meetings.domain.session import Session
from services.meetings.queries import the_board
from shared import migrate
from shared.roles import Role
from shared.service import Service
from shared.store import connect
from tests.meetings.agendas import plan
from tests.meetings.people import Person, hidden

NewPerson = Callable[[], Person]
PAGE = "/buero/sitzungen/gremium"
TYPED = {
    "name": "Freunde Westhagens",
    "place": "Saal",
    "submission_days_before": "14",
    "on_postponement": "again",
    "quorum_kind": "more_than_half",
    "second_call": "true",
    "majority": "two_thirds",
    "base": "members",
    "holds_from": "1.5.2026",
}
OLDER = {"holds_from": "2026-01-01", "submission_days_before": 14, "on_postponement": "again"}


def chosen(page: str) -> set[tuple[str, str]]:
    """The radios and boxes that are ticked."""
    inputs = re.findall(r"<input[^>]*\bchecked\b[^>]*>", page)
    pairs = (re.search(r'name="([^"]+)" value="([^"]+)"', one) for one in inputs)
    return {(found[1], found[2]) for found in pairs if found}


async def test_rules_hold_from_their_day_and_sessions_keep_the_older_copy(
    meetings: Service, person: NewPerson
) -> None:
    april = await plan(meetings, "2026-04-08")
    early = await plan(meetings, "2026-05-06")
    office = await person().enter(Role.OFFICE)
    assert (await office.post(PAGE, TYPED)).status_code == 303
    june = await plan(meetings, "2026-06-10")
    async with meetings.db.read() as session:
        _board, [_first, rules] = await the_board(session)
        copies = [
            Rules.model_validate((await session.get_one(Session, one)).rules)
            for one in (april, early, june)
        ]
    assert rules.majority is Majority.TWO_THIRDS
    assert (rules.base, rules.quorum_kind) == (VoteBase.MEMBERS, QuorumKind.MORE_THAN_HALF)
    assert (rules.recused_count, rules.second_call) == (False, True)
    assert [copy.majority for copy in copies] == ["simple", "simple", "two_thirds"]
    assert copies[2] == rules
    shown = (await office.get(PAGE)).text
    assert "Für Beschlüsse muss mehr als die Hälfte der Mitglieder da sein." in shown
    assert "Wer befangen ist, zählt dabei nicht mit." in shown
    assert "Zwei Drittel. Gezählt werden: Alle Mitglieder, auch wer fehlt." in shown
    assert "Beim zweiten Aufruf entscheidet, wer kommt." in shown


@pytest.mark.parametrize(
    ("wrong", "name", "sentence"),
    [
        ({"quorum_kind": "fixed"}, "quorum", "Schreiben Sie, wie viele Mitglieder da sein müssen."),
        ({"quorum": "8"}, "quorum", "Wählen Sie „Feste Zahl“, oder löschen Sie diese Zahl."),
        ({"quorum_kind": "none", "quorum": "8"}, "quorum", "Wählen Sie „Feste Zahl“"),
        ({"quorum_kind": "fixed", "quorum": "0"}, "quorum", "Die Zahl muss mindestens 1 sein."),
        ({"quorum_kind": "fixed", "quorum": "acht"}, "quorum", "Schreiben Sie eine Zahl"),
        ({"quorum_kind": "most"}, "quorum_kind", "Bitte wählen Sie"),
        ({"majority": "most"}, "majority", "Bitte wählen Sie"),
        ({"base": "everybody"}, "base", "Bitte wählen Sie"),
    ],
)
async def test_what_cannot_be_a_rule_is_said_beside_its_field_and_the_rest_is_kept(
    meetings: Service, person: NewPerson, wrong: dict[str, str], name: str, sentence: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(PAGE, TYPED | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{name}-error"')[1][:250]
    kept = {
        (key, value)
        for key, value in (TYPED | wrong).items()
        if key in {"quorum_kind", "majority", "base", "second_call"} and key != name
    }
    assert kept == {
        pair for pair in chosen(answer.text) if pair[0] not in {name, "on_postponement"}
    }
    if "quorum" in wrong:
        assert f'value="{wrong["quorum"]}"' in answer.text
    async with meetings.db.read() as session:
        _board, rules = await the_board(session)
    assert len(rules) == 1


async def test_the_form_opens_with_what_holds_now(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    opened = chosen((await office.get(PAGE)).text)
    assert {("quorum_kind", "none"), ("majority", "simple"), ("base", "cast")} < opened
    assert ("recused_count", "true") in opened
    assert ("second_call", "true") not in opened
    await office.post(PAGE, TYPED | {"holds_from": "1.2.2026"})
    opened = chosen((await office.get(PAGE)).text)
    assert {("quorum_kind", "more_than_half"), ("majority", "two_thirds")} < opened
    assert {("base", "members"), ("second_call", "true")} < opened
    assert ("recused_count", "true") not in opened


async def test_an_auditor_reads_the_rules_and_changes_none(person: NewPerson) -> None:
    auditor = await person().enter(Role.AUDITOR)
    shown = await auditor.get(PAGE)
    assert "Einfache Mehrheit" in shown.text
    assert 'name="majority"' not in shown.text
    token = hidden((await auditor.get("/konto")).text)
    assert (await auditor.http.post(PAGE, data=TYPED | token)).status_code == 403


@pytest.mark.parametrize(
    ("copy", "kind", "members"),
    [
        (OLDER, QuorumKind.NONE, None),
        (OLDER | {"quorum": None}, QuorumKind.NONE, None),
        (OLDER | {"quorum": 8, "fixed_dates": []}, QuorumKind.FIXED, 8),
    ],
)
def test_a_copy_from_before_is_read_as_it_was_meant(
    copy: dict[str, Any], kind: QuorumKind, members: int | None
) -> None:
    rules = Rules.model_validate(copy)
    assert (rules.quorum_kind, rules.quorum_of(14)) == (kind, members)
    assert (rules.majority, rules.base) == (Majority.SIMPLE, VoteBase.CAST)
    assert (rules.recused_count, rules.second_call) == (True, False)
    assert rules.holds_from == date(2026, 1, 1)
    assert Rules.model_validate(rules.model_dump(mode="json")) == rules


@pytest.mark.parametrize("half", [{"quorum_kind": "fixed"}, {"quorum_kind": "half", "quorum": 8}])
def test_a_number_belongs_to_a_fixed_quorum_and_to_no_other(half: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate(OLDER | half)


async def test_the_migration_keeps_every_fixed_quorum(database_url: str) -> None:
    await migrate.upgrade("meetings", database_url, "0003")
    await run(database_url, "UPDATE board_rules SET quorum = 8")
    await migrate.upgrade("meetings", database_url)
    columns = "quorum_kind, quorum, majority, base, recused_count, second_call"
    [row] = await run(database_url, f"SELECT {columns} FROM board_rules")
    assert tuple(row) == ("fixed", 8, "simple", "cast", True, False)
    await migrate.downgrade("meetings", database_url, "0003")
    [row] = await run(database_url, "SELECT quorum FROM board_rules")
    assert row.quorum == 8


async def run(url: str, sql: str) -> list[Any]:
    db = connect(url)
    async with db.begin() as session:
        found = await session.execute(text(sql))
        rows = list(found) if found.returns_rows else []  # type: ignore[attr-defined]
    await db.dispose()
    return rows


MEMBERS_RULES = {
    "quorum_at": "opening",
    "earned_after": "3",
    "lost_after": "2",
    "regained_after": "3",
    "one_vote_per": "both",
    "secret_minimum": "6",
    "circular_days": "10",
    "urgent_limit_cents": "1.000,00",
    "objection_days": "7",
    "city_name": "Planungsamt",
    "city_email": "planung@stadt.example",
}


async def test_the_rules_about_members_and_time_limits_are_dated_and_said_in_words(
    meetings: Service, person: NewPerson
) -> None:
    office = await person().enter(Role.OFFICE)
    assert (await office.post(PAGE, TYPED | MEMBERS_RULES)).status_code == 303
    async with meetings.db.read() as session:
        board, [first, rules] = await the_board(session)
    assert (rules.quorum_at, rules.one_vote_per) == ("opening", "both")
    assert (rules.earned_after, rules.lost_after, rules.regained_after) == (3, 2, 3)
    assert (rules.secret_minimum, rules.circular_days, rules.objection_days) == (6, 10, 7)
    assert rules.urgent_limit_cents == 100_000
    assert (first.earned_after, first.lost_after) == (1, None)
    assert (board.city_name, board.city_email) == ("Planungsamt", "planung@stadt.example")
    shown = (await office.get(PAGE)).text
    for sentence in (
        "Gezählt wird nur am Anfang der Sitzung.",
        "Abstimmen darf, wer beigetreten ist, ab der 3. Sitzung.",
        "Das Stimmrecht ruht, wenn jemand 2 Mal hintereinander fehlt und nicht absagt.",
        "Nach 3 weiteren Sitzungen gilt es wieder.",
        "Jede Institution und jeder Haushalt hat nur eine Stimme.",
        "Geheim abgestimmt wird ab 6 Stimmen.",
        "Für einen Umlaufbeschluss sind 10 Tage Zeit.",
        "Eilentscheidungen gehen bis 1.000,00\u00a0€.",
        "Einwände gegen das Protokoll sind 7 Tage lang möglich.",
        "Wer fehlt, behält das Stimmrecht.",
    ):
        assert sentence in shown


async def test_what_is_left_empty_means_never_and_the_form_opens_with_it(
    meetings: Service, person: NewPerson
) -> None:
    office = await person().enter(Role.OFFICE)
    typed = TYPED | MEMBERS_RULES | {"holds_from": "1.3.2026"}
    await office.post(PAGE, typed)
    opened = (await office.get(PAGE)).text
    assert ("one_vote_per", "both") in chosen(opened)
    assert 'value="planung@stadt.example"' in opened
    assert 'value="1000,00"' in opened or 'value="1.000,00"' in opened
    empty = {"lost_after": "", "regained_after": "", "circular_days": "", "urgent_limit_cents": ""}
    await office.post(PAGE, typed | empty | {"city_name": "", "city_email": ""})
    async with meetings.db.read() as session:
        board, rules = await the_board(session)
    assert (rules[-1].lost_after, rules[-1].regained_after) == (None, None)
    assert (rules[-1].circular_days, rules[-1].urgent_limit_cents) == (None, None)
    assert (board.city_name, board.city_email) == ("", "")


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"earned_after": "21"}, "earned_after"),
        ({"earned_after": "-1"}, "earned_after"),
        ({"lost_after": "0"}, "lost_after"),
        ({"lost_after": ""}, "lost_after"),
        ({"regained_after": "oft"}, "regained_after"),
        ({"one_vote_per": "street"}, "one_vote_per"),
        ({"quorum_at": "later"}, "quorum_at"),
        ({"secret_minimum": "1"}, "secret_minimum"),
        ({"circular_days": "61"}, "circular_days"),
        ({"urgent_limit_cents": "0"}, "urgent_limit_cents"),
        ({"urgent_limit_cents": "viel"}, "urgent_limit_cents"),
        ({"objection_days": "91"}, "objection_days"),
        ({"city_email": ""}, "city_email"),
        ({"city_name": ""}, "city_name"),
    ],
)
async def test_a_rule_about_members_that_cannot_be_is_said_beside_its_field(
    meetings: Service, person: NewPerson, wrong: dict[str, str], name: str
) -> None:
    office = await person().enter(Role.OFFICE)
    answer = await office.post(PAGE, TYPED | MEMBERS_RULES | wrong)
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    async with meetings.db.read() as session:
        _board, rules = await the_board(session)
    assert len(rules) == 1
