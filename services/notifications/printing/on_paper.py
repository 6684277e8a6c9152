"""A letter as it was written, turned into what a page consists of: nothing is added, nothing left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Final

from services.notifications.domain.letter import Letter
from shared.days import local_day
from shared.print import PostLetter
from shared.print.blocks import Block, bullets, facts, link, para, quoted, title
from shared.print.voice import LEFT_TO_RIGHT, POP, RIGHT_TO_LEFT, breakable, starts, words

TEXTS: Final = frozenset({"h1", "p", "li", "blockquote"})
VOID: Final = frozenset({"br", "meta", "hr"})


@dataclass
class Part:
    """One language of the letter."""

    language: str
    rtl: bool
    blocks: list[Block] = field(default_factory=list)
    headed: bool = False


def on_paper(letter: Letter) -> PostLetter:
    """The letter for the printer; its date is the day it was written."""
    read = Reader(letter.html)
    return PostLetter(
        subject=letter.subject,
        envelope=read.envelope or [letter.name],
        language=letter.language,
        dated_on=_day(letter),
        parts=[(part.language, part.blocks) for part in read.parts],
    )


def can_be_posted(envelope: Sequence[str]) -> bool:
    """Whether there is more than a name on it, and a postcode."""
    return len(envelope) > 1 and any(character.isdigit() for character in envelope[-1])


def _day(letter: Letter) -> date:
    return local_day(letter.queued_at)


class Reader(HTMLParser):
    """Reads the HTML of `letters/_letter.html` and `letters/_parts.html`, which is ours and well-formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.envelope: list[str] = []
        self._parts: list[Part] = []
        self._part: Part | None = None
        self._depth = 0
        self._open: list[tuple[str, str]] = []
        self._text = ""
        self._points: list[str] = []
        self._label: str | None = None
        self.feed(html)
        self.close()

    @property
    def parts(self) -> list[Part]:
        """Those with a headline: the others are the frame around them."""
        return [part for part in self._parts if part.headed]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._text += "\n"
        if tag in VOID:
            return
        if self._part is None and tag == "td" and "lang" in said:
            self._part = Part(said["lang"], said.get("dir") == "rtl")
            self._open, self._text = [], ""
        elif self._part is not None:
            self._begin(tag, said)

    def _begin(self, tag: str, said: dict[str, str]) -> None:
        mark = said.get("href", "") if tag == "a" else said.get("style", "")
        if tag == "bdi":
            mark = said.get("dir", "auto")
        self._open.append((tag, mark))
        if tag == "bdi":
            self._text += "\0"
        elif tag == "td" or (tag in TEXTS and not self._inside("blockquote", deeper=1)):
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._part is not None:
            self._text += " ".join(data.split("\n"))

    def handle_endtag(self, tag: str) -> None:
        if self._part is None or tag in VOID:
            return
        if not self._open:
            self._finish(self._part)
            return
        _, mark = self._open.pop()
        ends = getattr(self, f"_end_{tag}", None)
        if ends is not None:
            ends(self._part, mark)

    def _end_bdi(self, part: Part, mark: str) -> None:
        before, _, inner = self._text.rpartition("\0")
        self._text = before + _isolated(inner, mark, rtl=part.rtl)

    def _end_a(self, part: Part, mark: str) -> None:
        if self._inside("p") or self._inside("li"):
            plain = self._text.strip()
            self._text = self._text if plain.endswith(mark) else f"{self._text} ({mark})"
        else:
            part.blocks.append(link(self._taken(), mark))

    def _end_h1(self, part: Part, _mark: str) -> None:
        part.blocks.append(title(self._taken()))
        part.headed = True

    def _end_p(self, part: Part, _mark: str) -> None:
        if self._inside("blockquote"):
            self._text += "\n\n"
        elif text := self._taken():
            part.blocks.append(para(text))

    def _end_blockquote(self, part: Part, _mark: str) -> None:
        part.blocks.append(quoted(self._text))
        self._text = ""

    def _end_li(self, part: Part, _mark: str) -> None:
        """Points; those that bring their own numbers stand one below the other."""
        plain = self._open and "list-style:none" in self._open[-1][1]
        if plain:
            part.blocks.append(para(self._taken()))
        else:
            self._points.append(self._taken())

    def _end_ul(self, part: Part, _mark: str) -> None:
        if self._points:
            part.blocks.append(bullets(self._points))
        self._points = []

    def _end_td(self, part: Part, _mark: str) -> None:
        """A label, or what it says."""
        text = self._taken()
        if not text:
            return
        if self._label is None:
            self._label = text
            return
        row, self._label = facts([(self._label, text)]), None
        if part.blocks and part.blocks[-1]["is"] == "facts":
            part.blocks[-1]["rows"] += row["rows"]
        else:
            part.blocks.append(row)

    def _finish(self, part: Part) -> None:
        """The cell around one language ends; one without a headline before them is the envelope."""
        if not part.headed and not self._parts:
            self.envelope = [line for line in map(str.strip, self._text.split("\n")) if line]
        self._parts.append(part)
        self._part, self._text = None, ""

    def _inside(self, tag: str, *, deeper: int = 0) -> bool:
        above = self._open[: len(self._open) - deeper]
        return any(name == tag for name, _ in above)

    def _taken(self) -> str:
        text, self._text = self._text, ""
        lines = (" ".join(line.split()) for line in text.split("\n"))
        return breakable("\n".join(line for line in lines if line))


def _isolated(text: str, direction: str, *, rtl: bool) -> str:
    """Each in its own direction, where the page runs the other way; marks people typed turn nothing."""
    text = words(text)
    if not rtl:
        return text
    ltr = direction == "ltr" or (direction == "auto" and starts(text) == "ltr")
    return f"{LEFT_TO_RIGHT if ltr else RIGHT_TO_LEFT}{text}{POP}"
