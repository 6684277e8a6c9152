"""A case on paper: from what the tables hold to the facts that letters, agreements and files are made of."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

from services.applications.domain import Application, Decision, Grant, Rules, SessionDate
from services.applications.domain.answers import Answers, Who
from services.applications.domain.fund import Begun
from services.applications.queries.case import Step
from services.applications.queries.whole import Whole
from services.applications.web.words import FUNDING
from shared.days import local_day
from shared.events.applications import Explanation
from shared.print import Addressee, Agreement, DecisionLetter, Way
from shared.sealed import Sealed, Seals
from shared.web import formats
from shared.web.i18n import BINDING, translations

Kind = Literal["granted", "rejected", "deferred"]
DECISIONS: Final[Mapping[str, Kind]] = {
    "stadtteilbote.grant.reserved.v1": "granted",
    "stadtteilbote.application.rejected.v1": "rejected",
    "stadtteilbote.application.deferred.v1": "deferred",
}
ALONE: Final = "urgent"
"""The reason of a verdict that chair or office reached by themselves."""

EXPLAINED: Final = "stadtteilbote.explanation.written.v1"


def decision_of(whole: Whole) -> Step | None:
    """The last decision that was told."""
    told = [step for step in whole.steps if step.told and step.what in DECISIONS]
    return told[-1] if told else None


def may_print_letter(whole: Whole) -> bool:
    """Whether there is a decision, and somebody it can be addressed to."""
    return whole.case.answers is not None and decision_of(whole) is not None


def may_print_agreement(whole: Whole) -> bool:
    """Once the grant can be accepted, and for ever after it was."""
    grant = whole.grant
    if grant is None or whole.case.answers is None:
        return False
    return grant.accept_by is not None or grant.signed is not None


async def explanation_of(whole: Whole, seals: Seals) -> str | None:
    """The office's own words that went with the decision; None without any, or once erased."""
    step = decision_of(whole)
    words = [one for one in whole.steps if step and one.what == EXPLAINED and one.at == step.at]
    if not words:
        return None
    opened = await seals.open(Sealed.model_validate(words[-1].facts["text"]), Explanation)
    return opened.text if opened else None


def letter_facts(whole: Whole, *, case_url: str, explanation: str | None = None) -> DecisionLetter:
    """The letter as it was told: later changes of the grant do not change it."""
    step, answers, application = decision_of(whole), whole.case.answers, whole.application
    assert step is not None and answers is not None
    told, kind = step.facts, DECISIONS[step.what]
    return DecisionLetter(
        kind=kind,
        number=application.number or "",
        public_title=application.public_title,
        title=application.title,
        addressee=addressee_of(answers.applicant),
        dated_on=local_day(step.at),
        asked_cents=told["asked_cents"],
        amount_cents=told.get("amount_cents"),
        partial=told.get("kind") == "partial",
        conditions=[
            (one["text"], date.fromisoformat(one["due_on"])) for one in told.get("conditions", [])
        ],
        waits_for=told.get("waits_for", []),
        accept_by=_moment(told.get("accept_by")),
        session_on=_session_on(whole, step),
        way=_way(whole, step),
        counts=_counts(whole, step),
        because=told.get("because"),
        next_session_on=_day(told.get("next_session_at")),
        explanation=explanation,
        case_url=case_url,
    )


def agreement_facts(whole: Whole, *, language: str) -> Agreement:
    """What both sides sign, under the rules the grant was decided by."""
    answers, grant, application = whole.case.answers, whole.grant, whole.application
    assert answers is not None and grant is not None
    rules, decided = Rules.model_validate(grant.rules), local_day(grant.decided_at)
    return Agreement(
        number=application.number or "",
        title=application.title,
        addressee=addressee_of(answers.applicant),
        dated_on=local_day(grant.effective_at or grant.decided_at),
        amount_cents=grant.amount_cents,
        eligible_cents=whole.eligible or 0,
        asked_cents=grant.asked_cents,
        costs=[
            (line.what, line.cents, n in whole.marked) for n, line in enumerate(answers.costs.costs)
        ],
        funding=list(_funding(answers, language)),
        starts_on=answers.idea.starts_on,
        ends_on=answers.idea.ends_on,
        conditions=[(one.text, one.due_on) for one in whole.conditions],
        rules=list(rules_in_words(rules, decided, language)),
        rules_in_german=list(rules_in_words(rules, decided, BINDING)),
        signed=_signed(grant),
    )


def addressee_of(who: Who) -> Addressee:
    """Whom a letter greets, and where it goes on paper."""
    return Addressee(name=who.addressee, street=who.street, postcode=who.postcode, city=who.city)


def rules_in_words(rules: Rules, decided: date, language: str) -> Iterator[str]:
    """What of the fund's rules whoever gets the money has to keep."""
    _ = translations(language).gettext
    if rules.begun is Begun.INADMISSIBLE:
        yield _("Vor der Zusage darf nichts bestellt oder bezahlt sein.")
    if rules.not_paid:
        joint = "، " if language == "ar" else ", "
        kinds = joint.join(kind.name.in_(language) for kind in rules.not_paid)
        yield _("Der Fonds zahlt nicht: %(kinds)s.") % {"kinds": kinds}
    if rules.own_share_percent:
        share = _("Zum Projekt gehört ein eigener Beitrag von mindestens %(percent)s Prozent.")
        yield share % {"percent": rules.own_share_percent}
    last = rules.last_day(decided)
    if last is not None:
        day = formats.date_medium(last, language)
        yield _("Alles muss bis zum %(day)s fertig sein.") % {"day": day}


def case_url_of(origin: str, application: Application) -> str:
    """Where the applicant reads how it stands."""
    return f"{origin}/mein/{application.id}"


def _funding(answers: Answers, language: str) -> Iterator[tuple[str, int]]:
    _ = translations(language).gettext
    for line in answers.costs.funding:
        yield f"{_(FUNDING[line.kind])}: {line.what}", line.cents


def _signed(grant: Grant) -> tuple[Literal["online", "paper"], date] | None:
    if grant.signed is None or grant.signed_on is None:
        return None
    return ("online" if grant.signed == "online" else "paper"), grant.signed_on


def _session_on(whole: Whole, step: Step) -> date | None:
    """The day the board met, or ended a vote outside of a session; a decision of the office has none."""
    vote = _vote(whole, step)
    if vote is not None and _way(whole, step) != "meeting":
        return local_day(vote.at)
    met = _meant(whole, step)
    return local_day(met.starts_at) if met else None


def _way(whole: Whole, step: Step) -> Way:
    """A vote that ended before its session began was held in writing, if nobody decided it alone."""
    vote, met = _vote(whole, step), _meant(whole, step)
    if vote is not None and vote.reason == ALONE:
        return "urgent"
    outside = vote is not None and met is not None and vote.at < met.starts_at
    return "circular" if outside else "meeting"


def _meant(whole: Whole, step: Step) -> SessionDate | None:
    told = step.facts.get("session_id")
    return next((one for of, one in whole.sessions.items() if str(of) == told), None)


def _vote(whole: Whole, step: Step) -> Decision | None:
    told = step.facts.get("vote_id")
    return next((one for one in whole.decisions if one.by_vote and str(one.id) == told), None)


def _counts(whole: Whole, step: Step) -> tuple[int, int, int] | None:
    """Yes, no, abstain of the vote that was told; none where one decided alone."""
    vote = _vote(whole, step)
    if vote is None or vote.reason == ALONE:
        return None
    return vote.counts["yes"], vote.counts["no"], vote.counts["abstain"]


def _moment(told: Any) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _day(told: Any) -> date | None:
    at = _moment(told)
    return local_day(at) if at else None
