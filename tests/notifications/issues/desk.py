"""Issues at work: readers by the thousand, drafts with their words, and the worker's loop by hand."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText
from services.notifications.domain.letter import State, Suppression
from services.notifications.domain.plan import Plan
from services.notifications.domain.subscription import (
    Frequency,
    Status,
    Subscription,
    SubscriptionTopic,
)
from services.notifications.issues import commands
from services.notifications.issues.gathering import gather
from services.notifications.store import Audit
from shared.service import Service

JANA: Final = "account:jana"
GERMAN: Final = ("Winterfest und neue Bänke", "Am 12. Dezember feiern wir.", "Kommen Sie alle.")
ARABIC: Final = ("مهرجان الشتاء", "نحتفل يوم 12 ديسمبر.", "تعالوا جميعًا.")
TEXTS: Final = {"de": GERMAN}


def reader(number: int, at: datetime, **changed: Any) -> dict[str, Any]:
    """A confirmed subscription as a row."""
    address = f"leserin{number}@post{number % 3}.example"
    row: dict[str, Any] = {
        "id": uuid7(),
        "person_id": uuid4(),
        "address": address,
        "address_hash": f"hash of {address}",
        "name": f"Leserin {number}",
        "language": "de",
        "topics": ["newsletter"],
        "fields": [],
        "occasion_kinds": [],
        "frequency": Frequency.AT_ONCE,
        "digest_cursor": 0,
        "status": Status.CONFIRMED,
        "requested_at": at,
        "confirmed_at": at,
        "version": 1,
    }
    return row | changed


async def enrol(service: Service, rows: Sequence[dict[str, Any]]) -> list[UUID]:
    """Write them down with their topics, the way `confirm` leaves them."""
    topics = [
        {"topic": topic, "subscription_id": row["id"]} for row in rows for topic in row["topics"]
    ]
    async with service.db.begin() as session:
        await session.execute(insert(Subscription), list(rows))
        await session.execute(insert(SubscriptionTopic), topics)
    return [row["id"] for row in rows]


async def enrol_many(service: Service, count: int, **changed: Any) -> list[UUID]:
    at = service.clock.now()
    return await enrol(service, [reader(number, at, **changed) for number in range(count)])


async def suppress(service: Service, address_hash: str) -> None:
    async with service.db.begin() as session:
        at = service.clock.now()
        session.add(Suppression(address_hash=address_hash, at=at, reason="address"))


async def draft(
    service: Service,
    kind: IssueKind = IssueKind.NEWSLETTER,
    texts: dict[str, tuple[str, str, str]] | None = None,
) -> UUID:
    """Somebody opened a new one and wrote it."""
    issue_id, at = uuid7(), service.clock.now()
    async with service.db.begin() as session:
        await commands.create(session, issue_id, kind, by=JANA, at=at)
        for language, (subject, first_line, body) in (texts or TEXTS).items():
            session.add(
                IssueText(
                    issue_id=issue_id,
                    language=language,
                    subject=subject,
                    first_line=first_line,
                    body=body,
                    changed_at=at,
                )
            )
    return issue_id


def plan(service: Service, *, in_hours: float | None = None, **changed: Any) -> Plan:
    at = service.clock.now()
    starts_at = at + timedelta(hours=in_hours) if in_hours is not None else None
    return Plan(**({"starts_at": starts_at, "expires_at": at + timedelta(days=7)} | changed))


async def checked(service: Service, issue_id: UUID) -> commands.Checked:
    return await commands.check(service, issue_id, version=(await issue(service, issue_id)).version)


async def start(service: Service, issue_id: UUID, **changed: Any) -> None:
    may = await checked(service, issue_id)
    async with service.db.begin() as session:
        when, at = plan(service, **changed), service.clock.now()
        await commands.start(session, may, when, by=JANA, at=at)


async def schedule(service: Service, issue_id: UUID, **changed: Any) -> None:
    may = await checked(service, issue_id)
    when, at = plan(service, **({"in_hours": 3.0} | changed)), service.clock.now()
    async with service.db.begin() as session:
        await commands.schedule(session, may, when, by=JANA, at=at)


async def started(service: Service, count: int = 3, **changed: Any) -> UUID:
    """A newsletter under way to so many readers, all of them gathered."""
    await enrol_many(service, count)
    issue_id = await draft(service)
    await start(service, issue_id, **changed)
    await gather_all(service)
    return issue_id


async def gather_all(service: Service) -> int:
    """As the worker's loop does; the number of chunks."""
    chunks = 0
    while await gather(service):
        chunks += 1
    return chunks


async def issue(service: Service, issue_id: UUID) -> Issue:
    async with service.db.read() as session:
        return await session.get_one(Issue, issue_id)


async def copies(service: Service, issue_id: UUID) -> Sequence[IssueLetter]:
    chosen = select(IssueLetter).where(IssueLetter.issue_id == issue_id)
    async with service.db.read() as session:
        return (await session.scalars(chosen.order_by(IssueLetter.number))).all()


async def states(service: Service, issue_id: UUID) -> list[State]:
    return [copy.state for copy in await copies(service, issue_id)]


async def become(
    service: Service, issue_id: UUID, state: State, numbers: Collection[int], **changed: Any
) -> None:
    """What a sender would write about these copies."""
    async with service.db.begin() as session:
        for number in numbers:
            copy = await session.get_one(IssueLetter, (issue_id, number))
            copy.state = state
            if state == State.SENT:
                copy.sent_at = service.clock.now()
            for name, value in changed.items():
                setattr(copy, name, value)


async def trail(service: Service, issue_id: UUID) -> list[str]:
    chosen = select(Audit.action).where(Audit.subject == str(issue_id)).order_by(Audit.id)
    async with service.db.read() as session:
        return list(await session.scalars(chosen))
