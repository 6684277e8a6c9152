"""A fast SMTP server that remembers who got what, and misbehaves as it is told."""

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

MESSAGE_ID: Final = re.compile(rb"^Message-ID:\s*(<[^>\r\n]*>)", re.MULTILINE | re.IGNORECASE)
RECIPIENT: Final = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)

Fault = Callable[[str, int], str | None]
"""What happens to the n-th try to reach somebody: `rcpt 550 5.1.1 …`, `data 451 …`, `dot 452 …`, `mail 421 …`,
`hang`, `half-open`, `drop before dot`, `drop after dot`, `250 then drop`; None is a plain 250."""


class Sink:
    """Counts by recipient; `arrived` is what a mailbox holds, answered or not."""

    def __init__(
        self, *, pipelining: bool = True, fault: Fault | None = None, keep: bool = False
    ) -> None:
        self.pipelining, self.fault, self.keep = pipelining, fault, keep
        self.arrived: Counter[str] = Counter()
        self.message_ids: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.mails: list[bytes] = []
        self.connections = self.unanswered = 0
        self.open: set[Session] = set()
        self.port = 0

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Sink"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Session(self), "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for session in list(self.open):
                session.hang_up()


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = b""
        self.body: list[bytes] | None = None
        self.recipient: str | None = None
        self.fault: str | None = None
        self.deaf = False
        self.said: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.sink.connections += 1
        self.sink.open.add(self)
        self.say("220 sink")
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.open.discard(self)
        self.deaf = True

    def hang_up(self) -> None:
        self.deaf = True
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.deaf and self._step():
            pass
        if not self.deaf:
            self.flush()

    def say(self, *lines: str) -> None:
        self.said.extend(line.encode() + b"\r\n" for line in lines)

    def flush(self) -> None:
        if self.said:
            self.transport.write(b"".join(self.said))
            self.said.clear()

    def _step(self) -> bool:
        if self.body is not None:
            return self._in_body()
        line, newline, rest = self.buffer.partition(b"\r\n")
        if not newline:
            return False
        self.buffer = rest
        self._command(line)
        return True

    def _in_body(self) -> bool:
        if self.fault == "drop before dot" and len(self.buffer) > 200:
            self.hang_up()
            return False
        if self.buffer.startswith(b".\r\n"):
            content, self.buffer = b"", self.buffer[3:]
        else:
            end = self.buffer.find(b"\r\n.\r\n")
            if end < 0:
                return False
            content, self.buffer = self.buffer[: end + 2], self.buffer[end + 5 :]
        self.body = None
        self._dot(content)
        return True

    def _dot(self, content: bytes) -> None:
        recipient, self.recipient = self.recipient, None
        fault, self.fault = self.fault, None
        if recipient is None:
            self.say("554 nobody wants it")
            return
        if fault and fault.startswith("dot "):
            self.say(fault[4:])
            if fault[4:7] == "421":
                self.flush()
                self.hang_up()
            return
        self._keep(recipient, content)
        if fault in ("hang", "drop after dot"):
            self.sink.unanswered += 1
            self.flush()
            self.deaf = True
            if fault == "drop after dot":
                self.hang_up()
            return
        self.say("250 taken")
        if fault == "250 then drop":
            self.flush()
            self.deaf = True
            self.transport.close()

    def _keep(self, recipient: str, content: bytes) -> None:
        self.sink.arrived[recipient] += 1
        found = MESSAGE_ID.search(content)
        self.sink.message_ids[found[1].decode() if found else ""] += 1
        if self.sink.keep:
            self.sink.mails.append(content)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            offers = ["sink", *(["PIPELINING"] if self.sink.pipelining else []), "SMTPUTF8"]
            self.say(*(f"250-{offer}" for offer in offers), "250 8BITMIME")
        elif verb == b"MAIL":
            self.recipient = self.fault = None
            self.say("250 ok")
        elif verb == b"RCPT":
            self._recipient(line)
        elif verb == b"DATA":
            self._data()
        elif verb == b"QUIT":
            self.say("221 bye")
            self.flush()
            self.deaf = True
            self.transport.close()
        else:
            self.say("250 ok")

    def _recipient(self, line: bytes) -> None:
        found = RECIPIENT.match(line)
        assert found, line
        recipient = found[1].decode()
        self.sink.tries[recipient] += 1
        fault = self.sink.fault
        self.fault = fault(recipient, self.sink.tries[recipient]) if fault else None
        if self.fault and self.fault.startswith("rcpt "):
            self.say(self.fault[5:])
            if self.fault[5:8] == "421":
                self.flush()
                self.hang_up()
            return
        self.recipient = recipient
        self.say("250 ok")

    def _data(self) -> None:
        if self.fault and self.fault.startswith("data "):
            self.say(self.fault[5:])
        elif self.recipient is None and not (self.fault or "").endswith("but DATA"):
            self.say("503 no recipient")
        else:
            self.say("354 go")
            self.body = []
            if self.fault == "half-open":
                self.flush()
                self.deaf = True
