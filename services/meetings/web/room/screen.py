"""The session on one screen: what the board is at, who may vote, and how it goes on."""

from typing import Any, Final
from uuid import UUID

import segno
from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.desk import now, service_of
from services.meetings.domain.agenda import ItemStatus
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.queries.room import room
from services.meetings.room_words import CHOICE, LETTER, MANNER, MANNER_HINT, MOTION, RECUSED
from services.meetings.verdict_words import why_of
from services.meetings.wall_key import wall_path
from services.meetings.web.room.door import back, enter
from services.meetings.web.room.live import Live, if_new, live
from services.meetings.web.room.view import ON_PHONES, Screen, barred_words, look, moving
from services.meetings.words import ANSWER, OUTCOME, OUTCOME_KIND, VERDICT, VERDICT_KIND
from shared.days import local_day
from shared.events.meetings import Manner, Motion, VotedCondition
from shared.web.access import Guarded
from shared.web.forms import Form, blank
from shared.web.pages import gettext_of, language_of, page

room_pages = Guarded(prefix="/buero/sitzungen/{session_id}/raum")
way_back = Guarded(prefix="/buero/sitzungen/{session_id}/raum")
"""Comes after every other page of the room."""

HERE: Final = "sitzungen"
WORDS: Final[dict[str, Any]] = {
    "ANSWER": ANSWER,
    "CHOICE": CHOICE,
    "MANNER": MANNER,
    "MOTION": MOTION,
    "OUTCOME": OUTCOME,
    "OUTCOME_KIND": OUTCOME_KIND,
    "VERDICT": VERDICT,
    "VERDICT_KIND": VERDICT_KIND,
    "letters": LETTER,
}


@room_pages.get("", action="room.read")
async def show(request: Request, session_id: UUID, punkt: UUID | None = None) -> Response:
    """What the board is at; `punkt` looks at another item of the agenda."""
    screen = await seen(request, session_id, punkt, action="room.read")
    return screen_page(request, screen)


@room_pages.get("/stand", action="room.read")
async def stand(request: Request, session_id: UUID, punkt: UUID | None = None) -> Response:
    """Every two seconds: nothing if nothing is new, else the parts without fields."""
    screen = await seen(request, session_id, punkt, action="room.read")
    stale = request.query_params.get("s") != screen.shape
    parts = moving(request, screen, stale=stale)
    body = live(
        request,
        "room/_live.html",
        path=screen.entered.path,
        shape=request.query_params.get("s", ""),
        looked_at=punkt,
        alone=True,
        **parts.shown(),
    )
    return if_new(request, Live(html=body.html, revision=parts.revision), str(body.html))


@room_pages.get("/codes", action="room.read")
async def codes(request: Request, session_id: UUID) -> Response:
    """What the wall shows, and where the wall is."""
    service = service_of(request)
    async with service.db.read() as session:
        entered = await enter(request, session, session_id, "room.read")
    wall = f"{service.settings.origin}{wall_path(service.settings, session_id)}"
    return page(
        request,
        "room/codes.html",
        title=gettext_of(request)("Leinwand und Codes"),
        here=HERE,
        entered=entered,
        meeting=entered.meeting,
        wall=wall,
        wall_path=wall_path(service.settings, session_id),
        qr=segno.make(wall, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        door=f"{service.settings.origin}/abstimmen",
    )


@way_back.get("/{rest:path}", action="room.read")
async def reloaded(request: Request, session_id: UUID, rest: str) -> Response:
    """The address of a button, loaded anew, is the screen it stood on."""
    async with service_of(request).db.read() as session:
        return back(request, await enter(request, session, session_id, "room.read"))


async def seen(request: Request, session_id: UUID, item_id: UUID | None, *, action: str) -> Screen:
    """The whole screen as it is now, for whoever may see it."""
    async with service_of(request).db.read() as session:
        entered = await enter(request, session, session_id, action)
        return look(entered, await room(session, session_id), item_id)


def screen_page(
    request: Request,
    screen: Screen,
    *,
    ask: Form[Any] | None = None,
    count: Form[Any] | None = None,
    recusal: Form[Any] | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    """The page with whatever somebody typed into one of its forms."""
    view = screen.view
    running = view.running if screen.is_now else None
    form = count if running and count else ask or blank(_proposed(screen))
    return page(
        request,
        "room/screen.html",
        status=status,
        title=screen.line.title if screen.line else gettext_of(request)("Sitzung leiten"),
        here=HERE,
        **moving(request, screen).shown(),
        shape=screen.shape,
        alone=False,
        looked_at=None if screen.is_now or screen.line is None else screen.line.item.id,
        screen=screen,
        state=screen.state,
        is_today=local_day(now(request)) == local_day(view.meeting.starts_at),
        new_id=uuid7,
        form=form,
        recusal_form=recusal or blank(),
        refused=refused,
        **_session(screen),
        **_item(request, screen),
        **_vote(screen),
        **WORDS,
    )


def _session(screen: Screen) -> dict[str, Any]:
    """Who is there for the session as a whole, and where on its agenda it is."""
    view = screen.view
    return {
        "path": screen.entered.path,
        "may_run": screen.entered.may_run,
        "meeting": view.meeting,
        "rules": view.rules,
        "quorum": view.quorum,
        "lines": view.lines,
        "line": screen.line,
        "following": screen.following,
        "is_now": screen.is_now,
    }


def _proposed(screen: Screen) -> dict[str, Any]:
    """What the form of a new vote holds: the sum asked for, or what is left of it."""
    line = screen.line
    if line is None or line.case is None:
        return {"motion": Motion.RESOLVE.value, "manner": Manner.HANDS.value}
    asked, left = line.case.asked_cents, line.left_cents
    sum_now = asked if left is None else min(left, asked)
    known = {"motion": Motion.GRANT.value, "manner": Manner.HANDS.value}
    return known | ({"amount_cents": sum_now} if sum_now else {})


def _item(request: Request, screen: Screen) -> dict[str, Any]:
    """Who may vote on the item and who may not, what was voted, what money there is."""
    view, line, _ = screen.view, screen.line, gettext_of(request)
    last = line.last_vote if line else None
    recused = [one for one in view.people if one.recusal] if screen.is_now else []
    free = [one for one in view.people if not one.recusal and one.is_there]
    return {
        "vote": last,
        "why": why_of(last, language_of(request)) if last else "",
        "left_cents": view.money.left_cents if view.money and screen.is_now else None,
        "barred": barred_words(request, view.barred) if screen.is_now else [],
        "recusals": [
            {
                "member_id": one.member.id,
                "name": one.member.name,
                "why": _(str(RECUSED[one.recusal.because])),
                "known": one.recusal.known,
            }
            for one in recused
            if one.recusal
        ],
        "may_recuse": [(one.member.id, one.member.name) for one in free] if screen.is_now else [],
        "reasons": [(one.value, RECUSED[one]) for one in RecusedBecause],
        "lines_filled": 0,
        "manners": _manners(request, screen),
    }


def _manners(request: Request, screen: Screen) -> list[tuple[str, Any, Any]]:
    """How the board may vote; in secret only if enough may vote that it stays secret."""
    _, view = gettext_of(request), screen.view
    enough = view.secret_is_possible
    few = _("Geht nicht: Dafür müssen mindestens %(num)s abstimmen.") % {
        "num": view.rules.secret_minimum
    }
    return [
        (one.value, MANNER[one], few if one is Manner.SECRET and not enough else MANNER_HINT[one])
        for one in Manner
    ]


def _vote(screen: Screen) -> dict[str, Any]:
    """The vote that is open: who may vote, and who has, where that may be known."""
    running, counted = screen.view.running, screen.view.counted
    shown: dict[str, Any] = {
        "poll": running.poll if running else None,
        "on_phones": running is not None and running.poll.manner in ON_PHONES,
        "eligible": running.eligible if running else counted.eligible,
        "present": running.poll.present if running else counted.present,
        "voters": [],
        "conditions": [],
    }
    if running is not None:
        found = running.poll.conditions
        shown["conditions"] = [VotedCondition.model_validate(one) for one in found]
        shown["voters"] = [
            {"member_id": one.id, "name": one.name, "voted": one.id in running.voted}
            for one in running.voters
        ]
    return shown


def item_is_open(screen: Screen) -> bool:
    """Whether anything can still be decided about the item."""
    return screen.line is not None and screen.line.item.status is ItemStatus.OPEN
