"""Deciding in writing between two sessions: started, looked after, entered from paper, called off."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.chairs import let_in
from services.meetings.commands.circular import (
    answer_circular,
    call_off,
    start_circular,
)
from services.meetings.commands.circular_question import Prepared, Question, prepare
from services.meetings.commands.once import unchanged
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.board import NoRulesYet, Rules, rules_on
from services.meetings.domain.circular import closes_at
from services.meetings.domain.polls import Choice
from services.meetings.domain.session import Session
from services.meetings.followup_words import BROKEN, CIRCULAR, CIRCULAR_KIND
from services.meetings.queries import AgendaLine, agenda_item, the_board
from services.meetings.queries.circular import circular_of, circular_view, circulars
from services.meetings.room_words import BARRED, CHOICE, RECUSED
from services.meetings.verdict_words import why_of
from services.meetings.web.sessions import Turn
from services.meetings.words import VERDICT, VERDICT_KIND
from shared.web.access import Guarded
from shared.web.forms import Cents, Form, Text, blank, read_form
from shared.web.pages import gettext_of, language_of, page, see_other

circular_pages = Guarded(prefix="/buero/sitzungen")

HERE: Final = "sitzungen"
LIST: Final = "/buero/sitzungen/umlauf"
ITEM: Final = "/{session_id}/punkte/{item_id}/umlauf"
WORDS: Final[dict[str, Any]] = {
    "BARRED": BARRED,
    "CHOICE": CHOICE,
    "CIRCULAR": CIRCULAR,
    "CIRCULAR_KIND": CIRCULAR_KIND,
    "RECUSED": RECUSED,
    "VERDICT": VERDICT,
    "VERDICT_KIND": VERDICT_KIND,
}


class QuestionForm(Ordered):
    """What the members are asked; `version` is the item's."""

    text: Text
    amount_cents: Cents | None = None
    turn: Turn = "check"


class PaperForm(Ordered):
    """A member's answer that came by post or at the counter."""

    member_id: UUID
    choice: Choice
    turn: Turn = "check"


async def item_of(
    session: AsyncSession, session_id: UUID, item_id: UUID
) -> tuple[AgendaLine, Session]:
    """The item, if it is on this session's agenda."""
    line, meeting = await agenda_item(session, item_id)
    if meeting.id != session_id:
        raise NoResultFound
    return line, meeting


@circular_pages.get("/umlauf", action="circular.read")
async def show_all(request: Request) -> Response:
    """Running ones first."""
    async with service_of(request).db.read() as session:
        await let_in(request, session, "circular.read")
        found = await circulars(session)
    title = gettext_of(request)("Schriftliche Beschlüsse")
    return page(request, "circular/list.html", title=title, here=HERE, found=found, **WORDS)


@circular_pages.get("/umlauf/{circular_id}", action="circular.read")
async def show_one(request: Request, circular_id: UUID) -> Response:
    """Who was asked and who has answered; how, only once it is over."""
    return await _view_page(request, circular_id, blank())


@circular_pages.get(ITEM, action="circular.run")
async def start_form(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """An empty question; where one is running, that one."""
    async with service_of(request).db.read() as session:
        await let_in(request, session, "circular.run")
        line, meeting = await item_of(session, session_id, item_id)
        running = await circular_of(session, item_id) if line.item.in_writing else None
        rules = await rules_now(request, session)
    if running is not None:
        return see_other(f"{LIST}/{running.id}")
    line.item.check_between(answered=line.is_answered)
    known: dict[str, Any] = {
        "command_id": str(uuid7()),
        "version": line.item.version,
        "text": line.item.text,
        "amount_cents": line.asked_cents,
    }
    return _form_page(request, blank(known), line, meeting, rules)


@circular_pages.post(ITEM, action="circular.run")
async def start(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """First the check page with everybody who is asked, then the letters."""
    form, service = await read_form(request, QuestionForm), service_of(request)
    sent = form.data
    async with service.db.read() as session:
        await let_in(request, session, "circular.run")
        line, meeting = await item_of(session, session_id, item_id)
        rules = await rules_now(request, session)
    if sent is None or sent.turn == "change":
        status = 422 if sent is None else 200
        return _form_page(request, form, line, meeting, rules, status=status)
    question = Question(text=sent.text, amount_cents=sent.amount_cents if line.case else None)
    try:
        if sent.turn == "save":
            async with service.db.begin() as session:
                sign = order(request, sent)
                new = await start_circular(session, service, item_id, question, sign)
            note = gettext_of(request)("Die Mitglieder bekommen jetzt ein Schreiben.")
            return see_other(f"{LIST}/{new}", note=note)
        async with service.db.read() as session:
            prepared = await prepare(session, service.seals, item_id, question, at=now(request))
    except tuple(BROKEN) as error:
        say(request, form, error)
        return _form_page(request, form, line, meeting, rules, status=422)
    unchanged("agenda item", order(request, sent), now=prepared.item.version)
    return _check_page(request, form, line, prepared)


@circular_pages.post("/umlauf/{circular_id}/antwort", action="circular.enter")
async def enter_answer(request: Request, circular_id: UUID) -> Response:
    """What a member sent on paper: looked at once, then entered for good."""
    form, service = await read_form(request, PaperForm), service_of(request)
    sent = form.data
    if sent is None or sent.turn == "change":
        return await _view_page(request, circular_id, form, status=422 if sent is None else 200)
    if sent.turn == "save":
        async with service.db.begin() as session:
            sign = order(request, sent)
            await answer_circular(
                session, circular_id, sent.member_id, sent.choice, sign, on_paper=True
            )
        note = gettext_of(request)("Die Antwort ist eingetragen.")
        return see_other(f"{LIST}/{circular_id}", note=note)
    async with service.db.read() as session:
        view = await circular_view(session, circular_id)
    person = next((one for one in view.people if one.member.id == sent.member_id), None)
    if person is None:
        raise NoResultFound
    return page(
        request,
        "circular/paper_check.html",
        title=gettext_of(request)("Antwort prüfen"),
        here=HERE,
        form=form,
        view=view,
        person=person,
        choice=sent.choice,
        **WORDS,
    )


@circular_pages.get("/umlauf/{circular_id}/abbrechen", action="circular.run")
async def call_off_form(request: Request, circular_id: UUID) -> Response:
    """What calling off means, before it happens."""
    async with service_of(request).db.read() as session:
        await let_in(request, session, "circular.run")
        view = await circular_view(session, circular_id)
    return page(
        request,
        "circular/call_off.html",
        title=gettext_of(request)("Umfrage abbrechen"),
        here=HERE,
        form=blank({"command_id": str(uuid7()), "version": view.circular.version}),
        view=view,
    )


@circular_pages.post("/umlauf/{circular_id}/abbrechen", action="circular.run")
async def end_it(request: Request, circular_id: UUID) -> Response:
    """Nobody is asked any more."""
    form = await read_form(request, Ordered)
    async with service_of(request).db.begin() as session:
        await let_in(request, session, "circular.run")
        if form.data is None:
            return see_other(f"{LIST}/{circular_id}")
        await call_off(session, circular_id, order(request, form.data))
    note = gettext_of(request)("Die Umfrage ist abgebrochen. Die Sitzung entscheidet.")
    return see_other(f"{LIST}/{circular_id}", note=note)


async def rules_now(request: Request, session: AsyncSession) -> Rules | None:
    """The board's rules of today."""
    _board, dated = await the_board(session)
    try:
        return rules_on(now(request), dated)
    except NoRulesYet:
        return None


def say(request: Request, form: Form[Any], error: Exception) -> None:
    """A broken rule next to its field."""
    name, sentence = BROKEN[type(error)]
    form.refuse(name, gettext_of(request)(sentence))


async def _view_page(
    request: Request, circular_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    async with service_of(request).db.read() as session:
        await let_in(request, session, "circular.read")
        view = await circular_view(session, circular_id)
    form.values.setdefault("command_id", str(uuid7()))
    return page(
        request,
        "circular/view.html",
        status=status,
        title=gettext_of(request)("Schriftlicher Beschluss"),
        here=HERE,
        form=form,
        view=view,
        why=partial(why_of, lang=language_of(request)),
        **WORDS,
    )


def _form_page(
    request: Request,
    form: Form[Any],
    line: AgendaLine,
    meeting: Session,
    rules: Rules | None,
    *,
    status: int = 200,
) -> Response:
    days = rules.circular_days if rules else None
    return page(
        request,
        "circular/form.html",
        status=status,
        title=gettext_of(request)("Die Mitglieder schriftlich fragen"),
        here=HERE,
        form=form,
        line=line,
        meeting=meeting,
        closes_at=None if days is None else closes_at(days, at=now(request)),
    )


def _check_page(
    request: Request, form: Form[Any], line: AgendaLine, prepared: Prepared
) -> Response:
    days = prepared.rules.circular_days
    assert days is not None, "prepare refuses without a term"
    return page(
        request,
        "circular/check.html",
        title=gettext_of(request)("Stimmt alles?"),
        here=HERE,
        form=form,
        line=line,
        prepared=prepared,
        closes_at=closes_at(days, at=now(request)),
        **WORDS,
    )
