"""Completing an application: the same five steps, kept as typed, sent in as a whole."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.complete import complete, in_time, keep_typed
from services.applications.commands.files import drop_files
from services.applications.domain import Application, Correction, Rules, Status, files_of
from services.applications.domain.answers import Answers
from services.applications.queries.case import attachment
from services.applications.queries.fund import session_of, today
from services.applications.queries.mine import last_correction
from services.applications.web.draft import (
    MOST_BYTES,
    answer,
    drop_line,
    shown_step,
    step_named,
)
from services.applications.web.files import MOST_BYTES as MOST_FILE_BYTES
from services.applications.web.files import (
    file_id,
    files_page,
    following,
    keep_files,
    looked_into,
    sent_file,
)
from services.applications.web.finish import review_page, tasks, whole
from services.applications.web.mine_own import own_case
from services.applications.web.mine_words import MISSING
from services.applications.web.sheet import Sheet
from services.applications.web.shown import as_typed
from services.applications.web.visit import now, service_of
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, page, see_other

BASE: Final = "/mein/{application_id}/ergaenzen"
REVIEW: Final = "mine/completion_review.html"

KEPT: Final = lazy("Ihre Angaben sind gespeichert. Abgeschickt sind sie noch nicht.")
SENT: Final = lazy("Ihre Ergänzung ist da. Danke!")
NOT_NEEDED: Final = lazy("Wir brauchen nichts mehr von Ihnen.")

router = Guarded()


@dataclass(frozen=True)
class Completion:
    """An application whose applicant may complete it now."""

    application: Application
    correction: Correction
    sheet: Sheet


class Closed(Exception):
    """There is nothing to complete now; carries where to go, or what to read instead."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


@router.get(BASE, action="case.write")
async def overview(request: Request, application_id: UUID) -> Response:
    """What is missing, until when, and the five parts."""
    async with service_of(request).db.read() as session:
        try:
            found = await _open(request, session, application_id)
        except Closed as closed:
            return closed.answer
        files = await files_of(session, application_id)
        place = await session_of(session, found.application.session_id)
    return page(
        request,
        "mine/completion.html",
        title=gettext_of(request)("Antrag ergänzen"),
        here="mein",
        application=found.application,
        session=place,
        tasks=tasks(request, found.sheet, files),
        base=found.sheet.base,
        **missing_in(found.correction),
    )


@router.get(BASE + "/spaeter", action="case.write")
async def later(request: Request, application_id: UUID) -> Response:
    """Everything is kept; the case says until when it has to be sent."""
    async with service_of(request).db.read() as session:
        await own_case(request, session, application_id, "case.write")
    return see_other(f"/mein/{application_id}", note=gettext_of(request)(KEPT))


@router.get(BASE + "/pruefen", action="case.write")
async def review(request: Request, application_id: UUID) -> Response:
    """All answers once more, with what is missing."""
    async with service_of(request).db.read() as session:
        try:
            found = await _open(request, session, application_id)
        except Closed as closed:
            return closed.answer
        files = await files_of(session, application_id)
    more = missing_in(found.correction)
    return review_page(
        request, blank(found.sheet.typed), found.sheet, files, template=REVIEW, **more
    )


@router.post(BASE + "/pruefen", action="case.write", dependencies=[limit("60/hour")])
async def send(request: Request, application_id: UUID) -> Response:
    """Sent in if the whole of it is right; a second click finds it sent."""
    act = str((await request.form()).get("aktion", ""))
    if act == "spaeter":
        return await later(request, application_id)
    service = service_of(request)
    async with service.db.begin() as session:
        try:
            found = await _open(request, session, application_id, lock=True)
        except Closed as closed:
            return closed.answer
        answers, wrong = whole(request, found.sheet)
        if answers is not None:
            await _send(request, session, found.application, answers)
            return see_other(f"/mein/{application_id}", note=gettext_of(request)(SENT))
        files = await files_of(session, application_id)
    more = missing_in(found.correction)
    form: Form[Any] = blank(found.sheet.typed)
    return review_page(
        request, form, found.sheet, files, wrong=wrong, status=422, template=REVIEW, **more
    )


async def _send(
    request: Request, session: AsyncSession, application: Application, answers: Answers
) -> None:
    seals = service_of(request).seals
    await complete(session, application, answers, seals=seals, at=now(request))


@router.get(BASE + "/dateien", action="case.write")
async def show_files(request: Request, application_id: UUID) -> Response:
    """What was handed in stays; what is added now can be taken away again."""
    async with service_of(request).db.read() as session:
        try:
            found = await _open(request, session, application_id)
        except Closed as closed:
            return closed.answer
        files = await files_of(session, application_id)
    kept = _before(found.correction, files)
    return files_page(request, Form(), found.sheet, files, kept=kept)


@router.post(
    BASE + "/dateien",
    action="case.write",
    max_body=MOST_FILE_BYTES,
    dependencies=[limit("120/hour")],
)
async def write_files(request: Request, application_id: UUID) -> Response:
    """Take what can be taken, say of every other file why not."""
    sent = await request.form()
    act, unwanted = str(sent.get("aktion", "")), str(sent.get("remove", ""))
    form: Form[Any] = Form()
    chosen = [file for file in sent.getlist("files") if isinstance(file, UploadFile)]
    service = service_of(request)
    try:
        async with service.db.read() as session:
            rules = (await _open(request, session, application_id)).sheet.rules
        good = await looked_into(request, form, chosen, rules.uploads)
        async with service.db.begin() as session:
            found = await _open(request, session, application_id, lock=True)
            if unwanted:
                await _take_away(request, session, found, file_id(unwanted))
            one, limits = found.application, found.sheet.rules.uploads
            await keep_files(request, session, one, form, good=good, rules=limits)
            files = await files_of(session, application_id)
    except Closed as closed:
        return closed.answer
    if form.errors:
        kept = _before(found.correction, files)
        return files_page(request, form, found.sheet, files, kept=kept, status=422)
    return see_other(following(found.sheet.base, act))


@router.get(BASE + "/dateien/{file_id}", action="case.read")
async def download(request: Request, application_id: UUID, file_id: UUID) -> Response:
    """A file of the case."""
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.read")
        file = await attachment(session, application.id, file_id)
    return sent_file(request, file)


@router.get(BASE + "/{slug}", action="case.write")
async def show(request: Request, application_id: UUID, slug: str) -> Response:
    """The step with what was handed in, or typed since."""
    step = step_named(slug)
    async with service_of(request).db.read() as session:
        try:
            found = await _open(request, session, application_id)
        except Closed as closed:
            return closed.answer
    return shown_step(request, step, found.sheet)


@router.post(BASE + "/{slug}", action="case.write", max_body=MOST_BYTES)
async def write(request: Request, application_id: UUID, slug: str) -> Response:
    """Keep what was typed; then on, back to the same page, or away for today."""
    step = step_named(slug)
    assert step.part is not None
    form: Form[Any] = await read_form(request, step.part)
    act, at = str((await request.form()).get("aktion", "")), now(request)
    async with service_of(request).db.begin() as session:
        try:
            found = await _open(request, session, application_id, lock=True)
        except Closed as closed:
            return closed.answer
        drop_line(form, act)
        typed = {name: form.values.get(name, "") for name in step.part.model_fields}
        await keep_typed(session, found.application, typed, at=at)
        sheet = replace(found.sheet, typed={**found.sheet.typed, **typed}, touched_at=at)
    return answer(request, step, form, act=act, sheet=sheet)


def missing_in(correction: Correction) -> dict[str, Any]:
    """For the template: what is missing in sentences, the office's own words, and until when."""
    sentences = [MISSING[item] for item in correction.items if item in MISSING]
    return {"missing": sentences, "words": correction.note, "due_at": correction.due_at}


async def _open(
    request: Request, session: AsyncSession, application_id: UUID, *, lock: bool = False
) -> Completion:
    """What may be completed now; raises Closed with the answer instead."""
    application = await own_case(request, session, application_id, "case.write", lock=lock)
    correction = await last_correction(session, application_id)
    if correction is None or not application.answers:
        raise Closed(see_other(f"/mein/{application_id}"))
    overdue = correction.open and not in_time(correction, at=now(request))
    if correction.lapsed_at or (overdue and application.status is Status.CORRECTION_REQUESTED):
        raise Closed(_too_late(request, application, correction))
    if application.status is not Status.CORRECTION_REQUESTED:
        raise Closed(_not_open(request, application_id, correction))
    return Completion(application, correction, _sheet(application))


def _sheet(application: Application) -> Sheet:
    """Typed fields over those handed in, held against the rules and the day of arrival."""
    assert application.submitted_at is not None
    before = as_typed(Answers.model_validate(application.answers))
    home = f"/mein/{application.id}"
    return Sheet(
        typed=before | application.typed,
        language=application.language,
        touched_at=application.touched_at if application.typed else None,
        rules=Rules.model_validate(application.rules),
        day=today(application.submitted_at),
        base=f"{home}/ergaenzen",
        home=f"{home}/ergaenzen",
    )


def _too_late(request: Request, application: Application, correction: Correction) -> Response:
    title = gettext_of(request)("Die Zeit zum Ergänzen ist vorbei")
    return page(
        request,
        "mine/completion_over.html",
        status=410,
        title=title,
        here="mein",
        application=application,
        due_at=correction.due_at,
    )


def _not_open(request: Request, application_id: UUID, correction: Correction) -> Response:
    to, _ = f"/mein/{application_id}", gettext_of(request)
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": to})
    return see_other(to, note=_(SENT if correction.answered_at else NOT_NEEDED))


def _before(correction: Correction, files: Collection[Any]) -> set[UUID]:
    """Files that were handed in already: they stay."""
    return {file.id for file in files if file.added_at < correction.requested_at}


async def _take_away(
    request: Request, session: AsyncSession, found: Completion, unwanted: UUID
) -> None:
    files = await files_of(session, found.application.id)
    if unwanted not in _before(found.correction, files):
        await drop_files(session, found.application.id, only=unwanted, at=now(request))
