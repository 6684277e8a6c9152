"""What is looked at before an issue goes out: what would embarrass us, and what readers could not use."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.bulk.slots import without_slots
from services.notifications.domain.issue import Issue, IssueKind, IssueText
from services.notifications.issues import content, markdown, reachable
from services.notifications.issues.blocks import Trouble
from services.notifications.issues.content import Sheet
from services.notifications.issues.places import lacks_https
from services.notifications.issues.queries import audience
from services.notifications.issues.reachable import Ask, Reached
from shared.service import Service
from shared.web.i18n import BINDING

LONG_SUBJECT: Final = 70
"""Phones show about so much of it."""
LONG_FIRST_LINE: Final = 140
WHOLE: Final = 100_000
"""Bytes of HTML beyond which Gmail hides the rest, and the link to unsubscribe with it."""

SPAM: Final = (
    "100 % gratis", "100% gratis", "garantiert", "gewinn", "gratis", "jetzt kaufen", "klicken sie hier", "kostenlos",
    "nur heute", "risikofrei", "schnell reich", "sonderangebot", "viagra", "act now", "buy now", "cash bonus",
    "click here", "congratulations", "free money", "guaranteed", "limited time", "no risk", "winner",
)  # fmt: skip
"""What filters of mail servers, German and English, count against a letter."""

_SHOUTS: Final = re.compile(r"!{2,}|\?{2,}|€{2,}|\${2,}")
_CAPITALS: Final = re.compile(r"\b[A-ZÄÖÜ]{5,}\b")


class Check(StrEnum):
    """One line of the list."""

    TEXT = "text"
    SUBJECT = "subject"
    FIRST_LINE = "first_line"
    LANGUAGES = "languages"
    LINKS = "links"
    PICTURES = "pictures"
    NEWS = "news"
    SPAM = "spam"
    SIZE = "size"
    SLOTS = "slots"
    READERS = "readers"


class Fault(StrEnum):
    """What is wrong."""

    NO_GERMAN = "no_german"
    EMPTY = "empty"
    NO_SUBJECT = "no_subject"
    LONG_SUBJECT = "long_subject"
    NO_FIRST_LINE = "no_first_line"
    LONG_FIRST_LINE = "long_first_line"
    MISSING_LANGUAGE = "missing_language"
    LINK_REFUSED = "link_refused"
    LINK_HTTP = "link_http"
    LINK_GONE = "link_gone"
    LINK_SIGN_IN = "link_sign_in"
    LINK_UNKNOWN = "link_unknown"
    LINK_WITHOUT_WORDS = "link_without_words"
    PICTURE_FOREIGN = "picture_foreign"
    PICTURE_UNKNOWN = "picture_unknown"
    PICTURE_WITHOUT_ALT = "picture_without_alt"
    NEWS_OVERTAKEN = "news_overtaken"
    NEWS_REMOVED = "news_removed"
    NEWS_OVER = "news_over"
    SPAM_WORDS = "spam_words"
    SHOUTING = "shouting"
    TOO_LARGE = "too_large"
    STRANGE_CHARACTERS = "strange_characters"
    NO_READERS = "no_readers"


ADVICE: Final = frozenset(
    {
        Fault.LONG_SUBJECT, Fault.NO_FIRST_LINE, Fault.LONG_FIRST_LINE, Fault.MISSING_LANGUAGE, Fault.LINK_SIGN_IN,
        Fault.LINK_UNKNOWN, Fault.NEWS_OVER, Fault.SPAM_WORDS, Fault.SHOUTING,
    }
)  # fmt: skip
"""What the office may send all the same; everything else has to be mended first."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to mend: where, and the words a page says it with."""

    check: Check
    fault: Fault
    language: str = BINDING
    at: str = "body"
    """The field it is mended in."""
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether it must not go out like this."""
        return self.fault not in ADVICE


async def findings(
    session: AsyncSession, service: Service, issue: Issue, *, ask: Ask = reachable.ask
) -> Sequence[Finding]:
    """Everything there is to mend, what blocks first."""
    sheet = await content.sheet(session, service, issue)
    readers = await audience(session, IssueKind(issue.kind))
    found = [*_texts(sheet), *_languages(sheet, readers), *_news(sheet)]
    links = [(lang, link) for lang in sheet.texts for link in _links(sheet, lang)]
    inside = {link.place for _, link in links if link.place is not None}
    reached = await ask(sheet.house.origin, sorted(inside)) if inside else {}
    found += [finding for lang, link in links for finding in _link(lang, link, reached)]
    found += [finding for lang in sheet.texts for finding in _pictures(sheet, lang)]
    found += _sizes(sheet, service)
    if not readers:
        found.append(Finding(check=Check.READERS, fault=Fault.NO_READERS))
    return sorted(found, key=lambda one: not one.blocks)


def _texts(sheet: Sheet) -> Iterator[Finding]:
    """German is what everybody gets who reads a language it is not written in."""
    for language, text in sheet.texts.items():
        yield from _one_text(language, text, empty=not sheet.blocks)
    if BINDING not in sheet.texts:
        yield Finding(check=Check.TEXT, fault=Fault.NO_GERMAN)


def _one_text(language: str, text: IssueText, *, empty: bool) -> Iterator[Finding]:
    subject, first_line = content.one_line(text.subject), content.one_line(text.first_line)
    if not text.body.strip() and empty:
        yield Finding(check=Check.TEXT, fault=Fault.EMPTY, language=language)
    if not subject:
        yield Finding(check=Check.SUBJECT, fault=Fault.NO_SUBJECT, language=language, at="subject")
    yield from _length(Check.SUBJECT, Fault.LONG_SUBJECT, language, subject, LONG_SUBJECT)
    if not first_line:
        yield Finding(
            check=Check.FIRST_LINE,
            fault=Fault.NO_FIRST_LINE,
            language=language,
            at="first_line",
        )
    yield from _length(
        Check.FIRST_LINE, Fault.LONG_FIRST_LINE, language, first_line, LONG_FIRST_LINE
    )
    yield from _spam(language, text)
    whole = f"{text.subject}{text.first_line}{text.body}"
    if without_slots(whole) != whole:
        yield Finding(check=Check.SLOTS, fault=Fault.STRANGE_CHARACTERS, language=language)


def _length(check: Check, fault: Fault, language: str, said: str, most: int) -> Iterator[Finding]:
    if len(said) > most:
        facts = {"length": len(said), "most": most}
        yield Finding(check=check, fault=fault, language=language, at=check.value, facts=facts)


def _spam(language: str, text: IssueText) -> Iterator[Finding]:
    whole = f"{text.subject}\n{text.first_line}\n{text.body}"
    low = " ".join(whole.casefold().split())
    words = [word for word in SPAM if re.search(rf"\b{re.escape(word)}\b", low)]
    if words:
        facts = {"words": ", ".join(words)}
        yield Finding(check=Check.SPAM, fault=Fault.SPAM_WORDS, language=language, facts=facts)
    loud = [*_SHOUTS.findall(text.subject), *_CAPITALS.findall(text.subject)]
    if loud:
        yield Finding(
            check=Check.SPAM,
            fault=Fault.SHOUTING,
            language=language,
            at="subject",
            facts={"words": " ".join(loud)},
        )


def _languages(sheet: Sheet, readers: Iterable[tuple[str, int]]) -> Iterator[Finding]:
    for language, count in readers:
        if language != BINDING and language not in sheet.languages:
            yield Finding(
                check=Check.LANGUAGES,
                fault=Fault.MISSING_LANGUAGE,
                language=language,
                at="subject",
                facts={"count": count},
            )


def _news(sheet: Sheet) -> Iterator[Finding]:
    faults = {
        Trouble.OVERTAKEN: Fault.NEWS_OVERTAKEN,
        Trouble.REMOVED: Fault.NEWS_REMOVED,
        Trouble.OVER: Fault.NEWS_OVER,
    }
    for block in sheet.blocks:
        if block.trouble is not None:
            facts = {"title": block.words(BINDING).title}
            yield Finding(check=Check.NEWS, fault=faults[block.trouble], at="neues", facts=facts)


def _links(sheet: Sheet, language: str) -> Iterator[markdown.Link]:
    return markdown.links(sheet.texts[language].body, sheet.house)


def _link(language: str, link: markdown.Link, reached: Mapping[str, Reached]) -> Iterator[Finding]:
    """Links to elsewhere are read, never opened."""
    if link.place is None:
        fault: Fault | None = Fault.LINK_HTTP if lacks_https(link.typed) else Fault.LINK_REFUSED
    elif not link.text.strip():
        fault = Fault.LINK_WITHOUT_WORDS
    else:
        fault = {
            Reached.GONE: Fault.LINK_GONE,
            Reached.SIGN_IN: Fault.LINK_SIGN_IN,
            Reached.UNKNOWN: Fault.LINK_UNKNOWN,
        }.get(reached.get(link.place, Reached.YES))
    if fault is not None:
        facts = {"link": link.typed[:200], "text": link.text[:80]}
        yield Finding(check=Check.LINKS, fault=fault, language=language, facts=facts)


def _pictures(sheet: Sheet, language: str) -> Iterator[Finding]:
    for picture in markdown.pictures(sheet.texts[language].body, sheet.house.origin):
        fault = None
        if picture.sha256 is None:
            fault = Fault.PICTURE_FOREIGN
        elif picture.sha256 not in sheet.house.pictures:
            fault = Fault.PICTURE_UNKNOWN
        elif not picture.alt and not picture.decorative:
            fault = Fault.PICTURE_WITHOUT_ALT
        if fault is not None:
            facts = {"picture": picture.typed[:100]}
            yield Finding(check=Check.PICTURES, fault=fault, language=language, facts=facts)


def _sizes(sheet: Sheet, service: Service) -> Iterator[Finding]:
    for language in sheet.languages:
        size = len(content.mail_of(sheet, language, service.settings).html.encode())
        if size >= WHOLE:
            yield Finding(
                check=Check.SIZE,
                fault=Fault.TOO_LARGE,
                language=language,
                facts={"size": size, "most": WHOLE},
            )
