"""Taking in a list of addresses: nobody is subscribed silently (§ 7 UWG, Art. 7 GDPR).

Each address is asked, as if its owner had filled in the form, and hears nothing more without a yes.
Only an address we never knew, on a list whose owner agreed on a named day of the last two years, may
be taken over, if the office decides so; it gets a letter at once that says so and ends it by one click.
Whoever unsubscribed later than they agreed is left alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.commands.subscriptions import (
    MOST_QUESTIONS,
    UNCONFIRMED,
    WITHIN,
    asked,
    blank_row,
    link_to_confirm,
)
from services.notifications.domain.letter import Suppression
from services.notifications.domain.subscription import (
    CONFIRM_WITHIN,
    Consent,
    Status,
    Subscription,
    SubscriptionTopic,
)
from services.notifications.store import Audit, Outbox, Timer
from services.notifications.subscriber_lists.reading import Entry
from services.notifications.subscription_letters import LIST_FORM
from shared.days import local_day, start_of_day
from shared.events.base import Event
from shared.events.people import Contact
from shared.outbox import record_many
from shared.service import Service

PROOF_HOLDS: Final = timedelta(days=2 * 365)
"""A yes that was never used is none any more after about two years."""
AT_A_TIME: Final = 500


class Became(StrEnum):
    """What a line of the list led to."""

    ASKED = "asked"
    TAKEN_OVER = "taken_over"
    KNOWN = "known"
    """They have it already."""
    ENDED = "ended"
    """They unsubscribed after they had agreed."""
    UNREACHABLE = "unreachable"
    """The address takes nothing."""
    ASKED_BEFORE = "asked_before"
    """The same question is open still, or so many went to the address today that it gets no other."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the list comes from: kept with every consent."""

    file: str
    text: str
    by: str
    take_over: bool = False


@dataclass(frozen=True)
class Line:
    """One entry, and what it leads to."""

    entry: Entry
    address_hash: str
    became: Became

    @property
    def contact(self) -> Contact:
        return Contact(name=self.entry.name, email=self.entry.email)


async def take_in(
    session: AsyncSession,
    service: Service,
    entries: Sequence[Entry],
    source: Source,
    *,
    at: datetime,
) -> Mapping[Became, int]:
    """The whole list or, if the transaction fails, nothing of it; how many lines became what."""
    counts: Counter[Became] = Counter()
    for start in range(0, len(entries), AT_A_TIME):
        some = entries[start : start + AT_A_TIME]
        lines = await _lines(session, service, some, source, at=at)
        counts.update(line.became for line in lines)
        await _write_down(session, service, lines, source, at=at)
        await session.flush()
        session.expunge_all()
    details = {str(became): count for became, count in counts.items()}
    details |= {"lines": len(entries), "take_over": source.take_over}
    session.add(
        Audit(at=at, actor=source.by, action="subscribers.read_in", subject="", details=details)
    )
    return counts


async def _lines(
    session: AsyncSession,
    service: Service,
    entries: Sequence[Entry],
    source: Source,
    *,
    at: datetime,
) -> list[Line]:
    hashes = [service.seals.address_hash(entry.email) for entry in entries]
    known = select(Subscription).where(Subscription.address_hash.in_(hashes)).with_for_update()
    rows = {row.address_hash: row for row in await session.scalars(known)}
    held = select(Suppression.address_hash).where(Suppression.address_hash.in_(hashes))
    dead = set(await session.scalars(held))
    ids = [row.id for row in rows.values()]
    often, open_ = await _asked_often(session, ids, at=at), await _open(session, ids, at=at)
    lines = []
    for entry, one in zip(entries, hashes, strict=True):
        row = rows.get(one)
        if one in dead:
            became = Became.UNREACHABLE
        elif row is None:
            became = _of_stranger(entry, source, at=at)
        else:
            asked_for = open_.get(row.id, frozenset())
            waits = row.id in often or set(entry.topics) <= asked_for
            became = _of_known(entry, row, asked_before=waits)
        lines.append(Line(entry, one, became))
    return lines


def _of_stranger(entry: Entry, source: Source, *, at: datetime) -> Became:
    since = local_day(at - PROOF_HOLDS)
    proven = entry.agreed_on is not None and entry.agreed_on >= since
    return Became.TAKEN_OVER if source.take_over and proven else Became.ASKED


def _of_known(entry: Entry, row: Subscription, *, asked_before: bool) -> Became:
    if row.status == Status.CONFIRMED and set(entry.topics) <= set(row.topics):
        return Became.KNOWN
    if row.ended_at is not None:
        gone = local_day(row.ended_at)
        if entry.agreed_on is None or entry.agreed_on <= gone:
            return Became.ENDED
    return Became.ASKED_BEFORE if asked_before else Became.ASKED


async def _asked_often(session: AsyncSession, ids: Sequence[UUID], *, at: datetime) -> set[UUID]:
    questions = (
        select(Consent.subscription_id)
        .where(Consent.subscription_id.in_(ids), Consent.asked_at > at - WITHIN)
        .group_by(Consent.subscription_id)
        .having(func.count() >= MOST_QUESTIONS)
    )
    return set(await session.scalars(questions))


async def _open(
    session: AsyncSession, ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, frozenset[str]]:
    """What the newest question from a list, still to be answered, asks each of them for."""
    asked_for = select(Consent.subscription_id, Consent.topics).where(
        Consent.subscription_id.in_(ids),
        Consent.form == LIST_FORM,
        Consent.confirmed_at.is_(None),
        Consent.expires_at > at,
    )
    rows = await session.execute(asked_for.order_by(Consent.asked_at))
    return {subscription_id: frozenset(topics) for subscription_id, topics in rows}


async def _write_down(
    session: AsyncSession, service: Service, lines: Sequence[Line], source: Source, *, at: datetime
) -> None:
    """A consent for each that is asked or taken over, and the events that become letters."""
    to_do = [line for line in lines if line.became in (Became.ASKED, Became.TAKEN_OVER)]
    rows = await _rows(session, service, to_do, at=at)
    consents = [_consent(line, rows[line.address_hash].id, source, at=at) for line in to_do]
    sealed = await service.seals.seal_many(
        [
            (rows[line.address_hash].person_id, (line.contact, link_to_confirm(service, one.id)))
            for line, one in zip(to_do, consents, strict=True)
        ]
    )
    made: list[Any] = []
    events: list[Event] = []
    timers: list[dict[str, Any]] = []
    for line, consent, boxes in zip(to_do, consents, sealed, strict=True):
        if boxes is None:
            continue
        contact, link = boxes
        consent.contact = contact.model_dump(mode="json")
        row = rows[line.address_hash]
        if line.became is Became.TAKEN_OVER:
            events.append(row.confirm(consent, line.contact, at=at))
            topics = [SubscriptionTopic(topic=one, subscription_id=row.id) for one in row.topics]
            made += [consent, *topics]
        else:
            events.append(asked(consent, contact=contact, link=link))
            made.append(consent)
            timers.append(_until(consent))
    session.add_all(rows.values())
    await session.flush()
    session.add_all(made)
    await record_many(session, Outbox, events)
    if timers:
        await session.execute(insert(Timer), timers)


async def _rows(
    session: AsyncSession, service: Service, lines: Sequence[Line], *, at: datetime
) -> dict[str, Subscription]:
    """The subscription of each address; new ones are not written down yet.

    Who orders in this very moment collides with the list: it then fails as a whole.
    """
    hashes = [line.address_hash for line in lines]
    mine = select(Subscription).where(Subscription.address_hash.in_(hashes))
    rows = {row.address_hash: row for row in await session.scalars(mine)}
    new = [line for line in lines if line.address_hash not in rows]
    people = await service.seals.people([line.entry.email for line in new])
    for person, line in zip(people, new, strict=True):
        blank = blank_row(person, line.address_hash, line.entry.language, at=at)
        del blank["version"]
        rows[line.address_hash] = Subscription(**blank)
    return rows


def _consent(line: Line, subscription_id: UUID, source: Source, *, at: datetime) -> Consent:
    """The proof: the office's words about the list, the line's own, the file, the day, by whom."""
    entry, taken_over = line.entry, line.became is Became.TAKEN_OVER
    agreed_on = entry.agreed_on.isoformat() if entry.agreed_on else None
    choices: dict[str, Any] = {
        "proof": {
            "file": source.file,
            "agreed_on": agreed_on,
            "by": source.by,
            "read_in": at.isoformat(),
        }
    }
    if taken_over:
        choices["taken_over"] = True
    asked_at = start_of_day(entry.agreed_on) if taken_over and entry.agreed_on else at
    return Consent(
        id=uuid7(),
        subscription_id=subscription_id,
        topics=list(entry.topics),
        choices=choices,
        language=entry.language,
        text=f"{source.text}\n{entry.proof}",
        form=LIST_FORM,
        asked_at=asked_at,
        expires_at=at + CONFIRM_WITHIN,
        contact={},
    )


def _until(consent: Consent) -> dict[str, Any]:
    """The timer after which it is forgotten, without an answer."""
    return {
        "key": f"{UNCONFIRMED}:{consent.id}",
        "kind": UNCONFIRMED,
        "subject": str(consent.id),
        "payload": {},
        "due_at": consent.expires_at,
        "try_at": consent.expires_at,
        "attempts": 0,
        "error": "",
    }
