"""Links in letters to subscribers: signed, for one purpose, good without cookie or password."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.settings import Settings
from shared.web.cookies import sign, unsign

PATH: Final = "/abo"


class Purpose(StrEnum):
    """What a link may do, as it stands in its path."""

    CONFIRM = "bestaetigen"
    MANAGE = "verwalten"
    UNSUBSCRIBE = "abmelden"


def url(settings: Settings, purpose: Purpose, about: UUID) -> str:
    """The address to put into a letter; `about` is a consent to confirm, else a subscription."""
    return f"{settings.origin}{PATH}/{purpose}/{token(settings, purpose, about)}"


def token(settings: Settings, purpose: Purpose, about: UUID) -> str:
    """The last part of that address."""
    return sign(_key(settings, purpose), about.bytes)


def read(settings: Settings, purpose: Purpose, token: str) -> UUID | None:
    """What the link is about, or None unless we wrote it for this purpose."""
    about = unsign(_key(settings, purpose), token)
    return UUID(bytes=about) if about and len(about) == 16 else None


def _key(settings: Settings, purpose: Purpose) -> bytes:
    return settings.derive(f"subscription link {purpose}")
