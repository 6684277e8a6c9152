"""`make demo`: all of Stadtteilbote on this machine, in one process with one child."""

import asyncio
import fcntl
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from starlette.types import ASGIApp

from deploy.dispatcher import Dispatcher
from deploy.inbox.catcher import listen
from deploy.inbox.pages import create_inbox
from deploy.inbox.store import Mails
from deploy.sample.people import SIGN_INS
from deploy.sample.year import fill
from deploy.stack import Places, Stack, migrate, opened
from deploy.valkey import FolderInUse, Valkey
from shared.settings import Settings

HOST: Final = "127.0.0.1"
"""Browsers keep `__Host-` cookies on plain http here, and nobody else can reach it."""

PATIENCE: Final = 10
"""Seconds for pages and workers to finish once somebody pressed Ctrl-C."""


class Taken(Exception):
    """Somebody else listens on this port."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"Port {port} is taken. End what listens there, or choose another one:"
            f" make demo {name}={port + 10}"
        )


class RunsAlready(Exception):
    """A second demo on the same data would write over the first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The demo runs already on {folder}. End it first.")


class Server(uvicorn.Server):
    """One of several in this process: signals are the demo's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


Script = Callable[[Settings], Coroutine[Any, Any, None]]


async def run(places: Places, script: Script = fill) -> None:
    """Until Ctrl-C; raises what ended a worker. `script` writes the first data."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    mails = Mails(places.folder / "inbox.db")
    with closing(mails), Valkey(places.folder / "valkey") as redis:
        smtp = await listen(mails, host=HOST, port=places.smtp_port)
        async with _closing(smtp):
            settings = places.settings(redis.url)
            await _prepare(places, settings, script, stop)
            async with opened(settings) as stack:
                if not stop.is_set():
                    await _serve(places, stack, mails, stop)


async def _prepare(places: Places, settings: Settings, script: Script, stop: asyncio.Event) -> None:
    """Bring the databases up to date; write the sample year where there is none yet."""
    await migrate(places)
    filled = places.folder / "filled"
    if filled.exists():
        return
    print("Writing a year in Westhagen …", flush=True)
    filling = asyncio.create_task(script(settings))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({filling, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if filling.done():
        filling.result()
        filled.touch()
    filling.cancel()
    stopped.cancel()


async def _serve(places: Places, stack: Stack, mails: Mails, stop: asyncio.Event) -> None:
    site = _server(Dispatcher(stack.webs()), places.port)
    inbox = _server(create_inbox(mails, origin=places.origin), places.inbox_port)
    async with asyncio.TaskGroup() as group:
        for server in (site, inbox):
            group.create_task(server.serve())
        for worker in stack.workers():
            group.create_task(worker.run(stop))
        group.create_task(_announce(places, site))
        await stop.wait()
        print("\nEnding …", flush=True)
        site.should_exit = inbox.should_exit = True


async def _announce(places: Places, site: Server) -> None:
    while not site.started:
        await asyncio.sleep(0.02)
    print(banner(places), flush=True)


def banner(places: Places) -> str:
    """What to open, and how to sign in."""
    width = max(len(person.email) for person in SIGN_INS)
    people = [
        f"  {person.label:<8} {person.email:<{width}}  {person.password}"
        + (f"   code: .venv/bin/python -m deploy.totp {person.key}" if person.totp else "")
        for person in SIGN_INS
    ]
    return "\n".join(
        [
            "",
            f"  Website   {places.origin}/",
            f"  Inbox     http://{HOST}:{places.inbox_port}/   every mail that is sent ends here",
            f"  Sign in   {places.origin}/anmelden",
            "",
            *people,
            "",
            "  Ctrl-C ends it; the data stays. `make demo-reset` starts over.",
        ]
    )


def _server(app: ASGIApp, port: int) -> Server:
    return Server(
        uvicorn.Config(
            app,
            host=HOST,
            port=port,
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=PATIENCE,
        )
    )


@asynccontextmanager
async def _closing(server: asyncio.Server) -> AsyncIterator[None]:
    try:
        yield
    finally:
        server.close()


def check_ports(places: Places) -> None:
    """Raises Taken before anything is started."""
    wanted = {
        "PORT": places.port,
        "INBOX_PORT": places.inbox_port,
        "SMTP_PORT": places.smtp_port,
    }
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise Taken(name, port) from error


def places_wanted() -> Places:
    """From PORT, INBOX_PORT, SMTP_PORT and DEMO_DIR."""
    folder = Path(os.environ.get("DEMO_DIR", "var/demo")).resolve()
    return Places(
        folder=folder,
        port=int(os.environ.get("PORT", "8000")),
        inbox_port=int(os.environ.get("INBOX_PORT", "8025")),
        smtp_port=int(os.environ.get("SMTP_PORT", "1025")),
    )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder for this process; the kernel lets go of it however we end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunsAlready(folder) from error
        yield


def main(script: Script = fill) -> int:
    """The demo, or another stage with data of its own."""
    places = places_wanted()
    try:
        with only_one(places.folder):
            check_ports(places)
            if not (places.folder / "filled").exists():
                shutil.rmtree(places.folder, ignore_errors=True)
            places.folder.mkdir(parents=True, exist_ok=True)
            uvloop.run(run(places, script))
    except (Taken, RunsAlready, FolderInUse) as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
