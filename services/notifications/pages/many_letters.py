"""One decision about many letters: asked first, with how many it is about."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, func, select
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.commands import letters as commands
from services.notifications.domain.letter import Letter
from services.notifications.pages import words
from services.notifications.pages.letters import wanted_of
from shared.service import Service
from shared.web.access import Guarded, actor_of
from shared.web.forms import blank, read_form
from shared.web.i18n import lazy, translations
from shared.web.pages import gettext_of, language_of, page, see_other
from shared.web.problems import problem

router = Guarded(prefix="/buero/schreiben/alle")


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What can be done with all letters of a list."""

    views: tuple[str, ...]
    command: Callable[..., Awaitable[int]]
    may: Callable[..., ColumnElement[bool]]
    title: Any
    means: Any
    act: Any


DEEDS: Final = {
    "noch-einmal": Deed(
        views=("gescheitert",),
        command=commands.send_many_again,
        may=commands.may_again,
        title=lazy("Alle noch einmal senden?"),
        means=lazy(
            "Diese Schreiben gehen noch einmal hinaus. Es bleibt stehen, was nicht mehr gilt, "
            "und was an eine Adresse ging, die es nicht gibt."
        ),
        act=lazy("Alle noch einmal"),
    ),
    "erledigt": Deed(
        views=("gescheitert", "unklar"),
        command=commands.tick_many_off,
        may=commands.may_tick_off,
        title=lazy("Alle anders erledigt?"),
        means=lazy("Diese Schreiben stehen dann nicht mehr auf der Liste. Gesendet wird nichts."),
        act=lazy("Alle anders erledigt"),
    ),
    "stoppen": Deed(
        views=("wartet",),
        command=commands.stop_many,
        may=commands.may_stop,
        title=lazy("Alle nicht versenden?"),
        means=lazy(
            "Diese Schreiben gehen nicht hinaus, auch nicht später. "
            "Was gerade versendet wird, lässt sich nicht mehr stoppen."
        ),
        act=lazy("Alle nicht versenden"),
    ),
}


class Decision(BaseModel):
    """What stood on the page that asked: `bis` is the newest letter it counted, `anzahl` how many."""

    liste: str
    art: str = ""
    suche: str = ""
    bis: UUID
    anzahl: int


@router.get("/{deed}", action="letter.decide")
async def ask(
    request: Request,
    deed: Literal["noch-einmal", "erledigt", "stoppen"],
    liste: str = "",
    art: str = "",
    suche: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """How many letters it is about, and how many of them stay as they are."""
    service, does = _service(request), _deed(deed, liste)
    wanted = wanted_of(service, liste, art, suche)
    may = does.may(service.clock.now())
    newest = select(Letter.id).where(wanted.condition, may).order_by(Letter.id.desc()).limit(1)
    counted = select(func.count(), func.count().filter(may)).where(wanted.condition)
    async with service.db.read() as session:
        found, free = (await session.execute(counted)).one()
        upto = await session.scalar(newest)
    chosen = {"liste": liste, "art": wanted.kind, "suche": wanted.search}
    return page(
        request,
        "letters/many.html",
        title=gettext_of(request)("Viele Schreiben"),
        here="schreiben",
        deed=deed,
        does=does,
        free=free,
        left=found - free,
        upto=upto,
        chosen=chosen,
        back=f"/buero/schreiben?{urlencode(chosen)}",
        kind=words.KIND.get(wanted.kind, ""),
        form=blank(),
    )


@router.post("/{deed}", action="letter.decide")
async def decide(request: Request, deed: Literal["noch-einmal", "erledigt", "stoppen"]) -> Response:
    """Done with those that were counted: letters that came to the list since then are not touched."""
    sent = (await read_form(request, Decision)).data
    if sent is None:
        return problem(request, 422, detail=gettext_of(request)("Bitte laden Sie die Seite neu."))
    service, does = _service(request), _deed(deed, sent.liste)
    wanted = wanted_of(service, sent.liste, sent.art, sent.suche)
    by, at = f"account:{actor_of(request).account_id}", service.clock.now()
    chosen = urlencode({"liste": sent.liste, "art": sent.art, "suche": sent.suche})
    async with service.db.begin() as session:
        counted = and_(wanted.condition, Letter.id <= sent.bis)
        doing = await session.begin_nested()
        done = await does.command(session, counted, by=by, at=at)
        more = done > sent.anzahl
        await (doing.rollback() if more else doing.commit())
    if more:
        said = gettext_of(request)("Inzwischen sind es mehr. Bitte sehen Sie noch einmal hin.")
        return see_other(f"/buero/schreiben/alle/{deed}?{chosen}", said)
    ngettext = translations(language_of(request)).ngettext
    said = ngettext("Erledigt für %(num)s Schreiben.", "Erledigt für %(num)s Schreiben.", done)
    return see_other(f"/buero/schreiben?{chosen}", said % {"num": done})


def _deed(name: str, view: str) -> Deed:
    does = DEEDS[name]
    if view not in does.views:
        raise HTTPException(404)
    return does


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
