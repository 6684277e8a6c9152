"""Applications to the fund, the rules they are held to, and the dates they are in time for."""

from services.applications.domain.application import Application, DraftKey, Incomplete, Place
from services.applications.domain.asked import Correction, Statement
from services.applications.domain.attachments import Attachment, files_of
from services.applications.domain.checklist import CheckMark, CostMark
from services.applications.domain.colleagues import Colleague
from services.applications.domain.fund import FieldOfAction, Fund, Rules, Uploads, Words, year_of
from services.applications.domain.grant import Grant, GrantCondition
from services.applications.domain.ledger import BudgetYear, LedgerBooking, LedgerEntry
from services.applications.domain.numbers import NumberSeries, next_number
from services.applications.domain.record import Change, Decision, Held
from services.applications.domain.sessions import SessionDate, place_for
from services.applications.domain.status import MOVES, IllegalMove, Status

__all__ = [
    "MOVES",
    "Application",
    "Attachment",
    "BudgetYear",
    "Change",
    "CheckMark",
    "Colleague",
    "Correction",
    "CostMark",
    "Decision",
    "DraftKey",
    "FieldOfAction",
    "Fund",
    "Grant",
    "GrantCondition",
    "Held",
    "IllegalMove",
    "Incomplete",
    "LedgerBooking",
    "LedgerEntry",
    "NumberSeries",
    "Place",
    "Rules",
    "SessionDate",
    "Statement",
    "Status",
    "Uploads",
    "Words",
    "files_of",
    "next_number",
    "place_for",
    "year_of",
]
