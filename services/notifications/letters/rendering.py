"""Writing a letter: subject, plain text and HTML, the reader's language first, the binding text below."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.notifications.letters.voice import Voice, catalogue, languages
from shared.web.brand import Brand
from shared.web.i18n import BINDING, direction

FOLDER: Final = Path(__file__).parent
_NO_NAME: Final = re.compile(r"[^\w-]+")
_BLANK_LINES: Final = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True, kw_only=True)
class Written:
    """One letter, ready to be kept and sent."""

    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Part:
    """The letter in one of its languages."""

    language: str
    dir: str
    content: str


def write(
    kind: str,
    *,
    language: str,
    name: str,
    brand: Brand,
    origin: str,
    facts: Mapping[str, Any],
    paper: Sequence[str] | None = None,
) -> Written:
    """Render every part; an unknown language is German, an unknown slot an error.

    `paper` are the lines of the envelope for a letter that is printed.
    """
    spoken = _spoken(language)
    order = list(dict.fromkeys((spoken, BINDING)))
    frame: dict[str, Any] = {"name": " ".join(name.split()), "brand": brand, "origin": origin}
    frame |= {"paper": paper is not None, "envelope": paper or ()}
    slots = frame | dict(facts)
    subject = _template(spoken, f"{kind}/subject.txt").render(slots)
    text = [_part(tongue, f"{kind}/body.txt", slots) for tongue in order]
    html = [_part(tongue, f"{kind}/body.html", slots) for tongue in order]
    subject = " ".join(subject.split())
    whole = frame | {"kind": kind, "subject": subject}
    return Written(
        language=spoken,
        subject=subject,
        text=_tidy(_template(spoken, "_letter.txt").render(whole | {"parts": text})),
        html=_template(spoken, "_letter.html").render(whole | {"parts": html}),
    )


def file_name(decision: str, *, language: str, number: str) -> str:
    """What an enclosed decision is called by its reader: bewilligung-2026-021.pdf."""
    name: str = _template(_spoken(language), "_decision.txt").render(decision=decision)
    return f"{name.strip()}-{_NO_NAME.sub('-', number)}.pdf"


def frame(template: str, language: str, facts: Mapping[str, Any]) -> str:
    """One of the templates beside the letters' folders, in one language; a slot not given is an error."""
    said: str = _template(_spoken(language), template).render(facts)
    return said if template.endswith(".html") else _tidy(said)


def _spoken(language: str) -> str:
    return language if language in languages() else BINDING


def _part(language: str, template: str, facts: Mapping[str, Any]) -> Part:
    content = _template(language, template).render(facts)
    if template.endswith(".html"):
        content = Markup(content)  # noqa: S704 - our own template, escaped while rendering
    return Part(language, direction(language), content)


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


@cache
def _environment(language: str, *, markup: bool) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=markup,  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    voice = Voice(language, markup=markup)
    translations = catalogue(language)
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    templates.globals.update(
        language=language,
        dir=direction(language),
        day=voice.day,
        clock=voice.clock,
        euros=voice.euros,
        number=voice.number,
        said=voice.said,
        words=voice.words,
        phone=voice.phone,
        hours=voice.hours,
    )
    templates.globals["part"] = templates.get_template("_parts.html").module
    return templates


def _template(language: str, template: str) -> Any:
    return _environment(language, markup=template.endswith(".html")).get_template(template)
