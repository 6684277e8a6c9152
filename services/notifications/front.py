"""What everybody sees first: the front page, the news, the calendar."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from services.notifications import calendar, funds, journal, news
from services.notifications.fresh import fresh_file
from services.notifications.issue_news import ISSUE_HEADLINES
from services.notifications.journal import LAST_POSSIBLE, JournalEntry
from services.notifications.store import Audit
from services.notifications.wording import Wording, wording_of_address
from shared.days import local_day
from shared.service import Service
from shared.web.access import Guarded, Role, actor_of
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded()

CARDS: Final = 3
CALENDAR_KEPT: Final = 900
"""Seconds a calendar program may go without asking."""
ISSUES: Final = frozenset(kind.type for kind in ISSUE_HEADLINES)


@router.get("/", action="front.read")
async def front(request: Request) -> HTMLResponse:
    """One sentence, one act; the next dates; the news."""
    service: Service = request.app.state.service
    _, words = gettext_of(request), Wording(language_of(request))
    async with service.db.read() as session:
        dates = await calendar.dates_ahead(session, service.clock.now())
        entries = await news.still_true(session, limit=CARDS)
        fund = await funds.left_in(session, local_day(service.clock.now()).year)
    return page(
        request,
        "front/front.html",
        title=_("Start"),
        here="start",
        dates=calendar.next_few(dates),
        deadline=calendar.next_deadline(dates),
        fund=fund,
        cards=[news.told(entry, words) for entry in entries],
    )


@router.get("/neuigkeiten", action="news.read")
async def all_news(
    request: Request, vor: Annotated[int | None, Query(ge=1, le=LAST_POSSIBLE)] = None
) -> HTMLResponse:
    """The news, newest first, a page at a time; `vor` is the cursor the page before ended with."""
    service: Service = request.app.state.service
    _, words = gettext_of(request), Wording(language_of(request))
    async with service.db.read() as session:
        entries = await news.newest(session, "all", limit=news.A_PAGE + 1, before=vor)
        overtaken = await news.overtaken_among(session, entries)
    shown = entries[: news.A_PAGE]
    return page(
        request,
        "news/news.html",
        title=_("Neuigkeiten"),
        here="neuigkeiten",
        pieces=[news.told(entry, words, overtaken=entry.event_id in overtaken) for entry in shown],
        older=shown[-1].cursor if len(entries) > len(shown) else None,
        first=vor is None,
    )


@router.get("/neuigkeiten/{event_id}", action="news.read")
async def one_piece(request: Request, event_id: UUID) -> HTMLResponse:
    """One piece of news, and what has changed about it since."""
    service: Service = request.app.state.service
    words = Wording(language_of(request))
    async with service.db.read() as session:
        entry = await _entry(session, event_id)
        later = await news.later_about(session, entry)
    piece = news.told(entry, words)
    return page(
        request,
        "news/piece.html",
        title=piece.headline.title,
        here="neuigkeiten",
        piece=piece,
        later=news.told(later, words) if later else None,
        may_remove=actor_of(request).has(Role.OFFICE),
    )


@router.get("/kalender", action="calendar.read")
async def months(request: Request) -> HTMLResponse:
    """All dates ahead by month, cancelled ones marked."""
    service: Service = request.app.state.service
    _, words = gettext_of(request), Wording(language_of(request))
    async with service.db.read() as session:
        dates = await calendar.dates_ahead(session, service.clock.now())
    return page(
        request,
        "calendar/calendar.html",
        title=_("Kalender"),
        here="kalender",
        months=[(words.month(first), month) for first, month in calendar.by_month(dates)],
        file=f"{service.settings.origin}/kalender.ics",
    )


@router.get("/kalender.ics", action="calendar.read")
async def calendar_file(request: Request) -> Response:
    """The dates for the reader's own calendar program."""
    service: Service = request.app.state.service
    words = wording_of_address(request)
    async with service.db.read() as session:
        sessions = await calendar.dates_for_calendars(session, service.clock.now())
    name = f"{request.app.state.brand.name}: {words.gettext('Termine')}"
    wording = calendar.CalendarWords(
        name=name,
        origin=service.settings.origin,
        host=service.settings.mail_domain,
        gettext=words.gettext,
    )
    return fresh_file(
        request,
        calendar.calendar_file(sessions, wording),
        media_type="text/calendar; charset=utf-8",
        changed=max((known.changed_at for known in sessions), default=None),
        seconds=CALENDAR_KEPT,
    )


@router.get("/neuigkeiten/{event_id}/entfernen", action="news.remove")
async def ask_before_removing(request: Request, event_id: UUID) -> Response:
    """What taking a piece of news back means, before it is done."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    async with service.db.read() as session:
        entry = await _entry(session, event_id)
    if entry.type in ISSUES:
        return _to_the_archive(request, entry)
    return page(
        request,
        "news/remove.html",
        title=_("Diese Neuigkeit entfernen?"),
        here="neuigkeiten",
        piece=news.told(entry, Wording(language_of(request))),
    )


@router.post("/neuigkeiten/{event_id}/entfernen", action="news.remove")
async def remove(request: Request, event_id: UUID) -> Response:
    """Take a piece of news back: from the pages, the feeds, and with a tombstone from partners."""
    _ = gettext_of(request)
    service: Service = request.app.state.service
    at, actor = service.clock.now(), actor_of(request)
    async with service.db.begin() as session:
        entry = await _entry(session, event_id)
        if entry.type in ISSUES:
            return _to_the_archive(request, entry)
        await journal.remove(session, entry, at=at)
        session.add(
            Audit(
                at=at,
                actor=f"account:{actor.account_id}",
                action="news.removed",
                subject=str(event_id),
                details={"type": entry.type, "cursor": entry.cursor},
            )
        )
    return see_other("/neuigkeiten", _("Die Neuigkeit ist entfernt."))


def _to_the_archive(request: Request, entry: JournalEntry) -> Response:
    """Only there is an issue taken back: its sending has to stop with it."""
    headline = news.told(entry, Wording(language_of(request))).headline
    return see_other(f"{headline.path}/entfernen")


async def _entry(session: AsyncSession, event_id: UUID) -> JournalEntry:
    entry = await news.one(session, event_id)
    if entry is None:
        raise HTTPException(404)
    return entry
