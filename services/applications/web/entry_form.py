"""All the form's questions on one page, for the office: what came on paper, and what is to be corrected."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from services.applications.domain import Rules
from services.applications.domain.answers import Costs, Declarations, Idea, Who
from services.applications.web.fields import HINTS, LABELS, OPTIONAL, label_of
from services.applications.web.words import APPLICANTS, FUNDING, OTHERS
from shared.web.forms import Form
from shared.web.i18n import LANGUAGES
from shared.web.pages import gettext_of, language_of

FEWEST_LINES: Final = {"costs": 3, "funding": 1}


class Filled(Idea, Who, Costs):
    """What the idea is, who has it, what it costs."""


PARTS: Final = (Idea, Who, Costs, Declarations)
IN_ORDER: Final = tuple(name for part in PARTS for name in part.model_fields)
"""As the page asks them, so that complaints come in its order."""


def questions(request: Request, form: Form[Any], funds: Mapping[str, Rules]) -> dict[str, Any]:
    """What the page of questions needs besides its form."""
    lang, _ = language_of(request), gettext_of(request)
    fields = {
        field.code: field.name.in_(lang) for rules in funds.values() for field in rules.fields
    }
    return {
        "form": form,
        "labels": LABELS,
        "hints": HINTS,
        "optional": OPTIONAL,
        "lines": {name: _lines(form, name) for name in FEWEST_LINES},
        "named": {name: _(label_of(name)) for name in form.errors if name},
        "fields": list(fields.items()),
        "applicants": list(APPLICANTS.items()),
        "funding": list(FUNDING.items()),
        "others": list(OTHERS.items()),
        "language_choices": list(LANGUAGES.items()),
    }


def complain(form: Form[Any], errors: Mapping[str, str]) -> None:
    """All that is wrong, in the order of the page; what cannot even be read comes first."""
    found = dict(errors) | form.errors
    form.errors = dict(sorted(found.items(), key=lambda one: _place(one[0])))
    if form.errors:
        form.data = None


def _place(name: str) -> int:
    base = name.split("-", maxsplit=1)[0]
    return IN_ORDER.index(base) if base in IN_ORDER else -1


def _lines(form: Form[Any], name: str) -> int:
    """Filled lines and one to fill, at least the fewest; one more where it was asked for."""
    return max(FEWEST_LINES[name], len(form.values.get(name) or ()) + 1)
