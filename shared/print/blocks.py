"""What a document consists of, as data for the template: the text in it is text and never markup."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.print.voice import Voice, passages, starts
from shared.web.i18n import BINDING, direction

Block = dict[str, Any]
Part = dict[str, Any]


def part(language: str, blocks: Iterable[Block]) -> Part:
    """Blocks that are said in one language."""
    return {"lang": language, "dir": direction(language), "blocks": list(blocks)}


def in_languages(language: str) -> tuple[str, ...]:
    """The reader's own first, and German, which binds."""
    return (language,) if language == BINDING else (language, BINDING)


def title(text: str) -> Block:
    return {"is": "heading", "level": 1, "text": text}


def heading(text: str) -> Block:
    return {"is": "heading", "level": 2, "text": text}


def para(text: str) -> Block:
    return {"is": "text", "text": text}


def lead(text: str) -> Block:
    """A sentence that stays on the page of what it leads to."""
    return {"is": "lead", "text": text}


def binding_note(text: str) -> Block:
    return {"is": "binding", "text": text}


def quoted(text: str) -> Block:
    """Somebody's own words, each paragraph in its own direction."""
    return {"is": "quote", "paragraphs": _directed(text)}


def bullets(items: Iterable[str]) -> Block:
    return {"is": "list", "items": list(items)}


def facts(rows: Iterable[tuple[str, str]]) -> Block:
    """Labels with what they say."""
    return {"is": "facts", "rows": [[label, [_plain(value)]] for label, value in rows]}


def answers(voice: Voice, rows: Iterable[tuple[str, str | Sequence[str]]]) -> Block:
    """Labels with people's own words, which may be long; nothing said is a dash."""
    return {"is": "facts", "rows": [[voice.said(label), _said(value)] for label, value in rows]}


def sums(rows: Iterable[tuple[str, str]]) -> Block:
    """Labels with amounts, as the pages show them; the last one stands out."""
    return {"is": "sums", "rows": [list(row) for row in rows]}


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    widths: Sequence[str],
    total: bool = False,
) -> Block:
    """A table whose head repeats on each page; a width of `sum` lines its column up right."""
    return {
        "is": "table",
        "head": list(head),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "total": total,
    }


def link(text: str, url: str) -> Block:
    """An address people can press, or type from paper."""
    return {"is": "link", "text": text, "url": url}


def signatures(sides: Iterable[tuple[str, str]], *, place: str, sign: str) -> Block:
    """A line for place and day and one for the name, for each side; (who, name)."""
    return {"is": "sign", "sides": [list(side) for side in sides], "place": place, "sign": sign}


def closing(greeting: str, name: str, note: str) -> Block:
    """The end of a letter, kept together."""
    return {"is": "closing", "greeting": greeting, "name": name, "note": note}


def _said(value: str | Sequence[str]) -> list[Block]:
    texts = [value] if isinstance(value, str) else list(value)
    return [words for text in texts for words in _directed(text)] or [_plain("–")]


def _directed(text: str) -> list[Block]:
    return [{"text": words, "dir": starts(words)} for words in passages(text)]


def _plain(text: str) -> Block:
    return {"text": text, "dir": None}
