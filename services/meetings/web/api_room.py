"""The JSON API of a session's room: what its screen shows and does, for the office's programs."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime
from starlette.responses import JSONResponse

from services.meetings.commands import room as commands
from services.meetings.desk import Body, Count, order_of, service_of
from services.meetings.domain.agenda import Outcome
from services.meetings.domain.codes import new_room_code
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.queries.room import room as room_view
from services.meetings.web.room.door import enter
from services.meetings.web.room_out import RoomOut
from shared.web.access import Guarded
from shared.web.forms import Text

room_api = Guarded(prefix="/api/v1/meetings/rooms/{session_id}")


class ActIn(Body):
    """`version` is the session's, read before: 0 looked at nothing; changed since then answers 409."""

    command_id: UUID
    version: int = 0


class HourIn(ActIn):
    """`at` only where it was not now."""

    at: AwareDatetime | None = None


class FinishIn(ActIn):
    outcome: Literal[Outcome.DONE, Outcome.DEFERRED]


class RecuseIn(ActIn):
    because: RecusedBecause


class UnrecuseIn(ActIn):
    reason: Text


class GuestsIn(ActIn):
    guests: Count


@room_api.get("", action="room.read", response_model=RoomOut)
async def read_room(request: Request, session_id: UUID) -> RoomOut:
    """Everything on the screen; `revision` changes with anything on it."""
    async with service_of(request).db.read() as session:
        await enter(request, session, session_id, "room.read")
        return RoomOut.of(await room_view(session, session_id))


@room_api.post("/open", action="room.run", response_model=RoomOut)
async def open_session(request: Request, session_id: UUID, sent: ActIn) -> Response:
    """The board meets; `room_code` is what the wall shows."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.open_session(session, session_id, order, code=new_room_code())
    return await _answer(request, session_id)


@room_api.post("/close", action="room.run", response_model=RoomOut)
async def close_session(request: Request, session_id: UUID, sent: HourIn) -> Response:
    """The meeting is over: everybody goes, what was not decided is handed on."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.close_session(session, session_id, order, at=sent.at)
    return await _answer(request, session_id)


@room_api.post("/guests", action="room.run", response_model=RoomOut)
async def count_guests(request: Request, session_id: UUID, sent: GuestsIn) -> Response:
    """How many people without a vote are there."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.count_guests(session, session_id, order, guests=sent.guests)
    return await _answer(request, session_id)


@room_api.post("/members/{member_id}/arrive", action="room.run", response_model=RoomOut)
async def arrive(request: Request, session_id: UUID, member_id: UUID, sent: HourIn) -> Response:
    """The member is there; once more changes nothing, `at` corrects since when."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.arrive(session, session_id, member_id, order, at=sent.at)
    return await _answer(request, session_id)


@room_api.post("/members/{member_id}/depart", action="room.run", response_model=RoomOut)
async def depart(request: Request, session_id: UUID, member_id: UUID, sent: HourIn) -> Response:
    """The member is gone; once more changes nothing, `at` corrects since when."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.depart(session, session_id, member_id, order, at=sent.at)
    return await _answer(request, session_id)


@room_api.post("/members/{member_id}/excuse", action="room.run", response_model=RoomOut)
async def excuse(request: Request, session_id: UUID, member_id: UUID, sent: ActIn) -> Response:
    """The member sent word that they do not come."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.excuse(session, session_id, member_id, order)
    return await _answer(request, session_id)


@room_api.post("/items/{item_id}/call", action="room.run", response_model=RoomOut)
async def call_item(request: Request, session_id: UUID, item_id: UUID, sent: ActIn) -> Response:
    """The board comes to this item; known recusals are noted."""
    service = service_of(request)
    async with service.db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.call_item(session, service.seals, session_id, item_id, order)
    return await _answer(request, session_id)


@room_api.post("/items/{item_id}/finish", action="room.run", response_model=RoomOut)
async def finish_item(
    request: Request, session_id: UUID, item_id: UUID, sent: FinishIn
) -> Response:
    """The item ends without a decision: done or deferred."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        await commands.finish_item(session, session_id, item_id, order, outcome=sent.outcome)
    return await _answer(request, session_id)


@room_api.put("/items/{item_id}/recusals/{member_id}", action="room.run", response_model=RoomOut)
async def recuse(
    request: Request, session_id: UUID, item_id: UUID, member_id: UUID, sent: RecuseIn
) -> Response:
    """The member is left out of this item."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        why = sent.because
        await commands.recuse(session, session_id, item_id, member_id, order, because=why)
    return await _answer(request, session_id)


@room_api.post(
    "/items/{item_id}/recusals/{member_id}/lift", action="room.run", response_model=RoomOut
)
async def unrecuse(
    request: Request, session_id: UUID, item_id: UUID, member_id: UUID, sent: UnrecuseIn
) -> Response:
    """The member takes part after all; the trail keeps the reason."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "room.run")
        order = order_of(request, sent.command_id, sent.version)
        said = sent.reason
        await commands.unrecuse(session, session_id, item_id, member_id, order, reason=said)
    return await _answer(request, session_id)


async def _answer(request: Request, session_id: UUID) -> Response:
    """The screen as it is after the click."""
    async with service_of(request).db.read() as session:
        told = RoomOut.of(await room_view(session, session_id))
    return JSONResponse(told.model_dump(mode="json"))
