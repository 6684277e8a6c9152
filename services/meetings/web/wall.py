"""The projector: what everybody in the room sees, and never how a vote is going."""

from typing import Any, Final
from uuid import UUID

import segno
from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound

from services.meetings.desk import service_of
from services.meetings.domain.session import Status
from services.meetings.domain.slips import tally
from services.meetings.domain.votes import Answer, Vote
from services.meetings.queries import agenda_item
from services.meetings.queries.devices import Wall, published_slips, wall
from services.meetings.room_words import ANSWER_SHORT, CHOICE, MANNER
from services.meetings.verdict_words import why_of
from services.meetings.wall_key import fits, wall_path
from services.meetings.web.room.live import Live, if_new, live
from services.meetings.web.room.view import ON_PHONES
from services.meetings.words import OUTCOME, VERDICT, VERDICT_KIND
from shared.events.meetings import Manner
from shared.web.access import Guarded
from shared.web.pages import gettext_of, language_of, page

wall_pages = Guarded(prefix="/sitzungen/{session_id}")

OVER: Final = frozenset({Status.CLOSED, Status.MINUTED, Status.CANCELLED})


@wall_pages.get("/leinwand/{key}", action="wall.read")
async def show(request: Request, session_id: UUID, key: str) -> Response:
    """Big, without a way to anywhere; keeps itself up to date."""
    part = await _part(request, session_id, key)
    return page(
        request,
        "wall/wall.html",
        title=gettext_of(request)("Leinwand"),
        url=wall_path(service_of(request).settings, session_id),
        shown=part.html,
        revision=part.revision,
        alone=False,
    )


@wall_pages.get("/leinwand/{key}/stand", action="wall.read")
async def stand(request: Request, session_id: UUID, key: str) -> Response:
    """Every two seconds; nothing if nothing is new."""
    part = await _part(request, session_id, key)
    url = wall_path(service_of(request).settings, session_id)
    body = live(request, "wall/_live.html", url=url, shown=part.html, revision=part.revision)
    return if_new(request, part, str(body.html))


@wall_pages.get("/abstimmungen/{vote_id}", action="ballot.list")
async def ballots(request: Request, session_id: UUID, vote_id: UUID) -> Response:
    """Every ballot of a secret vote under its receipt, once it is counted: anybody can count again."""
    async with service_of(request).db.read() as session:
        vote = await session.get_one(Vote, vote_id)
        line, meeting = await agenda_item(session, vote.item_id)
        slips = await published_slips(session, vote_id) if vote.manner is Manner.SECRET else []
    if meeting.id != session_id or not slips:
        raise NoResultFound
    return page(
        request,
        "phone/ballots.html",
        title=gettext_of(request)("Geheime Abstimmung nachrechnen"),
        here="sitzungen",
        meeting=meeting,
        line=line,
        vote=vote,
        slips=slips,
        tally=tally(slips),
        why=why_of(vote, language_of(request)),
        kind=VERDICT_KIND[vote.verdict],
        CHOICE=CHOICE,
        VERDICT=VERDICT,
    )


async def _part(request: Request, session_id: UUID, key: str) -> Live:
    service = service_of(request)
    if not fits(service.settings, session_id, key):
        raise NoResultFound
    async with service.db.read() as session:
        seen = await wall(session, session_id)
    door = f"{service.settings.origin}/abstimmen"
    return live(
        request,
        "wall/_now.html",
        door_address=door.partition("://")[2],
        qr=segno.make(door, error="m").svg_data_uri(scale=6, border=3, light="#fff"),
        ANSWER_SHORT=ANSWER_SHORT,
        MANNER=MANNER,
        OUTCOME=OUTCOME,
        VERDICT=VERDICT,
        **_stage(request, seen),
    )


def _stage(request: Request, seen: Wall) -> dict[str, Any]:
    """Which of its pictures the wall shows; a vote is counted before anything of it is."""
    view = seen.view
    shown: dict[str, Any] = {
        "meeting": view.meeting,
        "left_cents": view.money.left_cents if view.money else None,
        "line": view.now,
        "subject": None,
        "decided": False,
    }
    if view.meeting.status in OVER:
        return shown | {"stage": "over"}
    if view.running is not None:
        running = view.running
        return shown | {
            "stage": "voting",
            "line": running.line,
            "poll": running.poll,
            "subject": running.poll,
            "on_phones": running.poll.manner in ON_PHONES,
            "cast": running.cast or 0,
            "eligible": running.eligible,
        }
    counted = _counted(seen)
    if counted is not None:
        return shown | _result(request, seen, counted)
    if view.now is None:
        return shown | {"stage": "waiting"}
    return shown | {"stage": "item", "decided": view.now.item.outcome is not None}


def _counted(seen: Wall) -> Vote | None:
    """The newest result, until the board is at something else."""
    now, newest = seen.view.now, seen.newest
    if newest is None or (now is not None and now.item.id != newest.item.id):
        return None
    return seen.vote


def _result(request: Request, seen: Wall, vote: Vote) -> dict[str, Any]:
    _, counts = gettext_of(request), vote.counts
    said = _("%(yes)s Ja, %(no)s Nein, %(abstain)s Enthaltung") % counts
    return {
        "stage": "counted",
        "line": seen.newest,
        "vote": vote,
        "subject": vote,
        "said": said,
        "why": why_of(vote, language_of(request)),
        "waiting_for_money": vote.answer is Answer.AWAITED,
    }
