"""SMTP with several commands in one write: one connection, its replies told apart by their position.

The final dot of one letter travels with the envelope of the next (RFC 2920); the body waits without
its dot until whoever owns the connection gives leave.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from time import monotonic
from typing import Final, cast

import aiosmtplib

from services.notifications.domain.letter import Outcome
from services.notifications.sender.conversation import DOT, Envelope, Patience, dot_stuffed
from services.notifications.sender.schedule import Answer, understand

LONGEST_LINE: Final = 8192
MOST_LINES: Final = 100
LONGEST_TEXT: Final = 500
RESET: Final = b"RSET\r\n"


class Step(Enum):
    """What a reply is for."""

    DOT = auto()
    VOID = auto()
    """A dot after a body nobody gets, or a reset: whatever it says, it concerns no letter."""
    MAIL = auto()
    RCPT = auto()
    DATA = auto()


Said = tuple[Step, bytes]


class Wire(asyncio.Protocol, ABC):
    """One connection, taken over once it is greeted; after `lost` it is of no more use.

    A letter is announced, then either `refused`, or `ready`: its body is there and waits for
    `finish`, to which `answered` is the reply.
    """

    def __init__(self, *, pipelining: bool, utf8: bool, patience: Patience) -> None:
        self._pipelining, self._utf8, self._patience = pipelining, utf8, patience
        self._transport: asyncio.Transport | None = None
        self._expected: deque[Step] = deque()
        self._unsaid: deque[Said] = deque()
        self._first: list[Said] = []
        self._body = b""
        self._refusal: Answer | None = None
        self._rest, self._lines = b"", list[str]()
        self._paused = self._flushing = False
        self.deadline: float | None = None
        """When whoever watches should call `late`."""
        self.closed = False

    def take_over(self, client: aiosmtplib.SMTP) -> None:
        """From here on this connection is ours."""
        transport = cast(asyncio.Transport, client.transport)
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=1)  # at 0 asyncio's TLS pauses and never resumes
        self.connection_made(transport)

    # --- what the owner of the connection does ---------------------------------------------------

    def announce(self, envelope: Envelope) -> None:
        """Name the next letter to a connection that has nothing open."""
        self._say(self._envelope(envelope))

    def finish(self, following: Envelope | None) -> None:
        """The final dot, and in the same write the next envelope; the letter is theirs from here on."""
        dot: Said = (Step.DOT, DOT)
        self._say([dot, *(self._envelope(following) if following else ())])

    def settle(self) -> None:
        """End what a refused letter left open, when no other is announced instead."""
        if self._first:
            self._say(self._taken_first())

    def goodbye(self) -> None:
        """Leave politely; a body without its dot is never accepted."""
        if not self.closed and self._transport is not None:
            self.closed = True
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def abort(self) -> None:
        """Hang up at once and hear nothing more."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def late(self) -> None:
        """Nothing came within the time there was."""
        self._lose(Answer(Outcome.LOST, None, "no answer in time"))

    # --- what the owner hears --------------------------------------------------------------------

    @abstractmethod
    def ready(self) -> None:
        """The body lies with the server, only its final dot is missing."""

    @abstractmethod
    def answered(self, answer: Answer) -> None:
        """The word on the letter whose dot was sent."""

    @abstractmethod
    def refused(self, answer: Answer) -> None:
        """The letter announced last is not taken; the connection is good for another."""

    @abstractmethod
    def lost(self, answer: Answer) -> None:
        """Nothing more will come, for whatever is open."""

    # --- what the event loop tells ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(Answer(Outcome.LOST, None, str(exc or "connection closed by the server")))

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._flushing and not self.closed:
            self._flushing, self.deadline = False, None
            self.ready()

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self.closed:
                return
            self._line(line)
        if len(self._rest) > LONGEST_LINE:
            self._nonsense(self._rest)

    def _line(self, line: bytes) -> None:
        if not line[:3].isdigit() or len(line) > LONGEST_LINE or len(self._lines) >= MOST_LINES:
            self._nonsense(line)
            return
        text = line[4:].decode("utf-8", "replace").strip()
        if line[3:4] == b"-":
            self._lines.append(text)
            return
        if self._lines:
            text, self._lines = " ".join([*self._lines, text]), []
        self._reply(int(line[:3]), text[:LONGEST_TEXT])

    # --- replies, by their position --------------------------------------------------------------

    def _reply(self, code: int, text: str) -> None:
        if not self._expected:
            self._lose(Answer(Outcome.LOST, code, text))
            return
        step = self._expected.popleft()
        self._set_deadline()
        if code == 250 and self._expected and (step is Step.MAIL or step is Step.RCPT):
            return  # nothing to do before the word on DATA
        answer = understand(code, text)
        if step is Step.DOT:
            self.answered(answer)
        elif step is not Step.VOID and answer.outcome is not Outcome.LOST:
            self._announced(step, code, answer)
        if answer.outcome is Outcome.LOST:
            self._lose(answer)
        elif not self.closed and not self._expected:
            self._say_next()

    def _announced(self, step: Step, code: int, answer: Answer) -> None:
        """MAIL, RCPT, DATA: the first refusal is the one that counts, but DATA may still be open."""
        if step is not Step.DATA:
            if answer.outcome is not Outcome.SENT:
                self._refusal = self._refusal or answer
                if not self._pipelining:
                    self._unsaid.clear()
                    self._refuse((Step.VOID, RESET))
        elif code == 354 and self._refusal is None:
            self._send_body()
        elif code == 354:
            self._refuse((Step.VOID, DOT))
        elif self._refusal is None and answer.outcome is Outcome.SENT:
            self._nonsense(f"{code} to DATA".encode())
        else:
            self._refusal = self._refusal or answer
            self._refuse((Step.VOID, RESET))

    def _refuse(self, first: Said) -> None:
        """What the refused one left open is ended in front of the next."""
        assert self._refusal is not None
        refusal, self._refusal, self._body = self._refusal, None, b""
        self._first = [first]
        self.refused(refusal)

    def _send_body(self) -> None:
        assert self._transport is not None
        body, self._body = self._body, b""
        self._transport.write(body)
        if self._paused:
            self._flushing, self.deadline = True, monotonic() + self._patience.final
        elif not self.closed:
            self.ready()

    # --- commands --------------------------------------------------------------------------------

    def _envelope(self, envelope: Envelope) -> list[Said]:
        if envelope.utf8 and not self._utf8:
            raise ValueError("server takes no address beyond ASCII (SMTPUTF8)")
        body = envelope.content if envelope.ready else dot_stuffed(envelope.content)
        self._body, self._refusal = body, None
        mail = f"MAIL FROM:<{envelope.sender}>{' SMTPUTF8' if envelope.utf8 else ''}\r\n"
        return [
            *self._taken_first(),
            (Step.MAIL, mail.encode()),
            (Step.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode()),
            (Step.DATA, b"DATA\r\n"),
        ]

    def takes(self, envelope: Envelope) -> bool:
        """Whether the server knows this kind of address."""
        return self._utf8 or not envelope.utf8

    def _taken_first(self) -> list[Said]:
        first, self._first = self._first, []
        return first

    def _say(self, group: Sequence[Said]) -> None:
        self._unsaid.extend(group)
        if not self._expected:
            self._say_next()

    def _say_next(self) -> None:
        """Everything at once where the server can, else one command."""
        if not self._unsaid:
            return
        assert self._transport is not None
        count = len(self._unsaid) if self._pipelining else 1
        said = [self._unsaid.popleft() for _ in range(count)]
        self._expected.extend(step for step, _ in said)
        self._set_deadline()
        self._transport.write(b"".join([command for _, command in said]))

    def _set_deadline(self) -> None:
        patience = self._patience
        seconds = patience.final if Step.DOT in self._expected else patience.command
        self.deadline = monotonic() + seconds if self._expected else None

    def _nonsense(self, line: bytes) -> None:
        self._lose(Answer(Outcome.LOST, None, f"not a reply: {line[:80]!r}"))

    def _lose(self, answer: Answer) -> None:
        if not self.closed:
            self.abort()
            self.lost(answer)
