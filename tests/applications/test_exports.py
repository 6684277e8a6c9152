"""The list as a table: what it says, what no spreadsheet runs, and that somebody took it."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from services.applications.domain import Application, Status
from services.applications.queries.board import BATCH, Filter, everything
from services.applications.store import Audit
from services.applications.web.exports import harmless
from shared.clock import SetClock
from shared.service import Service
from tests.applications.cases import grant, many, one
from tests.applications.people import JUNE, WHO, Resident, plan_session

Staff = Callable[..., Awaitable[Resident]]
New = Callable[..., Resident]
S = Status
EXPORT = "/buero/antraege/export"
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

HOSTILE = (
    '=HYPERLINK("http://x.example","Klick")',
    "+49 5361",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    'a";=1+1;"b',
    "a;b",
    "{=1+1}",
    "https://x.example/",
)


async def table(office: Resident, asked: str = "") -> list[dict[str, str]]:
    """The CSV as a spreadsheet reads it."""
    answer = await office.get(f"{EXPORT}.csv?{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


async def sheet(office: Resident, asked: str = "") -> Worksheet:
    answer = await office.get(f"{EXPORT}.xlsx?{asked}")
    assert answer.status_code == 200, answer.text
    found = load_workbook(io.BytesIO(answer.content)).active
    assert isinstance(found, Worksheet)
    return found


async def test_both_tables_hold_the_same_rows_as_german_spreadsheets_read_them(
    applications: Service, staff: Staff
) -> None:
    june = await plan_session(applications, JUNE)
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    granted = await one(
        applications,
        1,
        S.GRANTED,
        submitted_at=late,
        session_id=june,
        on_paper=True,
        title="Fest Ünal",
    )
    async with applications.db.begin() as session:
        session.add(grant(granted, waits_for_release=True, amount_cents=123_405))
    office = await staff("office")
    [row] = await table(office, "liste=andere")
    assert row == {
        "Nummer": "2026-001", "Eingang": "01.04.2026 00:30", "Titel": "Fest Ünal",
        "Öffentlicher Titel": "", "Wer": "Person 1", "Welcher Fonds": row["Welcher Fonds"],
        "Handlungsfeld": row["Handlungsfeld"], "Stand": "Zugesagt", "Beantragt (Euro)": "10,00",
        "Zugesagt (Euro)": "1234,05", "Sitzung": "10.06.2026", "Fällig": "",
        "Wartet auf": "Wartet auf die Freigabe durch den Rat", "Auf Papier": "Ja",
    }  # fmt: skip
    assert row["Handlungsfeld"] not in ("", "education")
    [head, cells] = (await sheet(office, "liste=andere")).iter_rows(values_only=True)
    known = dict(zip(head, cells, strict=True))
    assert known["Zugesagt (Euro)"] == 1234.05 and known["Titel"] == "Fest Ünal"
    assert known["Eingang"] == datetime(2026, 4, 1, 0, 30)  # noqa: DTZ001 - spreadsheets know no zones
    assert known["Sitzung"] == datetime(2026, 6, 10, 18)  # noqa: DTZ001


async def test_the_filters_of_the_list_are_those_of_the_table(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 5)
    await many(applications, 3, first=10, status=S.REJECTED)
    office = await staff("office")
    for asked, rows in {
        "": 5, "feld=education": 3, "liste=abgeschlossen": 3, "liste=alle": 8,
        "liste=alle&q=Idee+11": 1, "liste=alle&status=rejected": 3, "nach=xyz": 5,
    }.items():  # fmt: skip
        assert len(await table(office, asked)) == rows, asked
        assert (await sheet(office, asked)).max_row == rows + 1, asked


async def test_tables_longer_than_a_batch_hold_every_row_once(
    applications: Service, staff: Staff
) -> None:
    await many(applications, BATCH + 7)
    numbers = [row["Nummer"] for row in await table(await staff("office"))]
    assert len(numbers) == len(set(numbers)) == BATCH + 7


@sqlite
async def test_people_s_words_never_become_formulas(applications: Service, staff: Staff) -> None:
    for n, words in enumerate(HOSTILE, 1):
        await one(applications, n, S.SUBMITTED, title=words, applicant=words, public_title=words)
    office = await staff("office")
    rows = {row["Nummer"]: row for row in await table(office)}
    read = {row[0].value: row for row in (await sheet(office)).iter_rows(min_row=2)}
    for n, words in enumerate(HOSTILE, 1):
        number = f"2026-{n:03d}"
        for column in ("Titel", "Wer", "Öffentlicher Titel"):
            cell = rows[number][column]
            assert not cell.lstrip().startswith(tuple("=+-@＝")), words
            assert cell in (words, f"'{words}") and "\t" not in cell[:1]
        for cell in (read[number][2], read[number][3], read[number][4]):
            assert cell.data_type == "s" and cell.hyperlink is None, words
            assert str(cell.value).replace("_x000D_", "\r") == words


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_beginning_a_spreadsheet_runs_gets_a_quote(begins: str) -> None:
    assert harmless(f"{begins}1") == f"'{begins}1"
    assert harmless(f" {begins}1") == f"' {begins}1"
    assert harmless(f"1{begins}") == f"1{begins}"


async def test_a_table_holds_no_account_number_and_no_way_to_reach_people(
    applications: Service, staff: Staff, resident: New
) -> None:
    await resident().apply()
    office = await staff("office")
    csv_text = (await office.get(f"{EXPORT}.csv")).text
    cells = [str(c) for row in (await sheet(office)).iter_rows(values_only=True) for c in row]
    for text in (csv_text, " ".join(cells)):
        assert WHO["name"] in text
        for kept in ("0532", "ayse@example.org", "123456", "Dessauer"):
            assert kept not in text


async def test_whoever_takes_a_table_is_noted_without_the_words_they_searched(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 4)
    office = await staff("office")
    await table(office, "q=Person&jahr=2026")
    await sheet(office, "liste=alle")
    async with applications.db.read() as session:
        noted = select(Audit).where(Audit.action == "list.export").order_by(Audit.id)
        first, second = (await session.scalars(noted)).all()
    assert first.actor.startswith("account:") and first.details["rows"] == 4
    assert first.details["kind"] == "csv" and first.details["searched"] is True
    assert "Person" not in str(first.details) and second.details["kind"] == "xlsx"


@sqlite
async def test_the_page_before_says_how_many_rows_each_table_has(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 5)
    await many(applications, 1, first=10, status=S.REJECTED)
    shown = (await (await staff("auditor")).get(EXPORT)).text
    assert "Zu tun: 5 Zeilen" in shown and "Alle Listen: 6 Zeilen" in shown
    assert f"{EXPORT}.csv?liste=alle" in shown
    shown = (await (await staff("office")).get(f"{EXPORT}?liste=abgeschlossen&q=Idee")).text
    assert "Abgeschlossen: 1 Zeile<" in shown and "Ihre Suche gilt auch hier." in shown


@sqlite
async def test_tables_ask_for_a_fresh_sign_in_and_are_for_office_and_auditor_only(
    applications: Service, staff: Staff, clock: SetClock
) -> None:
    office = await staff("office")
    for role in ("payer", "member"):
        someone = await staff(role)
        for path in (EXPORT, f"{EXPORT}.csv", f"{EXPORT}.xlsx"):
            assert (await someone.get(path)).status_code == 403
    for _ in range(5):
        clock.forward(minutes=14)
        await office.get("/buero")
    assert (await office.get(EXPORT)).status_code == 200
    stale = await office.get(f"{EXPORT}.csv")
    assert stale.status_code != 200 and "Nummer" not in stale.text
    async with applications.db.read() as session:
        assert not (await session.scalars(select(Audit).where(Audit.action == "list.export"))).all()


@sqlite
async def test_arabic_readers_get_a_sheet_from_right_to_left(
    applications: Service, staff: Staff
) -> None:
    await many(applications, 1)
    office = await staff("office")
    office.headers["Accept-Language"] = "ar"
    assert (await sheet(office)).sheet_view.rightToLeft


@sqlite
async def test_what_changes_while_a_table_is_read_is_neither_doubled_nor_lost(
    applications: Service,
) -> None:
    ids = await many(applications, BATCH + 20)
    seen: list[str] = []
    async for batch in everything(applications.db, Filter(tab=None)):
        seen += [row.number for row in batch]
        async with applications.db.begin() as session:
            for application_id in ids[:30]:
                moved = await session.get_one(Application, application_id)
                moved.status, moved.due_at = S.REJECTED, JUNE + timedelta(days=1)
    assert len(seen) == len(set(seen)) == BATCH + 20
