"""An account: who may sign in, with which roles and proofs, and the moves it may make."""

from collections.abc import Iterable, Set
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base
from shared.events.meetings import AccountInvited, SignInRequested
from shared.roles import STAFF, Role
from shared.sealed import Sealed


class Standing(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


MOVES: Final[dict[Standing, Set[Standing]]] = {
    Standing.INVITED: {Standing.ACTIVE, Standing.DEACTIVATED, Standing.ERASED},
    Standing.ACTIVE: {Standing.INVITED, Standing.DEACTIVATED, Standing.ERASED},
    Standing.DEACTIVATED: {Standing.INVITED, Standing.ACTIVE, Standing.ERASED},
}
"""Where each standing may lead; back to invited means password and second factor are due anew."""


class IllegalMove(Exception):
    """The account cannot go where it was told to go."""

    def __init__(self, standing: Standing, to: Standing) -> None:
        super().__init__(f"account: {standing} → {to}")
        self.standing, self.to = standing, to


class NoRole(Exception):
    """An account without any role could do nothing."""


class LastOffice(Exception):
    """Without this account nobody could look after the accounts any more."""


class SecondFactorMissing(Exception):
    """These roles need a password and a second factor."""


class Account(Base):
    """Somebody who signs in; plain here because it is needed to run, wiped on erasure."""

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    roles: Mapped[list[str]]
    standing: Mapped[Standing]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_last_step: Mapped[int | None]
    created_at: Mapped[datetime]
    invited_until: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def open(
        cls,
        *,
        person_id: UUID,
        email: str,
        name: str,
        roles: Iterable[Role],
        language: str,
        at: datetime,
    ) -> Self:
        """A new account: nobody can sign in with it before they answered their invitation."""
        account = cls(
            id=uuid7(),
            person_id=person_id,
            email=email,
            name=name,
            language=language,
            standing=Standing.INVITED,
            created_at=at,
        )
        account._take(roles)
        return account

    @property
    def role_set(self) -> frozenset[Role]:
        """The account's roles as the policy knows them."""
        return frozenset(Role(role) for role in self.roles)

    @property
    def needs_second_factor(self) -> bool:
        """True if the roles reach other people's matters: no mailbox alone opens them."""
        return bool(self.role_set & STAFF)

    @property
    def is_equipped(self) -> bool:
        """True if the proofs that the roles ask for are there."""
        proofs = self.password_hash is not None and self.totp_secret is not None
        return proofs or not self.needs_second_factor

    @property
    def is_open(self) -> bool:
        """True while somebody may be signed in with it."""
        return self.standing is Standing.ACTIVE

    @property
    def runs_the_office(self) -> bool:
        """True for those who can let others in."""
        return self.is_open and Role.OFFICE in self.role_set

    def invite(
        self, *, contact: Sealed, link: Sealed, expires_at: datetime, at: datetime
    ) -> AccountInvited:
        """Ask the person to choose a password and a second factor (again)."""
        if self.standing is not Standing.INVITED:
            self._move(Standing.INVITED)
        self.invited_until = expires_at
        return AccountInvited(
            at=at,
            account_id=self.id,
            contact=contact,
            link=link,
            expires_at=expires_at,
            language=self.language,
        )

    def request_sign_in(
        self, *, contact: Sealed, link: Sealed, expires_at: datetime, at: datetime
    ) -> SignInRequested:
        """Tell that a link was asked for; only an active account has a door to open."""
        if self.standing is not Standing.ACTIVE:
            raise IllegalMove(self.standing, Standing.ACTIVE)
        return SignInRequested(
            at=at,
            account_id=self.id,
            contact=contact,
            link=link,
            expires_at=expires_at,
            language=self.language,
        )

    def activate(self) -> None:
        """Open the door: refused while a proof that the roles ask for is missing."""
        if not self.is_equipped:
            raise SecondFactorMissing
        self._move(Standing.ACTIVE)
        self.invited_until = None

    def change_roles(self, roles: Iterable[Role], *, others_run_the_office: bool) -> None:
        """Give exactly these roles; the office never loses its last hand."""
        wanted = frozenset(roles)
        if self.runs_the_office and Role.OFFICE not in wanted and not others_run_the_office:
            raise LastOffice
        self._take(wanted)

    def deactivate(self, *, others_run_the_office: bool) -> None:
        """Close the door and keep the account; the office never loses its last hand."""
        if self.runs_the_office and not others_run_the_office:
            raise LastOffice
        self._move(Standing.DEACTIVATED)

    def reactivate(self) -> None:
        """Open the door again with the proofs it had; without them it needs an invitation."""
        self._move(Standing.ACTIVE if self.is_equipped else Standing.INVITED)

    def forget_proofs(self) -> None:
        """Drop password and second factor, as when a phone is lost."""
        self.password_hash = self.totp_secret = self.totp_last_step = None

    def erase(self, *, others_run_the_office: bool) -> None:
        """Wipe the person and keep the row that the trail of actions points to."""
        if self.runs_the_office and not others_run_the_office:
            raise LastOffice
        if self.standing is not Standing.ERASED:
            self._move(Standing.ERASED)
        self.forget_proofs()
        self.email, self.name, self.roles = None, "", []
        self.invited_until = self.last_sign_in_at = None

    def _take(self, roles: Iterable[Role]) -> None:
        taken = sorted(set(roles))
        if not taken:
            raise NoRole
        self.roles = [str(role) for role in taken]

    def _move(self, to: Standing) -> None:
        if to not in MOVES.get(self.standing, ()):
            raise IllegalMove(self.standing, to)
        self.standing = to


class RecoveryCode(Base):
    """One of ten codes that stand in once for a lost phone; only a keyed hash is kept."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]
