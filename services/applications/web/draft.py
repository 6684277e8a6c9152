"""The form, one step a page: saved as typed with every request, checked when going on."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.drafts import renew_key, save
from services.applications.domain import Application, Rules
from services.applications.domain.check import check
from services.applications.queries.fund import rules_at, today
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
from services.applications.web.shown import sums
from services.applications.web.visit import draft_key, elsewhere, held, hold, now, service_of
from services.applications.web.words import APPLICANTS, FUNDING, OTHERS
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import LANGUAGES
from shared.web.pages import language_of, page, see_other

FORM: Final = "/antraege/entwurf"
MOST_BYTES: Final = 2 * 1024 * 1024
FEWEST_LINES: Final = {"costs": 3, "funding": 1}
FILLED_IN: Final = ("idee", "wer", "kosten")

router = Guarded()


@router.get(FORM + "/{slug}", action="draft.write")
async def show(request: Request, slug: str) -> Response:
    """The step as it was left; `?pruefen` says what is wrong with it."""
    step, at = _step(slug), now(request)
    async with service_of(request).db.read() as session:
        draft = await held(request, session)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        rules = await rules_at(session, at, draft.fund)
    form = blank(_known(draft, step))
    if "pruefen" in request.query_params and step.part is not None:
        form.errors = _check(request, step, draft.typed, rules).errors
    return _page(request, step, form, draft, rules)


@router.post(FORM + "/{slug}", action="draft.write", max_body=MOST_BYTES)
async def write(request: Request, slug: str) -> Response:
    """Keep what was typed; then on, back to the same page, or away for today."""
    step = _step(slug)
    assert step.part is not None
    form: Form[Any] = await read_form(request, step.part)
    act = str((await request.form()).get("aktion", ""))
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        draft = await held(request, session, lock=True)
        if (away := elsewhere(request, draft)) or draft is None:
            return away or see_other(FORM)
        rules = await rules_at(session, at, draft.fund)
        _drop_line(form, act)
        typed = {name: form.values.get(name, "") for name in step.part.model_fields}
        await save(session, draft, typed, rules=rules, seals=service.seals, at=at)
        await renew_key(session, draft_key(request), rules=rules, at=at)
        if act:
            await mail_link(request, session, draft, rules, again=act == "spaeter")
    return _answer(request, step, form, act=act, draft=draft, rules=rules)


def _answer(
    request: Request,
    step: Step,
    form: Form[Any],
    *,
    act: str,
    draft: Application,
    rules: Rules,
) -> Response:
    if not act and "hx-request" in request.headers:
        return page(
            request, "_saved.html", title="", draft=draft, sums=sums(draft.typed), step=step
        )
    verb, _, what = act.partition(":")
    if verb in ("zeile", "weg"):
        name = what.split("-")[0]
        return see_other(f"{FORM}/{step.slug}#{name}-{len(draft.typed.get(name, ()))}-what")
    if verb == "spaeter":
        return see_other(f"{FORM}/spaeter")
    form.errors |= _check(request, step, draft.typed, rules).errors | form.errors
    if form.errors:
        return _page(request, step, form, draft, rules, status=422)
    following = next_to(step, 1)
    response = see_other(f"{FORM}/{following.slug if following else 'pruefen'}")
    hold(response, draft_key(request), rules=rules)
    return response


def _page(
    request: Request,
    step: Step,
    form: Form[Any],
    draft: Application,
    rules: Rules,
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        f"step_{step.slug}.html",
        status=status,
        title=step.title,
        here="antraege",
        form=form,
        **step_context(step, draft, rules),
        lines={name: _lines(draft, name) for name in FEWEST_LINES},
        sums=sums(draft.typed),
        fields=[(field.code, field.name.in_(language_of(request))) for field in rules.fields],
        applicants=list(APPLICANTS.items()),
        funding=list(FUNDING.items()),
        others=list(OTHERS.items()),
        language_choices=list(LANGUAGES.items()),
    )


def step_context(step: Step, draft: Application, rules: Rules) -> dict[str, Any]:
    """What every step's page needs besides its form."""
    return {
        "step": step,
        "steps": STEPS,
        "step_number": number_of(step),
        "before": next_to(step, -1),
        "draft": draft,
        "rules": rules,
        "labels": LABELS,
        "hints": HINTS,
        "optional": OPTIONAL,
        "label_of": label_of,
    }


def _step(slug: str) -> Step:
    if slug not in FILLED_IN:
        raise HTTPException(404)
    return BY_SLUG[slug]


def _known(draft: Application, step: Step) -> dict[str, Any]:
    """What was typed so far, and the reader's language where none was chosen."""
    assert step.part is not None
    known = {name: draft.typed[name] for name in step.part.model_fields if name in draft.typed}
    return {"language": draft.language} | known if step.slug == "wer" else known


def _check(request: Request, step: Step, typed: dict[str, Any], rules: Rules) -> Any:
    assert step.part is not None
    return check(step.part, typed, rules, today=today(now(request)), lang=language_of(request))


def _drop_line(form: Form[Any], act: str) -> None:
    """`weg:costs-2` takes the third line of costs away."""
    name, _, place = act.removeprefix("weg:").partition("-")
    lines = form.values.get(name)
    if act.startswith("weg:") and isinstance(lines, list) and place.isdecimal():
        form.values[name] = [line for n, line in enumerate(lines) if n != int(place)]


def _lines(draft: Application, name: str) -> int:
    """Filled lines and one to fill, at least the fewest."""
    return max(FEWEST_LINES[name], len(draft.typed.get(name) or ()) + 1)
