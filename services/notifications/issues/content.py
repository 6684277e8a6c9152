"""An issue as its readers get it: as mail with the places for their own things, and as a page.

A newsletter binds nobody, so another language than German does not carry the German text below it
but a link to it: the mail stays short enough to be shown whole (100 kB), and whoever listens to it
need not hear everything twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bulk.slots import (
    MANAGE_URL,
    SALUTATION,
    UNSUBSCRIBE_URL,
    without_slots,
)
from services.notifications.domain.issue import Issue, IssueKind, IssueText
from services.notifications.issues import blocks as news_blocks
from services.notifications.issues import markdown
from services.notifications.issues.blocks import Block
from services.notifications.issues.markdown import House, Medium
from services.notifications.issues.pictures import sizes
from services.notifications.issues.plaintext import to_text
from services.notifications.letters.queue import brand_of
from services.notifications.letters.rendering import frame
from shared.service import Service
from shared.settings import Settings
from shared.web.brand import Brand
from shared.web.i18n import BINDING

ARCHIVE: Final = {IssueKind.NEWSLETTER: "/rundbriefe", IssueKind.PRESS: "/presse"}


class NoText(Exception):
    """Nobody wrote it, not even in German."""


@dataclass(frozen=True)
class Rendered:
    """An issue in one language, ready to be compiled: text and HTML hold the characters of `slots`."""

    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class WebPage:
    """An issue in the archive: nobody's own links, no greeting; `html` starts at the second level."""

    language: str
    subject: str
    first_line: str
    html: Markup


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything about one issue that its words depend on, read once for all its languages."""

    issue: Issue
    texts: dict[str, IssueText]
    blocks: Sequence[Block]
    house: House

    def spoken(self, language: str) -> str:
        """The language a reader of this one gets; raises NoText."""
        for tongue in (language, BINDING):
            if tongue in self.texts and is_written(self.texts[tongue]):
                return tongue
        raise NoText(self.issue.id)

    def text(self, language: str) -> IssueText:
        """What is written in it; empty if nothing is."""
        empty = IssueText(issue_id=self.issue.id, language=language)
        empty.subject = empty.first_line = empty.body = ""
        return self.texts.get(language, empty)

    @property
    def languages(self) -> tuple[str, ...]:
        """German first, then the others it is written in."""
        written = {lang for lang, text in self.texts.items() if is_written(text)}
        return tuple(sorted(written, key=lambda lang: (lang != BINDING, lang)))


def is_written(text: IssueText) -> bool:
    """Without a subject it cannot be sent."""
    return bool(one_line(text.subject))


def one_line(typed: str) -> str:
    """A subject or first line: no break, no character that stands for a reader."""
    return " ".join(without_slots(typed).split())


def archive_path(issue: Issue, language: str = BINDING) -> str:
    """Where it can be read in a browser once it is out."""
    return f"{ARCHIVE[IssueKind(issue.kind)]}/{issue.id}?lang={language}"


async def sheet(session: AsyncSession, service: Service, issue: Issue) -> Sheet:
    """A handful of queries, however many languages, pictures and pieces of news there are."""
    chosen = select(IssueText).where(IssueText.issue_id == issue.id)
    texts = {text.language: text for text in (await session.scalars(chosen)).all()}
    origin = service.settings.origin
    shown = {
        picture.sha256
        for text in texts.values()
        for picture in markdown.pictures(text.body, origin)
        if picture.sha256 is not None
    }
    return Sheet(
        issue=issue,
        texts=texts,
        blocks=await news_blocks.blocks_of(session, issue, at=service.clock.now()),
        house=House(origin=origin, pictures=await sizes(session, shown)),
    )


async def rendered(
    session: AsyncSession, service: Service, issue_id: UUID, language: str
) -> Rendered:
    """The mail in this language, or in German if it is not written in it; raises NoText."""
    issue = await session.get_one(Issue, issue_id)
    return mail_of(await sheet(session, service, issue), language, service.settings)


async def web_page(
    session: AsyncSession, service: Service, issue_id: UUID, language: str
) -> WebPage:
    """The page in this language, or in German if it is not written in it; raises NoText."""
    issue = await session.get_one(Issue, issue_id)
    return page_of(await sheet(session, service, issue), language)


async def languages_of(session: AsyncSession, issue_id: UUID) -> tuple[str, ...]:
    """German first, then the other languages it can be sent in."""
    chosen = select(IssueText).where(IssueText.issue_id == issue_id)
    written = [text.language for text in await session.scalars(chosen) if is_written(text)]
    return tuple(sorted(written, key=lambda lang: (lang != BINDING, lang)))


def mail_of(sheet: Sheet, language: str, settings: Settings) -> Rendered:
    """See `rendered`."""
    return mail_in(sheet, sheet.spoken(language), settings)


def mail_in(sheet: Sheet, spoken: str, settings: Settings) -> Rendered:
    """In exactly this language, however little of it is written: for somebody who still writes it."""
    text = sheet.text(spoken)
    brand = brand_of(settings.brand_file)
    facts = _frame_facts(sheet, spoken, text, settings, brand)
    html = markdown.styled(content_html(sheet, spoken, Medium.MAIL), brand)
    return Rendered(
        language=spoken,
        subject=one_line(text.subject),
        text=frame("_issue.txt", spoken, facts | {"content": content_text(sheet, spoken)}),
        html=frame("_issue.html", spoken, facts | {"content": html}),
    )


def page_of(sheet: Sheet, language: str) -> WebPage:
    """See `web_page`."""
    spoken = sheet.spoken(language)
    text = sheet.texts[spoken]
    return WebPage(
        language=spoken,
        subject=one_line(text.subject),
        first_line=one_line(text.first_line),
        html=content_html(sheet, spoken, Medium.WEB),
    )


def content_html(sheet: Sheet, language: str, medium: Medium) -> Markup:
    """What was typed, and the news below it; the archive tells nothing that was taken back since."""
    said = [markdown.to_html(sheet.text(language).body, sheet.house, medium)]
    gone = {block.event_id for block in sheet.blocks if block.headline(BINDING) is None}
    blocks = [b for b in sheet.blocks if medium is not Medium.WEB or b.event_id not in gone]
    said += [news_blocks.to_html(block, language, sheet.house.origin) for block in blocks]
    return Markup("\n").join(part for part in said if part)


def content_text(sheet: Sheet, language: str) -> str:
    """The same as plain text."""
    picture = frame("_issue_words.txt", language, {"what": "picture"}).strip()
    said = [to_text(sheet.text(language).body, sheet.house, picture=picture)]
    said += [news_blocks.to_text(block, language, sheet.house.origin) for block in sheet.blocks]
    return "\n\n".join(part for part in said if part)


def filled_for_nobody(mail: Rendered, settings: Settings) -> Rendered:
    """As somebody would get it whose name we do not know, with links that end nobody's subscription."""
    greeting = frame("_issue_words.txt", mail.language, {"what": "greeting"}).strip()
    values = {SALUTATION: greeting, MANAGE_URL: f"{settings.origin}/abo"}
    values[UNSUBSCRIBE_URL] = values[MANAGE_URL]
    text, html = mail.text, mail.html
    for slot, value in values.items():
        text, html = text.replace(slot, value), html.replace(slot, str(Markup.escape(value)))
    return Rendered(mail.language, mail.subject, text, html)


def _frame_facts(
    sheet: Sheet, language: str, text: IssueText, settings: Settings, brand: Brand
) -> dict[str, Any]:
    origin, issue = settings.origin, sheet.issue
    return {
        "brand": brand,
        "origin": origin,
        "subject": one_line(text.subject),
        "first_line": one_line(text.first_line),
        "press": issue.kind == IssueKind.PRESS,
        "browser_url": f"{origin}{archive_path(issue, language)}",
        "german_url": "" if language == BINDING else f"{origin}{archive_path(issue)}",
        "salutation": SALUTATION,
        "manage_url": MANAGE_URL,
        "unsubscribe_url": UNSUBSCRIBE_URL,
    }
