"""A letter opens an account: password and second factor first, spare codes once, then the office."""

import re
from collections.abc import Callable

import httpx
import pyotp

from services.meetings.domain.account import Account
from services.meetings.vault import Vault
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.people import PASSWORD, Person, mailed_link, told

NewPerson = Callable[[], Person]
SECRET = re.compile(r"sb-key-text\"><bdi dir=\"ltr\">([A-Z2-7 ]+)<")


async def invited(office: Person, *roles: Role, email: str = "neu@example.org") -> Person:
    """Somebody for whom the office opened an account; the letter is in their hands."""
    sent = {"name": "Mehmet Aydın", "email": email, "roles": list(roles), "language": "de"}
    answer = await office.post("/buero/konten/neu", sent)
    assert answer.status_code == 303, answer.text
    return Person(
        httpx.AsyncClient(
            transport=office.http._transport,
            base_url=office.http.base_url,
            headers=office.http.headers,
        ),
        office.service,
        office.clock,
        email=email,
    )


async def letter(service: Service) -> str:
    """The path of the newest invitation."""
    return httpx.URL((await mailed_link(service, "account.invited")).url).path


def fit(page: str, at: Person) -> dict[str, str]:
    """A set-up form filled in rightly, with the app having scanned the page's secret."""
    found = SECRET.search(page)
    assert found is not None
    at.secret = found[1].replace(" ", "")
    code = pyotp.TOTP(at.secret).at(at.clock.now())
    return {"password": PASSWORD, "repeated": PASSWORD, "code": code}


async def test_the_letter_says_nothing_in_the_open_and_lasts_three_days(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    await invited(office, Role.PAYER)
    event = (await told(meetings, "account.invited"))[-1]
    assert event["audience"] == "internal"
    assert "neu@example.org" not in str(event)
    assert "Mehmet" not in str(event)
    assert event["data"]["expires_at"][:10] == f"{clock.now():%Y-%m-}{clock.now().day + 3:02}"


async def test_an_invited_payer_sets_everything_up_and_is_inside(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    payer = await invited(office, Role.PAYER)
    path = await letter(meetings)
    for _scanner in range(2):
        assert (await payer.get(path)).status_code == 200
    assert (await payer.post(path)).headers["location"] == "/anmelden/einrichten"
    page = (await payer.get("/anmelden/einrichten")).text
    assert 'class="sb-qr" src="data:image/svg+xml' in page
    assert (await payer.get("/anmelden/einrichten")).text.count(SECRET.search(page)[1]) == 1  # type: ignore[index]
    done = await payer.post("/anmelden/einrichten", fit(page, payer))
    assert done.headers["location"] == "/konto/codes"
    codes = re.findall(
        r"<code><bdi dir=\"ltr\">([a-z0-9-]{11})<", (await payer.get("/konto/codes")).text
    )
    assert len(set(codes)) == 10
    await payer.post("/konto/codes/gesichert", page="/konto/codes")
    assert codes[0] not in (await payer.get("/konto/codes")).text
    assert (await payer.get("/buero/konten")).status_code == 403
    await payer.post("/abmelden", page="/konto")
    await payer.sign_in()
    await payer.http.aclose()


async def test_the_second_factors_secret_lies_encrypted_in_the_database(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().become(Role.OFFICE)
    async with meetings.db.read() as session:
        account = await session.get_one(Account, office.account_id)
    assert account.totp_secret is not None
    assert office.secret.encode() not in account.totp_secret
    assert Vault(meetings.settings).open_secret(account.totp_secret, account.id) == office.secret
    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$")


WRONG = (
    ({"password": "zu kurz", "repeated": "zu kurz"}, "mindestens 15 Zeichen"),
    ({"repeated": "etwas ganz anderes"}, "nicht gleich"),
    ({"code": "000000"}, "Die Ziffern passen nicht."),
    ({"code": ""}, "Schreiben Sie die 6 Ziffern"),
    ({"password": "", "repeated": ""}, "Wählen Sie ein Passwort"),
    (
        {"password": "Mehmet Aydın Mehmet Aydın", "repeated": "Mehmet Aydın Mehmet Aydın"},
        "zu leicht zu erraten",
    ),
)


async def test_what_is_wrong_is_said_and_nothing_is_open_yet(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    newcomer = await invited(office, Role.OFFICE)
    await newcomer.post(await letter(meetings))
    page = (await newcomer.get("/anmelden/einrichten")).text
    for wrong, sentence in WRONG:
        answer = await newcomer.post("/anmelden/einrichten", fit(page, newcomer) | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert PASSWORD not in answer.text
    assert (await newcomer.get("/konto")).status_code == 303
    answer = await newcomer.post("/anmelden/einrichten", fit(page, newcomer))
    assert answer.headers["location"] == "/konto/codes"
    await newcomer.http.aclose()


async def test_a_member_needs_no_password(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    member = await invited(office, Role.MEMBER)
    await member.post(await letter(meetings))
    page = (await member.get("/anmelden/einrichten")).text
    assert "sb-qr" not in page
    assert (await member.post("/anmelden/einrichten")).headers["location"] == "/konto"
    assert (await member.get("/konto")).status_code == 200
    await member.http.aclose()


async def test_an_invitation_opens_once_and_only_where_it_was_accepted(
    person: NewPerson, meetings: Service
) -> None:
    office = await person().enter(Role.OFFICE)
    newcomer = await invited(office, Role.MEMBER)
    path = await letter(meetings)
    await newcomer.post(path)
    assert (await newcomer.get(path)).headers["location"] == "/anmelden/einrichten"
    thief = person()
    assert (await thief.get(path)).status_code == 410
    assert (await thief.get("/anmelden/einrichten")).status_code == 410
    await newcomer.http.aclose()


async def test_an_invitation_runs_out_and_the_office_sends_another(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    office = await person().enter(Role.OFFICE)
    newcomer = await invited(office, Role.MEMBER)
    old = await letter(meetings)
    clock.forward(days=3)
    refused = await newcomer.get(old)
    assert refused.status_code == 410
    assert "Bitten Sie das Büro um eine neue Einladung." in refused.text
    await office.sign_in()
    account_id = (await told(meetings, "account.invited"))[-1]["subject"]
    assert "Einladung abgelaufen" in (await office.get("/buero/konten")).text
    again = await office.post(f"/buero/konten/{account_id}/einladen")
    assert again.status_code == 303
    fresh = await letter(meetings)
    assert fresh != old
    assert (await newcomer.post(fresh)).headers["location"] == "/anmelden/einrichten"
    await newcomer.http.aclose()


async def test_a_new_invitation_closes_the_old_one(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    newcomer = await invited(office, Role.MEMBER)
    old = await letter(meetings)
    account_id = (await told(meetings, "account.invited"))[-1]["subject"]
    await office.post(f"/buero/konten/{account_id}/einladen")
    assert (await newcomer.get(old)).status_code == 404
    await newcomer.http.aclose()


async def test_an_invited_account_cannot_sign_in(person: NewPerson, meetings: Service) -> None:
    office = await person().enter(Role.OFFICE)
    newcomer = await invited(office, Role.MEMBER)
    await newcomer.post("/anmelden", {"email": newcomer.email})
    assert await told(meetings, "sign_in") == []
    await newcomer.http.aclose()
