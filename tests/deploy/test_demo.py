"""`make demo`: starts, keeps its data, ends cleanly, and says what is in its way."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo import Taken, check_ports
from deploy.sample.people import SIGN_INS
from deploy.sample.year import at, evening, moments
from deploy.stack import Places
from scripts.files import ROOT
from shared.settings import SERVICES

PATIENCE = 300


class Demo:
    """One process as make starts it, on ports and data of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "demo"
        self.ports = {name: free_port() for name in ("PORT", "INBOX_PORT", "SMTP_PORT")}
        self.process: subprocess.Popen[str] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.ports['PORT']}"

    def command(self) -> dict[str, Any]:
        environment = {name: str(port) for name, port in self.ports.items()}
        return {
            "args": [sys.executable, "-m", "deploy.demo"],
            "cwd": ROOT,
            "env": os.environ | environment | {"DEMO_DIR": str(self.folder)},
            "text": True,
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            **self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        ends = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < ends, "no front page"
            time.sleep(0.2)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/").status_code == 200
        except httpx.TransportError:
            return False

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Its exit code and everything it printed."""
        assert self.process is not None
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=40)
        return self.process.returncode, said

    def mails(self) -> list[dict[str, Any]]:
        inbox = f"http://127.0.0.1:{self.ports['INBOX_PORT']}"
        found: list[dict[str, Any]] = httpx.get(f"{inbox}/messages.json?limit=1000").json()
        return found

    def left_over(self) -> list[tuple[str, str]]:
        """Events and dates of the sample year that failed: type or kind, and where."""
        found: list[tuple[str, str]] = []
        for service in SERVICES:
            with closing(sqlite3.connect(self.folder / f"{service}.db")) as database:
                found += database.execute("SELECT type, error FROM parked").fetchall()
                failed = "SELECT kind, error FROM timers WHERE error <> ''"
                found += database.execute(failed).fetchall()
        return found

    def second(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(**self.command(), capture_output=True, check=False, timeout=60)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    if demo.process and demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()


def test_a_year_is_written_once_and_survives_a_kill(demo: Demo) -> None:
    demo.start()
    written = [mail["id"] for mail in demo.mails()]
    assert len(written) > 50
    assert demo.left_over() == []
    refused = demo.second()
    assert refused.returncode == 1
    assert "runs already" in refused.stderr
    assert "Traceback" not in refused.stderr

    demo.end(signal.SIGKILL)
    demo.start()
    assert [mail["id"] for mail in demo.mails()][-len(written) :] == written
    code, said = demo.end(signal.SIGINT)
    assert code == 0, said
    assert "Traceback" not in said
    for person in SIGN_INS:
        assert person.email in said
        assert person.password in said
    assert not servers_in(demo.folder), "the child lives on"


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Taken, match=f"Port {port} is taken.*make demo PORT={port + 10}"):
            check_ports(Places(folder=Path("var"), port=port))


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-25", "2027-01-01", "2028-02-29"])
def test_the_next_session_and_deadline_lie_ahead_whatever_the_day(day: str) -> None:
    today = date.fromisoformat(day)
    coming = evening(today, 22)
    assert coming.weekday() == 2
    assert coming.date() - timedelta(days=14) > today
    script = moments(today)
    assert script == sorted(script)
    assert script[-1].at < at(today, 0, 0)


def servers_in(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if "valkey" in line and str(folder) in line]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
