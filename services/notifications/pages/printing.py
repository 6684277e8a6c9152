"""Letters for people without an e-mail address: chosen, printed as one file, carried to the post."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import AfterValidator, BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response, StreamingResponse

from services.notifications.commands import printing as commands
from services.notifications.commands.printing import NothingToPrint, NotNow, Wanted
from services.notifications.domain.print_run import Making, Order, PrintRun
from services.notifications.pages import words
from services.notifications.queries import printing as queries
from shared.days import local_day
from shared.service import Service
from shared.web.access import Guarded, actor_of
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import translations
from shared.web.pages import gettext_of, language_of, page, see_other
from shared.web.problems import problem

PATH: Final = "/buero/schreiben/drucken"
router = Guarded(prefix=PATH)

WORDS: Final[dict[str, Any]] = {
    "KIND": words.KIND,
    "TROUBLE": words.TROUBLE,
    "ORDER": words.ORDER,
    "path": PATH,
}


def _known_kind(kind: str) -> str:
    if kind and kind not in words.KIND:
        raise ValueError(f"no such kind: {kind}")
    return kind


class Choice(BaseModel):
    """Which letters, in which order, on which side of the paper."""

    art: Annotated[str, AfterValidator(_known_kind)] = ""
    welche: Literal["neu", "alle"] = "neu"
    folge: Order = Order.POSTCODE
    doppelt: bool = False


@router.get("", action="letter.print")
async def to_print(request: Request) -> HTMLResponse:
    """What waits for the printer, and the piles of before."""
    first = {"welche": "neu", "folge": Order.POSTCODE, "doppelt": True}
    return await _overview(request, blank(first))


@router.post("", action="letter.print")
async def create(request: Request) -> Response:
    """Begin a run; it is made beside the pages."""
    form = await read_form(request, Choice)
    if form.data is None:
        return await _overview(request, form, status=422)
    wanted = Wanted(
        kind=form.data.art,
        fresh=form.data.welche == "neu",
        order=form.data.folge,
        double_sided=form.data.doppelt,
    )
    service = _service(request)
    try:
        async with service.db.begin() as session:
            by, at = _by(request), service.clock.now()
            run_id = await commands.create(session, wanted, by=by, at=at)
    except NothingToPrint:
        said = gettext_of(request)("Davon wartet kein Schreiben auf den Drucker.")
        form.errors["art"] = said
        return await _overview(request, form, status=422)
    return see_other(f"{PATH}/{run_id}")


@router.get("/{run_id}", action="letter.print")
async def one_run(
    request: Request, run_id: UUID, ab: Annotated[int, Query(ge=0, le=10**9)] = 0
) -> HTMLResponse:
    """How far it is, what to look at, and every letter in it; `ab` is the last number shown before."""
    async with _service(request).db.read() as session:
        facts = await _standing(session, run_id)
        rows = await queries.letters_of(session, run_id, after=ab)
    more = rows[queries.PAGE - 1].number if len(rows) > queries.PAGE else None
    return page(
        request,
        "letters/run.html",
        title=gettext_of(request)("Druck"),
        here="schreiben",
        rows=rows[: queries.PAGE],
        more=more,
        begin=ab,
        **facts,
        **WORDS,
    )


@router.get("/{run_id}/stand", action="letter.print")
async def standing(request: Request, run_id: UUID) -> HTMLResponse:
    """The part of the page that asks again while the file is made."""
    async with _service(request).db.read() as session:
        facts = await _standing(session, run_id)
    title = gettext_of(request)("Druck")
    return page(request, "letters/_run.html", title=title, here="schreiben", **facts, **WORDS)


@router.get("/{run_id}/datei", action="letter.print")
async def the_file(request: Request, run_id: UUID) -> Response:
    """All letters as one PDF, piece by piece."""
    service = _service(request)
    async with service.db.read() as session:
        run = await _run(session, run_id)
    if run.making != Making.READY or not run.size:
        raise HTTPException(404)
    name = f"schreiben-{local_day(run.at).isoformat()}.pdf"
    headers = {
        "Content-Length": str(run.size),
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "no-store",
    }
    content = queries.pieces(service.db, run_id)
    return StreamingResponse(content, media_type="application/pdf", headers=headers)


@router.post("/{run_id}/post", action="letter.print")
async def posted(request: Request, run_id: UUID) -> Response:
    """The whole pile is in the post."""

    ngettext = translations(language_of(request)).ngettext

    def said(num: int) -> str:
        gone = ngettext(
            "%(num)s Schreiben ist in der Post.",
            "%(num)s Schreiben sind in der Post.",
            num,
        )
        return gone % {"num": num}

    return await _decide(request, run_id, commands.put_in_the_post, said)


@router.post("/{run_id}/zurueck", action="letter.print")
async def taken_back(request: Request, run_id: UUID) -> Response:
    """It is not in the post after all."""
    ngettext = translations(language_of(request)).ngettext

    def said(num: int) -> str:
        waits = ngettext(
            "%(num)s Schreiben wartet wieder auf die Post.",
            "%(num)s Schreiben warten wieder auf die Post.",
            num,
        )
        return waits % {"num": num}

    return await _decide(request, run_id, commands.take_back, said)


@router.post("/{run_id}/neu", action="letter.print")
async def again(request: Request, run_id: UUID) -> Response:
    """The same file once more."""
    return await _decide(request, run_id, commands.make_again, lambda _: None)


async def _decide(
    request: Request,
    run_id: UUID,
    command: Callable[..., Awaitable[Any]],
    said: Callable[[Any], str | None],
) -> Response:
    service = _service(request)
    try:
        async with service.db.begin() as session:
            await _run(session, run_id)
            done = await command(session, run_id, by=_by(request), at=service.clock.now())
    except NotNow:
        detail = gettext_of(request)("Inzwischen steht es anders um diesen Druck.")
        return problem(request, 409, detail=detail)
    return see_other(f"{PATH}/{run_id}", said(done))


async def _overview(request: Request, form: Form[Any], *, status: int = 200) -> HTMLResponse:
    service = _service(request)
    async with service.db.read() as session:
        waiting = await queries.waiting(session, service.clock.now())
        runs = await queries.runs(session)
    return page(
        request,
        "letters/printing.html",
        status=status,
        title=gettext_of(request)("Drucken"),
        here="schreiben",
        form=form,
        waiting=waiting,
        runs=runs,
        **WORDS,
    )


async def _standing(session: AsyncSession, run_id: UUID) -> dict[str, Any]:
    run = await _run(session, run_id)
    return {"run": run, "exceptions": await queries.exceptions(session, run_id)}


async def _run(session: AsyncSession, run_id: UUID) -> PrintRun:
    run = await session.get(PrintRun, run_id)
    if run is None:
        raise HTTPException(404)
    return run


def _by(request: Request) -> str:
    return f"account:{actor_of(request).account_id}"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
