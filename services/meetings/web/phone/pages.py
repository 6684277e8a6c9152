"""Voting on one's own device: in with two codes, one ballot, and of a secret one nothing but a receipt."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order
from services.meetings.commands.polls import cast_named, cast_secret
from services.meetings.desk import now, service_of
from services.meetings.domain.codes import NotAReceipt, new_receipt
from services.meetings.domain.polls import Choice, MayNotVote, PollClosed
from services.meetings.domain.room import WrongCode
from services.meetings.domain.slips import AlreadyVoted, ReceiptTaken
from services.meetings.queries.devices import BallotPaper, ballot_paper, wall
from services.meetings.queries.members import member_of_account
from services.meetings.queries.room_pages import session_by_code
from services.meetings.room_words import CHOICE, LETTER, MANNER
from services.meetings.vault import Vault
from services.meetings.verdict_words import why_of
from services.meetings.web.phone.device import Device, admitted, device_of, forget, keep
from services.meetings.web.phone.sizes import reason, sized
from services.meetings.web.room.live import Live, if_new, live, named
from services.meetings.web.sessions import Turn
from services.meetings.words import VERDICT, VERDICT_KIND
from shared.events.meetings import Manner, VotedCondition
from shared.web.access import Guarded, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

phone_pages = Guarded(prefix="/abstimmen")

VOTE: Final = "/abstimmen/stimme"
ENTER: Final = "/abstimmen"
NOT_IN: Final = "/abstimmen?neu=1"
"""Where the page says that the codes are needed (again)."""
UNSQUEEZED: Final = {"Cache-Control": "no-store, no-transform"}
"""A proxy that packs a page makes one choice shorter than another."""

WRONG_CODES: Final = lazy(
    "Einer der Codes stimmt nicht. Prüfen Sie beide. Der Code von der Leinwand gilt nur heute."
)
WRONG_WALL: Final = lazy("Dieser Code stimmt nicht. Er gilt nur, solange die Sitzung läuft.")
CHOOSE: Final = lazy("Wählen Sie Ja, Nein oder Enthaltung.")
OVER: Final = lazy(
    "Diese Abstimmung ist vorbei. Was vorher nicht angekommen ist, zählt nicht mehr."
)
TWICE: Final = lazy("Sie haben schon abgestimmt. Ihre erste Stimme gilt.")
AGAIN: Final = lazy("Das hat nicht geklappt. Wählen Sie bitte noch einmal.")
SAID: Final = lazy("Ihre Stimme ist angekommen.")
GONE: Final = lazy("Dieses Handy ist abgemeldet.")


class EnterForm(BaseModel):
    wall: str = Field(min_length=1, max_length=20)
    code: str = Field(default="", max_length=20)


class BallotForm(BaseModel):
    """One letter for the choice: no request is longer than another."""

    poll_id: UUID
    receipt: str = Field(default="", max_length=40)
    stimme: str = Field(default="", max_length=1)
    turn: Turn = "check"


@phone_pages.get("", action="ballot.enter")
async def enter_form(request: Request) -> Response:
    """Two fields; with an account of a member one; none on a device that is in already."""
    device, _paper = await device_of(request)
    if device is not None:
        return see_other(VOTE)
    return await _enter_page(request, blank())


@phone_pages.post("", action="ballot.enter", dependencies=[limit("400/10 minutes")])
async def come_in(request: Request) -> Response:
    """Both codes right: this device is the member's until the session ends."""
    form = await read_form(request, EnterForm)
    if form.data is None:
        return await _enter_page(request, form, status=422)
    service, account_id = service_of(request), actor_of(request).account_id
    async with service.db.read() as session:
        meeting = await session_by_code(session, form.data.wall)
        known = await member_of_account(session, account_id) if account_id else None
        try:
            cookie = await admitted(
                request,
                session,
                meeting,
                wall=form.data.wall,
                code=form.data.code,
                signed_in=known is not None,
            )
        except WrongCode:
            form.refuse("wall", gettext_of(request)(WRONG_WALL if known else WRONG_CODES))
            return await _enter_page(request, form, status=422)
    keep(request, cookie)
    return see_other(VOTE)


@phone_pages.get("/stimme", action="ballot.cast")
async def ballot(request: Request) -> Response:
    """What there is to vote on now, or why nothing can be cast."""
    device, paper = await device_of(request)
    if device is None or paper is None:
        return see_other(NOT_IN)
    return await _vote_page(request, device, paper, blank())


@phone_pages.get("/stand", action="ballot.cast")
async def stand(request: Request) -> Response:
    """Every two seconds: says when something else is to be seen, and never what is typed."""
    device, paper = await device_of(request)
    shape = await _shape(request, device, paper)
    body = live(request, "phone/_stand.html", revision=shape, stale=True)
    return if_new(request, Live(html=body.html, revision=shape), str(body.html))


@phone_pages.post("/stimme", action="ballot.cast", dependencies=[limit("2000/10 minutes")])
async def cast(request: Request) -> Response:
    """First the check page, then the ballot; sent again after a lost answer it counts once."""
    device, paper = await device_of(request)
    if device is None or paper is None:
        return see_other(NOT_IN)
    form = await read_form(request, BallotForm)
    sent = form.data
    if sent is None or sent.stimme not in LETTER:
        form.refuse("stimme", gettext_of(request)(CHOOSE))
        return await _vote_page(request, device, paper, form, status=422)
    if sent.turn == "save":
        return await _cast(request, device, paper, sent)
    if paper.poll is None or paper.poll.id != sent.poll_id or not paper.may_vote:
        return await _vote_page(request, device, paper, blank(), refused=OVER)
    if sent.turn == "change":
        return await _vote_page(request, device, paper, form)
    return _check_page(request, device, paper, sent)


@phone_pages.get("/geheim", action="ballot.enter")
async def secrecy(request: Request) -> Response:
    """What a secret vote can promise here, and what it cannot."""
    return page(request, "phone/secrecy.html", title=gettext_of(request)("Was „geheim“ heißt"))


@phone_pages.post("/ende", action="ballot.enter")
async def leave(request: Request) -> Response:
    """Somebody else may use this device now."""
    forget(request)
    return see_other(ENTER, note=gettext_of(request)(GONE))


async def _cast(request: Request, device: Device, paper: BallotPaper, sent: BallotForm) -> Response:
    """Into the box, or beside the name; what goes wrong is said in one sentence."""
    service, _ = service_of(request), gettext_of(request)
    choice = LETTER[sent.stimme]
    try:
        async with service.db.begin() as session:
            paper = await ballot_paper(session, device.meeting.id, device.member.id)
            secret = paper.poll is not None and paper.poll.manner is Manner.SECRET
            await _put(request, session, device, sent, choice=choice, secret=secret)
    except (AlreadyVoted, MayNotVote, PollClosed, ReceiptTaken, NotAReceipt, NoResultFound) as no:
        _device, now_open = await device_of(request)
        return await _vote_page(request, device, now_open or paper, blank(), refused=_refusal(no))
    if not secret:
        return see_other(VOTE, note=_(SAID))
    answer = page(
        request,
        "phone/receipt.html",
        title=_("Ihre Stimme ist angekommen"),
        meeting=device.meeting,
        grouped=" ".join(sent.receipt[at : at + 4] for at in range(0, len(sent.receipt), 4)),
    )
    answer.headers.update(UNSQUEEZED)
    return answer


async def _put(
    request: Request,
    session: AsyncSession,
    device: Device,
    sent: BallotForm,
    *,
    choice: Choice,
    secret: bool,
) -> None:
    member_id = device.member.id
    if secret:
        vault = Vault(service_of(request).settings)
        await cast_secret(
            session, vault, sent.poll_id, member_id, choice=choice, receipt=sent.receipt
        )
        return
    by_name = Order(command_id=uuid7(), by=f"member:{member_id}", at=now(request))
    await cast_named(session, sent.poll_id, member_id, by_name, choice=choice)


def _refusal(error: Exception) -> str:
    if isinstance(error, AlreadyVoted):
        return TWICE
    if isinstance(error, MayNotVote):
        return reason(error.barred, error.because)[0]
    return AGAIN if isinstance(error, ReceiptTaken | NotAReceipt) else OVER


async def _shape(request: Request, device: Device | None, paper: BallotPaper | None) -> str:
    """Changes when the page would be another one."""
    if device is None or paper is None:
        return named("nobody")
    if paper.poll is not None:
        return named(paper.poll.id, paper.has_voted, paper.may_vote)
    async with service_of(request).db.read() as session:
        counted = (await wall(session, device.meeting.id)).vote
    return named(counted.id if counted else None)


async def _enter_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    account_id = actor_of(request).account_id
    async with service_of(request).db.read() as session:
        member = await member_of_account(session, account_id) if account_id else None
    return page(
        request,
        "phone/enter.html",
        status=status,
        title=gettext_of(request)("Abstimmen"),
        form=form,
        member=member,
        anew="neu" in request.query_params and not form.errors,
    )


async def _vote_page(
    request: Request,
    device: Device,
    paper: BallotPaper,
    form: Form[Any],
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    _, poll = gettext_of(request), paper.poll
    shown = {"line": paper.line, "state": _state(paper)} | await _result(request, device, paper)
    return page(
        request,
        "phone/vote.html",
        status=409 if refused else status,
        refused=_(refused) if refused else "",
        title=_("Abstimmung"),
        meeting=device.meeting,
        member=device.member,
        poll=poll,
        conditions=[VotedCondition.model_validate(one) for one in poll.conditions] if poll else [],
        form=form,
        receipt=form.values.get("receipt") or new_receipt(),
        reason=" ".join(_(part) for part in reason(paper.barred, paper.because)),
        revision=await _shape(request, device, paper),
        stale=False,
        letters=LETTER,
        CHOICE=CHOICE,
        MANNER=MANNER,
        VERDICT=VERDICT,
        **shown,
    )


async def _result(request: Request, device: Device, paper: BallotPaper) -> dict[str, Any]:
    """What was voted last, while no other vote is open."""
    if paper.poll is not None:
        return {}
    async with service_of(request).db.read() as session:
        seen = await wall(session, device.meeting.id)
    vote = seen.vote
    if vote is None:
        return {}
    return {
        "state": "counted",
        "line": seen.newest,
        "vote": vote,
        "why": why_of(vote, language_of(request)),
        "kind": VERDICT_KIND[vote.verdict],
    }


def _state(paper: BallotPaper) -> str:
    """Which part of the page is shown."""
    if paper.poll is None:
        return "waiting"
    if paper.may_vote:
        return "vote"
    if paper.has_voted:
        return "voted"
    may = paper.listed and paper.barred is None
    return "hands" if may else "barred"


def _check_page(request: Request, device: Device, paper: BallotPaper, sent: BallotForm) -> Response:
    """The same number of bytes whatever was chosen."""
    said, filler = sized(gettext_of(request), LETTER[sent.stimme])
    answer = page(
        request,
        "phone/check.html",
        title=gettext_of(request)("Stimme prüfen"),
        meeting=device.meeting,
        line=paper.line,
        poll=paper.poll,
        letter=sent.stimme,
        receipt=sent.receipt,
        said=said,
        filler=filler,
    )
    answer.headers.update(UNSQUEEZED)
    return answer
