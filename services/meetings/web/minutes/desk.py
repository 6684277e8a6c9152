"""The office's page of the minutes: facts beside texts, both versions, both as PDF."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.meetings.commands.minutes import names_found, write
from services.meetings.commands.once import ChangedMeanwhile
from services.meetings.desk import Ordered, order, service_of
from services.meetings.domain.minutes import UnclosedBlank, WordsChanged
from services.meetings.web.minutes.view import WRONG_TEXT, Sight, pdf, sight_of, title_of, words
from services.meetings.web.room.door import Entered, enter
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

minutes_pages = Guarded(prefix="/buero/sitzungen/{session_id}/protokoll")

LONGEST = 10_000
CHANGED = lazy(
    "Jemand hat das Protokoll inzwischen geändert. Ihr Text steht noch da."
    " Speichern Sie ihn noch einmal, wenn er gelten soll."
)


class TextLine(BaseModel):
    part: str
    text: str = Field(default="", max_length=LONGEST)


class TextsForm(Ordered):
    """All texts at once; parts nobody touched change nothing."""

    texts: list[TextLine] = Field(default=[])

    def by_part(self) -> dict[str, str]:
        """What the command works with."""
        return {line.part: line.text for line in self.texts}


@minutes_pages.get("", action="minutes.whole")
async def show(request: Request, session_id: UUID) -> Response:
    """What was recorded beside what can be written, and what comes next."""
    entered, sight = await seen(request, session_id, "minutes.whole")
    return await desk_page(request, entered, sight, _form_of(sight))


@minutes_pages.post("", action="minutes.keep")
async def keep(request: Request, session_id: UUID) -> Response:
    """Keep what was typed: by itself while somebody types, or by the button.

    Only the button overwrites what a colleague wrote meanwhile, and only after saying so.
    """
    form = await read_form(request, TextsForm)
    entered, sight = await seen(request, session_id, "minutes.keep")
    if form.data is not None:
        try:
            async with service_of(request).db.begin() as session:
                texts, click = form.data.by_part(), order(request, form.data)
                version = await write(session, session_id, texts, click)
        except (UnclosedBlank, WordsChanged) as error:
            _refuse(request, form, error, sight)
        except ChangedMeanwhile:
            form.refuse("", gettext_of(request)(CHANGED))
        else:
            return _kept(request, sight, version)
    if "hx-request" in request.headers:
        return page(request, "minutes/_unsaved.html", title="", form=form)
    form.values["version"] = sight.record.version
    return await desk_page(request, entered, sight, form, status=422)


@minutes_pages.get("/vorschau", action="minutes.whole")
async def preview(request: Request, session_id: UUID) -> Response:
    """The public version as it would be, its blanks marked."""
    _entered, sight = await seen(request, session_id, "minutes.whole")
    return page(
        request,
        "minutes/preview.html",
        title=gettext_of(request)("Vorschau der öffentlichen Fassung"),
        sight=sight,
        paper=sight.paper(language_of(request), whole=False),
        **words(request),
    )


@minutes_pages.get("/vollstaendig.pdf", action="minutes.whole")
async def whole_pdf(request: Request, session_id: UUID) -> Response:
    """With all names."""
    _entered, sight = await seen(request, session_id, "minutes.whole")
    return await pdf(request, sight, whole=True)


@minutes_pages.get("/oeffentlich.pdf", action="minutes.whole")
async def public_pdf(request: Request, session_id: UUID) -> Response:
    """As everybody will read it."""
    _entered, sight = await seen(request, session_id, "minutes.whole")
    return await pdf(request, sight, whole=False)


async def seen(request: Request, session_id: UUID, action: str) -> tuple[Entered, Sight]:
    """The minutes, for the office and those of the board who run its sessions."""
    async with service_of(request).db.read() as session:
        entered = await enter(request, session, session_id, action)
        return entered, await sight_of(request, session, session_id)


async def desk_page(
    request: Request, entered: Entered, sight: Sight, form: Form[Any], *, status: int = 200
) -> Response:
    """The page with the form, or with the approved minutes."""
    lang = language_of(request)
    return page(
        request,
        "minutes/office.html",
        status=status,
        title=title_of(request, sight),
        sight=sight,
        form=form,
        headings=sight.headings(lang),
        paper=sight.paper(lang, whole=True),
        names=await names_found(service_of(request), sight.facts, sight.record),
        may_keep=entered.may_run,
        **words(request),
    )


def _form_of(sight: Sight) -> Form[Any]:
    lines = [{"part": part, "text": text} for part, text in sight.texts.items()]
    return blank({"version": sight.record.version, "texts": lines})


def _kept(request: Request, sight: Sight, version: int) -> Response:
    if "hx-request" in request.headers:
        return page(request, "minutes/_saved.html", title="", version=version, sight=sight)
    return see_other(sight.path, note=gettext_of(request)("Das Protokoll ist gespeichert."))


def _refuse(request: Request, form: Form[Any], error: Exception, sight: Sight) -> None:
    part = error.part if isinstance(error, UnclosedBlank | WordsChanged) else ""
    sent = [line.part for line in form.data.texts] if form.data else []
    name = f"texts-{sent.index(part)}-text" if part in sent else ""
    form.refuse(name, gettext_of(request)(WRONG_TEXT[type(error)]))
