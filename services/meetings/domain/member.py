"""Who belongs to the board: people, the institution or household they vote for, and their moves."""

from collections.abc import Iterable, Set
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.meetings.store import Base
from shared.events.meetings import (
    AccessionDeclared,
    JoinedBecause,
    MemberJoined,
    MemberLeft,
    MemberRecorded,
    MemberSuspended,
    SuspendedBecause,
)
from shared.events.people import Contact
from shared.sealed import Sealed


class MemberStatus(StrEnum):
    GUEST = "guest"
    """Comes, and has not declared to belong."""
    DECLARED = "declared"
    """Wants to belong, and has not earned the vote yet."""
    ACTIVE = "active"
    """May vote."""
    SUSPENDED = "suspended"
    """Belongs, and may not vote for now."""
    LEFT = "left"

    @property
    def belongs_to_board(self) -> bool:
        """Declared to belong and has not left, whether they may vote or not."""
        return self in (MemberStatus.DECLARED, MemberStatus.ACTIVE, MemberStatus.SUSPENDED)


MOVES: Final[dict[MemberStatus, Set[MemberStatus]]] = {
    MemberStatus.GUEST: {MemberStatus.DECLARED, MemberStatus.LEFT},
    MemberStatus.DECLARED: {MemberStatus.ACTIVE, MemberStatus.LEFT},
    MemberStatus.ACTIVE: {MemberStatus.SUSPENDED, MemberStatus.LEFT},
    MemberStatus.SUSPENDED: {MemberStatus.ACTIVE, MemberStatus.LEFT},
}
"""Where each status may lead; who left comes back as a new member."""


class IllegalMove(Exception):
    """The member cannot go where they were told to go."""

    def __init__(self, status: MemberStatus, to: MemberStatus) -> None:
        super().__init__(f"member: {status} → {to}")
        self.status, self.to = status, to


class BoardRole(StrEnum):
    """What a member does on the board; an office of the board, not a role of an account."""

    CHAIR = "chair"
    DEPUTY = "deputy"
    MINUTES = "minutes"


class UnitKind(StrEnum):
    """What several members may belong to that has one vote."""

    INSTITUTION = "institution"
    HOUSEHOLD = "household"


class Unit(Base):
    """An institution or a household; if the board says so it has one vote, whoever comes first."""

    __tablename__ = "units"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    kind: Mapped[UnitKind]
    name: Mapped[str]
    """Of an institution; a household is named by its members' wish or not at all."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Member(Base):
    """One person on the board, plain here because it is needed to run, wiped on erasure."""

    __tablename__ = "members"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board_id: Mapped[UUID] = mapped_column(ForeignKey("boards.id"))
    person_id: Mapped[UUID] = mapped_column(index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    status: Mapped[MemberStatus] = mapped_column(index=True)
    roles: Mapped[list[str]]
    """`BoardRole`s."""
    name: Mapped[str]
    email: Mapped[str | None]
    """None: is written to on paper."""
    phone: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    language: Mapped[str]
    recorded_at: Mapped[datetime]
    declared_on: Mapped[date | None]
    declared_online: Mapped[bool]
    active_since: Mapped[date | None]
    suspended_since: Mapped[date | None]
    suspended_because: Mapped[SuspendedBecause | None]
    left_on: Mapped[date | None]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def record(
        cls,
        contact: Contact,
        *,
        board_id: UUID,
        person_id: UUID,
        language: str,
        unit_id: UUID | None = None,
        member_id: UUID | None = None,
        at: datetime,
    ) -> Self:
        """Somebody who comes; `recorded` tells how to reach them once the contact is sealed."""
        member = cls(
            id=member_id or uuid7(),
            board_id=board_id,
            person_id=person_id,
            unit_id=unit_id,
            status=MemberStatus.GUEST,
            roles=[],
            language=language,
            recorded_at=at,
            declared_online=False,
        )
        member.take_contact(contact)
        return member

    @property
    def contact(self) -> Contact:
        """As it is sealed for a letter."""
        return Contact(
            name=self.name,
            email=self.email or "",
            phone=self.phone,
            street=self.street,
            postcode=self.postcode,
            city=self.city,
        )

    def take_contact(self, contact: Contact) -> None:
        """Their name and how to reach them."""
        self.name, self.email, self.phone = contact.name, contact.email or None, contact.phone
        self.street, self.postcode, self.city = contact.street, contact.postcode, contact.city

    @property
    def may_vote(self) -> bool:
        """Whether the right to vote is there; recusal and the unit's one vote are another matter."""
        return self.status is MemberStatus.ACTIVE

    @property
    def belongs(self) -> bool:
        """Counts as a member of the board, there or not."""
        return self.status is MemberStatus.ACTIVE

    @property
    def role_set(self) -> frozenset[BoardRole]:
        return frozenset(BoardRole(role) for role in self.roles)

    @property
    def runs_sessions(self) -> bool:
        """Chair, deputy or whoever writes the minutes: they hold the session's screen."""
        return self.belongs and bool(self.role_set)

    def recorded(self, contact: Sealed, *, at: datetime) -> MemberRecorded:
        """How to reach them, told anew whenever that changes."""
        return MemberRecorded(
            **self._told(at), person_id=self.person_id, language=self.language, contact=contact
        )

    def declare(
        self, *, on: date, online: bool, attendances: int, at: datetime
    ) -> AccessionDeclared:
        """They want to belong; `attendances` is how many sessions are still missing."""
        self._move(MemberStatus.DECLARED)
        self.declared_on, self.declared_online = on, online
        return AccessionDeclared(
            **self._told(at), person_id=self.person_id, online=online, attendances=attendances
        )

    def join(
        self, because: JoinedBecause, *, on: date, attendances: int, at: datetime
    ) -> MemberJoined:
        """The right to vote is earned, or there again."""
        self._move(MemberStatus.ACTIVE)
        self.active_since, self.suspended_since, self.suspended_because = on, None, None
        return MemberJoined(
            **self._told(at), person_id=self.person_id, because=because, attendances=attendances
        )

    def suspend(
        self,
        because: SuspendedBecause,
        *,
        on: date,
        missed: int,
        regained_after: int | None,
        at: datetime,
    ) -> MemberSuspended:
        """The right to vote rests."""
        self._move(MemberStatus.SUSPENDED)
        self.suspended_since, self.suspended_because = on, because
        return MemberSuspended(
            **self._told(at),
            person_id=self.person_id,
            because=because,
            missed=missed,
            regained_after=regained_after,
        )

    def leave(self, *, on: date, at: datetime) -> MemberLeft:
        """They belong to the board no more."""
        self._move(MemberStatus.LEFT)
        self.left_on, self.roles = on, []
        return MemberLeft(**self._told(at), person_id=self.person_id)

    def take_roles(self, roles: Iterable[BoardRole]) -> None:
        """What they do on the board from now on."""
        self.roles = sorted(str(role) for role in set(roles))

    def erase(self, *, at: datetime) -> None:
        """Wipe the person and keep the row that votes and attendance point to."""
        self.name, self.email, self.phone = "", None, None
        self.street = self.postcode = self.city = None
        self.account_id, self.roles, self.erased_at = None, [], at
        if self.status is not MemberStatus.LEFT:
            self._move(MemberStatus.LEFT)
            self.left_on = at.date()

    def _told(self, at: datetime) -> dict[str, object]:
        return {"at": at, "member_id": self.id, "subject_version": (self.version or 0) + 1}

    def _move(self, to: MemberStatus) -> None:
        if to not in MOVES.get(self.status, ()):
            raise IllegalMove(self.status, to)
        self.status = to
