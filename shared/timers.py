"""Things due at a time, kept in the database: they survive restarts and fire once."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared.store import TimerRow, insert


async def set_timer(
    session: AsyncSession,
    timer: type[TimerRow],
    *,
    kind: str,
    subject: str,
    due_at: datetime,
    payload: dict[str, Any] | None = None,
) -> None:
    """Make this due then; setting it again moves it and forgets earlier failures."""
    due = {
        "due_at": due_at,
        "try_at": due_at,
        "payload": payload or {},
        "attempts": 0,
        "error": "",
    }
    new = insert(session, timer).values(key=f"{kind}:{subject}", kind=kind, subject=subject, **due)
    await session.execute(new.on_conflict_do_update(index_elements=["key"], set_=due))


async def cancel_timer(
    session: AsyncSession, timer: type[TimerRow], *, kind: str, subject: str
) -> None:
    """Let it never come due; nothing happens when there is none."""
    await session.execute(delete(timer).where(timer.key == f"{kind}:{subject}"))
