"""Collects the German texts of pages, letters and documents, and brings the other languages' catalogues up to them."""

import ast
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from scripts.files import ROOT, ours

KEYWORDS: Final = {**DEFAULT_KEYWORDS, "lazy": None}
METHODS: Final = {
    ".py": "python",
    ".html": "jinja2.ext:babel_extract",
    ".txt": "jinja2.ext:babel_extract",
}
OPTIONS: Final = {
    "silent": "false",
    "extensions": "jinja2.ext.do",
    "trimmed": "true",
    "newstyle_gettext": "true",
}
OWN_CATALOGUE: Final = {
    "letters": "services/notifications/letters/",
    "print": "shared/print/",
}
"""Texts with catalogues of their own; those of all other places are the pages'."""
SPOKEN: Final = ("shared/", "services/")

Text = tuple[int, str | tuple[str, ...], list[str], str | None]


@dataclass(frozen=True)
class Domain:
    """Texts that share a catalogue a language."""

    name: str
    places: str
    """Where its catalogues lie, as a pattern below the repository."""

    def texts(self, files: Iterable[Path] | None = None) -> Catalog:
        """Every text it may say, with the places that say it; of our files unless others are given."""
        catalog = Catalog(project="Stadtteilbote", charset="utf-8", fuzzy=False)
        for file in files if files is not None else ours(*METHODS):
            name = str(file.relative_to(ROOT))
            if self._says(name):
                for line, message, _comments, context in _messages(file):
                    catalog.add(message, None, [(name, line)], context=context)
        return catalog

    def catalogues(self) -> list[Path]:
        return sorted(ROOT.glob(self.places))

    def _says(self, name: str) -> bool:
        if self.name in OWN_CATALOGUE:
            return name.startswith(OWN_CATALOGUE[self.name])
        return name.startswith(SPOKEN) and not name.startswith(tuple(OWN_CATALOGUE.values()))


DOMAINS: Final = (
    Domain("pages", "shared/web/locale/*/LC_MESSAGES/messages.po"),
    Domain("letters", "services/notifications/locale/*/LC_MESSAGES/letters.po"),
    Domain("print", "shared/print/locale/*/LC_MESSAGES/print.po"),
)


def load(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def bring_up(catalog: Catalog, current: Catalog) -> None:
    """Has exactly the current texts afterwards, and lends its translations to no other language's catalogue."""
    catalog.update(deepcopy(current), no_fuzzy_matching=True)


def _messages(file: Path) -> Iterator[Text]:
    content = file.read_bytes()
    yield from extract(METHODS[file.suffix], BytesIO(content), keywords=KEYWORDS, options=OPTIONS)
    if file.suffix == ".py":
        yield from _asked_in_place(content)


def _asked_in_place(content: bytes) -> Iterator[Text]:
    """`gettext_of(request)("…")`: the extractor knows functions by name only."""
    for node in ast.walk(ast.parse(content)):
        match node:
            case ast.Call(
                func=ast.Call(func=ast.Name(id="gettext_of")),
                args=[ast.Constant(value=str(text)), *_],
            ):
                yield node.lineno, text, [], None


def main() -> int:
    for domain in DOMAINS:
        current = domain.texts()
        for path in domain.catalogues():
            catalog = load(path)
            bring_up(catalog, current)
            with path.open("wb") as file:
                write_po(file, catalog, width=100, no_location=True, ignore_obsolete=True)
            missing = sum(1 for message in catalog if message.id and not message.string)
            print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {missing} without translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
