"""The pipelined transaction with odd servers: every reply belongs to one command, by its position."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiosmtpd.smtp import SMTP
from pydantic import SecretStr

from services.notifications.bulk.pipeline import Wire
from services.notifications.domain.letter import Outcome
from services.notifications.sender.conversation import Envelope, Patience, Unreachable, greeted
from services.notifications.sender.schedule import Answer
from shared.settings import Settings
from tests.faults.test_smtp_conversations import Strict, _knows_the_password, certificate
from tests.support.services import SECRET_KEY
from tests.support.sink import Sink

__all__ = ["certificate"]

PATIENCE = Patience(connect=2, command=0.5, final=0.5)
OFFERS = ["250-here", "250 PIPELINING"]
ENVELOPE = "MAIL FROM:<post@a.example>|RCPT TO:<{}@b.example>|DATA"


def _letter(name: str, content: bytes = b"Subject: x\r\n\r\nHallo\r\n", **more: Any) -> Envelope:
    recipient = f"{name}@b.example"
    return Envelope(sender="post@a.example", recipient=recipient, content=content, utf8=False)


class Told(Wire):
    """Writes down what it hears, and goes on with the letters it was given."""

    def __init__(self, *letters: Envelope, leave: bool = True, **rules: Any) -> None:
        super().__init__(patience=PATIENCE, **rules)
        self.letters, self.leave = list(letters), leave
        self.flying: Envelope | None = None
        self.coming: Envelope | None = None
        self.heard: list[tuple[str, str, int | None]] = []
        self.over = asyncio.Event()

    def go_on(self) -> None:
        if self.letters:
            self.coming = self.letters.pop(0)
            self.announce(self.coming)
        else:
            self.settle()
            self.over.set()

    def ready(self) -> None:
        if not self.leave:
            self.over.set()
            return
        self.flying, self.coming = self.coming, None
        if self.letters:
            self.coming = self.letters.pop(0)
        self.finish(self.coming)

    def answered(self, answer: Answer) -> None:
        self._note(self.flying, answer)
        self.flying = None
        if self.coming is None and answer.outcome is not Outcome.LOST:
            self.go_on()

    def refused(self, answer: Answer) -> None:
        self._note(self.coming, answer)
        self.coming = None
        self.go_on()

    def lost(self, answer: Answer) -> None:
        if self.flying is not None:
            self._note(self.flying, Answer(Outcome.UNKNOWN, answer.code, answer.text))
        if self.coming is not None:
            self._note(self.coming, answer)
        self.over.set()

    def _note(self, letter: Envelope | None, answer: Answer) -> None:
        assert letter is not None
        name = letter.recipient.partition("@")[0]
        self.heard.append((name, answer.outcome.value, answer.code))


def _settings(port: int, **more: Any) -> Settings:
    return Settings(
        redis_url="redis://127.0.0.1:1",
        keys_database_url="sqlite+aiosqlite:///unused.db",
        secret_key=SECRET_KEY,
        smtp_port=port,
        **more,
    )


async def _told(
    settings: Settings,
    *letters: Envelope,
    tls: ssl.SSLContext | None = None,
    leave: bool = True,
) -> Told:
    client = await greeted(settings, PATIENCE, tls=tls)
    wire = Told(
        *letters,
        leave=leave,
        pipelining=client.supports_extension("pipelining"),
        utf8=client.supports_extension("smtputf8"),
    )
    wire.take_over(client)
    wire.go_on()
    while not wire.over.is_set():
        try:
            await asyncio.wait_for(wire.over.wait(), 0.1)
        except TimeoutError:
            if wire.deadline is not None and asyncio.get_running_loop().time() > wire.deadline:
                wire.late()
    await asyncio.sleep(0.05)
    wire.goodbye()
    return wire


class Scripted:
    """Answers each line with the replies written for it; whatever is read in one go is one group."""

    def __init__(self, script: dict[str, list[str]], *, split: bool = False) -> None:
        self.script, self.split = script, split
        self.groups: list[str] = []
        self.in_body = self.silent = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "220 hi")
        await reader.readline()
        await self._say(writer, *OFFERS)
        rest = b""
        while data := await reader.read(65536):
            rest += data
            *lines, rest = rest.split(b"\r\n")
            if not self.in_body:
                self.groups.append("|".join(line.decode() for line in lines))
            for line in lines:
                if not await self._answer(line.decode(), writer):
                    return

    async def _answer(self, line: str, writer: asyncio.StreamWriter) -> bool:
        if self.in_body and line != ".":
            return True
        key = next((key for key in self.script if line.startswith(key)), None)
        replies = self.script[key] if key else []
        reply = (replies.pop(0) if len(replies) > 1 else replies[0]) if replies else "250 ok"
        if line == "." and not self.in_body and "." not in self.script:
            reply = "554 nobody"
        self.in_body = (line == "DATA" and reply.startswith("354")) if line != "." else False
        if reply == "drop":
            writer.transport.abort()
            return False
        self.silent = self.silent or reply == "silence"
        if not self.silent:
            await self._say(writer, *reply.split("\n"))
        return True

    async def _say(self, writer: asyncio.StreamWriter, *lines: str) -> None:
        said = "".join(line + "\r\n" for line in lines).encode()
        pieces = [said[i : i + 3] for i in range(0, len(said), 3)] if self.split else [said]
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            if self.split:
                await asyncio.sleep(0.001)


@asynccontextmanager
async def _server(talk: Callable[..., Awaitable[None]]) -> AsyncIterator[Settings]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        yield _settings(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def test_the_final_dot_and_the_next_envelope_leave_in_one_write() -> None:
    server = Scripted({"DATA": ["354 go"], ".": ["250 taken"]})
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == [("a", "sent", 250), ("b", "sent", 250)]
    assert server.groups[0] == ENVELOPE.format("a")


async def test_replies_in_crumbs_and_of_many_lines_are_put_together() -> None:
    server = Scripted(
        {
            "MAIL": ["250-first\n250-second\n250 third"],
            "DATA": ["354 go"],
            ".": ["250-taken\n250 really"],
        },
        split=True,
    )
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == [("a", "sent", 250), ("b", "sent", 250)]


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ({"MAIL": ["452 later"], "RCPT": ["503 no"], "DATA": ["503 no"]}, ("deferred", 452)),
        ({"RCPT": ["550 5.1.1 nobody"], "DATA": ["503 no"]}, ("failed", 550)),
        ({"RCPT": ["451 later"], "DATA": ["554 no recipients"]}, ("deferred", 451)),
        ({"DATA": ["452 later"]}, ("deferred", 452)),
        ({"DATA": ["550 no"]}, ("failed", 550)),
        ({"DATA": ["354 go"], ".": ["452 later"]}, ("deferred", 452)),
        ({"DATA": ["354 go"], ".": ["550-no\n550 never"]}, ("failed", 550)),
    ],
)
async def test_the_first_refusal_counts_and_the_connection_goes_on(
    script: dict[str, list[str]], heard: tuple[str, int]
) -> None:
    """The second letter is taken over the same connection."""
    good = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": "250 taken"}
    both = {key: [*replies, good[key]] for key, replies in script.items()}
    both = {"DATA": ["354 go"], ".": ["250 taken"], **both}
    async with _server(Scripted(both)) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == [("a", *heard), ("b", "sent", 250)]


async def test_each_reply_of_a_slow_server_has_its_own_time() -> None:
    """RFC 5321, 4.5.3.2: minutes for each; all three together may take longer than one may."""

    class Tarpit(Scripted):
        async def _say(self, writer: asyncio.StreamWriter, *lines: str) -> None:
            await asyncio.sleep(PATIENCE.command * 0.6)
            await super()._say(writer, *lines)

    server = Tarpit({"DATA": ["354 go"], ".": ["250 taken"]})
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == [("a", "sent", 250), ("b", "sent", 250)]


async def test_a_body_nobody_gets_is_ended_with_a_lone_dot() -> None:
    """RCPT was refused, DATA was not: what the server says to the dot concerns no letter."""
    server = Scripted(
        {
            "RCPT": ["550 5.1.1 nobody", "250 ok"],
            "DATA": ["354 go"],
            ".": ["250 took it, for nobody", "250 taken"],
        }
    )
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == [("a", "failed", 550), ("b", "sent", 250)]


async def test_a_lone_dot_is_sent_even_if_nothing_follows() -> None:
    server = Scripted({"RCPT": ["550 nobody"], "DATA": ["354 go"], ".": ["554 nobody"]})
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"))
        await asyncio.sleep(0.1)
    assert wire.heard == [("a", "failed", 550)]
    assert not server.in_body


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ({"MAIL": ["421 closing"]}, [("a", "lost", 421)]),
        ({"RCPT": ["drop"]}, [("a", "lost", None)]),
        ({"DATA": ["silence"]}, [("a", "lost", None)]),
        ({"DATA": ["hello?"]}, [("a", "lost", None)]),
        ({"DATA": ["250 what body?"]}, [("a", "lost", None)]),
        ({"DATA": ["354 go"], ".": ["421 closing"]}, [("a", "lost", 421), ("b", "lost", 421)]),
        ({"DATA": ["354 go"], ".": ["drop"]}, [("a", "unknown", None), ("b", "lost", None)]),
        ({"DATA": ["354 go"], ".": ["silence"]}, [("a", "unknown", None), ("b", "lost", None)]),
        (
            {"DATA": ["354 go"], ".": ["250 taken"], "RCPT": ["250 ok", "drop"]},
            [("a", "sent", 250), ("b", "lost", None)],
        ),
        ({"MAIL": ["530 sign in first"]}, [("a", "lost", 530)]),
    ],
)
async def test_what_is_lost_before_the_dot_is_harmless_and_after_it_unknown(
    script: dict[str, list[str]], heard: list[tuple[str, str, int | None]]
) -> None:
    async with _server(Scripted(script)) as settings:
        wire = await _told(settings, _letter("a"), _letter("b"))
    assert wire.heard == heard
    assert wire.closed


async def test_a_reply_nobody_asked_for_ends_the_connection() -> None:
    server = Scripted({"DATA": ["354 go"], ".": ["250 taken\n250 and once more"]})
    async with _server(server) as settings:
        wire = await _told(settings, _letter("a"))
    assert wire.heard == [("a", "sent", 250)]
    assert wire.closed


async def test_without_leave_the_dot_stays_here() -> None:
    sink = Sink()
    async with sink.listening():
        await _told(_settings(sink.port), _letter("a"), leave=False)
    assert sink.tries == {"a@b.example": 1}
    assert not sink.arrived


async def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    sink = Sink(
        pipelining=False, fault=lambda to, _: "rcpt 550 nobody" if to.startswith("b@") else None
    )
    async with sink.listening():
        wire = await _told(_settings(sink.port), *map(_letter, "abc"))
    assert wire.heard == [("a", "sent", 250), ("b", "failed", 550), ("c", "sent", 250)]
    assert sorted(sink.arrived) == ["a@b.example", "c@b.example"]
    assert sink.connections == 1


async def test_no_text_can_end_the_body_early() -> None:
    sink = Sink(keep=True)
    content = b"Subject: x\r\n\r\nHallo\r\n.\r\nMAIL FROM:<x@evil.example>\r\n"
    async with sink.listening():
        wire = await _told(_settings(sink.port), _letter("a", content), _letter("b"))
    assert [name for name, *_ in wire.heard] == ["a", "b"]
    assert sink.mails[0] == content.replace(b"\r\n.\r\n", b"\r\n..\r\n")
    assert sink.arrived.total() == 2


async def test_a_large_body_is_with_the_server_before_leave_is_asked_for() -> None:
    """A server that stops reading gets no dot: what it never had is lost, not unknown."""

    async def stops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(b"250-here\r\n250 PIPELINING\r\n")
        for _ in range(3):
            await reader.readline()
        writer.write(b"250 ok\r\n250 ok\r\n354 go\r\n")
        await asyncio.sleep(2)

    async with _server(stops) as settings:
        wire = await _told(settings, _letter("a", b"x" * 70 + b"\r\n" * 10_000_000))
    assert wire.heard == [("a", "lost", None)]


def _on(loop: str, work: Coroutine[Any, Any, None]) -> None:
    (uvloop.run if loop == "uvloop" else asyncio.run)(work)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize(("password", "welcome"), [("p", True), ("wrong", False)])
def test_letters_travel_encrypted_and_signed_in_on_both_event_loops(
    certificate: Path, loop: str, password: str, welcome: bool
) -> None:
    """STARTTLS and AUTH by the library, then our own protocol on the same transport."""
    _on(loop, _encrypted(certificate, password, welcome=welcome))


async def _encrypted(certificate: Path, password: str, *, welcome: bool) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    ours, strict = ssl.create_default_context(cafile=str(certificate)), Strict()
    rules: dict[str, Any] = {"require_starttls": True, "auth_required": True}
    here = asyncio.get_running_loop()
    server = await here.create_server(
        lambda: SMTP(
            strict,
            hostname="strict",
            tls_context=context,
            loop=here,
            authenticator=_knows_the_password,
            **rules,
        ),
        "127.0.0.1",
        0,
    )
    port = server.sockets[0].getsockname()[1]
    settings = _settings(
        port, smtp_tls="starttls", smtp_user="u", smtp_password=SecretStr(password)
    )
    if not welcome:
        with pytest.raises(Unreachable) as refused:
            await greeted(settings, PATIENCE, tls=ours)
        assert refused.value.answer.shut_out
    else:
        wire = await _told(settings, _letter("a"), _letter("b"), tls=ours)
        assert [outcome for _, outcome, _ in wire.heard] == ["sent", "sent"]
        assert len(strict.taken) == 2
    server.close()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_pipelined_conversation_survives_encryption(certificate: Path, loop: str) -> None:
    _on(loop, _pipelined_and_encrypted(certificate))


async def _pipelined_and_encrypted(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    ours, sink = ssl.create_default_context(cafile=str(certificate)), Sink()
    letters = [
        _letter(f"r{n}", b"Subject: x\r\n\r\n" + b"y" * 70 * n + b"\r\n") for n in range(200)
    ]
    async with sink.listening(tls=context):
        settings = _settings(sink.port, smtp_tls="implicit")
        wire = await _told(settings, *letters, tls=ours)
    assert [outcome for _, outcome, _ in wire.heard] == ["sent"] * 200
    assert sink.arrived.total() == len(sink.arrived) == 200
