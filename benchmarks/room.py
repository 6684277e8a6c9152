"""The session's screen on PostgreSQL: 200 members, 40 sessions, 2,000 votes.

`python -m benchmarks.room [--rounds 60]`
"""

import argparse
import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from httpx import ASGITransport, AsyncClient
from jinja2 import Template
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from benchmarks.board import ORIGIN, signed_in, timed
from deploy.valkey import Valkey
from services.meetings.commands import polls, room
from services.meetings.commands.once import Order
from services.meetings.domain.agenda import AgendaItem, Case, ItemKind, ItemStatus
from services.meetings.domain.attendance import Attendance
from services.meetings.domain.codes import new_room_code
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.session import Session, Status
from services.meetings.domain.votes import Answer, Reason, Vote
from services.meetings.queries import the_board
from services.meetings.queries.room import room as room_view
from services.meetings.web import create_web
from shared.clock import SystemClock
from shared.days import local_day, start_of_day
from shared.events.meetings import Counts, Manner, Motion, Verdict, Way
from shared.service import Service
from shared.settings import Settings
from tests.support.databases import PostgresDatabases
from tests.support.migrations import migrate
from tests.support.postgres import Postgres

MEMBERS: Final = 200
THERE: Final = 150
SESSIONS: Final = 40
ITEMS: Final = 10
VOTES_EACH: Final = 5
"""40 sessions with ten items and five votes each: 2,000 votes."""
GOAL_MS: Final = 150
CONSTANT: Final = Template("{{ view.revision }}")
COUNTED: Final = Counts(
    members=200, eligible=150, present=150, recused=0, cast=150, valid=150, invalid=0,
    yes=60, no=90, abstain=0,
)  # fmt: skip


class Board:
    """A board with ten years behind it, and a session tonight."""

    def __init__(self, service: Service) -> None:
        self.service, self.now = service, service.clock.now()
        self.tonight = UUID(int=0)
        self.items: list[UUID] = []

    def order(self, version: int = 0) -> Order:
        return Order(command_id=uuid7(), by="operator", at=self.now, version=version)

    async def fill(self) -> None:
        async with self.service.db.begin() as session:
            board, rules = await the_board(session)
            members = await self._members(session, board.id)
            kept = rules[-1].model_dump(mode="json")
            for number in range(SESSIONS):
                days = -90 * (SESSIONS - 1 - number)
                starts_at = start_of_day(local_day(self.now)) + timedelta(days=days, minutes=1)
                meeting = _session(board.id, board.name, starts_at, kept, last=days == 0)
                await session.execute(insert(Session), [meeting])
                await self._attend(session, meeting, members)
                items = await self._agenda(session, meeting["id"], starts_at)
                await self._votes(session, items, starts_at)
                self.tonight, self.items = meeting["id"], items

    async def open(self) -> None:
        """The board meets and is asked by name about the first item; half of them have voted."""
        seals = self.service.seals
        async with self.service.db.begin() as session:
            version = (await session.get_one(Session, self.tonight)).version
            await room.open_session(
                session, self.tonight, self.order(version), code=new_room_code()
            )
        async with self.service.db.begin() as session:
            version = (await session.get_one(Session, self.tonight)).version
            first = self.items[0]
            await room.call_item(session, seals, self.tonight, first, self.order(version))
        async with self.service.db.begin() as session:
            version = (await session.get_one(Session, self.tonight)).version
            asked = polls.Asked(motion=Motion.GRANT, manner=Manner.NAMED, amount_cents=50_000)
            await polls.open_poll(session, self.tonight, first, asked, self.order(version))

    async def _members(self, session: AsyncSession, board_id: UUID) -> list[UUID]:
        rows = [
            {
                "id": uuid7(),
                "board_id": board_id,
                "person_id": uuid7(),
                "status": MemberStatus.ACTIVE,
                "roles": [],
                "name": f"Mitglied {number:03d}",
                "email": f"m{number}@example.org",
                "language": "de",
                "recorded_at": self.now - timedelta(days=4000),
                "declared_on": (self.now - timedelta(days=4000)).date(),
                "declared_online": False,
                "active_since": (self.now - timedelta(days=3900)).date(),
                "version": 1,
            }
            for number in range(MEMBERS)
        ]
        await session.execute(insert(Member), rows)
        return [UUID(str(row["id"])) for row in rows]

    async def _attend(
        self, session: AsyncSession, meeting: dict[str, Any], members: list[UUID]
    ) -> None:
        tonight = meeting["status"] is Status.INVITED
        rows = [
            {
                "id": uuid7(),
                "session_id": meeting["id"],
                "member_id": member_id,
                "arrived_at": self.now if tonight else meeting["starts_at"],
                "departed_at": None if tonight else meeting["closed_at"],
            }
            for member_id in members[:THERE]
        ]
        await session.execute(insert(Attendance), rows)

    async def _agenda(
        self, session: AsyncSession, session_id: UUID, starts_at: datetime
    ) -> list[UUID]:
        cases = [_case(session_id, place, starts_at) for place in range(ITEMS)]
        await session.execute(insert(Case), cases)
        items = [_item(session_id, case, starts_at) for case in cases]
        await session.execute(insert(AgendaItem), items)
        return [item["id"] for item in items]

    async def _votes(self, session: AsyncSession, items: list[UUID], starts_at: datetime) -> None:
        rows = [
            _vote(item_id, starts_at + timedelta(minutes=turn))
            for item_id in items
            for turn in range(VOTES_EACH)
        ]
        await session.execute(insert(Vote), rows)


def _session(
    board_id: UUID, board: str, starts_at: datetime, rules: dict[str, Any], *, last: bool
) -> dict[str, Any]:
    over = None if last else starts_at + timedelta(hours=2)
    return {
        "id": uuid7(),
        "board_id": board_id,
        "board": board,
        "status": Status.INVITED if last else Status.CLOSED,
        "starts_at": starts_at,
        "place": "Saal",
        "submission_deadline": starts_at - timedelta(days=14),
        "rules": rules,
        "first_starts_at": starts_at,
        "invited_at": starts_at - timedelta(days=14),
        "opened_at": None if last else starts_at,
        "closed_at": over,
        "room_code": "",
        "version": 1,
    }


def _case(session_id: UUID, place: int, starts_at: datetime) -> dict[str, Any]:
    return {
        "application_id": uuid7(),
        "number": f"{starts_at:%Y}-{place:03d}",
        "public_title": f"Idee {place} für den Innenhof",
        "field_of_action": "encounter",
        "asked_cents": 80_000,
        "facts_version": 3,
        "for_board": True,
        "submitted_at": starts_at - timedelta(days=30),
        "admitted_version": 3,
        "paper_version": 0,
        "statements": {},
        "session_id": session_id,
        "session_version": 3,
        "deferred_from": {},
        "carried": False,
        "ended_version": 0,
    }


def _item(session_id: UUID, case: dict[str, Any], starts_at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "session_id": session_id,
        "kind": ItemKind.APPLICATION,
        "application_id": case["application_id"],
        "title": "",
        "text": "",
        "status": ItemStatus.OPEN,
        "outcome": None,
        "carried": False,
        "kept_since": case["submitted_at"],
        "votes": VOTES_EACH,
        "missed_quorum": False,
        "second_call": False,
        "version": 1,
    }


def _vote(item_id: UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "item_id": item_id,
        "motion": Motion.GRANT,
        "verdict": Verdict.ACCEPTED,
        "reason": Reason.SIMPLE_MAJORITY,
        "margin": 1,
        "counts": COUNTED.model_dump(),
        "rules": {"majority": "simple", "base": "cast"},
        "amount_cents": 80_000,
        "conditions": [],
        "recorded_at": at,
        "answer": Answer.NOT_COVERED,
        "left_cents": 50_000,
        "manner": Manner.HANDS,
        "way": Way.MEETING,
        "text": "",
    }


async def measure(service: Service, rounds: int) -> None:
    """Each page through the app; beside the screen its own queries and a template of one word."""
    board = Board(service)
    await board.fill()
    await board.open()
    path = f"/buero/sitzungen/{board.tonight}"
    votes = SESSIONS * ITEMS * VOTES_EACH
    print(f"{MEMBERS} members, {THERE} of them there, {SESSIONS} sessions, {votes:,} votes, in ms")
    print(f"{'':<34}{'p50':>8}{'p95':>8}")
    asked = {
        "the screen, a vote by name open": f"{path}/raum",
        "who is there": f"{path}/raum/anwesenheit",
        "the office's page of the session": path,
        "the public page": f"/sitzungen/{board.tonight}",
        "all sessions": "/buero/sitzungen",
    }
    async with AsyncClient(transport=ASGITransport(create_web(service)), base_url=ORIGIN) as office:
        office.cookies.set(*await signed_in(service))
        for name, address in asked.items():
            row(name, await timed(partial(shown, office, address), rounds))
    row("the screen's bare queries", await timed(partial(peer, service, board.tonight), rounds))


def row(name: str, figures: tuple[float, float]) -> None:
    mark = "" if figures[1] < GOAL_MS else f"   above {GOAL_MS} ms"
    print(f"{name:<34}{figures[0]:>8.1f}{figures[1]:>8.1f}{mark}")


async def shown(office: AsyncClient, path: str) -> None:
    answer = await office.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")


async def peer(service: Service, session_id: UUID) -> None:
    async with service.db.read() as session:
        view = await room_view(session, session_id)
    CONSTANT.render(view=view)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    postgres = Postgres().start()
    with TemporaryDirectory(prefix="sb-b-") as folder:
        redis = Valkey(Path(folder) / "redis").start()
        databases = PostgresDatabases(postgres.url(), "room", migrate)
        try:
            settings = Settings(
                redis_url=redis.url,
                database_url=await databases.fresh("meetings"),
                keys_database_url=await databases.fresh("keys"),
                secret_key=SecretStr("only for a benchmark, at least 32 bytes long"),
                origin=ORIGIN,
                files_dir=Path(folder),
            )
            service = Service.open("meetings", settings, SystemClock())
            await measure(service, chosen.rounds)
            await service.close()
            await databases.remove_all()
        finally:
            redis.stop()
            postgres.remove()


if __name__ == "__main__":
    asyncio.run(main())
