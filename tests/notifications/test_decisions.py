"""Decisions by letter: with their PDF, with the office's own words, once."""

from email import message_from_bytes, policy
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import event as listening
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.addressbook import open_case, remember
from services.notifications.domain.addressbook import Case, Person
from services.notifications.domain.letter import LetterFile, Outcome, State
from services.notifications.letters.mime import as_bytes
from shared.events import applications as a
from shared.events.applications import ApplicationSubmitted
from shared.events.meetings import VoteClosed, Way
from shared.events.people import Contact, PersonErasedByApplications
from tests.letters.test_letters import compare
from tests.notifications.office import CONTRACTS, Office
from tests.notifications.test_letters_from_events import postponed
from tests.support.contracts import body_of
from tests.support.mailbox import Mailbox

WORDS = "Essen ist ausgeschlossen."


def _printed(file: LetterFile) -> str:
    pages = PdfReader(BytesIO(file.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("language", "kind", "name"),
    [
        ("de", a.GrantReserved, "bewilligung-2026-021.pdf"),
        ("en", a.ApplicationRejected, "rejection-2026-021.pdf"),
        ("ar", a.ApplicationDeferred, "تأجيل-2026-021.pdf"),
    ],
)
async def test_the_mail_carries_the_stored_pdf_byte_for_byte(
    office: Office, mailbox: Mailbox, language: str, kind: type[Any], name: str
) -> None:
    case = await office.case(language=language)
    mailbox.clear()
    await office.answer(await office.sample(kind, case))
    [file] = await office.files()
    mailbox.answer("451")
    await office.send()
    office.clock.forward(hours=1)
    await office.send()
    [mail] = mailbox.mails
    assert mail.get_content_type() == "multipart/mixed"
    [attached] = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", name)
    assert attached.get_content() == file.content
    assert sha256(file.content).hexdigest() == file.sha256
    assert file.content.startswith(b"%PDF-")
    assert [one.outcome for one in await office.attempts()][-2:] == [Outcome.DEFERRED, Outcome.SENT]
    await office.send()
    assert len(mailbox.mails) == 1, "sent once"


@pytest.mark.parametrize("language", ["de", "ar"])
async def test_a_mail_with_a_decision_is_built_as_agreed(office: Office, language: str) -> None:
    """Names of files in RFC 2231, everything in one multipart/mixed."""
    case = await office.case(language=language)
    await office.answer(await office.sample(a.GrantReserved, case))
    letter = await office.only("grant_reserved")
    raw = as_bytes(letter, office.service.settings, sender_name="Büro", files=await office.files())
    mail = message_from_bytes(raw, policy=policy.compat32)
    lines = []
    for part in mail.walk():
        said = part.get("Content-Disposition", "")
        lines.append(" ".join(f"{part.get_content_type()} {said}".split()))
    compare(f"mail-structure.{language}.txt", "\n".join(lines) + "\n")


async def test_the_paper_says_what_the_letter_says(office: Office) -> None:
    case = await office.case()
    session = office.session()
    await office.answer(session)
    reserved = await office.sample(a.GrantReserved, case, session_id=session.session_id)
    await office.answer(await _voted(office, reserved), reserved)
    letter, [file] = await office.only("grant_reserved"), await office.files()
    paper = _printed(file)
    for words in ("2026-021", "Sommerfest im Innenhof", "Erlaubnis der Hausverwaltung"):
        assert words in letter.text
        assert words in paper
    assert "650,00" in letter.text
    assert "650,00" in paper
    assert "Hallesche Straße 12" in paper
    assert "1. April 2026" in paper, "the day of the session"


async def _voted(
    office: Office, decided: Any, way: Way = Way.MEETING, **changes: Any
) -> VoteClosed:
    """The vote that decision rests on."""
    body = body_of(CONTRACTS / f"{VoteClosed.type}.json")
    news = {"event_id": uuid7(), "at": office.clock.now(), "vote_id": decided.vote_id, "way": way}
    return VoteClosed.from_cloudevent(body).model_copy(update=news | changes)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Way.CIRCULAR, "Schriftlich abgestimmt bis zum Montag, 2. März 2026: 5 Ja"),
        (Way.MEETING, "Abgestimmt am Mittwoch, 1. April 2026: 5 Ja"),
    ],
)
async def test_a_rejection_says_how_the_board_voted(office: Office, way: Way, said: str) -> None:
    case, session = await office.case(), office.session()
    await office.answer(session)
    rejected = await office.sample(a.ApplicationRejected, case, session_id=session.session_id)
    rejected = rejected.model_copy(update={"yes": 5, "no": 6, "abstain": 0})
    await office.answer(await _voted(office, rejected, way), rejected)
    [file] = await office.files()
    assert said in _printed(file)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Way.CIRCULAR, "Entschieden durch eine schriftliche Abstimmung, am Montag, 2. März 2026."),
        (Way.URGENT, "Entschieden am Montag, 2. März 2026, ohne Sitzung, weil es eilig war."),
        (Way.MEETING, "Entschieden am Mittwoch, 1. April 2026."),
    ],
)
async def test_a_grant_never_names_a_session_that_did_not_decide_it(
    office: Office, way: Way, said: str
) -> None:
    case, session = await office.case(), office.session()
    await office.answer(session)
    reserved = await office.sample(a.GrantReserved, case, session_id=session.session_id)
    await office.answer(await _voted(office, reserved, way), reserved)
    [file] = await office.files()
    assert said in _printed(file)


async def test_a_decision_that_overtakes_the_word_about_its_vote_names_no_day(
    office: Office,
) -> None:
    case, session = await office.case(), office.session()
    await office.answer(session)
    reserved = await office.sample(a.GrantReserved, case, session_id=session.session_id)
    await office.answer(reserved, await _voted(office, reserved, Way.CIRCULAR))
    [file] = await office.files()
    assert "Entschieden" not in _printed(file)
    assert "1. April 2026" not in _printed(file)


async def _explain(office: Office, case: ApplicationSubmitted) -> None:
    await office.answer(await office.sample(a.ExplanationWritten, case))


@pytest.mark.parametrize(
    "kind",
    [a.ApplicationFoundInadmissible, a.ApplicationRejected, a.GrantRevoked, a.GrantReserved],
)
async def test_the_offices_words_stand_in_the_next_decision_and_only_there(
    office: Office, kind: type[Any]
) -> None:
    case = await office.case()
    await _explain(office, case)
    async with office.service.db.read() as session:
        kept = (await session.get_one(Case, case.application_id)).explanation
    assert kept
    assert WORDS not in str(kept), "sealed as long as it waits"
    await office.answer(await office.sample(kind, case))
    letter = (await office.letters())[-1]
    assert letter.text.count(WORDS) == 1
    assert WORDS in letter.html
    for file in await office.files():
        assert WORDS in _printed(file)
    await office.answer(await office.sample(a.GrantRevoked, case))
    assert WORDS not in (await office.letters())[-1].text, "used once"


async def test_the_offices_note_lists_what_is_missing(office: Office) -> None:
    case = await office.case()
    await office.answer(await office.sample(a.CorrectionRequested, case, items=["quotes", "other"]))
    text = (await office.only("correction_requested")).text
    assert "Uns fehlen noch Angebote" in text
    assert WORDS in text
    assert f"https://stadtteil.example/mein/{case.application_id}" in text
    assert "bis Freitag, 29. Mai 2026" in text


async def test_nothing_of_an_erased_applicant_stays_in_words_files_or_addresses(
    office: Office, mailbox: Mailbox
) -> None:
    case = await office.case()
    late = await office.sample(a.ApplicationRejected, case)
    await _explain(office, case)
    await office.answer(await office.sample(a.GrantReserved, case))
    await _explain(office, case)
    ids = await office.service.seals.erase(case.person_id)
    erased = PersonErasedByApplications(
        at=office.clock.now(), person_id=case.person_id, person_ids=ids
    )
    await office.answer(erased)
    async with office.service.db.read() as session:
        kept = (await session.get_one(Case, case.application_id)).explanation
        person = await session.get_one(Person, case.person_id)
    assert await office.files() == []
    assert (kept, person.street, person.postcode, person.city) == (None, None, None, None)
    assert await office.states("grant_reserved") == [State.SUPPRESSED]
    mailbox.clear()
    await office.answer(late)
    await office.send()
    assert await office.letters("application_rejected") == []
    assert mailbox.mails == []


async def test_a_session_with_200_applicants_is_told_in_a_handful_of_statements(
    office: Office,
) -> None:
    session = office.session()
    await office.answer(session)
    at = office.clock.now()
    async with office.service.db.begin() as db:
        for number in range(200):
            person = uuid7()
            contact = Contact(name=f"N {number}", email=f"n{number}@example.org")
            await remember(db, person, contact, "de", at)
            submitted = ApplicationSubmitted(
                at=at,
                person_id=person,
                application_id=uuid7(),
                number=f"2026-{number:03}",
                field_of_action="education",
                asked_cents=1,
                session_id=session.session_id,
            )
            await open_case(db, submitted)
    statements: list[str] = []
    listening.listen(
        office.service.db.engine.sync_engine,
        "before_cursor_execute",
        lambda *said: statements.append(said[2]),
    )
    await office.answer(postponed(session))
    assert len(await office.letters("case_session_postponed")) == 200
    assert len(statements) < 25, statements
    assert {one.state for one in await office.letters()} == {State.QUEUED}
    async with office.service.db.read() as db:
        assert await db.scalar(select(LetterFile)) is None
