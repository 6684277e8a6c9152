"""Which fields of action there are: every code an event about an application has carried."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.store import Base
from shared.events.base import Event
from shared.store import insert

USUAL: Final = (
    "encounter",
    "education",
    "image",
    "building",
    "economy",
    "qualification",
    "employment",
)
"""Those our words have names for; offered before the first application names its field."""


class KnownField(Base):
    """A field of action by its code."""

    __tablename__ = "known_fields"

    code: Mapped[str] = mapped_column(primary_key=True)


async def remember(session: AsyncSession, event: Event) -> None:
    """Keep the field an event carries; told again it is kept once."""
    code = getattr(event, "field_of_action", None)
    if isinstance(code, str) and code:
        new = insert(session, KnownField).values(code=code)
        await session.execute(new.on_conflict_do_nothing(index_elements=["code"]))


async def all_fields(session: AsyncSession) -> list[str]:
    """The usual ones in their order, then what this office's funds have besides."""
    told = await session.scalars(select(KnownField.code).order_by(KnownField.code))
    return list(dict.fromkeys((*USUAL, *told)))
