"""`python -m tests.browser.newsroom`: the demo on a stage of its own, with something to write about.

Two festivals were announced and a session is planned; three people read the newsletter.
"""

import sys
from datetime import datetime, timedelta
from typing import Final

from deploy.demo import main
from deploy.sample import board
from deploy.sample.accounts import open_accounts
from deploy.sample.occasions import announce
from deploy.sample.people import Reader
from deploy.sample.subscribers import confirm, order
from deploy.sample.year import Year
from deploy.stack import opened
from services.meetings.domain.occasions.occasion import Plan
from services.notifications.sender.loop import Sender
from shared.clock import BERLIN, SetClock
from shared.events.meetings import OccasionKind
from shared.settings import Settings

FESTIVAL: Final = "Winterfest auf dem Marktplatz"
BENCHES: Final = "Neue Bänke am Schulzentrum"
READERS: Final = (
    Reader("Hannelore Kramer", "hannelore.rundbrief@example.org", "de", ("newsletter",), 9),
    Reader("Omar Haddad", "omar.rundbrief@example.org", "ar", ("newsletter",), 9),
    Reader("Piotr Zieliński", "piotr.rundbrief@example.org", "de", ("newsletter",), 8),
)


async def fill(settings: Settings) -> None:
    """Ten days, up to now."""
    now = datetime.now(BERLIN)
    clock = SetClock(now - timedelta(days=10))
    async with opened(settings, clock) as stack:
        year = Year(stack, clock, now.date(), stack.workers(), Sender(stack["notifications"]))
        await open_accounts(year)
        await board.found(year)
        await year.settle()
        for one in READERS:
            await order(one)(year)
            await year.settle()
            await confirm(one)(year)
        await year.until(now - timedelta(days=5))
        for days, title in ((20, FESTIVAL), (34, BENCHES)):
            await announce(title, _plan(title, now + timedelta(days=days)))(year)
            await year.settle()
        await year.until(now)


def _plan(title: str, day: datetime) -> Plan:
    starts_at = day.replace(hour=15, minute=0, second=0, microsecond=0)
    return Plan(
        kind=OccasionKind.FESTIVAL,
        title=title,
        text="Bringen Sie eine Tasse mit.",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=4),
        place="Marktplatz",
    )


if __name__ == "__main__":
    sys.exit(main(fill))
