"""The notifications worker: answers everybody's events, tells ours, sends the letters."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from services.notifications.bounces import verp
from services.notifications.bounces.mailbox import read_mailbox
from services.notifications.bulk.dkim import BadKey, Signer
from services.notifications.bulk.sending import run_bulk
from services.notifications.digests.loop import run_digests
from services.notifications.domain.addressbook import Person
from services.notifications.handlers import ANSWERS
from services.notifications.issues.gathering import run_gathering
from services.notifications.printing.making import run_printing
from services.notifications.sender.loop import run_sender
from services.notifications.store import PERSONAL, TABLES
from services.notifications.timers import TIMERS
from shared.loops import rest
from shared.service import Service
from shared.settings import Settings
from shared.worker import Worker, main

TIDY_SECONDS: Final = 900.0


async def tidy(service: Service, *, since: datetime | None) -> datetime | None:
    """Take what erased people left out of the files; the last erasure covered, for the next call."""
    async with service.db.read() as session:
        last: datetime | None = await session.scalar(select(func.max(Person.erased_at)))
    if last is not None and (since is None or last > since):
        await service.db.scrub(*PERSONAL)
    return max(filter(None, (since, last)), default=None)


async def tidy_after_erasures(service: Service) -> None:
    """What a crash right after an erasure left; the handler itself has done it otherwise."""
    since: datetime | None = service.clock.now() - timedelta(days=1)
    while True:
        since = await tidy(service, since=since)
        await rest(TIDY_SECONDS)


LOOPS: Final = (
    run_sender,
    run_bulk,
    run_digests,
    run_gathering,
    run_printing,
    read_mailbox,
    tidy_after_erasures,
)


def create_worker(service: Service) -> Worker:
    """The worker over an opened service, for a process that holds several."""
    return Worker(service, TABLES, ANSWERS, TIMERS, LOOPS)


def check(settings: Settings) -> None:
    """A setting that cannot work ends the start with one sentence."""
    try:
        Signer.from_settings(settings)
        verp.check(settings)
    except (BadKey, verp.UnusableBounceAddress) as error:
        raise SystemExit(f"The notifications worker does not start: {error}") from None


if __name__ == "__main__":
    check(Settings.for_service("notifications"))
    main("notifications", TABLES, answers=ANSWERS, timers=TIMERS, loops=LOOPS)
