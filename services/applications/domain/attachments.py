"""Files handed in with an application: what is known of them; their bytes lie in `files_dir`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base


class Attachment(Base):
    """One file: `name` is for people, `stored_as` is random and says nothing."""

    __tablename__ = "attachments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(
        ForeignKey("applications.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(150))
    stored_as: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]


async def files_of(session: AsyncSession, application_id: UUID) -> Sequence[Attachment]:
    """In the order they were added."""
    of = select(Attachment).where(Attachment.application_id == application_id)
    return (await session.scalars(of.order_by(Attachment.added_at, Attachment.id))).all()
