"""The session on one screen: for the office, and for those who run the board's sessions."""

from typing import Final

from services.meetings.web.room.attendance import attendance_pages
from services.meetings.web.room.polls import poll_pages
from services.meetings.web.room.screen import room_pages, way_back
from services.meetings.web.room.steps import step_pages

ROOM_PAGES: Final = (room_pages, attendance_pages, step_pages, poll_pages, way_back)
