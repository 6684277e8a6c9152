"""The notifications worker: answers everybody's events, tells ours, sends the letters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from services.notifications.bounces import verp
from services.notifications.bounces.mailbox import read_mailbox
from services.notifications.bulk.dkim import BadKey, Signer
from services.notifications.bulk.sending import run_bulk
from services.notifications.commands import printing
from services.notifications.digests.loop import run_digests
from services.notifications.domain.addressbook import Person
from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import Attempt, Letter
from services.notifications.handlers import ANSWERS
from services.notifications.issues.gathering import run_gathering
from services.notifications.letters.queue import redact
from services.notifications.printing.making import run_printing
from services.notifications.sender.loop import run_sender
from services.notifications.store import PERSONAL, TABLES
from services.notifications.timers import TIMERS
from shared.loops import rest
from shared.outages import again_if_unlucky
from shared.service import Service
from shared.settings import Settings
from shared.worker import Worker, main

TIDY_SECONDS: Final = 900.0
OVERLAP: Final = timedelta(days=1)
"""How long before the last erasure covered a round still looks: no transaction takes that long."""
AT_A_TIME: Final = 500
"""People emptied with one transaction."""

IS_READABLE: Final = or_(
    Letter.text != "",
    exists().where(Attempt.letter_id == Letter.id, Attempt.answer != ""),
    exists().where(Bounce.about == Letter.id, Bounce.number == 0, Bounce.address_hash != ""),
)
"""Words of the letter or about it are left: an erasure misses only what is being written meanwhile."""


async def tidy(service: Service, *, since: datetime | None) -> datetime | None:
    """Empty what erasures missed, and the files of it; the last erasure covered, for the next call."""
    async with service.db.read() as session:
        last: datetime | None = await session.scalar(select(func.max(Person.erased_at)))
    missed = await _empty_missed(service, since=since)
    if missed or (last is not None and (since is None or last > since)):
        await service.db.scrub(*PERSONAL)
    return max(filter(None, (since, last)), default=None)


async def _empty_missed(service: Service, *, since: datetime | None) -> int:
    """Nothing is written as long as nothing was missed; of how many people something was."""
    theirs = select(Person.id).join(Letter, Letter.person_id == Person.id)
    missed = theirs.where(Person.erased_at.is_not(None), IS_READABLE).distinct()
    if since is not None:
        missed = missed.where(Person.erased_at > since - OVERLAP)
    async with service.db.read() as session:
        ids = (await session.scalars(missed.order_by(Person.id))).all()
    for start in range(0, len(ids), AT_A_TIME):
        await again_if_unlucky(partial(_empty, service, ids[start : start + AT_A_TIME]))
    return len(ids)


async def _empty(service: Service, ids: Sequence[UUID]) -> None:
    async with service.db.begin() as session:
        await printing.forget(session, ids)
        await redact(session, ids)


async def tidy_after_erasures(service: Service) -> None:
    """What a crash right after an erasure left, or a race with it; the handler did the rest."""
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
