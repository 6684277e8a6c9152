"""The bulk sender: issue after issue, shift after shift, over connections of its own."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from random import Random, SystemRandom
from ssl import SSLContext
from time import monotonic
from typing import Final
from uuid import UUID

from services.notifications.bulk import holding
from services.notifications.bulk.compiled import Unfit
from services.notifications.bulk.contents import Contents
from services.notifications.bulk.crew import Tools
from services.notifications.bulk.dkim import Signer
from services.notifications.bulk.limits import Rates
from services.notifications.bulk.outages import until_done
from services.notifications.bulk.outcomes import Outcomes
from services.notifications.bulk.shift import Shift
from services.notifications.bulk.taking import Taker
from services.notifications.domain.issue import Issue, IssueKind
from services.notifications.issues.commands import pause_refused
from services.notifications.issues.content import NoText
from services.notifications.letters.queue import brand_of
from services.notifications.sender import relays
from services.notifications.sender.conversation import Patience
from shared.loops import resting
from shared.service import Service
from shared.web.i18n import BINDING

CONNECTIONS: Final = 8
POLL_SECONDS: Final = 2.0
RECOVER_SECONDS: Final = 15.0

LONGEST_LIFE: Final = timedelta(days=7)
"""Of an issue whose office named no end."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """The next thing to do; `strays` are queued copies in nobody's block."""

    issue: Issue
    strays: bool = False


class Bulk:
    """Sends issues. Any number of them may run against one database."""

    def __init__(
        self,
        service: Service,
        *,
        patience: Patience | None = None,
        random: Random | None = None,
        connections: int = CONNECTIONS,
        tls: SSLContext | None = None,
    ) -> None:
        self.service, self.stop = service, asyncio.Event()
        self.rates = Rates(brand_of(service.settings.brand_file).mail)
        self.signer = Signer.from_settings(service.settings)
        self.tools = Tools(
            service=service,
            patience=patience or Patience(),
            random=random or SystemRandom(),
            connections=connections,
            tls=tls,
            stop=self.stop,
        )
        self._last: UUID | None = None
        self._recovered_at = -RECOVER_SECONDS

    async def run(self) -> None:
        """Until cancelled; then answers under way are waited for a little, the rest is given back."""
        working = asyncio.create_task(self._work_on())
        try:
            with resting():
                await asyncio.wait([working])
        finally:
            self.stop.set()
            await asyncio.wait([working])
        working.result()

    async def send_due(self) -> int:
        """Everything that may go now; how many copies were sent."""
        sent = 0
        self._recovered_at = -RECOVER_SECONDS
        while not self.stop.is_set() and (work := await self._next()) is not None:
            sent += await self.shift(work)
        return sent

    async def _work_on(self) -> None:
        bell = self.service.db.bell
        rung = bell.listen()
        try:
            while not self.stop.is_set():
                rung.clear()
                if (work := await until_done(self._next)) is not None:
                    await self.shift(work)
                else:
                    await self._rest(rung)
        finally:
            bell.leave(rung)

    async def _rest(self, rung: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in (rung, self.stop)]
        await asyncio.wait(waiting, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    async def _next(self) -> Work | None:
        """The issue whose turn it is; on the way dead senders are buried and finished issues closed."""
        at = self.service.clock.now()
        if monotonic() > self._recovered_at + RECOVER_SECONDS:
            async with self.service.db.begin() as session:
                await holding.recover(session, at=at)
            self._recovered_at = monotonic()
        async with self.service.db.read() as session:
            if await relays.stopped(session, self.service.settings, at=at) is not None:
                return None
            waiting = await holding.work_for_us(session, at=at)
            ending = await holding.nearly_over(session, at=at)
        for issue_id in ending:
            if stray := await self._conclude(issue_id):
                return Work(stray, strays=True)
        others = [issue for issue in waiting if issue.id != self._last]
        chosen = next(iter(others or waiting), None)
        return Work(chosen) if chosen is not None else None

    async def _conclude(self, issue_id: UUID) -> Issue | None:
        """The issue, if it cannot be closed because copies are left that nobody holds."""
        at = self.service.clock.now()
        async with self.service.db.begin() as session:
            if await holding.conclude(session, issue_id, at=at):
                return None
            return await holding.with_strays(session, issue_id, at=at)

    async def shift(self, work: Work) -> int:
        """Work at one issue until there is nothing more to do there for now."""
        issue, at = work.issue, self.service.clock.now()
        self._last = issue.id
        contents = Contents(
            self.service,
            issue.id,
            IssueKind(issue.kind),
            issue.started_at or at,
            self.signer,
        )
        try:
            async with self.service.db.read() as session:
                await contents.prepare(session, [BINDING])
            shift = await self._shift(issue, contents)
            await shift.work(strays=work.strays)
        except (Unfit, NoText) as error:
            log.warning("issue %s cannot be sent: %s", issue.id, error)
            async with self.service.db.begin() as session:
                await pause_refused(session, issue.id, None, str(error), at)
            return 0
        return shift.sent

    async def _shift(self, issue: Issue, contents: Contents) -> Shift:
        at = self.service.clock.now()
        async with self.service.db.begin() as session:
            sender_id = await holding.enlist(session, issue.id, at=at)
        taker = Taker(
            sender_id=sender_id, issue_id=issue.id, topic=str(issue.kind), rates=self.rates
        )
        outcomes = Outcomes(
            issue_id=issue.id,
            expires_at=issue.expires_at or (issue.started_at or at) + LONGEST_LIFE,
            rates=self.rates,
            random=self.tools.random,
        )
        return Shift(self.tools, issue, contents=contents, taker=taker, outcomes=outcomes)


async def run_bulk(service: Service) -> None:
    """For the worker: its loop that sends issues."""
    await Bulk(service).run()
