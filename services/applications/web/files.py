"""Step 4: files are looked into before they are kept, and leave only as downloads."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import quote
from uuid import UUID

import anyio
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from services.applications import uploads
from services.applications.commands.files import add_file, drop_files
from services.applications.domain import Application, Attachment, Uploads, files_of
from services.applications.queries.case import attachment
from services.applications.queries.fund import rules_at
from services.applications.web.draft import step_context
from services.applications.web.fields import BY_SLUG
from services.applications.web.later import mail_link
from services.applications.web.sheet import FORM, Sheet, sheet_of
from services.applications.web.visit import elsewhere, held, now, service_of
from shared.web.access import Guarded
from shared.web.formats import filesize
from shared.web.forms import Form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

STEP: Final = BY_SLUG["dateien"]
PATH: Final = f"{FORM}/{STEP.slug}"
MOST_BYTES: Final = 64 * 1024 * 1024

REASONS: Final[Mapping[type[uploads.Refused], str]] = {
    uploads.Empty: lazy("%(name)s ist leer. Bitte wählen Sie die Datei noch einmal."),
    uploads.TooLarge: lazy("%(name)s ist zu groß. Möglich sind höchstens %(size)s."),
    uploads.WrongKind: lazy("%(name)s ist kein PDF und kein Foto (JPEG oder PNG)."),
    uploads.Broken: lazy("%(name)s lässt sich nicht öffnen. Ist die Datei beschädigt?"),
    uploads.Locked: lazy("%(name)s hat ein Passwort. Bitte schicken Sie die Datei ohne Passwort."),
    uploads.TooManyPixels: lazy("%(name)s ist zu groß: Das Bild hat zu viele Bildpunkte."),
    uploads.TooManyPages: lazy("%(name)s hat zu viele Seiten. Möglich sind %(pages)s."),
    uploads.TooMany: lazy("%(name)s passt nicht mehr dazu. Möglich sind %(count)s Dateien."),
}

router = Guarded()


@router.get(PATH, action="draft.write")
async def show(request: Request) -> Response:
    """The files so far, and room for more."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        rules, files = (
            await rules_at(session, now(request), draft.fund),
            await files_of(session, draft.id),
        )
    return files_page(request, Form(), sheet_of(request, draft, rules), files)


@router.post(PATH, action="draft.write", max_body=MOST_BYTES, dependencies=[limit("120/hour")])
async def write(request: Request) -> Response:
    """Take what can be taken, say of every other file why not; then on, or away for today."""
    sent = await request.form()
    act, form = str(sent.get("aktion", "")), Form[Uploads]()
    unwanted = str(sent.get("remove", ""))
    chosen = [file for file in sent.getlist("files") if isinstance(file, UploadFile)]
    service, at = service_of(request), now(request)
    async with service.db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other("/antraege/entwurf")
        rules = await rules_at(session, at, draft.fund)
    checked = await looked_into(request, form, chosen, rules.uploads)
    async with service.db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        if unwanted:
            await drop_files(session, draft.id, only=file_id(unwanted), at=at)
        await keep_files(request, session, draft, form, good=checked, rules=rules.uploads)
        if act == "spaeter":
            await mail_link(request, session, draft, rules, again=True)
        files = await files_of(session, draft.id)
    if form.errors:
        return files_page(request, form, sheet_of(request, draft, rules), files, status=422)
    return see_other(following(FORM, act))


@router.get(PATH + "/{file_id}", action="draft.write")
async def download(request: Request, file_id: UUID) -> Response:
    """A file of the draft this browser holds."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        file = await attachment(session, draft.id, file_id) if draft else None
    return sent_file(request, file)


def sent_file(request: Request, file: Attachment | None) -> Response:
    """Always a download under a harmless type: nothing handed in runs or shows on our origin."""
    if file is None:
        raise HTTPException(404)
    path = uploads.locate(service_of(request).settings.files_dir, file.stored_as)
    ascii_name = file.name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file.name)}"
    return FileResponse(
        path,
        media_type=file.media_type,
        headers={
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


async def looked_into(
    request: Request, form: Form[Uploads], chosen: Sequence[UploadFile], rules: Uploads
) -> list[uploads.Checked]:
    """Outside any transaction: reading a picture takes its time."""
    good: list[uploads.Checked] = []
    for file in chosen:
        if not file.filename and not file.size:
            continue
        content = await file.read(rules.bytes_each + 1)
        name = file.filename or ""
        try:
            good.append(await anyio.to_thread.run_sync(uploads.check, name, content, rules))
        except uploads.Refused as refused:
            refuse(request, form, refused, rules)
    return good


async def keep_files(
    request: Request,
    session: AsyncSession,
    application: Application,
    form: Form[Uploads],
    *,
    good: Collection[uploads.Checked],
    rules: Uploads,
) -> None:
    """Keep files that were looked into, and say which are too many."""
    folder, at = service_of(request).settings.files_dir, now(request)
    for file in good:
        try:
            await add_file(session, application, file, rules=rules, folder=folder, at=at)
        except uploads.TooMany as refused:
            refuse(request, form, refused, rules)


def refuse(request: Request, form: Form[Uploads], refused: uploads.Refused, rules: Uploads) -> None:
    """Say of a file why it was not taken, beside what is said of others."""
    facts = {
        "name": refused.name,
        "size": filesize(rules.bytes_each, language_of(request)),
        "pages": rules.pages_each,
        "count": rules.count,
    }
    sentence = gettext_of(request)(REASONS[type(refused)]) % facts
    known = form.errors.get("files")
    form.errors["files"] = f"{known} {sentence}" if known else sentence


def following(base: str, act: str) -> str:
    """Where the button leads."""
    if act == "spaeter":
        return f"{base}/spaeter"
    if act == "weiter":
        return f"{base}/pruefen"
    return f"{base}/{STEP.slug}"


def file_id(text: str) -> UUID:
    """Of the file to be taken away; 404 for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(404) from None


def files_page(
    request: Request,
    form: Form[Uploads],
    sheet: Sheet,
    files: Sequence[Attachment],
    *,
    kept: Collection[UUID] = (),
    status: int = 200,
) -> Response:
    """The files, all but `kept` with a button that takes them away."""
    return page(
        request,
        f"step_{STEP.slug}.html",
        status=status,
        title=STEP.title,
        form=form,
        files=files,
        kept=kept,
        **step_context(STEP, sheet),
    )
