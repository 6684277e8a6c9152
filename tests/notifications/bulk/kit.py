"""An issue on its way to many, without clicking it together: rows as gathering leaves them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText
from services.notifications.domain.issue import Status as IssueStatus
from services.notifications.domain.letter import State
from services.notifications.domain.subscription import (
    Frequency,
    Status,
    Subscription,
    SubscriptionTopic,
)
from shared.service import Service

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHUNK: Final = 2_000


def address_of(number: int, domain: str = "example.org") -> str:
    return f"r{number}@{domain}"


async def an_issue(
    service: Service,
    recipients: int,
    *,
    at: datetime = START,
    domains: Sequence[str] = ("example.org",),
    languages: Sequence[str] = ("de",),
    body: str = "Hallo!",
    **columns: Any,
) -> UUID:
    """Started and gathered: recipient 1 is r1@…, recipient 2 is r2@… and so on."""
    issue_id = uuid7()
    async with service.db.begin() as session:
        session.add(_issue(issue_id, recipients, at, columns))
        await session.flush()
        for language in ("de", *languages):
            await session.merge(
                IssueText(
                    issue_id=issue_id,
                    language=language,
                    subject=f"Neues aus dem Stadtteil ({language})",
                    first_line="Was im März geschieht",
                    body=body,
                    changed_at=at,
                )
            )
    for first in range(1, recipients + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, recipients + 1))
        async with service.db.begin() as session:
            await _readers(session, issue_id, numbers, domains, languages, at)
    return issue_id


def _issue(issue_id: UUID, recipients: int, at: datetime, columns: dict[str, Any]) -> Issue:
    return Issue(
        **{
            "id": issue_id,
            "kind": IssueKind.NEWSLETTER,
            "status": IssueStatus.SENDING,
            "blocks": [],
            "since_cursor": 0,
            "created_at": at,
            "changed_at": at,
            "started_at": at,
            "expires_at": at + timedelta(days=3),
            "window_from": 0,
            "window_to": 24,
            "pause_answer": "",
            "gathered": True,
            "recipients": recipients,
            **columns,
        }
    )


async def _readers(
    session: AsyncSession,
    issue_id: UUID,
    numbers: range,
    domains: Sequence[str],
    languages: Sequence[str],
    at: datetime,
) -> None:
    people, topics, letters = [], [], []
    for number in numbers:
        one = uuid7()
        address = address_of(number, domains[number % len(domains)])
        language = languages[number % len(languages)]
        people.append(
            {
                "id": one,
                "person_id": one,
                "address": address,
                "address_hash": f"{issue_id}-{number}",
                "name": f"Ada {number}",
                "language": language,
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
        )
        topics.append({"topic": "newsletter", "subscription_id": one})
        letters.append(
            {
                "issue_id": issue_id,
                "number": number,
                "subscription_id": one,
                "language": language,
                "state": State.QUEUED,
                "tries": 0,
                "answer": "",
            }
        )
    for table, rows in (
        (Subscription, people),
        (SubscriptionTopic, topics),
        (IssueLetter, letters),
    ):
        await session.execute(insert(table), rows)


async def states(service: Service, issue_id: UUID) -> dict[State, int]:
    """How many copies are in which state."""
    counted = select(IssueLetter.state, func.count()).where(IssueLetter.issue_id == issue_id)
    async with service.db.read() as session:
        rows = await session.execute(counted.group_by(IssueLetter.state))
        return {State(state): count for state, count in rows}


async def copy_of(service: Service, issue_id: UUID, number: int = 1) -> IssueLetter:
    async with service.db.read() as session:
        return await session.get_one(IssueLetter, (issue_id, number))


async def issue_of(service: Service, issue_id: UUID) -> Issue:
    async with service.db.read() as session:
        return await session.get_one(Issue, issue_id)
