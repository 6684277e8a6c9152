"""`python -m tests.browser.evening`: the demo on a stage of its own, a session of the board due now.

Four applications are on the agenda, for more money than the fund has; the board is invited.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from deploy.demo import main
from deploy.sample import board, evenings, office
from deploy.sample.accounts import open_accounts
from deploy.sample.applicants import write_application
from deploy.sample.people import Idea, Resident
from deploy.sample.year import Year
from deploy.stack import opened
from services.meetings.commands import sessions
from services.meetings.domain.session import Appointment
from services.notifications.sender.loop import Sender
from shared.clock import BERLIN, SetClock
from shared.settings import Settings

NAME: Final = "tonight"
BUDGET: Final = 300_000
"""Of these 1,450 euros are gone after two items: the third asks for more than is left."""


@dataclass(frozen=True)
class Asked:
    """One application of the evening."""

    title: str
    public_title: str
    asked: int
    name: str
    email: str


SEWING: Final = Asked(
    "Nähkurs für Frauen", "Nähkurs für Frauen aus vielen Ländern", 65_000,
    "Samira Haddad", "samira.abend@example.org",
)  # fmt: skip
CONCERT: Final = Asked(
    "Hofkonzert im Mai", "Hofkonzert im Innenhof", 80_000, "Marek Nowak", "marek.nowak@example.org"
)
"""Asked for by a member of the board."""
BENCHES: Final = Asked(
    "Bänke am Weg", "Bänke für den Westhagener Weg", 180_000, "Klaus Reuter", "klaus.abend@example.org"
)  # fmt: skip
LAMPS: Final = Asked(
    "Lampen im Durchgang", "Licht im Durchgang", 40_000, "Vera Lindner", "vera.abend@example.org"
)
ALL: Final = (SEWING, CONCERT, BENCHES, LAMPS)


async def fill(settings: Settings) -> None:
    """Forty days, up to the minute at which the board meets."""
    now = datetime.now(BERLIN)
    clock = SetClock(now - timedelta(days=40))
    async with opened(settings, clock) as stack:
        year = Year(stack, clock, now.date(), stack.workers(), Sender(stack["notifications"]))
        await open_accounts(year)
        await office.introduce(year)
        await board.found(year)
        await year.settle()
        await office.give_budget(now.year, BUDGET)(year)
        await office.release_budget(now.year, BUDGET)(year)
        await _plan(year, now)
        await year.settle()
        for number, one in enumerate(ALL):
            await year.until(now - timedelta(days=30 - number))
            await write_application(_idea(one))(year)
            await year.settle()
            await office.admit(one.title, one.public_title)(year)
            await year.settle()
        await year.until(now - timedelta(days=15))
        await evenings.invite(NAME)(year)
        await year.settle()
        await year.until(now)


async def _plan(year: Year, now: datetime) -> None:
    tonight = Appointment(
        starts_at=now, ends_at=now + timedelta(hours=2), place=board.PLACE, note=None
    )
    async with year.stack["meetings"].db.begin() as session:
        year.planned[NAME] = await sessions.plan(session, tonight, year.order())


def _idea(one: Asked) -> Idea:
    who = Resident(
        name=one.name,
        email=one.email,
        language="de",
        street="Dessauer Straße 3",
        iban="DE89370400440532013000",
    )
    return Idea(
        who,
        0,
        one.title,
        "Nachbarn lernen sich kennen.",
        "Wir treffen uns und fangen an.",
        "Alle im Viertel",
        "Man kennt sich danach.",
        "encounter",
        "Innenhof",
        (("Material", one.asked),),
        one.asked,
    )


if __name__ == "__main__":
    sys.exit(main(fill))
