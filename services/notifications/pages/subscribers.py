"""Who subscribed, for the office: counted, listed without showing addresses, taken away, read in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

import anyio
from fastapi import Request
from pydantic import AfterValidator, BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response, StreamingResponse

from services.notifications.commands.imports import Became, Source, take_in
from services.notifications.domain.subscription import Status
from services.notifications.pages import words
from services.notifications.pages.choices import masked
from services.notifications.queries import subscribers as queries
from services.notifications.queries.subscribers import Which
from services.notifications.store import Audit
from services.notifications.subscriber_lists.reading import MOST_BYTES, Read, read_list
from services.notifications.subscriber_lists.writing import as_csv
from shared.days import local_day
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of, require_fresh
from shared.web.forms import Complaint, Email, Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded(prefix="/buero/abos")

HERE: Final = "rundbriefe"
LIST: Final = "/buero/abos"
FRESH_MINUTES: Final = 60
LONGEST_NAME: Final = 120
SHORTEST_PROOF: Final = 20
TOO_SHORT: Final = lazy("Bitte schreiben Sie genauer, wie diese Menschen zugestimmt haben.")

WORDS: Final[dict[str, Any]] = {
    "TOPIC": words.TOPIC,
    "FREQUENCY": words.FREQUENCY,
    "FIELD": words.FIELD,
    "OCCASION_KIND": words.OCCASION_KIND,
}
BECAME: Final = {
    Became.ASKED: lazy("Gefragt: %(count)s."),
    Became.TAKEN_OVER: lazy("Übernommen: %(count)s."),
    Became.KNOWN: lazy("Haben es schon: %(count)s."),
    Became.ENDED: lazy("Später abgemeldet, nicht gefragt: %(count)s."),
    Became.UNREACHABLE: lazy("Adresse nimmt nichts an: %(count)s."),
    Became.ASKED_BEFORE: lazy("Schon gefragt, keine neue Frage: %(count)s."),
}
CHOOSE_FILE: Final = lazy("Bitte wählen Sie eine Datei.")
COLLIDED: Final = lazy(
    "Im selben Moment kam jemand von der Liste selbst dazu, oder dieselbe Liste noch einmal. "
    "Nichts ist eingelesen. Bitte versuchen Sie es noch einmal."
)
MAX_UPLOAD: Final = MOST_BYTES + 512 * 1024


class Search(BaseModel):
    """One whole address; parts of one find nothing."""

    email: Email


def _says_something(proof: str) -> str:
    if len(proof) < SHORTEST_PROOF:
        raise Complaint(TOO_SHORT)
    return proof


class Import(BaseModel):
    """How these people agreed, and what happens now."""

    proof: Annotated[Text, AfterValidator(_says_something)]
    doing: Literal["ask", "take_over"]


@router.get("", action="subscriber.list")
async def all_subscribers(
    request: Request, thema: str = "", sprache: str = "", vor: UUID | None = None
) -> HTMLResponse:
    """How many, what for, in which language, how it grew; then everybody, newest first."""
    return await _list(request, _which(thema, sprache), blank(), before=vor)


@router.post("/suche", action="subscriber.list")
async def search(request: Request) -> Response:
    """By POST, so that no address stands in an address line, a history or a log."""
    form = await read_form(request, Search)
    if form.data is None:
        return await _list(request, Which(), form, status=422)
    found = service_of(request).seals.address_hash(form.data.email)
    return see_other(f"{LIST}/adresse/{found}")


@router.get("/suche", action="subscriber.list")
async def nothing_searched(request: Request) -> Response:
    """Where somebody changes the language after a typing error."""
    return see_other(LIST)


@router.get("/export.csv", action="subscriber.export")
async def export(request: Request, thema: str = "", sprache: str = "") -> Response:
    """Everybody as a table, piece by piece; that it was taken is noted first."""
    service, which = service_of(request), _which(thema, sprache)
    at = service.clock.now()
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=at)
    async with service.db.begin() as session:
        details: dict[str, Any] = {"rows": await queries.count(session, which)}
        details |= {"topic": which.topic, "language": which.language}
        session.add(
            Audit(
                at=at, actor=by(request), action="subscribers.export", subject="", details=details
            )
        )
    lines = as_csv(queries.everybody(service.db, which), gettext_of(request))
    name = f"abos-{local_day(at).isoformat()}.csv"
    return StreamingResponse(lines, headers=as_file(name, "text/csv; charset=utf-8"))


@router.get("/einlesen", action="subscriber.import")
async def import_form(request: Request) -> HTMLResponse:
    """What a list needs, and what happens with it."""
    return _import_page(request, blank({"doing": "ask"}))


@router.post("/einlesen", action="subscriber.import", max_body=MAX_UPLOAD)
async def read_in(request: Request) -> Response:
    """All lines or none: what is wrong with a line is said with its number."""
    form, service = await read_form(request, Import), service_of(request)
    files = form.files.get("liste", [])
    if not files:
        form.refuse("liste", gettext_of(request)(CHOOSE_FILE))
    if form.data is None:
        return _import_page(request, form, status=422)
    at, file = service.clock.now(), files[0]
    read = await anyio.to_thread.run_sync(_read, file, request, local_day(at))
    if read.complaints:
        return _import_page(request, form, read=read, status=422)
    source = Source(
        file=_plain_name(file),
        text=form.data.proof,
        by=by(request),
        take_over=form.data.doing == "take_over",
    )
    try:
        async with service.db.begin() as session:
            counts = await take_in(session, service, read.entries, source, at=at)
    except IntegrityError:
        form.refuse("liste", gettext_of(request)(COLLIDED))
        return _import_page(request, form, status=422)
    return see_other(LIST, _summary(request, counts, doubled=read.doubled))


def _read(file: UploadFile, request: Request, today: date) -> Read:
    return read_list(file.file, today=today, lang=language_of(request))


def _plain_name(file: UploadFile) -> str:
    """What the list was called, without a way to anywhere and without signs nobody sees."""
    name = re.split(r"[\\/]", file.filename or "")[-1]
    return "".join(c for c in name if c.isprintable())[-LONGEST_NAME:]


def _summary(request: Request, counts: Mapping[Became, int], *, doubled: int) -> str:
    _ = gettext_of(request)
    said = [_(BECAME[one]) % {"count": counts[one]} for one in Became if counts.get(one)]
    if doubled:
        said.append(_("Doppelte Zeilen: %(count)s.") % {"count": doubled})
    return " ".join([_("Die Liste ist eingelesen."), *said])


async def _list(
    request: Request,
    which: Which,
    form: Form[Any],
    *,
    before: UUID | None = None,
    status: int = 200,
) -> HTMLResponse:
    async with service_of(request).db.read() as session:
        facts = await _figures(session, service_of(request).clock.now())
        found = await queries.listed(session, which, before=before)
    query = {"thema": which.topic, "sprache": which.language}
    return page(
        request,
        "subscribers/list.html",
        status=status,
        title=gettext_of(request)("Abos"),
        here=HERE,
        form=form,
        which=which,
        rows=found.rows,
        masked=masked,
        languages_of_letters=words.letter_languages(),
        more=f"?{urlencode({**query, 'vor': str(found.more)})}" if found.more else "",
        first=f"?{urlencode(query)}" if before else "",
        chosen=f"?{urlencode(query)}",
        may_act=actor_of(request).has(Role.OFFICE),
        **facts,
        **WORDS,
    )


async def _figures(session: AsyncSession, now: datetime) -> dict[str, Any]:
    """What is counted, with the largest of each that is drawn: bars are parts of it."""
    tallies = await queries.tallies(session)
    totals = await queries.totals(session)
    months = await queries.growth(session, now)
    spoken = sorted({language for _topic, language in tallies})
    by_topic = {
        topic: [tallies.get((topic, language), 0) for language in spoken] for topic in words.TOPIC
    }
    moved = [count for month in months for count in (month.came, month.went)]
    return {
        "spoken": spoken,
        "tallies": by_topic,
        "most": max([1, *map(sum, by_topic.values())]),
        "totals": {status.value: totals[status] for status in Status},
        "months": months,
        "most_moved": max([1, *moved]),
    }


def _import_page(
    request: Request, form: Form[Any], *, read: Read | None = None, status: int = 200
) -> HTMLResponse:
    return page(
        request,
        "subscribers/import.html",
        status=status,
        title=gettext_of(request)("Liste einlesen"),
        here=HERE,
        form=form,
        complaints=read.complaints if read else (),
        **WORDS,
    )


def _which(topic: str, language: str) -> Which:
    """What the address line asks for, as far as there is such a thing."""
    known = dict(words.letter_languages())
    return Which(
        topic=topic if topic in words.TOPIC else "",
        language=language if language in known else "",
    )


def as_file(name: str, media_type: str) -> dict[str, str]:
    """Headers of something that is kept by who fetches it, and by nobody in between."""
    return {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def by(request: Request) -> str:
    """Who acts, as audits name them."""
    return f"account:{actor_of(request).account_id}"


def service_of(request: Request) -> Service:
    """The service behind the page."""
    service: Service = request.app.state.service
    return service
