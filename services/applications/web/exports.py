"""The list as a table to take away: CSV as Excel opens it in Germany, and XLSX."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Final, Literal

import anyio
import xlsxwriter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.applications.domain import Rules
from services.applications.queries.board import Filter, Row, count, everything
from services.applications.store import note
from services.applications.web.case_desk import HERE, LIST
from services.applications.web.choosing import address, chosen_from
from services.applications.web.office import funds_or_none
from services.applications.web.staff import acting
from services.applications.web.visit import now, service_of
from services.applications.web.words import BADGES, TABS, WAITS
from shared.clock import BERLIN
from shared.days import local_day
from shared.web.access import Guarded, actor_of, require_fresh
from shared.web.i18n import direction, lazy, translations
from shared.web.pages import gettext_of, language_of, page

FRESH_MINUTES: Final = 60
CHUNK: Final = 64 * 1024
FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms too."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = Guarded()

Kind = Literal["text", "money", "date", "time"]


@dataclass(frozen=True)
class Words:
    """What the reader's language and the funds' rules make of codes."""

    lang: str
    funds: Mapping[str, Rules]

    def say(self, text: str) -> str:
        return translations(self.lang).gettext(str(text))

    def field(self, row: Row) -> str:
        rules = self.funds.get(row.fund)
        field = rules.field(row.field_of_action) if rules else None
        return field.name.in_(self.lang) if field else row.field_of_action

    def fund(self, row: Row) -> str:
        rules = self.funds.get(row.fund)
        return rules.name.in_(self.lang) if rules else row.fund


COLUMNS: Final[tuple[tuple[str, Kind, int, Callable[[Row, Words], Any]], ...]] = (
    (lazy("Nummer"), "text", 11, lambda row, words: row.number),
    (lazy("Eingang"), "time", 17, lambda row, words: row.submitted_at),
    (lazy("Titel"), "text", 40, lambda row, words: row.title),
    (lazy("Öffentlicher Titel"), "text", 40, lambda row, words: row.public_title),
    (lazy("Wer"), "text", 28, lambda row, words: row.applicant),
    (lazy("Welcher Fonds"), "text", 18, lambda row, words: words.fund(row)),
    (lazy("Handlungsfeld"), "text", 24, lambda row, words: words.field(row)),
    (lazy("Stand"), "text", 20, lambda row, words: words.say(BADGES[row.status].text)),
    (lazy("Beantragt (Euro)"), "money", 16, lambda row, words: row.asked_cents),
    (lazy("Zugesagt (Euro)"), "money", 16, lambda row, words: row.granted_cents),
    (lazy("Sitzung"), "date", 12, lambda row, words: row.session_at),
    (lazy("Fällig"), "date", 12, lambda row, words: row.due_at),
    (lazy("Wartet auf"), "text", 34, lambda row, words: words.say(WAITS[row.waits]) if row.waits else ""),
    (lazy("Auf Papier"), "text", 11, lambda row, words: words.say(lazy("Ja")) if row.on_paper else ""),
)  # fmt: skip
"""Heading, kind, width, value. Never how a person can be reached, never where money goes."""


@router.get(LIST + "/export", action="office.export")
async def choose(request: Request) -> Response:
    """How many rows there are, in this list and in all of them, and the two kinds of file."""
    chosen = replace(chosen_from(request), after="")
    every = replace(chosen, tab=None, status=None)
    async with service_of(request).db.read() as session:
        numbers = [(one, await count(session, one)) for one in dict.fromkeys((chosen, every))]
    return page(
        request,
        "office/export.html",
        title=gettext_of(request)("Als Tabelle"),
        here=HERE,
        back=address(LIST, chosen),
        chosen=chosen,
        lists=[
            (
                TABS[one.tab] if one.tab else lazy("Alle Listen"),
                rows,
                address(f"{LIST}/export.csv", one),
                address(f"{LIST}/export.xlsx", one),
            )
            for one, rows in numbers
        ],
    )


@router.get(LIST + "/export.csv", action="office.export")
async def as_csv(request: Request) -> Response:
    """Row by row as they are read: as fast as the reader takes them, never all at once."""
    chosen, words = await _asked(request, "csv")
    lines = _csv_lines(everything(service_of(request).db, chosen), words)
    return StreamingResponse(lines, headers=_headers(request, "csv", "text/csv; charset=utf-8"))


@router.get(LIST + "/export.xlsx", action="office.export")
async def as_xlsx(request: Request) -> Response:
    """Written to a file without a name, which is gone once it is sent or the reader leaves."""
    chosen, words = await _asked(request, "xlsx")
    file = TemporaryFile()  # noqa: SIM115 - closed when the last part is sent
    try:
        with TemporaryDirectory() as folder:
            book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
            await _write_xlsx(book, everything(service_of(request).db, chosen), words)
    except BaseException:
        file.close()
        raise
    return StreamingResponse(_parts(file), headers=_headers(request, "xlsx", XLSX))


async def _asked(request: Request, kind: str) -> tuple[Filter, Words]:
    """What to export; that it was is noted first, with numbers and codes only."""
    at, chosen = now(request), replace(chosen_from(request), after="")
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=at)
    async with service_of(request).db.begin() as session:
        funds = await funds_or_none(session, at)
        note(
            session,
            at=at,
            actor=await acting(request, session),
            action="list.export",
            subject="applications",
            kind=kind,
            rows=await count(session, chosen),
            tab=chosen.tab,
            fund=chosen.fund if chosen.fund in funds else "",
            status=chosen.status,
            year=chosen.year,
            searched=bool(chosen.search),
        )
    return chosen, Words(language_of(request), funds)


def _headers(request: Request, ending: str, media_type: str) -> dict[str, str]:
    name = f"antraege-{local_day(now(request)).isoformat()}.{ending}"
    return {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


async def _csv_lines(batches: AsyncIterator[list[Row]], words: Words) -> AsyncIterator[bytes]:
    heading = [words.say(title) for title, _kind, _width, _value in COLUMNS]
    yield b"\xef\xbb\xbf" + _joined([heading])
    async for batch in batches:
        yield _joined(
            [_csv_cell(kind, value) for kind, value in _cells(row, words)] for row in batch
        )


def _joined(lines: Iterable[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(lines)
    return written.getvalue().encode()


def _cells(row: Row, words: Words) -> Iterator[tuple[Kind, Any]]:
    for _title, kind, _width, value in COLUMNS:
        yield kind, _local(value(row, words))


def _local(value: Any) -> Any:
    """Spreadsheets know no zones: the office's own wall clock."""
    return value.astimezone(BERLIN).replace(tzinfo=None) if isinstance(value, datetime) else value


def _csv_cell(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind == "money":
        return f"{value // 100},{value % 100:02d}"
    if kind == "date":
        return f"{value:%d.%m.%Y}"
    return f"{value:%d.%m.%Y %H:%M}" if kind == "time" else harmless(str(value))


def harmless(text: str) -> str:
    """People's words as words: what a spreadsheet would take for a formula gets a quote before it."""
    begins = any(bare.startswith(FORMULA) for bare in (text.lstrip(" "), text.lstrip()))
    return f"'{text}" if begins else text


async def _write_xlsx(book: Any, batches: AsyncIterator[list[Row]], words: Words) -> None:
    """In constant memory; every text is written as text, whatever it looks like."""
    sheet = book.add_worksheet(words.say(lazy("Anträge")))
    styles = {
        "head": book.add_format({"bold": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
        "time": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
    }
    if direction(words.lang) == "rtl":
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    for column, (title, _kind, width, _value) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, words.say(title), styles["head"])
    line = 1
    async for batch in batches:
        await anyio.to_thread.run_sync(_write_batch, sheet, styles, line, batch, words)
        line += len(batch)
    sheet.autofilter(0, 0, max(line - 1, 1), len(COLUMNS) - 1)
    await anyio.to_thread.run_sync(book.close)


def _write_batch(
    sheet: Any, styles: Mapping[str, Any], line: int, batch: list[Row], words: Words
) -> None:
    for row in batch:
        for column, (kind, value) in enumerate(_cells(row, words)):
            if value is None or value == "":
                continue
            if kind == "money":
                sheet.write_number(line, column, value / 100, styles["money"])
            elif isinstance(value, date):
                sheet.write_datetime(line, column, value, styles[kind])
            else:
                sheet.write_string(line, column, str(value))
        line += 1


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while part := await anyio.to_thread.run_sync(file.read, CHUNK):
            yield part
