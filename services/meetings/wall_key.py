"""The address of a session's projector: who has it may look, nobody can guess it."""

import hmac
from base64 import b32encode
from hashlib import sha256
from typing import Final
from uuid import UUID

from shared.settings import Settings

LETTERS: Final = 26
"""130 bits, typed by nobody."""


def wall_key(settings: Settings, session_id: UUID) -> str:
    """The same for as long as the installation's secret is."""
    mac = hmac.new(settings.derive("meetings.wall"), session_id.bytes, sha256).digest()
    return b32encode(mac).decode().lower()[:LETTERS]


def fits(settings: Settings, session_id: UUID, key: str) -> bool:
    """Compared in the same time whatever is wrong with it."""
    return hmac.compare_digest(wall_key(settings, session_id).encode(), key.encode())


def wall_path(settings: Settings, session_id: UUID) -> str:
    """Where the projector's page is."""
    return f"/sitzungen/{session_id}/leinwand/{wall_key(settings, session_id)}"
