"""Reads shaped for pages, by room; those every room asks are at hand here."""

from services.meetings.queries.accounts import (
    account_by_email,
    accounts,
    recovery_codes_left,
    same_address,
)
from services.meetings.queries.agendas import (
    AgendaLine,
    agenda_item,
    agendas_of,
    last_vote_of,
    voted_sessions,
)
from services.meetings.queries.sessions import (
    NoBoardYet,
    Period,
    days_taken,
    next_session,
    notice_periods,
    sessions,
    the_board,
)

__all__ = [
    "AgendaLine",
    "NoBoardYet",
    "Period",
    "account_by_email",
    "accounts",
    "agenda_item",
    "agendas_of",
    "days_taken",
    "last_vote_of",
    "next_session",
    "notice_periods",
    "recovery_codes_left",
    "same_address",
    "sessions",
    "the_board",
    "voted_sessions",
]
