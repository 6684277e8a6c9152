"""A draft from its first key to its end: started, saved as typed, found again, thrown away."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from unicodedata import category

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.files import drop_files
from services.applications.commands.people import person_of
from services.applications.domain import Application, DraftKey, Rules, Status
from services.applications.store import Timer, note, record
from shared.events.applications import DraftDiscarded, DraftSaved
from shared.events.people import Contact, Link
from shared.sealed import Seals
from shared.timers import cancel_timer, set_timer
from shared.web.i18n import LANGUAGES

PAUSE: Final = timedelta(minutes=10)
"""Between two letters about one draft: asking again at once sends nothing more."""

LONGEST: Final = 100_000
"""Characters kept of one field, however much was pasted."""


async def start_draft(
    session: AsyncSession, fund: str, *, language: str, rules: Rules, at: datetime
) -> str:
    """An empty draft; returns the key that opens it, which nobody keeps but the browser."""
    draft = Application.start(fund=fund, language=language, at=at)
    session.add(draft)
    await session.flush()
    await keep_for(session, draft, rules, at=at)
    return await new_key(session, draft, rules=rules, at=at)


async def new_key(session: AsyncSession, draft: Application, *, rules: Rules, at: datetime) -> str:
    """Another way in: for a second device, or a link in a letter."""
    key = secrets.token_urlsafe(32)
    expires = at + timedelta(days=rules.draft_days)
    session.add(DraftKey(key_hash=hash_of(key), application_id=draft.id, expires_at=expires))
    return key


async def draft_for(
    session: AsyncSession, key: str, *, at: datetime, lock: bool = False
) -> Application | None:
    """Whatever the key opens, handed in or not; None once it is expired or gone."""
    opens = (
        select(Application)
        .join(DraftKey, DraftKey.application_id == Application.id)
        .where(DraftKey.key_hash == hash_of(key), DraftKey.expires_at > at)
    )
    return await session.scalar(opens.with_for_update(of=Application) if lock else opens)


async def renew_key(session: AsyncSession, key: str, *, rules: Rules, at: datetime) -> None:
    """Who goes on writing keeps the way in."""
    known = await session.get(DraftKey, hash_of(key))
    if known is not None:
        known.expires_at = at + timedelta(days=rules.draft_days)


async def save(
    session: AsyncSession,
    draft: Application,
    typed: Mapping[str, Any],
    *,
    rules: Rules,
    seals: Seals,
    at: datetime,
) -> None:
    """Keep these fields as typed, right or wrong; the others stay as they are."""
    kept = {name: storable(value) for name, value in typed.items()}
    draft.typed = draft.typed | kept
    draft.title = _line(draft.typed, "title")
    draft.applicant = _line(draft.typed, "name")
    if (language := _line(draft.typed, "language")) in LANGUAGES:
        draft.language = language
    email = _line(draft.typed, "email")
    draft.email_hash = seals.address_hash(email) if "@" in email else None
    draft.touched_at = at
    await keep_for(session, draft, rules, at=at)


async def tell_saved(
    session: AsyncSession,
    draft: Application,
    contact: Contact,
    *,
    url: str,
    rules: Rules,
    seals: Seals,
    at: datetime,
) -> DraftSaved | None:
    """Mail a link that opens the draft again; None if one went out just now. `url` ends in `/`."""
    if draft.letter_at is not None and at - draft.letter_at < PAUSE:
        return None
    draft.person_id, draft.email_hash = await person_of(session, seals, draft, contact.email)
    key = await new_key(session, draft, rules=rules, at=at)
    event = DraftSaved(
        at=at,
        application_id=draft.id,
        person_id=draft.person_id,
        language=draft.language,
        contact=await seals.seal(draft.person_id, contact),
        link=await seals.seal(draft.person_id, Link(url=url + key)),
        expires_at=at + timedelta(days=rules.draft_days),
        subject_version=draft.next_version,
    )
    draft.letter_at = at
    record(session, event)
    return event


async def discard(
    session: AsyncSession, draft: Application, *, actor: str, at: datetime
) -> DraftDiscarded:
    """Throw the draft away with everything in it."""
    await drop_files(session, draft.id, at=at)
    await cancel_timer(session, Timer, kind="draft_untouched", subject=str(draft.id))
    event = draft.withdraw(at=at)
    assert isinstance(event, DraftDiscarded)
    record(session, event)
    note(session, at=at, actor=actor, action="draft.discard", subject=str(draft.id))
    return event


async def drop_untouched(session: AsyncSession, draft: Application, *, at: datetime) -> None:
    """The draft nobody touched for as long as the rules say: nothing of it is kept."""
    if draft.status == Status.DRAFT:
        await drop_files(session, draft.id, at=at)
        await session.delete(draft)


async def forget_key(session: AsyncSession, key: str) -> None:
    """This browser forgets the draft; others keep their way in."""
    known = await session.get(DraftKey, hash_of(key))
    if known is not None:
        await session.delete(known)


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()


async def keep_for(
    session: AsyncSession, draft: Application, rules: Rules, *, at: datetime
) -> None:
    """From now on it stays as long as the rules say, untouched."""
    await set_timer(
        session,
        Timer,
        kind="draft_untouched",
        subject=str(draft.id),
        due_at=at + timedelta(days=rules.draft_days),
    )


def _line(typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name, "")
    return value[:200].strip() if isinstance(value, str) else ""


def storable(value: Any) -> Any:
    """Without what no keyboard types and no database takes (NUL, half characters)."""
    if isinstance(value, list):
        return [storable(item) for item in value[:100]]
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    return "".join(c for c in value[:LONGEST] if c in "\n\t" or category(c) not in ("Cc", "Cs"))
