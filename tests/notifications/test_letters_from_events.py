"""Which events become which letters, and which letters are never sent."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import icalendar
import pytest
from uuid_utils.compat import uuid7

from services.notifications.addressbook import NotYetKnown
from services.notifications.domain.letter import Reason, State
from services.notifications.letters.mime import as_bytes
from shared.clock import SetClock
from shared.events.applications import (
    ApplicationWithdrawn,
    CaseLinkRequested,
    DraftDiscarded,
    DraftSaved,
)
from shared.events.meetings import (
    AccountInvited,
    PostponeReason,
    SessionCancelled,
    SessionPostponed,
    SessionScheduled,
    SignInRequested,
)
from shared.events.people import Contact
from tests.notifications.office import Office
from tests.support.mailbox import Mailbox


def postponed(event: SessionScheduled, by: timedelta = timedelta(days=7)) -> SessionPostponed:
    return SessionPostponed(
        at=event.at,
        session_id=event.session_id,
        board=event.board,
        starts_at=event.starts_at + by,
        place=event.place,
        submission_deadline=event.submission_deadline + by,
        previous_starts_at=event.starts_at,
        previous_submission_deadline=event.submission_deadline,
        reason=PostponeReason.ROOM,
        subject_version=2,
    )


def cancelled(event: SessionScheduled) -> SessionCancelled:
    return SessionCancelled(
        at=event.at,
        session_id=event.session_id,
        board=event.board,
        starts_at=event.starts_at,
        reason="Wasserschaden",
        subject_version=2,
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (CaseLinkRequested, "case_link"),
        (SignInRequested, "sign_in"),
        (AccountInvited, "account_invited"),
        (DraftSaved, "draft_saved"),
    ],
)
async def test_a_link_goes_to_the_person_it_was_sealed_for(
    office: Office, mailbox: Mailbox, event: type, kind: str
) -> None:
    await office.answer(await office.link_event(event))
    await office.send()
    assert (await office.only()).kind == kind
    [mail] = mailbox.mails
    assert mail["To"] == "Ada Lovelace <ada@example.org>"
    text = cast(EmailMessage, mail.get_body(("plain",))).get_content()
    assert "https://stadtteil.example/anmelden/link/t0ken" in text


@pytest.mark.parametrize("event", [CaseLinkRequested, SignInRequested, AccountInvited, DraftSaved])
async def test_a_letter_expires_with_its_link(
    office: Office, mailbox: Mailbox, clock: SetClock, event: type
) -> None:
    await office.answer(await office.link_event(event, minutes=10))
    clock.forward(minutes=10)
    await office.send()
    assert await office.states() == [State.EXPIRED]
    assert mailbox.mails == []


async def test_the_same_event_twice_is_one_letter(office: Office) -> None:
    event = await office.link_event(SignInRequested)
    await office.answer(event)
    await office.answer(event)
    assert len(await office.letters()) == 1


async def test_a_newer_draft_link_overtakes_one_that_still_waits(office: Office) -> None:
    first = await office.link_event(DraftSaved)
    second = await office.link_event(DraftSaved, application_id=first.application_id)
    await office.answer(first, second)
    assert await office.states() == [State.OVERTAKEN, State.QUEUED]
    discarded = DraftDiscarded(at=office.clock.now(), application_id=first.application_id)
    await office.answer(discarded)
    assert await office.states() == [State.OVERTAKEN, State.OVERTAKEN]


async def test_an_application_is_confirmed_and_becomes_the_offices_task(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    submitted = await office.applicant(
        session_id=uuid7(), session_at=datetime.fromisoformat("2026-04-01T16:00Z")
    )
    await office.answer(submitted)
    await office.send()
    [receipt] = mailbox.to("ada@example.org")
    [task] = mailbox.to("buero@stadtteil.example")
    assert receipt["Subject"] == "Ihr Antrag 2026-021 ist da"
    text = cast(EmailMessage, receipt.get_body(("plain",))).get_content()
    assert "Am Mittwoch, 1. April 2026 um 18:00 Uhr wird abgestimmt." in text
    assert task["Subject"] == "Neuer Antrag 2026-021"
    assert "ada" not in str(task).lower(), "the office's mail names nobody"


async def test_an_application_waits_for_its_applicant_to_be_known(office: Office) -> None:
    submitted = (await office.applicant()).model_copy(update={"person_id": uuid7()})
    with pytest.raises(NotYetKnown):
        await office.answer(submitted)
    assert await office.letters() == []


async def test_letters_of_one_case_are_one_thread(office: Office, mailbox: Mailbox) -> None:
    submitted = await office.applicant()
    withdrawn = ApplicationWithdrawn(
        at=office.clock.now(), application_id=submitted.application_id, number="2026-021"
    )
    await office.answer(submitted)
    await office.send()
    await office.answer(withdrawn)
    await office.send()
    receipt, goodbye = mailbox.to("ada@example.org")
    assert receipt["In-Reply-To"] is None
    assert goodbye["In-Reply-To"] == goodbye["References"] == receipt["Message-ID"]


async def test_a_withdrawal_overtakes_what_still_waits_about_it(office: Office) -> None:
    submitted = await office.applicant()
    withdrawn = ApplicationWithdrawn(
        at=office.clock.now(), application_id=submitted.application_id, number="2026-021"
    )
    await office.answer(submitted, withdrawn)
    states = {letter.kind: letter.state for letter in await office.letters()}
    assert states == {
        "application_received": State.OVERTAKEN,
        "office_new_application": State.OVERTAKEN,
        "application_withdrawn": State.QUEUED,
    }


async def test_subscribers_hear_of_a_session_in_their_language_with_a_calendar_file(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber("anna@example.org")
    await office.subscriber("omar@example.org", language="ar")
    session = office.session()
    await office.answer(session)
    await office.send()
    [german], [arabic] = mailbox.to("anna@example.org"), mailbox.to("omar@example.org")
    assert german["Content-Language"] == "de"
    assert arabic["Content-Language"] == "ar, de"
    [file] = list(arabic.iter_attachments())
    assert file.get_content_type() == "text/calendar"
    calendar = icalendar.Calendar.from_ical(file.get_content())
    starts = [entry.decoded("DTSTART") for entry in calendar.walk("VEVENT")]
    assert session.starts_at in starts


async def test_what_is_true_when_sent_wins(office: Office, mailbox: Mailbox) -> None:
    await office.subscriber()
    session = office.session()
    submitted = await office.applicant(session_id=session.session_id, session_at=session.starts_at)
    await office.answer(session, submitted, cancelled(session))
    states = {letter.kind: (letter.state, letter.reason) for letter in await office.letters()}
    assert states["session_scheduled"] == (State.OVERTAKEN, Reason.NEWER)
    assert states["application_received"] == (State.OVERTAKEN, Reason.NEWER)
    assert states["session_cancelled"][0] is State.QUEUED
    assert states["case_session_cancelled"][0] is State.QUEUED
    await office.send()
    subjects = [mail["Subject"] for mail in mailbox.mails]
    assert not any("ist da" in subject for subject in subjects)
    assert sum("fällt aus" in subject for subject in subjects) == 2


async def test_a_letter_overtaken_while_claimed_is_not_sent(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber()
    session = office.session()
    await office.answer(session)
    sender = office.sender()
    from services.notifications.letters.kinds import Priority
    from services.notifications.sender.loop import Lane

    lane = Lane(sender, Priority.SUBSCRIBED)
    claimed = await lane.claim()
    await office.answer(cancelled(session))
    await lane.work(claimed)
    await lane.hang_up()
    assert (await office.letters("session_scheduled"))[0].state is State.OVERTAKEN
    assert mailbox.mails == []


async def test_an_application_told_after_its_session_moved_names_the_day_that_holds(
    office: Office, mailbox: Mailbox
) -> None:
    session = office.session()
    submitted = await office.applicant(session_id=session.session_id, session_at=session.starts_at)
    moved = postponed(session)
    await office.answer(session, moved, submitted)
    assert "8. April 2026" in (await office.only("application_received")).text
    assert moved.starts_at.day == 8


async def test_applicants_of_a_postponed_session_get_one_letter_even_if_they_subscribe(
    office: Office, mailbox: Mailbox
) -> None:
    await office.subscriber("ada@example.org")
    await office.subscriber("anna@example.org")
    session = office.session()
    submitted = await office.applicant(session_id=session.session_id, session_at=session.starts_at)
    await office.answer(session, submitted)
    await office.send()
    mailbox.clear()
    await office.answer(postponed(session))
    await office.send()
    [to_ada] = mailbox.to("ada@example.org")
    assert to_ada["Subject"] == "Ihr Antrag 2026-021: Abstimmung am Mittwoch, 8. April 2026"
    assert len(mailbox.to("anna@example.org")) == 1


async def test_an_invitation_to_a_past_session_is_never_sent(
    office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await office.subscriber()
    session = office.session(clock.now() + timedelta(days=2))
    await office.answer(session)
    clock.forward(days=3)
    await office.send()
    assert await office.states() == [State.EXPIRED]
    await office.answer(session.model_copy(update={"event_id": uuid7(), "session_id": uuid7()}))
    assert await office.states() == [State.EXPIRED, State.EXPIRED]
    assert mailbox.mails == []


async def test_headers_say_what_the_letter_is(office: Office, mailbox: Mailbox) -> None:
    await office.subscriber()
    await office.answer(office.session(), await office.applicant())
    await office.send()
    case = mailbox.to("ada@example.org")[0]
    listed = mailbox.to("abo@example.org")[0]
    assert case["From"] == "Stadtteilbüro Westhagen <post@stadtteil.example>"
    assert case["Reply-To"] == "buero@stadtteil.example"
    assert case["Auto-Submitted"] == "auto-generated"
    assert case["List-Unsubscribe"] is None
    assert "abo/" not in str(case)
    assert listed["Auto-Submitted"] is None
    assert listed["List-Id"] == "Sitzungen <sessions.stadtteil.example>"
    assert listed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert listed["List-Unsubscribe"].startswith("<https://stadtteil.example/abo/abmelden/")
    for mail in mailbox.mails:
        assert mail.defects == []
        assert mail["Date"]
        assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()][:2] == [
            "text/plain",
            "text/html",
        ]


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: everybody@example.org", 'A "quoted" <b>', "آدا لوفليس", "x" * 190, "Ada,\x00 B"],
)
async def test_a_name_cannot_break_out_of_its_header(office: Office, name: str) -> None:
    await office.answer(await office.link_event(SignInRequested))
    letter = await office.only()
    letter.name, letter.subject = name, f"Hallo {name}"
    raw = as_bytes(letter, office.service.settings, sender_name="Büro")
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Bcc"] is None
    [address] = mail["To"].addresses
    assert address.addr_spec == "ada@example.org"
    assert mail.defects == []
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(
    "subject",
    [
        "Freunde Westhagens: Einladung zur Sitzung am Mittwoch, 23. Dezember 2026",
        "Freunde Westhagens: Sitzung am Mittwoch, 13. Januar 2027 fällt aus",
        "\u2068Freunde Westhagens\u2069: جلسة يوم الأربعاء، 13 يناير 2027",
        "Rundgang: " + "Donaudampfschifffahrt" * 8,
        "",
    ],
)
async def test_a_subject_reads_the_same_after_the_way(office: Office, subject: str) -> None:
    await office.answer(await office.link_event(SignInRequested))
    letter = await office.only()
    letter.subject = subject
    raw = as_bytes(letter, office.service.settings, sender_name="Büro")
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject
    assert all(len(line) <= 78 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))


async def test_an_international_domain_travels_in_ascii(office: Office, mailbox: Mailbox) -> None:
    event = await office.link_event(SignInRequested)
    contact = await office.seal(Contact(name="Ada", email="ada@bücher.example"))
    await office.answer(event.model_copy(update={"contact": contact}))
    await office.send()
    [envelope] = mailbox.envelopes
    assert envelope.rcpt_tos == ["ada@xn--bcher-kva.example"]


async def test_an_address_no_mail_can_carry_fails_alone(office: Office, mailbox: Mailbox) -> None:
    event = await office.link_event(SignInRequested)
    contact = await office.seal(Contact(name="Ada", email="a da\n@@exa mple"))
    good = await office.link_event(SignInRequested)
    await office.answer(event.model_copy(update={"contact": contact}), good)
    await office.send()
    assert await office.states() == [State.FAILED, State.SENT]
