"""An occasion for everybody in the district, and the moves it may make."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.domain.session import BrokenRule, EndsBeforeItStarts, InThePast
from services.meetings.store import Base
from shared.days import at_local, end_of_day, local_day
from shared.events.meetings import (
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    OccasionKind,
)

REMINDED_AT: Final = 10
"""The hour of the day before at which people are reminded."""

CONTACTS_KEPT: Final = timedelta(days=14)
"""How long after the occasion names, addresses and numbers are kept."""

PATH: Final = "/termine"


class OccasionStatus(StrEnum):
    PLANNED = "planned"
    ANNOUNCED = "announced"
    HELD = "held"
    DOCUMENTED = "documented"
    CANCELLED = "cancelled"


S = OccasionStatus

MOVES: Final[dict[OccasionStatus, Set[OccasionStatus]]] = {
    S.PLANNED: {S.ANNOUNCED, S.CANCELLED},
    S.ANNOUNCED: {S.HELD, S.CANCELLED},
    S.HELD: {S.DOCUMENTED},
    S.DOCUMENTED: {S.DOCUMENTED},
}
"""Where each status may lead: documented again is a correction; one missing here is final."""


class IllegalMove(Exception):
    """The occasion cannot go where it was told to go."""

    def __init__(self, status: OccasionStatus, to: OccasionStatus) -> None:
        super().__init__(f"occasion: {status} → {to}")
        self.status, self.to = status, to


class AlreadyOver(Exception):
    """It took place: nothing about it can be changed any more but how it was."""


class RegisterUntilAfterStart(BrokenRule):
    """Nobody can register once it has begun."""

    field = "register_until"


class ReservedAbovePlaces(BrokenRule):
    """More places cannot be kept for partners than there are."""

    field = "reserved"


class TakenAlready(BrokenRule):
    """More people have a place than this plan has room for."""

    field = "places"

    def __init__(self, taken: int) -> None:
        super().__init__(f"{taken} taken")
        self.taken = taken


class HasRegistrations(BrokenRule):
    """People are registered: the list cannot be given up under them."""

    field = "registration"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything the office writes about an occasion; instants are UTC."""

    kind: OccasionKind
    title: str
    text: str
    place: str
    starts_at: datetime
    ends_at: datetime | None = None
    registration: bool = False
    places: int | None = None
    reserved: int = 0
    reserved_for: str = ""
    register_until: datetime | None = None
    waiting_list: bool = False
    reminders: bool = False
    photos: bool = False
    door_note: str = ""

    def check(self) -> None:
        """Refuse what cannot take place as written."""
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise EndsBeforeItStarts
        if self.register_until is not None and self.register_until > self.starts_at:
            raise RegisterUntilAfterStart
        if self.places is not None and self.reserved > self.places:
            raise ReservedAbovePlaces

    @property
    def open_places(self) -> int | None:
        """How many people the public can bring altogether; None for as many as come."""
        return None if self.places is None else self.places - self.reserved


PUBLIC: Final = ("kind", "title", "text", "place", "starts_at", "ends_at", "registration", "places")
"""What a change must be told about; the end of registering besides."""


class Occasion(Base):
    """One occasion; every move returns the event it causes, if anybody knew of it."""

    __tablename__ = "occasions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[OccasionStatus] = mapped_column(index=True)
    kind: Mapped[OccasionKind]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    registration: Mapped[bool]
    places: Mapped[int | None]
    reserved: Mapped[int]
    reserved_for: Mapped[str]
    """For the office: whom the reserved places are for."""
    register_until: Mapped[datetime | None]
    waiting_list: Mapped[bool]
    reminders: Mapped[bool]
    photos: Mapped[bool]
    """Photos are taken: people are told before they register."""
    door_note: Mapped[str]
    first_starts_at: Mapped[datetime | None]
    """When it was announced for at first."""
    cancelled_because: Mapped[str | None]
    report: Mapped[str | None] = mapped_column(Text)
    visitors: Mapped[int | None]
    report_link: Mapped[str | None]
    revision: Mapped[int]
    """Counts what the public was told; calendars go by it."""
    contacts_wiped_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def plan(cls, plan: Plan, *, occasion_id: UUID, at: datetime) -> Self:
        """Write an occasion down; nobody outside the office sees it yet."""
        plan.check()
        if plan.starts_at <= at:
            raise InThePast
        occasion = cls(id=occasion_id, status=S.PLANNED, revision=0)
        occasion._take(plan)
        return occasion

    @property
    def as_planned(self) -> Plan:
        """What the office wrote."""
        return Plan(**{name: getattr(self, name) for name in Plan.__dataclass_fields__})

    def change(self, plan: Plan, *, taken: int, registered: bool, at: datetime) -> bool:
        """Take another plan; whether the public has to be told. `taken`: people with a place."""
        plan.check()
        self.check_change(at=at)
        if plan.starts_at != self.starts_at and plan.starts_at <= at:
            raise InThePast
        if plan.open_places is not None and plan.open_places < taken:
            raise TakenAlready(taken)
        if registered and not plan.registration:
            raise HasRegistrations
        told = (*PUBLIC, "register_until")
        changed = any(getattr(plan, name) != getattr(self, name) for name in told)
        self._take(plan)
        return changed and self.status is S.ANNOUNCED

    def changed(
        self, *, previous_starts_at: datetime, previous_place: str, at: datetime
    ) -> OccasionChanged:
        """Say what holds now, and what held where date or place changed."""
        return OccasionChanged(
            at=at,
            **self._told(),
            **self._facts(),
            previous_starts_at=(
                previous_starts_at if previous_starts_at != self.starts_at else None
            ),
            previous_place=previous_place if previous_place != self.place else None,
        )

    def announce(self, *, at: datetime) -> OccasionAnnounced:
        """Invite everybody."""
        self._move(S.ANNOUNCED)
        if self.starts_at <= at:
            raise InThePast
        self.first_starts_at = self.starts_at
        return OccasionAnnounced(at=at, **self._told(), **self._facts())

    def cancel(self, *, reason: str, at: datetime) -> OccasionCancelled | None:
        """Do not hold it; `reason` is published as written, if it was ever announced."""
        announced = self.status is S.ANNOUNCED
        if announced and at >= self.over_at:
            raise AlreadyOver
        self._move(S.CANCELLED)
        self.cancelled_because = reason
        return OccasionCancelled(at=at, reason=reason, **self._told()) if announced else None

    def hold(self) -> None:
        """Its end has come: it took place."""
        self._move(S.HELD)

    def document(
        self, *, text: str, visitors: int | None, link: str | None, at: datetime
    ) -> OccasionDocumented:
        """Tell how it was; again to correct it."""
        self._move(S.DOCUMENTED)
        self.report, self.visitors, self.report_link = text, visitors, link
        path = f"{PATH}/{self.id}"
        return OccasionDocumented(at=at, text=text, path=path, visitors=visitors, **self._told())

    @property
    def over_at(self) -> datetime:
        """When it is over: its end, or that of its day."""
        return self.ends_at or end_of_day(local_day(self.starts_at))

    @property
    def remind_at(self) -> datetime:
        """The morning of the day before."""
        day = local_day(self.starts_at) - timedelta(days=1)
        return at_local(day, datetime.min.time().replace(hour=REMINDED_AT))

    @property
    def forget_at(self) -> datetime:
        """When nobody needs to be reached about it any more."""
        return self.over_at + CONTACTS_KEPT

    @property
    def open_places(self) -> int | None:
        """How many people the public can bring altogether; None for as many as come."""
        return self.as_planned.open_places

    def free(self, taken: int) -> int | None:
        """How many places are left when so many people have one; None for as many as come."""
        return None if self.open_places is None else max(0, self.open_places - taken)

    def may(self, to: OccasionStatus) -> bool:
        """Whether a page should offer this move at all."""
        return to in MOVES.get(self.status, ())

    def takes_registrations(self, at: datetime) -> bool:
        """Whether people can register now."""
        until = self.register_until or self.starts_at
        return self.expects_people(at) and at <= until

    def expects_people(self, at: datetime) -> bool:
        """Whether places still can be given, changed and taken back: until it begins."""
        return self.registration and self.status is S.ANNOUNCED and at < self.starts_at

    def check_change(self, *, at: datetime) -> None:
        """Raise what changing it would raise."""
        if self.status not in (S.PLANNED, S.ANNOUNCED):
            raise IllegalMove(self.status, self.status)
        if self.status is S.ANNOUNCED and at >= self.over_at:
            raise AlreadyOver

    def check_move(self, to: OccasionStatus) -> None:
        """Raise what moving there would raise."""
        if not self.may(to):
            raise IllegalMove(self.status, to)

    def _move(self, to: OccasionStatus) -> None:
        self.check_move(to)
        self.status = to

    def _take(self, plan: Plan) -> None:
        for name in Plan.__dataclass_fields__:
            setattr(self, name, getattr(plan, name))

    def _told(self) -> dict[str, Any]:
        self.revision += 1
        return {
            "occasion_id": self.id,
            "kind": self.kind,
            "title": self.title,
            "starts_at": self.starts_at,
            "subject_version": self.revision,
        }

    def _facts(self) -> dict[str, Any]:
        return {
            "ends_at": self.ends_at,
            "place": self.place,
            "text": self.text,
            "registration": self.registration,
            "places": self.places,
            "register_until": self.register_until,
        }
