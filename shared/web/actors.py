"""Who asks: nobody known, an account with roles, an applicant, a partner's machine."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from shared.roles import STAFF, Role

__all__ = ["ANONYMOUS", "KINDS", "STAFF", "Actor", "Kind", "Role"]

Kind = Literal["anonymous", "account", "applicant", "partner"]
KINDS: Final[tuple[Kind, ...]] = ("anonymous", "account", "applicant", "partner")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks; `signed_in_at` is the moment they last proved it (aware, UTC)."""

    kind: Kind = "anonymous"
    roles: frozenset[Role] = frozenset()
    account_id: UUID | None = None
    name: str = ""
    person_id: UUID | None = None
    application_ids: frozenset[UUID] = frozenset()
    partner_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    signed_in_at: datetime | None = None

    @property
    def staff(self) -> bool:
        """Works here: shorter sessions, the office's navigation."""
        return bool(self.roles & STAFF)

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


ANONYMOUS: Final = Actor()
