"""What the steps of the form work on: a draft, or an application that its applicant completes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request

from services.applications.domain import Application, Rules
from services.applications.queries.fund import today
from services.applications.web.visit import START, now

FORM: Final = "/antraege/entwurf"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is filled in so far, the rules it is held against, and where its pages lie."""

    typed: Mapping[str, Any]
    language: str
    touched_at: datetime | None
    """When it was saved last; None if nothing was typed here yet."""
    rules: Rules
    day: date
    """The day the answers are held against: today, or the day they arrived."""
    base: str = FORM
    home: str = START


def sheet_of(request: Request, draft: Application, rules: Rules) -> Sheet:
    """A draft as it was left."""
    return Sheet(
        typed=draft.typed,
        language=draft.language,
        touched_at=draft.touched_at,
        rules=rules,
        day=today(now(request)),
    )
