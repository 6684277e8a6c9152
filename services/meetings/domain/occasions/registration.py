"""Somebody who wants to come, alone or with others, and the moves that makes."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.occasions.occasion import Occasion
from services.meetings.domain.occasions.places import FewPlaces, fits
from services.meetings.store import Base
from shared.events.meetings import (
    EndedBecause,
    RegistrationChanged,
    RegistrationConfirmed,
    RegistrationEnded,
    RegistrationPromoted,
    RegistrationReminded,
    RegistrationWaitlisted,
)
from shared.events.people import Contact
from shared.sealed import Sealed


class RegistrationStatus(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    ENDED = "ended"


R = RegistrationStatus

REGISTRATION_MOVES: Final[dict[RegistrationStatus, Set[RegistrationStatus]]] = {
    R.WAITING: {R.CONFIRMED, R.ENDED},
    R.CONFIRMED: {R.ENDED},
}
"""A place once given is never taken away for somebody else."""


class CallBecause(StrEnum):
    """What the office has to say on the phone to somebody without e-mail."""

    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    PROMOTED = "promoted"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    ENDED = "ended"


class IllegalRegistrationMove(Exception):
    """The registration cannot go where it was told to go."""

    def __init__(self, status: RegistrationStatus, to: RegistrationStatus) -> None:
        super().__init__(f"registration: {status} → {to}")
        self.status, self.to = status, to


class NotRegistered(Exception):
    """Nobody is expected under this registration any more."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody fills in; one way to reach them is enough."""

    name: str
    email: str | None
    phone: str | None
    people: int
    needs: str
    language: str

    @property
    def address(self) -> str:
        """By what they are known again."""
        return self.email or self.phone or ""


@dataclass(frozen=True)
class Reach:
    """How to write to them, and the link to their page: both sealed."""

    contact: Sealed
    link: Sealed


class Registration(Base):
    """One registration; every move returns the event it causes."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("occasion_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    occasion_id: Mapped[UUID] = mapped_column(ForeignKey("occasions.id"))
    person_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[int]
    """Within its occasion: the order of the waiting list."""
    status: Mapped[RegistrationStatus]
    people: Mapped[int]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    needs: Mapped[str]
    language: Mapped[str]
    address_hash: Mapped[str | None]
    by_office: Mapped[bool]
    registered_at: Mapped[datetime]
    arrived: Mapped[bool]
    to_call: Mapped[CallBecause | None]
    ended_because: Mapped[EndedBecause | None]
    wiped: Mapped[bool]
    told: Mapped[int]
    """Counts the words told about it: the version its events carry."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def take(
        cls,
        occasion: Occasion,
        wish: Wish,
        *,
        registration_id: UUID,
        person_id: UUID,
        number: int,
        address_hash: str | None,
        by_office: bool,
        at: datetime,
    ) -> Self:
        """Enter somebody on the waiting list; `confirm` or `queue` says what becomes of it."""
        return cls(
            id=registration_id,
            occasion_id=occasion.id,
            person_id=person_id,
            number=number,
            status=R.WAITING,
            people=wish.people,
            name=wish.name,
            email=wish.email,
            phone=wish.phone,
            needs=wish.needs,
            language=wish.language,
            address_hash=address_hash,
            by_office=by_office,
            registered_at=at,
            arrived=False,
            wiped=False,
            told=0,
        )

    @property
    def contact(self) -> Contact:
        """How to write to them, to be sealed."""
        return Contact(name=self.name, email=self.email or "", phone=self.phone)

    @property
    def active(self) -> bool:
        """Whether somebody still wants to come."""
        return self.status is not R.ENDED

    def confirm(
        self, occasion: Occasion, reach: Reach, *, called: bool = False, at: datetime
    ) -> RegistrationConfirmed:
        """There are places for all of them."""
        self._move(R.CONFIRMED)
        self._call(None if called else CallBecause.CONFIRMED)
        return RegistrationConfirmed(at=at, **self._told(occasion, reach))

    def queue(
        self,
        occasion: Occasion,
        reach: Reach,
        *,
        position: int,
        called: bool = False,
        at: datetime,
    ) -> RegistrationWaitlisted:
        """All places are taken: they wait."""
        self._call(None if called else CallBecause.WAITLISTED)
        return RegistrationWaitlisted(at=at, position=position, **self._told(occasion, reach))

    def asked_again(
        self, occasion: Occasion, reach: Reach, *, position: int, at: datetime
    ) -> RegistrationConfirmed | RegistrationWaitlisted:
        """Say once more what holds to somebody who registered a second time; nothing changes."""
        told = self._told(occasion, reach) | {"again": True}
        if self.status is R.CONFIRMED:
            self._call(self.to_call or CallBecause.CONFIRMED)
            return RegistrationConfirmed(at=at, **told)
        self._call(self.to_call or CallBecause.WAITLISTED)
        return RegistrationWaitlisted(at=at, position=position, **told)

    def promote(self, occasion: Occasion, reach: Reach, *, at: datetime) -> RegistrationPromoted:
        """Places became free."""
        self._move(R.CONFIRMED)
        self._call(CallBecause.PROMOTED)
        return RegistrationPromoted(at=at, **self._told(occasion, reach))

    def bring(self, people: int, *, free: int | None) -> None:
        """Come with more or fewer; more of those with a place only where places are left."""
        if not self.active:
            raise NotRegistered
        more = people - self.people
        if self.status is R.CONFIRMED and more > 0 and not fits(more, free):
            raise FewPlaces(free or 0)
        self.people = people

    def moved(
        self,
        occasion: Occasion,
        reach: Reach,
        *,
        previous_starts_at: datetime,
        previous_place: str,
        at: datetime,
    ) -> RegistrationChanged:
        """The occasion has another date or place."""
        self._call(CallBecause.CHANGED)
        return RegistrationChanged(
            at=at,
            previous_starts_at=previous_starts_at,
            previous_place=previous_place,
            **self._told(occasion, reach),
        )

    def remind(self, occasion: Occasion, reach: Reach, *, at: datetime) -> RegistrationReminded:
        """It is tomorrow."""
        return RegistrationReminded(at=at, **self._told(occasion, reach))

    def end(
        self,
        occasion: Occasion,
        reach: Reach,
        *,
        because: EndedBecause,
        called: bool = False,
        at: datetime,
    ) -> RegistrationEnded:
        """Nobody is expected any more."""
        self._move(R.ENDED)
        self.ended_because = because
        self._call(None if called else CALLS_AT_END.get(because))
        reason = occasion.cancelled_because if because is EndedBecause.CANCELLED else ""
        return RegistrationEnded(
            at=at, because=because, reason=reason or "", **self._told(occasion, reach)
        )

    def erase(self, *, expected: bool) -> None:
        """Forget who it was; nobody is expected any more, and afterwards it still counts."""
        if self.active and expected:
            self.status, self.ended_because = R.ENDED, EndedBecause.WITHDRAWN
        self.name, self.email, self.phone, self.needs = "", None, None, ""
        self.address_hash, self.to_call, self.wiped = None, None, True

    def tick(self, *, arrived: bool) -> None:
        """At the door."""
        if self.status is not R.CONFIRMED:
            raise NotRegistered
        self.arrived = arrived

    def _call(self, because: CallBecause | None) -> None:
        self.to_call = because if self.email is None else None

    def _move(self, to: RegistrationStatus) -> None:
        if to not in REGISTRATION_MOVES.get(self.status, ()):
            raise IllegalRegistrationMove(self.status, to)
        self.status = to

    def _told(self, occasion: Occasion, reach: Reach) -> dict[str, Any]:
        self.told += 1
        return {
            "registration_id": self.id,
            "occasion_id": occasion.id,
            "person_id": self.person_id,
            "language": self.language,
            "contact": reach.contact,
            "link": reach.link,
            "people": self.people,
            "kind": occasion.kind,
            "title": occasion.title,
            "starts_at": occasion.starts_at,
            "ends_at": occasion.ends_at,
            "place": occasion.place,
            "subject_version": self.told,
        }


CALLS_AT_END: Final = {
    EndedBecause.CANCELLED: CallBecause.CANCELLED,
    EndedBecause.OFFICE: CallBecause.ENDED,
}
"""Who withdrew knows it already."""
