"""Believable documents of every kind, and the ones that strain a page."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from shared.print import (
    Addressee,
    Agreement,
    CaseFile,
    DecisionLetter,
    agreement,
    case_file,
    decision_letter,
)
from shared.web.brand import load_brand

BRAND: Final = load_brand(Path("deploy/brand.toml"))
URL: Final = "https://stadtteil.example/mein/2026-021"
ADA: Final = Addressee(
    name="Ada Lovelace", street="Laagbergstraße 12", postcode="38440", city="Wolfsburg"
)
SESSION: Final = date(2026, 12, 9)
ACCEPT_BY: Final = datetime(2026, 12, 30, 22, 59, 59, tzinfo=UTC)

_ASKED: Final[dict[str, Any]] = {
    "number": "2026-021",
    "public_title": "Sommerfest im Innenhof",
    "title": "Sommerfest im Innenhof der Laagbergstraße",
    "addressee": ADA,
    "dated_on": date(2026, 12, 10),
    "asked_cents": 90_000,
    "session_on": SESSION,
    "counts": (7, 2, 1),
    "case_url": URL,
}
GRANTED: Final = DecisionLetter(kind="granted", amount_cents=90_000, accept_by=ACCEPT_BY, **_ASKED)
CONDITIONS: Final = (
    ("Die Erlaubnis der Hausverwaltung liegt vor.", date(2026, 12, 18)),
    ("Der Lärmschutz ist mit der Nachbarschaft abgesprochen.", date(2027, 1, 8)),
)
RULES: Final = (
    "Das Geld ist nur für die Kosten da, die in dieser Vereinbarung stehen.",
    "Geben Sie alle Quittungen spätestens acht Wochen nach dem Ende ab.",
    "Geld, das übrig bleibt, geben Sie zurück.",
)
AGREED: Final = Agreement(
    number="2026-021",
    title="Sommerfest im Innenhof der Laagbergstraße",
    addressee=ADA,
    dated_on=date(2026, 12, 10),
    amount_cents=65_000,
    eligible_cents=80_000,
    asked_cents=90_000,
    costs=(
        ("Miete für Bühne und Zelte", 45_000, False),
        ("Musik", 35_000, False),
        ("Buffet", 20_000, True),
    ),
    funding=(("Bürgerfonds", 90_000), ("Eigener Beitrag", 10_000)),
    starts_on=date(2027, 6, 1),
    ends_on=date(2027, 6, 30),
    conditions=CONDITIONS,
    rules=RULES,
)
ARABIC_RULES: Final = (
    "المال مخصص فقط للتكاليف المذكورة في هذه الاتفاقية.",
    "سلّموا جميع الإيصالات خلال ثمانية أسابيع بعد النهاية.",
    "أعيدوا المال المتبقي.",
)
_MORNING: Final = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
CASE: Final = CaseFile(
    number="2026-021",
    title="Sommerfest im Innenhof der Laagbergstraße",
    public_title="Sommerfest im Innenhof",
    applicant=(
        ("Name", "Ada Lovelace"),
        ("Anschrift", "Laagbergstraße 12, 38440 Wolfsburg"),
        ("Telefon", "0171 234567"),
        ("E-Mail", "ada@example.org"),
    ),
    sections=(
        (
            "Die Idee",
            (
                ("Ziel", "Nachbarinnen und Nachbarn lernen sich kennen.\n\nAlle essen zusammen."),
                ("Zielgruppe", ["Familien", "Ältere Menschen", "مرحبًا بالجميع"]),
                ("Hinweis", ""),
            ),
        ),
        ("Abstimmung", (("Ergebnis", "7 Ja, 2 Nein, 1 Enthaltung"), ("Nötig", "6 Ja"))),
    ),
    money=(("Beantragt", 90_000), ("Zugesagt", 65_000), ("Ausgezahlt", 0), ("Kommt noch", 65_000)),
    checklist=(
        ("Angebote liegen bei", "in Ordnung", ""),
        ("Nicht förderfähige Kosten", "nicht in Ordnung", "Das Buffet wird nicht bezahlt."),
    ),
    trail=tuple(
        (
            _MORNING + timedelta(days=day, hours=day % 5),
            "Ada Lovelace" if day % 3 == 0 else "Team des Büros",
            f"Eintrag {day + 1}: " + ("Antrag geändert" if day % 2 else "Notiz geschrieben"),
            90_000 if day % 10 == 0 else None,
        )
        for day in range(90)
    ),
    files=(("angebot-buehne.pdf", 482_113), ("lageplan.png", 1_204_882)),
)


def varied(**facts: Any) -> DecisionLetter:
    return DecisionLetter(**(vars(GRANTED) | facts))


LETTERS: Final = {
    "granted full": GRANTED,
    "granted partial": varied(
        amount_cents=65_000,
        partial=True,
        explanation="Für das Buffet gibt es kein Geld: Essen ist ausgeschlossen.",
    ),
    "granted conditional": varied(conditions=CONDITIONS, accept_by=None),
    "granted subject to budget": varied(waits_for=("release", "city"), accept_by=None),
    "granted by the office": varied(session_on=None, counts=None, title=None),
    "granted in writing": varied(way="circular"),
    "granted in a hurry": varied(way="urgent", counts=None),
    "rejected vote": varied(
        kind="rejected", because="vote", counts=(5, 6, 0), amount_cents=None, accept_by=None
    ),
    "rejected tie": varied(
        kind="rejected", because="tie", counts=(5, 5, 2), amount_cents=None, accept_by=None
    ),
    "rejected office": varied(
        kind="rejected",
        because="office",
        counts=None,
        session_on=None,
        amount_cents=None,
        accept_by=None,
        explanation="Der Kurs hat schon begonnen.\n\nEine zweite Zeile.",
    ),
    "deferred no quorum": varied(
        kind="deferred",
        because="no_quorum",
        counts=None,
        amount_cents=None,
        accept_by=None,
        next_session_on=date(2027, 3, 10),
    ),
    "deferred without a date": varied(
        kind="deferred", because="taken_off", counts=None, amount_cents=None, accept_by=None
    ),
}
AGREEMENTS: Final = {
    "agreement": AGREED,
    "agreement signed online": Agreement(
        **(vars(AGREED) | {"signed": ("online", date(2026, 12, 15)), "conditions": ()})
    ),
    "agreement signed on paper": Agreement(
        **(vars(AGREED) | {"signed": ("paper", date(2026, 12, 15)), "funding": (), "rules": ()})
    ),
}
CASES: Final = {
    "case file long": CASE,
    "case file short": CaseFile(
        number="2026-022",
        title="Bank",
        public_title="Bank",
        applicant=(("Name", "Ada"),),
        as_of=_MORNING,
    ),
}
NAMES: Final = (*LETTERS, *AGREEMENTS, *CASES)


def written(name: str, language: str) -> bytes:
    """The PDF of a sample."""
    if name in LETTERS:
        return decision_letter(LETTERS[name], brand=BRAND, language=language)
    if name in CASES:
        return case_file(CASES[name], brand=BRAND, language=language)
    facts = vars(AGREEMENTS[name])
    if language == "ar" and facts["rules"]:
        facts = facts | {"rules": ARABIC_RULES, "rules_in_german": RULES}
    return agreement(Agreement(**facts), brand=BRAND, language=language)
