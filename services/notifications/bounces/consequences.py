"""What follows from a report: an address is written to no more, a subscription ends, a line is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications import links
from services.notifications.bounces import verp
from services.notifications.bounces.reports import Action, Fate, Kind, Report
from services.notifications.commands import subscriptions
from services.notifications.domain.bounce import SPAM, Bounce, Severity, Why
from services.notifications.domain.issue import IssueLetter
from services.notifications.domain.letter import Letter, Suppression
from services.notifications.domain.subscription import Subscription
from services.notifications.sender.schedule import NO_SUCH_ADDRESS
from services.notifications.store import record
from shared.events.notifications import BounceSeverity, LetterBounced
from shared.service import Service
from shared.settings import Settings
from shared.store import insert

SOFT: Final = frozenset({"5.2.1", "5.2.2", "5.4.4"})
"""A mailbox shut or full, a domain without a mail server: may be over in a week."""

TIMES: Final = 3
WITHIN: Final = timedelta(days=14)
"""So many letters that came back softly within this time are enough."""

MILDEST_FIRST: Final = (Severity.NOTICE, Severity.SOFT, Severity.HARD)


class Taken(StrEnum):
    """What became of a message."""

    DONE = "done"
    """Understood, and everything that follows is written down; or nothing follows."""
    NOT_UNDERSTOOD = "not_understood"
    """Left to a person."""


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A letter of ours, and whose."""

    about: UUID
    number: int
    address_hash: str
    subscription_id: UUID | None
    sent_at: datetime | None


async def take(session: AsyncSession, service: Service, report: Report, *, at: datetime) -> Taken:
    """Do what follows; the same report again changes nothing. The caller owns the transaction."""
    if report.kind in (Kind.REPORT, Kind.RETURNED):
        return await _came_back(session, service, report, at=at)
    if report.kind is Kind.COMPLAINT:
        return await _complained(session, service, report, at=at)
    if report.kind is Kind.REPLY:
        return Taken.DONE
    return await _unsubscribed(session, service, report.sent_to, at=at)


async def _came_back(
    session: AsyncSession, service: Service, report: Report, *, at: datetime
) -> Taken:
    letter = await _letter(session, service, (*report.sent_to, *report.returned))
    if letter is None:
        return Taken.NOT_UNDERSTOOD
    severity, fate = _mildest(report.fates)
    await keep(
        session,
        letter,
        severity=severity,
        status=fate.status,
        diagnostic=fate.diagnostic,
        at=_when(report, letter, at),
    )
    return Taken.DONE


async def _complained(
    session: AsyncSession, service: Service, report: Report, *, at: datetime
) -> Taken:
    """Whoever calls our letters spam gets no more of the kind they subscribed to."""
    settings = service.settings
    letter = await _letter(session, service, (*report.returned, *report.sent_to))
    named = filter(None, (_subscription(settings, way) for way in report.unsubscribes))
    subscription_id = next(named, letter.subscription_id if letter else None)
    if letter is not None:
        told = _when(report, letter, at)
        await keep(session, letter, severity=Severity.NOTICE, status=SPAM, diagnostic="", at=told)
    if subscription_id is not None:
        await subscriptions.end(session, service, subscription_id, at=at)
    return Taken.DONE if letter or subscription_id else Taken.NOT_UNDERSTOOD


def _subscription(settings: Settings, way: str) -> UUID | None:
    """What a mail to this address, or a POST to this link, would end."""
    if "://" in way:
        return links.read(settings, links.Purpose.UNSUBSCRIBE, way.rpartition("/")[2])
    return verp.read_unsubscribe(settings, way)


async def _unsubscribed(
    session: AsyncSession, service: Service, sent_to: tuple[str, ...], *, at: datetime
) -> Taken:
    """A mail to such an address is enough, whatever it says and whoever sent it."""
    named = (verp.read_unsubscribe(service.settings, address) for address in sent_to)
    subscription_id = next(filter(None, named), None)
    if subscription_id is None:
        return Taken.NOT_UNDERSTOOD
    await subscriptions.end(session, service, subscription_id, at=at)
    return Taken.DONE


async def keep(
    session: AsyncSession,
    letter: Returned,
    *,
    severity: Severity,
    status: str,
    diagnostic: str,
    at: datetime,
    heard: bool = False,
) -> None:
    """Write it down once, and hold the address back if it is dead; an erased person keeps no words.

    A report told again changes nothing; what we `heard` a server answer is news every time.
    """
    await _wait_for_others(session, letter.address_hash)
    row = {
        "id": uuid7(),
        "about": letter.about,
        "number": letter.number,
        "address_hash": letter.address_hash,
        "at": at,
        "severity": severity,
        "status": status,
        "diagnostic": diagnostic if letter.address_hash else "",
    }
    written = await session.execute(_once(session, row, heard=heard))
    if written.first() is None:
        return
    if severity is not Severity.NOTICE:
        record(session, _told(letter, severity, status, at=at))
    if not letter.address_hash:
        return
    if severity is Severity.HARD:
        await suppress(session, letter.address_hash, Why.ADDRESS, at=at)
    elif severity is Severity.SOFT and await _often(session, letter.address_hash, at=at):
        await suppress(session, letter.address_hash, Why.FULL, at=at)


def _told(letter: Returned, severity: Severity, status: str, *, at: datetime) -> LetterBounced:
    return LetterBounced(
        at=at,
        letter_id=letter.about,
        copy_number=letter.number,
        severity=BounceSeverity(severity),
        status=status,
    )


def _once(session: AsyncSession, row: dict[str, Any], *, heard: bool) -> Any:
    """One row however often; heard again, the office has not looked at it yet."""
    new = insert(session, Bounce).values(row)
    if not heard:
        return new.on_conflict_do_nothing().returning(Bounce.id)
    again = {"at": row["at"], "handled_at": None}
    same = ["about", "number", "severity", "status"]
    newer = new.on_conflict_do_update(index_elements=same, set_=again, where=Bounce.at < row["at"])
    return newer.returning(Bounce.id)


async def suppress(session: AsyncSession, address_hash: str, why: Why, *, at: datetime) -> bool:
    """Nothing goes there from this commit on; False if that was so already."""
    row = {"address_hash": address_hash, "at": at, "reason": why.value}
    new = insert(session, Suppression).values(row).on_conflict_do_nothing()
    written = await session.execute(new.returning(Suppression.address_hash))
    return written.first() is not None


async def _wait_for_others(session: AsyncSession, address_hash: str) -> None:
    """Two reports at once about one address count each other."""
    known = select(Bounce.id).where(Bounce.address_hash == address_hash).order_by(Bounce.id)
    if address_hash:
        await session.execute(known.with_for_update())


async def _often(session: AsyncSession, address_hash: str, *, at: datetime) -> bool:
    """Whether as many letters as that came back in one such time; those the office looked at are over."""
    soft = (
        select(func.min(Bounce.at).label("at"))
        .where(
            Bounce.address_hash == address_hash,
            Bounce.severity == Severity.SOFT,
            Bounce.handled_at.is_(None),
            Bounce.at.between(at - WITHIN, at + WITHIN),
        )
        .group_by(Bounce.about, Bounce.number)
    )
    times = sorted((await session.scalars(soft)).all())
    return any(
        last - first <= WITHIN for first, last in zip(times, times[TIMES - 1 :], strict=False)
    )


async def _letter(
    session: AsyncSession, service: Service, addresses: tuple[str, ...]
) -> Returned | None:
    """The first of our letters that left from one of these addresses."""
    read = (verp.read(service.settings, address) for address in addresses)
    of = next(filter(None, read), None)
    if isinstance(of, UUID):
        letter = await session.get(Letter, of)
        return _of_letter(letter) if letter else None
    copy = await session.get(IssueLetter, of) if of else None
    if copy is None:
        return None
    reader = select(Subscription.address_hash).where(Subscription.id == copy.subscription_id)
    return Returned(
        about=copy.issue_id,
        number=copy.number,
        address_hash=await session.scalar(reader) or "",
        subscription_id=copy.subscription_id,
        sent_at=copy.sent_at,
    )


def _of_letter(letter: Letter) -> Returned:
    return Returned(
        about=letter.id,
        number=0,
        address_hash=letter.address_hash,
        subscription_id=letter.subscription_id if letter.topic else None,
        sent_at=letter.sent_at,
    )


def _mildest(fates: tuple[Fate, ...]) -> tuple[Severity, Fate]:
    """Of several recipients behind one address the luckiest: the letter reached somebody."""
    judged = [(severity_of(fate), fate) for fate in fates]
    unsaid = (Severity.NOTICE, Fate(Action.FAILED, "", ""))
    return min(judged, key=lambda one: MILDEST_FIRST.index(one[0]), default=unsaid)


def severity_of(fate: Fate) -> Severity:
    """By the action and the status code alone. Refusals of us (X.7.x) are never the recipient's fault."""
    if fate.action is not Action.FAILED:
        return Severity.NOTICE
    if fate.status in NO_SUCH_ADDRESS:
        return Severity.HARD
    gave_up = fate.status.startswith("4.") and not fate.status.startswith("4.7.")
    return Severity.SOFT if fate.status in SOFT or gave_up else Severity.NOTICE


def _when(report: Report, letter: Returned, at: datetime) -> datetime:
    """When the server wrote it, however long it lay in the mailbox; never before the letter left."""
    written = report.sent_at or at
    return min(at, max(written, letter.sent_at or written))
