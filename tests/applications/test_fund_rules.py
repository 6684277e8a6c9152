"""The rules of a fund on one form: previewed, dated, counted once, and never a change of the past."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.applications.commands.funds import change_rules
from services.applications.domain import (
    Application,
    Decision,
    Fund,
    Grant,
    LedgerBooking,
    LedgerEntry,
    Rules,
)
from services.applications.domain.fund import Begun
from services.applications.queries.fund import rules_at, versions_of
from services.applications.web.rules_form import RulesForm, read_rules, typed_rules
from services.applications.web.rules_words import GROUPS, LINES
from shared.clock import SetClock
from shared.events.applications import CheckItem
from shared.service import Service
from shared.web.fields import cents
from shared.web.formats import typed_money
from shared.web.forms import Form
from tests.applications import stages
from tests.applications.cases import many, rules_of
from tests.applications.forms import error_of, fields_of
from tests.applications.people import JUNE, Resident, plan_session

New = Callable[..., Resident]
Staff = Callable[..., Awaitable[Resident]]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

CODE: Final = "buergerfonds"
FUND: Final = f"/buero/fonds/{CODE}"
PATH: Final = f"{FUND}/regeln"


async def opened(office: Resident, path: str = PATH) -> dict[str, str]:
    """The form as the office finds it."""
    answer = await office.get(path)
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


async def versions(service: Service) -> list[Fund]:
    async with service.db.read() as session:
        return list(await versions_of(session, CODE))


async def test_a_change_is_previewed_then_holds_from_its_day_and_the_trail_says_who(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office = await staff("office")
    form = await opened(office) | {"cap_cents": "1.500", "holds_from": "1.4.2026"}
    preview = await office.post(PATH, data=form | {"turn": "check"})
    assert preview.status_code == 200, preview.text
    assert "Es gibt keinen Höchstbetrag für ein Projekt." in preview.text
    assert "1.500\xa0€" in preview.text and "1. April 2026" in preview.text
    assert len(await versions(applications)) == 1
    saved = await office.post(PATH, data=fields_of(preview.text) | {"turn": "save"})
    assert saved.headers["location"] == FUND
    before, after = await versions(applications)
    assert (before.rules.cap_cents, after.rules.cap_cents) == (None, 150_000)
    assert after.holds_from == date(2026, 4, 1)
    assert after.rules == before.rules.model_copy(update={"cap_cents": 150_000})
    shown = (await office.get(FUND)).text
    assert "Das gilt ab" in shown and "Jana Kruse" in shown and "Regeln geändert" in shown
    clock.set(datetime(2026, 3, 31, 22, tzinfo=UTC))
    later = (await (await staff("office")).get(FUND)).text
    assert "Das gilt ab" not in later and "Es gibt keinen Höchstbetrag" in later
    assert later.count("<details") == 1 and later.count("Höchstens") == 2


@sqlite
async def test_a_form_sent_twice_changes_once_and_with_other_content_or_too_late_not_at_all(
    applications: Service, staff: Staff
) -> None:
    office = await staff("office")
    stale = await opened(office)
    form = stale | {"lead_days": "42", "turn": "save"}
    for _ in range(2):
        assert (await office.post(PATH, data=form)).headers["location"] == FUND
    assert (await office.post(PATH, data=form | {"lead_days": "7"})).status_code == 409
    other = await opened(office)
    late = stale | {"command_id": other["command_id"], "lead_days": "7", "turn": "save"}
    answer = await office.post(PATH, data=late)
    assert answer.status_code == 409 and "inzwischen geändert" in answer.text
    assert [fund.rules.lead_days for fund in await versions(applications)] == [0, 42]
    assert (await office.get(FUND)).text.count("Regeln geändert") == 1


async def test_of_two_who_save_at_once_one_is_told_to_look_again(
    applications: Service, staff: Staff
) -> None:
    people = [await staff("office"), await staff("office", name="Ali Demir")]
    forms = [await opened(one) | {"turn": "save"} for one in people]
    sent = (
        one.post(PATH, data=form | {"lead_days": str(days)})
        for one, form, days in zip(people, forms, (7, 42), strict=True)
    )
    codes = sorted(answer.status_code for answer in await asyncio.gather(*sent))
    assert codes == [303, 409]
    assert len(await versions(applications)) == 2


async def test_a_coming_change_can_be_taken_back_until_it_holds(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office = await staff("office")
    for day in ("1.4.2026", "1.5.2026"):
        form = await opened(office) | {"remind_days": "3", "holds_from": day, "turn": "save"}
        form["low_cents"] = "700" if day == "1.5.2026" else "600"
        assert (await office.post(PATH, data=form)).status_code == 303
    clock.set(datetime(2026, 4, 10, tzinfo=UTC))
    office = await staff("office")
    [first, second] = [fund.holds_from for fund in (await versions(applications))[1:]]
    drop = fields_of((await office.get(FUND)).text)
    gone = await office.post(f"{PATH}/zurueck", data=drop | {"holds_from": str(second)})
    assert gone.headers["location"] == FUND
    drop = fields_of((await office.get(PATH)).text)
    held = await office.post(f"{PATH}/zurueck", data=drop | {"holds_from": str(first)})
    assert held.status_code == 409 and "gelten schon" in held.text
    assert [fund.holds_from for fund in await versions(applications)][1:] == [first]
    assert "zurückgenommen" in (await office.get(FUND)).text


async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    applications: Service, staff: Staff
) -> None:
    office = await staff("office")
    wrong = {
        "name-0-de": "",
        "year_cents": "viel Geld",
        "correction_days": "0",
        "ends_by": "29.2.",
        "own_share_percent": "120",
        "uploads_count": "zehn",
        "holds_from": "bald",
    }
    answer = await office.post(PATH, data=await opened(office) | wrong | {"turn": "save"})
    assert answer.status_code == 422
    kept = fields_of(answer.text)
    for name, typed in wrong.items():
        assert kept[name] == typed
        if name not in ("correction_days", "own_share_percent"):
            assert error_of(answer.text, name), name
    fine = {"name-0-de": "Fonds", "year_cents": "1", "ends_by": "31.1.", "uploads_count": "3"}
    limits = await office.post(PATH, data=kept | fine | {"holds_from": "1.4.2026"})
    assert limits.status_code == 422
    assert "mindestens 1" in error_of(limits.text, "correction_days")
    assert "höchstens 100" in error_of(limits.text, "own_share_percent")
    past = await opened(office) | {"low_cents": "1", "holds_from": "1.3.2026", "turn": "save"}
    answer = await office.post(PATH, data=past)
    assert "nicht rückwirkend" in error_of(answer.text, "holds_from")
    same = await office.post(PATH, data=await opened(office) | {"turn": "check"})
    assert same.status_code == 422 and "nichts geändert" in same.text
    assert len(await versions(applications)) == 1


@sqlite
async def test_lines_come_and_go_by_buttons_alone(applications: Service, staff: Staff) -> None:
    office = await staff("office")
    form = await opened(office) | {"fields-7-de": "Kultur und Öffentlichkeit", "board": ""}
    more = await office.post(PATH, data=form | {"turn": "zeile:fields"})
    assert more.status_code == 200 and 'id="fields-8-de"' in more.text
    assert not error_of(more.text, "board"), "nothing is complained about yet"
    less = await office.post(PATH, data=fields_of(more.text) | {"turn": "weg:fields-2"})
    kept = fields_of(less.text)
    assert kept["fields-2-de"] == "Wohnen und Grün" and kept["fields-2-code"] == "building"
    saved = kept | {"board": "Freunde Westhagens", "turn": "save"}
    assert (await office.post(PATH, data=saved)).status_code == 303
    fields = (await versions(applications))[-1].rules.fields
    assert [field.code for field in fields][-2:] == ["employment", "kultur_und_oeffentlichkeit"]
    assert "image" not in {field.code for field in fields}


async def test_a_field_in_use_can_be_renamed_but_not_removed(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 2)
    office = await staff("office")
    form = await opened(office)
    gone = {name: typed for name, typed in form.items() if not name.startswith("fields-1-")}
    answer = await office.post(PATH, data=gone | {"turn": "check"})
    assert answer.status_code == 422 and "Bildung" in error_of(answer.text, "fields")
    renamed = form | {"fields-1-de": "Bildung und Sprache", "turn": "save"}
    assert (await office.post(PATH, data=renamed)).status_code == 303
    field = (await versions(applications))[-1].rules.fields[1]
    assert (field.code, field.name.in_("de")) == ("education", "Bildung und Sprache")


@sqlite
async def test_a_code_is_never_taken_from_the_form_nor_used_again(
    applications: Service, staff: Staff
) -> None:
    office = await staff("office")
    form = await opened(office)
    without = {name: typed for name, typed in form.items() if not name.startswith("fields-6-")}
    assert (await office.post(PATH, data=without | {"turn": "save"})).status_code == 303
    form = await opened(office)
    forged = {"fields-6-de": "Employment", "fields-6-code": "<script>", "turn": "save"}
    forged |= {"fields-0-code": "education"}
    assert (await office.post(PATH, data=form | forged)).status_code == 303
    codes = [field.code for field in (await versions(applications))[-1].rules.fields]
    assert len(codes) == len(set(codes)) and codes[-1] not in ("employment", "<script>")


async def test_the_preview_says_how_many_open_applications_would_be_seen_differently(
    applications: Service, resident: New, staff: Staff
) -> None:
    await plan_session(applications, JUNE)
    await resident().apply()
    await resident().apply(asked_cents="300,00", name="Iwan")
    office = await staff("office")
    form = await opened(office) | {"cap_cents": "500", "office_up_to_cents": "0"}
    preview = (await office.post(PATH, data=form | {"turn": "check"})).text
    assert "1</bdi> von 2" in preview or "1 von 2" in preview, preview
    assert "Höchstbetrag für ein Projekt: " in preview
    assert "behalten die Regeln" in preview
    tier = (
        await office.post(
            PATH, data=form | {"cap_cents": "", "office_up_to_cents": "900", "turn": "check"}
        )
    ).text
    assert "Jemand anderes entscheidet: " in tier
    none = (
        await office.post(PATH, data=form | {"cap_cents": "", "low_cents": "1", "turn": "check"})
    ).text
    assert "bei allen 2 offenen Anträgen gleich" in none


async def test_applications_to_come_follow_the_new_rules_and_those_here_the_old(
    applications: Service, resident: New, staff: Staff, clock: SetClock
) -> None:
    await resident().apply()
    office = await staff("office")
    change = {"acceptance_days": "14", "holds_from": "1.4.2026", "turn": "save"}
    form = await opened(office) | change
    assert (await office.post(PATH, data=form)).status_code == 303
    await resident().apply(name="Noch davor")
    clock.set(datetime(2026, 3, 31, 22, tzinfo=UTC))
    await resident().apply(name="Schon danach")
    async with applications.db.read() as session:
        found = (await session.scalars(select(Application).order_by(Application.number))).all()
    assert [one.rules["acceptance_days"] for one in found] == [28, 28, 14]


@sqlite
async def test_auditors_read_the_rules_and_find_no_way_to_change_them(
    applications: Service, staff: Staff
) -> None:
    auditor = await staff("auditor")
    shown = (await auditor.get(FUND)).text
    assert "Ab " in shown and PATH not in shown and "Nur lesen" in shown
    assert (await auditor.get(PATH)).status_code == 403
    assert (await (await staff("payer")).get(FUND)).status_code == 403


@sqlite
async def test_every_rule_and_every_check_has_its_place_on_the_page(
    applications: Service, staff: Staff
) -> None:
    shown = (await (await staff("office")).get(FUND)).text
    for rule in Rules.model_fields:
        assert f'id="{rule}"' in shown, rule
    for check in set(CheckItem) - {CheckItem.OTHER}:
        assert shown.count(f'id="{check.value}"') == 1, check
    assert shown.count('sb-prose"><p></p>') == 0 and shown.count('sb-prose"></dd>') == 0


def test_every_rule_stands_in_exactly_one_line() -> None:
    said = [rule for group in GROUPS for line in group.lines for rule in line.rules]
    assert sorted(said) == sorted({*Rules.model_fields, "funding_plan"})
    assert {line.check for line in LINES.values()} - {None} == set(CheckItem) - {CheckItem.OTHER}


WORDS: Final = st.fixed_dictionaries({"de": st.sampled_from(["Öl & Brot", "Kunst", "A b c"])})
SUMS: Final = st.integers(0, 9_999_999)
DAYS: Final = st.integers(1, 365)
ANY_RULES: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    dict,
    name=WORDS,
    board=st.just("Beirat"),
    land=st.sampled_from(["NI", "BY", "BE"]),
    year_cents=SUMS,
    cap_cents=st.none() | SUMS,
    office_up_to_cents=SUMS,
    city_above_cents=st.none() | SUMS,
    low_cents=SUMS,
    fields=st.lists(WORDS.map(lambda w: w), min_size=1, max_size=4).map(
        lambda names: [{"code": f"field_{'abcd'[n]}", "name": w} for n, w in enumerate(names)]
    ),
    who_may_apply=st.lists(WORDS, max_size=3),
    not_paid=st.lists(WORDS, max_size=3).map(
        lambda names: [{"code": f"kind_{n}", "name": w} for n, w in enumerate(names)]
    ),
    correction_days=DAYS,
    statement_days=DAYS,
    acceptance_days=DAYS,
    remind_days=st.integers(0, 90),
    lead_days=st.integers(0, 365),
    begun=st.sampled_from([one.value for one in Begun]),
    ends_by=st.none() | st.sampled_from(["01-31", "12-31", "06-30"]),
    quotes_from_cents=st.none() | SUMS,
    quotes_needed=st.integers(1, 10),
    own_share_percent=st.integers(0, 100),
    own_share_may_be_work=st.booleans(),
    rejected_may_return=st.booleans(),
    one_per_sponsor=st.booleans(),
    undo_minutes=st.integers(0, 1440),
    draft_days=DAYS,
    minutes_needed=st.integers(1, 600),
)


@given(ANY_RULES.map(Rules.model_validate))
def test_the_form_holds_every_rule_there_can_be(rules: Rules) -> None:
    typed = typed_rules(rules) | {"holds_from": "2026-04-01"}
    as_shown = {
        name: typed_money(value) if name.endswith("_cents") else value
        for name, value in typed.items()
    }
    form = Form(data=RulesForm.model_validate(as_shown), values={})
    assert read_rules(form, [rules], "de") == rules, form.errors
    assert cents(typed_money(rules.year_cents)) == rules.year_cents


async def recorded(service: Service) -> list[tuple[Any, ...]]:
    """Everything decided, word for word."""
    async with service.db.read() as session:
        return [
            tuple(row)
            for kind in (Application, Grant, Decision, LedgerBooking, LedgerEntry)
            for row in await session.execute(select(*kind.__table__.columns))
        ]


@pytest.mark.parametrize("seed", [1, 2])
async def test_changing_rules_never_changes_what_is_recorded(
    applications: Service, resident: New, clock: SetClock, seed: int
) -> None:
    chance = Random(seed)
    await stages.give_budget(applications)
    await resident().apply()
    async with applications.db.read() as session:
        first = (await session.scalars(select(Application))).one().id
    await stages.admit(applications, first)
    await stages.schedule(applications, first)
    await stages.vote(applications, first, yes=5, no=1)
    await many(applications, 3, first=10, rules=await rules_of(applications))
    before = await recorded(applications)
    for _ in range(20):
        async with applications.db.begin() as session:
            rules = await rules_at(session, clock.now(), CODE)
            changed = rules.model_copy(update=_some(chance))
            day = clock.now().date() + timedelta(days=chance.randrange(40))
            await change_rules(session, CODE, changed, day, stages.order(applications))
        clock.set(clock.now() + timedelta(days=chance.randrange(20)))
        assert await recorded(applications) == before


def _some(chance: Random) -> dict[str, Any]:
    """A few rules, all different from what they were."""
    known: dict[str, Any] = {
        "cap_cents": chance.randrange(1, 900_000),
        "office_up_to_cents": chance.randrange(1, 900_000),
        "city_above_cents": chance.randrange(1, 900_000),
        "quotes_from_cents": chance.randrange(1, 900_000),
        "acceptance_days": chance.randrange(1, 60),
        "ends_by": chance.choice(["01-31", "06-30"]),
        "begun": chance.choice(list(Begun)),
        "not_paid": [],
    }
    return {name: known[name] for name in chance.sample(sorted(known), 3)}
