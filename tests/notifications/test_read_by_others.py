"""What others do with our mails: providers that unsubscribe for their users, and mail programs."""

import imaplib
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any, cast

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from services.notifications.domain.subscription import Status, Subscription
from services.notifications.web import create_web
from shared.events.applications import ApplicationWithdrawn
from shared.events.notifications import SubscriptionEnded
from tests.notifications.issues import desk
from tests.notifications.office import Office
from tests.notifications.wire import PARSERS, bodies, caught, headers, post_issue, signing
from tests.support.dovecot import Dovecot
from tests.support.mailbox import Mailbox

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def signs(office: Office) -> Office:
    return signing(office)


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    server = Dovecot(tmp_path)
    try:
        yield server.start()
    finally:
        server.remove()


def _provider(office: Office) -> AsyncClient:
    """Its machine, not its user's browser: no cookie, no origin, no page of ours seen before."""
    return AsyncClient(
        transport=ASGITransport(create_web(office.service)),
        headers={"User-Agent": "Mail-Provider/1.0", "Accept": "*/*"},
        follow_redirects=False,
    )


def _unsubscribe_url(raw: bytes, parser: str) -> str:
    """As RFC 8058 has it: the HTTPS one among those in the header."""
    read = headers(raw, parser)
    assert read["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    [url] = re.findall(r"<(https:[^>]+)>", read["list-unsubscribe"])
    return str(url)


async def _status(office: Office) -> Status:
    async with office.service.db.read() as session:
        return Status((await session.scalars(select(Subscription.status))).one())


async def _caught_letter(office: Office, mailbox: Mailbox) -> bytes:
    await office.subscriber()
    await office.answer(office.session())
    await office.send()
    return caught(mailbox)[-1]


async def _caught_issue(office: Office, mailbox: Mailbox) -> bytes:
    posted = await post_issue(office, mailbox, desk.TEXTS, person_id=await _person(office))
    return posted.raw


async def _person(office: Office) -> Any:
    return await office.service.seals.person(email="leserin1@post1.example")


CAUGHT = pytest.mark.parametrize("catch", [_caught_letter, _caught_issue])


@CAUGHT
@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
async def test_a_provider_unsubscribes_with_one_post_and_again_is_harmless(
    signs: Office, mailbox: Mailbox, catch: Any, parser: str, form: str
) -> None:
    url = _unsubscribe_url(await catch(signs, mailbox), parser)
    sent: dict[str, Any] = {"data": ONE_CLICK}
    if form == "multipart":
        sent = {"files": {name: (None, value) for name, value in ONE_CLICK.items()}}
    async with _provider(signs) as provider:
        answers = [await provider.post(url, **sent) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert await _status(signs) is Status.ENDED
    assert len(await signs.told(SubscriptionEnded)) == 1


@CAUGHT
async def test_a_scanner_that_opens_every_link_ends_nothing(
    signs: Office, mailbox: Mailbox, catch: Any
) -> None:
    raw = await catch(signs, mailbox)
    text, html = bodies(raw, "email")
    links = set(re.findall(r"https://stadtteil\.example[^\s\"'<>]*", text + html))
    links.add(_unsubscribe_url(raw, "email"))
    assert len(links) > 2
    async with _provider(signs) as scanner:
        for link in links:
            for method in ("GET", "HEAD"):
                answer = await scanner.request(method, link.replace("&amp;", "&"))
                assert answer.status_code < 500
    assert await _status(signs) is Status.CONFIRMED
    assert await signs.told(SubscriptionEnded) == []


@CAUGHT
async def test_a_link_somebody_made_up_ends_nothing(
    signs: Office, mailbox: Mailbox, catch: Any
) -> None:
    url = _unsubscribe_url(await catch(signs, mailbox), "email")
    async with _provider(signs) as provider:
        for forged in (url[:-4] + "AAAA", url.replace("/abmelden/", "/verwalten/")):
            answer = await provider.post(forged, data=ONE_CLICK)
            assert answer.status_code in {403, 404, 422}, forged
    assert await _status(signs) is Status.CONFIRMED


class Reader:
    """The standard library's IMAP client in front of dovecot."""

    def __init__(self, server: Dovecot) -> None:
        self.imap = imaplib.IMAP4(server.host, server.port)
        self.imap.login(server.user, server.password)
        self.imap.select("INBOX")

    def fetched(self, number: int) -> bytes:
        said = self._ok(self.imap.fetch(str(number), "(BODY.PEEK[])"))
        return bytes(cast(tuple[bytes, bytes], said[0])[1])

    def found(self, *criteria: str) -> list[int]:
        return [int(number) for number in self._ok(self.imap.search(None, *criteria))[0].split()]

    def structure(self, number: int) -> str:
        return bytes(self._ok(self.imap.fetch(str(number), "(BODYSTRUCTURE)"))[0]).decode()

    def envelope(self, number: int) -> str:
        """Dovecot's own reading of the headers."""
        said = self._ok(self.imap.fetch(str(number), "(ENVELOPE)"))
        parts = [part if isinstance(part, bytes) else b" ".join(part) for part in said]
        return b" ".join(parts).decode()

    def threads(self) -> str:
        return bytes(self._ok(self.imap.thread("REFERENCES", "UTF-8", "ALL"))[0]).decode()

    @staticmethod
    def _ok(said: tuple[str, list[Any]]) -> list[Any]:
        assert said[0] == "OK", said
        return said[1]


def _decoded(envelope: str) -> str:
    return str(make_header(decode_header(envelope)))


async def test_mails_read_in_dovecot_are_the_mails_we_sent(
    signs: Office, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    case = await signs.case()
    signs.clock.forward(minutes=5)
    await signs.answer(await signs.sample(ApplicationWithdrawn, case))
    await signs.subscriber(language="ar")
    await signs.answer(signs.session())
    await signs.send()
    await post_issue(signs, mailbox, {"de": desk.GERMAN, "ar": desk.ARABIC}, name="Jörg Ĵĥ")
    theirs = [
        raw
        for raw in caught(mailbox)
        if headers(raw, "email")["to"][0][1] != "buero@stadtteil.example"
    ]
    raws = sorted(theirs, key=lambda raw: str(headers(raw, "email").get("list-id", "")))
    for raw in raws:
        dovecot.deliver(raw)
    reader = Reader(dovecot)
    assert reader.found("ALL") == [1, 2, 3, 4]
    for number, raw in enumerate(raws, 1):
        assert reader.fetched(number) == raw
        sent, seen = headers(raw, "email"), _decoded(reader.envelope(number))
        assert sent["message-id"] in seen
        assert sent["subject"] in seen
        assert sent["to"][0][0] in seen
        structure = reader.structure(number).lower()
        assert '("text" "plain" ("charset" "utf-8") nil nil "quoted-printable"' in structure
        assert '("text" "html" ("charset" "utf-8") nil nil "quoted-printable"' in structure
    assert reader.found("HEADER", "List-Id", "newsletter.stadtteil.example") == [3]
    assert reader.found("HEADER", "List-Unsubscribe-Post", "List-Unsubscribe=One-Click") == [3, 4]
    assert reader.found("HEADER", "Auto-Submitted", "auto-generated") == [1, 2]
    assert reader.threads().startswith("(1 2)"), "one thread a case"
    reader.imap.logout()
