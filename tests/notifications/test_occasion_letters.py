"""Letters about occasions: to those who registered, and to everyone who ordered the topic."""

from typing import Any

import icalendar
import pytest
from uuid_utils.compat import uuid7

from services.notifications.domain.letter import State
from shared.events import meetings as m
from shared.events.people import Contact
from tests.notifications.board import (
    Someone,
    occasion,
    somebody,
    subscriber,
    told_about,
    written,
)
from tests.notifications.office import Office
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox


@pytest.fixture(autouse=True)
async def announced(office: Office) -> m.OccasionAnnounced:
    """Everybody heard of it before anybody registers."""
    return await occasion(office)


REGISTERED = (m.RegistrationConfirmed, m.RegistrationPromoted, m.RegistrationReminded)


def _date(mail: Any) -> Any:
    [file] = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "veranstaltung.ics")
    [entry] = icalendar.Calendar.from_ical(file.get_content()).walk("VEVENT")
    return entry


@pytest.mark.parametrize("kind", REGISTERED)
async def test_whoever_is_expected_gets_the_date_as_a_file(
    office: Office, mailbox: Mailbox, kind: Any
) -> None:
    event = await told_about(office, kind, await somebody(office))
    await office.answer(event)
    await office.send()
    [mail] = mailbox.mails
    entry = _date(mail)
    assert entry.decoded("DTSTART") == event.starts_at
    assert entry.decoded("DTEND") == event.ends_at
    assert str(entry["UID"]) == f"termin-{event.occasion_id}@stadtteil.example"
    assert str(entry["STATUS"]) == "CONFIRMED"
    letter = await office.only()
    assert "Rundgang durch das Quartier" in letter.subject
    assert "https://stadtteil.example/gremium/t0ken" in letter.text
    assert "So viele Menschen haben Sie angemeldet: 2." in letter.text
    assert "Samstag, 25. April 2026, 14:00 Uhr" in letter.text


async def test_whoever_waits_gets_their_place_in_the_line_and_no_date(
    office: Office, mailbox: Mailbox
) -> None:
    await office.answer(await told_about(office, m.RegistrationWaitlisted, await somebody(office)))
    await office.send()
    [mail] = mailbox.mails
    assert list(mail.iter_attachments()) == []
    assert "Ihr Platz auf der Warteliste: 3." in (await office.only()).text


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (m.RegistrationConfirmed, "Ihre Anmeldung gilt weiter."),
        (m.RegistrationWaitlisted, "Sie stehen weiter auf der Warteliste."),
    ],
)
async def test_a_change_says_what_was_what_is_and_that_the_place_stays(
    office: Office, before: Any, said: str
) -> None:
    who = await somebody(office)
    await office.answer(
        await told_about(office, before, who), await told_about(office, m.RegistrationChanged, who)
    )
    first, change = await office.letters()
    assert first.state is State.OVERTAKEN, "it names a day that does not hold"
    assert said in change.text
    assert "Freitag, 24. April 2026, 14:00 Uhr, Treffpunkt: Bücherei" in change.text
    assert "Samstag, 25. April 2026" in change.text


@pytest.mark.parametrize(
    "kind", [m.RegistrationConfirmed, m.RegistrationWaitlisted, m.RegistrationPromoted]
)
async def test_a_word_about_a_registration_that_comes_late_names_the_day_that_holds(
    office: Office, kind: Any
) -> None:
    who = await somebody(office)
    late = await told_about(office, kind, who)
    office.clock.forward(hours=1)
    place = "Treffpunkt: Bücherei"
    moved = await told_about(office, m.OccasionChanged, who, place=place)
    await office.answer(moved, late)
    letter = await office.only()
    assert "Samstag, 2. Mai 2026, 14:00 Uhr" in letter.text
    assert place in letter.text
    assert "April" not in letter.text
    after = await told_about(office, m.RegistrationChanged, who, starts_at=moved.starts_at)
    await office.answer(after)
    change = await office.only("registration_changed")
    waits = kind is m.RegistrationWaitlisted
    said = "Sie stehen weiter auf der Warteliste." if waits else "Ihre Anmeldung gilt weiter."
    assert said in change.text


async def test_nobody_is_reminded_of_a_day_that_was_moved_since(office: Office) -> None:
    who = await somebody(office)
    late = await told_about(office, m.RegistrationReminded, who)
    office.clock.forward(hours=1)
    words = await told_about(office, m.OccasionChanged, who, starts_at=late.starts_at)
    moved = await told_about(office, m.OccasionChanged, who, subject_version=3)
    again = late.model_copy(update={"event_id": uuid7()})
    await office.answer(words, late)
    assert "25. April 2026" in (await office.only("registration_reminded")).text
    await office.answer(moved, again)
    assert len(await office.letters("registration_reminded")) == 1


async def test_asking_twice_is_answered_with_what_holds(office: Office) -> None:
    who = await somebody(office)
    await office.answer(await told_about(office, m.RegistrationConfirmed, who, again=True))
    assert "Sie waren schon angemeldet" in (await office.only()).text


async def test_a_cancelled_occasion_leaves_calendars_with_its_reason(
    office: Office, mailbox: Mailbox
) -> None:
    who = await somebody(office)
    await office.answer(await told_about(office, m.RegistrationConfirmed, who))
    await office.send()
    mailbox.clear()
    off = await told_about(office, m.OccasionCancelled, who)
    late = await told_about(office, m.RegistrationReminded, who)
    await office.answer(off, await told_about(office, m.RegistrationEnded, who), late)
    await office.send()
    [mail] = mailbox.mails
    assert mail["Subject"] == "Fällt aus: Rundgang durch das Quartier"
    assert str(_date(mail)["STATUS"]) == "CANCELLED"
    assert "Für den Tag ist Sturm angesagt." in (await office.letters())[-1].text


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (m.EndedBecause.WITHDRAWN, "Danke, dass Sie Bescheid gesagt haben."),
        (m.EndedBecause.OFFICE, "Das Büro hat Ihre Anmeldung gelöscht"),
    ],
)
async def test_the_end_of_one_registration_overtakes_what_waits_about_it_and_nothing_else(
    office: Office, because: m.EndedBecause, said: str
) -> None:
    ada, omar = await somebody(office), await somebody(office, "omar@example.org")
    other = uuid7()
    await office.answer(
        await told_about(office, m.RegistrationConfirmed, ada),
        await told_about(office, m.RegistrationReminded, ada),
        await told_about(office, m.RegistrationReminded, omar, registration_id=other),
        await told_about(office, m.RegistrationEnded, ada, because=because),
    )
    states = [(one.address, one.state) for one in await office.letters()]
    assert states == [
        ("ada@example.org", State.OVERTAKEN),
        ("ada@example.org", State.OVERTAKEN),
        ("omar@example.org", State.QUEUED),
        ("ada@example.org", State.QUEUED),
    ]
    assert said in (await office.letters("registration_ended"))[0].text


async def test_who_gave_a_phone_number_only_is_phoned(office: Office) -> None:
    who = Someone(
        await office.service.seals.person(email=None),
        uuid7(),
        Contact(name="Ada Lovelace", email="", phone="0151 234567"),
        "de",
    )
    await office.answer(await told_about(office, m.RegistrationConfirmed, who))
    assert await office.letters() == []


async def test_letters_about_one_registration_are_one_thread(
    office: Office, mailbox: Mailbox
) -> None:
    who = await somebody(office)
    for kind in (m.RegistrationConfirmed, m.RegistrationReminded):
        await office.answer(await told_about(office, kind, who))
        await office.send()
    first, second = mailbox.mails
    assert second["In-Reply-To"] == first["Message-ID"]


async def test_subscribers_of_occasions_are_invited_in_their_language_with_date_and_way_out(
    office: Office, mailbox: Mailbox
) -> None:
    await subscriber(office, "abo@example.org", "occasions")
    await subscriber(office, "omar@example.org", "occasions", "sessions", language="ar")
    await subscriber(office, "nur@example.org", "sessions")
    event = await told_about(office, m.OccasionAnnounced, await somebody(office))
    assert await written(office, event) == {
        "abo@example.org": "occasion_announced",
        "omar@example.org": "occasion_announced",
    }
    await office.send()
    [mail] = mailbox.to("abo@example.org")
    assert mail["List-Id"] == "Veranstaltungen <occasions.stadtteil.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert _date(mail).decoded("DTSTART") == event.starts_at
    [arabic] = mailbox.to("omar@example.org")
    assert arabic["Content-Language"] == "ar, de"
    text = (await office.letters())[0].text
    for words in (
        "Der Weg hat keine Stufen.",
        "So viele Plätze gibt es: 25.",
        "bis Mittwoch, 22. April 2026, 24:00 Uhr, an.",
        f"https://stadtteil.example/termine/{event.occasion_id}",
    ):
        assert words in text


@pytest.mark.parametrize("kind", [m.OccasionChanged, m.OccasionCancelled])
async def test_whoever_registered_and_subscribes_hears_of_a_change_once(
    office: Office, kind: Any
) -> None:
    ada, omar = await somebody(office), await somebody(office, "omar@example.org")
    await office.answer(
        await told_about(office, m.RegistrationConfirmed, ada),
        await told_about(office, m.RegistrationConfirmed, omar, registration_id=uuid7()),
    )
    gone = (await office.letters())[1].recipient
    await office.answer(
        await told_about(
            office,
            m.RegistrationEnded,
            omar,
            registration_id=gone,
            because=m.EndedBecause.WITHDRAWN,
        )
    )
    for address in ("ada@example.org", "omar@example.org", "abo@example.org"):
        await subscriber(office, address, "occasions")
    told = set(await written(office, await told_about(office, kind, ada)))
    assert told == {"omar@example.org", "abo@example.org"}


async def test_new_words_alone_reach_those_who_registered_too(office: Office) -> None:
    ada = await somebody(office)
    await office.answer(await told_about(office, m.RegistrationConfirmed, ada))
    await subscriber(office, "ada@example.org", "occasions")
    same: dict[str, Any] = {"previous_starts_at": None, "previous_place": None}
    event = await told_about(office, m.OccasionChanged, ada, **same)
    assert await written(office, event) == {"ada@example.org": "occasion_changed"}


async def test_a_change_overtakes_older_letters_about_that_occasion_only(office: Office) -> None:
    who = await somebody(office)
    await subscriber(office, "abo@example.org", "occasions")
    first = await told_about(office, m.OccasionAnnounced, who)
    await office.answer(
        first,
        await told_about(office, m.OccasionAnnounced, who, occasion_id=uuid7()),
        await told_about(office, m.OccasionChanged, who),
    )
    assert await office.states("occasion_announced") == [State.OVERTAKEN, State.QUEUED]
    await office.answer(await told_about(office, m.OccasionCancelled, who))
    assert await office.states("occasion_changed") == [State.OVERTAKEN]
    assert await office.states("occasion_cancelled") == [State.QUEUED]


@pytest.mark.parametrize(
    "kind", [m.RegistrationConfirmed, m.RegistrationReminded, m.OccasionAnnounced]
)
async def test_nothing_about_an_occasion_goes_out_once_it_began(
    office: Office, mailbox: Mailbox, kind: Any
) -> None:
    await subscriber(office, "abo@example.org", "occasions")
    await office.send()
    mailbox.clear()
    event = await told_about(office, kind, await somebody(office))
    await office.answer(event)
    office.clock.set(event.starts_at)
    await office.send()
    assert mailbox.mails == []


async def test_how_it_was_comes_afterwards_with_the_public_text(office: Office) -> None:
    await subscriber(office, "abo@example.org", "occasions")
    event = await told_about(
        office, m.OccasionDocumented, await somebody(office), path="/termine/7"
    )
    await office.answer(event)
    letter = await office.only("occasion_documented")
    assert "So viele Menschen waren da: 31." in letter.text
    assert "https://stadtteil.example/termine/7" in letter.text


async def test_a_title_can_neither_become_a_header_nor_markup(
    office: Office, mailbox: Mailbox
) -> None:
    hostile = 'x\r\nBcc: everybody@example.org\r\n\r\n<img src=x> {{ 7*7 }} %(day)s "'
    changes: dict[str, Any] = {"title": hostile, "place": hostile, "reason": hostile}
    ended = await told_about(office, m.RegistrationEnded, await somebody(office), **changes)
    await subscriber(office, "abo@example.org", "occasions")
    event = await told_about(
        office, m.OccasionAnnounced, await somebody(office), title=hostile, text=hostile
    )
    await office.answer(ended, event)
    await office.send()
    for mail in mailbox.mails:
        assert mail["Bcc"] is None
        assert mail.defects == []
    for letter in await office.letters():
        assert "<img" not in letter.html
        assert "\n" not in letter.subject
        if letter.calendar:
            assert "\nBcc:" not in letter.calendar.replace("\r", "")


async def test_occasions_can_be_ordered_and_changed_like_every_topic(
    office: Office, browser: Browser, mailbox: Mailbox
) -> None:
    form = {"topics": "occasions", "email": "anna@example.org", "language": "de"}
    assert "Veranstaltungen: Feste" in (await browser.get("/abo")).text
    assert (await browser.submit("/abo", form)).status_code == 303
    await office.listen_to_itself()
    await office.send()
    letter = await office.only("subscription_confirm")
    assert "Veranstaltungen: Feste, Rundgänge, Werkstätten" in letter.text
