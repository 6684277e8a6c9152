"""The news an issue tells: what happened since the last one, as chosen, ordered and edited by the office."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications import news
from services.notifications.bulk.slots import without_slots
from services.notifications.domain.issue import Issue
from services.notifications.headlines import Headline
from services.notifications.issues.markdown import clean
from services.notifications.journal import JournalEntry
from services.notifications.wording import Wording
from shared.web.i18n import BINDING, direction

OFFERED: Final = 40
"""At most so many pieces of news are offered, the newest."""

LONGEST_TITLE: Final = 300
LONGEST_TEXT: Final = 5_000
"""More than any headline has, with the office's own text below it."""


class Trouble(StrEnum):
    """Why a chosen piece of news should not go out any more."""

    OVERTAKEN = "overtaken"
    """Later news about the same thing says something else."""
    REMOVED = "removed"
    """The office took it back, or it never was news."""
    OVER = "over"
    """The date it invites to is past."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A piece of news in one language."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece of news; `entry` is None for one that is not there any more."""

    event_id: UUID
    entry: JournalEntry | None
    chosen: bool
    edited: Mapping[str, Words]
    """What the office wrote instead of the headline, by language."""
    trouble: Trouble | None = None

    def headline(self, language: str) -> Headline | None:
        """As the pages tell it; None where nothing can be told any more."""
        if self.entry is None or self.entry.removed:
            return None
        return news.told(self.entry, Wording(language)).headline

    def words(self, language: str) -> Words:
        """What stands in the issue: edited, or as the pages tell it."""
        if language in self.edited:
            return self.edited[language]
        return self.original(language)

    def original(self, language: str) -> Words:
        """The headline, with the office's own text below it where that is in the same language."""
        headline = self.headline(language)
        if headline is None:
            return Words(title="", text="")
        own = headline.quote.strip() if language == BINDING else ""
        text = "\n\n".join(part for part in (headline.text, own) if part)
        return Words(title=without_slots(headline.title), text=without_slots(text))


async def blocks_of(
    session: AsyncSession, issue: Issue, *, at: datetime, also: Iterable[UUID] = ()
) -> list[Block]:
    """The chosen ones in their order, each with what is wrong about it, and `also` these unchosen."""
    chosen = {UUID(block["event_id"]): block for block in issue.blocks}
    asked: dict[UUID, dict[str, Any]] = {event_id: {} for event_id in also} | chosen
    ordered = [*chosen, *(event_id for event_id in asked if event_id not in chosen)]
    wanted = select(JournalEntry).where(JournalEntry.event_id.in_(asked))
    found = {entry.event_id: entry for entry in (await session.scalars(wanted)).all()}
    living = {key: entry for key, entry in found.items() if _is_news(entry)}
    old = await news.overtaken_among(session, list(living.values())) if living else frozenset()
    return [
        Block(
            event_id=event_id,
            entry=living.get(event_id),
            chosen=event_id in chosen,
            edited=_edited(asked[event_id].get("texts", {})),
            trouble=_trouble(living.get(event_id), overtaken=event_id in old, at=at),
        )
        for event_id in ordered
    ]


async def offered(
    session: AsyncSession, issue: Issue, *, at: datetime, also: Iterable[UUID] = ()
) -> list[Block]:
    """The chosen ones first, then everything else that is new since the last issue and still true."""
    known = await blocks_of(session, issue, at=at, also=also)
    names = {block.event_id for block in known}
    fresh = [
        entry.event_id
        for entry in await news.still_true(session, limit=OFFERED)
        if entry.cursor > issue.since_cursor and entry.event_id not in names
    ]
    return await blocks_of(session, issue, at=at, also=[*names, *fresh]) if fresh else known


def stored(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """As the issue keeps them: the chosen ones, with what was edited."""
    return [
        {"event_id": str(block.event_id)}
        | (
            {"texts": {lang: _kept(words) for lang, words in block.edited.items()}}
            if block.edited
            else {}
        )
        for block in blocks
        if block.chosen
    ]


def to_html(block: Block, language: str, origin: str) -> Markup:
    """A heading, the text, the office's own words in German, the way to the page."""
    words = block.words(language)
    if not (words.title or words.text):
        return Markup()
    title = Markup('<h2><bdi dir="{}">{}</bdi></h2>').format(direction(language), words.title)
    parts = [title, *_paragraphs(words.text)]
    headline = block.headline(language)
    if headline is not None:
        if language not in block.edited and language != BINDING and headline.quote.strip():
            own = Markup().join(_paragraphs(headline.quote))
            parts.append(Markup('<div lang="de" dir="ltr">{}</div>').format(own))
        more = _more(headline, language)
        link = Markup('<p><a class="lnk" href="{}{}">{}</a></p>')
        parts.append(link.format(origin, headline.path, more))
    return clean(Markup("\n").join(parts), origin)


def to_text(block: Block, language: str, origin: str) -> str:
    """The same for mail programs that show only letters."""
    words = block.words(language)
    if not (words.title or words.text):
        return ""
    parts = [f"{words.title}\n{'=' * min(60, max(3, len(words.title)))}\n\n{words.text}"]
    headline = block.headline(language)
    if headline is not None:
        if language not in block.edited and language != BINDING and headline.quote.strip():
            parts.append(headline.quote.strip())
        parts.append(f"{_more(headline, language)}: {origin}{headline.path}")
    return without_slots("\n\n".join(parts))


def _more(headline: Headline, language: str) -> str:
    return Wording(language).gettext(str(headline.more))


def _paragraphs(text: str) -> Sequence[Markup]:
    """Somebody's text: paragraphs and line breaks, everything else as typed."""
    parts = [part.strip() for part in text.strip().split("\n\n")]
    return [
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.split("\n")))
        for part in parts
        if part
    ]


def _is_news(entry: JournalEntry) -> bool:
    return not entry.removed and any(kind.type == entry.type for kind in news.HEADLINES)


def _trouble(entry: JournalEntry | None, *, overtaken: bool, at: datetime) -> Trouble | None:
    if entry is None:
        return Trouble.REMOVED
    if overtaken:
        return Trouble.OVERTAKEN
    return Trouble.OVER if _is_over(entry, at) else None


INVITING: Final = (
    "session.scheduled",
    "session.postponed",
    "occasion.announced",
    "occasion.changed",
)


def _is_over(entry: JournalEntry, at: datetime) -> bool:
    """Whether it invites to something that has begun."""
    if not any(f".{word}." in entry.type for word in INVITING):
        return False
    starts_at = entry.body.get("data", {}).get("starts_at")
    return bool(starts_at) and datetime.fromisoformat(starts_at) <= at


def _edited(texts: Mapping[str, Mapping[str, str]]) -> dict[str, Words]:
    return {
        language: Words(title=said.get("title", ""), text=said.get("text", ""))
        for language, said in texts.items()
    }


def _kept(words: Words) -> dict[str, str]:
    return {"title": words.title, "text": words.text}
