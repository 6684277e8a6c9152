"""The pages of the minutes: the office's, those by a link, everybody's."""

from typing import Final

from services.meetings.web.minutes.amendments import amendment_pages
from services.meetings.web.minutes.api import minutes_api
from services.meetings.web.minutes.desk import minutes_pages
from services.meetings.web.minutes.draft import draft_pages
from services.meetings.web.minutes.public import public_minutes
from services.meetings.web.minutes.way import way_pages

MINUTES_PAGES: Final = (
    minutes_pages,
    way_pages,
    amendment_pages,
    draft_pages,
    public_minutes,
    minutes_api,
)
