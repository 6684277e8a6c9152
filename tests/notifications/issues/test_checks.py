"""What is looked at before an issue goes out, and what may not."""

import asyncio
import http.server
import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from services.notifications.issues import checks, reachable
from services.notifications.issues.blocks import Trouble
from services.notifications.issues.checks import ADVICE, Fault, Finding
from services.notifications.issues.reachable import Reached
from services.notifications.pages import editor_words
from shared.service import Service
from shared.web.access import Role
from tests.notifications.feeds.conftest import cancelled
from tests.notifications.issues.desk import ARABIC, GERMAN, draft, enrol_many, issue
from tests.notifications.issues.writers import DESK, change, festival, host, session_on, tell

ORIGIN = "https://stadtteil.example"


async def asked_nobody(origin: str, urls: Collection[str]) -> Mapping[str, Reached]:
    return dict.fromkeys(urls, Reached.YES)


async def found(
    service: Service, issue_id: UUID, ask: reachable.Ask = asked_nobody
) -> list[Finding]:
    one = await issue(service, issue_id)
    async with service.db.read() as session:
        return list(await checks.findings(session, service, one, ask=ask))


async def faults(service: Service, body: str = "Text", **changed: Any) -> set[Fault]:
    """Of a newsletter with one reader and this German text."""
    await enrol_many(service, 1)
    subject, first_line = changed.get("subject", GERMAN[0]), changed.get("first_line", GERMAN[1])
    issue_id = await draft(service, texts={"de": (subject, first_line, body)})
    return {one.fault for one in await found(service, issue_id)}


async def test_a_whole_newsletter_has_nothing_to_mend(notifications: Service) -> None:
    digest = await host(notifications)
    body = f"[Fest](/termine/1)\n\n![Bank](/bilder/{digest})\n\n![](/bilder/{digest} 'Schmuck')"
    assert await faults(notifications, body) == set()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("[x](javascript:alert(1))", Fault.LINK_REFUSED),
        ("[x](//evil.example)", Fault.LINK_REFUSED),
        ("[x](http://www.example.org)", Fault.LINK_HTTP),
        ("[x](www.example.org)", Fault.LINK_HTTP),
        ("[](https://www.example.org)", Fault.LINK_WITHOUT_WORDS),
        ("![Bild](https://evil.example/x.png)", Fault.PICTURE_FOREIGN),
        (f"![Bild](/bilder/{'0' * 64})", Fault.PICTURE_UNKNOWN),
        ("a \ue000", Fault.STRANGE_CHARACTERS),
        ("Jetzt kaufen und GEWINN sichern", Fault.SPAM_WORDS),
        ("Click here", Fault.SPAM_WORDS),
        ("x" * 110_000, Fault.TOO_LARGE),
        ("", Fault.EMPTY),
    ],
)
async def test_what_is_wrong_with_a_text_is_found(
    notifications: Service, body: str, fault: Fault
) -> None:
    assert await faults(notifications, body) == {fault}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"subject": " "}, Fault.NO_SUBJECT),
        ({"subject": "Winter " * 12}, Fault.LONG_SUBJECT),
        ({"subject": "ACHTUNG!!! Fest"}, Fault.SHOUTING),
        ({"first_line": ""}, Fault.NO_FIRST_LINE),
        ({"first_line": "x" * 141}, Fault.LONG_FIRST_LINE),
    ],
)
async def test_what_is_wrong_with_the_first_words_is_found(
    notifications: Service, changed: dict[str, str], fault: Fault
) -> None:
    assert await faults(notifications, **changed) == {fault}


async def test_a_picture_without_words_blocks_unless_it_is_decoration(
    notifications: Service,
) -> None:
    digest = await host(notifications)
    assert await faults(notifications, f"![](/bilder/{digest})") == {Fault.PICTURE_WITHOUT_ALT}
    assert Fault.PICTURE_WITHOUT_ALT not in ADVICE


async def test_readers_whose_language_is_missing_are_counted(notifications: Service) -> None:
    await enrol_many(notifications, 1)
    await enrol_more(notifications, 2, "ar")
    issue_id = await draft(notifications)
    [missing] = await found(notifications, issue_id)
    assert (missing.fault, missing.language, missing.facts) == (
        Fault.MISSING_LANGUAGE,
        "ar",
        {"count": 2},
    )
    assert not missing.blocks
    whole = await draft(notifications, texts={"de": GERMAN, "ar": ARABIC})
    assert await found(notifications, whole) == []
    half = await draft(notifications, texts={"de": GERMAN, "ar": ("", "", ARABIC[2])})
    assert {one.fault for one in await found(notifications, half)} >= {Fault.NO_SUBJECT}


async def enrol_more(service: Service, count: int, language: str) -> None:
    from tests.notifications.issues.desk import enrol, reader

    at = service.clock.now()
    rows = [reader(100 + number, at, language=language) for number in range(count)]
    await enrol(service, rows)


async def test_without_german_and_without_readers_nothing_goes_out(
    notifications: Service,
) -> None:
    issue_id = await draft(notifications, texts={"ar": ARABIC})
    blocking = {one.fault for one in await found(notifications, issue_id) if one.blocks}
    assert blocking == {Fault.NO_GERMAN, Fault.NO_READERS}


async def test_news_that_are_not_true_any_more_block(notifications: Service) -> None:
    await enrol_many(notifications, 1)
    meeting, fest = session_on(notifications), festival(notifications)
    await tell(notifications, meeting, fest)
    issue_id = await draft(notifications)
    ids = [str(meeting.event_id), str(fest.event_id), str(uuid4())]
    await change(notifications, issue_id, blocks=[{"event_id": one} for one in ids])
    await tell(notifications, cancelled(meeting, version=2))
    assert [(one.fault, one.blocks) for one in await found(notifications, issue_id)] == [
        (Fault.NEWS_OVERTAKEN, True),
        (Fault.NEWS_REMOVED, True),
    ]


async def test_links_to_our_own_pages_are_asked_and_others_never(notifications: Service) -> None:
    asked: list[str] = []

    async def ask(origin: str, urls: Collection[str]) -> Mapping[str, Reached]:
        asked.extend(urls)
        answers = (Reached.GONE, Reached.SIGN_IN, Reached.UNKNOWN, Reached.YES)
        return dict(zip(sorted(urls), answers, strict=False))

    await enrol_many(notifications, 1)
    body = "[a](/a) [b](/b) [c](/c) [d](/d) [x](https://x.example/)"
    issue_id = await draft(notifications, texts={"de": (*GERMAN[:2], body)})
    told = await found(notifications, issue_id, ask)
    assert [(one.fault, one.facts["link"], one.blocks) for one in told] == [
        (Fault.LINK_GONE, "/a", True),
        (Fault.LINK_SIGN_IN, "/b", False),
        (Fault.LINK_UNKNOWN, "/c", False),
    ]
    assert {url for url in asked if url.startswith(ORIGIN)} == {f"{ORIGIN}/{x}" for x in "abcd"}


class Answers(http.server.BaseHTTPRequestHandler):
    """A server that notes what it is asked for."""

    asked: ClassVar[list[tuple[str, str, str | None]]]

    def do_HEAD(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Cookie")))
        status = {"/da": 200, "/weg": 404, "/vorbei": 410, "/um": 303, "/aus": 302, "/kaputt": 500}
        self.send_response(status.get(self.path.split("?")[0], 404))
        if self.path == "/um":
            self.send_header("Location", "/anmelden?weiter=/um")
        if self.path == "/aus":
            self.send_header("Location", "http://169.254.169.254/")
        self.end_headers()

    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    class Noting(Answers):
        asked: ClassVar[list[tuple[str, str, str | None]]] = []

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}", Noting.asked
        running.shutdown()


async def test_our_own_server_says_what_there_is_and_nobody_else_is_asked(
    server: tuple[str, list[tuple[str, str, str | None]]],
) -> None:
    origin, asked = server
    paths = ("/da?a=1#b", "/weg", "/vorbei", "/um", "/aus", "/kaputt")
    foreign = (
        f"{origin}.evil.example/",
        "http://127.0.0.1:1/",
        "https://x.example/",
        f"{origin}@x",
    )
    told = await reachable.ask(origin, [*(origin + path for path in paths), *foreign])
    assert [told[origin + path] for path in paths] == [
        Reached.YES, Reached.GONE, Reached.GONE, Reached.SIGN_IN, Reached.YES, Reached.UNKNOWN,
    ]  # fmt: skip
    assert not set(foreign) & told.keys()
    assert sorted(asked) == sorted([("HEAD", path, None) for path in ("/da?a=1", *paths[1:])]), (
        "once each, no redirect followed, no cookie"
    )


async def test_a_server_that_says_nothing_is_waited_for_only_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reachable, "ONE_SECONDS", 0.2)
    silent = await asyncio.start_server(lambda r, w: asyncio.sleep(5), "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    async with asyncio.timeout(3):
        told = await reachable.ask(origin, [f"{origin}/a", f"{origin}/b"])
    silent.close()
    assert set(told.values()) == {Reached.UNKNOWN}


async def test_the_page_lists_every_check_and_leads_to_where_it_is_mended(
    notifications: Service, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_id = await draft(
        notifications,
        texts={
            "de": ("", "", "[<b>x](javascript:1)"),
            "ar": ("س", "س", "![](https://e.example/x)"),
        },
    )
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(f"{DESK}/{issue_id}/pruefen")).text
        assert page.count('class="bu-check') - page.count("bu-checks") == len(checks.Check)
        assert f'href="{DESK}/{issue_id}?sprache=de#subject"' in page
        assert f'href="{DESK}/{issue_id}?sprache=ar#other_body"' in page
        assert "Das ist noch zu tun" in page and "Weiter zum Versenden" not in page
        assert "javascript:1" in page and 'href="javascript' not in page
        await enrol_many(notifications, 1)
        ready = await draft(notifications)
        page = (await browser.get(f"{DESK}/{ready}/pruefen")).text
        assert "Es kann hinausgehen" in page and f'href="{DESK}/{ready}/versenden"' in page
    async with signed_in(Role.AUDITOR) as browser:
        page = (await browser.get(f"{DESK}/{issue_id}/pruefen")).text
        assert "#other_body" not in page


def test_every_fault_and_check_has_its_words() -> None:
    assert set(editor_words.FAULT) == set(Fault)
    assert set(editor_words.CHECK) == set(checks.Check)
    assert set(editor_words.TROUBLE) == set(Trouble)
