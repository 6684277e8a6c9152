"""Festivals and walks of the year, and who registered for them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.meetings.commands import occasions, registrations
from services.meetings.domain.occasions.occasion import Occasion, Plan
from services.meetings.domain.occasions.registration import Wish
from shared.events.meetings import OccasionKind

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
WISHES: Final = (
    ("Familie Yıldız", "yildiz@example.org", "", 4, ""),
    ("Piotr Zieliński", "piotr.z@example.org", "", 2, ""),
    ("Hannelore Kramer", "", "05361 123450", 1, "Ich komme mit dem Rollator."),
    ("Omar Haddad", "omar.h@example.org", "", 3, "Übersetzung ins Arabische"),
    ("Olena Kovalenko", "olena.k@example.org", "", 2, ""),
    ("Familie Krüger", "krueger@example.org", "", 3, ""),
)
"""Name, e-mail, phone, how many, what they need."""


def announce(name: str, plan: Plan) -> Act:
    """Written down, looked at, told to everybody."""

    async def act(year: "Year") -> None:
        service = year.stack["meetings"]
        async with service.db.begin() as session:
            new = await occasions.plan_occasion(session, plan, year.order())
        async with service.db.begin() as session:
            version = (await session.get_one(Occasion, new)).version
            await occasions.announce_occasion(session, new, year.order(version=version))
        year.planned[name] = new

    return act


def people_register(name: str) -> Act:
    """One after the other, until the places are gone."""

    async def act(year: "Year") -> None:
        service = year.stack["meetings"]
        for who, email, phone, people, needs in WISHES:
            year.clock.forward(minutes=47)
            wish = Wish(
                name=who,
                email=email or None,
                phone=phone or None,
                people=people,
                needs=needs,
                language="de",
            )
            async with service.db.begin() as session:
                await registrations.register(
                    session, service, year.planned[name], wish, year.order()
                )

    return act


def document(name: str, text: str, visitors: int) -> Act:
    """How it was."""

    async def act(year: "Year") -> None:
        async with year.stack["meetings"].db.begin() as session:
            version = (await session.get_one(Occasion, year.planned[name])).version
            await occasions.document_occasion(
                session,
                year.planned[name],
                year.order(version=version),
                text=text,
                visitors=visitors,
                link=None,
            )

    return act


def festival(starts_at: datetime) -> Plan:
    return Plan(
        kind=OccasionKind.FESTIVAL,
        title="Sommerfest in Westhagen",
        text="Musik, Spiele und ein langer Tisch. Bringen Sie etwas zu essen mit, wenn Sie mögen.",
        place="Platz vor dem Einkaufszentrum",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        photos=True,
    )


def walk(starts_at: datetime) -> Plan:
    return Plan(
        kind=OccasionKind.WALK,
        title="Rundgang: Was sich im Viertel ändert",
        text="Wir gehen zu fünf Orten und sprechen darüber, was dort geplant ist.",
        place="Treffpunkt: Stadtteilbüro, Hallesche Straße 30",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        registration=True,
        places=12,
        reserved=2,
        reserved_for="Gruppe aus der Begegnungsstätte",
        register_until=starts_at - timedelta(days=1),
        waiting_list=True,
        reminders=True,
    )


def workshop(starts_at: datetime) -> Plan:
    return Plan(
        kind=OccasionKind.WORKSHOP,
        title="Werkstatt: Ideen für den Spielplatz",
        text="Kinder und Eltern bauen Modelle. Das Material ist da.",
        place="Regenbogenschule, Aula",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        registration=True,
        places=30,
        waiting_list=True,
        reminders=True,
    )
