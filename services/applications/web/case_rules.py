"""Each line of the formal check in words: the rule with its numbers, and what is there."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from markupsafe import Markup

from services.applications.domain import Rules
from services.applications.domain.checklist import Check, Earlier, Finding
from services.applications.domain.fund import Begun
from services.applications.web.case_desk import case_path
from services.applications.web.case_voice import Voice
from shared.events.applications import CheckItem

Say = Callable[[Mapping[str, Any], Rules, Voice], Iterable[Markup]]


def rule_in_words(line: Check, rules: Rules, voice: Voice) -> Markup:
    """The rule as it stands in the fund, and what the program found."""
    if line.finding is Finding.NOT_ASKED and not line.facts:
        return voice.gettext("Der Fonds verlangt hier nichts.")
    return voice.together(SENTENCES[line.item](line.facts, rules, voice))


def _who(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    who = voice.listed(words.in_(voice.lang) for words in rules.who_may_apply)
    if who:
        yield _("Bewerben dürfen sich: %(who)s.", who=who)
    yield _("Das kann nur ein Mensch sagen.")


def _plan(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    yield _(
        "Ausgaben %(total)s, von anderer Seite %(others)s, beantragt %(asked)s.",
        total=voice.euros(facts["total"]),
        others=voice.euros(facts["others"]),
        asked=voice.euros(facts["asked"]),
    )
    if facts["gap"] == 0:
        yield _("Der Plan geht auf.")
    else:
        yield _("Es fehlen noch %(gap)s.", gap=voice.euros(facts["gap"]))


def _quotes(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    needed, limit = facts["needed"], voice.euros(facts["from"])
    yield voice.ngettext(
        "Ab %(sum)s braucht es ein Angebot.",
        "Ab %(sum)s braucht es %(num)s Angebote.",
        needed,
        sum=limit,
    )
    if not facts["lines"]:
        yield voice.gettext("Keine Ausgabe ist so hoch.")
        return
    yield voice.ngettext("Hier: %(num)s Datei.", "Hier: %(num)s Dateien.", facts["files"])


def _not_begun(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    if rules.begun is Begun.INADMISSIBLE:
        yield _("Vor der Entscheidung darf es nicht losgehen.")
    else:
        yield _("Vor der Entscheidung darf es nur mit unserer Zustimmung losgehen.")
    begins = voice.date(facts["starts_on"])
    if facts["decided_at"] is None:
        yield _("Beginn: %(day)s. Wann entschieden wird, ist offen.", day=begins)
        return
    decided = voice.date(facts["decided_at"])
    yield _("Beginn: %(day)s. Entscheidung: %(decided)s.", day=begins, decided=decided)


def _lead_time(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    yield voice.ngettext(
        "Zwischen Antrag und Beginn liegt mindestens %(num)s Tag.",
        "Zwischen Antrag und Beginn liegen mindestens %(num)s Tage.",
        facts["days"],
    )
    yield voice.gettext(
        "Frühester Beginn: %(earliest)s. Beginn: %(day)s.",
        earliest=voice.date(facts["earliest"]),
        day=voice.date(facts["starts_on"]),
    )


def _ends_in_time(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    yield voice.gettext(
        "Bis zum %(last)s muss alles fertig sein. Ende: %(day)s.",
        last=voice.date(facts["last"]),
        day=voice.date(facts["ends_on"]),
    )


def _cap(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    yield voice.gettext(
        "Höchstens %(cap)s für eine Idee. Beantragt: %(asked)s.",
        cap=voice.euros(facts["cap"]),
        asked=voice.euros(facts["asked"]),
    )


def _own_share(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    yield _(
        "Mindestens %(percent)s Prozent eigener Beitrag. Hier: %(own)s von %(eligible)s.",
        percent=voice.number(facts["percent"]),
        own=voice.euros(facts["own"]),
        eligible=voice.euros(facts["eligible"]),
    )
    if rules.own_share_may_be_work:
        yield _("Eigene Arbeit und Räume zählen mit.")


def _not_fundable(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    if rules.not_paid:
        kinds = voice.listed(kind.name.in_(voice.lang) for kind in rules.not_paid)
        yield voice.gettext("Der Fonds zahlt nicht: %(kinds)s.", kinds=kinds)
    yield voice.ngettext(
        "Hier ist %(num)s Zeile markiert.",
        "Hier sind %(num)s Zeilen markiert.",
        len(facts["lines"]),
    )
    yield voice.gettext("Höchstens möglich: %(most)s.", most=voice.euros(facts["most"]))


def _repeat(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    yield _("Was abgelehnt ist, darf nicht noch einmal kommen.")
    if facts["earlier"]:
        yield _("Schon abgelehnt: %(cases)s.", cases=_cases(facts["earlier"], voice))
    else:
        yield _("Wir finden keinen abgelehnten Antrag.")


def _one_per_sponsor(facts: Mapping[str, Any], rules: Rules, voice: Voice) -> Iterable[Markup]:
    _ = voice.gettext
    yield _("Eine Einrichtung darf im Jahr einen Antrag für denselben Zweck stellen.")
    if facts.get("earlier"):
        yield _("In diesem Jahr gibt es schon: %(cases)s.", cases=_cases(facts["earlier"], voice))
    else:
        yield _("Wir finden keinen anderen.")


def _cases(earlier: Iterable[Earlier], voice: Voice) -> Markup:
    """Each with its number, a link away."""
    link = Markup('<a class="kern-link" href="{}">{}</a> {}')
    return voice.listed(
        link.format(case_path(one.id), voice.code(one.number), voice.said(one.title))
        for one in earlier
    )


SENTENCES: Final[Mapping[CheckItem, Say]] = {
    CheckItem.WHO_MAY_APPLY: _who,
    CheckItem.FUNDING_PLAN: _plan,
    CheckItem.QUOTES: _quotes,
    CheckItem.NOT_BEGUN: _not_begun,
    CheckItem.LEAD_TIME: _lead_time,
    CheckItem.ENDS_IN_TIME: _ends_in_time,
    CheckItem.CAP: _cap,
    CheckItem.OWN_SHARE: _own_share,
    CheckItem.NOT_FUNDABLE: _not_fundable,
    CheckItem.REPEAT: _repeat,
    CheckItem.ONE_PER_SPONSOR: _one_per_sponsor,
}
