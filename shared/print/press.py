"""Typst makes the PDF: tagged, PDF/UA-1 and PDF/A-2a in one file, the same bytes for the same data."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import typst

from shared.clock import BERLIN
from shared.print.blocks import Part
from shared.print.fonts import fonts, printable
from shared.print.voice import Voice, words
from shared.web.brand import Brand
from shared.web.i18n import direction

TEMPLATES: Final = Path(__file__).parent / "templates"


def press(document: dict[str, Any], *, dated: date) -> bytes:
    """The PDF of one document.

    Takes CPU: a letter 10 ms, in Arabic and German 25, an agreement 16, a case about 30 a page (measured;
    asyncio.to_thread keeps a loop free meanwhile). Each call has a compiler of its own, since one
    refuses two threads; the fonts are read once.
    """
    data = json.dumps(printable(document), ensure_ascii=False)
    made = compiler().compile(
        input=TEMPLATES / "document.typ",
        format="pdf",
        sys_inputs={"document": data},
        pdf_standards=["ua-1", "a-2a"],
        timestamp=datetime.combine(dated, time(), BERLIN).astimezone(),
    )
    assert isinstance(made, bytes)
    return made


def compiler() -> typst.Compiler:
    """Reads the templates' folder and no other file, whatever a template is given."""
    return typst.Compiler(root=TEMPLATES, font_paths=fonts())


def document(
    *, brand: Brand, language: str, title: str, number: str, dated: date, parts: list[Part]
) -> dict[str, Any]:
    """What every document has: its title, whose it is, its parts and what stands above and below."""
    voice = Voice(language)
    _ = voice.gettext
    return {
        "lang": language,
        "dir": direction(language),
        "title": title,
        "date": [dated.year, dated.month, dated.day],
        "brand": _house(brand, voice),
        "running": [voice.phrase(_("Antrag %(number)s", number=voice.number(number)))],
        "page": voice.phrase(_("Seite %(page)s von %(pages)s", page="{page}", pages="{pages}")),
        "parts": parts,
        "letter": None,
    }


def letterhead(
    *, addressee: list[str], info: list[tuple[str, str]], brand: Brand
) -> dict[str, Any]:
    """What stands in and beside the window of the envelope (DIN 5008, form B)."""
    return {
        "sender": " · ".join([brand.name, *brand.address]),
        "address": [words(line) for line in addressee],
        "info": [list(line) for line in info],
    }


def _house(brand: Brand, voice: Voice) -> dict[str, Any]:
    """The office's marks; its address stays as the post reads it."""
    drawing = brand.logo.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return {
        "name": brand.named(voice.language),
        "own_name": brand.name,
        "tagline": brand.says(voice.language),
        "logo": drawing if "xmlns=" not in brand.logo else brand.logo,
        "logo_alt": voice.gettext("Logo: %(name)s", name=brand.named(voice.language)),
        "contact": [", ".join(brand.address), brand.phone, brand.email],
        "primary": brand.primary,
        "accent": brand.accent,
    }
