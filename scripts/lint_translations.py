"""Every text a page or letter may show exists in every language, with the same placeholders."""

import re
import sys
from collections.abc import Iterator
from typing import Final

from babel.messages.catalog import Catalog, Message

from scripts.files import ROOT, report
from scripts.translations import DOMAINS, load

PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|{\w*}")
TAG: Final = re.compile(r"</?\w+")


def findings_in(name: str, wanted: Catalog, translated: Catalog) -> Iterator[str]:
    """Each as `file: why`."""
    for message in wanted:
        if not message.id:
            continue
        mine = translated.get(message.id, message.context)
        if mine is None or not _all_forms(mine):
            where = f"{message.locations[0][0]}:{message.locations[0][1]}"
            yield f"{name}: no translation of {message.id!r} ({where})"
        elif mine.fuzzy:
            yield f"{name}: only a guess for {message.id!r}"
        elif _marks(mine.id) != _marks(mine.string):
            yield f"{name}: other placeholders or tags than in {message.id!r}"


def _all_forms(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def _marks(text: str | list[str] | tuple[str, ...] | None) -> set[str]:
    joined = text if isinstance(text, str) else " ".join(text or ())
    return set(PLACEHOLDER.findall(joined)) | set(TAG.findall(joined))


def main() -> int:
    findings: list[str] = []
    for domain in DOMAINS:
        wanted, files = domain.texts(), domain.catalogues()
        findings += [f"no catalogue of {domain.name} found"] * (not files)
        for file in files:
            findings += findings_in(str(file.relative_to(ROOT)), wanted, load(file))
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
