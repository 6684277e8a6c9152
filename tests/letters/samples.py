"""One believable occasion for every letter, and the variants that read differently."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.notifications.letters.rendering import Written, write
from shared.web.brand import load_brand

BRAND: Final = load_brand(Path("deploy/brand.toml"))
ORIGIN: Final = "https://stadtteil.example"
NAME: Final = "Ada Lovelace"

DECEMBER: Final = datetime(2026, 12, 9, 17, tzinfo=UTC)
MARCH: Final = datetime(2027, 3, 10, 17, tzinfo=UTC)
DEADLINE: Final = datetime(2026, 11, 25, 22, 59, 59, tzinfo=UTC)
SESSION: Final = UUID("018f0000-0000-7000-8000-000000000001")

LINK: Final = {
    "url": f"{ORIGIN}/link/Zm9vYmFy",
    "code": "K7PM-29QX",
    "expires_at": datetime(2026, 11, 2, 9, 10, tzinfo=UTC),
}
RECEIVED: Final = {"application": "2026-021", "session_at": DECEMBER, "late": False}
SUBSCRIBED: Final = {
    "manage_url": f"{ORIGIN}/abo/verwalten/t0ken",
    "unsubscribe_url": f"{ORIGIN}/abo/abmelden/t0ken",
}
APPOINTMENT: Final = {
    "board": "Freunde Westhagens",
    "starts_at": DECEMBER,
    "place": "Stadtteilbüro, Hallesche Straße 30",
    "note": "Der Eingang ist hinten.",
    "session_id": SESSION,
    "submission_deadline": DEADLINE,
}
POSTPONED: Final = APPOINTMENT | {"previous_starts_at": DECEMBER, "starts_at": MARCH}
FIRE: Final = "Im Haus ist ein Wasserschaden."

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "sign_in": LINK,
    "case_link": LINK,
    "case_link without a code": LINK | {"code": None},
    "account_invited": LINK,
    "draft_saved": {"url": LINK["url"], "expires_at": DECEMBER},
    "application_received": RECEIVED,
    "application_received late": RECEIVED | {"session_at": MARCH, "late": True},
    "application_received without a session": RECEIVED | {"session_at": None},
    "application_withdrawn": {"application": "2026-021"},
    "case_session_postponed": POSTPONED | {"application": "2026-021", "reason": "room"},
    "case_session_cancelled": {
        "application": "2026-021",
        "starts_at": DECEMBER,
        "reason": FIRE,
    },
    "subscription_confirm": {
        "topics": ["sessions", "newsletter"],
        "url": f"{ORIGIN}/abo/bestaetigen/t0ken",
        "expires_at": DECEMBER,
    },
    "subscription_ended": {},
    "office_new_application": RECEIVED
    | {"application_id": SESSION, "asked_cents": 65_000, "late": False},
    "session_scheduled": APPOINTMENT | SUBSCRIBED,
    "session_postponed": POSTPONED | SUBSCRIBED | {"reason": "people"},
    "session_cancelled": SUBSCRIBED
    | {"board": "Freunde Westhagens", "starts_at": DECEMBER, "reason": FIRE},
}
"""By kind, with the variant behind it."""


def written(sample: str, language: str, *, name: str = NAME, **facts: Any) -> Written:
    """The letter as it would be kept."""
    return write(
        sample.split(maxsplit=1)[0],
        language=language,
        name=name,
        brand=BRAND,
        origin=ORIGIN,
        facts=SAMPLES[sample] | facts,
    )
