"""The board of the year: its rules, and who belongs to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select

from services.meetings.commands import (
    members,
    sessions,
    units,
)
from services.meetings.domain.board import Board, OneVotePer, OnPostponement, QuorumKind, Rules
from services.meetings.domain.member import BoardRole, Member, UnitKind
from shared.days import local_day
from shared.events.people import Contact

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
NAME: Final = "Freunde Westhagens"
PLACE: Final = "Stadtteilbüro, Hallesche Straße 30"
CITY: Final = ("Referat Soziale Stadt", "soziale-stadt@stadt.example")


@dataclass(frozen=True)
class Belongs:
    """One member of the board; without an address for mails, letters go by post."""

    name: str
    email: str = ""
    institution: str = ""
    roles: tuple[BoardRole, ...] = ()
    language: str = "de"
    street: str = "Dessauer Straße 12"

    @property
    def contact(self) -> Contact:
        return Contact(
            name=self.name,
            email=self.email,
            street=self.street,
            postcode="38444",
            city="Wolfsburg",
        )


MEMBERS: Final = (
    Belongs("Gisela Brandt", "gisela.brandt@westhagen.example", roles=(BoardRole.CHAIR,)),
    Belongs("Mehmet Aydın", "mehmet.aydin@westhagen.example", roles=(BoardRole.DEPUTY,)),
    Belongs("Lena Vogt", "lena.vogt@westhagen.example", roles=(BoardRole.MINUTES,)),
    Belongs("Tatjana Weber", "tatjana.weber@example.org"),
    Belongs("Hussein Al-Khatib", "hussein@example.org", language="ar"),
    Belongs("Dieter Hoffmann", street="Halberstädter Straße 5"),
    Belongs("Ilse Schäfer", street="Erfurter Ring 40"),
    Belongs("Aylin Kaya", "aylin.kaya@example.org", "Regenbogenschule"),
    Belongs("Thomas Lange", "thomas.lange@example.org", "Regenbogenschule"),
    Belongs("Pfarrerin Ruth Eberle", "eberle@example.org", "Bonhoeffer-Gemeinde"),
    Belongs("Marek Nowak", "marek.nowak@example.org", language="en"),
    Belongs("Sabine Otto", "sabine.otto@example.org", "Wohnungsgesellschaft"),
    Belongs("Olga Petrenko", "olga.petrenko@example.org"),
    Belongs("Jens Rademacher", "jens.rademacher@example.org"),
    Belongs("Fatma Şahin", "fatma.sahin@example.org"),
)
INTERESTED: Final = Belongs("Nils Baumann", "nils.baumann@example.org")

FOUNDED: Final = Rules(
    holds_from=date(2000, 1, 1),
    submission_days_before=14,
    on_postponement=OnPostponement.AGAIN,
    quorum_kind=QuorumKind.FIXED,
    quorum=8,
    earned_after=0,
    one_vote_per=OneVotePer.INSTITUTION,
    urgent_limit_cents=20_000,
)
"""In the founding year whoever declares to belong may vote."""


async def found(year: "Year") -> None:
    """The board with its rules, and everybody who signed the sheet at the first evening."""
    service = year.stack["meetings"]
    today = local_day(year.now)
    async with service.db.begin() as session:
        board = (await session.scalars(select(Board))).one()
        await sessions.change_board(
            session,
            year.order(version=board.version),
            name=NAME,
            place=PLACE,
            rules=FOUNDED.model_copy(update={"holds_from": today}),
            city=CITY,
        )
    institutions: dict[str, UUID] = {}
    for name in sorted({one.institution for one in MEMBERS if one.institution}):
        async with service.db.begin() as session:
            institutions[name] = await units.create_unit(
                session, year.order(), kind=UnitKind.INSTITUTION, name=name
            )
    for one in MEMBERS:
        await _take_in(year, one, unit_id=institutions.get(one.institution), declared_on=today)


async def stricter_rules(year: "Year") -> None:
    """From the second half of the year on the vote is earned, and lost by staying away."""
    service = year.stack["meetings"]
    async with service.db.begin() as session:
        board = (await session.scalars(select(Board))).one()
        changed = {
            "holds_from": local_day(year.now),
            "earned_after": 2,
            "lost_after": 2,
            "regained_after": 1,
        }
        await sessions.change_board(
            session,
            year.order(version=board.version),
            name=NAME,
            place=PLACE,
            rules=FOUNDED.model_copy(update=changed),
        )


async def somebody_new(year: "Year") -> None:
    """One more wants to belong: the vote comes with the second evening."""
    await _take_in(year, INTERESTED, unit_id=None, declared_on=local_day(year.now))


async def _take_in(year: "Year", one: Belongs, *, unit_id: UUID | None, declared_on: date) -> None:
    service = year.stack["meetings"]
    who = members.Particulars(contact=one.contact, language=one.language, unit_id=unit_id)
    async with service.db.begin() as session:
        member_id = await members.record_member(
            session, service, who, year.order(), declared_on=declared_on
        )
    if one.roles:
        async with service.db.begin() as session:
            member = await session.get_one(Member, member_id)
            order = year.order(version=member.version)
            await members.give_roles(session, member_id, one.roles, order)
