"""Commands that count once, changes that nobody overwrites unseen, and the trail they leave."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.store import Audit, Command
from shared.store import insert


class CommandConflict(Exception):
    """The same command id came with other content."""


class ChangedMeanwhile(Exception):
    """Somebody saved this thing after the form was opened."""

    def __init__(self, kind: str, seen: int, now: int) -> None:
        super().__init__(f"{kind}: form shows version {seen}, saved is {now}")
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Order:
    """One click on a button: which form it came from, what that form showed, who sent it when."""

    command_id: UUID
    by: str
    """`account:<id>` or `operator`, as the trail keeps it."""
    at: datetime
    version: int = 0


async def earlier(
    session: AsyncSession, order: Order, *, name: str, content: Any, subject: UUID
) -> UUID | None:
    """None for a new command; the subject of the first time if it came before."""
    content_hash = hashlib.sha256(
        json.dumps(content, default=str, sort_keys=True).encode()
    ).hexdigest()
    claim = insert(session, Command).values(
        id=order.command_id, name=name, content_hash=content_hash, subject=subject, at=order.at
    )
    claimed = await session.scalar(claim.on_conflict_do_nothing().returning(Command.id))
    if claimed is not None:
        return None
    first = await session.get_one(Command, order.command_id, populate_existing=True)
    if (first.name, first.content_hash) != (name, content_hash):
        raise CommandConflict(name)
    return first.subject


def unchanged(kind: str, order: Order, *, now: int) -> None:
    """Refuse to overwrite what the person in front of the form has not seen."""
    if order.version != now:
        raise ChangedMeanwhile(kind, order.version, now)


def trail(session: AsyncSession, action: str, subject: UUID, order: Order, **details: Any) -> None:
    """Leave an audit entry in the same transaction; details name codes, never people."""
    session.add(
        Audit(at=order.at, actor=order.by, action=action, subject=str(subject), details=details)
    )
