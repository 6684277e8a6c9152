"""What the templates of a case need at hand: lines of the check, money, decisions, steps in words."""

from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request

from services.applications.commands.formal import IN_CHECK
from services.applications.domain import Change, Decision, Rules
from services.applications.domain.checklist import Check
from services.applications.queries.case import Step
from services.applications.queries.whole import Whole
from services.applications.web.case_desk import ordered
from services.applications.web.case_next import next_of
from services.applications.web.case_rules import rule_in_words
from services.applications.web.case_steps import about_step
from services.applications.web.case_voice import Voice
from services.applications.web.case_words import (
    BETWEEN_SESSIONS,
    CHECKS,
    HOLDS,
    OUTCOMES,
    REASONS,
    SOMEBODY,
    STATEMENTS,
    verdict_of,
)
from services.applications.web.fields import LABELS
from services.applications.web.shown import Shown as Value
from services.applications.web.shown import kept
from services.applications.web.words import ACTORS, ACTS, TOLD
from shared.web.access import Role, actor_of
from shared.web.pages import language_of

ASKED: Final = "stadtteilbote.correction.requested.v1"


@dataclass(frozen=True)
class Line:
    """A line of the check as it is read."""

    check: Check
    name: str
    badge: Any
    rule: Markup
    judged_by: str

    @property
    def item(self) -> str:
        return self.check.item.value


@dataclass(frozen=True)
class Changed:
    """An answer before and after, in words; an account number never whole."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Shown:
    """A step of the trail in words."""

    title: str
    who: str
    known: bool
    """Whether `who` is one of our words, or a name."""
    step: Step
    about: Markup
    note: str
    """The office's own words that went with it."""
    changes: list[Changed]


def is_office(request: Request) -> bool:
    """Whether to offer buttons at all: an auditor reads everything and changes nothing."""
    return actor_of(request).has(Role.OFFICE)


def voice_of(request: Request) -> Voice:
    return Voice(language_of(request))


def line_of(request: Request, whole: Whole, check: Check) -> Line:
    """The line with its rule in the reader's language."""
    by = whole.names.get(check.mark.by, SOMEBODY) if check.mark else ""
    rule = rule_in_words(check, whole.rules, voice_of(request))
    return Line(check, CHECKS[check.item], verdict_of(check), rule, by)


def may_judge(request: Request, whole: Whole) -> bool:
    """Whether lines can still be judged, by whoever reads."""
    status = whole.application.status
    return is_office(request) and status in IN_CHECK and whole.held is None


def line_context(request: Request, whole: Whole, check: Check) -> dict[str, Any]:
    """What one line needs, alone or within the page."""
    return {
        "line": line_of(request, whole, check),
        "may_judge": may_judge(request, whole),
        "hidden": ordered(whole.application),
        "rules_page": f"/buero/fonds/{whole.application.fund}",
        **now_context(request, whole),
    }


def now_context(request: Request, whole: Whole) -> dict[str, Any]:
    """What the box on top needs."""
    return {
        "whole": whole,
        "next": next_of(whole, voice_of(request)),
        "may_act": is_office(request),
        "holds": HOLDS,
        "fresh": lambda: ordered(whole.application),
        "checks": CHECKS,
        "somebody": SOMEBODY,
    }


def to_come(whole: Whole) -> int | None:
    """What is promised and not paid yet: everything, as long as nothing is paid; None without a grant."""
    if whole.grant is None:
        return None
    return 0 if whole.grant.ended_at is not None else whole.grant.amount_cents


def steps_of(request: Request, whole: Whole) -> list[Shown]:
    """The trail in words, with what was changed beside the act that changed it."""
    voice, labels = voice_of(request), dict(LABELS)
    notes = {str(one.id): one.note for one in whole.corrections}
    shown = []
    for step in whole.steps:
        table = TOLD if step.told else ACTS
        changes = [
            _changed(one, whole, voice.lang)
            for one in whole.changes
            if step.what == "application.change" and one.at == step.at
        ]
        about = about_step(step, voice, labels)
        title = table.get(step.what, step.what)
        who, known = _named(step.who)
        note = notes.get(str(step.facts.get("correction_id")), "") if step.what == ASKED else ""
        shown.append(Shown(title, who, known, step, about, note, changes))
    return shown


def _changed(change: Change, whole: Whole, lang: str) -> Changed:
    rules = Rules.model_validate(whole.application.rules)
    before, after = (
        kept(change.field, text, rules, lang) for text in (change.before, change.after)
    )
    return Changed(change.field, before, after)


def _named(who: str) -> tuple[str, bool]:
    """One of our words, or a name; a colleague we never heard of is somebody of the office."""
    if who.startswith("account:"):
        return SOMEBODY, True
    return ACTORS.get(who, who), who in ACTORS


def reason_of(decision: Decision, voice: Voice) -> Markup:
    """Why a vote came out as it did, and by how many votes; members who did not come are none."""
    known = REASONS.get(decision.reason)
    said = voice.gettext(known) if known else voice.code(decision.reason)
    if not decision.margin or decision.reason == "quorum_missed":
        return said
    margin = abs(decision.margin)
    if decision.margin > 0:
        by = voice.ngettext(
            "%(num)s Stimme mehr als nötig.", "%(num)s Stimmen mehr als nötig.", margin
        )
    else:
        by = voice.ngettext("Es fehlte %(num)s Stimme.", "Es fehlten %(num)s Stimmen.", margin)
    return voice.together([said, by])


def letter_line(whole: Whole, voice: Voice) -> Markup:
    """Whom a letter about this case goes to, and how."""
    answers = whole.case.answers
    if answers is None:
        return voice.gettext("Es geht kein Schreiben hinaus: Die Person ist gelöscht.")
    who = voice.said(answers.applicant.addressee)
    if answers.applicant.email is None:
        return voice.gettext(
            "%(name)s hat keine E-Mail. Das Schreiben liegt zum Ausdrucken bereit.", name=who
        )
    mail = voice.code(answers.applicant.email)
    return voice.gettext("Ein Schreiben geht an %(name)s: %(email)s.", name=who, email=mail)


def decided_on(whole: Whole, decision: Decision) -> Any:
    """The session a vote was taken in; None for the office's own decisions, and between two sessions."""
    if decision.session_id is None or decision.reason in BETWEEN_SESSIONS:
        return None
    return whole.sessions.get(decision.session_id)


WORDS: Final[dict[str, Any]] = {
    "outcomes": OUTCOMES,
    "statement_badges": STATEMENTS,
    "labels": LABELS,
    "between": BETWEEN_SESSIONS,
    "decided_on": decided_on,
}
