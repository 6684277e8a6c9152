"""The mailbox behind `bounce_address`: what was understood is put away, what was not is left to a person."""

import asyncio
import imaplib
import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Final, ParamSpec, TypeVar

from imap_tools.errors import ImapToolsError, MailboxFolderCreateError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.query import AND

from services.notifications.bounces import verp
from services.notifications.bounces.consequences import Taken
from services.notifications.bounces.reading import database_away, handle
from services.notifications.bounces.reports import MOST_BYTES
from shared.loops import rest, resting
from shared.outages import place
from shared.service import Service
from shared.settings import Settings

FOLDER: Final = {Taken.DONE: "Erledigt", Taken.NOT_UNDERSTOOD: "Nicht verstanden"}
KEPT: Final = timedelta(days=30)
"""What was understood stands in the database: the mail, with people's addresses in it, goes after this."""

POLL_SECONDS: Final = 60.0
PATIENCE: Final = 30.0
MAILBOX_AWAY: Final = (OSError, imaplib.IMAP4.error, ImapToolsError)

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class UnsafeMailbox(Exception):
    """Without TLS everybody on the way reads the password."""


class Postbox:
    """One connection. Its calls block and are not for two threads at once."""

    def __init__(self, settings: Settings) -> None:
        """Raises MAILBOX_AWAY when nobody answers, the certificate is wrong, or the password."""
        self._box = _connected(settings)
        password = settings.imap_password.get_secret_value()
        self._box.login(settings.imap_user, password)
        _, said = self._box.client.capability()
        self._box.client.capabilities = tuple(said[-1].decode().upper().split())
        self._folders = {taken: self._folder(name) for taken, name in FOLDER.items()}

    def waiting(self) -> list[str]:
        """Everything in the inbox, also what somebody has opened there."""
        self._box.folder.set("INBOX")
        return self._box.uids("ALL")

    def fetch(self, uid: str) -> bytes | None:
        """The message as far as it is needed, still unread; None if somebody took it away."""
        part = f"(BODY.PEEK[]<0.{MOST_BYTES}>)"
        _, found = self._box.client.uid("FETCH", uid, part)
        return next((one[1] for one in found if isinstance(one, tuple)), None)

    def put_away(self, uid: str, taken: Taken) -> None:
        """Out of the inbox; with MOVE (RFC 6851) in one step, else copied first."""
        self._box.move(uid, self._folders[taken])

    def forget(self, before: date) -> int:
        """Delete what was understood and came before that day; how many."""
        self._box.folder.set(self._folders[Taken.DONE])
        old = self._box.uids(AND(date_lt=before))
        self._box.delete(old, chunks=500)
        return len(old)

    def close(self) -> None:
        with suppress(*MAILBOX_AWAY):
            self._box.logout()

    def _folder(self, name: str) -> str:
        """Its full name, made if it is missing; some servers keep every folder below INBOX."""
        inbox = next(iter(self._box.folder.list("", "INBOX")), None)
        below = f"INBOX{(inbox and inbox.delim) or '.'}{name}"
        for full in (name, below):
            if self._box.folder.exists(full):
                return full
        try:
            self._box.folder.create(name)
        except MailboxFolderCreateError:
            self._box.folder.create(below)
            return below
        return name


class _Thread:
    """The one thread a connection lives in."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "mailbox")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """No transaction is under way here: the loop may be ended meanwhile."""
        with resting():
            return await asyncio.wrap_future(self._pool.submit(call, *args, **kwargs))

    async def end(self, close: Callable[[], None]) -> None:
        """After whatever it is doing."""
        await asyncio.wrap_future(self._pool.submit(close))
        self._pool.shutdown(wait=False)


async def read_once(service: Service) -> int:
    """Take what lies there; the number of messages put away.

    A message leaves the inbox after its transaction: a crash between the two has it read again, which
    changes nothing. Raises MAILBOX_AWAY, or what `database_away` knows; the rest then stays where it is.
    """
    thread = _Thread()
    box: Postbox | None = None
    done = 0
    try:
        box = await thread.run(Postbox, service.settings)
        for uid in await thread.run(box.waiting):
            raw = await thread.run(box.fetch, uid)
            if raw is not None:
                await thread.run(box.put_away, uid, await _handled(service, raw))
                done += 1
        await thread.run(box.forget, (service.clock.now() - KEPT).date())
    finally:
        await thread.end(box.close if box is not None else _nothing)
    return done


async def _handled(service: Service, raw: bytes) -> Taken:
    """A message that breaks us is left to a person and holds up no other."""
    try:
        return await handle(service, raw)
    except Exception as error:
        if database_away(error):
            raise
        log.error("a message could not be handled: %s", place(error))  # noqa: TRY400 - no personal data
        return Taken.NOT_UNDERSTOOD


async def read_mailbox(service: Service) -> None:
    """For the worker: its loop that looks every minute. Raises for settings that cannot be right."""
    verp.check(service.settings)
    check(service.settings)
    while True:
        if service.settings.imap_host:
            try:
                await read_once(service)
            except Exception as error:
                if not (isinstance(error, MAILBOX_AWAY) or database_away(error)):
                    raise
                log.warning("the mailbox is not read at the moment: %s", place(error))
        await rest(POLL_SECONDS)


def check(settings: Settings) -> None:
    """Raises UnsafeMailbox, unless the mailbox is spoken to under TLS or on this machine."""
    if settings.imap_tls == "none" and settings.imap_host and not _is_here(settings.imap_host):
        raise UnsafeMailbox("IMAP_TLS=none is for a server on this machine only")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connected(settings: Settings) -> BaseMailBox:
    check(settings)
    host, port = settings.imap_host, settings.imap_port
    if settings.imap_tls == "none":
        return MailBoxUnencrypted(host, port, timeout=PATIENCE)
    tls = ssl.create_default_context()
    if settings.imap_tls == "starttls":
        return MailBoxStartTls(host, port, timeout=PATIENCE, ssl_context=tls)
    return MailBox(host, port, timeout=PATIENCE, ssl_context=tls)


def _nothing() -> None:
    """There was no connection."""
