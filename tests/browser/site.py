"""A running Stadtteilbote that a browser can open, and the people who sign in to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pyotp

from deploy.sample.people import SIGN_INS, SignIn

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 300
"""Seconds until the sample year is written and the front page answers."""


@dataclass(frozen=True)
class Site:
    """Where to open it, where its mail ends, and who may sign in."""

    origin: str
    inbox: str
    people: tuple[SignIn, ...] = SIGN_INS
    verify: bool = True

    def person(self, key: str) -> SignIn:
        return next(person for person in self.people if person.key == key)

    def mails(self, to: str, *, after: int = 0) -> list[dict[str, Any]]:
        """What this address got, newest first."""
        answer = httpx.get(f"{self.inbox}/messages.json", params={"to": to, "after": after})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    def mail(self, to: str, *, saying: str, patience: float = 30) -> dict[str, Any]:
        """The newest mail to this address whose subject or text says this; waits for it."""
        ends = time.monotonic() + patience
        while True:
            for mail in (seen := self.mails(to)):
                if saying in mail["subject"] or saying in mail["text"]:
                    return mail
            if time.monotonic() > ends:
                raise AssertionError(f"no mail to {to} says {saying!r}: {seen!r}")
            time.sleep(0.1)


class Codes:
    """One-time codes of a device; each is used once, so the next one may be minutes away."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def of(self, secret: str) -> str:
        """A code that was not used yet: this step's, or the next one's, which is accepted early."""
        step = max(int(time.time()) // 30, self._used.get(secret, 0) + 1)
        while step > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self._used[secret] = step
        return pyotp.TOTP(secret).at(step * 30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def demo(folder: Path, stage: str = "deploy.demo") -> Iterator[Site]:
    """`make demo` on ports and data of its own, or another stage of it."""
    ports = {name: free_port() for name in ("PORT", "INBOX_PORT", "SMTP_PORT")}
    environment = os.environ | {name: str(port) for name, port in ports.items()}
    environment["DEMO_DIR"] = str(folder / "demo")
    log = folder / "demo.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", stage],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        site = Site(f"http://127.0.0.1:{ports['PORT']}", f"http://127.0.0.1:{ports['INBOX_PORT']}")
        try:
            _wait(site.origin, process, log)
            yield site
        finally:
            process.terminate()
            process.wait(30)


def _wait(origin: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise AssertionError(f"the demo ended by itself:\n{log.read_text()}")
        try:
            if httpx.get(origin).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"no front page after {PATIENCE} s:\n{log.read_text()}")
