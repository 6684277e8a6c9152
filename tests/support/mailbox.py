"""A real SMTP server that keeps what it is given and answers as it is told."""

import asyncio
import time
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Literal[
    "250",  # taken
    "421", "450", "451", "452", "550", "554",  # after the body, nothing kept
    "rcpt 450", "rcpt 550", "mail 421", "mail 451",  # before the body
    "hang",  # body read and kept, never answered
    "drop",  # body read and kept, connection cut without an answer
    "250, drop",  # taken, and the connection cut right after saying so
]  # fmt: skip


class AnyPort(Controller):
    """A controller that takes a free port and knows which it got."""

    def _trigger_server(self) -> None:
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class Mailbox:
    """Mails in the order they came; `answers` are used up one mail each, then everything is taken."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.connections = 0
        self.answers: deque[Answer] = deque()
        self.controller = AnyPort(self, hostname="127.0.0.1", port=0, server_hostname="mailbox")

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.controller.port)

    def answer(self, *answers: Answer) -> None:
        """What the next mails hear, in this order."""
        self.answers.extend(answers)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]

    async def wait_for(self, count: int, *, seconds: float = 10) -> list[EmailMessage]:
        """All mails as soon as there are `count`; fails with what came instead."""
        deadline = time.monotonic() + seconds
        while len(self.mails) < count:
            if time.monotonic() > deadline:
                subjects = [str(mail["Subject"]) for mail in self.mails]
                raise AssertionError(f"expected {count} mails, got {subjects}")
            await asyncio.sleep(0.02)
        return self.mails

    def clear(self) -> None:
        self.mails.clear()
        self.envelopes.clear()
        self.answers.clear()

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._refusal_at("mail"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._refusal_at("rcpt"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.popleft() if self.answers else "250"
        if answer[0] in "45":
            return f"{answer} told to say so"
        self._keep(envelope)
        if answer == "hang":
            await asyncio.sleep(3600)
        if answer == "250, drop":
            await server.push("250 OK")
        if "drop" in answer:
            cast(asyncio.Transport, server.transport).abort()
        return "250 OK"

    def _refusal_at(self, stage: str) -> str | None:
        if self.answers and self.answers[0].startswith(stage):
            return f"{self.answers.popleft().split()[1]} told to say so"
        return None

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(content, policy=policy.default))
