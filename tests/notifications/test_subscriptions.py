"""Ordering, saying yes, changing and ending: only the owner of an address decides."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.notifications.domain.letter import Reason, State
from services.notifications.domain.subscription import Consent, Status, Subscription
from services.notifications.store import TABLES
from services.notifications.timers import TIMERS
from shared.clock import SetClock
from shared.events.applications import NewsletterRequested
from shared.events.notifications import (
    SubscriptionConfirmed,
    SubscriptionEnded,
    SubscriptionRequested,
)
from shared.worker import Worker, settle
from tests.notifications.office import Office
from tests.support.browser import Browser
from tests.support.mailbox import Mailbox

FORM = {"topics": "sessions", "email": "anna@example.org", "language": "de"}


async def _order(browser: Browser, office: Office, **changed: str) -> str:
    """Fill in the form; what the page then says."""
    answer = await browser.submit("/abo", FORM | changed)
    assert answer.status_code == 303, answer.text
    await office.listen_to_itself()
    return (await browser.get(answer.headers["location"])).text


def _path(mail: Any, purpose: str) -> str:
    found = re.search(rf"https://stadtteil\.example(/abo/{purpose}/\S+)", _text(mail))
    assert found, _text(mail)
    return found[1]


def _text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def _subscription(office: Office) -> Subscription | None:
    async with office.service.db.read() as session:
        return await session.scalar(select(Subscription))


async def _confirmed(browser: Browser, office: Office, mailbox: Mailbox) -> None:
    await _order(browser, office)
    await office.send()
    await browser.submit(_path(mailbox.mails[-1], "bestaetigen"))
    mailbox.clear()


async def test_only_a_yes_from_the_mailbox_makes_a_subscription(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _order(browser, office)
    await office.send()
    [question] = mailbox.mails
    assert question["To"] == "anna@example.org"
    assert "Sitzungen: Termine, Tagesordnungen, Protokolle" in _text(question)
    path = _path(question, "bestaetigen")
    for _ in range(2):
        page = await browser.get(path)
        assert (page.status_code, page.text.count('type="submit"')) == (200, 1)
    assert await office.told(SubscriptionConfirmed) == [], "a scanner's GET says yes for nobody"
    await office.answer(office.session())
    assert await office.letters("session_scheduled") == []

    assert (await browser.submit(path)).status_code == 303
    [event] = await office.told(SubscriptionConfirmed)
    assert event.topics == ["sessions"]
    await office.answer(office.session())
    assert len(await office.letters("session_scheduled")) == 1


async def test_saying_yes_twice_changes_nothing(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _order(browser, office)
    await office.send()
    path = _path(mailbox.mails[0], "bestaetigen")
    assert [(await browser.submit(path)).status_code for _ in range(2)] == [303, 303]
    assert len(await office.told(SubscriptionConfirmed)) == 1


async def test_an_old_question_brings_nobody_back_who_has_left_since(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _order(browser, office)
    await office.send()
    path = _path(mailbox.mails[0], "bestaetigen")
    await browser.submit(path)
    subscription = await _subscription(office)
    assert subscription
    await _end(browser, office, subscription.id)
    for answer in (await browser.get(path), await browser.submit(path, on="/abo")):
        assert answer.status_code == 200
        assert "Sie sind abgemeldet" in answer.text
        assert "Ja, ich will diese E-Mails" not in answer.text
    assert "Ab jetzt bekommen Sie" not in (await browser.get("/abo")).text
    assert len(await office.told(SubscriptionConfirmed)) == 1


async def test_ordering_once_more_keeps_the_name(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await office.answer(await office.link_event(NewsletterRequested))
    await office.send()
    await browser.submit(_path(mailbox.mails[-1], "bestaetigen"))
    await _order(browser, office, email="ada@example.org")
    await office.send()
    await browser.submit(_path(mailbox.mails[-1], "bestaetigen"))
    subscription = await _subscription(office)
    assert subscription
    assert subscription.topics == ["newsletter", "sessions"]
    assert subscription.name == "Ada Lovelace"


async def test_the_proof_of_consent_keeps_the_very_words(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    asked = clock.now()
    await _order(browser, office)
    await office.send()
    clock.forward(hours=1)
    await browser.submit(_path(mailbox.mails[0], "bestaetigen"))
    async with office.service.db.read() as session:
        consent = (await session.scalars(select(Consent))).one()
    page = (await browser.get("/abo")).text
    for words in consent.text.split(" · "):
        assert words in page
    assert (consent.form, consent.language) == ("/abo", "de")
    assert (consent.asked_at, consent.confirmed_at) == (asked, clock.now())
    assert "anna" not in str(consent.contact)


async def test_the_answer_never_tells_whether_an_address_is_known(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    new = await _order(browser, office)
    known = await _order(browser, office)
    await _confirmed(browser, office, mailbox)
    subscribed = await _order(browser, office)
    assert new == known == subscribed


async def test_nobody_can_flood_a_mailbox_with_questions(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    for _ in range(5):
        await _order(browser, office)
    await office.send()
    assert len(mailbox.mails) == 3


async def test_an_order_without_topic_or_address_is_explained_and_kept(browser: Browser) -> None:
    answer = await browser.submit("/abo", {"email": "anna(at)example.org", "language": "ar"})
    assert answer.status_code == 422
    assert "anna(at)example.org" in answer.text
    assert 'id="topics"' in answer.text
    assert '<option value="ar" selected>' in answer.text
    assert "Fehler" in answer.text


async def test_an_unconfirmed_address_is_deleted_after_14_days(
    browser: Browser, office: Office, clock: SetClock
) -> None:
    await _order(browser, office)
    await _settled(office)
    assert await _subscription(office)
    clock.forward(days=14, seconds=1)
    await _settled(office)
    assert await _subscription(office) is None


async def test_a_link_older_than_14_days_leads_to_a_fresh_order(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await _order(browser, office)
    await office.send()
    clock.forward(days=14)
    path = _path(mailbox.mails[0], "bestaetigen")
    for answer in (await browser.get(path), await browser.submit(path, on="/abo")):
        assert answer.status_code == 410
        assert 'href="/abo"' in answer.text
    assert await office.told(SubscriptionConfirmed) == []


async def test_a_forged_link_opens_nothing(browser: Browser, office: Office) -> None:
    await office.subscriber()
    for purpose, status in (("bestaetigen", 410), ("verwalten", 404), ("abmelden", 404)):
        assert (await browser.get(f"/abo/{purpose}/AAAA")).status_code == status
    assert await office.told(SubscriptionEnded) == []


async def test_topics_and_language_change_by_link_without_a_password(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _confirmed(browser, office, mailbox)
    await office.answer(office.session())
    await office.send()
    path = _path(mailbox.mails[0], "verwalten")
    page = (await browser.get(path)).text
    assert "a•••@example.org" in page
    assert "anna@example.org" not in page
    refused = await browser.submit(path, {"language": "ar"})
    assert refused.status_code == 422
    assert (await browser.submit(path, {"topics": "sessions", "language": "ar"})).status_code == 303
    mailbox.clear()
    await office.answer(office.session())
    await office.send()
    assert mailbox.mails[0]["Content-Language"] == "ar, de"


async def test_one_post_without_cookies_ends_it_and_again_is_harmless(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _confirmed(browser, office, mailbox)
    await office.answer(office.session())
    await office.send()
    url = mailbox.mails[0]["List-Unsubscribe"].strip("<>")
    for _ in range(2):
        page = await browser.get(url)
        assert (page.status_code, page.text.count('type="submit"')) == (200, 1)
    assert await office.told(SubscriptionEnded) == [], "a scanner's GET ends nothing"

    browser.cookies.clear()
    browser.headers.pop("Sec-Fetch-Site")
    for _ in range(2):
        answer = await browser.post(url, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert len(await office.told(SubscriptionEnded)) == 1
    subscription = await _subscription(office)
    assert subscription
    assert (subscription.status, subscription.address, subscription.name) == (
        Status.ENDED,
        None,
        "",
    )


async def test_a_goodbye_comes_once_and_then_nothing(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _confirmed(browser, office, mailbox)
    await office.answer(office.session())
    await office.send()
    await browser.submit(_path(mailbox.mails[0], "verwalten").replace("verwalten", "abmelden"))
    end = (await browser.get(_path(mailbox.mails[0], "verwalten"))).text
    await browser.post(re.findall(r'action="(/abo/abmelden/[^"]+)"', end)[0])
    mailbox.clear()
    await office.listen_to_itself()
    await office.answer(office.session())
    await office.send()
    [goodbye] = mailbox.mails
    assert goodbye["Subject"] == "Sie sind abgemeldet"
    assert goodbye["List-Unsubscribe"] is None


async def test_a_letter_still_waiting_is_held_back_when_somebody_unsubscribes(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    await _confirmed(browser, office, mailbox)
    await office.answer(office.session())
    letter = await office.only("session_scheduled")
    assert letter.unsubscribe_url
    await browser.post(letter.unsubscribe_url)
    letter = await office.only("session_scheduled")
    assert (letter.state, letter.reason) == (State.SUPPRESSED, Reason.UNSUBSCRIBED)
    await office.send()
    assert mailbox.mails == []


async def test_the_newsletter_box_of_an_application_asks_first(
    browser: Browser, office: Office, mailbox: Mailbox
) -> None:
    ticked = await office.link_event(NewsletterRequested)
    await office.answer(ticked)
    await office.send()
    [question] = mailbox.mails
    assert question["To"] == "Ada Lovelace <ada@example.org>"
    assert "Rundbrief" in _text(question)
    [event] = await office.told(SubscriptionRequested)
    assert event.topics == ["newsletter"]
    await browser.submit(_path(question, "bestaetigen"))
    subscription = await _subscription(office)
    assert subscription
    assert (subscription.topics, subscription.name) == (["newsletter"], "Ada Lovelace")


async def test_the_proof_goes_when_it_is_long_over(
    browser: Browser, office: Office, mailbox: Mailbox, clock: SetClock
) -> None:
    await _confirmed(browser, office, mailbox)
    subscription = await _subscription(office)
    assert subscription
    await _end(browser, office, subscription.id)
    clock.forward(days=3 * 365)
    await _settled(office)
    assert await _subscription(office)
    clock.forward(days=10)
    await _settled(office)
    async with office.service.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Consent)) == 0


async def _end(browser: Browser, office: Office, subscription_id: UUID) -> None:
    from services.notifications.links import Purpose, url

    await browser.post(url(office.service.settings, Purpose.UNSUBSCRIBE, subscription_id))


async def _settled(office: Office) -> None:
    await settle(Worker(office.service, TABLES, answers={}, timers=TIMERS))


def test_three_years_are_three_years() -> None:
    from services.notifications.commands.subscriptions import PROOF_KEPT

    assert timedelta(days=3 * 365) < PROOF_KEPT < timedelta(days=3 * 367)
