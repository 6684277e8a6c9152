"""Who would get an issue, and what became of each copy: by name, a page at a time."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.domain.issue import IllegalMove, IssueKind, IssueLetter
from services.notifications.domain.letter import IllegalMove as IllegalState
from services.notifications.domain.letter import TooLate
from services.notifications.issues import copies, queries
from services.notifications.issues.copies import NotSubscribed
from services.notifications.issues.progress import progress
from services.notifications.journal import LAST_POSSIBLE
from services.notifications.pages import words
from services.notifications.pages.issues import (
    HERE,
    LIST,
    WORDS,
    by,
    issue_of,
    moved_on,
    now_of,
    service_of,
)
from shared.web.access import Guarded, Role, actor_of
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

router = Guarded(prefix="/buero/rundbriefe/{issue_id:uuid}/versenden")

Number = Annotated[int, Path(ge=1, le=LAST_POSSIBLE)]

VIEW: Final = {
    "unklar": lazy("Unklar"),
    "gescheitert": lazy("Gescheitert"),
    "spaeter": lazy("Später noch einmal"),
    "wartet": lazy("Wartet"),
    "versendet": lazy("Versendet"),
    "nicht-versendet": lazy("Nicht versendet"),
}
MEANS: Final = {
    "unklar": lazy(
        "Wir haben die E-Mail übergeben, aber keine Antwort bekommen. Vielleicht ist sie da, "
        "vielleicht nicht. Fragen Sie nach, bevor Sie noch einmal senden."
    ),
    "gescheitert": lazy(
        "Der Mailserver hat die E-Mail abgelehnt. Entscheiden Sie, was nun geschieht."
    ),
    "spaeter": lazy(
        "Der Mailserver will es später noch einmal hören. Wir versuchen es von selbst."
    ),
    "wartet": lazy("Diese Personen sind noch nicht dran."),
    "versendet": lazy("Der Mailserver hat diese E-Mails angenommen."),
    "nicht-versendet": lazy("Diese E-Mails gehen nicht mehr hinaus. Der Grund steht dabei."),
}
EMPTY: Final = lazy("Niemand steht auf dieser Liste.")
STOPPED: Final = lazy("Der Versand ist gestoppt. Es geht nichts mehr hinaus.")
ENDED: Final = lazy("Diese Person hat das Abo beendet. Wir dürfen ihr nichts mehr senden.")
OVER: Final = lazy("Der letzte Tag für diesen Versand ist vorbei.")

LETTER_WORDS: Final[dict[str, Any]] = {
    "STATE": words.STATE,
    "STATE_KIND": words.STATE_KIND,
    "REASON": words.REASON,
}


@router.get("/personen", action="issue.view")
async def readers(
    request: Request, issue_id: UUID, sprache: str = "", nach: UUID | None = None
) -> HTMLResponse:
    """Everybody who would get it now; with a language only those who read it."""
    languages = dict(words.letter_languages())
    chosen = sprache if sprache in languages else ""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        kind = IssueKind(issue.kind)
        audience = await queries.audience(session, kind)
        found = await queries.readers(session, kind, language=chosen, after=nach)
        subject = await queries.subject_of(session, issue_id)
    kept = {"sprache": chosen} if chosen else {}
    return page(
        request,
        "issues/recipients.html",
        title=gettext_of(request)("Wer bekommt es?"),
        here=HERE,
        issue=issue,
        subject=subject,
        path=_path(issue_id),
        audience=audience,
        reach=sum(count for _, count in audience),
        language=chosen,
        tongues=languages,
        readers=found.rows,
        more=f"?{urlencode(kept | {'nach': str(found.more)})}" if found.more else "",
        first=f"?{urlencode(kept)}" if nach else "",
        **WORDS,
    )


@router.get("/exemplare", action="issue.view")
async def all_copies(
    request: Request,
    issue_id: UUID,
    liste: str = "",
    nach: Annotated[int, Query(ge=0, le=LAST_POSSIBLE)] = 0,
) -> HTMLResponse:
    """One list at a time; the first that needs somebody opens by itself."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        counts = (await progress(session, issue, at=now_of(request))).lists
        view = liste if liste in queries.VIEWS else _first_worry(counts)
        found = await queries.copies(session, issue_id, view, after=nach)
        subject = await queries.subject_of(session, issue_id)
    return page(
        request,
        "issues/copies.html",
        title=gettext_of(request)(str(VIEW[view])),
        here=HERE,
        issue=issue,
        subject=subject,
        path=_path(issue_id),
        view=view,
        counts=counts,
        copies=found.rows,
        more=f"?liste={view}&nach={found.more}" if found.more else "",
        first=f"?liste={view}" if nach else "",
        tongues=dict(words.letter_languages()),
        may_decide=actor_of(request).has(Role.OFFICE) and view in ("unklar", "gescheitert"),
        VIEW=VIEW,
        MEANS=MEANS,
        EMPTY=EMPTY,
        **WORDS,
        **LETTER_WORDS,
    )


@router.post("/exemplare/{number}/noch-einmal", action="issue.send")
async def send_again(request: Request, issue_id: UUID, number: Number) -> Response:
    """One copy once more."""
    note = gettext_of(request)("Die E-Mail geht noch einmal hinaus.")
    return await _decide(request, issue_id, number, copies.send_again, note)


@router.post("/exemplare/{number}/erledigt", action="issue.send")
async def tick_off(request: Request, issue_id: UUID, number: Number) -> Response:
    """Taken care of another way."""
    note = gettext_of(request)("Erledigt. Die Person steht nicht mehr auf der Liste.")
    return await _decide(request, issue_id, number, copies.tick_off, note)


async def _decide(
    request: Request,
    issue_id: UUID,
    number: int,
    command: Callable[..., Awaitable[None]],
    note: str,
) -> Response:
    _ = gettext_of(request)
    try:
        async with service_of(request).db.begin() as session:
            await issue_of(session, issue_id, lock=True)
            copy = await session.get(IssueLetter, (issue_id, number), with_for_update=True)
            if copy is None:
                raise HTTPException(404)
            await command(session, issue_id, number, by=by(request), at=now_of(request))
    except IllegalState as error:
        return moved_on(request, error)
    except IllegalMove:
        return problem(request, 409, detail=_(str(STOPPED)))
    except NotSubscribed:
        return problem(request, 409, detail=_(str(ENDED)))
    except TooLate:
        return problem(request, 409, detail=_(str(OVER)))
    return see_other(f"{_path(issue_id)}/exemplare", note)


def _first_worry(counts: dict[str, int]) -> str:
    worries = ("unklar", "gescheitert", "spaeter", "wartet")
    return next((view for view in worries if counts[view]), "versendet")


def _path(issue_id: UUID) -> str:
    return f"{LIST}/{issue_id}/versenden"
