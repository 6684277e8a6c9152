"""The office's letters: what is unclear or failed first, each with its text and every attempt."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.commands import letters as commands
from services.notifications.domain.letter import IllegalMove, Letter, State, TooLate
from services.notifications.letters.kinds import KINDS
from services.notifications.pages import words
from services.notifications.queries import letters as queries
from services.notifications.queries import printing, recipients
from services.notifications.queries.now import issues_in_trouble, now
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import blank
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

router = Guarded(prefix="/buero/schreiben")

FRAME_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""A letter is shown as the reader got it, with its own styles, and can do nothing."""

WORDS: Final[dict[str, Any]] = {
    "KIND": words.KIND,
    "VIEW": words.VIEW,
    "EMPTY": words.EMPTY,
    "STATE": words.STATE,
    "STATE_KIND": words.STATE_KIND,
    "STATE_MEANS": words.STATE_MEANS,
    "REASON": words.REASON,
    "OUTCOME": words.OUTCOME,
    "CAME_BACK": words.CAME_BACK,
}

TROUBLED: Final = {"gescheitert": State.FAILED, "unklar": State.UNKNOWN}
"""The lists that hold copies of issues, too."""


@router.get("", action="letter.list")
async def all_letters(
    request: Request,
    liste: str = "",
    art: str = "",
    suche: Annotated[str, Query(max_length=200)] = "",
    vor: UUID | None = None,
) -> HTMLResponse:
    """One list at a time; the first that needs somebody opens by itself."""
    service = _service(request)
    async with service.db.read() as session:
        counts = await queries.counts(session)
        view = liste if liste in queries.VIEWS else _first_worry(counts)
        wanted = wanted_of(service, view, art, suche)
        found = await queries.letters(session, wanted, before=vor)
        people = await recipients.found(session, wanted.search, wanted.address_hash)
        state = TROUBLED.get(view)
        issues = await issues_in_trouble(session, state) if state and not vor else ()
        standing = await now(session, service)
    chosen = {"liste": view, "art": wanted.kind, "suche": wanted.search}
    more = f"?{urlencode({**chosen, 'vor': str(found.more)})}" if found.more else ""
    return page(
        request,
        "letters/letters.html",
        title=gettext_of(request)("Schreiben"),
        here="schreiben",
        letters=found.letters,
        more=more,
        first=f"?{urlencode(chosen)}" if vor else "",
        counts=counts,
        view=view,
        kind=wanted.kind,
        people=people,
        issues=issues,
        now=standing,
        decides=actor_of(request).has(Role.OFFICE),
        chosen=urlencode(chosen),
        form=blank({"suche": wanted.search, "art": wanted.kind}),
        **WORDS,
    )


@router.get("/stand", action="letter.list")
async def standing(request: Request) -> HTMLResponse:
    """What goes out at this moment: the part of the list that asks again by itself."""
    service = _service(request)
    async with service.db.read() as session:
        found = await now(session, service)
    title = gettext_of(request)("Schreiben")
    return page(request, "letters/_now.html", title=title, here="schreiben", now=found)


@router.get("/{letter_id}", action="letter.read")
async def one_letter(request: Request, letter_id: UUID) -> HTMLResponse:
    """To whom, because of what, as sent, and what the server said each time."""
    async with _service(request).db.read() as session:
        letter = await _letter(session, letter_id)
        attempts = await queries.attempts(session, letter_id)
        bounces = await queries.bounces(session, letter_id)
        files = await queries.files(session, letter_id)
        printed = await printing.run_of(session, letter_id) if not letter.address else None
    decides = actor_of(request).has(Role.OFFICE)
    again = letter.may(State.QUEUED) and letter.state in (State.FAILED, State.UNKNOWN)
    return page(
        request,
        "letters/letter.html",
        title=gettext_of(request)("Schreiben"),
        here="schreiben",
        letter=letter,
        attempts=attempts,
        bounces=bounces,
        files=files,
        printed=printed if decides else None,
        shown=bool(letter.html) and not KINDS[letter.kind].hides(letter.address),
        may_again=decides and again and letter.holds(at=_service(request).clock.now()),
        may_tick_off=decides and (again or letter.is_paper) and letter.handled_at is None,
        may_stop=decides and letter.state in (State.QUEUED, State.DEFERRED),
        **WORDS,
    )


@router.get("/{letter_id}/ansicht", action="letter.read")
async def as_sent(request: Request, letter_id: UUID) -> Response:
    """The HTML as it was sent, for a frame that can run nothing; letters with a secret link are not shown."""
    async with _service(request).db.read() as session:
        letter = await _letter(session, letter_id)
    if KINDS[letter.kind].hides(letter.address):
        raise HTTPException(404)
    return Response(
        letter.html,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": FRAME_POLICY, "Cache-Control": "no-store"},
    )


@router.get("/{letter_id}/dateien/{file_id}", action="letter.read")
async def enclosed(request: Request, letter_id: UUID, file_id: UUID) -> Response:
    """A file as it went out, to be looked at or printed."""
    async with _service(request).db.read() as session:
        await _letter(session, letter_id)
        file = await queries.file(session, letter_id, file_id)
    if file is None:
        raise HTTPException(404)
    name = quote(file.name)
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


@router.post("/{letter_id}/noch-einmal", action="letter.decide")
async def send_again(request: Request, letter_id: UUID) -> Response:
    """Try once more."""
    note = gettext_of(request)("Das Schreiben geht noch einmal hinaus.")
    return await _decide(request, letter_id, commands.send_again, note)


@router.post("/{letter_id}/stoppen", action="letter.decide")
async def stop(request: Request, letter_id: UUID) -> Response:
    """Hold it back."""
    note = gettext_of(request)("Das Schreiben geht nicht hinaus.")
    return await _decide(request, letter_id, commands.stop, note)


@router.post("/{letter_id}/erledigt", action="letter.decide")
async def tick_off(request: Request, letter_id: UUID) -> Response:
    """Taken care of another way."""
    note = gettext_of(request)("Erledigt. Das Schreiben steht nicht mehr auf der Liste.")
    return await _decide(request, letter_id, commands.tick_off, note)


async def _decide(
    request: Request, letter_id: UUID, command: Callable[..., Awaitable[None]], note: str
) -> Response:
    _ = gettext_of(request)
    service, by = _service(request), f"account:{actor_of(request).account_id}"
    try:
        async with service.db.begin() as session:
            await _letter(session, letter_id)
            await command(session, letter_id, by=by, at=service.clock.now())
    except IllegalMove:
        return problem(request, 409, detail=_("Inzwischen ist das Schreiben schon weiter."))
    except TooLate:
        return problem(request, 409, detail=_("Was darin steht, gilt nicht mehr."))
    return see_other(f"/buero/schreiben/{letter_id}", note)


def wanted_of(service: Service, view: str, kind: str, search: str) -> queries.Wanted:
    """What somebody asked for; a whole address is found by its hash, however it was typed."""
    search = search.replace("\0", "").strip()
    return queries.Wanted(
        view=view,
        kind=kind if kind in words.KIND else "",
        search=search,
        address_hash=service.seals.address_hash(search) if "@" in search else "",
    )


def _first_worry(counts: dict[str, int]) -> str:
    worries = ("unklar", "gescheitert", "drucken", "wartet")
    return next((view for view in worries if counts[view]), "gesendet")


async def _letter(session: Any, letter_id: UUID) -> Letter:
    letter: Letter | None = await session.get(Letter, letter_id)
    if letter is None:
        raise HTTPException(404)
    return letter


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
