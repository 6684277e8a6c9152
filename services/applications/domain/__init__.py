"""Applications to the fund, the rules they are held to, and the dates they are in time for."""

from services.applications.domain.application import (
    MOVES,
    Application,
    DraftKey,
    IllegalMove,
    Incomplete,
    Place,
    Status,
)
from services.applications.domain.attachments import Attachment, files_of
from services.applications.domain.colleagues import Colleague
from services.applications.domain.fund import FieldOfAction, Fund, Rules, Uploads, Words
from services.applications.domain.numbers import NumberSeries, next_number
from services.applications.domain.sessions import SessionDate, place_for

__all__ = [
    "MOVES",
    "Application",
    "Attachment",
    "Colleague",
    "DraftKey",
    "FieldOfAction",
    "Fund",
    "IllegalMove",
    "Incomplete",
    "NumberSeries",
    "Place",
    "Rules",
    "SessionDate",
    "Status",
    "Uploads",
    "Words",
    "files_of",
    "next_number",
    "place_for",
]
