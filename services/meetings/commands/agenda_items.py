"""The office orders an agenda: items of its own, their order, and how long each takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.agenda import lock_agendas
from services.meetings.commands.circular_ends import end_circulars
from services.meetings.commands.once import ChangedMeanwhile, Order, earlier, trail, unchanged
from services.meetings.domain.agenda import AgendaItem, OwnWords
from services.meetings.domain.invitation import AlreadyBegun, begun
from services.meetings.domain.session import IllegalMove, Session, Status
from services.meetings.domain.usual_agenda import (
    Place,
    Since,
    follow_up,
    next_place,
    places_of,
    report,
    usual,
)
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import since_last_session


class AgendaIsFixed(Exception):
    """The board was invited to this agenda: changing it is an act of its own."""


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """One line of the ordered list, as the form showed it."""

    item_id: UUID
    version: int
    minutes: int | None


async def add_item(session: AsyncSession, session_id: UUID, words: OwnWords, order: Order) -> UUID:
    """Put an item of the office's own on the agenda, behind the applications."""
    new, content = uuid7(), {"session": session_id, **asdict(words)}
    if first := await earlier(session, order, name="agenda.add", content=content, subject=new):
        return first
    await changeable(session, session_id, order)
    lines = await agendas_of(session, [session_id])
    place = next_place([line.item.place for line in lines], behind=True)
    session.add(AgendaItem.own(words, session_id=session_id, place=place, item_id=new, at=order.at))
    trail(session, "agenda.add", session_id, order, kind=words.kind)
    return new


async def add_usual(session: AsyncSession, session_id: UUID, kind: str, order: Order) -> int:
    """Add what most sessions have, or one such item; what is there already is not added again.

    `kind` is `all`, `follow_up` or `report`; the answer is how many there are more.
    """
    content = {"session": session_id, "kind": kind}
    if await earlier(session, order, name="agenda.usual", content=content, subject=session_id):
        return 0
    meeting = await changeable(session, session_id, order)
    since = await since_last_session(session, meeting, at=order.at)
    lines = await agendas_of(session, [session_id])
    places, titles = [line.item.place for line in lines], {line.title for line in lines}
    wanted = [
        (words, behind) for words, behind in _wanted(kind, since) if words.title not in titles
    ]
    for words, behind in wanted:
        places.append(next_place(places, behind=behind))
        session.add(AgendaItem.own(words, session_id=session_id, place=places[-1], at=order.at))
    trail(session, "agenda.usual", session_id, order, kind=kind, added=len(wanted))
    return len(wanted)


def _wanted(kind: str, since: Since) -> Sequence[tuple[OwnWords, bool]]:
    one = {"follow_up": follow_up, "report": report}.get(kind)
    return [(one(since), False)] if one else usual(since)


async def change_item(session: AsyncSession, item_id: UUID, words: OwnWords, order: Order) -> UUID:
    """Say an own item in other words; answers with its session."""
    content = {"item": item_id, **asdict(words)}
    item = await session.get_one(AgendaItem, item_id)
    if await earlier(session, order, name="agenda.change", content=content, subject=item_id):
        return item.session_id
    await changeable(session, item.session_id, order)
    await session.refresh(item)
    unchanged("agenda item", order, now=item.version)
    item.say(words)
    trail(session, "agenda.change", item.session_id, order)
    return item.session_id


async def take_off(session: AsyncSession, item_id: UUID, order: Order) -> UUID:
    """An own item leaves the agenda; answers with its session."""
    item = await session.get_one(AgendaItem, item_id)
    if await earlier(
        session, order, name="agenda.take_off", content={"item": item_id}, subject=item_id
    ):
        return item.session_id
    await changeable(session, item.session_id, order)
    await session.refresh(item)
    unchanged("agenda item", order, now=item.version)
    await end_circulars(session, [item.id], at=order.at)
    item.take_off()
    trail(session, "agenda.take_off", item.session_id, order)
    return item.session_id


async def arrange(
    session: AsyncSession, session_id: UUID, wanted: Sequence[Arranged], order: Order
) -> None:
    """Give the items this order and these minutes; newcomers stand behind the applications."""
    content = {"session": session_id, "lines": [asdict(one) for one in wanted]}
    if await earlier(session, order, name="agenda.arrange", content=content, subject=session_id):
        return
    await changeable(session, session_id, order)
    lines = {line.item.id: line for line in await agendas_of(session, [session_id])}
    _as_shown(lines, wanted)
    ordered = _with_newcomers(dict(lines), wanted)
    places = places_of([_place(line) for line in ordered])
    for line, place in zip(ordered, places, strict=True):
        line.item.place = place
    for one in wanted:
        lines[one.item_id].item.planned_minutes = one.minutes
    trail(session, "agenda.arrange", session_id, order)


async def changeable(session: AsyncSession, session_id: UUID, order: Order) -> Session:
    """The session whose agenda the office may change now, agendas locked."""
    await lock_agendas(session)
    meeting = await session.get_one(Session, session_id, populate_existing=True)
    if meeting.status not in {Status.PLANNED, Status.INVITED}:
        raise IllegalMove(meeting.status, Status.PLANNED)
    if begun(meeting, order.at):
        raise AlreadyBegun
    if meeting.agenda_is_fixed:
        raise AgendaIsFixed
    return meeting


def _as_shown(lines: dict[UUID, AgendaLine], wanted: Sequence[Arranged]) -> None:
    """Refuse to order what somebody changed or took off since the form was opened."""
    for one in wanted:
        line = lines.get(one.item_id)
        if line is None or line.item.version != one.version:
            raise ChangedMeanwhile("agenda", one.version, line.item.version if line else 0)


def _with_newcomers(lines: dict[UUID, AgendaLine], wanted: Sequence[Arranged]) -> list[AgendaLine]:
    """As wanted; what came since the form was opened stands behind the last application."""
    ordered = [lines.pop(one.item_id) for one in wanted]
    applications = [at for at, line in enumerate(ordered, start=1) if line.case is not None]
    end = max(applications, default=len(ordered))
    return [*ordered[:end], *lines.values(), *ordered[end:]]


def _place(line: AgendaLine) -> Place:
    return Place(
        is_application=line.case is not None,
        place=line.item.place,
        carried=line.item.carried,
        kept_since=line.item.kept_since,
        number=line.number,
    )
