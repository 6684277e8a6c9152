"""What the pages of the minutes share: the session with its facts, shown in one version or the other."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.desk import now
from services.meetings.domain.minutes import (
    CLOSING,
    MARK,
    OPENING,
    ApprovedBecause,
    IllegalMove,
    Minutes,
    MinutesStatus,
    NotHeldYet,
    NotYetApprovable,
    UnclosedBlank,
    WordsChanged,
)
from services.meetings.domain.session import Session, Status
from services.meetings.minutes_paper import heading_of, minutes_paper, texts_of
from services.meetings.minutes_words import (
    AMENDMENT,
    AMENDMENT_KIND,
    GROUND,
    STATUS,
    STATUS_KIND,
    Speech,
)
from services.meetings.queries.minutes import Facts, Record, facts_of, record_of
from shared.print.minutes import MinutesPaper, minutes
from shared.web.formats import paragraphs
from shared.web.i18n import BINDING, lazy
from shared.web.pages import gettext_of, language_of

HERE: Final = "sitzungen"
BLANKED: Final = lazy("geschwärzt")
UNCLOSED: Final = lazy("Hier fehlt eine doppelte Klammer: Schwärzen geht so: [[Wort]].")
WORDS_FIXED: Final = lazy(
    "Der Entwurf ist schon bei den Mitgliedern. Wörter ändern Sie nur noch über einen Einwand."
)
WRONG_TEXT: Final[dict[type[Exception], Any]] = {
    UnclosedBlank: UNCLOSED,
    WordsChanged: WORDS_FIXED,
}


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One session's minutes, as a page needs them."""

    facts: Facts
    record: Record
    at: datetime

    @property
    def meeting(self) -> Session:
        return self.facts.meeting

    @property
    def path(self) -> str:
        """The office's page."""
        return f"/buero/sitzungen/{self.meeting.id}/protokoll"

    @property
    def public_path(self) -> str:
        return f"/sitzungen/{self.meeting.id}/protokoll"

    @property
    def texts(self) -> dict[str, str]:
        """What stands in every part now."""
        return texts_of(self.facts, self.record)

    @property
    def is_over(self) -> bool:
        """Whether the draft may be handed on."""
        return self.facts.was_held(at=self.at)

    @property
    def is_approved(self) -> bool:
        return self.record.status is MinutesStatus.APPROVED

    @property
    def asks(self) -> bool:
        """Whether anybody is asked before these minutes hold."""
        return bool(self.facts.voters and self.facts.rules.objection_days)

    @property
    def agreed(self) -> int:
        """How many of those who were there agree."""
        return sum(one.id in self.record.agreed for one in self.facts.voters)

    def until(self) -> datetime:
        """The last second to object in, were the draft given to the members now."""
        minutes = self.record.minutes or Minutes.begin(self.meeting, at=self.at)
        return minutes.last_second(days=self.facts.rules.objection_days, at=self.at)

    def ground(self) -> ApprovedBecause | None:
        """What an approval would rest on now; None where it needs a reason, or cannot be yet."""
        minutes = self.record.minutes or Minutes.begin(self.meeting, at=self.at)
        asked, days = len(self.facts.voters), self.facts.rules.objection_days
        try:
            return minutes.ground(asked=asked, agreed=self.agreed, days=days, reason="", at=self.at)
        except (NotYetApprovable, IllegalMove):
            return None

    def paper(self, lang: str, *, whole: bool) -> MinutesPaper:
        """One version in one language."""
        return minutes_paper(self.facts, self.record, whole=whole, lang=lang)

    def headings(self, lang: str) -> dict[str, str]:
        """What each part is called, in order."""
        speech = Speech(lang)
        items = {item.part: heading_of(item, speech) for item in self.facts.items}
        return {
            OPENING: speech.gettext("Beginn"),
            **items,
            CLOSING: speech.gettext("Ende"),
        }


async def sight_of(request: Request, session: AsyncSession, session_id: UUID) -> Sight:
    """Raises NotHeldYet for a session that is still to come."""
    facts = await facts_of(session, session_id)
    sight = Sight(facts=facts, record=await record_of(session, session_id), at=now(request))
    if not sight.is_over and facts.meeting.status is not Status.OPEN:
        raise NotHeldYet
    return sight


def words(request: Request) -> dict[str, Any]:
    """What every template of the minutes says in the reader's words."""
    _ = gettext_of(request)
    mark = Markup('<span aria-hidden="true">{}</span><span class="sb-sr">{}</span>')
    said = mark.format(MARK, _(BLANKED))

    def shown(text: str) -> Markup:
        """Somebody's text with every blank said, not spelled."""
        return Markup(paragraphs(text).replace(MARK, said))  # noqa: S704 - escaped by paragraphs

    return {
        "here": HERE,
        "shown": shown,
        "STATUS": STATUS,
        "STATUS_KIND": STATUS_KIND,
        "AMENDMENT": AMENDMENT,
        "AMENDMENT_KIND": AMENDMENT_KIND,
        "GROUND": GROUND,
    }


async def pdf(request: Request, sight: Sight, *, whole: bool) -> Response:
    """The minutes on paper: German, whatever the reader's language."""
    paper = sight.paper(BINDING, whole=whole)
    content = await asyncio.to_thread(minutes, paper, brand=request.app.state.brand)
    version = "vollstaendig" if whole else "oeffentlich"
    name = f"protokoll-{paper_day(sight)}-{version}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    if whole:
        headers["Cache-Control"] = "no-store"
    return Response(content, media_type="application/pdf", headers=headers)


def paper_day(sight: Sight) -> str:
    """The session's day, as it stands in a file's name."""
    return f"{sight.meeting.starts_at:%Y-%m-%d}"


def title_of(request: Request, sight: Sight) -> str:
    """How the minutes are called, in the reader's language."""
    lang = language_of(request)
    day = Speech(lang).voice.day(sight.meeting.starts_at)
    return gettext_of(request)("Protokoll der Sitzung am %(day)s") % {"day": day}
