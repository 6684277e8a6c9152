"""Which characters our fonts can show. PDF/A and PDF/UA refuse a document with a single one they cannot."""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import typst

from shared.web.assets import PAPER_FONTS

MISSING: Final = "\u25af"
"""Stands where a character has no glyph, as browsers do it: seen to be missing, never left out."""

JOINERS: Final = frozenset("\n\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2069")
"""Invisible and needed: breaks, joiners of Persian and Kurdish words, marks of direction."""

_SPACES: Final = re.compile(r"[\t\v\f\r\x85\u2028\u2029]")


@cache
def fonts() -> typst.Fonts:
    """Ours alone, whatever the machine has; raises FileNotFoundError before `make assets`."""
    if not list(PAPER_FONTS.glob("*.ttf")):
        raise FileNotFoundError(f"no fonts in {PAPER_FONTS}: run make assets")
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[PAPER_FONTS]
    )


def printable(value: Any) -> Any:
    """The same data with every text composed, and a box for each character no font of ours has."""
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, dict):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return value


def _shown(text: str) -> str:
    composed = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    return "".join(filter(None, map(_glyph, composed)))


@cache
def _glyph(character: str) -> str:
    if character in JOINERS:
        return character
    if unicodedata.category(character) in {"Cc", "Cf"} or 0xFE00 <= ord(character) <= 0xFE0F:
        return ""
    return character if ord(character) in _covered() else MISSING


@cache
def _covered() -> frozenset[int]:
    """What every weight can show, in the one font or the other."""
    weights = ("400", "600")
    sets = [
        {code for file in PAPER_FONTS.glob(f"*-{weight}.ttf") for code in _codes(file.read_bytes())}
        for weight in weights
    ]
    return frozenset(sets[0] & sets[1])


def _codes(font: bytes) -> Iterator[int]:
    """The characters of a TrueType font's `cmap` table, its formats 4 and 12."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = (struct.unpack_from(">4sLLL", font, 12 + 16 * at) for at in range(count))
    start = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    for at in range(count):
        (offset,) = struct.unpack_from(">L", font, start + 8 + 8 * at)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == 4:
            yield from _short(font, start + offset)
        elif form == 12:
            yield from _long(font, start + offset)


def _short(font: bytes, at: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    column = f">{double // 2}H"
    ends = struct.unpack_from(column, font, at + 14)
    first, delta, offset = at + 16 + double, at + 16 + 2 * double, at + 16 + 3 * double
    rows = zip(
        ends,
        struct.unpack_from(column, font, first),
        struct.unpack_from(column, font, delta),
        struct.unpack_from(column, font, offset),
        range(offset, offset + double, 2),
        strict=True,
    )
    for end, begin, shift, skip, here in rows:
        for code in range(begin, min(end, 0xFFFE) + 1):
            glyph = code
            if skip:
                (glyph,) = struct.unpack_from(">H", font, here + skip + 2 * (code - begin))
            if glyph and (glyph + shift) & 0xFFFF:
                yield code


def _long(font: bytes, at: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">L", font, at + 12)
    for group in range(count):
        begin, end, _ = struct.unpack_from(">LLL", font, at + 16 + 12 * group)
        yield from range(begin, end + 1)
