"""What the office changed of a case, and what a change would be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.domain import Change, Colleague

ACCOUNT = "account:"


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One field, as somebody changed it; both texts are as the books keep them."""

    at: datetime
    who: str
    field: str
    before: str
    after: str


async def changes_of(session: AsyncSession, application_id: UUID) -> list[Changed]:
    """Field by field, the newest first: two queries."""
    of = select(Change).where(Change.application_id == application_id)
    found = (await session.scalars(of.order_by(Change.at.desc(), Change.id))).all()
    names = await _names(session, {one.actor for one in found})
    return [
        Changed(
            at=one.at,
            who=names.get(one.actor, one.actor),
            field=one.field,
            before=one.before,
            after=one.after,
        )
        for one in found
    ]


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The names of the fields that are not the same, in the order of the form."""
    for part, fields in after.items():
        known = before.get(part, {})
        yield from (name for name, value in fields.items() if known.get(name) != value)


async def _names(session: AsyncSession, actors: set[str]) -> dict[str, str]:
    """`account:<id>` → the name the colleague had."""
    ids = [UUID(actor[len(ACCOUNT) :]) for actor in actors if actor.startswith(ACCOUNT)]
    if not ids:
        return {}
    known = await session.scalars(select(Colleague).where(Colleague.account_id.in_(ids)))
    return {f"{ACCOUNT}{one.account_id}": one.name for one in known}
