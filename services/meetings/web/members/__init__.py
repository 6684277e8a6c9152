"""The office looks after the board's members: who they are, whether they may vote, and why."""

from services.meetings.web.members.acts import act_pages
from services.meetings.web.members.lists import list_pages
from services.meetings.web.members.one import one_pages
from services.meetings.web.members.taking_in import form_pages
from services.meetings.web.members.units import unit_pages

MEMBER_PAGES = (list_pages, form_pages, unit_pages, one_pages, act_pages)
"""In this order: fixed paths before those of one member."""

__all__ = ["MEMBER_PAGES"]
