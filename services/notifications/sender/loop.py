"""The sender: a few lanes with one connection each, one of them kept for what is urgent."""

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.errors import MessageError
from functools import partial
from random import Random, SystemRandom
from time import monotonic
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bounces.verp import return_path
from services.notifications.bulk import limits
from services.notifications.bulk.dkim import Signer
from services.notifications.bulk.limits import Rates
from services.notifications.domain.letter import IS_WAITING, Letter, LetterFile, Outcome
from services.notifications.letters.kinds import KINDS, Priority
from services.notifications.letters.mime import as_bytes, ascii_domain
from services.notifications.letters.queue import brand_of
from services.notifications.sender import claims, relays
from services.notifications.sender.commits import GroupCommit
from services.notifications.sender.conversation import (
    Conversation,
    Envelope,
    Patience,
    Unreachable,
)
from services.notifications.sender.precedence import in_hand
from services.notifications.sender.schedule import Answer
from shared.loops import resting
from shared.service import Service

LANES: Final = (Priority.URGENT, Priority.SUBSCRIBED, Priority.SUBSCRIBED, Priority.SUBSCRIBED)
"""The least urgent letter each connection takes: the first one is never busy with a mass of others."""

BATCH: Final = 20
GATES: Final = (limits.RELAY, limits.kind("letters"))
"""What subscribed letters wait for, and every letter counts against."""

POLL_SECONDS: Final = 2.0
IDLE_SECONDS: Final = 30.0
RECOVER_SECONDS: Final = 15.0
GRACE_SECONDS: Final = 4.0
"""Less than a worker's loops have before they are cut off."""
LONGEST_PAUSE: Final = 60.0
LETTERS_A_CONNECTION: Final = 100

log = logging.getLogger(__name__)


class Sender:
    """Sends what is due. Any number of them may run against one database."""

    def __init__(
        self,
        service: Service,
        *,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
        random: Random | None = None,
    ) -> None:
        self.service, self.patience, self.tls = service, patience or Patience(), tls
        self.random = random or SystemRandom()
        self.commits = GroupCommit(service.db)
        self.signer = Signer.from_settings(service.settings)
        self.rates = Rates(brand_of(service.settings.brand_file).mail)
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled; then letters under way are finished and the others given back."""
        lanes = [asyncio.create_task(Lane(self, priority).run()) for priority in LANES]
        try:
            with resting():
                await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop.set()
            _, late = await asyncio.wait(lanes, timeout=GRACE_SECONDS)
            for lane in late:
                lane.cancel()
        for lane in lanes:
            lane.result()

    async def send_due(self) -> int:
        """Send what is due now over one connection; the number of letters taken up."""
        await self.recover()
        lane = Lane(self, Priority.SUBSCRIBED)
        taken = 0
        try:
            while letters := await lane.claim():
                taken += len(letters)
                if not await lane.work(letters):
                    break
        finally:
            await lane.hang_up()
        return taken

    async def recover(self) -> None:
        """Take over from senders that died."""
        async with self.service.db.begin() as session:
            await claims.recover(session, at=self.now())

    def now(self) -> datetime:
        return self.service.clock.now()


class Lane:
    """One connection and the letters it is working through."""

    def __init__(self, sender: Sender, priority: Priority) -> None:
        self.sender, self.priority = sender, priority
        self._open: Conversation | None = None
        self._sent_on_it = 0
        self._troubles = 0

    async def run(self) -> None:
        """Work, rest, hang up when there is nothing to do for a while."""
        bell = self.sender.service.db.bell
        rung, worked_at, recovered_at = bell.listen(), monotonic(), -RECOVER_SECONDS
        try:
            while not self.sender.stop.is_set():
                rung.clear()
                if (
                    self.priority == Priority.URGENT
                    and monotonic() > recovered_at + RECOVER_SECONDS
                ):
                    await self.sender.recover()
                    recovered_at = monotonic()
                if await self._once():
                    await self._rest(self._pause())
                    worked_at = monotonic()
                    continue
                if monotonic() - worked_at > IDLE_SECONDS:
                    await self.hang_up()
                await self._rest(POLL_SECONDS, rung)
        finally:
            bell.leave(rung)
            await self.hang_up()

    async def _once(self) -> bool:
        """Take and send what is due; a mass in this process waits while somebody waits for it."""
        with in_hand(self.sender.service.db.url):
            letters = await self.claim()
            urgent = [letter for letter in letters if letter.priority <= Priority.CASE]
            if urgent:
                await self.work(letters)
        if letters and not urgent:
            await self.work(letters)
        return bool(letters)

    async def _rest(self, seconds: float, rung: asyncio.Event | None = None) -> None:
        """Until the time is over, the bell rings, or we are told to stop."""
        events = [self.sender.stop, *([rung] if rung else [])]
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def claim(self) -> Sequence[Letter]:
        """The next batch; nothing is written while nothing is due, or nothing may go."""
        at, service, rates = self.sender.now(), self.sender.service, self.sender.rates
        async with service.db.read() as session:
            if await relays.stopped(session, service.settings, at=at) is not None:
                return []
            priority = self.priority
            if priority > Priority.OFFICE and await limits.room(session, rates, GATES, at=at) < 1:
                priority = Priority.OFFICE
            due = exists().where(IS_WAITING, Letter.due_at <= at, Letter.priority <= int(priority))
            if not await session.scalar(select(due.select_from(Letter))):
                return []
        return await self.sender.commits.write(partial(self._take, priority=int(priority), at=at))

    async def _take(
        self, session: AsyncSession, *, priority: int, at: datetime
    ) -> Sequence[Letter]:
        """What goes counts; letters to a single person are never kept waiting for it."""
        letters = await claims.claim(session, at=at, priority=priority, limit=BATCH)
        for spent in self._spent_on(letters):
            await limits.charge(session, self.sender.rates, spent, at=at)
        return letters

    def _spent_on(self, letters: Sequence[Letter]) -> tuple[Mapping[str, int], ...]:
        """What they take from the allowances: the gates first, as the mass does."""
        rates = self.sender.rates
        ways = Counter(rates.way(letter.address.rpartition("@")[2].lower()) for letter in letters)
        return dict.fromkeys(GATES, len(letters)), ways

    async def _give_back(self, session: AsyncSession, *, letters: Sequence[Letter]) -> None:
        """With what they had taken from the allowances: they will take it once more."""
        back = await claims.give_back(session, letters)
        for spent in self._spent_on(back):
            await limits.refund(session, self.sender.rates, spent)

    async def work(self, letters: Sequence[Letter]) -> bool:
        """Send them one after the other; what we do not get to is given back.

        False if there is no server to send them to.
        """
        left = list(letters)
        until = self.sender.now() + claims.LEASE / 2
        try:
            while left and self.sender.now() < until and not self.sender.stop.is_set():
                conversation = await self._connection()
                if not await self._deliver(conversation, left.pop(0)):
                    break
        except Unreachable as error:
            self._troubles += 1
            log.warning("mail server not reachable, %d letters wait: %s", len(left), error)
            await self._heed(error.answer)
            return False
        else:
            return True
        finally:
            if left:
                await self.sender.commits.write(partial(self._give_back, letters=left))

    async def hang_up(self) -> None:
        if self._open is not None:
            await self._open.quit()
            self._open = None

    async def _deliver(self, conversation: Conversation, letter: Letter) -> bool:
        """One letter; False if the connection is no good any more."""
        commits, at = self.sender.commits, self.sender.now
        envelope = self._envelope(letter, await self._files(letter))
        if isinstance(envelope, Answer):
            answer: Answer | None = envelope
        else:
            mark = partial(self._may_send, letter)
            answer = await conversation.hand_over(envelope, may_send=mark)
        if answer is None:
            await commits.write(partial(self._give_back, letters=[letter]))
            return True
        settled = partial(
            claims.settle,
            letter=letter,
            answer=answer,
            at=at(),
            random=self.sender.random,
            rates=self.sender.rates,
        )
        await commits.write(settled)
        await self._heed(answer)
        lost = answer.outcome is Outcome.LOST
        self._troubles = self._troubles + 1 if lost else 0
        return not lost

    async def _heed(self, answer: Answer) -> None:
        """A relay that shuts us out is left alone; one that takes a letter is as good as ever."""
        commits, settings = self.sender.commits, self.sender.service.settings
        if answer.shut_out:
            at = self.sender.now()
            await commits.write(partial(relays.stop, settings=settings, answer=answer, at=at))
        elif answer.outcome is Outcome.SENT and self._sent_on_it == 1:
            await commits.write(partial(relays.works, settings=settings))

    async def _may_send(self, letter: Letter) -> bool:
        """`sending` is committed here, before the body: no crash after this sends the letter twice."""
        mark = partial(claims.mark_sending, letter=letter, at=self.sender.now())
        return await self.sender.commits.write(mark)

    async def _files(self, letter: Letter) -> Sequence[LetterFile]:
        """What is enclosed, read one letter at a time: a batch of them would fill the memory."""
        if not KINDS[letter.kind].encloses:
            return ()
        files = select(LetterFile).where(LetterFile.letter_id == letter.id)
        async with self.sender.service.db.read() as session:
            return (await session.scalars(files.order_by(LetterFile.id))).all()

    def _envelope(self, letter: Letter, files: Sequence[LetterFile]) -> Envelope | Answer:
        """The letter in mail's own form; an address that no mail can carry fails at once."""
        settings = self.sender.service.settings
        try:
            recipient = ascii_domain(letter.address)
            name = brand_of(settings.brand_file).name
            content = as_bytes(letter, settings, sender_name=name, files=files)
            if self.sender.signer is not None:
                content = self.sender.signer.sign(content)
        except (ValueError, MessageError) as error:
            return Answer(Outcome.FAILED, None, f"no mail can be made of it: {error}")
        return Envelope(
            sender=return_path(settings, letter.id),
            recipient=recipient,
            utf8=not recipient.isascii(),
            content=content,
        )

    async def _connection(self) -> Conversation:
        """The open connection while it lasts, else a new one; raises Unreachable."""
        if self._open is not None and self._sent_on_it >= LETTERS_A_CONNECTION:
            await self.hang_up()
        if self._open is None or not self._open.alive:
            sender = self.sender
            self._open = await Conversation.open(
                sender.service.settings, sender.patience, tls=sender.tls
            )
            self._sent_on_it = 0
        self._sent_on_it += 1
        return self._open

    def _pause(self) -> float:
        """Nothing while it goes well; then 0.5, 1, 2, … seconds."""
        return min(2.0 ** (self._troubles - 2), LONGEST_PAUSE) if self._troubles else 0


async def run_sender(service: Service) -> None:
    """For the worker: its loop that sends letters."""
    await Sender(service).run()
