"""What a step of the trail was about: the date, the line, the department it names."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from markupsafe import Markup

from services.applications.domain.checklist import Judgement
from services.applications.queries.case import Step
from services.applications.web.case_voice import Voice
from services.applications.web.case_words import CHECKS, ENDED, MARKED, STATEMENTS
from shared.events.applications import CheckItem, StatementVerdict


def about_step(step: Step, voice: Voice, labels: Mapping[str, str]) -> Markup:
    """Empty where the name of the step says it all."""
    return voice.together([*_dates(step, voice), *_matters(step, voice, labels)])


def _dates(step: Step, voice: Voice) -> Iterator[Markup]:
    _ = voice.gettext
    facts = step.facts
    for name in ("next_session_at", "session_at"):
        if facts.get(name):
            yield _("Sitzung am %(day)s.", day=voice.date(datetime.fromisoformat(facts[name])))
            break
    if facts.get("due_at"):
        yield _("Bis %(day)s.", day=voice.date(datetime.fromisoformat(facts["due_at"])))
    if facts.get("accept_by"):
        by = voice.date(datetime.fromisoformat(facts["accept_by"]))
        yield _("Annehmen bis %(day)s.", day=by)


def _matters(step: Step, voice: Voice, labels: Mapping[str, str]) -> Iterator[Markup]:
    _, facts = voice.gettext, step.facts
    if step.what == "check.judge":
        yield _judged(facts, voice)
    for name in ("items", "reasons"):
        if facts.get(name):
            named = (_(CHECKS[CheckItem(item)]) for item in facts[name])
            yield Markup("{}.").format(voice.listed(named))
    if facts.get("department"):
        yield voice.said(facts["department"])
    if facts.get("verdict"):
        yield _(STATEMENTS[StatementVerdict(facts["verdict"])].text)
    if facts.get("fields") and step.told:
        named = (_(labels.get(name, name)) for name in facts["fields"])
        yield Markup("{}.").format(voice.listed(named))
    if step.what == "hold.dropped":
        yield _(ENDED.get(facts.get("why", ""), ""))


def _judged(facts: Mapping[str, str], voice: Voice) -> Markup:
    _ = voice.gettext
    name = _(CHECKS[CheckItem(facts["item"])])
    if not facts.get("judgement"):
        return _("%(line)s: Urteil zurückgenommen.", line=name)
    verdict = _(MARKED[Judgement(facts["judgement"])].text)
    return _("%(line)s: %(verdict)s.", line=name, verdict=verdict)
