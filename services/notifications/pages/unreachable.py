"""Whom letters do not reach, and why; who is not written to any more, and how that ends."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications.bounces import commands, queries
from services.notifications.domain.bounce import SPAM, Bounce, Severity, Why
from services.notifications.pages import words
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.forms import Email, Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other
from shared.web.problems import problem

PREFIX: Final = "/buero/schreiben/unerreichbar"
router = Guarded(prefix=PREFIX)

Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
"""An address as we keep it: nobody can read it in a log, either."""

VIEW: Final = {"offen": lazy("Kam zurück"), "gesperrt": lazy("Schreiben wir nicht mehr an")}

EMPTY: Final = {
    "offen": lazy(
        "Alle Schreiben kamen an. Wenn ein Mailserver eines zurückschickt, steht hier, an wen und warum."
    ),
    "gesperrt": lazy(
        "Wir schreiben alle an. Hier stehen Adressen, die es nicht gibt, und solche, die das Büro sperrt."
    ),
}

WHY: Final = {
    Why.ADDRESS: lazy("Adresse gibt es nicht"),
    Why.FULL: lazy("Drei Schreiben kamen zurück"),
    Why.OFFICE: lazy("Vom Büro gesperrt"),
}

NO_SUCH_ADDRESS: Final = lazy("Adresse gibt es nicht")
NOT_FROM_US: Final = lazy("Der Server nimmt nichts von uns an")
GAVE_UP: Final = lazy("Der Server war tagelang nicht zu erreichen")
LATER: Final = lazy("Kommt später an")
ARRIVED: Final = lazy("Ist angekommen")
REFUSED: Final = lazy("Abgelehnt, ohne klaren Grund")

BY_STATUS: Final = {
    "5.2.1": lazy("Postfach abgeschaltet"),
    "5.2.2": lazy("Postfach voll"),
    "5.2.3": lazy("Das Schreiben war zu groß"),
    "5.3.4": lazy("Das Schreiben war zu groß"),
    "5.4.4": lazy("Zu dieser Adresse gibt es keinen Mailserver"),
    SPAM: lazy("Als Spam gemeldet"),
    "": lazy("Kam zurück, ohne Angabe von Gründen"),
}

BADGE: Final = {
    Severity.HARD: "danger",
    Severity.SOFT: "warning",
    Severity.NOTICE: "info",
}

DECIDED: Final = {
    commands.LIFTED: lazy("An diese Adresse schreiben wir wieder."),
    commands.ADDED: lazy("An diese Adresse geht nichts mehr."),
    commands.TICKED_OFF: lazy("Erledigt. Die Adresse steht nicht mehr auf der Liste."),
}


class Address(BaseModel):
    """What is typed; only its hash is kept."""

    email: Email


def told(bounce: Bounce) -> str:
    """What the server reported, in words people use."""
    status = bounce.status
    if bounce.severity == Severity.HARD:
        return NO_SUCH_ADDRESS
    if status[1:4] == ".7.":
        return NOT_FROM_US
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status.startswith("4."):
        return GAVE_UP if bounce.severity == Severity.SOFT else LATER
    return ARRIVED if status.startswith("2.") else REFUSED


WORDS: Final[dict[str, Any]] = {
    "VIEW": VIEW,
    "EMPTY": EMPTY,
    "WHY": WHY,
    "BADGE": BADGE,
    "KIND": words.KIND,
    "told": told,
    "path": PREFIX,
}


@router.get("", action="unreachable.list")
async def unreachable(
    request: Request, liste: str = "", vor: Annotated[str, Query(max_length=120)] = ""
) -> HTMLResponse:
    """Those somebody has to look at, or those nobody writes to; the newest first."""
    before = _place(vor)
    async with _service(request).db.read() as session:
        counts = await queries.counts(session)
        view = liste if liste in queries.VIEWS else "offen" if counts["offen"] else "gesperrt"
        ask = queries.waiting if view == "offen" else queries.held
        found = await ask(session, before)
    at = found.more and f"{found.more[0].isoformat()}~{found.more[1]}"
    return page(
        request,
        "unreachable/list.html",
        title=gettext_of(request)("Wen wir nicht erreichen"),
        here="schreiben",
        view=view,
        counts=counts,
        entries=found.entries,
        more=f"?{urlencode({'liste': view, 'vor': at})}" if at else "",
        first=f"?{urlencode({'liste': view})}" if before else "",
        may_decide=_may_decide(request),
        **WORDS,
    )


@router.get("/sperren", action="suppression.add")
async def empty_form(request: Request) -> HTMLResponse:
    """The form for one address."""
    return _form_page(request, blank())


@router.post("/sperren", action="suppression.add")
async def add(request: Request) -> Response:
    """Nothing goes there any more; one that is held back already leads to its page."""
    service, _ = _service(request), gettext_of(request)
    form = await read_form(request, Address)
    if form.data is None:
        return _form_page(request, form, status=422)
    address_hash = service.seals.address_hash(form.data.email)
    if address_hash == service.seals.address_hash(service.settings.office_email):
        form.refuse("email", _("Das ist die Adresse des Büros. Sie brauchen seine E-Mails."))
        return _form_page(request, form, status=422)
    async with service.db.begin() as session:
        new = await commands.add(session, address_hash, by=_by(request), at=service.clock.now())
    note = None if new else _("Diese Adresse war schon gesperrt.")
    return see_other(f"{PREFIX}/{address_hash}", note)


@router.get("/{address_hash}", action="unreachable.list")
async def one_address(request: Request, address_hash: Hash) -> HTMLResponse:
    """What came back, which letters it was, and what can be done."""
    service = _service(request)
    async with service.db.read() as session:
        entry = await queries.one(session, address_hash)
        undo = await commands.to_undo(session, address_hash, at=service.clock.now())
        reports = await queries.reports(session, address_hash)
        held_back = await queries.held_back(session, address_hash)
    if entry is None and undo is None:
        raise HTTPException(404)
    return page(
        request,
        "unreachable/one.html",
        title=gettext_of(request)("Wen wir nicht erreichen"),
        here="schreiben",
        address_hash=address_hash,
        entry=entry,
        known=entry.known if entry else queries.NOBODY,
        waits=any(queries.is_open(report.bounce) for report in reports),
        reports=reports,
        held_back=held_back,
        decided=DECIDED[undo.action] if undo else "",
        may_decide=_may_decide(request),
        **WORDS,
    )


@router.get("/{address_hash}/wieder-anschreiben", action="suppression.lift")
async def ask_before_lifting(request: Request, address_hash: Hash) -> HTMLResponse:
    """Why nothing goes there, before it does again."""
    async with _service(request).db.read() as session:
        entry = await queries.one(session, address_hash)
    if entry is None or entry.suppression is None:
        raise HTTPException(404)
    title = gettext_of(request)("Wieder anschreiben?")
    return page(
        request, "unreachable/lift.html", title=title, here="schreiben", entry=entry, **WORDS
    )


@router.post("/{address_hash}/wieder-anschreiben", action="suppression.lift")
async def lift(request: Request, address_hash: Hash) -> Response:
    """Write there again."""
    return await _decide(request, address_hash, commands.lift)


@router.post("/{address_hash}/sperren", action="suppression.add")
async def hold_back(request: Request, address_hash: Hash) -> Response:
    """Write there no more; twice is harmless."""
    async with _service(request).db.read() as session:
        if await queries.one(session, address_hash) is None:
            raise HTTPException(404)
    return await _decide(request, address_hash, commands.add)


@router.post("/{address_hash}/erledigt", action="unreachable.tick_off")
async def tick_off(request: Request, address_hash: Hash) -> Response:
    """Somebody took care of it."""
    return await _decide(request, address_hash, commands.tick_off)


@router.post("/{address_hash}/rueckgaengig", action="suppression.lift")
async def undo(request: Request, address_hash: Hash) -> Response:
    """As it was before the last decision; an address that nothing is known of has no page any more."""
    note = gettext_of(request)("Rückgängig gemacht.")
    answer = await _decide(request, address_hash, commands.undo, note)
    async with _service(request).db.read() as session:
        known = await queries.one(session, address_hash) is not None
    return answer if known or answer.status_code >= 400 else see_other(PREFIX, note)


async def _decide(
    request: Request,
    address_hash: str,
    command: Callable[..., Awaitable[object]],
    note: str | None = None,
) -> Response:
    service = _service(request)
    try:
        async with service.db.begin() as session:
            await command(session, address_hash, by=_by(request), at=service.clock.now())
    except commands.NothingThere:
        detail = gettext_of(request)("Inzwischen hat das schon jemand entschieden.")
        return problem(request, 409, detail=detail)
    return see_other(f"{PREFIX}/{address_hash}", note)


def _form_page(request: Request, form: Form[Any], *, status: int = 200) -> HTMLResponse:
    return page(
        request,
        "unreachable/add.html",
        status=status,
        title=gettext_of(request)("Adresse sperren"),
        here="schreiben",
        form=form,
        **WORDS,
    )


def _place(said: str) -> queries.Place | None:
    """None at the beginning; what none of our links says is nowhere."""
    if not said:
        return None
    at, _, address_hash = said.partition("~")
    try:
        place = datetime.fromisoformat(at)
        if place.tzinfo is None:
            raise HTTPException(404)
        return place.astimezone(UTC), address_hash.replace("\0", "")
    except (ValueError, OverflowError):
        raise HTTPException(404) from None


def _may_decide(request: Request) -> bool:
    return actor_of(request).has(Role.OFFICE)


def _by(request: Request) -> str:
    return f"account:{actor_of(request).account_id}"


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
