"""Step 5 and what follows: everything once more, handed in, confirmed; and the list of the parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import save
from services.applications.commands.submit import submit
from services.applications.domain import Attachment, Status, files_of
from services.applications.domain.answers import Answers, Declarations
from services.applications.queries.fund import rules_at, session_of
from services.applications.web.draft import checked, step_context
from services.applications.web.fields import BY_SLUG, STEPS, Step, label_of
from services.applications.web.later import mail_link
from services.applications.web.sheet import FORM, Sheet, sheet_of
from services.applications.web.shown import sections, sums
from services.applications.web.visit import DONE, START, elsewhere, held, now, service_of
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

STEP: Final = BY_SLUG["pruefen"]
PATH: Final = f"{FORM}/{STEP.slug}"

router = Guarded()


@dataclass(frozen=True)
class Complaint:
    """A sentence about a field of another step, with the way there."""

    step: Step
    field: str
    label: str
    sentence: str
    base: str

    @property
    def href(self) -> str:
        return f"{self.base}/{self.step.slug}?pruefen=1#{self.field}"


@router.get(FORM, action="draft.write")
async def parts(request: Request) -> Response:
    """The five parts and how far each is: where a resumed draft begins."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        rules, files = (
            await rules_at(session, now(request), draft.fund),
            await files_of(session, draft.id),
        )
    return page(
        request,
        "parts.html",
        title=gettext_of(request)("Ihr Entwurf"),
        here="antraege",
        draft=draft,
        rules=rules,
        tasks=tasks(request, sheet_of(request, draft, rules), files),
    )


def tasks(request: Request, sheet: Sheet, files: Sequence[Attachment]) -> list[tuple[Step, str]]:
    """Each step with `done`, `begun` or `empty`."""
    states = []
    for step in STEPS:
        if step.part is None:
            states.append((step, "done" if files else "empty"))
        elif not any(sheet.typed.get(name) for name in step.part.model_fields):
            states.append((step, "empty"))
        else:
            good = checked(request, step, sheet).data is not None
            states.append((step, "done" if good and step is not STEP else "begun"))
    return states


@router.get(PATH, action="draft.write")
async def review(request: Request) -> Response:
    """All answers with a way to change each, and what has to be agreed to."""
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        rules, files = (
            await rules_at(session, now(request), draft.fund),
            await files_of(session, draft.id),
        )
    return review_page(request, blank(draft.typed), sheet_of(request, draft, rules), files)


@router.post(PATH, action="draft.write", dependencies=[limit("30/hour")])
async def hand_in(request: Request) -> Response:
    """Hand it in if the whole of it is right; a second click confirms the first."""
    at, service = now(request), service_of(request)
    form = await read_form(request, Declarations)
    act = str((await request.form()).get("aktion", ""))
    async with service.db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(START)
        rules = await rules_at(session, at, draft.fund)
        typed = {name: form.values.get(name, "") for name in Declarations.model_fields}
        await save(session, draft, typed, rules=rules, seals=service.seals, at=at)
        sheet = sheet_of(request, draft, rules)
        answers, wrong = whole(request, sheet)
        files = await files_of(session, draft.id)
        if act == "spaeter":
            await mail_link(request, session, draft, rules, again=True)
        elif act and answers is not None:
            await submit(session, draft, answers, rules=rules, seals=service.seals, at=at)
    if not act and "hx-request" in request.headers:
        context: dict[str, Any] = {"draft": draft, "base": FORM, "sums": sums({}), "step": STEP}
        return page(request, "_saved.html", title="", **context)
    if act == "spaeter":
        return see_other(f"{FORM}/spaeter")
    if draft.status != Status.DRAFT:
        return see_other(DONE)
    return review_page(request, form, sheet, files, wrong=wrong, status=422)


@router.get(DONE, action="draft.write")
async def confirmation(request: Request) -> Response:
    """Number, session and what happens when; opens again for a day in the browser that sent it."""
    async with service_of(request).db.read() as session:
        application = await held(request, session)
        if application is None or application.number is None:
            return see_other(START if application is None else FORM)
        date = await session_of(session, application.session_id)
    title = gettext_of(request)("Ihr Antrag ist da")
    return page(
        request, "done.html", title=title, here="antraege", application=application, session=date
    )


def whole(request: Request, sheet: Sheet) -> tuple[Answers | None, list[Complaint]]:
    """The answers if every part is right, else what is wrong where, this step's own left out."""
    parts: dict[str, Any] = {}
    wrong: list[Complaint] = []
    for step in STEPS:
        if step.part is None:
            continue
        found = checked(request, step, sheet)
        parts[step.part_name] = found.data
        if step is not STEP:
            about = found.errors.items()
            wrong += [
                Complaint(step, name, label_of(name), said, sheet.base) for name, said in about
            ]
    return None if None in parts.values() else Answers(**parts), wrong


def review_page(
    request: Request,
    form: Form[Any],
    sheet: Sheet,
    files: Sequence[Attachment],
    *,
    wrong: Sequence[Complaint] = (),
    status: int = 200,
    template: str = f"step_{STEP.slug}.html",
    **more: Any,
) -> Response:
    """Everything once more, with what is wrong on top."""
    _ = gettext_of(request)
    return page(
        request,
        template,
        status=status,
        title=f"{_('Fehler')}: {_(STEP.title)}" if wrong and not form.errors else STEP.title,
        form=form,
        complaints=wrong,
        files=files,
        sections=sections(sheet.typed, sheet.rules, language_of(request)),
        sums=sums(sheet.typed),
        **step_context(STEP, sheet),
        **more,
    )
