"""Whom the trail means by an account: names as they were at the last act."""

from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base


class Colleague(Base):
    """An account that acted here; the name is meetings' and only kept to be shown."""

    __tablename__ = "colleagues"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(200))
