"""Step 5 and what follows: everything once more, handed in, confirmed; and the list of the parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import save
from services.applications.commands.submit import submit
from services.applications.domain import Application, Attachment, Rules, Status, files_of
from services.applications.domain.answers import Answers, Declarations
from services.applications.domain.check import check
from services.applications.queries.fund import rules_at, session_of, today
from services.applications.web.draft import FORM, step_context
from services.applications.web.fields import BY_SLUG, STEPS, Step, label_of
from services.applications.web.later import mail_link
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

    @property
    def href(self) -> str:
        return f"{FORM}/{self.step.slug}?pruefen=1#{self.field}"


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
        tasks=tasks(request, draft, rules, files),
    )


def tasks(
    request: Request, draft: Application, rules: Rules, files: Sequence[Attachment]
) -> list[tuple[Step, str]]:
    """Each step with `done`, `begun` or `empty`."""
    states = []
    for step in STEPS:
        if step.part is None:
            states.append((step, "done" if files else "empty"))
        elif not any(draft.typed.get(name) for name in step.part.model_fields):
            states.append((step, "empty"))
        else:
            good = _checked(request, step, draft, rules).data is not None
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
    return _page(request, blank(draft.typed), draft, rules, files)


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
        answers, wrong = _whole(request, draft, rules)
        files = await files_of(session, draft.id)
        if act == "spaeter":
            await mail_link(request, session, draft, rules, again=True)
        elif act and answers is not None:
            await submit(session, draft, answers, rules=rules, seals=service.seals, at=at)
    if not act and "hx-request" in request.headers:
        return page(request, "_saved.html", title="", draft=draft, sums=sums({}), step=STEP)
    if act == "spaeter":
        return see_other(f"{FORM}/spaeter")
    if draft.status != Status.DRAFT:
        return see_other(DONE)
    return _page(request, form, draft, rules, files, wrong=wrong, status=422)


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


def _whole(
    request: Request, draft: Application, rules: Rules
) -> tuple[Answers | None, list[Complaint]]:
    """The answers if every part is right, else what is wrong where, this step's own left out."""
    parts: dict[str, Any] = {}
    wrong: list[Complaint] = []
    for step in STEPS:
        if step.part is None:
            continue
        found = _checked(request, step, draft, rules)
        parts[step.part_name] = found.data
        if step is not STEP:
            wrong += [Complaint(step, *about) for about in _about(found.errors)]
    whole = None if None in parts.values() else Answers(**parts)
    return whole, wrong


def _about(errors: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(name, label_of(name), sentence) for name, sentence in errors.items()]


def _checked(request: Request, step: Step, draft: Application, rules: Rules) -> Any:
    assert step.part is not None
    day, lang = today(now(request)), language_of(request)
    return check(step.part, draft.typed, rules, today=day, lang=lang)


def _page(
    request: Request,
    form: Form[Any],
    draft: Application,
    rules: Rules,
    files: Sequence[Attachment],
    *,
    wrong: Sequence[Complaint] = (),
    status: int = 200,
) -> Response:
    _ = gettext_of(request)
    return page(
        request,
        f"step_{STEP.slug}.html",
        status=status,
        title=f"{_('Fehler')}: {_(STEP.title)}" if wrong and not form.errors else STEP.title,
        here="antraege",
        form=form,
        complaints=wrong,
        files=files,
        sections=sections(draft.typed, rules, language_of(request)),
        sums=sums(draft.typed),
        **step_context(STEP, draft, rules),
    )
