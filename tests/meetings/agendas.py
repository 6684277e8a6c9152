"""What applications tell about one case, and how meetings takes it in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.meetings.commands import sessions as calendar
from services.meetings.commands.once import Order
from services.meetings.domain.agenda import AgendaItem, Case
from services.meetings.domain.session import Appointment, Session
from services.meetings.handlers import APPLICATIONS
from services.meetings.queries import AgendaLine, agendas_of
from shared.days import at_local
from shared.events.applications import (
    ApplicationAdmitted,
    ApplicationDeferred,
    ApplicationLapsed,
    ApplicationPaperPrepared,
    ApplicationPlaced,
    ApplicationRejected,
    ApplicationWithdrawn,
    Budget,
    DeferredBecause,
    Explanation,
    GrantKind,
    GrantNotCovered,
    GrantReserved,
    Paper,
    PaperLine,
    PlacedBecause,
    RejectedBecause,
    StatementGiven,
    StatementVerdict,
    Tier,
)
from shared.events.base import Event
from shared.service import Service

ARRIVED = datetime(2026, 2, 20, 11, tzinfo=UTC)
PAPER = Paper(
    title="Grillfest bei Familie Kruse",
    applicant="Frieda Kruse",
    aim="Nachbarn treffen sich",
    plan="Wir grillen",
    target_group="Alle im Hof",
    benefit="Man kennt sich",
    place="Innenhof",
    starts_on=date(2026, 6, 6),
    ends_on=date(2026, 6, 7),
    costs=[PaperLine(what="Zelt", cents=60000), PaperLine(what="Bier", cents=9000, not_paid=True)],
    funding=[PaperLine(what="Spende", cents=1000)],
    files=["/buero/antraege/dateien/1", "https://elsewhere.example/x"],
)


def order(service: Service, version: int = 0) -> Order:
    return Order(command_id=uuid7(), by="test", at=service.clock.now(), version=version)


async def plan(service: Service, day: str) -> UUID:
    """A session on this day at six in the evening."""
    meeting = Appointment(
        starts_at=at_local(date.fromisoformat(day), time(18)), ends_at=None, place="Saal", note=None
    )
    async with service.db.begin() as session:
        return await calendar.plan(session, meeting, order(service))


async def cancel(service: Service, session_id: UUID) -> None:
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        await calendar.cancel(
            session, session_id, order(service, meeting.version), reason="Wasserschaden"
        )


async def tell(service: Service, *events: Event) -> None:
    """Meetings answers these, each in a transaction of its own."""
    for event in events:
        async with service.db.begin("consume") as session:
            await APPLICATIONS[type(event)](event, session, service)


async def tell_together(service: Service, *events: Event) -> None:
    """Meetings answers these as one batch, the way the bus hands them over after a pause."""
    async with service.db.begin("consume") as session:
        for event in events:
            await APPLICATIONS[type(event)](event, session, service)


async def agenda(service: Service, session_id: UUID) -> Sequence[AgendaLine]:
    async with service.db.read() as session:
        return await agendas_of(session, [session_id])


async def only_item(service: Service, session_id: UUID) -> AgendaItem:
    [line] = await agenda(service, session_id)
    return line.item


async def standing(service: Service) -> list[tuple[Any, ...]]:
    """Everything a reader could see of the agendas: cases, and where each of them stands."""
    async with service.db.read() as session:
        meetings = (await session.scalars(select(Session.id).order_by(Session.starts_at))).all()
        lines = await agendas_of(session, meetings)
        cases = await session.scalars(select(Case).order_by(Case.number))
        kept = [
            (one.number, one.asked_cents, one.paper, one.statements, one.ended, one.carried)
            for one in cases
        ]
    seats = [
        (meetings.index(line.item.session_id), line.position, line.number, line.standing)
        for line in lines
    ]
    return [*kept, *sorted(seats)]


@dataclass
class Told:
    """One application, and the events about it; `version` counts as the teller's would."""

    service: Service
    number: str = "2026-021"
    asked_cents: int = 80000
    arrived: datetime = ARRIVED
    application_id: UUID = field(default_factory=uuid7)
    version: int = 2

    def _head(self, *, public: bool = False) -> dict[str, Any]:
        self.version += 1
        head = {
            "at": self.service.clock.now(),
            "application_id": self.application_id,
            "number": self.number,
            "subject_version": self.version,
        }
        more = {"public_title": "Sommerfest im Innenhof", "asked_cents": self.asked_cents}
        return head | more | {"field_of_action": "encounter"} if public else head

    def admitted(self, to: UUID | None, decides: Tier = Tier.BOARD) -> ApplicationAdmitted:
        return ApplicationAdmitted(
            **self._head(public=True),
            fund="buergerfonds",
            decides=decides,
            session_id=to,
            submitted_at=self.arrived,
        )

    def placed(
        self, to: UUID | None, because: PlacedBecause = PlacedBecause.SESSION_CANCELLED
    ) -> ApplicationPlaced:
        return ApplicationPlaced(**self._head(), session_id=to, because=because)

    def deferred(
        self,
        since: UUID | None,
        to: UUID | None,
        because: DeferredBecause = DeferredBecause.VOTE,
    ) -> ApplicationDeferred:
        head = self._head(public=True)
        return ApplicationDeferred(**head, because=because, session_id=since, next_session_id=to)

    def withdrawn(self) -> ApplicationWithdrawn:
        return ApplicationWithdrawn(**self._head())

    def lapsed(self) -> ApplicationLapsed:
        return ApplicationLapsed(**self._head())

    def reserved(self, vote_id: UUID | None, cents: int = 65000) -> GrantReserved:
        return GrantReserved(
            **self._head(public=True),
            amount_cents=cents,
            kind=GrantKind.PARTIAL,
            effective=True,
            decided_by=Tier.BOARD,
            vote_id=vote_id,
            budget=budget(100000),
        )

    def not_covered(self, vote_id: UUID, left: int) -> GrantNotCovered:
        return GrantNotCovered(
            **self._head(), amount_cents=self.asked_cents, vote_id=vote_id, budget=budget(left)
        )

    def rejected(self, vote_id: UUID | None) -> ApplicationRejected:
        return ApplicationRejected(
            **self._head(public=True),
            decided_by=Tier.BOARD,
            because=RejectedBecause.VOTE,
            vote_id=vote_id,
        )

    async def paper(self, person_id: UUID, paper: Paper = PAPER) -> ApplicationPaperPrepared:
        head = self._head(public=True)
        head.pop("field_of_action")
        sealed = await self.service.seals.seal(person_id, paper)
        return ApplicationPaperPrepared(**head, eligible_cents=60000, paper=sealed)

    async def statement(self, person_id: UUID, text: str) -> StatementGiven:
        sealed = await self.service.seals.seal(person_id, Explanation(text=text))
        return StatementGiven(
            **self._head(),
            statement_id=uuid7(),
            department="Grünflächen",
            verdict=StatementVerdict.CONCERNS,
            text=sealed,
        )


def budget(left: int) -> Budget:
    return Budget(
        fund="buergerfonds", year=2026, budget_cents=500000, released_cents=500000, left_cents=left
    )


async def at_once(*things: Any) -> list[Any]:
    """All of these at the same moment."""
    return await asyncio.gather(*things)
