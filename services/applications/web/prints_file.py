"""The whole case on paper, for the office and its auditors: every answer, sum, decision and step."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.applications.domain import Change, Correction, Statement
from services.applications.queries.case import Step
from services.applications.queries.whole import Whole
from services.applications.web.case_steps import about_step
from services.applications.web.case_voice import Voice
from services.applications.web.case_words import CHECKS, OUTCOMES, SOMEBODY, STATEMENTS, verdict_of
from services.applications.web.fields import LABELS
from services.applications.web.shown import Shown, as_typed, kept, readable_phone, sections
from services.applications.web.words import ACTORS, ACTS, TOLD
from shared.events.applications import CheckItem
from shared.print import CaseFile
from shared.web import formats
from shared.web.i18n import translations

Row = tuple[str, str | Sequence[str]]
WHO = "wer"
"""The step of the form that says who applies."""


def case_facts(whole: Whole, *, language: str, at: datetime) -> CaseFile:
    """Labels in the reader's language, people's words as they typed them."""
    _ = translations(language).gettext
    application, answers = whole.application, whole.case.answers
    parts = sections(as_typed(answers), whole.rules, language) if answers else []
    rows = {part.step.slug: [_row(row, language) for row in part.rows] for part in parts}
    headings = {part.step.slug: _(part.step.name) for part in parts}
    others = [(headings[slug], rows[slug]) for slug in rows if slug != WHO]
    return CaseFile(
        number=application.number or "",
        title=application.title or application.public_title or application.number or "",
        public_title=application.public_title or application.number or "",
        applicant=[(label, _joined(value)) for label, value in rows.get(WHO, [])],
        sections=[*others, *_record(whole, language)],
        money=list(_money(whole, language)),
        checklist=[
            (_(CHECKS[line.item]), _(verdict_of(line).text), line.mark.note if line.mark else "")
            for line in whole.check
        ],
        trail=[_step(step, language) for step in whole.steps],
        files=[(file.name, file.size) for file in whole.case.files],
        as_of=at,
    )


def _money(whole: Whole, language: str) -> Iterator[tuple[str, int]]:
    """Asked, granted, still to come: in this order everywhere."""
    _ = translations(language).gettext
    yield _("Beantragt"), whole.application.asked_cents or 0
    if whole.grant is not None:
        yield _("Bewilligt"), whole.grant.amount_cents
        yield _("Kommt noch"), 0 if whole.grant.ended_at else whole.grant.amount_cents


def _record(whole: Whole, language: str) -> Iterator[tuple[str, Sequence[Row]]]:
    _ = translations(language).gettext
    if whole.decisions:
        yield _("Entscheidungen"), [_decision(whole, one, language) for one in whole.decisions]
    if whole.conditions:
        met, open_ = _("erfüllt"), _("offen")
        yield (
            _("Auflagen"),
            [
                (
                    formats.date_medium(one.due_on, language),
                    f"{one.text} ({met if one.met_at else open_})",
                )
                for one in whole.conditions
            ],
        )
    if whole.corrections:
        yield _("Nachforderungen"), [_correction(one, language) for one in whole.corrections]
    if whole.changes:
        yield _("Geänderte Angaben"), [_change(one, whole, language) for one in whole.changes]
    if whole.statements:
        yield _("Stellungnahmen"), [_statement(one, language) for one in whole.statements]


def _decision(whole: Whole, one: Any, language: str) -> Row:
    _ = translations(language).gettext
    said = [_(OUTCOMES[one.outcome].text)]
    if one.amount_cents:
        said.append(formats.money(one.amount_cents, language))
    if one.by_vote:
        votes = _("%(yes)s Ja, %(no)s Nein, %(abstain)s Enthaltungen")
        said.append(votes % {name: one.counts.get(name, 0) for name in ("yes", "no", "abstain")})
    return formats.date_time(one.at, language), said


def _correction(one: Correction, language: str) -> Row:
    _ = translations(language).gettext
    items = [_(CHECKS[CheckItem(item)]) for item in one.items]
    return formats.date_time(one.requested_at, language), [*items, *filter(None, [one.note])]


def _change(one: Change, whole: Whole, language: str) -> Row:
    """As people read it; an account number never whole."""
    _ = translations(language).gettext
    before, after = (
        _joined(_plain(value.how, value.value, language)) or _("leer")
        for value in (
            kept(one.field, text, whole.rules, language) for text in (one.before, one.after)
        )
    )
    label = _(LABELS.get(one.field, one.field))
    said = [label, f"{_('vorher:')} {before}", f"{_('jetzt:')} {after}"]
    return formats.date_time(one.at, language), said


def _statement(one: Statement, language: str) -> Row:
    _ = translations(language).gettext
    verdict = _(STATEMENTS[one.verdict].text) if one.verdict else _("Wartet")
    return one.department, [text for text in (one.question, verdict, one.text) if text]


def _step(step: Step, language: str) -> tuple[datetime, str, str, int | None]:
    _ = translations(language).gettext
    table = TOLD if step.told else ACTS
    who = SOMEBODY if step.who.startswith("account:") else ACTORS.get(step.who)
    about = about_step(step, Voice(language), LABELS).striptags()
    what = _(table.get(step.what, step.what))
    return step.at, _(who) if who else step.who, f"{what}. {about}" if about else what, step.cents


def _row(row: Shown, language: str) -> Row:
    return translations(language).gettext(LABELS[row.name]), _plain(row.how, row.value, language)


def _plain(how: str, value: Any, language: str) -> str | list[str]:
    """The value as text; a page shows the same with marks."""
    _ = translations(language).gettext
    if how == "":
        return ""
    if how == "money":
        return formats.money(value, language)
    if how == "date":
        return formats.date_long(value, language)
    if how == "iban":
        return formats.iban_masked(value)
    if how == "lines":
        return [_line(line, language) for line in value]
    return _(value) if how == "word" else readable_phone(value) if how == "phone" else str(value)


def _line(line: Any, language: str) -> str:
    _ = translations(language).gettext
    amount = line["amount"]
    if line["how"] == "money":
        amount = formats.money(amount, language)
    named = f"{_(line['kind'])}: {line['what']}" if line["kind"] else str(line["what"])
    return f"{named}, {amount}" if amount else named


def _joined(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
