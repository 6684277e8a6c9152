"""An issue on paper: a text the office can go on writing in (DOCX), and a sheet for the notice board (PDF)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from markdown_it.token import Token

from services.notifications.issues import markdown
from services.notifications.issues.blocks import Block
from services.notifications.issues.content import Sheet, one_line
from services.notifications.issues.plaintext import line_of
from services.notifications.letters.rendering import frame
from services.notifications.wording import Wording
from shared.print import blocks as paper
from shared.print.press import document, press
from shared.print.voice import Voice, known, words
from shared.web.brand import Brand

RUNNING: Final = 60
"""Letters of the subject that stand on top of further pages."""


def notice(sheet: Sheet, language: str, *, brand: Brand, dated: date) -> bytes:
    """A4, to be pinned up: no pictures, every link spelled out; raises NoText.

    Takes CPU: see `press`.
    """
    spoken = sheet.spoken(language)
    text = sheet.texts[spoken]
    subject = one_line(text.subject)
    printed = known(spoken)
    voice = Voice(printed)
    parts = [paper.title(words(subject)), *_typed(sheet, spoken)]
    for block in sheet.blocks:
        parts += _news(block, spoken, sheet.house.origin)
    made = document(
        brand=brand,
        language=printed,
        title=words(subject),
        number="",
        dated=dated,
        parts=[paper.part(spoken, parts)],
    )
    made["running"] = [voice.said(words(subject[:RUNNING]))]
    return press(made, dated=dated)


def _typed(sheet: Sheet, language: str) -> Iterator[paper.Block]:
    picture = frame("_issue_words.txt", language, {"what": "picture"}).strip()
    tokens = markdown.parsed(sheet.texts[language].body, sheet.house)
    at = 0
    while at < len(tokens):
        token, ends = tokens[at], _end(tokens, at)
        inside = tokens[at:ends]
        if token.type == "heading_open":
            yield paper.heading(_line(inside, picture))
        elif token.tag == "ul":
            yield paper.bullets(_items(inside, picture))
        elif token.tag == "ol":
            start = int(token.attrGet("start") or 1)
            for number, item in enumerate(_items(inside, picture), start):
                yield paper.para(f"{number}. {item}")
        elif token.tag == "blockquote":
            yield paper.quoted("\n\n".join(_lines(inside, picture)))
        elif line := _line(inside, picture):
            yield paper.para(line)
        at = ends


def _news(block: Block, language: str, origin: str) -> Iterator[paper.Block]:
    said = block.words(language)
    if not (said.title or said.text):
        return
    yield paper.heading(words(said.title))
    for part in said.text.split("\n\n"):
        if part.strip():
            yield paper.para(words(part))
    headline = block.headline(language)
    if headline is not None:
        more = Wording(language).gettext(str(headline.more))
        yield paper.link(f"{more}:", f"{origin}{headline.path}")


def _end(tokens: Sequence[Token], at: int) -> int:
    """Where the block that begins here is over."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place + 1
    return len(tokens)


def _lines(tokens: Sequence[Token], picture: str) -> list[str]:
    said = [words(line_of(token, picture)) for token in tokens if token.type == "inline"]
    return [line for line in said if line]


def _line(tokens: Sequence[Token], picture: str) -> str:
    return " ".join(_lines(tokens, picture))


def _items(tokens: Sequence[Token], picture: str) -> list[str]:
    """The points of a list; those of a list in it follow theirs."""
    items: list[list[Token]] = []
    for token in tokens:
        if token.type == "list_item_open":
            items.append([])
        elif items:
            items[-1].append(token)
    return [line for item in items if (line := _line(item, picture))]
