"""The same text without any markup, as it reads well in a mail program that shows only letters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

from services.notifications.bulk.slots import without_slots
from services.notifications.issues.markdown import House, parsed

RULE: Final = "────────────────────────"
UNDERLINES: Final = {"h2": "=", "h3": "-"}


def to_text(source: str, house: House, *, picture: str) -> str:
    """Headings underlined, links spelled out; `picture` is what stands before a picture's words."""
    return without_slots("\n".join(_lines(parsed(source, house), _Page(picture)))).strip()


@dataclass
class _Page:
    """Where we are: in which lists, in how many quotations."""

    picture: str
    lists: list[int | None] = field(default_factory=list)
    """Of each list around us the next number, or None if it has points."""
    quotes: int = 0
    mark: str = ""
    """What the next line of a list begins with."""

    def lead(self) -> tuple[str, str]:
        """What stands before the first line of a paragraph, and before those that follow."""
        quote, inside = "> " * self.quotes, "  " * max(0, len(self.lists) - 1)
        mark, self.mark = self.mark, ""
        rest = "  " if self.lists else ""
        return f"{quote}{inside}{mark or rest}", f"{quote}{inside}{' ' * len(mark) or rest}"


def _lines(tokens: Sequence[Token], page: _Page) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if token.type == "inline":
            yield from _paragraph(tokens[at - 1], token, page)
        elif token.type == "hr":
            yield from (RULE, "")
        elif token.tag in ("ul", "ol"):
            yield from _list(token, page)
        elif token.type == "list_item_open":
            page.mark = _mark(page)
        elif token.tag == "blockquote":
            page.quotes += token.nesting


def _list(token: Token, page: _Page) -> Iterator[str]:
    if token.nesting > 0:
        page.lists.append(int(token.attrGet("start") or 1) if token.tag == "ol" else None)
        return
    page.lists.pop()
    if not page.lists:
        yield ""


def _mark(page: _Page) -> str:
    number = page.lists[-1]
    if number is None:
        return "- "
    page.lists[-1] = number + 1
    return f"{number}. "


def _paragraph(opening: Token, inline: Token, page: _Page) -> Iterator[str]:
    said = line_of(inline, page.picture)
    first, rest = page.lead()
    lines = [line.strip() for line in said.split("\n")] or [""]
    yield first + lines[0]
    yield from (rest + line for line in lines[1:])
    if opening.type == "heading_open":
        yield UNDERLINES[opening.tag] * min(60, max(3, *map(len, lines)))
    if not page.lists:
        yield ""


def line_of(inline: Token, picture: str) -> str:
    """The words of one paragraph, each link followed by where it leads."""
    return without_slots("".join(_said(inline.children or [], picture)))


def _said(children: Sequence[Token], picture: str) -> Iterator[str]:
    place, words = "", ""
    for token in children:
        said = _words(token, picture)
        words += said
        yield said
        if token.type == "link_open":
            place, words = str(token.attrGet("href")) if token.markup != "autolink" else "", ""
        elif token.type == "link_close" and place:
            yield _where(place, words)
            place = ""


def _words(token: Token, picture: str) -> str:
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak":
        return "\n"
    if token.type == "image":
        return f"[{picture}: {token.content}]" if token.content else ""
    return token.content if token.type in ("text", "code_inline") else ""


def _where(place: str, words: str) -> str:
    """The address behind the words; nothing if the words are the address."""
    bare = place.removeprefix("mailto:").removeprefix("tel:")
    shown = words.strip()
    same = shown in (place, bare) or (
        place.startswith("tel:") and _digits(shown) == _digits(bare) != ""
    )
    return "" if same else f" ({bare})"


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
