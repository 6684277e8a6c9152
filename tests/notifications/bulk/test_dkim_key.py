"""The key an office makes for itself, and the record it is told to put into the DNS."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from services.notifications.bulk.dkim import Signer
from tests.notifications.bulk.mails import SETTINGS, filled
from tests.notifications.bulk.test_dkim import verified

SCRIPT: Final = Path(__file__).parents[3] / "deploy" / "make-secrets"

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the key")


def _run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), *options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _signer(folder: Path) -> Signer | None:
    """As the worker reads it: the file is the setting of the same name."""
    pem = SecretStr((folder / "dkim_private_key").read_text())
    selector = "post2026" if pem.get_secret_value() else ""
    chosen = {"dkim_selector": selector, "dkim_private_key": pem}
    return Signer.from_settings(SETTINGS.model_copy(update=chosen))


def test_the_key_made_on_request_signs_and_its_record_verifies(tmp_path: Path) -> None:
    said = _run(tmp_path, "--dkim", "post2026")
    assert said.returncode == 0, said.stderr
    signs = _signer(tmp_path)
    assert signs is not None
    assert verified(signs.sign(filled()), signs)
    line = said.stdout.strip().splitlines()[-1]
    assert line.startswith("post2026._domainkey.")
    strings = re.findall(r'"([^"]*)"', line)
    assert "".join(strings) == signs.record
    assert all(len(string) <= 255 for string in strings), "no DNS server takes a longer one"


def test_without_asking_there_is_no_key_and_the_relay_signs(tmp_path: Path) -> None:
    assert _run(tmp_path).returncode == 0
    assert _signer(tmp_path) is None


def test_a_key_that_is_there_stays_and_its_record_is_told_again(tmp_path: Path) -> None:
    _run(tmp_path)
    first, again = (_run(tmp_path, "--dkim", "post2026").stdout for _ in range(2))
    assert first.splitlines()[-1] == again.splitlines()[-1]
    assert "made" in first and "made" not in again


def test_a_selector_the_dns_cannot_hold_is_refused(tmp_path: Path) -> None:
    said = _run(tmp_path / "new", "--dkim", "a b")
    assert said.returncode == 2
    assert "letters, digits and hyphens" in said.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"DKIM_SELECTOR": "post2026", "DKIM_PRIVATE_KEY": "secret words"},
            "no private key in PEM",
        ),
        ({"DKIM_SELECTOR": "post2026"}, "set both or neither"),
        ({"BOUNCE_ADDRESS": "nobody"}, "BOUNCE_ADDRESS must be"),
    ],
)
def test_a_worker_with_a_bad_setting_says_so_in_one_sentence(
    tmp_path: Path, changed: dict[str, str], why: str
) -> None:
    environment = {
        **os.environ,
        "SECRETS_DIR": str(tmp_path),
        "SECRET_KEY": "only for these tests, at least 32 bytes",
        "REDIS_URL": "redis://127.0.0.1:1",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/db",
        "KEYS_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/keys",
    }
    said = subprocess.run(
        [sys.executable, "-m", "services.notifications.worker"],
        env=environment | changed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 1
    [sentence] = said.stderr.strip().splitlines()
    assert why in sentence
    assert "secret words" not in sentence
