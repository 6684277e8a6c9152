"""Notifications at work: events come in, letters are written, the sender is sent out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from services.notifications.commands.subscriptions import Wish, confirm, order
from services.notifications.domain.letter import Attempt, Letter, LetterFile, State
from services.notifications.domain.subscription import Consent
from services.notifications.handlers import ANSWERS
from services.notifications.sender.conversation import Patience
from services.notifications.sender.loop import Sender
from services.notifications.store import Outbox
from shared.clock import SetClock
from shared.events.applications import ApplicantRecorded, ApplicationSubmitted, Explanation
from shared.events.base import Event, registry
from shared.events.meetings import SessionScheduled
from shared.events.people import Contact, Link
from shared.service import Service
from tests.support.services import ORIGIN

AnyEvent = TypeVar("AnyEvent", bound=Event)

CONTRACTS = Path(__file__).parent.parent / "contracts"
HOME: Final = {"street": "Hallesche Straße 12", "postcode": "38444", "city": "Wolfsburg"}
DEPARTMENT: Final = Contact(name="Grünflächenamt", email="amt@example.org")
HASTY = Patience(connect=2, command=0.5, final=0.5)


@dataclass
class Office:
    """One notifications service on a fresh database, with an SMTP server that does as told."""

    service: Service
    clock: SetClock

    async def answer(self, *events: Event) -> None:
        """As the worker does, one commit an event; what we tell ourselves is answered, too."""
        seen = await self._told()
        for event in events:
            async with self.service.db.begin("consume") as session:
                await ANSWERS[event.teller][type(event)](event, session, self.service)
        await self._answer_own(await self._told(), seen)

    async def _answer_own(self, told: Sequence[Event], seen: Sequence[Event]) -> None:
        known = {event.event_id for event in seen}
        handlers = ANSWERS["notifications"]
        for event in told:
            if event.event_id not in known and type(event) in handlers:
                async with self.service.db.begin("consume") as session:
                    await handlers[type(event)](event, session, self.service)

    async def listen_to_itself(self) -> None:
        """Answer everything we ever told; again is harmless."""
        await self._answer_own(await self._told(), [])

    async def _told(self) -> list[Event]:
        async with self.service.db.read() as session:
            bodies = (await session.scalars(select(Outbox.body).order_by(Outbox.id))).all()
        return [
            registry()[body["type"]].from_cloudevent(body)
            for body in (json.loads(text) for text in bodies)
        ]

    async def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in await self._told() if isinstance(event, kind)]

    def sender(self, patience: Patience = HASTY) -> Sender:
        return Sender(self.service, patience=patience, random=Random(7))

    async def send(self) -> int:
        return await self.sender().send_due()

    async def letters(self, kind: str | None = None) -> Sequence[Letter]:
        chosen = select(Letter).order_by(Letter.id)
        if kind is not None:
            chosen = chosen.where(Letter.kind == kind)
        async with self.service.db.read() as session:
            return (await session.scalars(chosen)).all()

    async def only(self, kind: str | None = None) -> Letter:
        [letter] = await self.letters(kind)
        return letter

    async def states(self, kind: str | None = None) -> list[State]:
        return [letter.state for letter in await self.letters(kind)]

    async def attempts(self) -> Sequence[Attempt]:
        async with self.service.db.read() as session:
            return (await session.scalars(select(Attempt).order_by(Attempt.id))).all()

    async def seal(self, content: Any, person_id: UUID | None = None) -> Any:
        person = person_id or await self.service.seals.person(email="ada@example.org")
        return await self.service.seals.seal(person, content)

    async def subscriber(self, email: str = "abo@example.org", language: str = "de") -> None:
        """Somebody who ordered letters about sessions and said yes."""
        wish = Wish(
            contact=Contact(name="", email=email),
            topics=["sessions"],
            language=language,
            text="Ja",
            form="/abo",
        )
        now = self.clock.now()
        async with self.service.db.begin() as session:
            await order(session, self.service, wish, at=now)
            newest = select(Consent.id).order_by(Consent.id.desc()).limit(1)
            consent_id = (await session.scalars(newest)).one()
            await confirm(session, self.service, consent_id, at=now)

    async def applicant(self, email: str = "ada@example.org", **more: Any) -> ApplicationSubmitted:
        """Ada hands in an application; the event is told, not yet answered."""
        person_id = await self.service.seals.person(email=email or None)
        contact = Contact(name="Ada Lovelace", email=email, **HOME)
        language = more.pop("language", "de")
        submitted = ApplicationSubmitted(
            at=self.clock.now(),
            person_id=person_id,
            application_id=uuid7(),
            number=more.pop("number", "2026-021"),
            field_of_action="education",
            asked_cents=65_000,
            **more,
        )
        recorded = ApplicantRecorded(
            at=self.clock.now(),
            person_id=person_id,
            application_id=submitted.application_id,
            language=language,
            contact=await self.seal(contact, person_id),
        )
        await self.answer(recorded)
        return submitted

    async def case(self, email: str = "ada@example.org", **more: Any) -> ApplicationSubmitted:
        """An application whose receipt is out already."""
        submitted = await self.applicant(email, **more)
        await self.answer(submitted)
        await self.send()
        return submitted

    async def sample(
        self, kind: type[AnyEvent], case: ApplicationSubmitted, **changes: Any
    ) -> AnyEvent:
        """The contract's sample of an event, as if told about this case now; what is sealed opens."""
        body = json.loads((CONTRACTS / f"{kind.type}.json").read_text("utf-8"))
        event = kind.from_cloudevent(body)
        news: dict[str, Any] = {"event_id": uuid7(), "at": self.clock.now(), "sequence": None}
        news |= {"application_id": case.application_id, "number": case.number}
        words = Explanation(text="Essen ist ausgeschlossen.")
        department = await self.service.seals.person(email="amt@example.org")
        news |= {"note": await self.seal(words, case.person_id)}
        news |= {"text": await self.seal(words, case.person_id)}
        news |= {"contact": await self.seal(DEPARTMENT, department), "person_id": department}
        news |= {"link": await self.seal(Link(url=f"{ORIGIN}/antraege/x/t0ken"), department)}
        in_the_open = {"note", "text"} & {
            name
            for name, field in kind.model_fields.items()
            if field.annotation in (str, str | None)
        }
        wanted = kind.model_fields.keys() - in_the_open
        news = {name: value for name, value in news.items() if name in wanted}
        return event.model_copy(update=news | changes)

    async def files(self) -> Sequence[LetterFile]:
        async with self.service.db.read() as session:
            return (await session.scalars(select(LetterFile).order_by(LetterFile.id))).all()

    async def link_event(self, kind: type[Event], *, minutes: float = 10, **more: Any) -> Any:
        """An event that carries a contact and a link, such as SignInRequested."""
        person_id = await self.service.seals.person(email="ada@example.org")
        contact = Contact(name="Ada Lovelace", email="ada@example.org")
        link = Link(url="https://stadtteil.example/anmelden/link/t0ken", code="K7PM-29QX")
        fields = {
            "at": self.clock.now(),
            "contact": await self.seal(contact, person_id),
            "link": await self.seal(link, person_id),
            "expires_at": self.clock.now() + timedelta(minutes=minutes),
            "language": "de",
            "person_id": person_id,
            "account_id": uuid7(),
            "application_id": uuid7(),
        }
        wanted = {name: value for name, value in fields.items() if name in kind.model_fields}
        return kind(**{**wanted, **more})

    def session(self, starts_at: datetime | None = None, **more: Any) -> SessionScheduled:
        starts_at = starts_at or self.clock.now() + timedelta(days=30)
        return SessionScheduled(
            at=self.clock.now(),
            session_id=more.pop("session_id", None) or uuid7(),
            board="Freunde Westhagens",
            starts_at=starts_at,
            place="Stadtteilbüro, Hallesche Straße 30",
            submission_deadline=starts_at - timedelta(days=14),
            **more,
        )
