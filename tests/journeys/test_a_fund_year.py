"""A year of the fund, as an office lives it: four sessions, thirteen applications, every outcome.

The script below is the year; the figures at its end were written down by hand, not computed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from services.applications.commands import budget, cases, entry, formal, grants
from services.applications.commands.funds import change_rules
from services.applications.commands.held import Admit, DecideOwn, Refuse, settle_result
from services.applications.commands.money import locked_application
from services.applications.commands.submit import submit
from services.applications.domain import (
    Application,
    BudgetYear,
    Grant,
    LedgerBooking,
    LedgerEntry,
    Status,
)
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import Judgement
from services.applications.queries.check import check_of
from services.applications.queries.fund import rules_at
from services.applications.store import Timer
from services.applications.worker import create_worker as applications_worker
from services.meetings.commands import sessions, votes
from services.meetings.commands.once import Order as BoardOrder
from services.meetings.domain.agenda import AgendaItem, ItemStatus
from services.meetings.domain.ballots import Ballots
from services.meetings.domain.session import Appointment, Session
from services.meetings.worker import create_worker as meetings_worker
from services.notifications.domain.letter import Letter, State
from services.notifications.sender.loop import Sender
from services.notifications.worker import create_worker as notifications_worker
from shared.clock import BERLIN, SetClock
from shared.events.applications import CheckItem, RevokedBecause, Signed
from shared.events.meetings import Motion, PostponeReason, VotedCondition
from shared.once import Order
from shared.worker import settle
from tests.support.mailbox import Mailbox
from tests.support.services import Services

FUND: Final = "buergerfonds"
YES: Final = (8, 2)
NO: Final = (5, 6)


def at(month: int, day: int, hour: int = 10, *, year: int = 2026) -> datetime:
    """By the clock on the office's wall."""
    return datetime.combine(date(year, month, day), time(hour), BERLIN)


def answers(title: str, asked_cents: int, name: str, starts_on: date) -> Answers:
    whole = {
        "idea": {
            "title": title,
            "aim": "Nachbarn lernen sich kennen.",
            "plan": "Wir treffen uns und fangen an.",
            "target_group": "Alle im Haus",
            "benefit": "Man kennt sich danach.",
            "field_of_action": "encounter",
            "place": "Hallesche Straße 30",
            "starts_on": starts_on.isoformat(),
            "ends_on": starts_on.isoformat(),
            "not_begun": True,
        },
        "applicant": {
            "kind": "person",
            "name": name,
            "email": f"{title.casefold().encode('ascii', 'ignore').decode()}@example.org",
            "street": "Dessauer Straße 12",
            "postcode": "38444",
            "city": "Wolfsburg",
            "language": "de",
            "account_holder": name,
            "iban": "DE89370400440532013000",
        },
        "costs": {
            "costs": [{"what": "Material", "cents": asked_cents}],
            "funding": [],
            "asked_cents": asked_cents,
            "other_applications": "no",
        },
        "declarations": {"privacy": True},
    }
    return Answers.model_validate(whole)


@dataclass
class Year:
    """The office, its clock and its three services."""

    services: Services
    clock: SetClock
    workers: list[Any]
    sender: Sender
    ids: dict[str, UUID] = field(default_factory=dict)
    meetings: dict[str, UUID] = field(default_factory=dict)

    async def settle(self) -> None:
        """Everything that follows at this moment, letters included."""
        await settle(*self.workers)
        while await self.sender.send_due():
            await settle(*self.workers)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def order(self) -> Order:
        return Order(command_id=uuid7(), by="account:office", at=self.now)

    async def until(self, moment: datetime) -> None:
        """Let time pass; whatever falls due on the way happens at its own second."""
        while (due := await self._next_due()) is not None and due <= moment:
            self.clock.set(max(due, self.now))
            await self.settle()
        self.clock.set(moment)
        await self.settle()

    async def _next_due(self) -> datetime | None:
        async with self.services.applications.db.read() as session:
            due: datetime | None = await session.scalar(select(func.min(Timer.try_at)))
            return due

    async def plan(self, name: str, starts_at: datetime) -> None:
        appointment = Appointment(starts_at=starts_at, ends_at=None, place="Saal", note=None)
        order = BoardOrder(command_id=uuid7(), by="operator", at=self.now)
        async with self.services.meetings.db.begin() as session:
            self.meetings[name] = await sessions.plan(session, appointment, order)
        await self.settle()

    async def postpone(self, name: str, starts_at: datetime) -> None:
        appointment = Appointment(starts_at=starts_at, ends_at=None, place="Saal", note=None)
        async with self.services.meetings.db.begin() as session:
            order = await self._board_order(session, name)
            await sessions.postpone(
                session, self.meetings[name], appointment, order, reason=PostponeReason.ROOM
            )
        await self.settle()

    async def cancel(self, name: str) -> None:
        async with self.services.meetings.db.begin() as session:
            order = await self._board_order(session, name)
            await sessions.cancel(session, self.meetings[name], order, reason="Der Saal ist zu.")
        await self.settle()

    async def _board_order(self, session: Any, name: str) -> BoardOrder:
        meeting = await session.get_one(Session, self.meetings[name])
        return BoardOrder(command_id=uuid7(), by="operator", at=self.now, version=meeting.version)

    async def apply(self, title: str, euros: int, starts_on: date) -> None:
        service = self.services.applications
        async with service.db.begin() as session:
            rules = await rules_at(session, self.now, FUND)
            draft = Application.start(fund=FUND, language="de", at=self.now)
            session.add(draft)
            given = answers(title, euros * 100, f"Frau-{title}", starts_on)
            await submit(session, draft, given, rules=rules, seals=service.seals, at=self.now)
            self.ids[title] = draft.id
        await self.settle()

    async def check(self, title: str) -> None:
        """Say yes to what only a person can tell, and give the title everybody reads."""
        async with self.services.applications.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            for line in await check_of(session, application):
                if not line.passed:
                    await formal.judge(
                        session,
                        application,
                        line.item,
                        Judgement.YES,
                        text="geprüft",
                        actor="account:office",
                        at=self.now,
                    )
            await formal.name_in_public(
                session, application, title, actor="account:office", at=self.now
            )

    async def result(self, title: str, result: Any) -> None:
        """Decide, and wait until it is told."""
        service = self.services.applications
        async with service.db.begin() as session:
            await settle_result(session, self.ids[title], result, self.order, seals=service.seals)
        await self.until(self.now + timedelta(minutes=10))

    async def admit(self, *titles: str) -> None:
        for title in titles:
            await self.check(title)
            await self.result(title, Admit())

    async def ask_for_more(self, title: str, due_at: datetime) -> None:
        service = self.services.applications
        async with service.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            await formal.request_correction(
                session,
                application,
                [CheckItem.FUNDING_PLAN],
                text="Was kostet die Miete?",
                due_at=due_at,
                seals=service.seals,
                actor="account:office",
                at=self.now,
            )
        await self.settle()

    async def complete(self, title: str) -> None:
        service = self.services.applications
        async with service.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            given = Answers.model_validate(application.answers)
            better = given.model_copy(
                update={"idea": given.idea.model_copy(update={"plan": "Mit Miete."})}
            )
            await entry.rewrite(
                session,
                application,
                better,
                actor="applicant",
                seals=service.seals,
                at=self.now,
            )
            await formal.correction_done(session, application, actor="applicant", at=self.now)
        await self.settle()

    async def withdraw(self, title: str) -> None:
        async with self.services.applications.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            await cases.withdraw(session, application, actor="applicant", at=self.now)
        await self.settle()

    async def vote(
        self,
        title: str,
        euros: int | None,
        counted: tuple[int, int],
        *,
        motion: Motion = Motion.GRANT,
        conditions: Sequence[tuple[str, date]] = (),
    ) -> None:
        """What the board counted, as the office records it."""
        async with self.services.meetings.db.begin() as session:
            chosen = select(AgendaItem).where(
                AgendaItem.application_id == self.ids[title],
                AgendaItem.status == ItemStatus.OPEN,
            )
            item = (await session.execute(chosen)).scalar_one()
            ballots = Ballots(
                motion=motion,
                amount_cents=euros * 100 if euros else None,
                conditions=tuple(VotedCondition(text=t, due_on=d) for t, d in conditions),
                members=14,
                present=11,
                yes=counted[0],
                no=counted[1],
            )
            order = BoardOrder(command_id=uuid7(), by="operator", at=self.now, version=item.version)
            await votes.record_vote(session, item.id, ballots, order=order)
        await self.settle()

    async def release(self, euros: int) -> int:
        """How many grants took effect by it."""
        async with self.services.applications.db.begin() as session:
            _year, effective = await budget.release(session, FUND, 2026, euros * 100, self.order)
        await self.settle()
        return effective

    async def accept(self, title: str, signed: Signed = Signed.ONLINE) -> None:
        async with self.services.applications.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            await grants.accept(
                session,
                application,
                signed=signed,
                signed_on=self.now.date(),
                actor="applicant",
                at=self.now,
            )
        await self.settle()

    async def meet_condition(self, title: str) -> None:
        async with self.services.applications.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            [condition] = await grants.conditions_of(session, application.id)
            await grants.meet_condition(
                session, application, condition.id, actor="account:office", at=self.now
            )
        await self.settle()

    async def city_agrees(self, title: str) -> None:
        async with self.services.applications.db.begin() as session:
            application = await locked_application(session, self.ids[title])
            await grants.city_agrees(session, application, actor="account:office", at=self.now)
        await self.settle()

    async def end(
        self, title: str, as_: Status, because: RevokedBecause = RevokedBecause.OFFICE
    ) -> None:
        async with self.services.applications.db.begin() as session:
            await grants.end(
                session, self.ids[title], as_, actor="account:office", at=self.now, because=because
            )
        await self.settle()

    async def money(self) -> tuple[int, int, int, int]:
        """Budget, released, promised and left, in euros."""
        async with self.services.applications.db.read() as session:
            year = await session.get_one(BudgetYear, (FUND, 2026))
        sums = (year.budget_cents, year.released_cents, year.reserved_cents, year.available_cents)
        return tuple(cents // 100 for cents in sums)  # type: ignore[return-value]

    async def statuses(self) -> dict[str, str]:
        async with self.services.applications.db.read() as session:
            rows = {one.id: one for one in await session.scalars(select(Application))}
        return {title: rows[id_].status.value for title, id_ in self.ids.items()}

    async def letters(self) -> dict[str, list[str]]:
        """The kinds of letters each applicant got, in order."""
        async with self.services.notifications.db.read() as session:
            chosen = select(Letter).where(
                Letter.application_id.is_not(None), Letter.state == State.SENT
            )
            rows = (await session.scalars(chosen.order_by(Letter.id))).all()
        titles = {id_: title for title, id_ in self.ids.items()}
        found: dict[str, list[str]] = defaultdict(list)
        for letter in rows:
            if letter.application_id and letter.recipient != "office":
                found[titles[letter.application_id]].append(letter.kind)
        return dict(found)

    async def letters_to_the_office(self) -> dict[str, int]:
        async with self.services.notifications.db.read() as session:
            chosen = select(Letter.kind, func.count()).where(
                Letter.recipient == "office", Letter.state == State.SENT
            )
            return dict((await session.execute(chosen.group_by(Letter.kind))).all())

    async def bookings(self) -> list[tuple[str, str, int]]:
        """Kind, title and sum in euros of everything that was booked, in order."""
        async with self.services.applications.db.read() as session:
            rows = await session.execute(
                select(LedgerBooking, func.max(LedgerEntry.cents))
                .join(LedgerEntry, LedgerEntry.booking_id == LedgerBooking.id)
                .group_by(LedgerBooking.id)
                .order_by(LedgerBooking.at, LedgerBooking.id)
            )
            titles = {id_: title for title, id_ in self.ids.items()}
            return [
                (
                    row.kind.value,
                    titles[row.application_id] if row.application_id else "",
                    cents // 100,
                )
                for row, cents in rows
            ]


@pytest.fixture
async def year(services: Services, clock: SetClock) -> Year:
    clock.set(at(1, 2))
    workers = [
        applications_worker(services.applications),
        meetings_worker(services.meetings),
        notifications_worker(services.notifications),
    ]
    return Year(services, clock, workers, Sender(services.notifications))


async def test_a_year_ends_with_the_books_and_letters_written_down_by_hand(
    year: Year, mailbox: Mailbox
) -> None:
    await in_winter(year)
    await first_session(year)
    await late_and_short_release(year)
    await second_session_postponed(year)
    await summer(year)
    await third_session_cancelled(year)
    await fourth_session(year)
    assert await year.money() == (5000, 5000, 2900, 2100)
    assert await year.statuses() == STATUSES
    assert await year.bookings() == BOOKINGS
    assert await year.letters() == LETTERS
    assert await year.letters_to_the_office() == TO_THE_OFFICE
    assert len(mailbox.mails) == MAILS
    await the_books_agree(year)


async def in_winter(year: Year) -> None:
    """Rules for the new year, its money, its four sessions; the first applications."""
    async with year.services.applications.db.begin() as session:
        rules = await rules_at(session, year.now, FUND)
        new = rules.model_copy(
            update={
                "office_up_to_cents": 20_000,
                "city_above_cents": 100_000,
                "quotes_from_cents": None,
                "low_cents": 50_000,
            }
        )
        await change_rules(session, FUND, new, date(2026, 1, 2), year.order)
        await budget.set_budget(session, FUND, 2026, 500_000, year.order, rules=new)
    await year.plan("spring", at(3, 11, 18))
    await year.plan("summer", at(6, 10, 18))
    await year.plan("autumn", at(9, 9, 18))
    await year.plan("winter", at(12, 9, 18))
    await year.until(at(1, 12))
    for title, euros in (("Sommerfest", 800), ("Spielkiste", 1200), ("Chor", 600)):
        await year.apply(title, euros, date(2026, 7, 4))
    await year.until(at(2, 2))
    await year.apply("Hofkino", 900, date(2026, 7, 4))
    await year.apply("Fahrradwerkstatt", 300, date(2026, 7, 4))
    await year.apply("Gemüsebeete", 250, date(2026, 3, 1))
    await year.apply("Nähkurs", 350, date(2026, 7, 4))
    await year.until(at(2, 3))
    await year.ask_for_more("Fahrradwerkstatt", at(2, 17, 23))
    broken = Refuse(reasons=[CheckItem.NOT_BEGUN], text="Die Beete stehen schon.")
    await year.result("Gemüsebeete", broken)
    await year.withdraw("Nähkurs")
    await year.admit("Sommerfest", "Spielkiste", "Chor", "Hofkino")
    await year.until(at(2, 26))
    await year.apply("Drachenfest", 500, date(2026, 12, 27))
    await year.until(at(3, 2))
    await year.admit("Drachenfest")


async def first_session(year: Year) -> None:
    """Nothing is released yet, so every yes is subject to the budget."""
    await year.until(at(3, 11, 19))
    await year.vote("Sommerfest", 800, YES)
    lease = [("Die Hausverwaltung erlaubt es.", date(2026, 6, 30))]
    await year.vote("Spielkiste", 900, YES, conditions=lease)
    await year.vote("Chor", 600, NO)
    screen = [("Eine Leinwand ist zugesagt.", date(2026, 5, 15))]
    await year.vote("Hofkino", 900, YES, conditions=screen)
    assert await year.money() == (5000, 0, 2600, 2400)


async def late_and_short_release(year: Year) -> None:
    await year.until(at(4, 1))
    await year.apply("Kleinigkeit", 150, date(2026, 7, 4))
    await year.admit("Kleinigkeit")
    await year.result("Kleinigkeit", DecideOwn(cents=15_000))
    await year.until(at(4, 20))
    assert await year.release(2000) == 0, "750 € are missing, so nobody is preferred"
    await year.until(at(5, 4))
    assert await year.release(4000) == 4
    await year.until(at(5, 10))
    await year.accept("Sommerfest")
    await year.until(at(5, 20))
    assert await year.money() == (5000, 4000, 1850, 3150), "the film nights lapsed on their own"
    await year.end("Kleinigkeit", Status.DECLINED)
    await year.apply("Bühne", 1500, date(2026, 8, 22))
    await year.apply("Lesefest", 700, date(2026, 12, 20))
    await year.apply("Repair-Café", 400, date(2026, 8, 22))
    await year.ask_for_more("Repair-Café", at(6, 5, 23))
    await year.admit("Bühne", "Lesefest")
    await year.until(at(6, 1))
    await year.meet_condition("Spielkiste")
    await year.complete("Repair-Café")
    await year.admit("Repair-Café")


async def second_session_postponed(year: Year) -> None:
    await year.until(at(6, 8))
    await year.postpone("summer", at(6, 24, 18))
    await year.until(at(6, 10))
    await year.accept("Spielkiste", Signed.PAPER)
    await year.until(at(6, 24, 19))
    await year.vote("Bühne", 1500, YES)
    await year.vote("Repair-Café", 400, YES)
    await year.vote("Lesefest", None, YES, motion=Motion.DEFER)
    await year.vote("Drachenfest", None, YES, motion=Motion.DEFER)
    assert await year.money() == (5000, 4000, 3600, 1400)


async def summer(year: Year) -> None:
    """The city agrees, nobody signs; another grant is taken back."""
    await year.until(at(7, 1))
    await year.accept("Repair-Café")
    await year.until(at(7, 10))
    await year.city_agrees("Bühne")
    await year.until(at(7, 20))
    await year.end("Repair-Café", Status.REVOKED)
    await year.until(at(8, 7, 23))
    assert (await year.statuses())["Bühne"] == "granted", "there is an hour left to sign"
    await year.until(at(8, 10))
    assert await year.money() == (5000, 4000, 1700, 3300)
    await year.apply("Mosaik", 2600, date(2026, 12, 28))
    await year.admit("Mosaik")


async def third_session_cancelled(year: Year) -> None:
    await year.until(at(8, 31))
    await year.cancel("autumn")
    statuses = await year.statuses()
    waiting = ("Lesefest", "Drachenfest", "Mosaik")
    assert {statuses[title] for title in waiting} == {"scheduled"}, "all of them go on to winter"
    async with year.services.meetings.db.read() as session:
        items = select(AgendaItem).where(AgendaItem.session_id == year.meetings["winter"])
        seated = {one.application_id for one in await session.scalars(items)}
    assert seated == {year.ids[title] for title in waiting}


async def fourth_session(year: Year) -> None:
    await year.until(at(12, 9, 19))
    await year.vote("Lesefest", 700, YES)
    await year.vote("Drachenfest", 500, YES)
    await year.vote("Mosaik", 2600, YES)
    assert await year.money() == (5000, 4000, 2900, 2100), "not covered, so nothing is reserved"
    await year.vote("Mosaik", 2000, YES)
    assert await year.money() == (5000, 4000, 4900, 100)
    await year.until(at(12, 14))
    assert await year.release(5000) == 0, "released, but the city has not agreed yet"
    await year.until(at(12, 16))
    await year.end("Mosaik", Status.REVOKED, RevokedBecause.CITY)
    await year.until(at(12, 20))
    await year.accept("Lesefest")
    await year.accept("Drachenfest")
    await year.until(at(12, 31, 23))


async def the_books_agree(year: Year) -> None:
    """Every booking adds up to zero, and the balances are the sums of the entries."""
    async with year.services.applications.db.read() as session:
        per_booking = select(func.sum(LedgerEntry.cents)).group_by(LedgerEntry.booking_id)
        assert set(await session.scalars(per_booking)) == {0}
        sums = select(LedgerEntry.account, func.sum(LedgerEntry.cents)).group_by(
            LedgerEntry.account
        )
        balances = {account.value: cents for account, cents in await session.execute(sums)}
        granted = select(func.sum(Grant.amount_cents)).where(Grant.ended_at.is_(None))
        assert await session.scalar(granted) == 290_000
    assert balances == {"budget": -500_000, "available": 210_000, "reserved": 290_000}


STATUSES: Final = {
    "Sommerfest": "accepted",
    "Spielkiste": "accepted",
    "Chor": "rejected",
    "Hofkino": "lapsed",
    "Fahrradwerkstatt": "lapsed",
    "Gemüsebeete": "inadmissible",
    "Nähkurs": "withdrawn",
    "Drachenfest": "accepted",
    "Kleinigkeit": "declined",
    "Bühne": "lapsed",
    "Lesefest": "accepted",
    "Repair-Café": "revoked",
    "Mosaik": "revoked",
}

BOOKINGS: Final = [
    ("allotment", "", 5000),
    ("reservation", "Sommerfest", 800),
    ("reservation", "Spielkiste", 900),
    ("reservation", "Hofkino", 900),
    ("reservation", "Kleinigkeit", 150),
    ("reversal", "Hofkino", 900),
    ("reversal", "Kleinigkeit", 150),
    ("reservation", "Bühne", 1500),
    ("reservation", "Repair-Café", 400),
    ("reversal", "Repair-Café", 400),
    ("reversal", "Bühne", 1500),
    ("reservation", "Lesefest", 700),
    ("reservation", "Drachenfest", 500),
    ("reservation", "Mosaik", 2000),
    ("reversal", "Mosaik", 2000),
]

BEGIN: Final = ["application_received", "agenda_item_placed"]

LETTERS: Final[dict[str, list[str]]] = {
    "Sommerfest": [*BEGIN, "grant_reserved", "grant_became_effective", "agreement_signed"],
    "Spielkiste": [
        *BEGIN,
        "grant_reserved",
        "grant_became_effective",
        "condition_met",
        "agreement_signed",
    ],
    "Chor": [*BEGIN, "application_rejected"],
    "Hofkino": [
        *BEGIN,
        "grant_reserved",
        "grant_became_effective",
        "deadline_approaches",
        "grant_lapsed",
    ],
    "Fahrradwerkstatt": [
        "application_received",
        "correction_requested",
        "deadline_approaches",
        "application_lapsed",
    ],
    "Gemüsebeete": ["application_received", "application_inadmissible"],
    "Nähkurs": ["application_received", "application_withdrawn"],
    "Kleinigkeit": [
        "application_received",
        "grant_reserved",
        "grant_became_effective",
        "grant_declined",
    ],
    "Bühne": [
        *BEGIN,
        "case_session_postponed",
        "grant_reserved",
        "grant_became_effective",
        "deadline_approaches",
        "grant_lapsed",
    ],
    "Repair-Café": [
        "application_received",
        "correction_requested",
        "deadline_approaches",
        "agenda_item_placed",
        "case_session_postponed",
        "grant_reserved",
        "agreement_signed",
        "grant_revoked",
    ],
    "Lesefest": [
        *BEGIN,
        "case_session_postponed",
        *["application_deferred", "agenda_item_placed"] * 2,
        "grant_reserved",
        "agreement_signed",
    ],
    "Drachenfest": [
        *BEGIN,
        "case_session_postponed",
        *["application_deferred", "agenda_item_placed"] * 2,
        "grant_reserved",
        "agreement_signed",
    ],
    "Mosaik": [
        *BEGIN,
        *["application_deferred", "agenda_item_placed"],
        "grant_reserved",
        "grant_revoked",
    ],
}

TO_THE_OFFICE: Final = {
    "office_new_application": 13,
    "office_correction_received": 1,
    "office_grant_not_covered": 1,
    "office_budget_runs_low": 1,
    "office_budget_released": 3,
}

MAILS: Final = 71 + 19
"""Seventy-one to applicants, nineteen to the office, as the mail server counted them."""
