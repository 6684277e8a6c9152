"""The JSON API of the minutes: the public version for everyone, texts and steps for who keeps them."""

from dataclasses import asdict
from datetime import date
from typing import Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands.minutes import approve, circulate, write
from services.meetings.desk import Body, order_of, service_of
from services.meetings.domain.minutes import ApprovedBecause, MinutesStatus
from services.meetings.domain.session import Session
from services.meetings.minutes_paper import minutes_paper, texts_of
from services.meetings.queries.minutes import facts_of, record_of
from services.meetings.web.room.door import enter
from shared.web.access import Guarded
from shared.web.forms import Text
from shared.web.pages import language_of

minutes_api = Guarded(prefix="/api/v1/meetings/sessions/{session_id}/minutes")

LONGEST = 10_000


class VoteOut(BaseModel):
    """One vote as sentences; `counts` are yes, no, abstained, invalid."""

    question: str
    counts: list[str]
    verdict: str
    notes: list[str]


class ItemOut(BaseModel):
    """One item; blanked words are three grey blocks."""

    part: str
    heading: str
    rows: list[tuple[str, str]]
    notes: list[str]
    votes: list[VoteOut]
    text: str


class MinutesOut(BaseModel):
    """The public version in the language asked for; the texts are German."""

    title: str
    dated_on: date
    standing: str
    rows: list[tuple[str, str]]
    notes: list[str]
    opening: str
    items: list[ItemOut]
    closing: str


class TextsOut(BaseModel):
    """The texts as they stand now, proposals included, and how far the minutes are."""

    status: MinutesStatus
    texts: dict[str, str]
    object_until: AwareDatetime | None
    approved_at: AwareDatetime | None
    approved_because: ApprovedBecause | None
    version: int

    @classmethod
    async def of(cls, session: AsyncSession, session_id: UUID) -> Self:
        """As the database has it."""
        facts, record = await facts_of(session, session_id), await record_of(session, session_id)
        kept = record.minutes
        return cls(
            status=record.status,
            texts=texts_of(facts, record),
            object_until=kept.object_until if kept else None,
            approved_at=kept.approved_at if kept else None,
            approved_because=kept.approved_because if kept else None,
            version=record.version,
        )


class TextsIn(Body):
    """Parts that are not named stay as they are; `version` is the one read before."""

    version: int
    texts: dict[str, str] = Field(max_length=200)


class StepIn(Body):
    """`command_id` makes repeating harmless."""

    command_id: UUID
    version: int


class ApproveIn(StepIn):
    """`reason` before the date; `names_confirmed` where names stand in the public text."""

    reason: Text | None = None
    names_confirmed: bool = False


@minutes_api.get("", action="minutes.read", response_model=MinutesOut)
async def read(request: Request, session_id: UUID) -> MinutesOut:
    """The approved minutes without names; 404 before that."""
    async with service_of(request).db.read() as session:
        await session.get_one(Session, session_id)
        facts, record = await facts_of(session, session_id), await record_of(session, session_id)
    if record.status is not MinutesStatus.APPROVED:
        raise NoResultFound
    paper = minutes_paper(facts, record, whole=False, lang=language_of(request))
    return MinutesOut.model_validate(asdict(paper))


@minutes_api.get("/texts", action="minutes.whole", response_model=TextsOut)
async def read_texts(request: Request, session_id: UUID) -> TextsOut:
    """What stands beside the facts, part by part."""
    async with service_of(request).db.read() as session:
        await enter(request, session, session_id, "minutes.whole")
        return await TextsOut.of(session, session_id)


@minutes_api.put("/texts", action="minutes.keep", response_model=TextsOut)
async def write_texts(request: Request, session_id: UUID, sent: TextsIn) -> Response:
    """Write some parts; 409 if somebody wrote meanwhile."""
    async with service_of(request).db.begin() as session:
        await enter(request, session, session_id, "minutes.keep")
        texts = {part: text.strip()[:LONGEST] for part, text in sent.texts.items()}
        await write(session, session_id, texts, order_of(request, session_id, sent.version))
        return await _answer(session, session_id)


@minutes_api.post("/circulate", action="minutes.keep", response_model=TextsOut)
async def give_round(request: Request, session_id: UUID, sent: StepIn) -> Response:
    """Give the draft to everybody who was there."""
    service = service_of(request)
    async with service.db.begin() as session:
        await enter(request, session, session_id, "minutes.keep")
        order = order_of(request, sent.command_id, sent.version)
        await circulate(session, service, session_id, order)
        return await _answer(session, session_id)


@minutes_api.post("/approve", action="minutes.keep", response_model=TextsOut)
async def hold(request: Request, session_id: UUID, sent: ApproveIn) -> Response:
    """Approve and publish; 409 says what speaks against it."""
    service = service_of(request)
    async with service.db.begin() as session:
        await enter(request, session, session_id, "minutes.keep")
        order = order_of(request, sent.command_id, sent.version)
        await approve(
            session,
            service,
            session_id,
            order,
            reason=sent.reason or "",
            names_confirmed=sent.names_confirmed,
        )
        return await _answer(session, session_id)


async def _answer(session: AsyncSession, session_id: UUID) -> Response:
    await session.flush()
    kept = await TextsOut.of(session, session_id)
    return JSONResponse(kept.model_dump(mode="json"))
