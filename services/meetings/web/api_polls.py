"""The JSON API of votes in the room: asked, typed for members, counted, called off, counted again."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.api import ConditionIn
from services.meetings.commands.polls import (
    Asked,
    Counted,
    call_off,
    cast_named,
    count_poll,
    open_poll,
)
from services.meetings.desk import MOST_CONDITIONS, Count, order_of, service_of
from services.meetings.domain.ballots import DoesNotAddUp
from services.meetings.domain.polls import Choice, Poll
from services.meetings.queries.devices import published_slips
from services.meetings.vault import Vault
from services.meetings.web.api_room import ActIn
from services.meetings.web.room.door import enter
from services.meetings.web.room_out import PollOut
from services.meetings.words import WRONG
from shared.events.meetings import Manner, Motion, VotedCondition
from shared.web.access import Guarded
from shared.web.pages import gettext_of
from shared.web.problems import problem

poll_api = Guarded(prefix="/api/v1/meetings/rooms/{session_id}/polls")


class AskIn(ActIn):
    """What is put to the vote; `text` where it is about no application."""

    item_id: UUID
    motion: Motion
    manner: Manner
    amount_cents: int | None = Field(default=None, ge=0)
    conditions: list[ConditionIn] = Field(default=[], max_length=MOST_CONDITIONS)
    text: str = Field(default="", max_length=2000)


class CountIn(ActIn):
    """The numbers only for hands and paper; the others count themselves."""

    yes: Count | None = None
    no: Count | None = None
    abstain: Count = 0
    invalid: Count = 0

    def counted(self) -> Counted | None:
        """What the command works with."""
        if self.yes is None or self.no is None:
            return None
        return Counted(yes=self.yes, no=self.no, abstain=self.abstain, invalid=self.invalid)


class BallotIn(ActIn):
    """`instead` replaces what was typed wrong before."""

    choice: Choice
    instead: bool = False


class SlipOut(BaseModel):
    receipt: str
    choice: Choice


class SlipsOut(BaseModel):
    """The ballots of a secret vote by their receipts, once it is counted; empty before."""

    slips: list[SlipOut]


@poll_api.post("", action="room.run", response_model=PollOut, status_code=201)
async def ask(request: Request, session_id: UUID, sent: AskIn) -> Response:
    """Open a vote; who may vote is frozen now."""
    asked = Asked(
        motion=sent.motion,
        manner=sent.manner,
        amount_cents=sent.amount_cents,
        conditions=tuple(VotedCondition(**one.model_dump()) for one in sent.conditions),
        text=sent.text,
    )
    try:
        async with service_of(request).db.begin() as session:
            await enter(request, session, session_id, "room.run")
            order = order_of(request, sent.command_id, sent.version)
            poll_id = await open_poll(session, session_id, sent.item_id, asked, order)
            await session.flush()
            told = PollOut.of(await session.get_one(Poll, poll_id))
    except DoesNotAddUp as error:
        return _wrong(request, error)
    return JSONResponse(told.model_dump(mode="json"), 201)


@poll_api.post("/{poll_id}/count", action="room.run", response_model=PollOut)
async def count(request: Request, session_id: UUID, poll_id: UUID, sent: CountIn) -> Response:
    """Close a vote: its result is kept for ever, under the id of the poll."""
    service = service_of(request)
    try:
        async with service.db.begin() as session:
            await _poll_here(request, session, session_id, poll_id)
            order = order_of(request, sent.command_id, sent.version)
            vault = Vault(service.settings)
            await count_poll(session, vault, poll_id, order, counted=sent.counted())
    except DoesNotAddUp as error:
        return _wrong(request, error)
    return await _poll(request, poll_id)


@poll_api.post("/{poll_id}/call-off", action="room.run", response_model=PollOut)
async def stop(request: Request, session_id: UUID, poll_id: UUID, sent: ActIn) -> Response:
    """The vote does not count."""
    async with service_of(request).db.begin() as session:
        await _poll_here(request, session, session_id, poll_id)
        await call_off(session, poll_id, order_of(request, sent.command_id, sent.version))
    return await _poll(request, poll_id)


@poll_api.put("/{poll_id}/ballots/{member_id}", action="room.run", response_model=PollOut)
async def type_ballot(
    request: Request, session_id: UUID, poll_id: UUID, member_id: UUID, sent: BallotIn
) -> Response:
    """A member's choice in a vote by name, typed for them."""
    async with service_of(request).db.begin() as session:
        await _poll_here(request, session, session_id, poll_id)
        order = order_of(request, sent.command_id, sent.version)
        choice, instead = sent.choice, sent.instead
        await cast_named(session, poll_id, member_id, order, choice=choice, instead=instead)
    return await _poll(request, poll_id)


@poll_api.get("/{poll_id}/slips", action="ballot.list", response_model=SlipsOut)
async def slips(request: Request, session_id: UUID, poll_id: UUID) -> SlipsOut:
    """The list from which everybody can count a secret vote again."""
    async with service_of(request).db.read() as session:
        await _here(session, session_id, poll_id)
        listed = await published_slips(session, poll_id)
    return SlipsOut(slips=[SlipOut(receipt=one.receipt, choice=one.choice) for one in listed])


async def _poll_here(
    request: Request, session: AsyncSession, session_id: UUID, poll_id: UUID
) -> None:
    await enter(request, session, session_id, "room.run")
    await _here(session, session_id, poll_id)


async def _here(session: AsyncSession, session_id: UUID, poll_id: UUID) -> None:
    poll = await session.get_one(Poll, poll_id)
    if poll.session_id != session_id:
        raise NoResultFound


async def _poll(request: Request, poll_id: UUID) -> Response:
    async with service_of(request).db.read() as session:
        told = PollOut.of(await session.get_one(Poll, poll_id))
    return JSONResponse(told.model_dump(mode="json"))


def _wrong(request: Request, error: DoesNotAddUp) -> Response:
    """What does not add up, with a pointer to each field."""
    _ = gettext_of(request)
    found = [
        {"pointer": f"#/{name.replace('-', '/')}", "detail": _(WRONG[why])}
        for name, why in error.found.items()
    ]
    return problem(request, 422, errors=found)
