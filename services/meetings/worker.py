"""The meetings worker: tells our events, answers those of the others, and tidies up in time."""

from datetime import timedelta
from typing import Final

from services.meetings.handlers import ANSWERS
from services.meetings.store import PERSONAL, TABLES, Link
from services.meetings.timers import TIMERS
from shared.loops import rest
from shared.service import Service
from shared.web.links import forget_old
from shared.worker import Worker, main

TIDY_EVERY: Final = timedelta(hours=1)
KEPT_FOR: Final = timedelta(days=1)


async def tidy(service: Service) -> None:
    """Drop links nobody can use any more, and what erased accounts left in the files."""
    async with service.db.begin() as session:
        await forget_old(session, Link, before=service.clock.now() - KEPT_FOR)
    await service.db.scrub(*PERSONAL)


async def tidy_hourly(service: Service) -> None:
    """Once at the start, then every hour."""
    while True:
        await tidy(service)
        await rest(TIDY_EVERY.total_seconds())


def create_worker(service: Service) -> Worker:
    """The worker over an opened service, for a process that holds several."""
    return Worker(service, TABLES, ANSWERS, TIMERS, [tidy_hourly])


if __name__ == "__main__":
    main("meetings", TABLES, answers=ANSWERS, timers=TIMERS, loops=[tidy_hourly])
