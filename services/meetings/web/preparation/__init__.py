"""Preparing a session: its agenda, its papers, the invitation and what the members answer."""

from services.meetings.web.preparation.api import preparation_api
from services.meetings.web.preparation.invite import invite_pages
from services.meetings.web.preparation.items import item_pages
from services.meetings.web.preparation.order import order_pages
from services.meetings.web.preparation.papers import paper_pages
from services.meetings.web.preparation.session_page import session_pages

preparation = (
    order_pages,
    item_pages,
    invite_pages,
    paper_pages,
    session_pages,
    preparation_api,
)
"""In this order: the last page of one session is the session itself."""

__all__ = ["preparation"]
