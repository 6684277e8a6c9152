"""Everyone looks after their own account, after a fresh sign-in where it matters."""

import re
from collections.abc import Callable

import pyotp

from shared.clock import SetClock
from shared.roles import Role
from tests.meetings.people import PASSWORD, Person

NewPerson = Callable[[], Person]
NEW = "neun gelbe Boote schaukeln"
SECRET = re.compile(r"sb-key-text\"><bdi dir=\"ltr\">([A-Z2-7 ]+)<")


async def second_browser(person: NewPerson, owner: Person) -> Person:
    other = person()
    other.email, other.secret, other.account_id = owner.email, owner.secret, owner.account_id
    await other.sign_in()
    return other


async def test_a_new_password_signs_out_every_other_browser(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    other = await second_browser(person, office)
    answer = await office.post("/konto/passwort", {"password": NEW, "repeated": NEW})
    assert answer.status_code == 303
    assert (await office.get("/konto")).status_code == 200
    assert (await other.get("/konto")).status_code == 303
    old = await other.post("/anmelden", {"email": office.email, "password": PASSWORD})
    assert old.status_code == 422
    new = await other.post("/anmelden", {"email": office.email, "password": NEW})
    assert new.headers["location"] == "/anmelden/code"


async def test_serious_changes_ask_for_a_fresh_sign_in(person: NewPerson, clock: SetClock) -> None:
    office = await person().enter(Role.OFFICE)
    clock.forward(minutes=16)
    for path in ("/konto/passwort", "/konto/geraet"):
        answer = await office.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"/anmelden?weiter={path}")
    stale = await office.post("/konto/codes", page="/konto")
    assert stale.status_code in (303, 401)
    assert (await office.get("/konto")).status_code == 200
    await office.sign_in()
    assert (await office.get("/konto/passwort")).status_code == 200


async def test_a_new_phone_replaces_the_old_one(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    page = (await office.get("/konto/geraet")).text
    found = SECRET.search(page)
    assert found is not None
    secret = found[1].replace(" ", "")
    assert secret != office.secret
    wrong = await office.post("/konto/geraet", {"code": "000000"})
    assert wrong.status_code == 422
    right = pyotp.TOTP(secret).at(office.clock.now())
    assert (await office.post("/konto/geraet", {"code": right})).status_code == 303
    await office.post("/abmelden", page="/konto")
    await office.post("/anmelden", {"email": office.email, "password": PASSWORD})
    assert (await office.post("/anmelden/code", {"code": office.digits()})).status_code == 422
    office.secret = secret
    assert (await office.post("/anmelden/code", {"code": office.digits()})).status_code == 303


async def test_new_spare_codes_replace_the_old_ones(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    assert (await office.post("/konto/codes")).headers["location"] == "/konto/codes"
    shown = (await office.get("/konto/codes")).text
    fresh = re.findall(r"<code><bdi dir=\"ltr\">([a-z0-9-]{11})<", shown)
    assert len(fresh) == 10
    other = person()
    await other.post("/anmelden", {"email": office.email, "password": PASSWORD})
    assert (await other.post("/anmelden/code", {"code": office.codes[0]})).status_code == 422
    assert (await other.post("/anmelden/code", {"code": fresh[0]})).status_code == 303
    assert "9 Codes sind noch unbenutzt" in (await office.get("/konto")).text


async def test_spare_codes_are_seen_only_in_the_owners_own_account(person: NewPerson) -> None:
    office, payer = await person().enter(Role.OFFICE), await person().enter(Role.PAYER)
    await office.post("/konto/codes")
    assert "sb-codes" in (await office.get("/konto/codes")).text
    assert "sb-codes" not in (await payer.get("/konto/codes")).text


async def test_signing_out_everywhere_means_here_too(person: NewPerson) -> None:
    office = await person().enter(Role.OFFICE)
    other = await second_browser(person, office)
    await office.post("/konto/ueberall-abmelden", page="/konto")
    for browser in (office, other):
        assert (await browser.get("/konto")).status_code == 303


async def test_the_language_of_pages_and_letters_is_chosen_once(person: NewPerson) -> None:
    member = await person().enter(Role.MEMBER)
    answer = await member.post("/konto/sprache", {"language": "ar"}, page="/konto")
    shown = await member.get(answer.headers["location"])
    assert 'dir="rtl"' in shown.text
    assert 'dir="rtl"' in (await member.get("/konto")).text
    refused = await member.post("/konto/sprache", {"language": "xx"}, page="/konto")
    assert refused.status_code == 303


async def test_a_member_may_add_a_second_factor_and_is_then_always_asked(
    person: NewPerson,
) -> None:
    member = await person().enter(Role.MEMBER)
    found = SECRET.search((await member.get("/konto/geraet")).text)
    assert found is not None
    member.secret = found[1].replace(" ", "")
    right = pyotp.TOTP(member.secret).at(member.clock.now())
    done = await member.post("/konto/geraet", {"code": right})
    assert done.headers["location"] == "/konto/codes"
    await member.post("/abmelden", page="/konto")
    answer = await member.post("/anmelden", {"email": member.email, "password": PASSWORD})
    assert answer.headers["location"] == "/anmelden/code"
