"""The office reads what comes before the board, and records what the board decided."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import unchanged
from services.meetings.commands.votes import checked, record_vote
from services.meetings.desk import (
    MOST_CONDITIONS,
    Due,
    Ordered,
    Sheet,
    now,
    order,
    refuse_sheet,
    service_of,
)
from services.meetings.domain.agenda import ItemKind, ItemStatus
from services.meetings.domain.ballots import Ballots, DoesNotAddUp
from services.meetings.domain.board import Rules
from services.meetings.domain.session import Session, Status
from services.meetings.domain.votes import Decision
from services.meetings.preparation_words import KIND
from services.meetings.queries import AgendaLine, agenda_item, last_vote_of
from services.meetings.queries.follow_up import open_list
from services.meetings.verdict_words import why, why_of
from services.meetings.web.preparation.reading import paper_of, statements_of
from services.meetings.web.sessions import Turn
from services.meetings.words import (
    ANSWER,
    MAJORITY,
    MOTION,
    OUTCOME,
    OUTCOME_KIND,
    STATEMENT,
    VERDICT,
    VERDICT_KIND,
    VOTE_BASE,
)
from shared.days import local_day
from shared.events.meetings import Motion
from shared.web.access import Guarded
from shared.web.addresses import is_own_path
from shared.web.forms import Cents, Form, Text, blank, read_form
from shared.web.pages import gettext_of, language_of, page, see_other

agenda_pages = Guarded(prefix="/buero/sitzungen/{session_id}/punkte")

HERE: Final = "sitzungen"
WORDS: Final[dict[str, Any]] = {
    "ANSWER": ANSWER,
    "KIND": KIND,
    "MAJORITY": MAJORITY,
    "MOTION": MOTION,
    "OUTCOME": OUTCOME,
    "OUTCOME_KIND": OUTCOME_KIND,
    "STATEMENT": STATEMENT,
    "VERDICT": VERDICT,
    "VERDICT_KIND": VERDICT_KIND,
    "VOTE_BASE": VOTE_BASE,
}
EMPTY_LINES: Final = 2
"""Room for so many more conditions than are filled in."""


class ConditionLine(BaseModel):
    text: Text
    due_on: Due


class VoteForm(Sheet, Ordered):
    """The sheet of one vote, as somebody types it in."""

    amount_cents: Cents | None = None
    conditions: list[ConditionLine] = Field(default=[], max_length=MOST_CONDITIONS)
    turn: Turn = "check"


@agenda_pages.get("/{item_id}", action="paper.read")
async def show_item(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """The paper of one item, opened for this page only, and the votes on it."""
    async with service_of(request).db.read() as session:
        line, meeting = await _item(session, session_id, item_id)
        told = line.item.kind is ItemKind.FOLLOW_UP
        work = await open_list(session, at=now(request)) if told else None
    return page(
        request,
        "office/item.html",
        title=line.title,
        here=HERE,
        line=line,
        meeting=meeting,
        paper=await paper_of(request, line.case) if line.case else None,
        statements=await statements_of(request, line.case) if line.case else [],
        votable=_is_votable(request, line, meeting),
        work=work,
        changeable=line.case is None and _is_changeable(request, meeting),
        why=partial(why_of, lang=language_of(request)),
        is_own_path=is_own_path,
        **WORDS,
    )


@agenda_pages.get("/{item_id}/abstimmung", action="vote.record")
async def vote_form(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """An empty sheet; who belongs to the board and who is there is known from the last vote."""
    async with service_of(request).db.read() as session:
        line, meeting = await _item(session, session_id, item_id)
        before = await last_vote_of(session, session_id)
    line.item.check_vote(meeting, answered=line.is_answered, at=now(request))
    asked = line.asked_cents or 0
    proposed = asked if line.left_cents is None else line.left_cents
    known: dict[str, Any] = {
        "command_id": str(uuid7()),
        "version": line.item.version,
        "motion": (Motion.GRANT if line.case else Motion.RESOLVE).value,
        "amount_cents": min(proposed, asked) if line.case else None,
    }
    if before is not None:
        known |= {name: before.counts[name] for name in ("members", "present")}
    return _vote_page(request, blank(known), line, meeting)


@agenda_pages.post("/{item_id}/abstimmung", action="vote.record")
async def record(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """First the check page with the verdict and its reason, then the vote itself."""
    form = await read_form(request, VoteForm)
    sent, service = form.data, service_of(request)
    async with service.db.read() as session:
        line, meeting = await _item(session, session_id, item_id)
    if sent is None or sent.turn == "change":
        return _vote_page(request, form, line, meeting, status=422 if sent is None else 200)
    ballots = sent.ballots()
    try:
        if sent.turn == "save":
            async with service.db.begin() as session:
                await record_vote(session, item_id, ballots, order=order(request, sent))
            note = gettext_of(request)("Die Abstimmung ist festgehalten.")
            return see_other(f"/buero/sitzungen/{session_id}/punkte/{item_id}", note=note)
        async with service.db.read() as session:
            item, _meeting, decision = await checked(session, item_id, ballots, at=now(request))
    except DoesNotAddUp as error:
        refuse_sheet(request, form, error)
        return _vote_page(request, form, line, meeting, status=422)
    unchanged("agenda item", order(request, sent), now=item.version)
    return _check_page(request, form, line, meeting, ballots=ballots, decision=decision)


async def _item(
    session: AsyncSession, session_id: UUID, item_id: UUID
) -> tuple[AgendaLine, Session]:
    """The item, if it is on this session's agenda."""
    line, meeting = await agenda_item(session, item_id)
    if meeting.id != session_id:
        raise NoResultFound
    return line, meeting


def _is_votable(request: Request, line: AgendaLine, meeting: Session) -> bool:
    begun = local_day(now(request)) >= local_day(meeting.starts_at)
    return begun and line.is_answered and line.item.status is ItemStatus.OPEN


def _is_changeable(request: Request, meeting: Session) -> bool:
    """Whether the office may still change this agenda."""
    prepared = meeting.status in {Status.PLANNED, Status.INVITED} and not meeting.agenda_is_fixed
    return prepared and now(request) < meeting.starts_at


def _check_page(
    request: Request,
    form: Form[Any],
    line: AgendaLine,
    meeting: Session,
    *,
    ballots: Ballots,
    decision: Decision,
) -> Response:
    rules, lang = Rules.model_validate(meeting.rules), language_of(request)
    return page(
        request,
        "office/vote_check.html",
        title=gettext_of(request)("Abstimmung prüfen"),
        here=HERE,
        form=form,
        line=line,
        ballots=ballots,
        decision=decision,
        rules=rules,
        why=why(decision, ballots.counts, base=rules.base, lang=lang),
        **WORDS,
    )


def _vote_page(
    request: Request, form: Form[Any], line: AgendaLine, meeting: Session, *, status: int = 200
) -> Response:
    return page(
        request,
        "office/vote.html",
        status=status,
        title=gettext_of(request)("Abstimmung festhalten"),
        here=HERE,
        form=form,
        line=line,
        meeting=meeting,
        lines=len(form.values.get("conditions") or []) + EMPTY_LINES,
        rules=Rules.model_validate(meeting.rules),
        **WORDS,
    )
