"""What the office types, read as Markdown: for the mail, for pages and as plain text.

Markup typed into it stays text. Links lead to https, mailto, tel or our own pages; pictures are
ours alone. What is refused stays as its words, so that nothing typed disappears.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import css_inline
import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from services.notifications.bulk.slots import without_slots
from services.notifications.issues.places import picture_of, place_of
from shared.web.brand import Brand

DECORATIVE: Final = "schmuck"
"""A picture with this title says nothing: `![](/bilder/… "Schmuck")`."""

WIDEST: Final = 528
"""Of a picture in the 600 pixel column of a mail."""

SANS: Final = "'Fira Sans','Noto Sans Arabic',Arial,sans-serif"

_NOT_TYPED_ON_PURPOSE: Final = ("code", "fence", "lheading", "reference", "html_block")
"""An indented line, a line of dashes below a sentence: people mean nothing by them."""


class Medium(StrEnum):
    """Where the HTML is to stand."""

    MAIL = "mail"
    WEB = "web"


@dataclass(frozen=True)
class Size:
    """Of a picture, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class House:
    """What a text is read against: our own address, and the pictures there are."""

    origin: str
    pictures: Mapping[str, Size]


@dataclass(frozen=True)
class Link:
    """A link as typed; `place` is where it leads, None if we refuse to lead there."""

    text: str
    typed: str
    place: str | None


@dataclass(frozen=True)
class Shown:
    """A picture as typed; `sha256` is None for one that is not ours."""

    alt: str
    typed: str
    sha256: str | None
    decorative: bool


def parsed(source: str, house: House) -> list[Token]:
    """The blocks of the text, without what we refuse; headings start at the second level."""
    tokens = _reader().parse(without_slots(source))
    _level_headings(tokens)
    for token in tokens:
        if token.type == "inline":
            token.children = list(_tamed(token.children or [], house))
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and inline.type == "inline" and _is_button(inline):
            opening.meta = inline.meta = {"button": True}
    return tokens


def links(source: str, house: House) -> Iterator[Link]:
    """Every link there is, refused ones too."""
    for children in _inlines(source):
        for at, token in enumerate(children):
            if token.type == "link_open":
                typed = str(token.attrGet("href") or "")
                inside = _up_to(children[at + 1 :], "link_close")
                yield Link(plain(inside), typed, place_of(typed, house.origin))


def pictures(source: str, origin: str) -> Iterator[Shown]:
    """Every picture there is, foreign ones too."""
    for children in _inlines(source):
        for token in children:
            if token.type == "image":
                typed = str(token.attrGet("src") or "")
                yield Shown(
                    alt=_alt(token),
                    typed=typed,
                    sha256=picture_of(typed, origin),
                    decorative=_is_decorative(token),
                )


def to_html(source: str, house: House, medium: Medium) -> Markup:
    """Safe to stand in a page or a mail, whatever was typed; `styled` gives it a mail's looks."""
    env: EnvType = {"house": house, "medium": medium}
    tokens = parsed(source, house)
    html = _reader().renderer.render(tokens, _reader().options, env)
    return clean(html, house.origin)


def clean(html: str, origin: str) -> Markup:
    """Only the tags and attributes an issue is made of, and no place for a slot."""
    schemes = {"https", "mailto", "tel"} | ({"http"} if origin.startswith("http:") else set())
    safe = nh3.clean(
        html,
        tags=set(ATTRIBUTES) | PLAIN_TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=schemes,
        link_rel=None,
    )
    return Markup(without_slots(safe))  # noqa: S704 - cleaned the line before


def styled(html: str, brand: Brand) -> Markup:
    """With the looks of a mail on every tag, since many mail programs read no stylesheet."""
    rules = MAIL_CSS.replace("PRIMARY", brand.primary).replace("SANS", SANS)
    inlined = css_inline.inline_fragment(html, rules, load_remote_stylesheets=False)
    return Markup(inlined)  # noqa: S704 - of cleaned HTML, with our own rules


def plain(children: Sequence[Token]) -> str:
    """The words of a line, without its links."""
    said = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif token.type in ("text", "code_inline", "image"):
            said.append(token.content)
    return "".join(said)


def _level_headings(tokens: Sequence[Token]) -> None:
    """`#` and `##` are the same; a third level needs a second one above it."""
    seen = False
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            deep = token.tag not in ("h1", "h2") and seen
            token.tag = "h3" if deep else "h2"
            seen = True


def _tamed(children: Sequence[Token], house: House) -> Iterator[Token]:
    refused = False
    for token in children:
        if token.type == "link_open":
            place = place_of(str(token.attrGet("href") or ""), house.origin)
            refused = place is None
            token.attrs = {} if place is None else {"href": place}
        if token.type in ("link_open", "link_close") and refused:
            continue
        tamed = _tamed_picture(token, house) if token.type == "image" else token
        if tamed is not None:
            yield tamed


def _tamed_picture(token: Token, house: House) -> Token | None:
    """Ours with its size; of any other only the words."""
    sha256 = picture_of(str(token.attrGet("src") or ""), house.origin)
    alt = _alt(token)
    if sha256 is None or sha256 not in house.pictures:
        return Token("text", "", 0, content=alt) if alt else None
    size = house.pictures[sha256]
    width = min(size.width, WIDEST)
    token.meta = {"sha256": sha256, "decorative": _is_decorative(token)}
    token.content = "" if token.meta["decorative"] else alt
    token.attrs = {
        "src": f"{house.origin}/bilder/{sha256}",
        "alt": token.content,
        "width": width,
        "height": max(1, round(size.height * width / size.width)),
    }
    return token


def _alt(token: Token) -> str:
    return " ".join(plain(token.children or []).split())


def _is_decorative(token: Token) -> bool:
    return str(token.attrGet("title") or "").strip().casefold() == DECORATIVE


def _is_button(inline: Token) -> bool:
    """A single link in bold, alone in its paragraph."""
    kinds = [t.type for t in inline.children or [] if t.type != "text" or t.content.strip()]
    bold = kinds[:2] == ["strong_open", "link_open"] and kinds[-2:] == [
        "link_close",
        "strong_close",
    ]
    return bold and kinds.count("link_open") == 1 and set(kinds[2:-2]) <= {"text", "code_inline"}


def _inlines(source: str) -> Iterable[list[Token]]:
    tokens = _reader().parse(without_slots(source))
    return (token.children or [] for token in tokens if token.type == "inline")


def _up_to(tokens: Sequence[Token], kind: str) -> Sequence[Token]:
    ends = next((at for at, token in enumerate(tokens) if token.type == kind), len(tokens))
    return tokens[:ends]


class _Html(RendererHTML):
    """Buttons are cells in mails and links elsewhere; a picture has only the attributes we gave it."""

    def paragraph_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        if not tokens[idx].meta.get("button"):
            return self.renderToken(tokens, idx, options, env)
        mail = env["medium"] is Medium.MAIL
        opening = BUTTON_CELL if mail else "<p>"
        return f"{opening}{self._pressed(tokens[idx + 1], options, env)}"

    def inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        if tokens[idx].meta.get("button"):
            return ""
        return self.renderInline(tokens[idx].children or [], options, env)

    def paragraph_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        if not tokens[idx - 1].meta.get("button"):
            return self.renderToken(tokens, idx, options, env)
        return "</td></tr></table>\n" if env["medium"] is Medium.MAIL else "</p>\n"

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        if "class" not in tokens[idx].attrs:
            tokens[idx].attrSet("class", LINK[env["medium"]])
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<img{self.renderAttrs(tokens[idx])}>"

    def _pressed(self, inline: Token, options: OptionsDict, env: EnvType) -> str:
        children = [
            t for t in inline.children or [] if t.type not in ("strong_open", "strong_close")
        ]
        children = [t for t in children if t.type != "text" or t.content.strip()]
        for token in children:
            if token.type == "link_open":
                token.attrSet("class", BUTTON[env["medium"]])
        label = self.renderInline(children[1:-1], options, env).strip()
        if env["medium"] is Medium.WEB:
            label = f'<span class="kern-label">{label}</span>'
        return self.renderInline(children[:1], options, env) + label + "</a>"

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        """As the base, but inline tokens go through `inline` like all others."""
        said = []
        for at, token in enumerate(tokens):
            rule: Any = self.rules.get(token.type)
            said.append((rule or self.renderToken)(tokens, at, options, env))
        return "".join(said)


_READER: Final = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Html)
_READER.disable(["html_inline", *_NOT_TYPED_ON_PURPOSE])
_READER.validateLink = lambda url: True  # type: ignore[method-assign]


def _reader() -> MarkdownIt:
    """It allows every link: what is refused is decided by `places`, and told by the checks."""
    return _READER


PLAIN_TAGS: Final = frozenset(
    {"p", "h2", "h3", "ul", "li", "strong", "em", "blockquote", "hr", "br", "code"}
    | {"tbody", "tr", "td", "span"}
)
ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "table": {"role", "cellpadding", "cellspacing"},
    "bdi": {"dir"},
    "div": {"lang", "dir"},
}
CLASSES: Final = {
    "a": {"cta", "lnk", "kern-link", "kern-btn", "kern-btn--primary"},
    "td": {"cta"},
    "span": {"kern-label"},
}
BUTTON: Final = {Medium.MAIL: "cta", Medium.WEB: "kern-btn kern-btn--primary"}
BUTTON_CELL: Final = (
    '<table role="presentation" cellpadding="0" cellspacing="0"><tr><td class="cta">'
)
LINK: Final = {Medium.MAIL: "lnk", Medium.WEB: "kern-link"}

MAIL_CSS: Final = """
p,table{margin:0 0 16px}
h2{font:600 20px/1.3 SANS;margin:28px 0 8px}
h3{font:600 18px/1.3 SANS;margin:20px 0 8px}
ul,ol{margin:0 0 16px;padding:0;padding-inline-start:24px}
li{margin:0 0 8px}
li p{margin:0}
blockquote{margin:0 0 16px;padding:0;padding-inline-start:16px;border-inline-start:4px solid #c0c3d5}
hr{margin:24px 0;border:0;border-top:1px solid #c0c3d5}
img{max-width:100%;height:auto;border:0}
a{color:PRIMARY}
td.cta{background:PRIMARY;border-radius:4px}
a.cta{display:inline-block;padding:14px 22px;font:600 17px/1.2 SANS;color:#ffffff;text-decoration:none}
"""
