"""A fund's rules as people read them: which stand together, what each is called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.applications.domain.fund import Begun
from shared.events.applications import CheckItem
from shared.web.i18n import lazy

C = CheckItem


@dataclass(frozen=True)
class RuleLine:
    """One sentence of the rules page; `rules` are all it says something about, the first names it."""

    label: str
    rules: tuple[str, ...]
    check: CheckItem | None = None
    """The line of the formal check that links here."""

    @property
    def name(self) -> str:
        return self.rules[0]


@dataclass(frozen=True)
class RuleGroup:
    """Sentences under one heading."""

    title: str
    lines: tuple[RuleLine, ...]


GROUPS: Final = (
    RuleGroup(
        lazy("Der Fonds"),
        (
            RuleLine(lazy("Name"), ("name",)),
            RuleLine(lazy("Gremium"), ("board",)),
            RuleLine(lazy("Bundesland"), ("land",)),
        ),
    ),
    RuleGroup(
        lazy("Geld"),
        (
            RuleLine(lazy("Übliches Jahresbudget"), ("year_cents",)),
            RuleLine(lazy("Wenig Geld übrig"), ("low_cents",)),
            RuleLine(lazy("Höchstbetrag für ein Projekt"), ("cap_cents",), C.CAP),
        ),
    ),
    RuleGroup(
        lazy("Wer entscheidet"),
        (
            RuleLine(lazy("Büro entscheidet allein"), ("office_up_to_cents",)),
            RuleLine(lazy("Zustimmung der Stadt"), ("city_above_cents",)),
        ),
    ),
    RuleGroup(
        lazy("Wer und wofür"),
        (
            RuleLine(lazy("Wer einen Antrag stellen kann"), ("who_may_apply",), C.WHO_MAY_APPLY),
            RuleLine(lazy("Themen (Handlungsfelder)"), ("fields",)),
            RuleLine(lazy("Was der Fonds nicht bezahlt"), ("not_paid",), C.NOT_FUNDABLE),
        ),
    ),
    RuleGroup(
        lazy("Was wir prüfen"),
        (
            RuleLine(lazy("Finanzierungsplan"), ("funding_plan",), C.FUNDING_PLAN),
            RuleLine(lazy("Angebote"), ("quotes_from_cents", "quotes_needed"), C.QUOTES),
            RuleLine(lazy("Schon begonnen"), ("begun",), C.NOT_BEGUN),
            RuleLine(lazy("Zeit bis zum Beginn"), ("lead_days",), C.LEAD_TIME),
            RuleLine(lazy("Ende des Projekts"), ("ends_by",), C.ENDS_IN_TIME),
            RuleLine(
                lazy("Eigener Beitrag"), ("own_share_percent", "own_share_may_be_work"), C.OWN_SHARE
            ),
            RuleLine(lazy("Abgelehnte Ideen"), ("rejected_may_return",), C.REPEAT),
            RuleLine(lazy("Ein Antrag je Einrichtung"), ("one_per_sponsor",), C.ONE_PER_SPONSOR),
        ),
    ),
    RuleGroup(
        lazy("Fristen"),
        (
            RuleLine(lazy("Fehlendes nachreichen"), ("correction_days",)),
            RuleLine(lazy("Stellungnahme"), ("statement_days",)),
            RuleLine(lazy("Zusage annehmen"), ("acceptance_days",)),
            RuleLine(lazy("Erinnerung"), ("remind_days",)),
            RuleLine(lazy("Ergebnis zurücknehmen"), ("undo_minutes",)),
        ),
    ),
    RuleGroup(
        lazy("Das Formular"),
        (
            RuleLine(lazy("Entwürfe"), ("draft_days",)),
            RuleLine(lazy("Dauer"), ("minutes_needed",)),
            RuleLine(lazy("Dateien"), ("uploads",)),
        ),
    ),
)
"""Every rule stands in exactly one line; a plan that adds up is asked for by every fund."""

LINES: Final[Mapping[str, RuleLine]] = {
    rule: line for group in GROUPS for line in group.lines for rule in line.rules
}

FIELD_LABELS: Final[Mapping[str, str]] = {
    "name": lazy("Name"),
    "board": lazy("Gremium"),
    "land": lazy("Bundesland"),
    "year_cents": lazy("Übliches Jahresbudget"),
    "low_cents": lazy("Hinweis, wenn weniger übrig ist als"),
    "cap_cents": lazy("Höchstbetrag für ein Projekt"),
    "office_up_to_cents": lazy("Bis zu diesem Betrag entscheidet das Büro allein"),
    "city_above_cents": lazy("Über diesem Betrag muss die Stadt zustimmen"),
    "fields": lazy("Themen (Handlungsfelder)"),
    "who_may_apply": lazy("Wer einen Antrag stellen kann"),
    "not_paid": lazy("Was der Fonds nicht bezahlt"),
    "quotes_from_cents": lazy("Ab diesem Betrag brauchen wir Angebote"),
    "quotes_needed": lazy("So viele Angebote"),
    "begun": lazy("Wenn ein Projekt schon vor der Entscheidung beginnt"),
    "lead_days": lazy("Tage bis zum Beginn"),
    "ends_by": lazy("Letzter Tag im Jahr nach der Entscheidung"),
    "own_share_percent": lazy("Eigener Beitrag in Prozent"),
    "own_share_may_be_work": lazy("Eigene Arbeit und eigene Räume zählen mit"),
    "rejected_may_return": lazy("Abgelehnte Ideen dürfen noch einmal kommen"),
    "one_per_sponsor": lazy("Nur ein Antrag je Einrichtung, Jahr und Zweck"),
    "correction_days": lazy("Tage, um Fehlendes nachzureichen"),
    "statement_days": lazy("Tage für eine Stellungnahme der Stadt"),
    "acceptance_days": lazy("Tage, um die Zusage anzunehmen"),
    "remind_days": lazy("Tage vorher erinnern"),
    "undo_minutes": lazy("Minuten, um ein Ergebnis zurückzunehmen"),
    "draft_days": lazy("Tage, die ein Entwurf bleibt"),
    "minutes_needed": lazy("Minuten, die das Formular etwa dauert"),
    "uploads_count": lazy("Dateien je Antrag"),
    "uploads_megabytes": lazy("Megabyte je Datei"),
    "uploads_megapixels": lazy("Megapixel je Bild"),
    "uploads_pages": lazy("Seiten je PDF"),
    "holds_from": lazy("Gilt ab"),
}
"""What the form calls each field."""

BEGUN: Final[Mapping[Begun, str]] = {
    Begun.INADMISSIBLE: lazy("Wer vor der Entscheidung anfängt, bekommt kein Geld."),
    Begun.WITH_CONSENT: lazy("Wer vorher anfangen will, braucht die Zustimmung des Büros."),
}

LAND_NAMES: Final[Mapping[str, str]] = {
    "BB": lazy("Brandenburg"),
    "BE": lazy("Berlin"),
    "BW": lazy("Baden-Württemberg"),
    "BY": lazy("Bayern"),
    "HB": lazy("Bremen"),
    "HE": lazy("Hessen"),
    "HH": lazy("Hamburg"),
    "MV": lazy("Mecklenburg-Vorpommern"),
    "NI": lazy("Niedersachsen"),
    "NW": lazy("Nordrhein-Westfalen"),
    "RP": lazy("Rheinland-Pfalz"),
    "SH": lazy("Schleswig-Holstein"),
    "SL": lazy("Saarland"),
    "SN": lazy("Sachsen"),
    "ST": lazy("Sachsen-Anhalt"),
    "TH": lazy("Thüringen"),
}

ACTS: Final[Mapping[str, str]] = {
    "fund.found": lazy("Fonds angelegt"),
    "fund.change": lazy("Regeln geändert"),
    "fund.drop_change": lazy("Geplante Änderung zurückgenommen"),
}


def lines_about(rules: Iterable[str]) -> list[RuleLine]:
    """The sentences that say something about these rules, each once, in the order of the page."""
    changed = set(rules)
    return [line for group in GROUPS for line in group.lines if not changed.isdisjoint(line.rules)]
