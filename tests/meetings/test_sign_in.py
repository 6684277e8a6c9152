"""Who gets in, who does not, and what strangers can find out by trying."""

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import func, select

from services.meetings.domain.account import Account
from services.meetings.store import Audit
from services.meetings.web import sign_in as pages
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.people import PASSWORD, Person, hidden, mailed_link, told

NewPerson = Callable[[], Person]


async def inside(someone: Person) -> bool:
    """True if this browser is signed in."""
    return (await someone.get("/konto")).status_code == 200


async def ask_for_link(someone: Person, email: str) -> httpx.Response:
    return await someone.post("/anmelden", {"email": email})


async def open_mail(someone: Person) -> str:
    """The path of the link in the newest sign-in letter."""
    link = await mailed_link(someone.service, "sign_in")
    return httpx.URL(link.url).path


async def test_password_and_digits_open_the_office(person: NewPerson) -> None:
    office = await person().become(Role.OFFICE)
    first = await office.post("/anmelden", {"email": "OFFICE@Example.org", "password": PASSWORD})
    assert first.headers["location"] == "/anmelden/code"
    assert not await inside(office)
    second = await office.post("/anmelden/code", {"code": office.digits()})
    assert second.headers["location"] == "/buero"
    assert await inside(office)


async def test_the_same_digits_open_only_once(person: NewPerson) -> None:
    office, thief = await person().become(Role.OFFICE), person()
    seen, answers = office.digits(), []
    for someone in (office, thief):
        await someone.post("/anmelden", {"email": office.email, "password": PASSWORD})
        answers.append(await someone.post("/anmelden/code", {"code": seen}))
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "schon benutzt" in answers[1].text
    assert not await inside(thief)


async def test_of_several_browsers_with_the_same_digits_at_once_one_gets_in(
    person: NewPerson,
) -> None:
    office = await person().become(Role.OFFICE)
    seen, forms = office.digits(), []
    for _ in range(4):
        browser = person()
        await browser.post("/anmelden", {"email": office.email, "password": PASSWORD})
        page = await browser.get("/anmelden/code")
        forms.append((browser, hidden(page.text) | {"code": seen}))
    answers = await asyncio.gather(
        *(browser.http.post("/anmelden/code", data=form) for browser, form in forms)
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_digits_without_the_first_proof_lead_back_to_the_start(person: NewPerson) -> None:
    office = await person().become(Role.OFFICE)
    page = await office.get("/anmelden")
    answer = await office.http.post(
        "/anmelden/code", data=hidden(page.text) | {"code": office.digits()}
    )
    assert answer.headers["location"] == "/anmelden"
    assert not await inside(office)


async def test_after_five_wrong_codes_the_first_proof_is_asked_for_again(
    person: NewPerson,
) -> None:
    office = await person().become(Role.OFFICE)
    await office.post("/anmelden", {"email": office.email, "password": PASSWORD})
    for _ in range(4):
        assert (await office.post("/anmelden/code", {"code": "000000"})).status_code == 422
    fifth = await office.post("/anmelden/code", {"code": "000000"})
    assert fifth.headers["location"] == "/anmelden"
    page = await office.get("/anmelden")
    right = await office.http.post(
        "/anmelden/code", data=hidden(page.text) | {"code": office.digits()}
    )
    assert right.headers["location"] == "/anmelden"
    assert not await inside(office)


async def test_codes_are_counted_over_all_browsers_of_an_account(person: NewPerson) -> None:
    office = await person().become(Role.OFFICE)
    statuses = []
    for _ in range(3):
        guesser = person()
        await guesser.post("/anmelden", {"email": office.email, "password": PASSWORD})
        for _ in range(4):
            page = await guesser.get("/anmelden/code")
            guess = hidden(page.text) | {"code": "000000"}
            statuses.append((await guesser.http.post("/anmelden/code", data=guess)).status_code)
    assert statuses == [422] * 10 + [429] * 2


async def test_the_second_step_runs_out_after_ten_minutes(
    person: NewPerson, clock: SetClock
) -> None:
    office = await person().become(Role.OFFICE)
    await office.post("/anmelden", {"email": office.email, "password": PASSWORD})
    clock.forward(minutes=10)
    assert (await office.get("/anmelden/code")).headers["location"] == "/anmelden"


async def test_a_spare_code_opens_once(person: NewPerson, meetings: Service) -> None:
    office = await person().become(Role.OFFICE)
    for typed, status in ((office.codes[0].upper(), 303), (office.codes[0], 422)):
        browser = person()
        await browser.post("/anmelden", {"email": office.email, "password": PASSWORD})
        answer = await browser.post("/anmelden/code", {"code": typed})
        assert answer.status_code == status
    async with meetings.db.read() as session:
        used = Audit.action == "account.recovery_code_used"
        assert await session.scalar(select(func.count()).where(used)) == 1


async def test_unknown_address_wrong_password_and_closed_account_answer_alike(
    person: NewPerson, meetings: Service
) -> None:
    await person().become(Role.OFFICE)
    closed = await person().become(Role.MEMBER)
    async with meetings.db.begin() as session:
        account = await session.get_one(Account, closed.account_id)
        account.deactivate(others_run_the_office=True)
    shapes = set()
    for email, password in (
        ("office@example.org", "ein falsches Passwort"),
        ("niemand@example.org", "ein falsches Passwort"),
        ("niemand@example.org", PASSWORD),
        (closed.email, PASSWORD),
    ):
        answer = await person().post("/anmelden", {"email": email, "password": password})
        assert answer.status_code == 422
        token = hidden(answer.text)["csrf_token"]
        shown = answer.text.replace(email, "…").replace(token, "…")
        shapes.add(shown[shown.index("<main") :])
    assert len(shapes) == 1
    assert "passen nicht zusammen" in shapes.pop()


async def test_an_unknown_address_takes_as_long_as_a_known_one(person: NewPerson) -> None:
    await person().become(Role.OFFICE)

    async def seconds(sent: dict[str, str]) -> float:
        stranger = person()
        form = hidden((await stranger.get("/anmelden")).text) | sent
        began = time.perf_counter()
        await stranger.http.post("/anmelden", data=form)
        return time.perf_counter() - began

    for more, least in (({}, pages.LINK_SECONDS), ({"password": "ein falsches Passwort"}, 0.0)):
        known, unknown = [], []
        for _ in range(4):
            known.append(await seconds({"email": "office@example.org"} | more))
            unknown.append(await seconds({"email": "niemand@example.org"} | more))
        assert min(known + unknown) >= least
        assert 1 / 3 < min(known) / min(unknown) < 3


async def test_asking_for_a_link_says_the_same_to_everyone_and_mails_only_the_known(
    person: NewPerson, meetings: Service
) -> None:
    member = await person().become(Role.MEMBER)
    answers = [await ask_for_link(person(), email) for email in (member.email, "x@example.org")]
    assert {answer.headers["location"] for answer in answers} == {"/anmelden/link"}
    [event] = await told(meetings, "sign_in")
    assert event["audience"] == "internal"
    assert event["subject"] == str(member.account_id)
    assert member.email not in str(event)


async def test_a_member_gets_in_by_the_link_with_one_button(person: NewPerson) -> None:
    member = await person().become(Role.MEMBER)
    await ask_for_link(member, member.email)
    path = await open_mail(member)
    for _scanner in range(2):
        assert (await member.get(path)).status_code == 200
    assert not await inside(member)
    assert (await member.post(path)).headers["location"] == "/konto"
    assert await inside(member)
    again = await member.get(path)
    assert again.status_code == 410
    assert "schon benutzt" in again.text


async def test_a_link_opens_nothing_in_another_browser_but_its_code_opens_the_first(
    person: NewPerson,
) -> None:
    member, phone = await person().become(Role.MEMBER), person()
    await ask_for_link(member, member.email)
    link = await mailed_link(member.service, "sign_in")
    path = httpx.URL(link.url).path
    refused = await phone.get(path)
    assert refused.status_code == 404
    assert "Code aus der E-Mail" in refused.text
    page = await phone.get("/anmelden")
    assert (await phone.http.post(path, data=hidden(page.text))).status_code == 404
    assert link.code is not None
    elsewhere = await phone.post("/anmelden/link", {"code": link.code})
    assert elsewhere.status_code == 422
    typed = link.code.lower().replace("-", " ")
    assert (await member.post("/anmelden/link", {"code": typed})).headers["location"] == "/konto"
    assert await inside(member)
    assert not await inside(phone)
    assert (await member.get(path)).status_code == 410


async def test_a_mailed_code_can_be_guessed_five_times_only(person: NewPerson) -> None:
    member = await person().become(Role.MEMBER)
    await ask_for_link(member, member.email)
    link = await mailed_link(member.service, "sign_in")
    for _ in range(5):
        wrong = await member.post("/anmelden/link", {"code": "2222-2222"})
        assert wrong.status_code == 422
    assert link.code is not None
    right = await member.post("/anmelden/link", {"code": link.code})
    assert right.status_code == 422
    assert not await inside(member)


async def test_a_link_runs_out_after_ten_minutes(person: NewPerson, clock: SetClock) -> None:
    member = await person().become(Role.MEMBER)
    await ask_for_link(member, member.email)
    path = await open_mail(member)
    clock.forward(minutes=10)
    refused = await member.get(path)
    assert refused.status_code == 410
    assert "nur 10 Minuten" in refused.text


@pytest.mark.parametrize("role", [Role.OFFICE, Role.PAYER, Role.AUDITOR])
async def test_a_link_alone_never_opens_the_office(person: NewPerson, role: Role) -> None:
    staff = await person().become(role, Role.MEMBER)
    await ask_for_link(staff, staff.email)
    path = await open_mail(staff)
    assert (await staff.post(path)).headers["location"] == "/anmelden/code"
    assert not await inside(staff)
    answer = await staff.post("/anmelden/code", {"code": staff.digits()})
    assert answer.status_code == 303
    assert await inside(staff)


async def test_too_many_tries_for_one_address_have_to_wait_known_or_not(
    person: NewPerson,
) -> None:
    office = await person().become(Role.OFFICE)
    for email in (office.email, "niemand@example.org"):
        stranger = person()
        form = hidden((await stranger.get("/anmelden")).text) | {"email": email}
        statuses = []
        for _ in range(11):
            sent = form | {"password": "geraten geraten geraten"}
            statuses.append((await stranger.http.post("/anmelden", data=sent)).status_code)
        assert statuses == [422] * 10 + [429]
    page = await office.get("/anmelden")
    right = {"email": office.email, "password": PASSWORD}
    late = await office.http.post("/anmelden", data=hidden(page.text) | right)
    assert late.status_code == 429


async def test_one_network_trying_many_addresses_has_to_wait(person: NewPerson) -> None:
    stranger = person()
    form = hidden((await stranger.get("/anmelden")).text)
    statuses = []
    for number in range(31):
        sent = form | {"email": f"{number}@example.org", "password": "geraten geraten"}
        statuses.append((await stranger.http.post("/anmelden", data=sent)).status_code)
    assert statuses == [422] * 30 + [429]


async def test_signing_in_leads_on_to_the_page_that_asked_and_nowhere_else(
    person: NewPerson,
) -> None:
    office = await person().become(Role.OFFICE)
    asked = await office.get("/buero/sitzungen")
    assert asked.headers["location"] == "/anmelden?weiter=/buero/sitzungen"
    page = await office.get("/anmelden", weiter="/buero/sitzungen")
    sent = {"email": office.email, "password": PASSWORD}
    await office.http.post("/anmelden", data=hidden(page.text) | sent)
    answer = await office.post("/anmelden/code", {"code": office.digits()})
    assert answer.headers["location"] == "/buero/sitzungen"
    for foreign in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert (
            "evil" not in (await person().get("/anmelden", weiter=foreign)).text.split("<main")[1]
        )


async def test_signing_out_ends_the_session_in_redis_too(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    cookies = dict(office.http.cookies)
    assert (await office.post("/abmelden", page="/konto")).status_code == 303
    assert not await inside(office)
    for name, value in cookies.items():
        office.http.cookies.set(name, value, domain="stadtteil.example")
    assert not await inside(office)


async def test_signing_in_gives_the_browser_a_new_session(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    first = office.http.cookies["__Host-session"]
    await office.sign_in()
    assert office.http.cookies["__Host-session"] != first


async def test_signing_in_does_not_disturb_whoever_edits_the_account(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().become(Role.OFFICE)
    async with meetings.db.read() as session:
        before = (await session.get_one(Account, office.account_id)).version
    await office.sign_in()
    async with meetings.db.read() as session:
        account = await session.get_one(Account, office.account_id)
    assert account.version == before
    assert account.last_sign_in_at is not None


async def test_without_redis_nobody_signs_in_and_the_public_pages_go_on(
    person: NewPerson, meetings: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await person().become(Role.OFFICE)
    form = hidden((await office.get("/anmelden")).text)
    meetings.redis.connection_pool.connection_kwargs["path"] = "/nowhere/redis.sock"
    await meetings.redis.connection_pool.disconnect()
    sent = form | {"email": office.email, "password": PASSWORD}
    assert (await office.http.post("/anmelden", data=sent)).status_code == 503
    assert (await office.get("/sitzungen")).status_code == 200
    assert (await office.get("/buero/sitzungen")).status_code == 503


def test_the_floor_is_longer_than_the_work_it_hides() -> None:
    assert pages.LINK_SECONDS >= 0.3
