"""A year's books as a table to take away: every booking with both sides."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.applications.domain.ledger import Account
from services.applications.queries.money import Line, every_line
from services.applications.web.exports import harmless
from services.applications.web.fund_year import ACCOUNTS, BOOKINGS, PATH, year_number
from services.applications.web.funds import versions_for
from services.applications.web.visit import service_of
from shared.clock import BERLIN
from shared.web.access import Guarded
from shared.web.i18n import lazy
from shared.web.pages import gettext_of

HEADS: Final = (
    lazy("Zeit"),
    lazy("Buchung"),
    lazy("Antrag"),
    *ACCOUNTS.values(),
    lazy("Danach frei"),
    lazy("Danach zugesagt"),
)
BOM: Final = b"\xef\xbb\xbf"
"""Without it Excel reads umlauts wrong."""

router = Guarded()


@router.get(PATH + "/buchungen.csv", action="fund.office_read")
async def export(request: Request, code: str, year: str) -> Response:
    """Every booking, sent as it comes out of the database."""
    number = year_number(year)
    async with service_of(request).db.read() as session:
        await versions_for(session, code)
    return StreamingResponse(
        _file(request, code, number),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{code}-{number}.csv"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _file(request: Request, code: str, year: int) -> AsyncIterator[bytes]:
    _ = gettext_of(request)
    yield BOM + _written([_(str(head)) for head in HEADS])
    async with service_of(request).db.read() as session:
        async for line in every_line(session, code, year):
            yield _written(_cells(line, _(BOOKINGS[line.kind])))


def _written(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _cells(line: Line, kind: str) -> list[str]:
    moved = [_sum(line.moved.get(account, 0)) for account in Account]
    at = line.at.astimezone(BERLIN)
    after = (_sum(line.available), _sum(line.reserved))
    return [f"{at:%d.%m.%Y %H:%M:%S}", harmless(kind), line.number or "", *moved, *after]


def _sum(cents: int) -> str:
    """As German spreadsheets read it: `-1234,50`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"
