"""The five steps of the form: their fields, and how each is named and explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.applications.domain.answers import Costs, Declarations, Idea, Part, Who
from shared.web.i18n import lazy


@dataclass(frozen=True)
class Step:
    """One page of the form; `part` is what it asks, None for the files."""

    slug: str
    name: str
    title: str
    part: type[Part] | None
    part_name: str


STEPS: Final = (
    Step("idee", lazy("Idee"), lazy("Was haben Sie vor?"), Idea, "idea"),
    Step("wer", lazy("Wer"), lazy("Wer stellt den Antrag?"), Who, "applicant"),
    Step("kosten", lazy("Kosten"), lazy("Was kostet Ihre Idee?"), Costs, "costs"),
    Step("dateien", lazy("Dateien"), lazy("Haben Sie Unterlagen dazu?"), None, ""),
    Step(
        "pruefen",
        lazy("Prüfen"),
        lazy("Stimmt alles?"),
        Declarations,
        "declarations",
    ),
)

BY_SLUG: Final = {step.slug: step for step in STEPS}

LABELS: Final[Mapping[str, str]] = {
    "title": lazy("Wie heißt Ihre Idee?"),
    "aim": lazy("Was wollen Sie damit erreichen?"),
    "plan": lazy("Was genau ist geplant?"),
    "target_group": lazy("Für wen ist es gedacht?"),
    "benefit": lazy("Was hat der Stadtteil davon?"),
    "field_of_action": lazy("Zu welchem Thema passt es am besten?"),
    "place": lazy("Wo findet es statt?"),
    "starts_on": lazy("Wann beginnt es?"),
    "ends_on": lazy("Wann endet es?"),
    "not_begun": lazy("Wir haben noch nicht angefangen und noch nichts bestellt oder bezahlt."),
    "kind": lazy("Wer stellt den Antrag?"),
    "name": lazy("Name"),
    "legal_form": lazy("Rechtsform oder Träger"),
    "contact_name": lazy("Wer ist unsere Ansprechperson?"),
    "email": lazy("E-Mail"),
    "phone": lazy("Telefon"),
    "street": lazy("Straße und Hausnummer"),
    "postcode": lazy("Postleitzahl"),
    "city": lazy("Ort"),
    "language": lazy("In welcher Sprache sollen wir Ihnen schreiben?"),
    "account_holder": lazy("Wem gehört das Konto?"),
    "iban": lazy("IBAN"),
    "costs": lazy("Ausgaben"),
    "funding": lazy("Was kommt von anderer Seite dazu?"),
    "asked_cents": lazy("Wie viel Geld brauchen Sie vom Fonds?"),
    "other_applications": lazy("Haben Sie für diese Idee noch woanders Geld beantragt?"),
    "other_applications_text": lazy("Wo, und wie viel?"),
    "files": lazy("Dateien"),
    "privacy": lazy("Ich habe die Hinweise zum Datenschutz gelesen."),
    "newsletter": lazy("Ich möchte Neuigkeiten aus dem Stadtteil per E-Mail bekommen."),
}

HINTS: Final[Mapping[str, str]] = {
    "title": lazy("Ein kurzer Name, zum Beispiel: Sommerfest im Innenhof"),
    "aim": lazy("Zwei oder drei Sätze reichen."),
    "plan": lazy("Was passiert, wer macht mit, was brauchen Sie?"),
    "target_group": lazy("Zum Beispiel: Kinder von 6 bis 12 Jahren, alle Nachbarn im Haus"),
    "benefit": lazy("Was ist danach besser als vorher?"),
    "place": lazy("Straße, Haus oder Platz"),
    "starts_on": lazy("Zum Beispiel 9.12.2026"),
    "ends_on": lazy("Dauert es nur einen Tag? Dann schreiben Sie denselben Tag noch einmal."),
    "name": lazy("Ihr Name, oder der Name der Initiative"),
    "legal_form": lazy(
        "Zum Beispiel: eingetragener Verein. Nur für Initiativen und Einrichtungen."
    ),
    "contact_name": lazy("Nur wenn es jemand anderes ist. Initiativen schreiben hier einen Namen."),
    "email": lazy("Hierhin schicken wir die Bestätigung und alle Schreiben."),
    "phone": lazy("Für Rückfragen"),
    "account_holder": lazy("Name, wie er auf der Bankkarte steht"),
    "iban": lazy("Auf dieses Konto zahlen wir, wenn die Idee Geld bekommt."),
    "asked_cents": lazy("Höchstens so viel, wie noch fehlt."),
    "other_applications_text": lazy("Zum Beispiel: Stiftung, 200 Euro, noch keine Antwort"),
}

OPTIONAL: Final = frozenset(
    {"legal_form", "contact_name", "phone", "other_applications_text", "newsletter"}
)

LINE_LABELS: Final[Mapping[str, str]] = {
    "costs-what": lazy("Wofür?"),
    "costs-cents": lazy("Betrag in Euro"),
    "funding-kind": lazy("Art"),
    "funding-what": lazy("Was, oder von wem?"),
    "funding-cents": lazy("Betrag oder Wert in Euro"),
}


def neighbour(step: Step, by: int) -> Step | None:
    """The step before (-1) or after (1); None past either end."""
    place = STEPS.index(step) + by
    return STEPS[place] if 0 <= place < len(STEPS) else None


def number_of(step: Step) -> int:
    """1 to 5."""
    return STEPS.index(step) + 1


def label_of(name: str) -> str:
    """A field's label; of a repeated line `costs-2-what` the label of its column."""
    parts = name.split("-")
    if len(parts) == 3:
        return LINE_LABELS.get(f"{parts[0]}-{parts[2]}", LABELS.get(parts[0], name))
    return LABELS.get(parts[0], name)
