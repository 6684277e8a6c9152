"""What the board decided: counted in whole numbers, recorded once, answered by whoever keeps the money."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands.once import ChangedMeanwhile, CommandConflict, Order
from services.meetings.commands.votes import record_vote
from services.meetings.domain.agenda import AgendaItem, AwaitsAnswer, ItemClosed, NotYetMeeting
from services.meetings.domain.ballots import Ballots, DoesNotAddUp, Wrong
from services.meetings.domain.session import AlreadyVoted
from services.meetings.domain.votes import Vote
from services.meetings.store import Audit
from shared.clock import SetClock
from shared.events.applications import DeferredBecause
from shared.events.meetings import Motion, VotedCondition
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import Told, agenda, at_once, cancel, only_item, order, plan, tell
from tests.meetings.people import Person, hidden, told

NewPerson = Callable[[], Person]
MEETS_ON = date(2026, 5, 6)
SHEET = Ballots(motion=Motion.GRANT, amount_cents=65000, members=14, present=11, yes=7, no=3)
TYPED = {
    "motion": "grant",
    "amount_cents": "650",
    "members": "14",
    "present": "11",
    "recused": "1",
    "yes": "7",
    "no": "3",
}


CONDITION = VotedCondition(text="Die Erlaubnis liegt vor.", due_on=date(2026, 5, 5))
SHEETS = (
    ({"present": 15}, {"present": Wrong.MORE_PRESENT_THAN_MEMBERS}),
    ({"recused": 12}, {"recused": Wrong.MORE_RECUSED_THAN_PRESENT}),
    ({"recused": 2}, {"counts": Wrong.MORE_VOTES_THAN_VOTERS}),
    ({"abstain": 1, "invalid": 1}, {"counts": Wrong.MORE_VOTES_THAN_VOTERS}),
    ({"amount_cents": 80001}, {"amount_cents": Wrong.ABOVE_ASKED}),
    ({"amount_cents": 0}, {"amount_cents": Wrong.NO_AMOUNT}),
    ({"amount_cents": None}, {"amount_cents": Wrong.NO_AMOUNT}),
    ({"conditions": (CONDITION,)}, {"conditions-0-due_on": Wrong.DUE_BEFORE_SESSION}),
    (
        {"motion": Motion.DEFER, "conditions": (CONDITION,)},
        {"conditions": Wrong.CONDITIONS_WITHOUT_GRANT},
    ),
    (
        {"present": 15, "amount_cents": 90000},
        {"present": Wrong.MORE_PRESENT_THAN_MEMBERS, "amount_cents": Wrong.ABOVE_ASKED},
    ),
)


@pytest.mark.parametrize(("change", "found"), SHEETS)
def test_a_sheet_that_does_not_add_up_says_where(
    change: dict[str, Any], found: dict[str, Wrong]
) -> None:
    with pytest.raises(DoesNotAddUp) as refused:
        replace(SHEET, **change).check(asked_cents=80000, meets_on=MEETS_ON)
    assert refused.value.found == found


def test_a_sheet_that_just_adds_up_is_good() -> None:
    on_the_day = VotedCondition(text="Heute noch", due_on=MEETS_ON)
    full = replace(
        SHEET, amount_cents=80000, recused=1, conditions=(on_the_day,), members=11, present=11
    )
    full.check(asked_cents=80000, meets_on=MEETS_ON)
    replace(SHEET, motion=Motion.DEFER, amount_cents=None).check(asked_cents=1, meets_on=MEETS_ON)


async def evening(service: Service, clock: SetClock, case: Told | None = None) -> tuple[UUID, Told]:
    """The session's own evening, one application on its agenda."""
    case, may = case or Told(service), await plan(service, "2026-05-06")
    await tell(service, case.admitted(may))
    clock.forward(days=65)
    return may, case


async def voted(
    service: Service, item_id: UUID, sheet: Ballots = SHEET, by: Order | None = None
) -> UUID:
    async with service.db.begin() as session:
        item = await session.get_one(AgendaItem, item_id)
        return await record_vote(session, item_id, sheet, order=by or order(service, item.version))


async def test_a_vote_is_kept_with_everything_that_was_counted_and_told_to_all(
    meetings: Service, clock: SetClock
) -> None:
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    condition = VotedCondition(text="Die Erlaubnis liegt vor.", due_on=date(2026, 6, 30))
    vote_id = await voted(meetings, item.id, replace(SHEET, recused=1, conditions=(condition,)))
    [event] = await told(meetings, "vote.closed")
    assert event["audience"] == "public"
    assert (event["subject"], event["subjectversion"]) == (str(item.id), 2)
    assert event["data"] == {
        "vote_id": str(vote_id),
        "item_id": str(item.id),
        "session_id": str(may),
        "application_id": str(case.application_id),
        "motion": "grant",
        "verdict": "accepted",
        "reason": "simple_majority",
        "margin": 3,
        "counts": {
            "members": 14,
            "eligible": 10,
            "present": 11,
            "recused": 1,
            "cast": 10,
            "valid": 10,
            "invalid": 0,
            "yes": 7,
            "no": 3,
            "abstain": 0,
        },
        "rules": {
            "majority": "simple",
            "base": "cast",
            "base_votes": 10,
            "needed": 4,
            "quorum_kind": "none",
            "quorum": None,
            "recused_count": True,
            "there": 11,
            "second_call": False,
            "by_second_call": False,
            "quorum_at": "each_vote",
            "at_opening": False,
        },
        "amount_cents": 65000,
        "conditions": [{"text": "Die Erlaubnis liegt vor.", "due_on": "2026-06-30"}],
        "manner": "hands",
        "way": "meeting",
        "title": "",
        "text": "",
    }
    async with meetings.db.read() as session:
        entry = await session.scalar(select(Audit).where(Audit.action == "vote.record"))
    assert entry is not None
    assert entry.details == {"verdict": "accepted", "motion": "grant"}


async def test_the_same_order_counts_once_and_another_sheet_under_it_is_refused(
    meetings: Service, clock: SetClock
) -> None:
    may, _case = await evening(meetings, clock)
    item, once = await only_item(meetings, may), order(meetings, 1)
    first, again = await at_once(
        voted(meetings, item.id, by=once), voted(meetings, item.id, by=once)
    )
    assert first == again
    with pytest.raises(CommandConflict):
        await voted(meetings, item.id, replace(SHEET, yes=6), once)
    assert len(await told(meetings, "vote.closed")) == 1


async def test_two_sheets_at_the_same_moment_leave_one_vote(
    meetings: Service, clock: SetClock
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    results: list[UUID | Exception] = []

    async def try_it(sheet: Ballots) -> None:
        try:
            results.append(await voted(meetings, item.id, sheet, order(meetings, 1)))
        except (AwaitsAnswer, ChangedMeanwhile) as refused:
            results.append(refused)

    await at_once(try_it(SHEET), try_it(replace(SHEET, yes=1)))
    assert len([one for one in results if isinstance(one, UUID)]) == 1
    assert len(await told(meetings, "vote.closed")) == 1


async def test_nobody_votes_before_the_sessions_day(meetings: Service, clock: SetClock) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    clock.forward(days=-1)
    with pytest.raises(NotYetMeeting):
        await voted(meetings, item.id)


async def test_less_money_than_granted_opens_a_second_vote_on_what_is_left(
    meetings: Service, clock: SetClock
) -> None:
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    first = await voted(meetings, item.id)
    with pytest.raises(AwaitsAnswer):
        await voted(meetings, item.id)
    not_covered = case.not_covered(first, 30000)
    await tell(meetings, not_covered, not_covered)
    [line] = await agenda(meetings, may)
    assert (line.standing, line.left_cents) == ("not_covered", 30000)
    second = await voted(meetings, item.id, replace(SHEET, amount_cents=30000))
    reserved = case.reserved(second, 30000)
    await tell(meetings, reserved, reserved, not_covered)
    [line] = await agenda(meetings, may)
    assert (line.standing, line.cents, line.left_cents) == ("granted", 30000, None)
    await tell(meetings, case.not_covered(second, 5))
    [line] = await agenda(meetings, may)
    kept = [(vote.answer, vote.left_cents) for vote in line.votes]
    assert kept == [("not_covered", 30000), ("reserved", None)], "the first answer holds"
    with pytest.raises(ItemClosed):
        await voted(meetings, item.id)


async def test_a_no_that_is_confirmed_closes_the_item(meetings: Service, clock: SetClock) -> None:
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    vote = await voted(meetings, item.id, replace(SHEET, yes=2, no=5))
    await tell(meetings, case.rejected(vote))
    [line] = await agenda(meetings, may)
    assert (line.standing, line.cents) == ("rejected", 80000)
    async with meetings.db.read() as session:
        assert (await session.get_one(Vote, vote)).answer == "rejected"


async def test_what_was_deferred_stays_in_the_minutes_and_goes_on(
    meetings: Service, clock: SetClock
) -> None:
    june = await plan(meetings, "2026-06-10")
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    await voted(meetings, item.id, replace(SHEET, motion=Motion.DEFER))
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["amount_cents"] is None
    await tell(meetings, case.deferred(may, june))
    [before], [after] = await agenda(meetings, may), await agenda(meetings, june)
    assert (before.standing, before.answer) == ("deferred", "deferred")
    assert (after.standing, after.item.carried, after.position) == ("open", True, 1)
    assert await told(meetings, "agenda_item.removed") == []


async def test_a_board_that_does_not_want_to_defer_votes_on_the_money_at_once(
    meetings: Service, clock: SetClock
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    await voted(meetings, item.id, replace(SHEET, motion=Motion.DEFER, yes=1, no=5))
    await voted(meetings, item.id)
    assert len(await told(meetings, "vote.closed")) == 2


async def test_an_item_on_a_standing_agenda_is_not_moved_by_a_word_that_crossed_ours(
    meetings: Service, clock: SetClock
) -> None:
    june = await plan(meetings, "2026-06-10")
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    await tell(meetings, case.placed(june))
    assert (await only_item(meetings, may)).id == item.id
    assert await agenda(meetings, june) == []
    assert len(await told(meetings, "agenda_item")) == 1


async def test_a_session_that_voted_can_be_neither_moved_nor_cancelled(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    await voted(meetings, item.id)
    with pytest.raises(AlreadyVoted):
        await cancel(meetings, may)
    office = await person().enter(Role.OFFICE)
    for act in ("verschieben", "absagen"):
        assert (await office.get(f"/buero/sitzungen/{may}/{act}")).status_code == 409
    assert "/absagen" not in (await office.get(f"/buero/sitzungen/{may}")).text
    assert f"{may}" in (await office.get("/buero/sitzungen")).text


async def test_the_office_reads_the_paper_and_records_the_vote_after_a_look_at_the_verdict(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    frieda = await meetings.seals.person(email="frieda@example.org")
    may, case = await evening(meetings, clock)
    await tell(meetings, await case.paper(frieda), await case.statement(frieda, "Bitte leise."))
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}"
    assert path in (await office.get(f"/buero/sitzungen/{may}")).text
    paper = (await office.get(path)).text
    for words in ("Frieda Kruse", "Grillfest", "zahlt der Fonds nicht", "Bitte leise.", "Bedenken"):
        assert words in paper
    assert "elsewhere.example" not in paper
    conditions = {"conditions-0-text": "Mit Erlaubnis", "conditions-0-due_on": "30.6.2026"}
    checked = await office.post(f"{path}/abstimmung", TYPED | conditions)
    assert "Angenommen" in checked.text
    assert "Angenommen mit 7 Ja bei 3 Nein." in checked.text
    assert await told(meetings, "vote.closed") == []
    form = hidden(checked.text) | {"turn": "save"}
    for _press in range(2):
        done = await office.http.post(f"{path}/abstimmung", data=form)
        assert done.headers["location"] == path
    [event] = await told(meetings, "vote.closed")
    assert event["data"]["amount_cents"] == 65000
    assert event["data"]["conditions"] == [{"text": "Mit Erlaubnis", "due_on": "2026-06-30"}]
    other = await office.http.post(f"{path}/abstimmung", data=form | {"yes": "6"})
    assert other.status_code == 409
    shown = (await office.get(path)).text
    assert "Mit Erlaubnis" in shown
    assert "30. Juni 2026" in shown
    assert (await office.get(f"{path}/abstimmung")).status_code == 409
    await tell(meetings, case.not_covered(UUID(event["data"]["vote_id"]), 30000))
    assert "Es sind noch" in (await office.get(path)).text
    again = (await office.get(f"{path}/abstimmung")).text
    assert 'value="300"' in again or 'value="300,00"' in again
    assert "300" in again.split("Es sind noch")[1][:40]
    too_much = await office.post(f"{path}/abstimmung", TYPED)
    assert "So viel Geld ist wohl nicht mehr da" in too_much.text
    enough = await office.post(f"{path}/abstimmung", TYPED | {"amount_cents": "300"})
    assert "So viel Geld ist wohl nicht mehr da" not in enough.text
    public = (await person().get(f"/sitzungen/{may}")).text
    assert "Noch offen" in public
    assert "Geld reicht nicht" not in public, "what is left is for the board"


WRONG = (
    ({"present": "15"}, "present", "Das sind mehr, als das Gremium Mitglieder hat."),
    ({"recused": "12"}, "recused", "Das sind mehr, als da sind."),
    ({"yes": "9"}, "counts", "Das sind mehr Stimmen, als Mitglieder abstimmen konnten."),
    ({"yes": ""}, "yes", "Bitte füllen Sie dieses Feld aus."),
    ({"yes": "-1"}, "yes", "Die Zahl muss mindestens 0 sein."),
    ({"amount_cents": "800,01"}, "amount_cents", "Das ist mehr, als beantragt ist."),
    ({"amount_cents": ""}, "amount_cents", "Schreiben Sie, wie viel Geld es geben soll."),
    (
        {"conditions-0-text": "Zelt", "conditions-0-due_on": "1.5.2026"},
        "conditions-0-due_on",
        "Dieser Tag liegt vor der Sitzung.",
    ),
    ({"conditions-1-text": "Zelt"}, "conditions-0-due_on", "Bitte füllen Sie dieses Feld aus."),
)


@pytest.mark.parametrize("turn", ["check", "save"])
async def test_what_does_not_add_up_is_said_beside_its_field(
    meetings: Service, clock: SetClock, person: NewPerson, turn: str
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}/abstimmung"
    for wrong, name, sentence in WRONG:
        answer = await office.post(path, TYPED | wrong | {"turn": turn})
        assert answer.status_code == 422, wrong
        beside = answer.text.split(f'id="{name}-error"')
        assert len(beside) == 2, wrong
        assert sentence in beside[1][:300], wrong
        for typed in wrong.values():
            assert typed in answer.text, wrong
    assert await told(meetings, "vote.closed") == []


async def test_the_check_page_leads_back_with_everything_typed(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}/abstimmung"
    conditions = {"conditions-0-text": "Mit Erlaubnis", "conditions-0-due_on": "30.6.2026"}
    back = await office.act(path, "change", TYPED | conditions)
    assert back.status_code == 200
    for typed in ("Mit Erlaubnis", "30.6.2026", 'value="14"', 'value="7"'):
        assert typed in back.text
    assert 'id="conditions-2-text"' in back.text, "there is room for more"


async def test_an_erased_persons_paper_says_so_and_nothing_else(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    frieda = await meetings.seals.person(email="frieda@example.org")
    may, case = await evening(meetings, clock)
    await tell(meetings, await case.paper(frieda), await case.statement(frieda, "Bitte leise."))
    await meetings.seals.erase(frieda)
    office = await person().enter(Role.OFFICE)
    item = await only_item(meetings, may)
    shown = (await office.get(f"/buero/sitzungen/{may}/punkte/{item.id}")).text
    assert shown.count("(gelöscht)") == 2
    for gone in ("Kruse", "Grillfest", "Bitte leise."):
        assert gone not in shown
    assert "Sommerfest im Innenhof" in shown


async def test_an_auditor_reads_and_records_nothing(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    may, _case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    auditor = await person().enter(Role.AUDITOR)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}"
    shown = await auditor.get(path)
    assert shown.status_code == 200
    assert "Nur lesen" in shown.text
    assert "/abstimmung" not in shown.text
    assert (await auditor.get(f"{path}/abstimmung")).status_code == 403


async def test_an_item_of_another_session_is_not_found_and_a_removed_one_says_so(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    june = await plan(meetings, "2026-06-10")
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    assert (await office.get(f"/buero/sitzungen/{june}/punkte/{item.id}")).status_code == 404
    await tell(meetings, case.withdrawn())
    gone = await office.get(f"/buero/sitzungen/{may}/punkte/{item.id}")
    assert gone.status_code == 409
    assert "steht nicht mehr auf der Tagesordnung" in gone.text


async def by_api(office: Person, item_id: UUID, sent: dict[str, Any]) -> httpx.Response:
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    path = f"/api/v1/meetings/agenda/{item_id}/votes"
    return await office.http.post(path, json=sent, headers={"X-CSRF-Token": token})


async def test_the_api_records_like_the_page_and_explains_like_it(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    may, case = await evening(meetings, clock)
    item = await only_item(meetings, may)
    office = await person().enter(Role.OFFICE)
    sent = {
        "command_id": str(uuid7()),
        "version": 1,
        "motion": "grant",
        "amount_cents": 65000,
        "conditions": [{"text": "Mit Erlaubnis", "due_on": "2026-06-30"}],
        "members": 14,
        "present": 11,
        "yes": 7,
        "no": 3,
    }
    broken = sent | {"yes": 12, "conditions": [{"text": "Mit", "due_on": "2026-01-01"}]}
    refused = await by_api(office, item.id, broken)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert pointers == {"#/yes", "#/conditions/0/due_on"}
    first, again = await by_api(office, item.id, sent), await by_api(office, item.id, sent)
    assert (first.status_code, first.json()["verdict"]) == (201, "accepted")
    assert first.json() == again.json()
    assert first.json()["margin"] == 3
    assert (await by_api(office, item.id, sent | {"yes": 6})).status_code == 409
    fresh = sent | {"command_id": str(uuid7()), "version": 2}
    assert (await by_api(office, item.id, fresh)).status_code == 409, "not answered yet"
    await tell(meetings, case.not_covered(UUID(first.json()["id"]), 30000))
    stale = fresh | {"version": 1, "command_id": str(uuid7())}
    assert (await by_api(office, item.id, stale)).status_code == 409, "somebody voted meanwhile"
    smaller = await by_api(office, item.id, fresh | {"amount_cents": 30000})
    assert smaller.status_code == 201, smaller.text
    await tell(meetings, case.reserved(UUID(smaller.json()["id"]), 30000))
    answer = await person().get(f"/api/v1/meetings/sessions/{may}/agenda")
    [line] = answer.json()["items"]
    assert (line["outcome"], line["amount_cents"]) == ("granted", 30000)
    assert "bewilligt" in (await person().get(f"/sitzungen/{may}")).text
    assert (await by_api(office, uuid7(), sent | {"command_id": str(uuid7())})).status_code == 404


async def test_too_few_members_decide_nothing_and_the_page_says_how_many_were_needed(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    office = await person().enter(Role.OFFICE)
    rules = {
        "name": "Freunde Westhagens",
        "place": "Saal",
        "submission_days_before": "14",
        "on_postponement": "again",
        "quorum_kind": "fixed",
        "recused_count": "true",
        "quorum": "12",
        "holds_from": "1.2.2026",
    }
    assert (await office.post("/buero/sitzungen/gremium", rules)).status_code == 303
    may, case = await evening(meetings, clock)
    await office.sign_in()
    item = await only_item(meetings, may)
    path = f"/buero/sitzungen/{may}/punkte/{item.id}/abstimmung"
    checked = await office.post(path, TYPED)
    assert "Zu wenige da (nicht beschlussfähig)" in checked.text
    assert "11 Mitglieder sind da" in checked.text
    assert "Für Beschlüsse brauchen wir 12." in checked.text
    await office.http.post(path, data=hidden(checked.text) | {"turn": "save"})
    [event] = await told(meetings, "vote.closed")
    assert (event["data"]["verdict"], event["data"]["rules"]["quorum"]) == ("no_quorum", 12)
    await tell(meetings, case.deferred(may, None, DeferredBecause.NO_QUORUM))
    [line] = await agenda(meetings, may)
    assert line.standing == "deferred"
