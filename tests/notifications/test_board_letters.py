"""Letters about the board: who belongs to it, its sessions, votes in writing, minutes and tasks."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any, cast

import icalendar
import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.addressbook import NotYetKnown
from services.notifications.domain.addressbook import BoardMember
from services.notifications.domain.letter import Reason, State
from services.notifications.store import Base
from shared.events import applications as a
from shared.events import meetings as m
from shared.events.people import PersonErasedByMeetings
from shared.web.access import Role
from tests.notifications.board import (
    meeting,
    member,
    occasion,
    somebody,
    subscriber,
    told_about,
    written,
)
from tests.notifications.office import Office
from tests.notifications.test_letters_from_events import cancelled, postponed
from tests.support.mailbox import Mailbox


def _text(mail: EmailMessage) -> str:
    return str(cast(EmailMessage, mail.get_body(("plain",))).get_content())


async def test_an_invitation_has_agenda_times_link_and_calendar_file(
    office: Office, mailbox: Mailbox
) -> None:
    who = await member(office)
    planned = await meeting(office)
    await office.answer(await told_about(office, m.MemberInvited, who))
    await office.send()
    [mail] = mailbox.mails
    text = _text(mail)
    for words in (
        "Guten Tag Ada Lovelace,",
        "1. 18:00 Uhr: Begrüßung und Beschlussfähigkeit",
        "2. 18:10 Uhr: Nachbarschaftsfest am Dresdener Ring (WH-2026-004).",
        "Hier entscheidet, wer kommt",
        "https://stadtteil.example/gremium/t0ken",
    ):
        assert words in text
    [file] = mail.iter_attachments()
    assert file.get_filename() == "sitzung.ics"
    calendar = icalendar.Calendar.from_ical(file.get_content())
    starts = [entry.decoded("DTSTART") for entry in calendar.walk("VEVENT")]
    assert planned.starts_at in starts
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] is None


async def test_an_invitation_says_when_it_is_urgent_new_or_without_a_vote(office: Office) -> None:
    who = await member(office)
    await meeting(office)
    first = await told_about(office, m.MemberInvited, who)
    await office.answer(first)
    changes = {"again": True, "urgent": True, "may_vote": False}
    await office.answer(await told_about(office, m.MemberInvited, who, **changes))
    before, after = await office.letters("member_invited")
    for words in ("hat sich geändert", "Es eilt", "Mitstimmen dürfen Sie im Moment nicht"):
        assert words in after.text
        assert words not in before.text
    assert before.state is State.OVERTAKEN
    assert after.state is State.QUEUED


async def test_a_new_invitation_overtakes_that_members_older_one_and_nobody_elses(
    office: Office,
) -> None:
    ada, omar = await member(office), await member(office, "omar@example.org")
    await meeting(office)
    await office.answer(
        await told_about(office, m.MemberInvited, ada),
        await told_about(office, m.MemberInvited, omar),
        await told_about(office, m.MemberInvited, ada, again=True),
        await told_about(office, m.InvitationIssued, ada, again=True),
    )
    letters = await office.letters("member_invited")
    assert [(one.address, one.state) for one in letters] == [
        ("ada@example.org", State.OVERTAKEN),
        ("omar@example.org", State.QUEUED),
        ("ada@example.org", State.QUEUED),
    ]


async def test_no_invitation_to_a_date_that_was_moved_since(office: Office) -> None:
    who = await member(office)
    planned = await meeting(office)
    late = await told_about(office, m.MemberInvited, who)
    office.clock.forward(hours=1)
    moved = postponed(planned).model_copy(update={"at": office.clock.now()})
    await office.answer(moved, late)
    assert await office.letters("member_invited") == []
    assert await office.states("member_session_postponed") == [State.QUEUED]
    anew = await told_about(office, m.MemberInvited, who, starts_at=moved.starts_at)
    await office.answer(anew)
    assert "25. März 2026" in (await office.only("member_invited")).text


async def test_an_invitation_comes_in_the_members_language_with_the_binding_german_below(
    office: Office,
) -> None:
    who = await member(office, "omar@example.org", language="ar")
    await meeting(office)
    await office.answer(await told_about(office, m.MemberInvited, who))
    letter = await office.only("member_invited")
    assert letter.language == "ar"
    assert '<html lang="ar" dir="rtl">' in letter.html
    assert letter.text.index("مرحبًا") < letter.text.index("Guten Tag")
    assert "dieser Text ist verbindlich" in letter.text


async def test_somebody_without_e_mail_is_invited_on_paper_and_answers_by_phone(
    office: Office, mailbox: Mailbox, signed_in: Any
) -> None:
    who = await member(office, "")
    await meeting(office)
    await office.answer(await told_about(office, m.MemberInvited, who))
    await office.send()
    letter = await office.only("member_invited")
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.PAPER)
    assert "Hallesche Straße 12" in letter.text
    assert "ob Sie kommen. Rufen Sie uns an: 05361" in letter.text
    assert "t0ken" not in letter.text + letter.html
    assert mailbox.mails == []
    async with signed_in(Role.OFFICE) as browser:
        answer = await browser.get(f"/buero/schreiben/{letter.id}/ansicht")
    assert answer.status_code == 200, "without a link of theirs the office may read and print it"
    assert "Begrüßung" in answer.text


async def test_the_office_cannot_read_a_link_that_votes_for_a_member(
    office: Office, signed_in: Any
) -> None:
    who = await member(office)
    await office.answer(await told_about(office, m.CircularVoteRequested, who))
    letter = await office.only("circular_vote_requested")
    async with signed_in(Role.OFFICE) as browser:
        assert (await browser.get(f"/buero/schreiben/{letter.id}/ansicht")).status_code == 404


async def test_who_subscribes_gets_the_agenda_unless_they_have_a_letter_of_their_own(
    office: Office,
) -> None:
    await member(office, "ada@example.org")
    planned = await meeting(office)
    case = await office.applicant("emre@example.org", session_id=planned.session_id)
    await office.answer(case)
    for address in ("ada@example.org", "emre@example.org", "abo@example.org"):
        await subscriber(office, address, "sessions")
    issued = await told_about(office, m.InvitationIssued, await somebody(office))
    assert await written(office, issued) == {"abo@example.org": "session_invited"}


@pytest.mark.parametrize("change", [postponed, cancelled])
async def test_everybody_hears_once_that_a_session_moves_or_falls(
    office: Office, change: Any
) -> None:
    kind = "postponed" if change is postponed else "cancelled"
    await member(office, "ada@example.org")
    await member(office, "emre@example.org")
    await member(office, "")
    guest = await somebody(office, "gast@example.org")
    await office.answer(await told_about(office, m.MemberRecorded, guest))
    planned = await meeting(office)
    case = await office.applicant("emre@example.org", session_id=planned.session_id)
    await office.answer(case)
    for address in ("ADA@example.org", "emre@example.org", "abo@example.org"):
        await subscriber(office, address, "sessions")
    assert await written(office, change(planned)) == {
        "emre@example.org": f"case_session_{kind}",
        "ada@example.org": f"member_session_{kind}",
        "": f"member_session_{kind}",
        "abo@example.org": f"session_{kind}",
    }


async def test_a_session_that_moves_or_falls_overtakes_invitations_that_wait(
    office: Office,
) -> None:
    who = await member(office)
    await subscriber(office, "abo@example.org", "sessions")
    planned = await meeting(office)
    await office.answer(
        await told_about(office, m.MemberInvited, who),
        await told_about(office, m.InvitationIssued, who),
        postponed(planned),
    )
    assert await office.states("member_invited") == [State.OVERTAKEN]
    assert await office.states("session_invited") == [State.OVERTAKEN]
    await office.answer(cancelled(planned).model_copy(update={"subject_version": 5}))
    assert await office.states("member_session_postponed") == [State.OVERTAKEN]
    await office.answer(await told_about(office, m.MemberInvited, who))
    assert len(await office.letters("member_invited")) == 1, "to no session that is not held"


async def test_no_letter_about_a_session_goes_out_once_it_began(
    office: Office, mailbox: Mailbox
) -> None:
    who = await member(office)
    await subscriber(office, "abo@example.org", "sessions")
    planned = await meeting(office)
    await office.send()
    mailbox.clear()
    await office.answer(
        await told_about(office, m.MemberInvited, who),
        await told_about(office, m.InvitationIssued, who),
    )
    office.clock.set(planned.starts_at)
    await office.send()
    assert mailbox.mails == []


async def test_an_invitation_before_its_session_was_told_waits_for_it(office: Office) -> None:
    who = await member(office)
    with pytest.raises(NotYetKnown):
        await office.answer(await told_about(office, m.MemberInvited, who))


async def test_letters_to_a_member_about_one_session_are_one_thread(
    office: Office, mailbox: Mailbox
) -> None:
    ada, omar = await member(office), await member(office, "omar@example.org")
    await meeting(office)
    for who in (ada, omar):
        await office.answer(await told_about(office, m.MemberInvited, who))
    await office.send()
    await office.answer(await told_about(office, m.MinutesCirculated, ada))
    await office.send()
    invited, draft = mailbox.to("ada@example.org")
    assert invited["In-Reply-To"] is None
    assert draft["In-Reply-To"] == draft["References"] == invited["Message-ID"]
    [other] = mailbox.to("omar@example.org")
    assert other["In-Reply-To"] is None


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (m.JoinedBecause.DECLARED, "Sie haben Ihren Beitritt erklärt."),
        (m.JoinedBecause.ATTENDED, "waren oft genug bei Sitzungen. So oft waren Sie da: 2."),
        (m.JoinedBecause.REGAINED, "Sie waren wieder oft genug bei Sitzungen."),
        (m.JoinedBecause.OFFICE, "Das Büro hat es so eingetragen."),
    ],
)
async def test_a_right_to_vote_is_given_with_its_reason(
    office: Office, because: m.JoinedBecause, said: str
) -> None:
    who = await member(office)
    await office.answer(await told_about(office, m.MemberJoined, who, because=because))
    assert said in (await office.only("member_joined")).text


async def test_a_right_that_rests_says_why_and_how_it_comes_back(office: Office) -> None:
    who = await member(office)
    await office.answer(
        await told_about(office, m.MemberSuspended, who),
        await told_about(office, m.MemberSuspended, who, regained_after=None),
    )
    with_a_way, without = await office.letters("member_suspended")
    assert "So viele haben gefehlt: 3." in with_a_way.text
    assert "wieder bei so vielen Sitzungen da sind: 2." in with_a_way.text
    assert "sagen wir Ihnen gern" in without.text


async def test_a_declaration_on_paper_gives_the_office_nothing_to_do(office: Office) -> None:
    who = await member(office)
    await office.answer(await told_about(office, m.AccessionDeclared, who, online=False))
    assert [one.kind for one in await office.letters()] == ["accession_declared"]
    assert "Ab der 2. Sitzung, zu der Sie kommen" in (await office.letters())[0].text


async def test_whoever_left_gets_a_goodbye_and_then_nothing(office: Office) -> None:
    who = await member(office)
    planned = await meeting(office)
    await office.answer(
        await told_about(office, m.MemberInvited, who),
        await told_about(office, m.CircularVoteRequested, who),
        await told_about(office, m.MemberLeft, who),
    )
    states = {one.kind: one.state for one in await office.letters()}
    assert states == {
        "member_invited": State.OVERTAKEN,
        "circular_vote_requested": State.OVERTAKEN,
        "member_left": State.QUEUED,
    }
    recorded = await told_about(office, m.MemberRecorded, who)
    assert await written(office, recorded, cancelled(planned)) == {}


async def test_a_vote_in_writing_is_asked_until_it_is_over(
    office: Office, mailbox: Mailbox
) -> None:
    ada, omar = await member(office), await member(office, "omar@example.org")
    asked = [await told_about(office, m.CircularVoteRequested, who) for who in (ada, omar)]
    again = await told_about(office, m.CircularVoteRequested, ada, reminder=True)
    await office.answer(*asked, again)
    letters = await office.letters("circular_vote_requested")
    assert [one.state for one in letters] == [State.OVERTAKEN, State.QUEUED, State.QUEUED]
    assert letters[2].subject == "Erinnerung: Ihre Stimme zu „Bank vor der Bücherei“ fehlt noch"
    assert "480,00" in letters[1].text
    closed = await told_about(office, m.CircularClosed, ada)
    other = closed.model_copy(update={"event_id": uuid7(), "circular_id": uuid7()})
    await office.answer(other)
    assert (await office.states("circular_vote_requested"))[1:] == [State.QUEUED, State.QUEUED]
    await office.answer(closed)
    assert set(await office.states("circular_vote_requested")) == {State.OVERTAKEN}


async def test_a_letter_with_a_members_link_ends_with_its_matter(
    office: Office, mailbox: Mailbox
) -> None:
    who = await member(office)
    soon = office.clock.now() + timedelta(days=2)
    await office.answer(
        await told_about(office, m.CircularVoteRequested, who, closes_at=soon),
        await told_about(office, m.MinutesCirculated, who, object_until=soon),
        await told_about(office, m.MinutesReported, who, expires_at=soon),
    )
    office.clock.set(soon)
    await office.send()
    assert set(await office.states()) == {State.EXPIRED}
    assert mailbox.mails == []


async def test_minutes_reach_members_and_subscribers_once_and_the_city_in_full(
    office: Office,
) -> None:
    ada = await member(office)
    await subscriber(office, "ada@example.org", "sessions")
    await subscriber(office, "abo@example.org", "sessions")
    city = await somebody(office, "stadt@example.org", name="Stadt Wolfsburg")
    draft = await told_about(office, m.MinutesCirculated, ada)
    await office.answer(draft)
    approved = await told_about(office, m.MinutesApproved, ada, path="/sitzungen/7/protokoll")
    assert await written(office, approved) == {
        "ada@example.org": "member_minutes_approved",
        "abo@example.org": "minutes_published",
    }
    assert await office.states("minutes_circulated") == [State.OVERTAKEN]
    published = await office.only("minutes_published")
    assert "https://stadtteil.example/sitzungen/7/protokoll" in published.text
    assert published.unsubscribe_url
    await office.answer(await told_about(office, m.MinutesReported, city))
    reported = await office.only("minutes_reported")
    assert reported.address == "stadt@example.org"
    assert "https://stadtteil.example/gremium/t0ken" in reported.text


async def test_a_task_is_asked_for_until_it_is_done(office: Office) -> None:
    who = await somebody(office)
    assigned = await told_about(office, m.TaskAssigned, who)
    await office.answer(assigned)
    letter = await office.only("task_assigned")
    assert letter.subject == "Eine Aufgabe für Sie: Bühne mieten"
    assert "Bitte zwei Firmen fragen." in letter.text
    assert "Mittwoch, 15. April 2026" in letter.text
    due = await told_about(office, m.TaskFallsDue, who)
    late = await told_about(office, m.TaskFallsDue, who, days_late=2)
    await office.answer(due, late)
    soon, overdue = await office.letters("task_falls_due")
    assert soon.subject == "Bald fällig: Bühne mieten"
    assert overdue.subject == "Noch offen: Bühne mieten"
    assert [one.state for one in await office.letters()] == [
        State.OVERTAKEN,
        State.OVERTAKEN,
        State.QUEUED,
    ]
    await office.answer(await told_about(office, m.TaskClosed, who))
    assert set(await office.states()) == {State.OVERTAKEN}


HOSTILE = 'x\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script> {{ 7*7 }} %(day)s "'


@pytest.mark.parametrize("kind", [m.MemberInvited, m.CircularVoteRequested, m.TaskAssigned])
async def test_what_people_typed_can_neither_become_a_header_nor_markup(
    office: Office, mailbox: Mailbox, kind: Any
) -> None:
    who = await member(office, name=HOSTILE)
    await meeting(office)
    item = m.InvitedItem(position=1, title=HOSTILE, number=HOSTILE)
    words = m.TaskWords(title=HOSTILE, text=HOSTILE)
    changes: dict[str, Any] = {
        "title": HOSTILE,
        "text": HOSTILE,
        "place": HOSTILE,
        "note": HOSTILE,
        "board": HOSTILE,
        "agenda": [item],
        "words": await office.seal(words, who.person_id),
    }
    known = {name: value for name, value in changes.items() if name in kind.model_fields}
    await office.answer(await told_about(office, kind, who, **known))
    await office.send()
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail.defects == []
    letter = await office.only()
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert "{{ 7*7 }}" in letter.text
    assert "\n" not in letter.subject


async def test_nothing_readable_of_an_erased_member_stays(office: Office, mailbox: Mailbox) -> None:
    who = await member(office)
    planned = await meeting(office)
    await occasion(office)
    kinds = (m.MemberInvited, m.CircularVoteRequested, m.TaskAssigned, m.RegistrationConfirmed)
    events = [await told_about(office, kind, who) for kind in kinds]
    late = [await told_about(office, kind, who) for kind in kinds]
    await office.answer(*events, await told_about(office, m.MemberJoined, who))
    ids = await office.service.seals.erase(who.person_id)
    erased = PersonErasedByMeetings(at=office.clock.now(), person_id=who.person_id, person_ids=ids)
    await office.answer(erased, *late, await told_about_erased(office, m.MemberSuspended, who))
    await office.answer(cancelled(planned))
    readable = []
    async with office.service.db.read() as session:
        for table in Base.metadata.sorted_tables:
            readable += [str(tuple(row)) for row in await session.execute(select(table))]
        assert (await session.scalars(select(BoardMember.left))).all() == [False]
    for trace in ("ada@example.org", "Ada Lovelace", "t0ken", "Bühne"):
        assert not any(trace in line for line in readable), trace
    await office.send()
    assert mailbox.mails == []


async def told_about_erased(office: Office, kind: Any, who: Any) -> Any:
    """An event that was on its way when they were erased: it carries ids only."""
    other = await somebody(office, "x@example.org")
    event = await told_about(office, kind, other)
    return event.model_copy(update={"person_id": who.person_id, "member_id": who.member_id})


async def test_an_event_about_an_unknown_member_waits_for_who_they_are(office: Office) -> None:
    who = await somebody(office)
    for kind in (m.AccessionDeclared, m.MemberJoined, m.MemberSuspended, m.MemberLeft):
        with pytest.raises(NotYetKnown):
            await office.answer(await told_about(office, kind, who))
    assert await office.letters() == []


async def test_an_applicant_who_is_a_member_keeps_letters_about_the_case_apart(
    office: Office, mailbox: Mailbox
) -> None:
    who = await member(office)
    planned = await meeting(office)
    case = await office.case("ada@example.org", session_id=planned.session_id)
    mailbox.clear()
    await office.answer(await told_about(office, m.MemberInvited, who))
    await office.answer(await office.sample(a.CorrectionRequested, case))
    await office.send()
    threads = {mail["Subject"].split()[0]: mail["In-Reply-To"] for mail in mailbox.mails}
    assert threads["Freunde"] is None
    assert len([thread for thread in threads.values() if thread]) == 1
