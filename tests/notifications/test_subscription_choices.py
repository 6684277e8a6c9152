"""What subscribers can tick: shown, kept as proof, and obeyed by every letter."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications import addressbook
from services.notifications.commands import subscriptions as commands
from services.notifications.domain.letter import Reason, State, Suppression
from services.notifications.domain.subscription import Choices, Consent, Frequency, Subscription
from services.notifications.letters import many, queue
from services.notifications.letters.kinds import KINDS
from services.notifications.letters.rendering import write
from services.notifications.pages import words
from shared.events import applications as a
from shared.events import meetings as m
from shared.events.people import PersonErasedByNotifications
from tests.notifications.board import somebody, told_about
from tests.notifications.office import Office
from tests.notifications.readers import DAILY, heard, reader, rows_agree
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

FORM = {
    "topics": ["decisions", "occasions", "press"],
    "fields": ["education", "building"],
    "occasion_kinds": ["walk"],
    "frequency": "weekly",
    "email": "anna@example.org",
    "language": "de",
}
ALL_TOPICS = ("sessions", "occasions", "decisions", "newsletter", "press")
DECISIONS = ("decision_granted", "decision_rejected", "decision_resolved")


async def _subscription(office: Office) -> Subscription:
    async with office.service.db.read() as session:
        return (await session.scalars(select(Subscription))).one()


async def _asked(browser: Browser, office: Office, mailbox: Mailbox, **changed: Any) -> str:
    """Fill in the form; the way to the page with the button."""
    answer = await browser.submit("/abo", FORM | changed)
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[:300]
    await office.listen_to_itself()
    await office.send()
    [question] = mailbox.mails
    found = re.search(r"/abo/bestaetigen/\S+", _text(question))
    assert found
    return found[0]


def _text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def test_every_topic_is_offered_and_every_one_of_them_produces_letters(
    browser: Browser,
) -> None:
    page = (await browser.get("/abo")).text
    assert set(words.TOPIC) == set(ALL_TOPICS)
    for topic in ALL_TOPICS:
        assert f'name="topics" value="{topic}"' in page
    issues = {"newsletter", "press"}
    assert {kind.topic for kind in KINDS.values()} >= set(ALL_TOPICS) - issues


async def test_what_was_ticked_stands_on_the_page_in_the_letter_and_in_the_proof(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    path = await _asked(browser, office, mailbox)
    said = ("Bildung", "Wohnen und Grün", "Rundgänge", "Mitteilungen für die Presse")
    page, form = (await browser.get(path)).text, (await browser.get("/abo")).text
    letter = (await office.only("subscription_confirm")).text
    async with office.service.db.read() as session:
        consent = (await session.scalars(select(Consent))).one()
    for sentence in said:
        assert sentence in page
        assert sentence in letter
        assert sentence in consent.text
    assert "Einmal in der Woche, am Donnerstag um 17 Uhr" in page
    assert "einmal in der Woche, am Donnerstag um 17 Uhr" in letter
    for part in consent.text.split(" · "):
        assert part in form, "word by word as it stood there"
    assert consent.choices == {
        "fields": ["building", "education"],
        "occasion_kinds": ["walk"],
        "frequency": "weekly",
    }
    await browser.submit(path)
    kept = await _subscription(office)
    assert (kept.topics, kept.fields) == (sorted(FORM["topics"]), ["building", "education"])
    assert (kept.occasion_kinds, kept.frequency) == (["walk"], Frequency.WEEKLY)


async def test_the_preference_page_shows_and_changes_everything(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    answer = await browser.submit(await _asked(browser, office, mailbox))
    manage = answer.headers["location"]
    page = (await browser.get(manage)).text
    for value in ("education", "building", "walk", "weekly", "press"):
        assert re.search(rf'value="{value}"[^>]* checked', page), value
    assert not re.search(r'value="festival"[^>]* checked', page)
    changed = {"topics": ["sessions"], "frequency": "daily", "language": "en"}
    assert (await browser.submit(manage, changed)).status_code == 303
    kept = await _subscription(office)
    assert (kept.topics, kept.frequency, kept.language) == (["sessions"], DAILY, "en")
    await rows_agree(office)


_NONSENSE = (
    ("topics", "weather"),
    ("fields", "no-such"),
    ("fields", "'; DROP TABLE"),
    ("occasion_kinds", "war"),
    ("frequency", "hourly"),
    ("language", "xx"),
)


async def test_nonsense_is_answered_next_to_its_field(browser: Browser) -> None:
    for n, (name, value) in enumerate(_NONSENSE):
        typed = FORM | {"email": f"anna{n}@example.org", name: value}
        answer = await browser.submit("/abo", typed)
        assert answer.status_code == 422, name
        assert f'href="#{name}' in answer.text, name


async def test_a_field_is_offered_once_an_event_has_named_it(
    browser: Browser, office: Office
) -> None:
    assert 'value="garden"' not in (await browser.get("/abo")).text
    case = await office.case()
    await office.answer(await office.sample(a.GrantReserved, case, field_of_action="garden"))
    assert 'value="garden"' in (await browser.get("/abo")).text


async def test_a_second_order_adds_topics_and_leaves_the_rest(office: Office) -> None:
    await reader(office, "a@example.org", "decisions", fields=["education"], frequency=DAILY)
    await reader(office, "a@example.org", "newsletter")
    kept = await _subscription(office)
    assert (kept.topics, kept.fields) == (["decisions", "newsletter"], ["education"])
    assert kept.frequency == DAILY
    await rows_agree(office)


async def test_topics_and_their_rows_are_the_same_whatever_happens(office: Office) -> None:
    anna = await reader(office, "a@example.org", "sessions", "press")
    bo = await reader(office, "b@example.org", *ALL_TOPICS)
    await rows_agree(office)
    at = office.clock.now()
    async with office.service.db.begin() as session:
        chosen = Choices(topics=["newsletter", "occasions"])
        await commands.change(session, office.service, bo.id, chosen, language="de", at=at)
    await rows_agree(office)
    await reader(office, "a@example.org", "occasions")
    await rows_agree(office)
    async with office.service.db.begin() as session:
        await commands.end(session, office.service, anna.id, at=at)
    await rows_agree(office)
    await reader(office, "a@example.org", "newsletter")
    await rows_agree(office)
    ids = await office.service.seals.erase(bo.person_id)
    erased = PersonErasedByNotifications(at=at, person_id=bo.person_id, person_ids=ids)
    await office.answer(erased)
    await rows_agree(office)
    async with office.service.db.read() as session:
        kept: dict[str, list[str]] = {topic: [] for topic in ALL_TOPICS}
        for topic, found in kept.items():
            async for some in addressbook.subscribers(session, topic):
                found += [to.address for to in some]
    assert {topic for topic, found in kept.items() if found} == {"newsletter"}


async def test_readers_come_in_pieces_each_once(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(addressbook, "AT_A_TIME", 3)
    for n in range(8):
        await reader(office, f"r{n}@example.org", "sessions")
    sizes, found = [], []
    async with office.service.db.read() as session:
        async for some in addressbook.subscribers(session, "sessions"):
            sizes.append(len(some))
            found += [to.address for to in some]
    assert sizes == [3, 3, 2]
    assert sorted(found) == [f"r{n}@example.org" for n in range(8)]
    await office.answer(office.session())
    assert len(await office.letters("session_scheduled")) == 8


async def test_kinds_of_occasion_are_obeyed(office: Office) -> None:
    await reader(office, "alle@example.org", "occasions")
    await reader(office, "gehen@example.org", "occasions", occasion_kinds=["walk"])
    await reader(office, "feiern@example.org", "occasions", occasion_kinds=["festival"])
    feast = await told_about(office, m.OccasionAnnounced, await somebody(office))
    await office.answer(feast.model_copy(update={"kind": m.OccasionKind.FESTIVAL}))
    told = await heard(office, ("occasion_announced",))
    assert set(told) == {"alle@example.org", "feiern@example.org"}


async def test_fields_of_action_are_obeyed_and_narrow_no_session(office: Office) -> None:
    topics = ("decisions", "sessions")
    await reader(office, "alle@example.org", *topics)
    await reader(office, "bildung@example.org", *topics, fields=["education"])
    await reader(office, "bauen@example.org", *topics, fields=["building"])
    case = await office.case()
    granted = await office.sample(a.GrantReserved, case, field_of_action="education")
    await office.answer(office.session(), granted)
    assert set(await heard(office, DECISIONS)) == {"alle@example.org", "bildung@example.org"}
    assert len(await office.letters("session_scheduled")) == 3
    letter = (await office.letters("decision_granted"))[0]
    assert "Bildung" in letter.text
    assert "650,00" in letter.subject


async def test_a_decision_is_told_to_the_applicant_in_one_letter_only(office: Office) -> None:
    await reader(office, "ada@example.org", "decisions")
    await reader(office, "bo@example.org", "decisions")
    case = await office.case()
    await office.answer(await office.sample(a.ApplicationRejected, case))
    told = await heard(office, ("application_rejected", *DECISIONS))
    assert told == {
        "ada@example.org": ["application_rejected"],
        "bo@example.org": ["decision_rejected"],
    }


async def test_a_resolution_of_its_own_is_told_and_a_vote_about_money_not_twice(
    office: Office,
) -> None:
    await reader(office, "alle@example.org", "decisions")
    await reader(office, "bildung@example.org", "decisions", fields=["education"])
    sample = await told_about(office, m.ResolutionRecorded, await somebody(office))
    await office.answer(sample)
    assert await heard(office, DECISIONS) == {}
    own = {"motion": m.Motion.RESOLVE, "application_id": None, "title": "Sommerpause"}
    ids = {"event_id": uuid7(), "resolution_id": uuid7()}
    resolved = sample.model_copy(update=own | ids | {"text": "Keine Sitzung\nim Juli."})
    await office.answer(resolved, resolved)
    assert await heard(office, DECISIONS) == {"alle@example.org": ["decision_resolved"]}
    letter = await office.only("decision_resolved")
    assert letter.subject == "Beschlossen: Sommerpause"
    assert "Keine Sitzung\nim Juli." in letter.text


async def test_a_letter_about_money_that_came_to_nothing_is_overtaken(office: Office) -> None:
    await reader(office, "alle@example.org", "decisions")
    for ended in (a.GrantRevoked, a.GrantLapsed, a.GrantDeclined):
        case = await office.case()
        await office.answer(await office.sample(a.GrantReserved, case))
        await office.answer(await office.sample(ended, case))
    assert await office.states("decision_granted") == [State.OVERTAKEN] * 3


async def test_who_confirms_again_is_held_back_no_longer(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    path = await _asked(browser, office, mailbox)
    address_hash = office.service.seals.address_hash("anna@example.org")
    async with office.service.db.begin() as session:
        session.add(
            Suppression(address_hash=address_hash, at=office.clock.now(), reason=Reason.ADDRESS)
        )
    await browser.get(path)
    async with office.service.db.read() as session:
        assert await session.get(Suppression, address_hash), "looking is no proof"
    await browser.submit(path)
    async with office.service.db.read() as session:
        assert await session.get(Suppression, address_hash) is None


async def test_rendered_once_or_each_for_itself_a_letter_is_the_same(office: Office) -> None:
    """What people are called cannot become markup, and no fact can fill a reader's place."""
    service, facts = office.service, dict[str, Any](_announced())
    press = many.Subscribed(service, queue.brand_of(service.settings.brand_file))
    for n, name in enumerate(
        ("", "Ada  Lovelace", "<b>\"Ö'</b>", "سميرة", f"{many.MANAGE[:9]}{{}}")
    ):
        subscriber = await reader(office, f"r{n}@example.org", "sessions", name=name)
        for language in ("de", "ar"):
            known = addressbook.as_recipient(subscriber)
            assert known is not None
            to = replace(known, language=language)
            ours, end = press.written(KINDS["session_scheduled"], to, facts)
            manage = end.replace("/abmelden/", "/verwalten/").rpartition("/")[0]
            found = re.search(rf"{manage}/\S+", ours.text)
            assert found
            alone = write(
                "session_scheduled",
                language=to.language,
                name=name,
                brand=press.brand,
                origin=service.settings.origin,
                facts=facts | {"unsubscribe_url": end, "manage_url": found[0]},
            )
            assert ours == alone


def _announced() -> dict[str, Any]:
    from tests.letters.samples import APPOINTMENT

    return APPOINTMENT | {"note": f"{many.NAME[:5]} \ue000 {{{{ name }}}}"}
