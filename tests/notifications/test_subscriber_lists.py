"""Lists read in with proof: nobody is subscribed silently, and nothing is half done."""

import io
import tracemalloc
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.notifications.commands import subscriptions
from services.notifications.commands.imports import Became, Source, take_in
from services.notifications.domain.letter import Reason, Suppression
from services.notifications.domain.subscription import Consent, Status, Subscription
from services.notifications.store import Audit, Outbox
from services.notifications.subscriber_lists.reading import MOST_LINES, Read, read_list
from shared.clock import SetClock
from shared.web.access import Role
from tests.notifications.office import Office
from tests.notifications.readers import heard, reader, rows_agree
from tests.notifications.test_subscriptions import _path as path_in
from tests.notifications.test_subscriptions import _settled as settled
from tests.notifications.test_subscriptions import _text as text_of
from tests.support.mailbox import Mailbox

TODAY = date(2026, 3, 2)
HEAD = "E-Mail;Themen;Zugestimmt am;Nachweis;Name;Sprache\r\n"
PROOF = "Stadtteilfest 2026, Liste am Stand, liegt im Ordner Abos."
GOOD = HEAD + 'anna@example.org;"Rundbrief, Sitzungen";14.2.2026;Unterschrift;Anna;ar\r\n'


def _read(content: str | bytes) -> Read:
    raw = content if isinstance(content, bytes) else content.encode()
    return read_list(io.BytesIO(raw), today=TODAY, lang="de")


def _wrong(content: str | bytes) -> list[tuple[int, str]]:
    read = _read(content)
    assert read.entries == ()
    return [(one.line, one.column) for one in read.complaints]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_a_list_is_read_as_spreadsheets_write_it(delimiter: str, encoding: str) -> None:
    text = "E-MAIL;thema; Zugestimmt  am ;Nachweis;Name\nfoo@bücher.example;presse|Rundbrief;;Straßenfest;Jürgen\n\n"
    [entry] = _read(text.replace(";", delimiter).encode(encoding)).entries
    assert (entry.email, entry.name) == ("foo@bücher.example", "Jürgen")
    assert (entry.topics, entry.agreed_on) == (("newsletter", "press"), None)
    assert entry.proof == "Straßenfest"


def test_each_line_that_is_wrong_is_named_and_nothing_is_taken() -> None:
    content = (
        GOOD
        + "nobody;Rundbrief;;Liste;;\n"
        + "b@example.org;Wetter;;Liste;;\n"
        + 'c@example.org;Rundbrief;;"Zeile eins\nZeile zwei";;\n'
        + "d@example.org;Rundbrief;31.2.2026;Liste;;\n"
        + "e@example.org;Rundbrief;3.3.2026;Liste;;\n"
        + "f@example.org;Rundbrief;;;;\n"
        + "g@example.org;;;Liste;;\n"
        + "h@example.org;Rundbrief;;Liste;;xx\n"
        + "i@example.org;Rundbrief;;Liste;;de;mehr\n"
        + "ANNA@example.org;Rundbrief;;Andere;;\n"
        + "j@example.org;Rundbrief;;Lis\x07te;;\n"
    )
    assert _wrong(content) == [
        (3, "E-Mail"),
        (4, "Themen"),
        (5, "Nachweis"),
        (7, "Zugestimmt am"),
        (8, "Zugestimmt am"),
        (9, "Nachweis"),
        (10, "Themen"),
        (11, "Sprache"),
        (12, ""),
        (13, "E-Mail"),
        (14, "Nachweis"),
    ]
    sentences = {one.line: one.sentence for one in _read(content).complaints}
    assert sentences[4] == "Dieses Thema gibt es nicht: Wetter"
    assert sentences[13] == "Diese Adresse steht schon in Zeile 2, mit anderen Angaben."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        HEAD.encode(),
        b"E-Mail;Name\r\na@example.org;A\r\n",
        b"E-Mail;E-Mail;Themen;Zugestimmt am;Nachweis\r\n",
        GOOD.encode() + b"b@example.org;\0;;;;\r\n",
        GOOD.encode("utf-16"),
        b"PK\x03\x04" + bytes(range(256)) * 40,
        GOOD.encode() + b"b@example.org;\x81\x8d;;;;\r\n",
        (GOOD + '"b@example.org;Rundbrief;;Liste;;\r\n' * 3).encode(),
        (GOOD + f'b@example.org;Rundbrief;;"{"x" * 200_000}";;\r\n').encode(),
        b"x" * (10 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_such_list_is_refused_with_a_sentence(content: bytes) -> None:
    read = _read(content)
    assert read.entries == ()
    assert len(read.complaints) >= 1
    assert all(one.sentence for one in read.complaints)


def test_doubled_lines_are_counted_and_too_many_refused() -> None:
    assert _read(GOOD + GOOD.partition("\r\n")[2].replace("anna@", "ANNA@")).doubled == 1
    lines = "".join(f"r{n}@example.org;Rundbrief;;Liste;;\n" for n in range(MOST_LINES + 1))
    assert _wrong(HEAD + lines) == [(MOST_LINES + 2, "")]


def test_complaints_end_after_a_hundred() -> None:
    assert len(_wrong(HEAD + "nobody;Rundbrief;;Liste;;\n" * 5_000)) == 100


def _source(**more: Any) -> Source:
    return Source(file="liste.csv", text=PROOF, by="account:jana", **more)


async def _take_in(office: Office, content: str, **more: Any) -> dict[Became, int]:
    read = _read(content)
    assert read.complaints == ()
    async with office.service.db.begin() as session:
        counts = await take_in(
            session, office.service, read.entries, _source(**more), at=office.clock.now()
        )
    await office.listen_to_itself()
    return dict(counts)


async def _subscription(office: Office, email: str) -> Subscription | None:
    of = Subscription.address_hash == office.service.seals.address_hash(email)
    async with office.service.db.read() as session:
        return await session.scalar(select(Subscription).where(of))


async def test_everybody_is_asked_and_hears_nothing_without_a_yes(
    office: Office, mailbox: Mailbox, clock: SetClock, browser: Any
) -> None:
    assert await _take_in(office, GOOD) == {Became.ASKED: 1}
    subscription = await _subscription(office, "anna@example.org")
    assert subscription
    assert (subscription.status, subscription.address) == (Status.REQUESTED, None)
    await office.answer(office.session())
    await office.send()
    [question] = mailbox.mails
    assert question["To"] == "Anna <anna@example.org>"
    assert "Ihre Adresse steht auf einer Liste" in text_of(question)
    await browser.submit(path_in(question, "bestaetigen"))
    kept = await _subscription(office, "anna@example.org")
    assert kept
    assert (kept.status, kept.topics) == (Status.CONFIRMED, ["newsletter", "sessions"])
    async with office.service.db.read() as session:
        consent = (await session.scalars(select(Consent))).one()
    assert consent.text == f"{PROOF}\nUnterschrift"
    assert consent.form == "/buero/abos/einlesen"
    assert consent.choices["proof"]["file"] == "liste.csv"
    assert consent.choices["proof"]["agreed_on"] == "2026-02-14"
    await rows_agree(office)


async def test_who_does_not_answer_is_forgotten_after_14_days(
    office: Office, clock: SetClock
) -> None:
    await _take_in(office, GOOD)
    clock.forward(days=14, seconds=1)
    await settled(office)
    assert await _subscription(office, "anna@example.org") is None


@pytest.mark.parametrize(
    ("agreed_on", "became"),
    [
        ("14.2.2026", Became.TAKEN_OVER),
        ("3.3.2024", Became.TAKEN_OVER),
        ("1.3.2024", Became.ASKED),
        ("", Became.ASKED),
    ],
)
async def test_only_a_dated_yes_of_two_years_is_taken_over_and_hears_of_it_at_once(
    office: Office, mailbox: Mailbox, agreed_on: str, became: Became
) -> None:
    line = GOOD.replace("14.2.2026", agreed_on).replace(";ar\r", ";de\r")
    assert await _take_in(office, line, take_over=True) == {became: 1}
    await rows_agree(office)
    await office.send()
    [mail] = mailbox.mails
    if became is Became.ASKED:
        assert mail["Subject"] == "Bitte bestätigen Sie Ihre Bestellung"
        return
    assert mail["Subject"] == "Sie bekommen ab jetzt E-Mails von uns"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = text_of(mail)
    assert PROOF in text
    assert "/abo/abmelden/" in text
    await office.answer(office.session())
    assert len(await office.letters("session_scheduled")) == 1


async def test_who_is_taken_over_can_end_it_by_the_letters_one_click(
    office: Office, browser: Any
) -> None:
    await _take_in(office, GOOD, take_over=True)
    letter = await office.only("subscription_welcome")
    assert letter.unsubscribe_url
    assert (await browser.post(letter.unsubscribe_url)).status_code == 200
    ended = await _subscription(office, "anna@example.org")
    assert ended and ended.status == Status.ENDED
    await rows_agree(office)


async def test_who_unsubscribed_later_is_left_alone(office: Office, clock: SetClock) -> None:
    anna = await reader(office, "anna@example.org", "newsletter")
    async with office.service.db.begin() as session:
        await subscriptions.end(session, office.service, anna.id, at=clock.now())
    before = len(await office.letters("subscription_confirm"))
    assert await _take_in(office, GOOD, take_over=True) == {Became.ENDED: 1}
    assert await _take_in(office, GOOD.replace("14.2.2026", ""), take_over=True) == {
        Became.ENDED: 1
    }
    later = len(await office.letters("subscription_confirm"))
    assert (before, later) == (0, 1), "the question of the form, told late; none of the list"
    clock.forward(days=30)
    newer = GOOD.replace("14.2.2026", "31.3.2026")
    read = read_list(io.BytesIO(newer.encode()), today=date(2026, 4, 1), lang="de")
    async with office.service.db.begin() as session:
        source = _source(take_over=True)
        counts = await take_in(session, office.service, read.entries, source, at=clock.now())
    assert counts == {Became.ASKED: 1}, "they agreed again, but said no once: a question only"


async def test_who_has_it_is_suppressed_or_was_asked_enough_gets_nothing(office: Office) -> None:
    await reader(office, "anna@example.org", "newsletter", "sessions", "press")
    dead = office.service.seals.address_hash("dead@example.org")
    async with office.service.db.begin() as session:
        at = office.clock.now()
        session.add(Suppression(address_hash=dead, at=at, reason=Reason.ADDRESS))
    content = GOOD + "dead@example.org;Rundbrief;;Liste;;\r\nnew@example.org;Presse;;Liste;;\r\n"
    expected = {Became.KNOWN: 1, Became.UNREACHABLE: 1}
    for topic in ("Presse", "Sitzungen", "Rundbrief"):
        other = content.replace("new@example.org;Presse", f"new@example.org;{topic}")
        assert await _take_in(office, other) == expected | {Became.ASKED: 1}
    assert await _take_in(office, content) == expected | {Became.ASKED_BEFORE: 1}
    told = await heard(office, ("subscription_confirm",))
    assert len(told["new@example.org"]) == 3
    assert "dead@example.org" not in told


async def test_the_same_list_again_asks_nobody_twice_while_the_question_is_open(
    office: Office, clock: SetClock
) -> None:
    content = HEAD + "new@example.org;Presse, Rundbrief;;Liste;;\r\n"
    assert await _take_in(office, content) == {Became.ASKED: 1}
    assert await _take_in(office, content) == {Became.ASKED_BEFORE: 1}
    fewer = content.replace("Presse, Rundbrief", "Presse")
    assert await _take_in(office, fewer) == {Became.ASKED_BEFORE: 1}
    assert len((await heard(office, ("subscription_confirm",)))["new@example.org"]) == 1
    clock.forward(days=15)
    assert await _take_in(office, content) == {Became.ASKED: 1}, "the question has run out"


async def test_new_topics_for_somebody_who_reads_already_are_asked_for(office: Office) -> None:
    await reader(office, "anna@example.org", "press")
    assert await _take_in(office, GOOD, take_over=True) == {Became.ASKED: 1}
    kept = await _subscription(office, "anna@example.org")
    assert kept and kept.topics == ["press"]


def _many(count: int, *, begin: int = 0) -> str:
    return HEAD + "".join(
        f"r{n}@example.org;Rundbrief;{'1.2.2026' if n % 2 else ''};Liste vom Fest;Leser {n};de\n"
        for n in range(begin, begin + count)
    )


async def test_the_longest_list_holds_no_more_at_once_than_a_short_one(office: Office) -> None:
    assert len(_read(_many(MOST_LINES)).entries) == MOST_LINES
    peaks, begin = [], 0
    for count in (50, 500, 2_500):
        read = _read(_many(count, begin=begin))
        begin += count
        tracemalloc.start()
        async with office.service.db.begin() as session:
            source, at = _source(take_over=True), office.clock.now()
            counts = await take_in(session, office.service, read.entries, source, at=at)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts == {Became.TAKEN_OVER: count // 2, Became.ASKED: count // 2}
    assert peaks[2] < peaks[1] * 1.3, "the first only warms up"
    async with office.service.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox)) == begin
    await rows_agree(office)


async def test_nothing_is_half_read_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.notifications.commands import imports

    monkeypatch.setattr(imports, "AT_A_TIME", 2)
    chunks, write = 0, imports._write_down

    async def broken(*given: Any, **more: Any) -> None:
        nonlocal chunks
        chunks += 1
        await write(*given, **more)
        if chunks == 2:
            raise RuntimeError("the machine stops")

    monkeypatch.setattr(imports, "_write_down", broken)
    content = HEAD + "".join(f"r{n}@example.org;Rundbrief;;Liste;;\n" for n in range(5))
    with pytest.raises(RuntimeError):
        await _take_in(office, content)
    async with office.service.db.read() as session:
        for table in (Subscription, Consent, Outbox, Audit):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def _upload(browser: Any, content: str | bytes, **typed: str) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    data = {"proof": PROOF, "doing": "ask"} | typed
    files = {"liste": ("../../liste\u202e.csv", raw, "text/csv")} if raw else None
    return await browser.submit("/buero/abos/einlesen", data, files=files)


async def test_the_office_reads_in_a_list_and_is_told_what_became_of_it(
    office: Office, signed_in: Any
) -> None:
    async with signed_in(Role.OFFICE) as browser:
        answer = await _upload(browser, GOOD + GOOD.partition("\r\n")[2])
        assert answer.status_code == 303, answer.text[:300]
        page = (await browser.get(answer.headers["location"])).text
    assert "Die Liste ist eingelesen. Gefragt: 1. Doppelte Zeilen: 1." in page
    async with office.service.db.read() as session:
        audit = (await session.scalars(select(Audit))).one()
        consent = (await session.scalars(select(Consent))).one()
    assert audit.action == "subscribers.read_in"
    assert audit.details == {"asked": 1, "lines": 1, "take_over": False}
    assert "anna" not in str(audit.details)
    assert consent.choices["proof"]["file"] == "liste.csv"


async def test_what_is_wrong_is_said_with_its_line_and_what_was_typed_stays(
    office: Office, signed_in: Any
) -> None:
    async with signed_in(Role.OFFICE) as browser:
        bad = await _upload(browser, GOOD + "<script>x</script>;Rundbrief;;Liste;;\n")
        assert bad.status_code == 422
        assert "Zeile" in bad.text and ">3</bdi>" in bad.text
        assert PROOF in bad.text
        assert "<script>x" not in bad.text
        for typed in ({"proof": ""}, {"proof": "kurz"}, {"doing": "subscribe_all"}):
            refused = await _upload(browser, GOOD, **typed)
            assert refused.status_code == 422
            assert f'href="#{next(iter(typed))}' in refused.text
        assert (await _upload(browser, "")).status_code == 422
        huge = await _upload(browser, b"a" * (12 * 1024 * 1024))
        assert huge.status_code == 413
    async with office.service.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Subscription)) == 0


def test_two_years_are_two_years() -> None:
    from services.notifications.commands.imports import PROOF_HOLDS

    assert timedelta(days=729) < PROOF_HOLDS < timedelta(days=732)
