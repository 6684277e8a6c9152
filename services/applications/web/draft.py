"""The form, one step a page: saved as typed with every request, checked when going on."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import renew_key, save
from services.applications.domain.check import check
from services.applications.queries.fund import rules_at
from services.applications.web.fields import (
    BY_SLUG,
    HINTS,
    LABELS,
    OPTIONAL,
    STEPS,
    Step,
    label_of,
    number_of,
)
from services.applications.web.fields import neighbour as next_to
from services.applications.web.later import mail_link
from services.applications.web.sheet import FORM, Sheet, sheet_of
from services.applications.web.shown import sums
from services.applications.web.visit import draft_key, elsewhere, held, hold, now, service_of
from services.applications.web.words import APPLICANTS, FUNDING, OTHERS
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import LANGUAGES
from shared.web.pages import language_of, page, see_other

MOST_BYTES: Final = 2 * 1024 * 1024
FEWEST_LINES: Final = {"costs": 3, "funding": 1}
FILLED_IN: Final = ("idee", "wer", "kosten")

router = Guarded()


@router.get(FORM + "/{slug}", action="draft.write")
async def show(request: Request, slug: str) -> Response:
    """The step as it was left; `?pruefen` says what is wrong with it."""
    step, at = step_named(slug), now(request)
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        rules = await rules_at(session, at, draft.fund)
    return shown_step(request, step, sheet_of(request, draft, rules))


@router.post(FORM + "/{slug}", action="draft.write", max_body=MOST_BYTES)
async def write(request: Request, slug: str) -> Response:
    """Keep what was typed; then on, back to the same page, or away for today."""
    step = step_named(slug)
    assert step.part is not None
    form: Form[Any] = await read_form(request, step.part)
    act = str((await request.form()).get("aktion", ""))
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        rules = await rules_at(session, at, draft.fund)
        drop_line(form, act)
        typed = {name: form.values.get(name, "") for name in step.part.model_fields}
        await save(session, draft, typed, rules=rules, seals=service.seals, at=at)
        await renew_key(session, draft_key(request), rules=rules, at=at)
        if act:
            await mail_link(request, session, draft, rules, again=act == "spaeter")
    sheet = sheet_of(request, draft, rules)
    response = answer(request, step, form, act=act, sheet=sheet)
    if response.status_code == 303:
        hold(response, draft_key(request), rules=rules)
    return response


def shown_step(request: Request, step: Step, sheet: Sheet) -> Response:
    """The step as it was left; `?pruefen` says what is wrong with it."""
    form = blank(_known(sheet, step))
    if "pruefen" in request.query_params and step.part is not None:
        form.errors = checked(request, step, sheet).errors
    return _page(request, step, form, sheet)


def answer(request: Request, step: Step, form: Form[Any], *, act: str, sheet: Sheet) -> Response:
    """Where to go after a step was kept, or what is wrong with it."""
    if not act and "hx-request" in request.headers:
        context: dict[str, Any] = {
            "draft": sheet,
            "base": sheet.base,
            "sums": sums(sheet.typed),
            "step": step,
        }
        return page(request, "_saved.html", title="", **context)
    verb, _, what = act.partition(":")
    if verb in ("zeile", "weg"):
        name = what.split("-")[0]
        return see_other(f"{sheet.base}/{step.slug}#{name}-{len(sheet.typed.get(name, ()))}-what")
    if verb == "spaeter":
        return see_other(f"{sheet.base}/spaeter")
    form.errors |= checked(request, step, sheet).errors | form.errors
    if form.errors:
        return _page(request, step, form, sheet, status=422)
    following = next_to(step, 1)
    return see_other(f"{sheet.base}/{following.slug if following else 'pruefen'}")


def _page(
    request: Request,
    step: Step,
    form: Form[Any],
    sheet: Sheet,
    *,
    status: int = 200,
) -> Response:
    lang = language_of(request)
    return page(
        request,
        f"step_{step.slug}.html",
        status=status,
        title=step.title,
        form=form,
        **step_context(step, sheet),
        lines={name: _lines(sheet, name) for name in FEWEST_LINES},
        sums=sums(sheet.typed),
        fields=[(field.code, field.name.in_(lang)) for field in sheet.rules.fields],
        applicants=list(APPLICANTS.items()),
        funding=list(FUNDING.items()),
        others=list(OTHERS.items()),
        language_choices=list(LANGUAGES.items()),
    )


def step_context(step: Step, sheet: Sheet) -> dict[str, Any]:
    """What every step's page needs besides its form."""
    return {
        "here": "antraege" if sheet.base == FORM else "mein",
        "base": sheet.base,
        "home": sheet.home,
        "step": step,
        "steps": STEPS,
        "step_number": number_of(step),
        "before": next_to(step, -1),
        "draft": sheet,
        "rules": sheet.rules,
        "labels": LABELS,
        "hints": HINTS,
        "optional": OPTIONAL,
        "label_of": label_of,
    }


def step_named(slug: str) -> Step:
    """A step with fields of its own; 404 for any other word."""
    if slug not in FILLED_IN:
        raise HTTPException(404)
    return BY_SLUG[slug]


def _known(draft: Sheet, step: Step) -> dict[str, Any]:
    """What was typed so far, and the reader's language where none was chosen."""
    assert step.part is not None
    known = {name: draft.typed[name] for name in step.part.model_fields if name in draft.typed}
    return {"language": draft.language} | known if step.slug == "wer" else known


def checked(request: Request, step: Step, sheet: Sheet) -> Any:
    """The step's answers, or what is wrong with them."""
    assert step.part is not None
    lang = language_of(request)
    return check(step.part, sheet.typed, sheet.rules, today=sheet.day, lang=lang)


def drop_line(form: Form[Any], act: str) -> None:
    """`weg:costs-2` takes the third line of costs away."""
    name, _, place = act.removeprefix("weg:").partition("-")
    lines = form.values.get(name)
    if act.startswith("weg:") and isinstance(lines, list) and place.isdecimal():
        form.values[name] = [line for n, line in enumerate(lines) if n != int(place)]


def _lines(draft: Sheet, name: str) -> int:
    """Filled lines and one to fill, at least the fewest."""
    return max(FEWEST_LINES[name], len(draft.typed.get(name) or ()) + 1)
