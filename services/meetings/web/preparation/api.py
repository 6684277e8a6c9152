"""The JSON API for what the office's pages of preparation do."""

from datetime import datetime
from uuid import UUID

from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.api import SessionOut
from services.meetings.commands import agenda_items as commands
from services.meetings.commands.agenda_items import Arranged
from services.meetings.commands.invitations import issue_invitation, reopen_agenda
from services.meetings.commands.replies import note_reply
from services.meetings.desk import Body, order_of, service_of
from services.meetings.domain.agenda import ItemKind, ItemStatus, OwnWords
from services.meetings.domain.attendance import Coming
from services.meetings.domain.session import Session
from services.meetings.preparation_words import REFUSED
from services.meetings.queries import AgendaLine, agendas_of
from services.meetings.queries.preparation import Answers, answers_of
from services.meetings.web.preparation.items import OwnKind
from services.meetings.web.preparation.order import MOST_ITEMS, Minutes
from shared.web.access import Guarded
from shared.web.forms import Line, Text
from shared.web.pages import gettext_of
from shared.web.problems import problem

preparation_api = Guarded(prefix="/api/v1/meetings")

Strict = ConfigDict(extra="forbid")


class Sent(Body):
    """`command_id` makes repeating harmless; `version` is the one read before."""

    command_id: UUID
    version: int = 0


class ItemIn(Sent):
    """An item of the office's own; everybody may read it."""

    kind: OwnKind
    title: Line
    text: Text | None = None
    minutes: Minutes | None = None

    def words(self) -> OwnWords:
        """What the command works with."""
        return OwnWords(
            kind=self.kind, title=self.title, text=self.text or "", minutes=self.minutes
        )


class ArrangedIn(Body):
    item_id: UUID
    version: int
    minutes: Minutes | None = None


class OrderIn(Sent):
    """The items in the wanted order; those left out stand behind the applications."""

    items: list[ArrangedIn] = Field(min_length=1, max_length=MOST_ITEMS)


class InvitationIn(Sent):
    urgent_because: Text | None = None


class ReplyIn(Sent):
    member_id: UUID
    coming: Coming


class PlannedItemOut(BaseModel):
    """A line of the agenda with its time."""

    id: UUID
    position: int
    starts_at: AwareDatetime
    kind: ItemKind
    title: str
    text: str
    number: str
    minutes: int
    status: ItemStatus
    supplementary: bool
    version: int

    @classmethod
    def of(cls, line: AgendaLine) -> "PlannedItemOut":
        """The line as the office plans it."""
        item = line.item
        kept = {name: getattr(item, name) for name in ("id", "kind", "text", "minutes", "status")}
        return cls(
            **kept,
            position=line.position,
            starts_at=line.starts_at,
            title=line.title,
            number=line.number,
            supplementary=item.supplementary,
            version=item.version,
        )


class PlannedAgendaOut(BaseModel):
    session_id: UUID
    items: list[PlannedItemOut]


class MemberReplyOut(BaseModel):
    """What a member said; members are named by their id alone."""

    member_id: UUID
    coming: Coming | None
    replied_at: datetime | None


class RepliesOut(BaseModel):
    session_id: UUID
    votes_coming: int
    quorum: int | None
    replies: list[MemberReplyOut]


@preparation_api.post(
    "/sessions/{session_id}/agenda/items",
    action="agenda.change",
    response_model=PlannedAgendaOut,
    status_code=201,
)
async def add_item(request: Request, session_id: UUID, sent: ItemIn) -> Response:
    """Put an item of the office's own on the agenda."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id)
        await commands.add_item(session, session_id, sent.words(), order)
        return await _agenda(session, session_id, 201)


@preparation_api.put(
    "/sessions/{session_id}/agenda", action="agenda.change", response_model=PlannedAgendaOut
)
async def arrange(request: Request, session_id: UUID, sent: OrderIn) -> Response:
    """Order the agenda and plan its minutes."""
    wanted = [Arranged(**line.model_dump()) for line in sent.items]
    async with service_of(request).db.begin() as session:
        await commands.arrange(session, session_id, wanted, order_of(request, sent.command_id))
        return await _agenda(session, session_id)


@preparation_api.put("/agenda/{item_id}", action="agenda.change", response_model=PlannedAgendaOut)
async def change_item(request: Request, item_id: UUID, sent: ItemIn) -> Response:
    """Say an own item in other words."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id, sent.version)
        return await _agenda(
            session, await commands.change_item(session, item_id, sent.words(), order)
        )


@preparation_api.post(
    "/agenda/{item_id}/remove", action="agenda.change", response_model=PlannedAgendaOut
)
async def remove_item(request: Request, item_id: UUID, sent: Sent) -> Response:
    """Take an own item off the agenda."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id, sent.version)
        return await _agenda(session, await commands.take_off(session, item_id, order))


@preparation_api.post(
    "/sessions/{session_id}/agenda/reopen", action="agenda.change", response_model=SessionOut
)
async def reopen(request: Request, session_id: UUID, sent: Sent) -> Response:
    """Change an agenda that was sent out; the invitation has to be issued again afterwards."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id, sent.version)
        await reopen_agenda(session, session_id, order)
        return await _session(session, session_id)


@preparation_api.post(
    "/sessions/{session_id}/invitation", action="invitation.issue", response_model=SessionOut
)
async def invite(request: Request, session_id: UUID, sent: InvitationIn) -> Response:
    """Fix the agenda and invite the board, or invite it again to the changed one."""
    service = service_of(request)
    try:
        async with service.db.begin() as session:
            order = order_of(request, sent.command_id, sent.version)
            why = sent.urgent_because
            await issue_invitation(session, service, session_id, order, urgent_because=why)
            return await _session(session, session_id)
    except tuple(REFUSED) as error:
        field, sentence = REFUSED[type(error)]
        said = {"pointer": f"#/{field}", "detail": gettext_of(request)(sentence)}
        return problem(request, 422, errors=[said])


@preparation_api.get(
    "/sessions/{session_id}/replies", action="reply.list", response_model=RepliesOut
)
async def read_replies(request: Request, session_id: UUID) -> RepliesOut:
    """Who comes, and whether that is enough to decide."""
    async with service_of(request).db.read() as session:
        meeting = await session.get_one(Session, session_id)
        return _replies(session_id, await answers_of(session, meeting))


@preparation_api.post(
    "/sessions/{session_id}/replies", action="reply.note", response_model=RepliesOut
)
async def write_reply(request: Request, session_id: UUID, sent: ReplyIn) -> RepliesOut:
    """Note what a member said on the phone."""
    async with service_of(request).db.begin() as session:
        order = order_of(request, sent.command_id)
        await note_reply(session, session_id, sent.member_id, sent.coming, order)
        meeting = await session.get_one(Session, session_id)
        return _replies(session_id, await answers_of(session, meeting))


def _replies(session_id: UUID, found: Answers) -> RepliesOut:
    replies = [
        MemberReplyOut(member_id=one.member.id, coming=one.coming, replied_at=one.replied_at)
        for one in found.all
    ]
    return RepliesOut(
        session_id=session_id,
        votes_coming=found.votes_coming,
        quorum=found.quorum,
        replies=replies,
    )


async def _agenda(session: AsyncSession, session_id: UUID, status: int = 200) -> Response:
    """The agenda after the command, new versions included."""
    await session.flush()
    lines = await agendas_of(session, [session_id])
    out = PlannedAgendaOut(session_id=session_id, items=[PlannedItemOut.of(one) for one in lines])
    return JSONResponse(out.model_dump(mode="json"), status)


async def _session(session: AsyncSession, session_id: UUID) -> Response:
    await session.flush()
    meeting = await session.get_one(Session, session_id)
    return JSONResponse(SessionOut.of(meeting).model_dump(mode="json"))
