"""What newsletters and press releases say as news: their own subject, in the reader's language if there is one."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.notifications.headlines import Headline
from services.notifications.wording import Wording
from shared.events.base import Event
from shared.events.notifications import IssueEvent, NewsletterPublished, PressReleaseIssued
from shared.web.i18n import BINDING, lazy

READ_NEWSLETTER: Final = lazy("Rundbrief lesen")
READ_RELEASE: Final = lazy("Pressemitteilung lesen")


def _published(event: NewsletterPublished, words: Wording) -> Headline:
    return Headline(
        kicker=words.gettext("Rundbrief"),
        title=_said(event, event.subjects, words),
        text=_said(event, event.first_lines, words),
        path=f"/rundbriefe/{event.issue_id}",
        more=READ_NEWSLETTER,
    )


def _issued(event: PressReleaseIssued, words: Wording) -> Headline:
    return Headline(
        kicker=words.gettext("Pressemitteilung"),
        title=_said(event, event.subjects, words),
        text=_said(event, event.first_lines, words),
        path=f"/presse/{event.issue_id}",
        more=READ_RELEASE,
    )


def _said(event: IssueEvent, by_language: Mapping[str, str], words: Wording) -> str:
    """One language for both lines: the reader's if the issue has it, else German."""
    lang = words.lang if words.lang in event.subjects else BINDING
    return words.name(by_language.get(lang, ""))


ISSUE_HEADLINES: Final[Mapping[type[Event], Callable[[Any, Wording], Headline]]] = {
    NewsletterPublished: _published,
    PressReleaseIssued: _issued,
}
"""Each word about an issue, and how it is told."""
