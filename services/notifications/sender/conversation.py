"""One connection to the mail server, letter by letter, with a halt before the body."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self, cast

import aiosmtplib

from services.notifications.domain.letter import Outcome
from services.notifications.sender.schedule import Answer, understand
from shared.crashpoints import reached
from shared.settings import Settings

LONGEST_LINE: Final = 8192
DOT: Final = b".\r\n"
_NEWLINES: Final = re.compile(rb"\r\n|\r|\n")


class Lost(Exception):
    """The connection is gone, silent or talking nonsense; nothing more will come of it."""


class Unreachable(Exception):
    """No connection could be made, or the server does not want us: no letter was touched."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.answer = Answer(Outcome.LOST, code, text)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What the server gets to see; addresses are ASCII unless `utf8` says so."""

    sender: str
    recipient: str
    utf8: bool
    content: bytes
    ready: bool = False
    """It is as it travels: CRLF everywhere and no line that begins with a dot."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How many seconds to wait for a connection, for a command's reply, for the final answer."""

    connect: float = 30
    command: float = 60
    final: float = 120


async def greeted(
    settings: Settings, patience: Patience, *, tls: ssl.SSLContext | None = None
) -> aiosmtplib.SMTP:
    """Connect, greet, encrypt and sign in as configured; raises Unreachable."""
    reached("smtp.connect")
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
        use_tls=settings.smtp_tls == "implicit",
        start_tls=settings.smtp_tls == "starttls",
        local_hostname=settings.mail_domain,
        tls_context=tls,
        timeout=patience.connect,
    )
    try:
        await client.connect()
        await client.ehlo()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        raise Unreachable(str(error), getattr(error, "code", None)) from error
    except asyncio.CancelledError:
        client.close()
        raise
    return client


class Conversation:
    """An open, greeted and, if need be, encrypted connection; after `Lost` it is of no more use."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        utf8: bool,
        patience: Patience,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._utf8, self._patience = utf8, patience

    @classmethod
    async def open(
        cls, settings: Settings, patience: Patience, *, tls: ssl.SSLContext | None = None
    ) -> Self:
        """From here on we read and write ourselves; raises Unreachable."""
        return cls._take_over(await greeted(settings, patience, tls=tls), patience)

    @classmethod
    def _take_over(cls, client: aiosmtplib.SMTP, patience: Patience) -> Self:
        """From here on we read and write ourselves: the library sends DATA and body in one step."""
        transport = cast(asyncio.Transport, client.transport)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LONGEST_LINE, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        transport.set_write_buffer_limits(high=1)  # at 0 asyncio's TLS pauses and never resumes
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return cls(reader, writer, utf8=client.supports_extension("smtputf8"), patience=patience)

    async def hand_over(
        self, envelope: Envelope, *, may_send: Callable[[], Awaitable[bool]]
    ) -> Answer | None:
        """Send one letter; `may_send` is asked when only the body is missing, None if it says no."""
        try:
            refusal = await self._announce(envelope)
        except Lost as error:
            return self._close(Answer(Outcome.LOST, None, str(error)))
        if refusal is not None:
            return await self._after_refusal(refusal)
        if not await may_send():
            self.abort()
            return None
        reached("smtp.before_body")
        return await self._body(envelope.content)

    async def quit(self) -> None:
        """Say goodbye if anybody is still there."""
        with suppress(Lost):
            await self._command(b"QUIT", seconds=2)
        self.abort()

    def abort(self) -> None:
        """Hang up at once: a body that was begun is never accepted without its final dot."""
        self._writer.transport.abort()

    @property
    def alive(self) -> bool:
        """False once either side hung up."""
        return not self._writer.is_closing() and not self._reader.at_eof()

    async def _announce(self, envelope: Envelope) -> Answer | None:
        """MAIL, RCPT, DATA up to the 354; the refusal if there was one."""
        if envelope.utf8 and not self._utf8:
            return Answer(Outcome.FAILED, None, "server takes no address beyond ASCII (SMTPUTF8)")
        mail = f"MAIL FROM:<{envelope.sender}>" + (" SMTPUTF8" if envelope.utf8 else "")
        for command in (mail, f"RCPT TO:<{envelope.recipient}>"):
            code, text = await self._command(command.encode())
            if not 200 <= code < 300:
                return understand(code, text)
        code, text = await self._command(b"DATA")
        return None if code == 354 else understand(code, text)

    async def _after_refusal(self, refusal: Answer) -> Answer:
        """Make the connection fit for the next letter, or hang up."""
        if refusal.outcome is Outcome.LOST:
            return self._close(refusal)
        try:
            code, _ = await self._command(b"RSET")
        except Lost:
            code = 0
        return refusal if code == 250 else self._close(refusal)

    async def _body(self, content: bytes) -> Answer:
        """The text, then the final dot: a loss before the dot is harmless, after it unknown."""
        try:
            async with asyncio.timeout(self._patience.final):
                self._writer.write(dot_stuffed(content))
                await self._writer.drain()
            if not self.alive:
                raise ConnectionError("connection closed during the body")
        except (OSError, TimeoutError) as error:
            return self._close(Answer(Outcome.LOST, None, str(error) or "timed out in the body"))
        try:
            self._writer.write(DOT)
            await self._writer.drain()
            reached("smtp.after_body")
            code, text = await self._reply(self._patience.final)
        except (Lost, OSError) as error:
            return self._close(Answer(Outcome.UNKNOWN, None, str(error) or "connection lost"))
        reached("smtp.after_answer")
        answer = understand(code, text)
        return self._close(answer) if answer.outcome is Outcome.LOST else answer

    async def _command(self, command: bytes, *, seconds: float | None = None) -> tuple[int, str]:
        self._writer.write(command + b"\r\n")
        return await self._reply(seconds or self._patience.command)

    async def _reply(self, seconds: float) -> tuple[int, str]:
        """Code and text of one reply, its lines joined; raises Lost on silence, end or nonsense."""
        lines: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    line = await self._reader.readline()
                    if not line.endswith(b"\n"):
                        raise Lost("connection closed by the server")
                    if not line[:3].isdigit():
                        raise Lost(f"not a reply: {line[:80]!r}")
                    lines.append(line[4:].decode("utf-8", "replace").strip())
                    if line[3:4] != b"-":
                        return int(line[:3]), " ".join(lines)
        except TimeoutError:
            raise Lost(f"no answer within {seconds:g} seconds") from None
        except (OSError, ValueError) as error:
            raise Lost(str(error) or "connection lost") from error

    def _close(self, answer: Answer) -> Answer:
        self.abort()
        return answer


def dot_stuffed(content: bytes) -> bytes:
    """The body as it travels: CRLF everywhere, leading dots doubled, ready for the final dot."""
    lines = _NEWLINES.sub(b"\r\n", content).removesuffix(b"\r\n").split(b"\r\n")
    return b"".join(
        b"." + line + b"\r\n" if line.startswith(b".") else line + b"\r\n" for line in lines
    )
