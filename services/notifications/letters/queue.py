"""Putting letters into the queue, and taking those out that are no longer true or wanted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import case, delete, func, literal, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.addressbook import Recipient
from services.notifications.bounces.erasure import blank
from services.notifications.domain.letter import (
    COULD_GO_AGAIN,
    IS_UNSENT,
    Attempt,
    Letter,
    LetterFile,
    Reason,
    State,
    Suppression,
    leading_to,
)
from services.notifications.letters.kinds import KINDS, Kind
from services.notifications.letters.many import Subscribed
from services.notifications.letters.mime import message_id
from services.notifications.letters.rendering import write
from shared.service import Service
from shared.store import RINGS, insert
from shared.web.brand import Brand, load_brand

BATCH: Final = 200
"""Letters written with one statement."""


class Cause(Protocol):
    """Why there is a letter: an event, or the time for a digest."""

    @property
    def event_id(self) -> UUID: ...
    @property
    def type(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class About:
    """What the letter is about, beside its recipient; an earlier expiry than the kind's wins."""

    application_id: UUID | None = None
    session_id: UUID | None = None
    thing_id: UUID | None = None
    """What else there is: a task, an occasion, a registration, a vote in writing."""
    expires_at: datetime | None = None
    calendar: str | None = None

    @property
    def thread(self) -> UUID | None:
        """What letters to one address have in common that belong together."""
        return self.application_id or self.thing_id or self.session_id


NOTHING: Final = About()
THREAD: Final = func.coalesce(Letter.application_id, Letter.thing_id, Letter.session_id)
"""`About.thread` of a letter that was written."""


@dataclass(frozen=True, kw_only=True)
class File:
    """What is enclosed."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One letter to be written: to whom, what about, with what in it."""

    to: Recipient
    about: About = NOTHING
    facts: Mapping[str, Any]
    files: Sequence[File] = ()


async def queue(
    session: AsyncSession,
    service: Service,
    event: Cause,
    name: str,
    to: Recipient,
    *,
    about: About = NOTHING,
    files: Sequence[File] = (),
    **facts: Any,
) -> None:
    """Write the letter down once, however often the event arrives; sending is another step."""
    await queue_all(
        session, service, event, name, [Draft(to=to, about=about, files=files, facts=facts)]
    )


async def queue_all(
    session: AsyncSession, service: Service, event: Cause, name: str, drafts: Sequence[Draft]
) -> None:
    """The same letter to many, with a handful of statements for all of them."""
    many = Subscribed(service, brand_of(service.settings.brand_file))
    for start in range(0, len(drafts), BATCH):
        await _write_down(session, many, event, KINDS[name], drafts[start : start + BATCH])


async def _write_down(
    session: AsyncSession, many: Subscribed, event: Cause, kind: Kind, drafts: Sequence[Draft]
) -> None:
    service = many.service
    hashes = [_hash(service, draft.to) for draft in drafts]
    dead = await _suppressed(session, hashes)
    threads = await _threads(session, drafts, hashes)
    rows, at = [], service.clock.now()
    for draft, address_hash in zip(drafts, hashes, strict=True):
        first = threads.get((draft.about.thread, address_hash))
        row = _cause(event, kind, draft.about) | _addressee(draft.to, address_hash)
        row |= _texts(many, kind, draft.to, draft.facts)
        row |= _standing(kind, draft, dead=address_hash in dead, at=at)
        row["thread"] = message_id(first, service.settings.mail_domain) if first else None
        rows.append(row)
    new = insert(session, Letter).on_conflict_do_nothing().returning(Letter.id)
    written = set((await session.scalars(new, rows)).all())
    files = {row["id"]: draft.files for row, draft in zip(rows, drafts, strict=True)}
    session.add_all(
        _enclosed(letter_id, file)
        for letter_id in files
        if letter_id in written
        for file in files[letter_id]
    )
    session.info[RINGS] = True


def _cause(event: Cause, kind: Kind, about: About) -> dict[str, Any]:
    """The columns that say why there is a letter."""
    return {
        "id": uuid7(),
        "event_id": event.event_id,
        "kind": kind.name,
        "cause": event.type,
        "application_id": about.application_id,
        "session_id": about.session_id,
        "thing_id": about.thing_id,
        "calendar": about.calendar,
        "topic": kind.topic,
        "priority": int(kind.priority),
    }


def _enclosed(letter_id: UUID, file: File) -> LetterFile:
    return LetterFile(
        id=uuid7(),
        letter_id=letter_id,
        name=file.name,
        media_type=file.media_type,
        sha256=sha256(file.content).hexdigest(),
        content=file.content,
    )


def _hash(service: Service, to: Recipient) -> str:
    """ "" for people without an address: they have no mailbox in common."""
    return service.seals.address_hash(to.address) if to.address else ""


def _addressee(to: Recipient, address_hash: str) -> dict[str, Any]:
    """The columns that say whom it goes to."""
    return {
        "recipient": to.key,
        "person_id": to.person_id,
        "subscription_id": to.subscription_id,
        "name": to.name,
        "address": to.address,
        "address_hash": address_hash,
    }


def _standing(kind: Kind, draft: Draft, *, dead: bool, at: datetime) -> dict[str, Any]:
    """The columns that say whether and how long it may go out."""
    expires_at = min(at + kind.lives, draft.about.expires_at or at + kind.lives)
    state, reason = State.QUEUED, None
    if expires_at <= at:
        state = State.EXPIRED
    elif not draft.to.address:
        state, reason = State.SUPPRESSED, Reason.PAPER
    elif dead:
        state, reason = State.SUPPRESSED, Reason.ADDRESS
    return {
        "state": state,
        "reason": reason,
        "queued_at": at,
        "due_at": at,
        "expires_at": expires_at,
        "tries": 0,
        "losses": 0,
    }


def _texts(many: Subscribed, kind: Kind, to: Recipient, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that hold what the person reads."""
    unsubscribe_url = None
    if kind.subscribed and to.subscription_id is not None:
        written, unsubscribe_url = many.written(kind, to, facts)
    else:
        written = write(
            kind.name,
            language=to.language,
            name=to.name,
            brand=many.brand,
            origin=many.service.settings.origin,
            facts=facts,
            paper=None if to.address else to.postal,
        )
    return {
        "language": written.language,
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "unsubscribe_url": unsubscribe_url,
    }


async def _suppressed(session: AsyncSession, hashes: Collection[str]) -> set[str]:
    """Which of these addresses take nothing."""
    held = select(Suppression.address_hash).where(Suppression.address_hash.in_(hashes))
    return set((await session.scalars(held)).all())


async def _threads(
    session: AsyncSession, drafts: Sequence[Draft], hashes: Sequence[str]
) -> dict[tuple[UUID | None, str], UUID]:
    """The first letter to each of these addresses about the same case, thing or session."""
    about = {draft.about.thread for draft in drafts} - {None}
    addresses = {address_hash for address_hash in hashes if address_hash}
    if not about or not addresses:
        return {}
    rows = await session.execute(
        select(THREAD, Letter.address_hash, Letter.id).where(
            or_(
                Letter.application_id.in_(about),
                Letter.thing_id.in_(about),
                Letter.session_id.in_(about),
            ),
            Letter.address_hash.in_(addresses),
        )
    )
    firsts: dict[tuple[UUID | None, str], UUID] = {}
    for thread, address_hash, letter_id in sorted(rows, key=lambda row: row[2]):
        firsts.setdefault((thread, address_hash), letter_id)
    return firsts


async def overtake(
    session: AsyncSession,
    *,
    kinds: Collection[str],
    before: UUID,
    but_for: UUID | None = None,
    **same: UUID | str,
) -> None:
    """Hold back what is no longer true since the event `before`; what was sent was sent.

    Meant are letters with the `same` in these columns, but not those about the session `but_for`. What
    is under way or in trouble keeps its state: it is marked, so that it never goes out once more.
    """
    alike = [getattr(Letter, column) == value for column, value in same.items()]
    stale = update(Letter).where(Letter.kind.in_(kinds), Letter.event_id != before, *alike)
    if but_for is not None:
        stale = stale.where(Letter.session_id.is_distinct_from(but_for))
    overtaken = literal(State.OVERTAKEN, Letter.state.type)
    marked = stale.where(or_(IS_UNSENT, COULD_GO_AGAIN)).values(
        state=case((IS_UNSENT, overtaken), else_=Letter.state),
        claim=case((IS_UNSENT, null()), else_=Letter.claim),
        reason=Reason.NEWER,
    )
    await session.execute(marked, execution_options={"synchronize_session": False})


async def suppress_for(
    session: AsyncSession, subscription_id: UUID, topics: Collection[str]
) -> None:
    """Hold back what waits for a subscriber who no longer wants it; `topics` is what they still want."""
    unwanted = update(Letter).where(
        Letter.subscription_id == subscription_id,
        Letter.topic.is_not(None),
        Letter.topic.not_in(topics),
        Letter.state.in_(leading_to(State.SUPPRESSED)),
    )
    await session.execute(
        unwanted.values(state=State.SUPPRESSED, reason=Reason.UNSUBSCRIBED, claim=None)
    )


async def redact(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Empty every letter to these people; what still waited is never sent."""
    await blank(session, person_ids)
    theirs = Letter.person_id.in_(person_ids)
    waiting = update(Letter).where(theirs, Letter.state.in_(leading_to(State.SUPPRESSED)))
    await session.execute(waiting.values(state=State.SUPPRESSED, reason=Reason.ERASED, claim=None))
    empty = {"name": "", "address": "", "address_hash": "", "subject": "", "text": "", "html": ""}
    await session.execute(
        update(Letter).where(theirs).values(**empty, calendar=None, unsubscribe_url=None)
    )
    on_paper = update(Letter).where(theirs, Letter.reason == Reason.PAPER)
    await session.execute(on_paper.values(reason=Reason.ERASED))
    letters = select(Letter.id).where(theirs)
    await session.execute(delete(LetterFile).where(LetterFile.letter_id.in_(letters)))
    await session.execute(update(Attempt).where(Attempt.letter_id.in_(letters)).values(answer=""))


@cache
def brand_of(file: Path) -> Brand:
    """The office's name, address and colours, read once a process."""
    return load_brand(file)
