"""A grant on Mein Antrag: the sum, what it waits for, a yes with a name or a no, and every other end."""

from asyncio import gather
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import select

from services.applications.commands.formal import find_inadmissible
from services.applications.commands.grants import end
from services.applications.commands.money import locked_application
from services.applications.domain import BudgetYear, Change, Grant, Status
from shared.clock import SetClock
from shared.events.applications import AgreementSigned, CheckItem, GrantDeclined
from shared.events.meetings import Verdict
from shared.service import Service
from tests.applications import stages
from tests.applications.people import (
    JUNE,
    Resident,
    plan_session,
    sign_in_applicant,
    stored,
    told,
)
from tests.applications.test_mein_antrag import own_case
from tests.support.browser import TOKEN

New = Callable[..., Resident]
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
SIGNED = {"agreed": "true", "name": "Ayşe Yıldız"}


async def case(applications: Service, resident: New) -> tuple[Resident, UUID, str]:
    await plan_session(applications, JUNE)
    someone, application_id = await own_case(applications, resident)
    return someone, application_id, f"/mein/{application_id}"


async def test_a_partial_grant_says_the_sum_the_votes_and_until_when(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id, cents=65_000)
    shown = (await someone.get(path)).text
    for words in ("650,00", "800,00", "weniger, als Sie beantragt", "9", "Ja", "Montag, 30. März"):
        assert words in shown
    assert f'href="{path}/annehmen"' in shown and f'href="{path}/vereinbarung.pdf"' in shown
    assert "Geprüft" in shown and "Kommt noch" not in shown
    page = (await someone.get(f"{path}/annehmen")).text
    assert "650,00" in page and "Essen und Getränke" in page and 'name="agreed"' in page


async def test_accepting_takes_a_tick_and_a_name_and_counts_once(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    refused = await someone.submit(f"{path}/annehmen", {"name": "Ayşe Yıldız"})
    assert refused.status_code == 422 and 'id="agreed-error"' in refused.text
    assert 'value="Ayşe Yıldız"' in refused.text
    assert (await someone.submit(f"{path}/annehmen", {"agreed": "true"})).status_code == 422
    assert await told(applications, AgreementSigned) == []
    for _ in range(2):
        answer = await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
        assert answer.headers["location"] == path
    [event] = await told(applications, AgreementSigned)
    assert (event.amount_cents, event.signed, event.signed_on) == (
        80000,
        "online",
        date(2026, 3, 2),
    )
    async with applications.db.read() as session:
        [change] = await session.scalars(select(Change))
    assert (change.field, change.after) == ("signed_by", "Ayşe Yıldız")
    shown = (await someone.get(path)).text
    assert "Sie können anfangen" in shown and "Kommt noch" in shown


async def test_the_last_second_counts_and_the_next_does_not(
    applications: Service, resident: New, clock: SetClock
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    async with applications.db.read() as session:
        accept_by = (await session.get_one(Grant, application_id)).accept_by
    assert accept_by is not None
    clock.set(accept_by)
    clock.forward(seconds=1)
    await sign_in_applicant(applications, someone, application_id)
    assert "Die Zeit zum Annehmen ist vorbei" in (await someone.get(path)).text
    late = await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
    assert late.status_code == 409 and "Die Zeit zum Annehmen ist vorbei" in late.text
    assert await told(applications, AgreementSigned) == []
    clock.set(accept_by)
    in_time = await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
    assert in_time.status_code == 303


async def test_what_a_grant_waits_for_is_said_and_it_cannot_be_accepted_before(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    flat = (("Bestätigung der Hausverwaltung", date(2026, 4, 1)),)
    await stages.granted(applications, application_id, conditions=flat, released=0)
    shown = (await someone.get(path)).text
    for words in ("vorgemerkt", "freigeben", "Hausverwaltung", "Mittwoch, 1. April 2026"):
        assert words in shown
    assert "/annehmen" not in shown
    assert (await someone.get(f"{path}/annehmen")).headers["location"] == path
    too_early = await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
    assert too_early.status_code == 409
    await stages.release(applications, 500_000)
    assert "Die Zusage gilt" in (await someone.get(path)).text
    await stages.meet_conditions(applications, application_id)
    shown = (await someone.get(path)).text
    assert "Bedingung erfüllt" in shown and f'href="{path}/annehmen"' in shown


async def test_declining_asks_first_and_frees_the_sum_once(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    asked = (await someone.get(f"{path}/ablehnen")).text
    assert "800,00" in asked and "anderen Ideen" in asked
    assert (await stored(applications))[0].status is Status.GRANTED
    for _ in range(2):
        answer = await someone.submit(f"{path}/ablehnen", on="/mein/link")
        assert answer.headers["location"] == path
    assert len(await told(applications, GrantDeclined)) == 1
    async with applications.db.read() as session:
        [year] = await session.scalars(select(BudgetYear))
    assert (year.available_cents, year.reserved_cents) == (500_000, 0)
    shown = (await someone.get(path)).text
    assert "verzichtet" in shown and "/ablehnen" not in shown


@sqlite
async def test_what_is_accepted_can_still_be_given_back(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
    assert f'href="{path}/ablehnen"' in (await someone.get(path)).text
    assert (await someone.submit(f"{path}/ablehnen", on="/mein/link")).status_code == 303
    assert (await stored(applications))[0].status is Status.DECLINED
    both = await someone.submit(f"{path}/annehmen", SIGNED, on="/mein/link")
    assert both.status_code == 409


async def test_a_no_says_why_with_its_number(applications: Service, resident: New) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.admit(applications, application_id)
    await stages.schedule(applications, application_id)
    assert "Auf der Tagesordnung" in (await someone.get(path)).text
    await stages.vote(applications, application_id, yes=5, no=6)
    shown = (await someone.get(path)).text
    plain = shown.replace('<bdi dir="ltr" class="sb-num">', "").replace("</bdi>", "")
    for words in ("5 Ja, 6 Nein.", "Es fehlten 2 Stimmen.", "05361", "bescheid.pdf", "Abgelehnt"):
        assert words in plain
    refused = await someone.submit(f"{path}/ablehnen", on="/mein/link")
    assert refused.status_code == 409


@sqlite
async def test_deferred_says_why_and_stays_in_the_queue(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.admit(applications, application_id)
    await stages.schedule(applications, application_id)
    few = Verdict.NO_QUORUM
    await stages.vote(applications, application_id, yes=3, no=1, verdict=few)
    shown = (await someone.get(path)).text
    assert "nicht genug Mitglieder" in shown and "noch nicht entschieden" in shown


@sqlite
async def test_the_offices_own_no_carries_its_words(applications: Service, resident: New) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.with_rules(applications, application_id, office_up_to_cents=100_000)
    await stages.admit(applications, application_id)
    assert "Das Büro entscheidet" in (await someone.get(path)).text
    await stages.decided_by_office(applications, application_id, None, "Wir <rufen> Sie an.")
    shown = (await someone.get(path)).text
    assert "Wir &lt;rufen&gt; Sie an." in shown and "bescheid.pdf" in shown


@sqlite
@pytest.mark.parametrize(
    ("as_", "words"), [("lapsed", "abgelaufen"), ("revoked", "gilt nicht mehr")]
)
async def test_a_grant_that_ended_says_so(
    applications: Service, resident: New, as_: str, words: str
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    async with applications.db.begin() as session:
        at = applications.clock.now()
        await end(session, application_id, Status(as_), actor="system", at=at)
    shown = (await someone.get(path)).text
    assert words in shown and "05361" in shown and "Kommt noch" not in shown


@sqlite
async def test_inadmissible_names_the_rule(applications: Service, resident: New) -> None:
    someone, application_id, path = await case(applications, resident)
    async with applications.db.begin() as session:
        await find_inadmissible(
            session,
            await locked_application(session, application_id),
            [CheckItem.NOT_BEGUN],
            text="Schade.",
            seals=applications.seals,
            actor=stages.OFFICE,
            at=applications.clock.now(),
        )
    shown = (await someone.get(path)).text
    assert "Sie haben schon angefangen" in shown and "Schade." in shown


async def test_letter_and_agreement_are_pdfs_of_ones_own_case_only(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    for name in ("bescheid.pdf", "vereinbarung.pdf"):
        assert (await someone.get(f"{path}/{name}")).status_code == 404
    await stages.granted(applications, application_id, cents=65_000)
    other, _ = await own_case(applications, resident)
    for name in ("bescheid.pdf", "vereinbarung.pdf"):
        answer = await someone.get(f"{path}/{name}")
        assert answer.content.startswith(b"%PDF") and answer.headers["content-type"] == (
            "application/pdf"
        )
        assert "no-store" in answer.headers["cache-control"]
        assert (await other.get(f"{path}/{name}")).status_code == 403


@sqlite
async def test_an_erased_person_has_no_case_any_more(applications: Service, resident: New) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    async with applications.db.begin() as session:
        one = await locked_application(session, application_id)
        one.forget(at=applications.clock.now())
    for more in ("", "/annehmen", "/ablehnen", "/ergaenzen", "/bescheid.pdf", "/vereinbarung.pdf"):
        assert (await someone.get(path + more)).status_code == 404
    assert "keinen Antrag mehr" in (await someone.get("/mein")).text


async def test_yes_and_no_at_the_same_moment_end_in_one_of_them(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    await stages.granted(applications, application_id)
    token = TOKEN.search((await someone.get(f"{path}/annehmen")).text)
    assert token
    yes, no = SIGNED | {"csrf_token": token[1]}, {"csrf_token": token[1]}
    acts = [("/annehmen", yes), ("/ablehnen", no)] * 2
    answers = await gather(*(someone.post(path + act, data=sent) for act, sent in acts))
    assert {answer.status_code for answer in answers} <= {303, 409}
    ended = await told(applications, GrantDeclined)
    [one] = await stored(applications)
    assert one.status is (Status.DECLINED if ended else Status.ACCEPTED)
    assert len(ended) <= 1 and len(await told(applications, AgreementSigned)) <= 1


@sqlite
async def test_the_case_costs_the_same_queries_however_long_its_story(
    applications: Service, resident: New
) -> None:
    someone, application_id, path = await case(applications, resident)
    asked: list[str] = []
    engine = applications.db._reading.sync_engine
    sql_event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    async def queries() -> int:
        asked.clear()
        assert (await someone.get(path)).status_code == 200
        return len([sql for sql in asked if sql.lstrip().upper().startswith("SELECT")])

    few = await queries()
    for n in range(3):
        await stages.ask_for(applications, application_id, text=str(n))
        await someone.submit(f"{path}/ergaenzen/pruefen", {"aktion": "weiter"})
    flats = tuple((f"Bedingung {n}", date(2026, 4, 1)) for n in range(5))
    await stages.granted(applications, application_id, conditions=flats)
    assert await queries() <= few + 1 <= 12
