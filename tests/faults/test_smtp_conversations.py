"""One conversation with servers that misbehave, and with one that asks for encryption and a password."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notifications.domain.letter import Outcome
from services.notifications.sender.conversation import (
    Conversation,
    Patience,
    Unreachable,
    dot_stuffed,
)
from services.notifications.sender.conversation import (
    Envelope as Letter,
)
from services.notifications.sender.schedule import Answer
from shared.settings import Settings
from tests.support.services import SECRET_KEY

PATIENCE = Patience(connect=1, command=0.4, final=0.4)
LETTER = Letter(
    sender="post@a.example", recipient="ada@b.example", utf8=False, content=b"Hallo\r\n"
)
GREETING = ["220 here", "250 hello"]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _settings(port: int, **more: Any) -> Settings:
    return Settings(
        redis_url="redis://127.0.0.1:1",
        keys_database_url="sqlite+aiosqlite:///unused.db",
        secret_key=SECRET_KEY,
        smtp_port=port,
        **more,
    )


@asynccontextmanager
async def _server(talk: Talk) -> AsyncIterator[Settings]:
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


def _script(*replies: str | None, then: Talk | None = None) -> Talk:
    """One reply a line read, the first as greeting; None hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, reply in enumerate(replies):
            if number and not await reader.readline():
                return
            if reply is None:
                return
            writer.write(reply.encode() + b"\r\n")
            await writer.drain()
        await (then or _silent)(reader, writer)

    return talk


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Half-open: takes everything, says nothing more."""
    while await reader.read(1000):
        pass


async def _yes() -> bool:
    return True


async def _say(
    settings: Settings, *, may_send: Callable[[], Awaitable[bool]] = _yes
) -> Answer | None:
    conversation = await Conversation.open(settings, PATIENCE)
    try:
        return await conversation.hand_over(LETTER, may_send=may_send)
    finally:
        conversation.abort()


@pytest.mark.parametrize(
    "talk",
    [
        _script(*GREETING),
        _script(*GREETING, "250 ok", "250 ok"),
        _script(*GREETING, None),
        _script(*GREETING, "250 ok", "250 ok", None),
        _script(*GREETING, "421 too busy"),
        _script(*GREETING, "250 ok", "250 ok", "421 closing"),
        _script(*GREETING, "hello, what is SMTP?"),
    ],
    ids=["silent", "silent at DATA", "gone", "gone at DATA", "421", "421 at DATA", "nonsense"],
)
async def test_a_loss_before_the_body_is_no_attempt(talk: Talk) -> None:
    async with _server(talk) as settings:
        answer = await _say(settings)
    assert answer
    assert answer.outcome is Outcome.LOST


async def test_a_server_that_hangs_up_while_we_note_that_we_send_has_nothing() -> None:
    """The 354 is said, then the connection goes: nothing of the body ever left."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def slowly() -> bool:
        await asyncio.sleep(0.2)
        return True

    async with _server(_script(*GREETING, "250 ok", "250 ok", "354 go", then=hang_up)) as settings:
        answer = await _say(settings, may_send=slowly)
    assert answer
    assert answer.outcome is Outcome.LOST


@pytest.mark.parametrize("reply", ["", "25", "250-half an answer\r\n", "soon\r\n"])
async def test_no_whole_answer_after_the_final_dot_is_unknown(reply: str) -> None:
    async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(reply.encode())
        await writer.drain()
        if not reply.endswith("\r\n"):
            await _silent(reader, writer)

    talk = _script(*GREETING, "250 ok", "250 ok", "354 go", then=half_an_answer)
    async with _server(talk) as settings:
        answer = await _say(settings)
    assert answer
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, None)


async def test_without_leave_to_send_not_a_byte_of_the_body_is_written() -> None:
    seen = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.read())

    async def no() -> bool:
        return False

    async with _server(_script(*GREETING, "250 ok", "250 ok", "354 go", then=listen)) as settings:
        assert await _say(settings, may_send=no) is None
        await asyncio.sleep(0.1)
    assert bytes(seen) == b""


async def test_a_goodbye_said_between_two_letters_is_not_taken_for_an_answer() -> None:
    async def take_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 taken\r\n421 idle too long\r\n")
        await writer.drain()
        await _silent(reader, writer)

    talk = _script(*GREETING, "250 ok", "250 ok", "354 go", then=take_and_leave)
    async with _server(talk) as settings:
        conversation = await Conversation.open(settings, PATIENCE)
        first = await conversation.hand_over(LETTER, may_send=_yes)
        second = await conversation.hand_over(LETTER, may_send=_yes)
    assert first
    assert second
    assert (first.outcome, second.outcome) == (Outcome.SENT, Outcome.LOST)
    assert second.code == 421


@pytest.mark.parametrize(
    "talk", [_silent, _script("554 go away"), _script("220 hi", "500 what?", "502 no")]
)
async def test_a_server_that_does_not_want_us_is_unreachable(talk: Talk) -> None:
    async with _server(talk) as settings:
        with pytest.raises(Unreachable):
            await Conversation.open(settings, PATIENCE)


class Strict:
    """Takes letters over TLS from those who know the password."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert session.ssl
        assert session.authenticated
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 OK"


def _knows_the_password(
    _server: Any, _session: Any, _envelope: Any, _how: Any, data: Any
) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"u", b"p")
    return AuthResult(success=known, handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "smtp.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@asynccontextmanager
async def _encrypted(certificate: Path, handler: Strict, **rules: Any) -> AsyncIterator[int]:
    """A real server that offers STARTTLS with this certificate; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="strict", tls_context=context, loop=loop, **rules),
        "127.0.0.1",
        0,
    )
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


@pytest.mark.parametrize(("password", "welcome"), [("p", True), ("wrong", False)])
async def test_letters_travel_encrypted_and_signed_in_where_configured(
    certificate: Path, password: str, welcome: bool
) -> None:
    handler = Strict()
    rules = {
        "require_starttls": True,
        "auth_required": True,
        "authenticator": _knows_the_password,
    }
    ours = ssl.create_default_context(cafile=str(certificate))
    async with _encrypted(certificate, handler, **rules) as port:
        settings = _settings(
            port, smtp_tls="starttls", smtp_user="u", smtp_password=SecretStr(password)
        )
        if not welcome:
            with pytest.raises(Unreachable):
                await Conversation.open(settings, PATIENCE, tls=ours)
            return
        conversation = await Conversation.open(settings, PATIENCE, tls=ours)
        answers = [await conversation.hand_over(LETTER, may_send=_yes) for _ in range(2)]
        await conversation.quit()
    assert [answer and answer.outcome for answer in answers] == [Outcome.SENT, Outcome.SENT]
    assert handler.taken == [b"Hallo\r\n", b"Hallo\r\n"]


async def test_a_certificate_nobody_vouches_for_is_refused(certificate: Path) -> None:
    async with _encrypted(certificate, Strict()) as port:
        with pytest.raises(Unreachable):
            await Conversation.open(_settings(port, smtp_tls="starttls"), PATIENCE)


@given(st.binary(max_size=200))
def test_no_text_can_end_the_body_early(content: bytes) -> None:
    travelling = dot_stuffed(content)
    assert travelling.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + travelling
    lines = travelling.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    received = b"\r\n".join(line.removeprefix(b".") for line in lines)
    unified = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert received.removesuffix(b"\r\n") == unified.removesuffix(b"\r\n")
