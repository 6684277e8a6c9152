"""A whole evening of the board with everything that minutes are written from."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.meetings.commands import tasks
from services.meetings.commands.room import count_guests, excuse, finish_item, recuse
from services.meetings.commands.tasks import Origin, Wanted
from services.meetings.domain.agenda import ItemKind, Outcome
from services.meetings.domain.board import Board
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.polls import Choice
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.votes import Vote
from shared.events.meetings import Manner, Motion, TaskWords, VotedCondition
from shared.events.people import Link
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import PAPER, tell
from tests.meetings.people import told
from tests.meetings.rooms import Hall, invited

PEOPLE = (
    "Ayşe Yıldız",
    "Bodo Kirchner",
    "Carla Neumann",
    "Dilek Öztürk",
    "Emil Wagner",
    "Frauke Hansen",
    "Gül Demir",
)
GUEST = "Horst Brandt"
APPLICANT = PAPER.applicant
NAMES = [*PEOPLE, GUEST, APPLICANT]
WORDS = sorted({word for name in NAMES for word in name.split()})


@dataclass
class Evening:
    """What the tests look at afterwards."""

    hall: Hall
    items: list[UUID]

    @property
    def service(self) -> Service:
        return self.hall.service

    @property
    def session_id(self) -> UUID:
        return self.hall.session_id

    @property
    def path(self) -> str:
        return f"/buero/sitzungen/{self.session_id}/protokoll"

    @property
    def public(self) -> str:
        return f"/sitzungen/{self.session_id}/protokoll"

    async def links(self) -> dict[UUID, str]:
        """Each member's path to the draft, as their letter says it."""
        found: dict[UUID, str] = {}
        for event in await told(self.service, "minutes.circulated"):
            data = event["data"]
            link = await self.service.seals.open(Sealed(**data["link"]), Link)
            assert link is not None
            found[UUID(data["member_id"])] = path_of(link.url)
        return found


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


async def whole_evening(service: Service, **rules: Any) -> Evening:
    """Six items, four votes: granted, rejected, decided by name, deferred; five of seven are there."""
    hall = await invited(service, cases=3, quorum_kind="fixed", quorum=4, **rules)
    items = [await hall.case_item(place) for place in range(3)]
    items.append(await hall.item("Neue Bänke"))
    items.append(await hall.item("Bericht des Büros", ItemKind.REPORT))
    items.append(await hall.item("Was noch offen ist", ItemKind.FOLLOW_UP))
    applicant = await service.seals.person(email="frieda@example.org")
    await tell(service, await hall.cases[0].paper(applicant))
    for name in PEOPLE:
        await hall.member(name=name)
    guest = await _guest(hall)
    await hall.arrive(*hall.members[:5], guest)
    await hall.do(lambda s: excuse(s, hall.session_id, hall.members[5], hall.order()))
    await hall.open()
    await hall.do(lambda s: count_guests(s, hall.session_id, hall.order(), guests=2))
    await _vote_on_all(hall, items)
    await hall.close()
    return Evening(hall, items)


async def _guest(hall: Hall) -> UUID:
    guest = await hall.member(MemberStatus.GUEST, name=GUEST)
    hall.members.remove(guest)
    return guest


async def _vote_on_all(hall: Hall, items: list[UUID]) -> None:
    service = hall.service
    condition = VotedCondition(text="Die Erlaubnis liegt vor.", due_on=date(2026, 6, 30))
    await hall.call(items[0])
    await hall.do(
        lambda s: recuse(
            s,
            hall.session_id,
            items[0],
            hall.members[4],
            hall.order(),
            because=RecusedBecause.EMPLOYER,
        )
    )
    granting: dict[str, Any] = {"motion": Motion.GRANT, "amount_cents": 65000, "text": ""}
    poll = await hall.ask(items[0], conditions=(condition,), **granting)
    vote = await hall.count(poll, 3, 1)
    await tell(service, hall.cases[0].reserved(poll))
    assert isinstance(vote, Vote)
    await hall.call(items[1])
    await tell(service, hall.cases[1].rejected(await _counted(hall, items[1], granting, 1, 4)))
    await hall.call(items[2])
    deferring: dict[str, Any] = {"motion": Motion.DEFER, "text": ""}
    poll = await _counted(hall, items[2], deferring, 5, 0)
    await tell(service, hall.cases[2].deferred(hall.session_id, None))
    await hall.call(items[3])
    poll = await hall.ask(items[3], Manner.NAMED, text="Wir stellen drei Bänke auf.")
    for place, choice in enumerate((Choice.YES, Choice.YES, Choice.NO, Choice.ABSTAIN)):
        await hall.say(poll, hall.members[place], choice)
    await hall.count(poll)
    await _give_task(hall, items[3])
    service.clock.forward(minutes=70)  # type: ignore[attr-defined]
    await hall.depart(hall.members[3])
    await hall.call(items[4])
    await hall.do(
        lambda s: finish_item(s, hall.session_id, items[4], hall.order(), outcome=Outcome.DONE)
    )
    service.clock.forward(minutes=20)  # type: ignore[attr-defined]


async def _counted(hall: Hall, item_id: UUID, asked: dict[str, Any], *numbers: int) -> UUID:
    poll = await hall.ask(item_id, **asked)
    await hall.count(poll, *numbers)
    return poll


async def _give_task(hall: Hall, item_id: UUID) -> None:
    words = TaskWords(title="Angebote für Bänke holen")
    origin = Origin(session_id=hall.session_id, item_id=item_id)
    wanted = Wanted(member_id=hall.members[1])
    await hall.do(
        lambda s: tasks.assign(
            s,
            hall.service,
            words,
            wanted,
            due_on=date(2026, 6, 1),
            origin=origin,
            order=hall.order(),
        )
    )


async def report_to_the_city(service: Service) -> None:
    async with service.db.begin() as session:
        board = await session.scalar(select(Board))
        assert board is not None
        board.city_name, board.city_email = "Sozialreferat", "sozialreferat@stadt.example"
