"""What is wrong with a field, said to the person who filled it in."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from shared.web.formats import date_medium, number
from shared.web.i18n import lazy, translations

GENERIC: Final = lazy("Das können wir nicht lesen. Bitte prüfen Sie diese Angabe.")
MISSING: Final = lazy("Bitte füllen Sie dieses Feld aus.")
CHOOSE: Final = lazy("Bitte wählen Sie eine der Möglichkeiten.")
NUMBER: Final = lazy("Schreiben Sie eine Zahl, zum Beispiel 150.")
DATE: Final = lazy("Schreiben Sie ein Datum, zum Beispiel 9.12.2026.")
TIME: Final = lazy("Schreiben Sie eine Uhrzeit, zum Beispiel 18:30.")
TOO_LONG: Final = lazy("Das ist zu lang. Möglich sind höchstens %(max_length)s Zeichen.")
AT_LEAST: Final = lazy("Die Zahl muss mindestens %(ge)s sein.")
AT_MOST: Final = lazy("Die Zahl darf höchstens %(le)s sein.")
MORE_THAN: Final = lazy("Die Zahl muss größer als %(gt)s sein.")
LESS_THAN: Final = lazy("Die Zahl muss kleiner als %(lt)s sein.")
UNREADABLE: Final = lazy("Darin ist ein Zeichen, das wir nicht lesen können. Bitte löschen Sie es.")

SENTENCES: Final[Mapping[str, Any]] = {
    "missing": MISSING,
    "string_too_short": MISSING,
    "string_type": MISSING,
    "too_short": lazy("Hier fehlt noch etwas. Bitte ergänzen Sie es."),
    "too_long": lazy("Das ist zu viel. Möglich sind höchstens %(max_length)s."),
    "string_too_long": TOO_LONG,
    "string_unicode": UNREADABLE,
    "control_characters": UNREADABLE,
    "one_line": lazy("Bitte schreiben Sie hier nur eine Zeile."),
    "enum": CHOOSE,
    "literal_error": CHOOSE,
    "bool_parsing": CHOOSE,
    "bool_type": CHOOSE,
    "uuid_parsing": CHOOSE,
    "uuid_type": CHOOSE,
    "int_parsing": NUMBER,
    "int_parsing_size": NUMBER,
    "int_from_float": lazy("Schreiben Sie eine ganze Zahl, zum Beispiel 150."),
    "int_type": NUMBER,
    "float_parsing": NUMBER,
    "decimal_parsing": NUMBER,
    "finite_number": NUMBER,
    "greater_than_equal": AT_LEAST,
    "less_than_equal": AT_MOST,
    "greater_than": MORE_THAN,
    "less_than": LESS_THAN,
    "money": NUMBER,
    "money_too_much": lazy("Der Betrag ist zu hoch."),
    "date": DATE,
    "no_such_date": lazy("Diesen Tag gibt es nicht. Bitte prüfen Sie das Datum."),
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "datetime_parsing": DATE,
    "time": TIME,
    "time_type": TIME,
    "time_parsing": TIME,
    "email": lazy("Schreiben Sie eine E-Mail-Adresse, zum Beispiel name@beispiel.de."),
    "phone": lazy("Schreiben Sie eine Telefonnummer, zum Beispiel 05361 123456."),
    "json_invalid": lazy("Das ist kein gültiges JSON."),
    "extra_forbidden": lazy("Diese Angabe kennen wir nicht."),
}
"""By type of pydantic's error or of `fields.refusal`; the sentence for all others is GENERIC."""


class Complaint(ValueError):
    """What a model's own validator says to the person: a `lazy` sentence and its facts."""

    def __init__(self, sentence: Any, **facts: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.facts = facts


def sentence_for(kind: str, facts: Mapping[str, Any], lang: str) -> str:
    """The sentence for one pydantic error, in the reader's language."""
    own = facts.get("error")
    if isinstance(own, Complaint):
        return _say(own.sentence, own.facts, lang)
    return _say(SENTENCES.get(kind, GENERIC), facts, lang)


def _say(sentence: Any, facts: Mapping[str, Any], lang: str) -> str:
    gettext: Callable[[str], str] = translations(lang).gettext
    text = gettext(str(sentence))
    return text % {name: _shown(value, lang) for name, value in facts.items()} if facts else text


def _shown(value: Any, lang: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, lang)
    if isinstance(value, datetime | date):
        return date_medium(value, lang)
    return str(value)
