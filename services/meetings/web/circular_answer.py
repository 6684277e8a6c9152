"""A member's page about a vote in writing: the question, the paper, one answer.

Behind the link of the letter, or among their own things for whoever is signed in.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.chairs import own_member
from services.meetings.commands.circular import PURPOSE, answer_circular
from services.meetings.commands.once import Order
from services.meetings.desk import now, service_of
from services.meetings.domain.agenda import AgendaItem, Case
from services.meetings.domain.circular import (
    AlreadyAnswered,
    Circular,
    CircularElector,
    CircularStatus,
    IllegalMove,
    TermOver,
)
from services.meetings.domain.member import Member
from services.meetings.domain.polls import Choice
from services.meetings.domain.votes import Vote
from services.meetings.room_words import CHOICE
from services.meetings.store import Link
from services.meetings.verdict_words import why_of
from services.meetings.web.sessions import Turn
from services.meetings.words import VERDICT, VERDICT_KIND
from shared.events.applications import Paper
from shared.sealed import Sealed
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.limits import limit
from shared.web.links import LinkRefused, look_up
from shared.web.pages import gettext_of, language_of, page, see_other

circular_door = Guarded(prefix="/sitzungen/umlauf")
own_circulars = Guarded(prefix="/gremium/umlauf")

WORDS: Final[dict[str, Any]] = {
    "CHOICE": CHOICE,
    "VERDICT": VERDICT,
    "VERDICT_KIND": VERDICT_KIND,
}


class AnswerForm(BaseModel):
    """One choice, looked at once before it counts."""

    command_id: UUID = Field(default_factory=uuid7)
    choice: Choice
    turn: Turn = "check"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the link opens."""

    circular: Circular
    elector: CircularElector
    member: Member
    case: Case | None
    vote: Vote | None

    def may_answer(self, request: Request) -> bool:
        """Whether the three choices are shown at all."""
        running = self.circular.status is CircularStatus.OPEN
        in_time = now(request) <= self.circular.closes_at
        return running and in_time and self.elector.choice is None


@circular_door.get("/{token}", action="circular.answer", dependencies=[limit("240/hour")])
async def show(request: Request, token: str) -> Response:
    """The question, or what the member said, or what came out."""
    try:
        async with service_of(request).db.read() as session:
            asked = await _asked(request, session, token)
    except LinkRefused:
        return _refused(request)
    return await _page(request, asked, blank({"command_id": str(uuid7())}))


@circular_door.post("/{token}", action="circular.answer", dependencies=[limit("60/hour")])
async def answer(request: Request, token: str) -> Response:
    """First the check page, then the answer that counts; what came too late changes nothing."""
    form = await read_form(request, AnswerForm)
    try:
        async with service_of(request).db.read() as session:
            asked = await _asked(request, session, token)
    except LinkRefused:
        return _refused(request)
    return await _answered(request, asked, form, path=f"/sitzungen/umlauf/{token}")


@own_circulars.get("/{circular_id}", action="circular.own")
async def show_own(request: Request, circular_id: UUID) -> Response:
    """The same for a member who is signed in; what others are asked is not there."""
    async with service_of(request).db.read() as session:
        asked = await _asked_of_member(request, session, circular_id)
    return await _page(request, asked, blank({"command_id": str(uuid7())}))


@own_circulars.post("/{circular_id}", action="circular.own", dependencies=[limit("60/hour")])
async def answer_own(request: Request, circular_id: UUID) -> Response:
    """The same two steps as behind the link."""
    form = await read_form(request, AnswerForm)
    async with service_of(request).db.read() as session:
        asked = await _asked_of_member(request, session, circular_id)
    return await _answered(request, asked, form, path=f"/gremium/umlauf/{circular_id}")


async def _answered(
    request: Request, asked: Asked, form: Form[AnswerForm], *, path: str
) -> Response:
    sent = form.data
    if not asked.may_answer(request):
        return see_other(path)
    if sent is None or sent.turn == "change":
        return await _page(request, asked, form, status=422 if sent is None else 200)
    if sent.turn == "check":
        return _check_page(request, asked, form, sent.choice)
    try:
        await _give(request, asked, sent)
    except (AlreadyAnswered, IllegalMove, TermOver):
        return see_other(path)
    return see_other(path, note=gettext_of(request)("Ihre Stimme ist da."))


async def _give(request: Request, asked: Asked, sent: AnswerForm) -> None:
    sign = Order(command_id=sent.command_id, by=f"member:{asked.member.id}", at=now(request))
    async with service_of(request).db.begin() as session:
        circular_id, member_id = asked.circular.id, asked.member.id
        await answer_circular(session, circular_id, member_id, sent.choice, sign)


async def _asked(request: Request, session: AsyncSession, token: str) -> Asked:
    """Raises LinkRefused for a link that opens nothing, or whose member is erased."""
    row = await look_up(session, Link, token, purpose=PURPOSE, at=now(request))
    circular_id, _, member_id = row.subject.partition(":")
    member = await session.get_one(Member, UUID(member_id))
    elector = await session.get_one(CircularElector, (UUID(circular_id), member.id))
    return await _known(session, elector, member)


async def _asked_of_member(request: Request, session: AsyncSession, circular_id: UUID) -> Asked:
    """Raises NoResultFound for whoever is not asked."""
    member = await own_member(request, session)
    elector = await session.get(CircularElector, (circular_id, member.id)) if member else None
    if member is None or elector is None or elector.barred is not None:
        raise NoResultFound
    return await _known(session, elector, member)


async def _known(session: AsyncSession, elector: CircularElector, member: Member) -> Asked:
    circular = await session.get_one(Circular, elector.circular_id)
    item = await session.get_one(AgendaItem, circular.item_id)
    return Asked(
        circular=circular,
        elector=elector,
        member=member,
        case=await session.get(Case, item.application_id) if item.application_id else None,
        vote=await session.get(Vote, circular.vote_id) if circular.vote_id else None,
    )


async def _page(request: Request, asked: Asked, form: Form[Any], *, status: int = 200) -> Response:
    case, paper = asked.case, None
    may_answer = asked.may_answer(request)
    if may_answer and case is not None and case.paper is not None:
        paper = await service_of(request).seals.open(Sealed(**case.paper), Paper)
    return page(
        request,
        "circular/answer.html",
        status=status,
        title=gettext_of(request)("Schriftlich abstimmen"),
        here="sitzungen",
        form=form,
        asked=asked,
        may_answer=may_answer,
        paper=paper,
        why=partial(why_of, lang=language_of(request)),
        **WORDS,
    )


def _check_page(request: Request, asked: Asked, form: Form[Any], choice: Choice) -> Response:
    return page(
        request,
        "circular/answer_check.html",
        title=gettext_of(request)("Ihre Stimme prüfen"),
        here="sitzungen",
        form=form,
        asked=asked,
        choice=choice,
        **WORDS,
    )


def _refused(request: Request) -> Response:
    return page(
        request,
        "circular/link_refused.html",
        status=410,
        title=gettext_of(request)("Dieser Link gilt nicht mehr"),
        here="sitzungen",
    )
