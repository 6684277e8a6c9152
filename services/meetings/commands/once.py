"""Commands that count once in this service, and the trail they leave."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.store import Audit, Command
from shared import once
from shared.once import ChangedMeanwhile, CommandConflict, Order

__all__ = ["ChangedMeanwhile", "CommandConflict", "Order", "earlier", "trail", "unchanged"]


async def earlier(
    session: AsyncSession, order: Order, *, name: str, content: Any, subject: UUID
) -> UUID | None:
    """None for a new command; the subject of the first time if it came before."""
    return await once.earlier(session, Command, order, name=name, content=content, subject=subject)


def unchanged(kind: str, order: Order, *, now: int) -> None:
    """Refuse to overwrite what the person in front of the form has not seen."""
    if order.version != now:
        raise ChangedMeanwhile(kind, order.version, now)


def trail(session: AsyncSession, action: str, subject: UUID, order: Order, **details: Any) -> None:
    """Leave an audit entry in the same transaction; details name codes, never people."""
    session.add(
        Audit(at=order.at, actor=order.by, action=action, subject=str(subject), details=details)
    )
