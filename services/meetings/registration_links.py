"""The link in a letter that shows and changes one's own registration, good without a password."""

from typing import Final
from uuid import UUID

from shared.settings import Settings
from shared.web.cookies import sign, unsign

PATH: Final = "/termine/anmeldung"
PURPOSE: Final = "registration link"


def url(settings: Settings, registration_id: UUID) -> str:
    """The address to put into a letter."""
    return f"{settings.origin}{path(settings, registration_id)}"


def path(settings: Settings, registration_id: UUID) -> str:
    """The same on our own pages."""
    return f"{PATH}/{sign(settings.derive(PURPOSE), registration_id.bytes)}"


def read(settings: Settings, token: str) -> UUID | None:
    """Whose registration it is, or None unless we wrote the link."""
    about = unsign(settings.derive(PURPOSE), token)
    return UUID(bytes=about) if about and len(about) == 16 else None
