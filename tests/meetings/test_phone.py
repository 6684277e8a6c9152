"""Members vote on their own devices: in with two codes, one ballot each, a secret one with a receipt."""

import logging
from collections.abc import Callable
from uuid import UUID

import pytest

from services.meetings.domain.member import Member
from services.meetings.web.phone.device import COOKIE
from shared.roles import Role
from shared.service import Service
from shared.web.i18n import LANGUAGES
from tests.meetings.people import Person, told
from tests.meetings.rooms import Hall, opened
from tests.meetings.screens import (
    CODE,
    Screen,
    in_the_room,
    on_phone,
    polled,
    press,
    press_on,
    sheets,
    vote,
    words,
)

NewPerson = Callable[[], Person]
OWN = "/abstimmen/stimme"


async def voting(
    person: NewPerson, meetings: Service, manner: str, there: int = 6
) -> tuple[Screen, Hall]:
    """The board is at an application and votes on it in this manner."""
    hall = await opened(meetings, there=there, absent=1, cases=1)
    screen = await in_the_room(person(), hall)
    await screen.call(await hall.case_item())
    await screen.ask(manner, amount_cents="800")
    return screen, hall


def receipt_in(page: str) -> str:
    """What the page shows large, once."""
    found = CODE.search(page)
    assert found, page
    return found[1].replace(" ", "")


async def test_wrong_codes_let_nobody_in_and_say_why(person: NewPerson, meetings: Service) -> None:
    screen, hall = await voting(person, meetings, "named")
    own = await screen.code_for(hall.members[0])
    guest = person()
    for sent in (
        {"wall": "ABCDEG", "code": own},
        {"wall": "ABCDEF", "code": "AAAABBBB"},
        {"wall": "ABCDEF", "code": ""},
        {"wall": "ÄÖÜ🙂", "code": own},
    ):
        answer = await press(guest, "/abstimmen", "Weiter", sent)
        assert answer.status_code == 422
        assert "Einer der Codes stimmt nicht." in words(answer.text)
        assert f'value="{sent["wall"]}"' in answer.text
    assert (await guest.get(OWN)).headers["location"] == "/abstimmen?neu=1"
    assert f"__Host-{COOKIE}" not in guest.http.cookies


async def test_a_new_code_ends_the_older_one_on_every_device(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "named")
    phone = await on_phone(person(), screen, hall.members[0])
    assert (await phone.get(OWN)).status_code == 200
    page = await screen.who.get(f"{screen.path}/anwesenheit")
    await press_on(screen.who, page, "Neuer Code", about=str(hall.members[0]))
    assert (await phone.get(OWN)).headers["location"] == "/abstimmen?neu=1"


async def test_a_cookie_of_somebody_else_or_made_up_opens_nothing(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "named")
    phone = await on_phone(person(), screen, hall.members[0])
    value = phone.http.cookies[f"__Host-{COOKIE}"]
    for made_up in (value[:-4] + "AAAA", "", "abc", value[::-1]):
        thief = person()
        thief.http.cookies.set(f"__Host-{COOKIE}", made_up, domain="stadtteil.example")
        assert (await thief.get(OWN)).headers["location"] == "/abstimmen?neu=1"


async def test_a_vote_by_name_counts_once_and_the_screen_says_who_is_missing(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "named")
    phone = await on_phone(person(), screen, hall.members[0])
    shown = await phone.get(OWN)
    assert "Sollen 800,00 € aus dem Bürgerfonds gezahlt werden?" in words(shown.text)
    assert " checked" not in shown.text, "nothing is chosen beforehand"
    nothing = await press_on(phone, shown, "Weiter")
    assert nothing.status_code == 422
    assert "Wählen Sie Ja, Nein oder Enthaltung." in words(nothing.text)
    check = await press_on(phone, shown, "Weiter", {"stimme": "j"})
    for _click in range(2):
        answer = await press_on(phone, check, "Stimme abgeben")
        assert answer.headers["location"] == OWN
    assert "Ihre Stimme ist angekommen." in words((await phone.get(OWN)).text)
    late = await press_on(phone, check, "Stimme abgeben", {"stimme": "n"})
    assert late.status_code == 409
    assert "Ihre erste Stimme gilt." in words(late.text)
    said = await screen.says()
    assert "1 von 6 haben abgestimmt" in said
    missing = said.partition("Es fehlen noch:")[2]
    assert missing.startswith(" Bodo 1, Carla 2,")


async def test_whoever_has_no_phone_says_their_vote_aloud(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "named", there=3)
    for member_id, label in zip(hall.members[:3], ("Ja", "Ja", "Nein"), strict=True):
        await screen.press(label, about=str(member_id))
    await screen.press("Enthaltung", about=str(hall.members[2]))
    assert "Alle haben abgestimmt." in await screen.says()
    page = f"/abstimmungen/{await screen.poll_id()}/zaehlen"
    await screen.press("Auszählen und festhalten", below=page, twice=False)
    [event] = await told(meetings, "vote.closed")
    counts = event["data"]["counts"]
    assert (counts["yes"], counts["no"], counts["abstain"]) == (2, 0, 1)


async def test_a_secret_ballot_gives_a_receipt_that_stands_in_the_published_list(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "secret")
    receipts = {}
    for member_id, letter in zip(hall.members, "jjnnje", strict=False):
        phone = await on_phone(person(), screen, member_id)
        answer = await vote(phone, letter)
        receipt = receipt_in(answer.text)
        receipts[receipt] = {"j": "Ja", "n": "Nein", "e": "Enthaltung"}[letter]
        assert "receipt" not in str(answer.url)
        assert receipt not in str(phone.http.cookies)
    poll_id = await screen.poll_id()
    listed = f"/sitzungen/{hall.session_id}/abstimmungen/{poll_id}"
    anybody = person()
    assert (await anybody.get(listed)).status_code == 404, "nothing is told before the count"
    assert "6 von 6 haben abgestimmt" in await screen.says()
    await screen.press(
        "Auszählen und festhalten", below=f"/abstimmungen/{poll_id}/zaehlen", twice=False
    )
    said = words((await anybody.get(listed)).text)
    for receipt, choice in receipts.items():
        grouped = " ".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))
        assert f"{grouped} {choice}" in said
    assert "Ja 3 Nein 2 Enthaltung 1 Stimmzettel 6" in said


async def test_a_lost_answer_is_asked_for_again_and_counts_once(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "secret")
    phone = await on_phone(person(), screen, hall.members[0])
    page = await phone.get(OWN)
    check = await press_on(phone, page, "Weiter", {"stimme": "n"})
    first = await press_on(phone, check, "Stimme abgeben")
    again = await press_on(phone, check, "Stimme abgeben")
    assert receipt_in(first.text) == receipt_in(again.text)
    assert "1 von 6 haben abgestimmt" in await screen.says()
    other = await press_on(phone, page, "Weiter", {"stimme": "j"})
    assert other.status_code == 409, "who has voted sees no form again"
    assert "stimme" not in "".join(one.text for one in sheets(other.text))


async def test_no_choice_is_longer_than_another_on_its_way(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "secret")
    phone = await on_phone(person(), screen, hall.members[0])
    for lang in sorted(LANGUAGES):
        await phone.get(OWN, lang=lang)
        page, sizes = await phone.get(OWN), set()
        for letter in "jne":
            sheet = next(one for one in sheets(page.text) if "stimme" in one.text)
            sent = sheet.fields | {"turn": "check", "stimme": letter}
            check = await phone.http.post(OWN, data=sent)
            sizes.add((len(check.request.content), len(check.content)))
            assert "no-transform" in check.headers["cache-control"]
        assert len(sizes) == 1, (lang, sizes)


async def test_the_log_names_neither_member_nor_ballot(
    person: NewPerson, meetings: Service, caplog: pytest.LogCaptureFixture
) -> None:
    screen, hall = await voting(person, meetings, "secret")
    phone = await on_phone(person(), screen, hall.members[0])
    caplog.set_level(logging.DEBUG, "stadtteilbote")
    answer = await vote(phone, "j")
    receipt = receipt_in(answer.text)
    written = caplog.text
    assert "/abstimmen/stimme" in written
    for secret in (str(hall.members[0]), hall.members[0].hex, receipt, "Ayşe"):
        assert secret not in written


async def test_whoever_may_not_vote_reads_why(person: NewPerson, meetings: Service) -> None:
    hall = await opened(meetings, there=6, absent=1, cases=1)
    screen = await in_the_room(person(), hall)
    phone = await on_phone(person(), screen, hall.members[1])
    assert "Gerade wird nicht abgestimmt." in words((await phone.get(OWN)).text)
    await screen.call(await hall.case_item())
    await screen.press(
        "Als befangen eintragen", {"member_id": str(hall.members[1]), "because": "employer"}
    )
    await screen.ask("secret", amount_cents="800")
    said = words((await phone.get(OWN)).text)
    assert "Sie stimmen hier nicht mit, weil Sie selbst betroffen sind." in said
    assert "Sie arbeiten bei denen, die den Antrag gestellt haben." in said


async def test_raised_hands_are_no_matter_for_a_phone(person: NewPerson, meetings: Service) -> None:
    screen, hall = await voting(person, meetings, "hands")
    phone = await on_phone(person(), screen, hall.members[0])
    assert "Hier wird im Raum abgestimmt, nicht am Handy." in words((await phone.get(OWN)).text)


async def test_the_phone_is_told_when_something_is_new_and_nothing_else(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=6, absent=1, cases=1)
    screen = await in_the_room(person(), hall)
    phone = await on_phone(person(), screen, hall.members[0])
    asked = polled((await phone.get(OWN)).text)
    assert (await phone.get(asked)).status_code == 204
    await screen.call(await hall.case_item())
    assert (await phone.get(asked)).status_code == 204
    await screen.ask("named", amount_cents="800")
    told_now = await phone.get(asked)
    assert told_now.status_code == 200
    assert "data-stale" in told_now.text and "<form" not in told_now.text


async def test_a_member_with_an_account_needs_only_the_code_on_the_wall(
    person: NewPerson, meetings: Service
) -> None:
    _screen, hall = await voting(person, meetings, "named")
    member = await person().enter(Role.MEMBER, email="member@example.org")
    await _belongs(meetings, hall.members[2], member.account_id)
    shown = await member.get("/abstimmen")
    assert "Sie sind angemeldet als Carla 2." in words(shown.text)
    assert 'name="code"' not in shown.text
    answer = await press(member, "/abstimmen", "Weiter", {"wall": "ABCDEF"})
    assert answer.headers["location"] == OWN
    await vote(member, "j")
    running = (await hall.view()).running
    assert running is not None and running.voted == {hall.members[2]}
    member.http.cookies.delete("__Host-session")
    assert (await member.get(OWN)).headers["location"] == "/abstimmen?neu=1"
    await _belongs(meetings, hall.members[2], None)
    assert (await member.get(OWN)).headers["location"] == "/abstimmen?neu=1", "nobody is nobody"


async def test_a_ballot_that_comes_too_late_is_told_so(
    person: NewPerson, meetings: Service
) -> None:
    screen, hall = await voting(person, meetings, "secret")
    phone = await on_phone(person(), screen, hall.members[0])
    page = await phone.get(OWN)
    check = await press_on(phone, page, "Weiter", {"stimme": "j"})
    poll_id = await screen.poll_id()
    await screen.press(
        "Abstimmung abbrechen", below=f"/abstimmungen/{poll_id}/abbrechen", twice=False
    )
    late = await press_on(phone, check, "Stimme abgeben")
    assert late.status_code == 409
    assert "Was vorher nicht angekommen ist, zählt nicht mehr." in words(late.text)


async def test_the_page_about_secrecy_says_what_it_cannot_give(person: NewPerson) -> None:
    said = words((await person().get("/abstimmen/geheim")).text)
    for limit in ("Wer den Server betreibt", "Stimmen alle gleich", "Ihr Handy kann mitlesen"):
        assert limit in said


async def test_the_device_is_free_again_when_the_session_ends(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=6, absent=1, cases=1)
    screen = await in_the_room(person(), hall)
    phone = await on_phone(person(), screen, hall.members[0])
    await hall.close()
    assert (await phone.get(OWN)).headers["location"] == "/abstimmen?neu=1"


async def _belongs(meetings: Service, member_id: UUID, account_id: UUID | None) -> None:
    async with meetings.db.begin() as session:
        (await session.get_one(Member, member_id)).account_id = account_id
