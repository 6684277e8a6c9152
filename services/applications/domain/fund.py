"""The fund's rules: dated rows of the database, asked everywhere and known nowhere."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field, RootModel
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.applications.store import Base


class Words(RootModel[dict[str, str]], frozen=True):
    """One text in several languages; German is always there and stands in for the others."""

    def in_(self, language: str) -> str:
        return self.root.get(language) or self.root["de"]


class FieldOfAction(BaseModel, frozen=True):
    """One of the programme's fields of action; `code` is what events carry."""

    code: str = Field(pattern=r"^[a-z_]{2,40}$")
    name: Words


class Uploads(BaseModel, frozen=True):
    """What may be handed in as files: how many, and how many bytes each."""

    count: int = 10
    bytes_each: int = 10 * 1024 * 1024
    pixels_each: int = 64_000_000
    pages_each: int = 500


class Rules(BaseModel, frozen=True):
    """Everything a fund decides for itself; sums in cents."""

    name: Words
    board: str
    year_cents: int
    deadline_days: int
    cap_cents: int | None
    fields: list[FieldOfAction] = Field(min_length=1)
    who_may_apply: list[Words]
    not_paid: list[Words]
    draft_days: int
    minutes_needed: int
    uploads: Uploads = Uploads()

    def field(self, code: str) -> FieldOfAction | None:
        return next((field for field in self.fields if field.code == code), None)


class Fund(Base):
    """One fund's rules from one day on, until a later row takes over."""

    __tablename__ = "funds"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    holds_from: Mapped[date] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column("rules")

    @property
    def rules(self) -> Rules:
        return Rules.model_validate(self.content)
