"""Notifications with an address for what comes back, and the samples of what does."""

import re
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from services.notifications.bounces import verp
from services.notifications.links import Purpose, url
from shared.service import Service
from shared.settings import Settings
from tests.support.services import SECRET_KEY

SAMPLES: Final = Path(__file__).parent / "samples"
BOUNCE_ADDRESS: Final = "ruecklauf@stadtteil.example"


@pytest.fixture
def notifications(notifications: Service) -> Service:
    """As everywhere, and letters leave from an address of their own."""
    settings = notifications.settings.model_copy(update={"bounce_address": BOUNCE_ADDRESS})
    return replace(notifications, settings=settings)


@pytest.fixture
def settings() -> Settings:
    """For what needs no database."""
    return Settings(
        redis_url="redis://127.0.0.1",
        keys_database_url="sqlite+aiosqlite:///keys",
        secret_key=SECRET_KEY,
        mail_from="post@stadtteil.example",
        bounce_address=BOUNCE_ADDRESS,
    )


def written(
    name: str,
    settings: Settings,
    of: UUID | tuple[UUID, int] | None = None,
    *,
    subscription_id: UUID | None = None,
    recipient: str = "ada@example.org",
    written_at: datetime | None = None,
) -> bytes:
    """The sample as it comes back about this letter or subscription."""
    path = verp.return_path(settings, of or uuid7())
    subscription_id = subscription_id or uuid7()
    mailto = verp.unsubscribe_mailto(settings, subscription_id) or ""
    text = (SAMPLES / f"{name}.eml").read_bytes()
    for slot, value in (
        ("%RETURN_PATH%", path),
        ("%RETURN_PATH_UPPER%", path.upper()),
        ("%RECIPIENT%", recipient),
        ("%UNSUBSCRIBE%", mailto.removeprefix("mailto:").partition("?")[0]),
        ("%UNSUBSCRIBE_MAILTO%", mailto),
        ("%UNSUBSCRIBE_URL%", url(settings, Purpose.UNSUBSCRIBE, subscription_id)),
    ):
        text = text.replace(slot.encode(), value.encode())
    if written_at is not None:
        date = b"Date: " + format_datetime(written_at).encode()
        text = re.sub(rb"(?m)^Date: .*", date, text, count=1)
    assert b"%R" not in text
    assert b"%U" not in text
    return text
