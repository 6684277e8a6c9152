"""Debian's dovecot as an IMAP server with one mailbox, on a free port of this machine only."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from deploy.processes import die_with_parent

PROGRAM: Final = shutil.which("dovecot") or shutil.which(
    "dovecot", path="/usr/sbin:/usr/local/sbin"
)

CONFIGURATION: Final = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/run
log_path = {folder}/dovecot.log
ssl = {ssl}
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{home}/mail
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 1
maildir_very_dirty_syncs = no
namespace inbox {{
  inbox = yes
  separator = .
  prefix = {prefix}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={home}/mail allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """One server that hears nobody but this machine.

    With a `certificate` (PEM, with its key) it offers STARTTLS. `prefix` is what every folder but
    INBOX has before its name, as with some providers. Its configuration and log lie in `folder`; sockets and mail in a short folder of their own that
    an unprivileged user may enter.
    """

    user: Final = "ruecklauf@stadtteil.example"
    password: Final = "geheim"
    host: Final = "127.0.0.1"

    def __init__(self, folder: Path, *, certificate: Path | None = None, prefix: str = "") -> None:
        self.folder, self.certificate, self.prefix = folder, certificate, prefix
        self.home = Path(tempfile.mkdtemp(prefix="sb-dovecot-"))
        self.mail = self.home / "mail"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._number = count(1)
        self._lay_out()

    def start(self) -> "Dovecot":
        """Returns when it greets; after `stop` or `kill` it finds its mail again. Skips without dovecot."""
        if reason := missing():
            pytest.skip(reason)
        self.port = self.port or _free_port()
        written = self.folder / "dovecot.conf"
        written.write_text(CONFIGURATION.format(**self._answers()))
        self.process = subprocess.Popen(
            [str(PROGRAM), "-F", "-c", str(written)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """A clean end, with every open connection."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Master and everything it started die at once."""
        if self.process is not None and self.process.poll() is None:
            children = [pid for pid in _children(self.process.pid) if pid != self.process.pid]
            self.process.kill()
            self.process.wait(timeout=20)
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def deliver(self, message: bytes) -> None:
        """Into the mailbox, as an MTA does it: whole or not at all."""
        name = f"{time.time():.6f}.{os.getpid()}_{next(self._number)}.here"
        (self.mail / "tmp" / name).write_bytes(message)
        os.chown(self.mail / "tmp" / name, *self._owner())
        (self.mail / "tmp" / name).rename(self.mail / "new" / name)

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """What lies in a folder, in the order it came; folders have plain ASCII names here."""
        place = self.mail if folder == "INBOX" else self.mail / f".{folder}"
        found = [file for part in ("new", "cur") for file in (place / part).glob("*")]
        return [file.read_bytes() for file in sorted(found, key=lambda file: file.name)]

    def _lay_out(self) -> None:
        for part in ("run", "mail", "mail/tmp", "mail/new", "mail/cur"):
            (self.home / part).mkdir()
        self.home.chmod(0o755)
        for part in ("mail", "mail/tmp", "mail/new", "mail/cur"):
            os.chown(self.home / part, *self._owner())

    def _owner(self) -> tuple[int, int]:
        """Dovecot opens no mail for root."""
        if os.geteuid():
            return os.getuid(), os.getgid()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def _answers(self) -> dict[str, object]:
        uid, gid = self._owner()
        me = pwd.getpwuid(os.geteuid())
        system = os.geteuid() == 0
        return {
            "home": self.home,
            "folder": self.folder,
            "port": self.port,
            "password": self.password,
            "prefix": self.prefix,
            "ssl": "yes" if self.certificate else "no",
            "certificate": self.certificate or "/dev/null",
            "internal": "dovecot" if system else me.pw_name,
            "internal_group": "dovecot" if system else grp.getgrgid(os.getegid()).gr_name,
            "login": "dovenull" if system else me.pw_name,
            "mail": uid,
            "mail_group": gid,
        }

    def _wait_until_ready(self, seconds: float = 20) -> None:
        assert self.process is not None
        deadline = time.monotonic() + seconds
        while True:
            try:
                with socket.create_connection((self.host, self.port), timeout=seconds) as probe:
                    if probe.recv(4) == b"* OK":
                        return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = self.folder / "dovecot.log"
                said = log.read_text(errors="replace")[-2000:] if log.exists() else "nothing"
                raise RuntimeError(f"dovecot did not start:\n{said}")
            time.sleep(0.05)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)


def missing() -> str | None:
    """Why there is no dovecot to test with, or None."""
    if PROGRAM is None:
        return "dovecot is not installed (Debian: apt-get install dovecot-imapd)"
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False)
    if not said.stdout.startswith("2.3."):
        return f"dovecot 2.3 is needed for this configuration, found {said.stdout.strip()}"
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _children(master: int) -> list[int]:
    """Its session's processes: dovecot's helpers share their master's session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(after_name[3]) == master:
                    found.append(int(entry.name))
    return found
