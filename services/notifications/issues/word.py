"""An issue as a document for a word processor: the office's letterhead, headings, lists, links, pictures."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from markdown_it.token import Token
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bulk.slots import without_slots
from services.notifications.domain.issue import Picture
from services.notifications.issues import markdown
from services.notifications.issues.content import Sheet, one_line
from services.notifications.wording import Wording
from shared.web.brand import Brand
from shared.web.i18n import direction, locale_of

WIDEST: Final = Cm(16)
PIXELS_A_CM: Final = 38

FONT: Final = "Fira Sans"
FONT_ARABIC: Final = "Noto Sans Arabic"


async def contents(session: AsyncSession, sheet: Sheet) -> dict[str, bytes]:
    """The bytes of the pictures it shows."""
    chosen = select(Picture.sha256, Picture.content)
    chosen = chosen.where(Picture.sha256.in_(set(sheet.house.pictures)))
    return {row.sha256: row.content for row in await session.execute(chosen)}


def written(sheet: Sheet, language: str, *, brand: Brand, pictures: Mapping[str, bytes]) -> bytes:
    """The document in this language, or in German; raises NoText.

    Takes CPU: about 40 ms.
    """
    spoken = sheet.spoken(language)
    text = sheet.texts[spoken]
    made = docx.Document()
    _house_style(made, spoken, brand)
    made.core_properties.title = one_line(text.subject)
    made.core_properties.author = brand.name
    made.core_properties.language = _tag(spoken)
    page = _Page(made, spoken, brand, pictures)
    page.paragraph("Title").add_run(one_line(text.subject))
    page.tokens(markdown.parsed(text.body, sheet.house))
    for block in sheet.blocks:
        said = block.words(spoken)
        if said.title or said.text:
            page.news(said.title, said.text)
            if (headline := block.headline(spoken)) is not None:
                more = Wording(spoken).gettext(str(headline.more))
                page.link(page.paragraph(), more, f"{sheet.house.origin}{headline.path}")
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@dataclass
class _Page:
    """The document while it is written."""

    made: Document
    language: str
    brand: Brand
    pictures: Mapping[str, bytes]
    lists: list[str] = field(default_factory=list)
    quotes: int = 0

    def paragraph(self, style: str = "Normal") -> Paragraph:
        paragraph = self.made.add_paragraph(style=style)
        if direction(self.language) == "rtl":
            paragraph.paragraph_format.element.get_or_add_pPr().append(_mark("w:bidi"))
        return paragraph

    def tokens(self, tokens: Sequence[Token]) -> None:
        for at, token in enumerate(tokens):
            if token.tag in ("ul", "ol"):
                self._list(token)
            elif token.tag == "blockquote":
                self.quotes += token.nesting
            elif token.type == "inline":
                self.runs(self.paragraph(self._style(tokens[at - 1])), token.children or [])

    def _list(self, token: Token) -> None:
        if token.nesting > 0:
            kind = "List Bullet" if token.tag == "ul" else "List Number"
            self.lists.append(f"{kind} 2" if self.lists else kind)
        else:
            self.lists.pop()

    def _style(self, opening: Token) -> str:
        if opening.type == "heading_open":
            return "Heading 1" if opening.tag == "h2" else "Heading 2"
        if self.lists:
            return self.lists[-1]
        return "Quote" if self.quotes else "Normal"

    def runs(self, paragraph: Paragraph, children: Sequence[Token]) -> None:
        """Words with their emphasis, links that can be pressed, pictures with their words."""
        bold = italic = 0
        place, label = "", ""
        for token in children:
            bold += token.nesting if token.tag == "strong" else 0
            italic += token.nesting if token.tag == "em" else 0
            if token.type == "link_open":
                place, label = str(token.attrGet("href")), ""
            elif token.type == "link_close":
                self.link(paragraph, label, place)
                place = ""
            elif token.type == "image":
                self.picture(paragraph, token)
            elif place:
                label += markdown.plain([token])
            elif said := _spoken(token):
                run = paragraph.add_run(said)
                run.bold, run.italic = bool(bold) or None, bool(italic) or None
                self._turn(run._r)  # noqa: SLF001 - the library offers no other way

    def news(self, title: str, text: str) -> None:
        self._plain("Heading 1", title)
        for part in text.split("\n\n"):
            if part.strip():
                self._plain("Normal", part.strip())

    def link(self, paragraph: Paragraph, label: str, place: str) -> None:
        relation = self.made.part.relate_to(place, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), relation)
        run = paragraph.add_run(_readable(label) or place)
        run.font.underline = True
        run.font.color.rgb = RGBColor.from_string(self.brand.primary.removeprefix("#"))
        self._turn(run._r)  # noqa: SLF001
        link.append(run._r)  # noqa: SLF001
        paragraph._p.append(link)  # noqa: SLF001

    def picture(self, paragraph: Paragraph, token: Token) -> None:
        content = self.pictures.get(str(token.meta.get("sha256", "")))
        if content is None:
            return
        width = min(WIDEST, Cm(int(token.attrGet("width") or 1) / PIXELS_A_CM))
        shape = paragraph.add_run().add_picture(io.BytesIO(content), width=width)
        shape._inline.docPr.set("descr", _readable(token.content))  # noqa: SLF001

    def _plain(self, style: str, words: str) -> None:
        run = self.paragraph(style).add_run(_readable(words))
        self._turn(run._r)  # noqa: SLF001

    def _turn(self, run: Any) -> None:
        if direction(self.language) == "rtl":
            run.get_or_add_rPr().append(_mark("w:rtl"))


def _spoken(token: Token) -> str:
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak":
        return "\n"
    return _readable(token.content) if token.type in ("text", "code_inline") else ""


def _readable(text: str) -> str:
    """XML knows no control characters."""
    return "".join(c for c in without_slots(text) if c.isprintable() or c in "\n\t")


def _house_style(made: Document, language: str, brand: Brand) -> None:
    """A4 in the office's fonts, its name on top and how to reach it below."""
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    colour = RGBColor.from_string(brand.primary.removeprefix("#"))
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = made.styles[name]
        style.font.name = FONT
        _fonts(style.element, language)
        if name != "Normal":
            style.font.color.rgb = colour
    made.styles["Normal"].font.size = Pt(11)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.add_run(brand.named(language)).bold = True
    contact = (brand.name, ", ".join(brand.address), brand.phone, brand.email)
    foot.add_run(" · ".join(contact)).font.size = Pt(9)


def _fonts(element: Any, language: str) -> None:
    """The font for every script, and the language that spelling is checked in."""
    properties = element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    fonts.set(qn("w:cs"), FONT_ARABIC if direction(language) == "rtl" else FONT)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    lang = properties.find(qn("w:lang"))
    if lang is None:
        lang = OxmlElement("w:lang")
        properties.append(lang)
    lang.set(qn("w:val"), _tag(language))
    lang.set(qn("w:bidi"), _tag(language))


def _tag(language: str) -> str:
    """de-DE, en-GB, ar."""
    place: str = {"de": "de-DE"}.get(language, locale_of(language)).replace("_", "-")
    return place


def _mark(name: str) -> Any:
    element = OxmlElement(name)
    element.set(qn("w:val"), "1")
    return element
