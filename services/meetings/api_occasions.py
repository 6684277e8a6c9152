"""The JSON API of occasions: everybody reads them, the office does what its pages do."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands import occasions as commands
from services.meetings.desk import Body, now, order_of, service_of
from services.meetings.domain.occasions import (
    Occasion,
    OccasionStatus,
    Plan,
)
from services.meetings.occasion_desk import (
    MOST_VISITORS,
    LinkLine,
    Places,
    ShortText,
    said_of,
)
from services.meetings.occasion_words import PLAN_BROKEN
from services.meetings.queries.occasions import (
    Tally,
    occasions,
    public_occasion,
    tallies,
    tally,
)
from services.meetings.queries.sessions import Period
from shared.events.meetings import OccasionKind
from shared.web.access import Guarded
from shared.web.forms import Line, Text
from shared.web.problems import problem

occasion_api = Guarded(prefix="/api/v1/meetings/occasions")

API_FIELD = {"day": "starts_at", "starts": "starts_at", "ends": "ends_at"}


class OccasionOut(BaseModel):
    """An occasion as everybody may know it; instants are UTC, `free` None means room for all."""

    id: UUID
    status: OccasionStatus
    kind: OccasionKind
    title: str
    text: str
    place: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    registration: bool
    places: int | None
    free: int | None
    waiting: int
    waiting_list: bool
    register_until: AwareDatetime | None
    photos: bool
    cancelled_because: str | None
    report: str | None
    visitors: int | None
    report_link: str | None
    version: int

    @classmethod
    def of(cls, occasion: Occasion, count: Tally) -> Self:
        """The row without what is the office's alone."""
        counted = {"free": occasion.free(count.people), "waiting": count.waiting}
        own = set(cls.model_fields) - set(counted)
        return cls.model_validate({name: getattr(occasion, name) for name in own} | counted)


class OccasionList(BaseModel):
    occasions: list[OccasionOut]


class PlanIn(Body):
    """`command_id` makes repeating harmless: the same id with the same content answers the same."""

    command_id: UUID
    kind: OccasionKind
    title: Line
    text: Text
    place: Line
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    registration: bool = False
    places: Places | None = None
    reserved: Annotated[int, Field(ge=0, le=5_000)] = 0
    reserved_for: ShortText | None = None
    register_until: AwareDatetime | None = None
    waiting_list: bool = False
    reminders: bool = False
    photos: bool = False
    door_note: ShortText | None = None

    def plan(self) -> Plan:
        """What the command works with."""
        written = self.model_dump(include=set(Plan.__dataclass_fields__))
        texts = {name: written[name] or "" for name in ("reserved_for", "door_note")}
        return Plan(**written | texts)


class ChangeIn(PlanIn):
    """`version` is the one read before: an occasion changed since then answers 409."""

    version: int


class MoveIn(Body):
    command_id: UUID
    version: int


class CancelIn(MoveIn):
    """`reason` is published as written."""

    reason: Text


class ReportIn(MoveIn):
    text: Text
    visitors: Annotated[int, Field(ge=0, le=MOST_VISITORS)] | None = None
    link: LinkLine | None = None


@occasion_api.get("", action="occasion.list", response_model=OccasionList)
async def list_occasions(
    request: Request,
    period: Period = "coming",
    kind: OccasionKind | None = None,
    limit: int = Query(default=100, ge=1, le=200),
) -> OccasionList:
    """Announced occasions: coming ones, next first, or past ones, latest first."""
    async with service_of(request).db.read() as session:
        found = await occasions(
            session, period, at=now(request), public=True, kind=kind, limit=limit
        )
        counts = await tallies(session, [one.id for one in found])
    return OccasionList(occasions=[OccasionOut.of(one, counts[one.id]) for one in found])


@occasion_api.get("/{occasion_id}", action="occasion.read", response_model=OccasionOut)
async def read_occasion(request: Request, occasion_id: UUID) -> OccasionOut:
    """One announced occasion."""
    async with service_of(request).db.read() as session:
        occasion = await public_occasion(session, occasion_id)
        return OccasionOut.of(occasion, await tally(session, occasion_id))


@occasion_api.post("", action="occasion.change", response_model=OccasionOut, status_code=201)
async def plan_occasion(request: Request, sent: PlanIn) -> Response:
    """Write a draft that only the office sees."""
    try:
        async with service_of(request).db.begin() as session:
            acting = order_of(request, sent.command_id)
            new = await commands.plan_occasion(session, sent.plan(), acting)
            return await _answer(session, new, 201)
    except tuple(PLAN_BROKEN) as error:
        return _broken(request, error)


@occasion_api.put("/{occasion_id}", action="occasion.change", response_model=OccasionOut)
async def change_occasion(request: Request, occasion_id: UUID, sent: ChangeIn) -> Response:
    """Replace the plan; everybody registered hears of another date or place."""
    service = service_of(request)
    try:
        async with service.db.begin() as session:
            acting = order_of(request, sent.command_id, sent.version)
            await commands.change_occasion(session, service, occasion_id, sent.plan(), acting)
            return await _answer(session, occasion_id)
    except tuple(PLAN_BROKEN) as error:
        return _broken(request, error)


@occasion_api.post("/{occasion_id}/announce", action="occasion.change", response_model=OccasionOut)
async def announce(request: Request, occasion_id: UUID, sent: MoveIn) -> Response:
    """Invite everybody."""
    try:
        async with service_of(request).db.begin() as session:
            acting = order_of(request, sent.command_id, sent.version)
            await commands.announce_occasion(session, occasion_id, acting)
            return await _answer(session, occasion_id)
    except tuple(PLAN_BROKEN) as error:
        return _broken(request, error)


@occasion_api.post("/{occasion_id}/cancel", action="occasion.change", response_model=OccasionOut)
async def cancel(request: Request, occasion_id: UUID, sent: CancelIn) -> Response:
    """Do not hold it."""
    service = service_of(request)
    async with service.db.begin() as session:
        acting = order_of(request, sent.command_id, sent.version)
        await commands.cancel_occasion(session, service, occasion_id, acting, reason=sent.reason)
        return await _answer(session, occasion_id)


@occasion_api.post("/{occasion_id}/report", action="occasion.change", response_model=OccasionOut)
async def report(request: Request, occasion_id: UUID, sent: ReportIn) -> Response:
    """Tell how it was."""
    async with service_of(request).db.begin() as session:
        acting = order_of(request, sent.command_id, sent.version)
        await commands.document_occasion(
            session,
            occasion_id,
            acting,
            text=sent.text,
            visitors=sent.visitors,
            link=sent.link,
        )
        return await _answer(session, occasion_id)


async def _answer(session: AsyncSession, occasion_id: UUID, status: int = 200) -> Response:
    """The occasion as it stands after the command, its new version included."""
    await session.flush()
    occasion = await session.get_one(Occasion, occasion_id)
    shown = OccasionOut.of(occasion, await tally(session, occasion_id))
    return JSONResponse(shown.model_dump(mode="json"), status)


def _broken(request: Request, error: Exception) -> Response:
    """A broken rule as a problem that points at the field."""
    name, sentence = said_of(request, error)
    pointer = f"#/{API_FIELD.get(name, name)}"
    return problem(request, 422, errors=[{"pointer": pointer, "detail": sentence}])
