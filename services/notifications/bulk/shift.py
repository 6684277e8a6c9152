"""A sender's shift at one issue: its connections, its supply, and round after round of the journal."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

import aiosmtplib
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bulk import holding
from services.notifications.bulk.contents import Contents
from services.notifications.bulk.copies import Copy
from services.notifications.bulk.crew import LETTERS_A_CONNECTION, Crew, Tools
from services.notifications.bulk.journal import LEASE, Journal, Leave, Round
from services.notifications.bulk.lane import Item, Lane
from services.notifications.bulk.outages import until_done
from services.notifications.bulk.outcomes import Outcomes, Result
from services.notifications.bulk.supply import Supply
from services.notifications.bulk.taking import Taker
from services.notifications.domain.issue import Issue
from services.notifications.domain.letter import Outcome
from services.notifications.sender import relays
from services.notifications.sender.precedence import give_way
from services.notifications.sender.schedule import LOSSES_AT_ONCE, Answer
from shared.crashpoints import reached

TICK_SECONDS: Final = 0.25
BEAT_SECONDS: Final = LEASE.total_seconds() / 4
GRACE_SECONDS: Final = 4.0
"""Less than a worker's loops have before they are cut off."""

FAR: Final = 4
"""Commits that fit into a server's turn: from so many on, each round goes at once."""

LONGEST_GATHERING: Final = 0.005
"""Seconds a round waits at most for those who have not asked yet."""

SHORTEST: Final = 5.0
"""A rate over less than these seconds would only be noise."""


class Shift:
    """Ends when there is nothing to do for now, or nothing may be done any more."""

    def __init__(
        self, tools: Tools, issue: Issue, *, contents: Contents, taker: Taker, outcomes: Outcomes
    ) -> None:
        self._tools, self._issue, self._contents = tools, issue, contents
        self._taker, self._outcomes = taker, outcomes
        self._changed = asyncio.Event()
        service = tools.service
        self.supply = Supply(service, taker=taker, contents=contents, changed=self._changed)
        self.crew = Crew(tools, self._changed)
        self._journal = Journal(service.db, taker.sender_id, taker.issue_id, taker.topic)
        self._asking: list[Lane] = []
        self._results: list[Result] = []
        self._unwanted: list[Copy] = []
        self._went: Counter[str] = Counter()
        self._began = self._spoke = monotonic()
        self._pace = 0.001
        """What a commit takes, in seconds."""
        self._turn = 0.0
        """What the server takes from a dot to the next body, in seconds."""
        self._gathering: asyncio.TimerHandle | None = None
        self._writing = False
        self._over = self._dead = False
        self.sent = 0

    async def work(self, *, strays: bool = False) -> None:
        """Until it is over; then answers still to come are waited for, and the rest is given back."""
        await self.supply.begin(strays=strays)
        feeding = asyncio.create_task(self.supply.run())
        ticking = asyncio.create_task(self._tick())
        try:
            while not self._over:
                await self._changed.wait()
                self._changed.clear()
                if feeding.done():
                    feeding.result()
                self.crew.staff(len(self.supply), self._lane)
                await self._round()
                if self._is_over():
                    self._over = True
        finally:
            self._over = True
            await self.supply.close(feeding)
            await self._end()
            ticking.cancel()

    # --- what lanes ask and tell -----------------------------------------------------------------

    def next_for(self, lane: Lane) -> Item | None:
        """The next copy as a mail; one that no mail can be made of fails by itself."""
        while not (self._over or lane.announced >= LETTERS_A_CONNECTION):
            if (copy := self.supply.next()) is None:
                return None
            try:
                envelope = self._contents.envelope(copy)
            except ValueError as error:
                why = f"no mail can be made of it: {error}"
            else:
                if lane.takes(envelope):
                    return copy, envelope
                why = "server takes no address beyond ASCII (SMTPUTF8)"
            self.result(copy, Answer(Outcome.FAILED, None, why))
        return None

    def ask(self, lane: Lane) -> None:
        """The body is there: may it leave?"""
        if not self._over:
            self._asking.append(lane)
        if lane.left_at is not None:
            self._turn += (monotonic() - lane.left_at - self._turn) / 32
            lane.left_at = None
        self._came(all_ask=len(self._asking) >= self.crew.busy)

    def result(self, copy: Copy, answer: Answer) -> None:
        """What became of it; what was only lost goes on at once, without counting."""
        if answer.outcome is Outcome.LOST:
            copy.losses += 1
            if copy.losses < LOSSES_AT_ONCE:
                self.supply.back(copy)
                self._changed.set()
                return
            answer = Answer(Outcome.DEFERRED, answer.code, answer.text)
        elif answer.code is not None:
            self.crew.went_well()
        if answer.outcome is Outcome.SENT:
            self._went[copy.way] += 1
        self._results.append((copy, answer))
        self._came()

    def gone(self, lane: Lane, answer: Answer) -> None:
        """Its connection is no more."""
        self.crew.gone(lane, answer)

    def _lane(self, client: aiosmtplib.SMTP) -> Lane:
        return Lane(
            self,
            pipelining=client.supports_extension("pipelining"),
            utf8=client.supports_extension("smtputf8"),
            patience=self._tools.patience,
        )

    # --- rounds ----------------------------------------------------------------------------------

    def _came(self, *, all_ask: bool = False) -> None:
        """A round begins once all at work ask, or after what a commit takes: theirs costs the same.

        Where the server is far, others come too late to be waited for.
        """
        if self._writing:
            return
        if all_ask or self._turn > FAR * self._pace:
            self._changed.set()
        elif self._gathering is None:
            wait = min(self._pace, LONGEST_GATHERING)
            self._gathering = asyncio.get_running_loop().call_later(wait, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._changed.set()

    async def _round(self) -> None:
        """One commit: what was answered, then who may go."""
        beat = monotonic() - self._spoke > BEAT_SECONDS
        if not (self._results or self._asking or beat):
            return
        await give_way(self._tools.service.db.url)
        if self._gathering is not None:
            self._gathering.cancel()
        self._gathering, self._writing = None, True
        try:
            await self._write_and_go()
        finally:
            self._writing = False
            if self._results or self._asking:
                self._came(all_ask=len(self._asking) >= self.crew.busy)

    async def _write_and_go(self) -> None:
        results, self._results = self._results, []
        asked = [(lane, lane.coming) for lane in self._asking if not lane.closed]
        self._asking = []
        reached("bulk.before_leave")
        began = monotonic()
        record = self._as_it_stands(results, [copy for _, copy in asked if copy is not None])
        writing = asyncio.create_task(self._commit(results, record))
        following = dict[Lane, Item]()
        try:
            await asyncio.sleep(0)  # the statement is on its way: the time until its answer is ours
            if not any(answer.too_fast for _, answer in results):  # else some ways are closed first
                following = self._drawn_for([lane for lane, _ in asked])
        finally:
            leave = await writing
        self._spoke = monotonic()
        self._pace += (self._spoke - began - self._pace) / 8
        for lane, copy in asked:
            if copy is None or lane.coming is not copy or lane.closed:
                continue
            if copy.number in leave.allowed and not self._tools.stop.is_set():
                lane.leave_given(following.pop(lane, None))
            else:
                self._deny(lane, leave)
        for copy, _ in following.values():
            self.supply.back(copy)
            self._changed.set()
        self._over = self._over or not leave.sending
        self._dead = not leave.alive
        if self._unwanted and leave.sending:
            await self._set_aside()

    def _drawn_for(self, lanes: Sequence[Lane]) -> dict[Lane, Item]:
        drawn = ((lane, self.next_for(lane)) for lane in lanes)
        return {lane: item for lane, item in drawn if item is not None}

    def _deny(self, lane: Lane, leave: Leave) -> None:
        """Nobody takes a body back: hang up before its dot."""
        self.crew.dismiss(lane)
        copy = lane.give_up_coming()
        if copy is not None and leave.sending and not self._tools.stop.is_set():
            self._unwanted.append(copy)

    def _as_it_stands(self, results: Sequence[Result], asking: Sequence[Copy]) -> Round:
        """At one moment: what flies and has no result among these is in flight, whatever comes next."""
        sent = [copy.number for copy, answer in results if answer.outcome is Outcome.SENT]
        flying = [lane.flying.number for lane in self.crew.lanes if lane.flying is not None]
        return Round(sent=sent, in_flight=flying, asking=asking)

    async def _commit(self, results: Sequence[Result], record: Round) -> Leave:
        others = [one for one in results if one[1].outcome is not Outcome.SENT]
        write = partial(self._write, record, others, self._tools.service.clock.now())
        try:
            leave = await until_done(write, between=self._journal.close)
        except BaseException:
            self._results = [*results, *self._results]  # not written: never forgotten
            raise
        self.sent += len(record.sent)
        for copy, _ in results:
            if copy.block is not None:
                copy.block.open -= 1
        slowed = {copy.way for copy, answer in others if answer.too_fast}
        if slowed and (late := self.supply.without(slowed)):
            await until_done(partial(self.supply.put_off, late))
            self._close(late)
        return leave

    async def _write(self, record: Round, others: Sequence[Result], heard_at: datetime) -> Leave:
        at = self._tools.service.clock.now()
        if not others:
            return await self._journal.record(record, at=at)
        async with self._tools.service.db.begin() as session:
            await self._outcomes.note(session, others, measured=self._measured(), at=heard_at)
            return await self._journal.record_in(session, record, at=at)

    async def _set_aside(self) -> None:
        copies, self._unwanted = self._unwanted, []

        async def denied() -> None:
            async with self._tools.service.db.begin() as session:
                at = self._tools.service.clock.now()
                await self._taker.denied(session, copies, at=at)

        await until_done(denied)
        self._close(copies)

    def _close(self, copies: Sequence[Copy]) -> None:
        """Settled another way than by an answer."""
        for copy in copies:
            if copy.block is not None:
                copy.block.open -= 1

    def _measured(self) -> dict[str, float]:
        """Messages a minute since we began, by the way they went."""
        minutes = max(monotonic() - self._began, SHORTEST) / 60
        return {way: count / minutes for way, count in self._went.items()}

    # --- the end ---------------------------------------------------------------------------------

    def _is_over(self) -> bool:
        now = self._tools.service.clock.now()
        if self._tools.stop.is_set() or self.crew.shut_out is not None:
            return True
        if self._issue.opens_at(now) > now or holding.is_over(self._issue, at=now):
            return True
        idle = not (self.crew.busy or self._results or self._asking or len(self.supply))
        return self.supply.dry and idle

    async def _tick(self) -> None:
        """Time passes, even if nothing else happens."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.crew.watch()
            self._changed.set()

    async def _end(self) -> None:
        await self.crew.go_home()
        until = monotonic() + GRACE_SECONDS
        while flying := self.crew.flying:
            if self._tools.stop.is_set() and monotonic() > until:
                for lane in flying:
                    lane.late()
                break
            await self._changed.wait()
            self._changed.clear()
            await self._round()
            await self.crew.go_home()
        results, self._results = self._results, []
        await self._commit(results, self._as_it_stands(results, []))
        await self._journal.close()
        await until_done(self._leave)

    async def _leave(self) -> None:
        service = self._tools.service
        at = service.clock.now()
        async with service.db.begin() as session:
            await self._let_go(session)
            await holding.leave(session, self._taker.sender_id, at=at)
            if self.crew.shut_out is not None:
                await relays.stop(session, service.settings, self.crew.shut_out, at=at)
            elif self.sent:
                await relays.works(session, service.settings)

    async def _let_go(self, session: AsyncSession) -> None:
        done = [block for block in self.supply.blocks if not block.open]
        if done and not self._dead:
            await self._taker.drop(session, done)
