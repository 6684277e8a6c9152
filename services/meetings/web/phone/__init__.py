"""Voting on one's own device."""

from services.meetings.web.phone.pages import phone_pages

__all__ = ["phone_pages"]
