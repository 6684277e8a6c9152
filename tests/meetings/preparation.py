"""A board with members, a session with an agenda, and the way to an invitation."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from services.meetings.commands import sessions as calendar
from services.meetings.commands.agenda_items import Arranged, add_item, add_usual, arrange
from services.meetings.commands.invitations import issue_invitation, reopen_agenda
from services.meetings.commands.once import Order
from services.meetings.domain.items import ItemKind, OwnWords
from services.meetings.domain.member import Member, MemberStatus
from services.meetings.domain.session import Appointment, Session
from services.meetings.queries import AgendaLine, agendas_of, the_board
from shared.days import at_local
from shared.events.meetings import MemberInvited
from shared.events.people import Contact, Link
from shared.sealed import Sealed
from shared.service import Service
from tests.meetings.agendas import order
from tests.meetings.people import told

GARDEN = OwnWords(kind=ItemKind.DISCUSSION, title="Wie weiter mit dem Garten", minutes=20)


async def evening(service: Service, day: str = "2026-05-06", *, ends: int | None = 20) -> UUID:
    """A session at six in the evening, over at eight."""
    on = date.fromisoformat(day)
    meeting = Appointment(
        starts_at=at_local(on, time(18)),
        ends_at=at_local(on, time(ends)) if ends else None,
        place="Saal",
        note=None,
    )
    async with service.db.begin() as session:
        return await calendar.plan(session, meeting, order(service))


async def members(
    service: Service,
    number: int,
    *,
    status: MemberStatus = MemberStatus.ACTIVE,
    on_paper: bool = False,
    name: str = "Mitglied",
) -> list[Member]:
    """So many people of the board with this status."""
    made = []
    async with service.db.begin() as session:
        board, _rules = await the_board(session)
        for at in range(number):
            email = None if on_paper else f"{name}-{status}-{at}@example.org".lower()
            contact = Contact(
                name=f"{name} {at}", email=email or "", street="Weg 1", postcode="38444", city="Ort"
            )
            member = Member.record(
                contact,
                board_id=board.id,
                person_id=await service.seals.person(email=email),
                language="de",
                at=service.clock.now(),
            )
            member.status = status
            made.append(member)
        session.add_all(made)
    return made


async def own_item(service: Service, session_id: UUID, words: OwnWords = GARDEN) -> UUID:
    async with service.db.begin() as session:
        return await add_item(session, session_id, words, order(service))


async def usual(service: Service, session_id: UUID, kind: str = "all") -> int:
    async with service.db.begin() as session:
        return await add_usual(session, session_id, kind, order(service))


async def put_in_order(
    service: Service, session_id: UUID, wanted: Sequence[AgendaLine], *, minutes: int | None = None
) -> None:
    lines = [
        Arranged(item_id=one.item.id, version=one.item.version, minutes=minutes) for one in wanted
    ]
    async with service.db.begin() as session:
        await arrange(session, session_id, lines, order(service))


async def found(service: Service, session_id: UUID) -> Session:
    async with service.db.read() as session:
        return await session.get_one(Session, session_id)


async def lines_of(service: Service, session_id: UUID) -> list[AgendaLine]:
    async with service.db.read() as session:
        return await agendas_of(session, [session_id])


async def titles(service: Service, session_id: UUID) -> list[str]:
    return [line.title for line in await lines_of(service, session_id)]


async def invite(
    service: Service, session_id: UUID, click: Order | None = None, **how: Any
) -> Order:
    """The office presses the button."""
    meeting = await found(service, session_id)
    click = click or order(service, meeting.version)
    async with service.db.begin() as session:
        await issue_invitation(session, service, session_id, click, **how)
    return click


async def reopen(service: Service, session_id: UUID) -> None:
    meeting = await found(service, session_id)
    async with service.db.begin() as session:
        await reopen_agenda(session, session_id, order(service, meeting.version))


async def invited(service: Service) -> list[MemberInvited]:
    """The letters to members, oldest first."""
    return [MemberInvited.from_cloudevent(one) for one in await told(service, "member.invited")]


async def way_in(service: Service, letter: MemberInvited) -> str:
    """The path of the link in a letter, as its reader has it."""
    link = await service.seals.open(Sealed(**letter.link.model_dump()), Link)
    assert link is not None
    return link.url.removeprefix(service.settings.origin)
