"""A list somebody made elsewhere, line by line: whole and right, or what is wrong with which line.

CSV with a heading, as spreadsheets write it: semicolons, commas or tabs, UTF-8 or Windows' own
letters. Columns: E-Mail, Themen, Zugestimmt am, Nachweis; if wanted Name, Sprache.
"""

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import TextIOWrapper
from itertools import zip_longest
from typing import IO, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notifications.letters.voice import languages
from shared.web.complaints import sentence_for
from shared.web.fields import Day, Email, Line, clean, has_control_characters
from shared.web.i18n import BINDING, lazy, translations

MOST_LINES: Final = 10_000
MOST_BYTES: Final = 10 * 1024 * 1024
MOST_COMPLAINTS: Final = 100
PIECE: Final = 64 * 1024
HEADING: Final = 4_096
BETWEEN_TOPICS: Final = re.compile(r"[,;|/+]")

COLUMNS: Final = {
    "email": ("email", "e-mail", "e-mail-adresse", "adresse", "mail"),
    "topics": ("themen", "thema", "topics"),
    "agreed_on": ("zugestimmt am", "zugestimmt_am", "datum", "agreed_on"),
    "proof": ("nachweis", "wie", "proof"),
    "name": ("name",),
    "language": ("sprache", "language"),
}
"""What the heading may call each column; capitals and blanks do not matter."""
NEEDED: Final = ("email", "topics", "agreed_on", "proof")

_TOPICS: Final = {
    "sitzungen": "sessions",
    "veranstaltungen": "occasions",
    "entscheidungen": "decisions",
    "rundbrief": "newsletter",
    "presse": "press",
}
TOPIC_NAMES: Final = _TOPICS | {topic: topic for topic in _TOPICS.values()}

ENCODING: Final = lazy("Die Datei ist kein Text. Speichern Sie sie als CSV in UTF-8.")
EMPTY: Final = lazy("In der Datei steht keine Adresse.")
TOO_BIG: Final = lazy("Die Datei ist zu groß. Möglich sind 10 Megabyte.")
TOO_MANY: Final = lazy("Das sind zu viele Zeilen. Möglich sind 10.000 in einer Datei.")
NO_COLUMN: Final = lazy("Es fehlt die Spalte „%(label)s“.")
COLUMN_TWICE: Final = lazy("Die Spalte „%(label)s“ gibt es zweimal.")
CELLS: Final = lazy("Diese Zeile hat mehr Felder als die Überschrift.")
QUOTES: Final = lazy("Ein Anführungszeichen ist nicht geschlossen, oder ein Feld ist zu lang.")
NO_TOPIC: Final = lazy("Dieses Thema gibt es nicht: %(topic)s")
NO_LANGUAGE: Final = lazy("In dieser Sprache schreiben wir nicht: %(language)s")
TWICE: Final = lazy("Diese Adresse steht schon in Zeile %(line)s, mit anderen Angaben.")
FUTURE: Final = lazy("Dieser Tag liegt in der Zukunft.")
UNREADABLE: Final = lazy("Darin ist ein Zeichen, das wir nicht lesen können.")

LABELS: Final = {
    "email": lazy("E-Mail"),
    "topics": lazy("Themen"),
    "agreed_on": lazy("Zugestimmt am"),
    "proof": lazy("Nachweis"),
    "name": lazy("Name"),
    "language": lazy("Sprache"),
}


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What is wrong with a line of the file, in the reader's language; `column` "" for all of it."""

    line: int
    sentence: str
    column: str = ""


class Entry(BaseModel):
    """One line as it was understood."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    email: Email
    name: str = Field(default="", max_length=200)
    language: str = BINDING
    topics: tuple[str, ...] = Field(min_length=1)
    agreed_on: Day | None = None
    proof: Line


@dataclass(frozen=True, kw_only=True)
class Read:
    """A whole file: entries only if nothing is wrong with any line."""

    entries: Sequence[Entry] = ()
    complaints: Sequence[Complaint] = ()
    doubled: int = 0
    """Lines that say again what another one said."""


class Wrong(Exception):
    """A line, or the file as a whole, cannot be understood."""

    def __init__(self, sentence: str, *, column: str = "", **facts: Any) -> None:
        super().__init__(str(sentence))
        self.sentence, self.column, self.facts = sentence, column, facts


def read_list(file: IO[bytes], *, today: date, lang: str) -> Read:
    """Every line of it, or the first hundred complaints; never raises for what is in the file."""
    reading = Reading(today=today, lang=lang)
    try:
        encoding, delimiter = _encoding(file), _delimiter(file)
    except Wrong as error:
        reading.complain(1, error)
        return reading.result()
    text = TextIOWrapper(file, encoding=encoding, newline="")
    try:
        reading.take(csv.reader(text, delimiter=delimiter, strict=True))
    finally:
        text.detach()
    return reading.result()


def _encoding(file: IO[bytes]) -> str:
    """Looks through it a piece at a time: UTF-8 with or without its mark, else Windows' own."""
    size, decoder = 0, getincrementaldecoder("utf-8-sig")()
    is_utf8 = True
    file.seek(0)
    while piece := file.read(PIECE):
        size += len(piece)
        if size > MOST_BYTES:
            raise Wrong(TOO_BIG)
        if b"\0" in piece:
            raise Wrong(ENCODING)
        is_utf8 = is_utf8 and _decodes(decoder, piece)
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    file.seek(0)
    return "utf-8-sig" if is_utf8 else "cp1252"


def _decodes(decoder: Any, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(file: IO[bytes]) -> str:
    """The one the heading uses most; in both encodings it is one byte."""
    heading = file.read(HEADING).split(b"\n", 1)[0]
    file.seek(0)
    return max((b";", b",", b"\t"), key=heading.count).decode()


class Reading:
    """One file on its way to entries."""

    def __init__(self, *, today: date, lang: str) -> None:
        self.today, self.lang = today, lang
        self.complaints: list[Complaint] = []
        self.entries: dict[str, tuple[int, Entry]] = {}
        self.doubled = 0

    def result(self) -> Read:
        """All or nothing."""
        if self.complaints:
            return Read(complaints=self.complaints)
        return Read(entries=[entry for _line, entry in self.entries.values()], doubled=self.doubled)

    def take(self, lines: Any) -> None:
        """Line by line until the end or too much is wrong."""
        line = 1
        try:
            columns = _columns(next(lines, []))
            for line, row in _numbered(lines):
                if len(self.complaints) >= MOST_COMPLAINTS:
                    return
                self._take(line, columns, row)
            if not self.entries and not self.complaints:
                raise Wrong(EMPTY)  # noqa: TRY301 - one place says what is wrong
        except Wrong as error:
            self.complain(line, error)
        except csv.Error:
            self.complain(lines.line_num, Wrong(QUOTES))
        except UnicodeDecodeError:
            self.complain(lines.line_num + 1, Wrong(ENCODING))

    def complain(self, line: int, error: Wrong) -> None:
        """Said in the reader's language."""
        say = translations(self.lang).gettext
        facts = {name: say(str(value)) for name, value in error.facts.items()}
        sentence = say(str(error.sentence)) % facts if facts else say(str(error.sentence))
        column = say(str(LABELS[error.column])) if error.column else ""
        self.complaints.append(Complaint(line=line, column=column, sentence=sentence))

    def _take(self, line: int, columns: Sequence[str], row: Sequence[str]) -> None:
        if len(self.entries) >= MOST_LINES:
            raise Wrong(TOO_MANY)
        try:
            self._keep(line, self._entry(dict(_cells(columns, row))))
        except Wrong as error:
            self.complain(line, error)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                sentence = sentence_for(detail["type"], detail.get("ctx", {}), self.lang)
                self.complain(line, Wrong(sentence, column=str(detail["loc"][0])))

    def _entry(self, cells: Mapping[str, str]) -> Entry:
        filled = {name: cell for name, cell in cells.items() if cell}
        entry = Entry.model_validate(filled | {"topics": _topics(cells["topics"])})
        if entry.language not in languages():
            raise Wrong(NO_LANGUAGE, column="language", language=entry.language)
        if entry.agreed_on is not None and entry.agreed_on > self.today:
            raise Wrong(FUTURE, column="agreed_on")
        return entry

    def _keep(self, line: int, entry: Entry) -> None:
        """The same line again is harmless, another one about the same address is not."""
        key = entry.email.casefold()
        first, known = self.entries.get(key, (line, entry))
        if key not in self.entries:
            self.entries[key] = line, entry
        elif known == entry.model_copy(update={"email": known.email}):
            self.doubled += 1
        else:
            raise Wrong(TWICE, column="email", line=first)


def _columns(heading: Sequence[str]) -> list[str]:
    """What each column is, "" for one we do not need."""
    if not any(cell.strip() for cell in heading):
        raise Wrong(EMPTY)
    named = {name: column for column, names in COLUMNS.items() for name in names}
    columns = [named.get(" ".join(clean(cell).lower().split()), "") for cell in heading]
    for column in NEEDED:
        if column not in columns:
            raise Wrong(NO_COLUMN, label=LABELS[column])
    for column in COLUMNS:
        if columns.count(column) > 1:
            raise Wrong(COLUMN_TWICE, label=LABELS[column])
    return columns


def _numbered(lines: Any) -> Iterator[tuple[int, list[str]]]:
    """Each filled line with the number its first character has in the file."""
    begins = lines.line_num + 1
    for row in lines:
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = lines.line_num + 1


def _cells(columns: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
        raise Wrong(CELLS)
    for column, cell in zip_longest(columns, row[: len(columns)], fillvalue=""):
        if column and has_control_characters(cell):
            raise Wrong(UNREADABLE, column=column)
        if column:
            yield column, clean(cell)


def _topics(cell: str) -> list[str]:
    """Our words or our codes, with a comma, a stroke or the like in between."""
    topics = set()
    for part in filter(None, (part.strip() for part in BETWEEN_TOPICS.split(cell))):
        if part.lower() not in TOPIC_NAMES:
            raise Wrong(NO_TOPIC, column="topics", topic=part[:40])
        topics.add(TOPIC_NAMES[part.lower()])
    return sorted(topics)
