"""A vote from the question to the result, as whoever runs the session sees it."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from starlette.responses import HTMLResponse
from uuid_utils.compat import uuid7

from services.meetings.commands.polls import (
    Asked,
    Counted,
    call_off,
    cast_named,
    count_poll,
    open_poll,
)
from services.meetings.desk import MOST_CONDITIONS, Count, Due, order_of, refuse_sheet, service_of
from services.meetings.domain.ballots import Ballots, DoesNotAddUp
from services.meetings.domain.polls import Poll, PollClosed, PollStatus, TooFewForSecret
from services.meetings.domain.votes import Decision
from services.meetings.queries.room import Running
from services.meetings.room_words import LETTER, MANNER, MOTION
from services.meetings.vault import Vault
from services.meetings.verdict_words import why
from services.meetings.web.room.door import Entered, back
from services.meetings.web.room.live import live
from services.meetings.web.room.screen import HERE, screen_page, seen
from services.meetings.web.room.view import ON_PHONES, Screen
from services.meetings.web.sessions import Turn
from services.meetings.words import VERDICT, VERDICT_KIND
from shared.events.meetings import Manner, Motion, VotedCondition
from shared.web.access import Guarded
from shared.web.forms import Cents, Form, Text, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page

poll_pages = Guarded(prefix="/buero/sitzungen/{session_id}/raum")

OPENED: Final = lazy("Die Abstimmung läuft.")
COUNTED: Final = lazy("Das Ergebnis ist festgehalten.")
CALLED_OFF: Final = lazy("Die Abstimmung ist abgebrochen. Niemand erfährt, wie sie stand.")
TOO_FEW: Final = lazy(
    "Zu wenige haben geheim abgestimmt. Die Abstimmung zählt nicht: Sonst könnte man erraten, wer"
    " wie gestimmt hat. Stimmen Sie anders ab."
)
SAID: Final = lazy("Die Stimme ist eingetragen.")


class ConditionLine(BaseModel):
    text: Text
    due_on: Due


class Ask(BaseModel):
    """What is put to the vote, and how."""

    command_id: UUID = Field(default_factory=uuid7)
    version: int = 0
    motion: Motion
    manner: Manner
    amount_cents: Cents | None = None
    text: str = Field(default="", max_length=2000)
    conditions: list[ConditionLine] = Field(default=[], max_length=MOST_CONDITIONS)

    def asked(self) -> Asked:
        """Without what belongs to another question."""
        granting = self.motion is Motion.GRANT
        return Asked(
            motion=self.motion,
            manner=self.manner,
            amount_cents=self.amount_cents if granting else None,
            text=self.text if self.motion is Motion.RESOLVE else "",
            conditions=tuple(VotedCondition(**one.model_dump()) for one in self.conditions),
        )


class Tally(BaseModel):
    """What was counted by hand."""

    yes: Count
    no: Count
    abstain: Count = 0
    invalid: Count = 0
    turn: Turn = "check"

    def counted(self) -> Counted:
        return Counted(yes=self.yes, no=self.no, abstain=self.abstain, invalid=self.invalid)

    def numbers(self) -> dict[str, int]:
        return {"yes": self.yes, "no": self.no, "abstain": self.abstain, "invalid": self.invalid}


class Close(BaseModel):
    turn: Turn = "check"


class Named(BaseModel):
    member_id: UUID
    stimme: str
    instead: bool = False


@poll_pages.post("/punkte/{item_id}/abstimmung", action="room.run")
async def ask(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """Ask the board; the same question again shows the vote that is open."""
    screen = await seen(request, session_id, item_id, action="room.run")
    form = await read_form(request, Ask)
    if form.data is None:
        return screen_page(request, screen, ask=form, status=422)
    sign = order_of(request, form.data.command_id, form.data.version)
    try:
        async with service_of(request).db.begin() as session:
            await open_poll(session, session_id, item_id, form.data.asked(), sign)
    except DoesNotAddUp as error:
        refuse_sheet(request, form, error)
    except TooFewForSecret as error:
        form.refuse("manner", _too_few(request, error))
    if form.errors:
        return screen_page(request, screen, ask=form, status=422)
    return back(request, screen.entered, OPENED)


@poll_pages.post("/abstimmungen/{poll_id}/vorschau", action="room.run")
async def preview(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """What the numbers typed so far would come to; nothing while they cannot be."""
    screen = await _running(request, session_id, poll_id)
    sent = (await read_form(request, Tally)).data
    if sent is None or screen is None:
        return HTMLResponse("")
    try:
        decision = screen.view.preview(**sent.numbers())
    except DoesNotAddUp:
        return HTMLResponse("")
    shown = _verdict(request, screen, decision, sent)
    return HTMLResponse(str(live(request, "room/_verdict.html", **shown).html))


@poll_pages.get("/abstimmungen/{poll_id}/zaehlen", action="room.run")
async def count_form(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """How many have voted, before nobody can any more."""
    screen = await _running(request, session_id, poll_id)
    if screen is None or screen.view.running is None:
        return back(request, await _door(request, session_id))
    if screen.view.running.poll.manner not in ON_PHONES:
        return screen_page(request, screen)
    return page(
        request,
        "room/count.html",
        title=gettext_of(request)("Auszählen"),
        here=HERE,
        entered=screen.entered,
        running=screen.view.running,
        minimum=screen.view.rules.secret_minimum,
        MANNER=MANNER,
    )


@poll_pages.post("/abstimmungen/{poll_id}/zaehlen", action="room.run")
async def count(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """First the check page with the verdict, then the result for ever; clicked again it is the same."""
    screen = await _running(request, session_id, poll_id)
    entered = screen.entered if screen else await _door(request, session_id)
    by_hand = await _by_hand(request, poll_id)
    form: Form[Any] = await read_form(request, Tally if by_hand else Close)
    if by_hand and screen is not None and (form.data is None or form.data.turn != "save"):
        return _check_hands(request, form, screen)
    if form.data is None or form.data.turn != "save":
        return back(request, entered)
    counted = form.data.counted() if by_hand else None
    try:
        is_void = await _count(request, poll_id, counted)
    except DoesNotAddUp as error:
        if screen is None:
            raise PollClosed(PollStatus.CLOSED) from error
        refuse_sheet(request, form, error)
        return screen_page(request, screen, count=form, status=422)
    if is_void:
        screen = await seen(request, session_id, None, action="room.run")
        return screen_page(request, screen, refused=gettext_of(request)(TOO_FEW), status=409)
    return back(request, entered, COUNTED)


@poll_pages.post("/abstimmungen/{poll_id}/stimme", action="room.run")
async def cast_for(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """A member without a phone says their vote aloud; the office types it."""
    entered = await _door(request, session_id)
    sent = (await read_form(request, Named)).data
    if sent is None or sent.stimme not in LETTER:
        return back(request, entered)
    async with service_of(request).db.begin() as session:
        sign = order_of(request, uuid7())
        await cast_named(
            session,
            poll_id,
            sent.member_id,
            sign,
            choice=LETTER[sent.stimme],
            instead=sent.instead,
        )
    return back(request, entered, SAID, to=f"#w-{sent.member_id}")


@poll_pages.get("/abstimmungen/{poll_id}/abbrechen", action="room.run")
async def call_off_form(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """What calling off means, before it is done."""
    screen = await _running(request, session_id, poll_id)
    if screen is None:
        return back(request, await _door(request, session_id))
    return page(
        request,
        "room/call_off.html",
        title=gettext_of(request)("Abstimmung abbrechen"),
        here=HERE,
        entered=screen.entered,
        running=screen.view.running,
        MOTION=MOTION,
    )


@poll_pages.post("/abstimmungen/{poll_id}/abbrechen", action="room.run")
async def call_it_off(request: Request, session_id: UUID, poll_id: UUID) -> Response:
    """The vote does not count."""
    entered = await _door(request, session_id)
    async with service_of(request).db.begin() as session:
        await call_off(session, poll_id, order_of(request, uuid7()))
    return back(request, entered, CALLED_OFF)


async def _door(request: Request, session_id: UUID) -> Entered:
    return (await seen(request, session_id, None, action="room.run")).entered


async def _running(request: Request, session_id: UUID, poll_id: UUID) -> Screen | None:
    """The screen while this vote is open; None once it is over."""
    screen = await seen(request, session_id, None, action="room.run")
    running = screen.view.running
    return screen if running is not None and running.poll.id == poll_id else None


async def _by_hand(request: Request, poll_id: UUID) -> bool:
    async with service_of(request).db.read() as session:
        poll = await session.get(Poll, poll_id)
    if poll is None:
        raise NoResultFound
    return poll.manner not in ON_PHONES


async def _count(request: Request, poll_id: UUID, counted: Counted | None) -> bool:
    """Close the vote; whether too few ballots were there to count them."""
    service = service_of(request)
    async with service.db.begin() as session:
        sign = order_of(request, uuid7())
        await count_poll(session, Vault(service.settings), poll_id, sign, counted=counted)
        poll = await session.get_one(Poll, poll_id)
        return poll.status is PollStatus.VOID


def _check_hands(request: Request, form: Form[Any], screen: Screen) -> Response:
    sent = form.data
    if sent is None or sent.turn == "change":
        return screen_page(request, screen, count=form, status=200 if sent else 422)
    try:
        decision = screen.view.preview(**sent.numbers())
    except DoesNotAddUp as error:
        refuse_sheet(request, form, error)
        return screen_page(request, screen, count=form, status=422)
    return page(
        request,
        "room/check.html",
        title=gettext_of(request)("Ergebnis prüfen"),
        here=HERE,
        form=form,
        entered=screen.entered,
        **_verdict(request, screen, decision, sent),
    )


def _verdict(
    request: Request, screen: Screen, decision: Decision | None, sent: Tally
) -> dict[str, Any]:
    """The verdict with its reason, and what it would leave in the fund."""
    running, money = screen.view.running, screen.view.money
    if running is None or decision is None:
        raise PollClosed(PollStatus.CLOSED)
    ballots: Ballots = running.poll.ballots(**sent.numbers())
    left = money.left_cents if money else None
    return {
        "decision": decision,
        "ballots": ballots,
        "line": running.line,
        "left_cents": left,
        "lang_why": why(
            decision, ballots.counts, base=screen.view.rules.base, lang=language_of(request)
        ),
        "silent": _silent(running, ballots),
        "VERDICT": VERDICT,
        "VERDICT_KIND": VERDICT_KIND,
    }


def _silent(running: Running, ballots: Ballots) -> int:
    """How many may vote and were not counted anywhere."""
    return ballots.counts.eligible - ballots.counts.cast


def _too_few(request: Request, error: TooFewForSecret) -> str:
    sentence = gettext_of(request)(
        "Geheim geht nur, wenn mindestens %(minimum)s abstimmen dürfen. Hier sind es %(eligible)s."
    )
    return sentence % {"minimum": error.minimum, "eligible": error.eligible}
