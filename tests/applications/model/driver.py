"""The real service at the other end of the model: its commands, its events, its timers."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.money import locked_application
from services.applications.commands.submit import submit
from services.applications.domain import Application, Rules
from services.applications.domain.answers import Answers
from services.applications.handlers import MEETINGS
from services.applications.store import TABLES, Command, Parked
from services.applications.worker import TIMERS
from shared.clock import SetClock
from shared.due import Timers
from shared.entries import Entry, parse
from shared.events.base import Event, to_json
from shared.events.meetings import Counts
from shared.inbox import Answers as Inbox
from shared.once import Order, earlier
from shared.service import Service

START: Final = datetime(2026, 11, 9, 9, tzinfo=UTC)
FUND: Final = "buergerfonds"
RULES: Final = Rules.model_validate(
    {
        "name": {"de": "Bürgerfonds"},
        "board": "Freunde Westhagens",
        "year_cents": 500_000,
        "office_up_to_cents": 30_000,
        "city_above_cents": 80_000,
        "low_cents": 20_000,
        "fields": [{"code": "encounter", "name": {"de": "Begegnung"}}],
        "who_may_apply": [],
        "not_paid": [],
        "correction_days": 14,
        "acceptance_days": 14,
        "remind_days": 7,
        "undo_minutes": 10,
        "draft_days": 30,
        "minutes_needed": 20,
    }
)
COUNTS: Final = Counts(
    members=9, eligible=9, present=9, recused=0, cast=9, valid=9, invalid=0, yes=5, no=4, abstain=0
)
NAMES: Final = UUID("3f0c9d52-6a6b-4a52-9a5e-0f1f0c9b7d11")


def uid(kind: str, n: Any) -> UUID:
    """The same id for the same thing in every run; those of applications are in order of number."""
    return UUID(int=n + 1) if kind == "application" else uuid5(NAMES, f"{kind} {n}")


def answers(asked_cents: int, **changes: Any) -> Answers:
    """An application nothing is wrong with."""
    idea = {
        "title": "Sommerfest",
        "aim": "Nachbarn lernen sich kennen.",
        "plan": "Ein Nachmittag mit Musik.",
        "target_group": "Alle im Haus",
        "benefit": "Man kennt sich danach.",
        "field_of_action": "encounter",
        "place": "Hallesche Straße 30",
        "starts_on": date(2030, 6, 20),
        "ends_on": date(2030, 6, 20),
        "not_begun": True,
    }
    who = {
        "kind": "person",
        "name": "Ayşe Yıldız",
        "email": None,
        "street": "Dessauer Straße 12",
        "postcode": "38444",
        "city": "Wolfsburg",
        "language": "de",
        "account_holder": "Ayşe Yıldız",
        "iban": "DE89370400440532013000",
    }
    costs = {
        "costs": [{"what": "Bühne", "cents": asked_cents}],
        "funding": [],
        "asked_cents": asked_cents,
        "other_applications": "no",
    }
    parts = {"idea": idea, "applicant": who, "costs": costs, "declarations": {"privacy": True}}
    for part, fields in changes.items():
        parts[part] |= fields
    return Answers.model_validate(parts)


class House:
    """One service with an inbox and timers, driven from outside."""

    def __init__(self, service: Service, clock: SetClock) -> None:
        self.service, self.clock = service, clock
        self.inbox = Inbox(service, TABLES, "meetings", MEETINGS)
        self.timers = Timers(service, TABLES, TIMERS)
        self.numbers = 0

    def order(self, command_id: UUID, *, by: str = "account:office") -> Order:
        return Order(command_id=command_id, by=by, at=self.clock.now())

    async def submit(
        self, n: int, asked_cents: int, *, arrived_at: datetime | None = None, rules: Rules = RULES
    ) -> None:
        """Application number `n` is here."""
        async with self.service.db.begin() as session:
            draft = Application.start(fund=FUND, language="de", at=self.clock.now())
            draft.id = uid("application", n)
            draft.public_title = "Sommerfest"
            session.add(draft)
            await submit(
                session,
                draft,
                answers(asked_cents),
                rules=rules,
                seals=self.service.seals,
                at=self.clock.now(),
                arrived_at=arrived_at,
            )

    async def once(
        self,
        command_id: UUID,
        content: Any,
        do: Callable[[AsyncSession], Awaitable[Any]],
    ) -> bool:
        """Carry a command out as pages do; False if this very one was carried out before."""
        async with self.service.db.begin() as session:
            order = self.order(command_id)
            before = await earlier(
                session, Command, order, name="model", content=content, subject=command_id
            )
            if before is None:
                await do(session)
            return before is None

    async def on(self, n: int, do: Callable[[AsyncSession, Application], Awaitable[Any]]) -> Any:
        """Do something with one locked application in a transaction of its own."""
        async with self.service.db.begin() as session:
            return await do(session, await locked_application(session, uid("application", n)))

    def entry(self, event: Event) -> Entry:
        self.numbers += 1
        entry = parse(1, self.numbers, to_json(event.to_cloudevent()))
        assert isinstance(entry, Entry)
        return entry

    async def hear(self, *events: Event) -> None:
        """What meetings tells arrives, in this order; one that was answered before changes nothing."""
        entries: Sequence[Any] = [self.entry(event) for event in events]
        try:
            await self.inbox._commit(list(entries))
        except Exception as failed:
            if type(failed).__name__ != "_HandlerFailed":
                raise
            await self.inbox._commit(list(entries), carefully=True)

    async def retry(self) -> None:
        """Try what is parked until nothing more succeeds, whatever its pauses."""
        before = -1
        while (after := await self._parked()) and after != before:
            before = after
            await self.inbox.retry_due()

    async def _parked(self) -> int:
        """How many wait; all of them may be tried now."""
        async with self.service.db.begin() as session:
            found = await session.execute(update(Parked).values(try_at=self.clock.now()))
            return int(found.rowcount)  # type: ignore[attr-defined]
