"""What somebody has on their page while they write an issue, and how it becomes what is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from services.notifications.bulk.slots import without_slots
from services.notifications.issues import writing
from services.notifications.issues.blocks import LONGEST_TEXT, LONGEST_TITLE, Block, Words
from services.notifications.issues.content import Sheet
from services.notifications.issues.writing import Chosen, Typed
from services.notifications.pages.words import letter_languages
from shared.web.fields import LONGEST_LINE, one_line
from shared.web.i18n import BINDING

LONGEST_BODY: Final = 20_000
View = Literal["handy", "computer", "dunkel", "text", "papier"]
VIEWS: Final[tuple[View, ...]] = ("handy", "computer", "dunkel", "text", "papier")

Short = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(one_line)]
Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), AfterValidator(one_line)]
Long = Annotated[str, StringConstraints(max_length=LONGEST_BODY)]
Mark = Annotated[str, StringConstraints(max_length=64)]


class NewsLine(BaseModel):
    """One piece of news: its own words in German and in the language beside it."""

    event_id: UUID
    ticked: bool = False
    title: Title = ""
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""
    other_title: Title = ""
    other_text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""


class Draft(BaseModel):
    """Everything on the page; nothing of it has to be finished."""

    aktion: Annotated[str, StringConstraints(max_length=80)] = ""
    page: Mark = ""
    language: Annotated[str, StringConstraints(max_length=8)] = BINDING
    view: View = "handy"
    subject: Short = ""
    first_line: Short = ""
    body: Long = ""
    seen: Mark = ""
    other_subject: Short = ""
    other_first_line: Short = ""
    other_body: Long = ""
    other_seen: Mark = ""
    news_seen: Mark = ""
    news: list[NewsLine] = []

    def texts(self) -> list[Typed]:
        """German, and the language beside it."""
        german = Typed(
            language=BINDING,
            subject=without_slots(self.subject),
            first_line=without_slots(self.first_line),
            body=without_slots(self.body),
            seen=self.seen,
        )
        other = Typed(
            language=self.language,
            subject=without_slots(self.other_subject),
            first_line=without_slots(self.other_first_line),
            body=without_slots(self.other_body),
            seen=self.other_seen,
        )
        return [german] if language_of(self.language) == BINDING else [german, other]

    def chosen(self, known: Sequence[Block]) -> Chosen:
        """The news in the order of the page; what nobody knows is left out."""
        by_id = {block.event_id: block for block in known}
        blocks = [
            self._block(by_id[line.event_id], line) for line in self.news if line.event_id in by_id
        ]
        return Chosen(blocks=self._moved(blocks), seen=self.news_seen)

    def _block(self, block: Block, line: NewsLine) -> Block:
        typed = {BINDING: Words(title=line.title, text=line.text)}
        if language_of(self.language) != BINDING:
            typed[self.language] = Words(title=line.other_title, text=line.other_text)
        return writing.edited(replace(block, chosen=line.ticked), typed)

    def _moved(self, blocks: Sequence[Block]) -> Sequence[Block]:
        act, _, which = self.aktion.partition(":")
        if act not in STEPS:
            return blocks
        try:
            return writing.moved(blocks, UUID(which), STEPS[act])
        except ValueError:
            return blocks


STEPS: Final = {"hoch": -1, "runter": 1}


def language_of(asked: str) -> str:
    """A language letters are written in; German for anything else."""
    return asked if asked in dict(letter_languages()) else BINDING


def view_of(asked: str) -> View:
    """One of the previews; the phone for anything else."""
    return next((view for view in VIEWS if view == asked), "handy")


def values(sheet: Sheet, blocks: Sequence[Block], language: str, view: View) -> dict[str, Any]:
    """The form as it is opened: what is kept, and the marks by which a conflict is noticed."""
    german, other = sheet.text(BINDING), sheet.text(language)
    return {
        "page": secrets.token_urlsafe(9),
        "language": language,
        "view": view,
        "subject": german.subject,
        "first_line": german.first_line,
        "body": german.body,
        "other_subject": other.subject,
        "other_first_line": other.first_line,
        "other_body": other.body,
        **marks(sheet, language),
        "news": [_line(block, language) for block in blocks],
    }


UNTICKED: Final = {
    "ticked": "", "title": "", "text": "", "other_title": "", "other_text": "",
}  # fmt: skip
"""What a line lacks whose box is not ticked: a browser sends only its name."""


def marks(sheet: Sheet, language: str) -> dict[str, str]:
    """Of each part, what the page saw of it."""
    return {
        "seen": writing.mark(sheet.texts.get(BINDING)),
        "other_seen": writing.mark(sheet.texts.get(language)),
        "news_seen": writing.news_mark(sheet.issue),
    }


def _line(block: Block, language: str) -> dict[str, Any]:
    german, other = block.words(BINDING), block.words(language)
    return {
        "event_id": str(block.event_id),
        "ticked": "true" if block.chosen else "",
        "title": german.title,
        "text": german.text,
        "other_title": other.title,
        "other_text": other.text,
    }
