"""Keeping what the office types: nobody's words are written over without being shown.

Each part of an issue (its text in one language, its news) is kept by itself, so that two people who
write in two languages never meet. A page says what it saw of a part; a part that somebody else has
changed since is a conflict, unless the page changed nothing itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from services.notifications.domain.issue import Issue, IssueText, Status
from services.notifications.issues import blocks as news_blocks
from services.notifications.issues.blocks import Block, Words
from shared.web.fields import clean

NEWS: Final = "neues"
"""The part that holds the chosen news; every other part is called by its language."""


class NotADraft(Exception):
    """It is planned or under way: its words stay as they are."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A text as it stands on somebody's page; `seen` is the mark of what they began with."""

    language: str
    subject: str
    first_line: str
    body: str
    seen: str

    @property
    def words(self) -> tuple[str, str, str]:
        return (self.subject, self.first_line, self.body)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The news as ticked, ordered and edited on somebody's page."""

    blocks: Sequence[Block]
    seen: str


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What became of it: `conflicts` names the parts that somebody else has changed meanwhile."""

    changed: bool
    conflicts: tuple[str, ...]
    marks: Mapping[str, str]
    """Of the parts that now stand as this page typed them: what it may remember of them."""


async def save(
    session: AsyncSession,
    issue_id: UUID,
    texts: Iterable[Typed],
    chosen: Chosen,
    *,
    page: str,
    at: datetime,
) -> Saved:
    """Keep each part that is not in conflict; `page` tells one browser tab's saves from another's.

    Raises NotADraft; NoResultFound for an issue that was deleted.
    """
    issue = await session.get_one(Issue, issue_id, with_for_update=True)
    if issue.status != Status.DRAFT:
        raise NotADraft
    verdicts, marks = dict[str, str](), dict[str, str]()
    for typed in texts:
        verdicts[typed.language] = await _save_text(session, issue_id, typed, page=page, at=at)
        if verdicts[typed.language] in (WRITE, SAME):
            marks[typed.language] = _mark(typed.words)
    verdicts[NEWS] = _news_verdict(issue, chosen, page)
    if verdicts[NEWS] is WRITE:
        issue.blocks, issue.written_on = news_blocks.stored(chosen.blocks), page
    if verdicts[NEWS] in (WRITE, SAME):
        marks[NEWS] = _news_typed(chosen)
    changed = WRITE in verdicts.values()
    if changed:
        issue.changed_at = at
        flag_modified(issue, "changed_at")
    conflicts = tuple(part for part, verdict in verdicts.items() if verdict is CONFLICT)
    return Saved(changed=changed, conflicts=conflicts, marks=marks)


async def _save_text(
    session: AsyncSession, issue_id: UUID, typed: Typed, *, page: str, at: datetime
) -> str:
    text = await session.get(IssueText, (issue_id, typed.language))
    by = text.written_on if text else None
    verdict = _verdict(now=mark(text), mine=_mark(typed.words), seen=typed.seen, by=by, page=page)
    if verdict is WRITE:
        await _write(session, issue_id, text, typed, page=page, at=at)
    return verdict


def mark(text: IssueText | None) -> str:
    """What a page remembers of the text it showed."""
    return _mark((text.subject, text.first_line, text.body) if text else ("", "", ""))


def news_mark(issue: Issue) -> str:
    """What a page remembers of the news it showed."""
    return _mark(json.dumps(issue.blocks, sort_keys=True))


WRITE, SAME, LEAVE, CONFLICT = "write", "same", "leave", "conflict"


def _verdict(*, now: str, mine: str, seen: str, by: str | None, page: str) -> str:
    if mine == now:
        return SAME
    if now == seen or by == page:
        return WRITE
    return LEAVE if mine == seen else CONFLICT


def _news_verdict(issue: Issue, chosen: Chosen, page: str) -> str:
    return _verdict(
        now=news_mark(issue),
        mine=_news_typed(chosen),
        seen=chosen.seen,
        by=issue.written_on,
        page=page,
    )


def _news_typed(chosen: Chosen) -> str:
    return _mark(json.dumps(news_blocks.stored(chosen.blocks), sort_keys=True))


async def _write(
    session: AsyncSession,
    issue_id: UUID,
    text: IssueText | None,
    typed: Typed,
    *,
    page: str,
    at: datetime,
) -> None:
    """A language emptied by its writer is written no more."""
    if not any(typed.words):
        if text is not None:
            await session.delete(text)
        return
    if text is None:
        text = IssueText(issue_id=issue_id, language=typed.language)
        session.add(text)
    text.subject, text.first_line, text.body = typed.words
    text.changed_at, text.written_on = at, page


def _mark(content: object) -> str:
    return sha256(repr(content).encode("utf-8", "replace")).hexdigest()[:16]


def edited(block: Block, typed: Mapping[str, Words]) -> Block:
    """The block with what was typed for it; words left as they were told stay with their event."""
    own = dict(block.edited)
    for language, words in typed.items():
        if words in (_as_typed(block.original(language)), NOTHING):
            own.pop(language, None)
        else:
            own[language] = words
    return replace(block, edited=own)


NOTHING: Final = Words(title="", text="")


def _as_typed(words: Words) -> Words:
    """As a form brings them back: without the marks that turn the reading direction."""
    return Words(title=clean(words.title), text=clean(words.text))


def moved(blocks: Sequence[Block], event_id: UUID, by: int) -> list[Block]:
    """The chosen one, a place up (-1) or down (1); the others keep their order."""
    order = [block for block in blocks if block.chosen]
    rest = [block for block in blocks if not block.chosen]
    at = next((at for at, block in enumerate(order) if block.event_id == event_id), None)
    if at is not None and 0 <= at + by < len(order):
        order[at], order[at + by] = order[at + by], order[at]
    return order + rest


async def add_line(
    session: AsyncSession, issue: Issue, language: str, line: str, *, at: datetime
) -> None:
    """One more paragraph at the end of a text; pages that are open elsewhere will notice."""
    text = await session.get(IssueText, (issue.id, language))
    if text is None:
        text = IssueText(issue_id=issue.id, language=language, subject="", first_line="", body="")
        session.add(text)
    text.body = f"{text.body.rstrip()}\n\n{line}".strip()
    text.changed_at, text.written_on = at, ""
    issue.changed_at = at
    flag_modified(issue, "changed_at")
