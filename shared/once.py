"""Commands that count once, and changes that nobody overwrites unseen."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared.store import insert


class CommandRow:
    """A command that was carried out: the same id answers the same, with other content 409."""

    __tablename__ = "commands"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    content_hash: Mapped[str]
    subject: Mapped[UUID]
    at: Mapped[datetime]


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
    """`account:<id>`, `applicant` or `operator`, as the trail keeps it."""
    at: datetime
    version: int = 0
    """Of the thing as the form showed it; 0 when it showed none."""


async def earlier(
    session: AsyncSession,
    table: type[CommandRow],
    order: Order,
    *,
    name: str,
    content: Any,
    subject: UUID,
) -> UUID | None:
    """None for a new command; the subject of the first time if it came before. Raises CommandConflict."""
    content_hash = hashlib.sha256(
        json.dumps(content, default=str, sort_keys=True).encode()
    ).hexdigest()
    claim = insert(session, table).values(
        id=order.command_id, name=name, content_hash=content_hash, subject=subject, at=order.at
    )
    claimed = await session.scalar(claim.on_conflict_do_nothing().returning(table.id))
    if claimed is not None:
        return None
    first = await session.get_one(table, order.command_id, populate_existing=True)
    if (first.name, first.content_hash) != (name, content_hash):
        raise CommandConflict(name)
    return first.subject


def unchanged(kind: str, order: Order, *, now: int) -> None:
    """Refuse to overwrite what the person in front of the form has not seen."""
    if order.version not in (0, now):
        raise ChangedMeanwhile(kind, order.version, now)
