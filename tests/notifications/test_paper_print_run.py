"""Everything for people without an e-mail address in one file, and then in the post."""

import asyncio
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pdfua
import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select, update

from services.notifications.commands import printing as commands
from services.notifications.commands.printing import FILE_OVER
from services.notifications.domain.letter import Letter, LetterFile, Reason, State
from services.notifications.domain.print_run import (
    KEPT,
    Making,
    Order,
    PrintedLetter,
    PrintPiece,
    PrintRun,
)
from services.notifications.printing import making
from services.notifications.printing.on_paper import on_paper
from services.notifications.store import Audit, Timer
from services.notifications.timers import TIMERS
from services.notifications.worker import tidy
from shared.clock import SetClock
from shared.events import applications as a
from shared.events.people import Contact, PersonErasedByApplications
from shared.web.access import Role
from tests.notifications.office import HOME, Office
from tests.notifications.test_letters_from_events import cancelled
from tests.support.browser import Browser

PRINT = "/buero/schreiben/drucken"
ALL = {"art": "", "welche": "neu", "folge": "postcode"}


async def _case(office: Office, number: str, name: str, postcode: str, **more: Any) -> Any:
    """Somebody without an e-mail address hands in an application."""
    case = (await office.applicant("", number=number)).model_copy(update=more)
    contact = Contact(name=name, email="", **HOME | {"postcode": postcode})
    recorded = a.ApplicantRecorded(
        at=office.clock.now(),
        person_id=case.person_id,
        application_id=case.application_id,
        language="de",
        contact=await office.seal(contact, case.person_id),
    )
    await office.answer(recorded, case)
    return case


async def _three(office: Office) -> list[Any]:
    return [
        await _case(office, "2026-001", "Berta Zander", "38440"),
        await _case(office, "2026-002", "Carla Anton", "10115"),
        await _case(office, "2026-003", "Doris Maier", "38448"),
    ]


async def _paper(office: Office) -> list[Letter]:
    """What is for people without an address; the office's own letters are not."""
    return [one for one in await office.letters() if not one.address]


async def _made(office: Office, browser: Browser, **choice: str) -> str:
    """A run as the office orders it, made by the worker; its page."""
    begun = await browser.submit(PRINT, ALL | choice, on=PRINT)
    assert begun.status_code == 303, begun.text[-2000:]
    assert await making.make_next(office.service)
    path: str = begun.headers["location"]
    return path


async def _pdf(browser: Browser, path: str) -> bytes:
    answer = await browser.get(f"{path}/datei")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('inline; filename="schreiben-')
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


def _leaves(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf), strict=True).pages]


def _named(leaves: list[str]) -> list[str]:
    names = ("Berta Zander", "Carla Anton", "Doris Maier")
    return [name for leaf in leaves for name in names if f"\n{name}\n" in leaf]


def _said(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


async def _run(office: Office, path: str) -> PrintRun:
    async with office.service.db.read() as session:
        return await session.get_one(PrintRun, UUID(path.rsplit("/", 1)[1]))


async def test_nothing_to_print_says_what_will_be_here(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await office.case()
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(PRINT)).text
        assert "Nichts ist auszudrucken." in page
        assert "Druck herstellen" not in page


async def test_all_letters_come_as_one_accessible_file_in_the_order_asked_for(
    office: Office, signed_in: Callable[..., Any], tmp_path: Path
) -> None:
    cases = await _three(office)
    await office.answer(await office.sample(a.GrantReserved, cases[0]))
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get("/buero/schreiben?liste=drucken")).text
        assert f'href="{PRINT}"' in page
        path = await _made(office, browser)
        assert "PDF öffnen und drucken" in (await browser.get(path)).text
        pdf = await _pdf(browser, path)
        by_name = _leaves(
            await _pdf(browser, await _made(office, browser, welche="alle", folge="name"))
        )
    file = tmp_path / "run.pdf"
    file.write_bytes(pdf)
    assert pdfua.validate(str(file)).findings == ()
    leaves = _leaves(pdf)
    assert _named(leaves) == ["Carla Anton", *["Berta Zander"] * 2, "Doris Maier"]
    assert _named(by_name) == [*["Berta Zander"] * 2, "Carla Anton", "Doris Maier"]
    [letter] = [
        at for at, leaf in enumerate(leaves) if "Die Entscheidung liegt diesem Brief bei" in leaf
    ]
    assert "für Ihren Antrag" in leaves[letter + 1], "the decision lies behind its letter"


async def test_on_both_sides_every_letter_and_every_decision_begins_on_a_new_sheet(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    cases = await _three(office)
    await office.answer(await office.sample(a.GrantReserved, cases[1]))
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser, doppelt="true")
        leaves = _leaves(await _pdf(browser, path))
    starts = [at for at, leaf in enumerate(leaves) if leaf.startswith("Seite 1")]
    assert len(starts) == 4, "three letters and a decision"
    assert [at % 2 for at in starts] == [0] * 4


async def test_all_in_the_post_ticks_off_exactly_what_was_printed_and_can_be_taken_back(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    cases = await _three(office)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        await office.answer(await office.sample(a.CorrectionRequested, cases[0]))
        done = await browser.submit(f"{path}/post", on=path)
        assert done.headers["location"] == path
        assert "3 Schreiben sind in der Post." in (await browser.get(path)).text
        [later] = [one for one in await _paper(office) if one.handled_at is None]
        assert later.kind == "correction_requested", "it came after the printer"
        assert (await browser.submit(f"{path}/post", on=path)).status_code == 409
        await browser.submit(f"{path}/zurueck", on=path)
        assert [one.handled_at for one in await _paper(office)] == [None] * 4
        assert (await browser.submit(f"{path}/zurueck", on=path)).status_code == 409
        assert "Alles in der Post" in (await browser.get(path)).text
    async with office.service.db.read() as session:
        audits = (await session.scalars(select(Audit).order_by(Audit.id))).all()
    assert [(one.action, one.details["letters"]) for one in audits] == [
        ("print_run.created", 3),
        ("print_run.posted", 3),
        ("print_run.taken_back", 3),
    ]


async def test_what_was_ticked_off_by_hand_stays_so_when_the_pile_comes_back(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _three(office)
    first = (await _paper(office))[0]
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        await browser.submit(f"/buero/schreiben/{first.id}/erledigt", on=path)
        office.clock.forward(minutes=5)
        await browser.submit(f"{path}/post", on=path)
        await browser.submit(f"{path}/zurueck", on=path)
    assert [one.handled_at is None for one in await _paper(office)] == [False, True, True]


async def test_new_letters_are_printed_alone_and_of_one_kind_if_wanted(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    cases = await _three(office)
    async with signed_in(Role.OFFICE) as browser:
        await _made(office, browser)
        again = await browser.submit(PRINT, ALL, on=PRINT)
        assert again.status_code == 422
        assert "Davon wartet kein Schreiben auf den Drucker." in again.text
        await office.answer(await office.sample(a.CorrectionRequested, cases[2]))
        assert _named(_leaves(await _pdf(browser, await _made(office, browser)))) == ["Doris Maier"]
        path = await _made(office, browser, welche="alle", art="application_received")
        assert len(_named(_leaves(await _pdf(browser, path)))) == 3
        unheard = await browser.submit(PRINT, ALL | {"art": "unheard_of"}, on=PRINT)
        assert unheard.status_code == 422


async def test_what_is_overtaken_before_it_is_made_is_left_out_and_after_it_is_named(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    session = office.session()
    at = {"session_id": session.session_id, "session_at": session.starts_at}
    await office.answer(session)
    await _case(office, "2026-001", "Berta Zander", "38440")
    await _case(office, "2026-002", "Carla Anton", "10115", **at)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        await office.answer(cancelled(session))
        page = (await browser.get(path)).text
        assert "Bitte aus dem Stapel nehmen" in page
        assert "Carla Anton" in page.split("Bitte aus dem Stapel nehmen")[1].split("</ul>")[0]
        await browser.submit(f"{path}/post", on=path)
        states = await office.states("application_received")
        assert states == [State.SUPPRESSED, State.OVERTAKEN]
        assert [one.handled_at is None for one in await office.letters("application_received")] == [
            False,
            True,
        ]
        begun = await browser.submit(PRINT, ALL, on=PRINT)
        late = await office.letters("case_session_cancelled")
        await _overtaken(office, late[0].id)
        assert await making.make_next(office.service)
        page = (await browser.get(begun.headers["location"])).text
        assert "Inzwischen gilt keines dieser Schreiben mehr." in page
        assert (await browser.get(f"{begun.headers['location']}/datei")).status_code == 404


async def _overtaken(office: Office, letter_id: UUID) -> None:
    async with office.service.db.begin() as session:
        await session.execute(
            update(Letter).where(Letter.id == letter_id).values(state=State.OVERTAKEN)
        )


async def test_what_is_too_old_is_not_printed_but_shown(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await _case(office, "2026-001", "Berta Zander", "38440")
    clock.forward(days=15)
    async with signed_in(Role.OFFICE) as browser:
        page = (await browser.get(PRINT)).text
        assert "Zu alt zum Drucken" in page
        assert "Berta Zander" in page
        assert "Druck herstellen" not in page


async def test_a_letter_without_a_whole_address_is_printed_and_named(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    case = await office.applicant("", number="2026-009")
    contact = Contact(name="Emil Ohne", email="")
    recorded = a.ApplicantRecorded(
        at=office.clock.now(),
        person_id=case.person_id,
        application_id=case.application_id,
        language="de",
        contact=await office.seal(contact, case.person_id),
    )
    await office.answer(recorded, case)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        page = (await browser.get(path)).text
        assert "Die Anschrift ist nicht vollständig." in page
        assert "Guten Tag Emil Ohne," in _leaves(await _pdf(browser, path))[0]


async def test_a_broken_file_or_letter_stops_no_other_and_is_named(
    office: Office,
    signed_in: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cases = await _three(office)
    await office.answer(await office.sample(a.GrantReserved, cases[0]))
    async with office.service.db.begin() as session:
        await session.execute(update(LetterFile).values(content=b"%PDF-1.7 broken"))

    def failing(letter: Letter) -> Any:
        if letter.name == "Doris Maier":
            raise ValueError(f"cannot read {letter.name}: {letter.html}")
        return on_paper(letter)

    monkeypatch.setattr(making, "on_paper", failing)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        page = (await browser.get(path)).text
        assert "Eine Datei fehlt im Druck." in page
        assert "Dieses Schreiben ließ sich nicht drucken." in page
        assert _named(_leaves(await _pdf(browser, path))) == ["Carla Anton", "Berta Zander"]
        await browser.submit(f"{path}/post", on=path)
    waiting = [one.name for one in await _paper(office) if one.is_paper and not one.handled_at]
    assert waiting == ["Doris Maier"], "what is not on paper is not in the post"
    assert "cannot be printed: ValueError" in caplog.text and "Doris" not in caplog.text


async def test_erasing_somebody_takes_the_file_away_and_the_next_one_is_without_them(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    cases = await _three(office)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        person_id = cases[1].person_id
        ids = await office.service.seals.erase(person_id)
        await office.answer(
            PersonErasedByApplications(at=office.clock.now(), person_id=person_id, person_ids=ids)
        )
        assert await _pieces(office) == 0
        assert (await browser.get(f"{path}/datei")).status_code == 404
        assert "Die Datei gibt es nicht mehr" in (await browser.get(path)).text
        await browser.submit(f"{path}/neu", on=path)
        assert await making.make_next(office.service)
        assert _named(_leaves(await _pdf(browser, path))) == ["Berta Zander", "Doris Maier"]


async def _erase(office: Office, person_id: UUID) -> None:
    ids = await office.service.seals.erase(person_id)
    await office.answer(
        PersonErasedByApplications(at=office.clock.now(), person_id=person_id, person_ids=ids)
    )


async def test_what_was_in_the_post_already_is_not_printed_empty_after_an_erasure(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    cases = await _three(office)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        await browser.submit(f"{path}/post", on=path)
        await _erase(office, cases[1].person_id)
        await browser.submit(f"{path}/neu", on=path)
        assert await making.make_next(office.service)
        leaves = _leaves(await _pdf(browser, path))
        assert _named(leaves) == ["Berta Zander", "Doris Maier"]
        assert len(leaves) == 2
        assert "ließ sich nicht drucken" not in (await browser.get(path)).text
    [gone] = [one for one in await _paper(office) if not one.name]
    assert (gone.reason, gone.handled_at) == (Reason.ERASED, office.clock.now())


async def test_a_letter_written_while_its_reader_was_erased_leaves_the_file_soon(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    """And a file that was made since is left alone."""
    cases = await _three(office)
    [carla] = [one for one in await _paper(office) if one.name == "Carla Anton"]
    row = {column.name: getattr(carla, column.name) for column in Letter.__table__.columns}
    await _erase(office, cases[1].person_id)
    covered = await tidy(office.service, since=None)
    async with office.service.db.begin() as session:
        session.add(Letter(**row | {"id": UUID(int=1), "event_id": UUID(int=1)}))
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        assert "Carla Anton" in _named(_leaves(await _pdf(browser, path)))
        await tidy(office.service, since=covered)
        assert await _pieces(office) == 0
        await browser.submit(f"{path}/neu", on=path)
        assert await making.make_next(office.service)
        await tidy(office.service, since=covered)
        assert _named(_leaves(await _pdf(browser, path))) == ["Berta Zander", "Doris Maier"]


async def _pieces(office: Office) -> int:
    async with office.service.db.read() as session:
        return len((await session.scalars(select(PrintPiece.number))).all())


async def test_the_file_is_kept_for_two_weeks_and_made_again_when_wanted(
    office: Office, clock: SetClock, signed_in: Callable[..., Any]
) -> None:
    await _three(office)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        before = _leaves(await _pdf(browser, path))
        await browser.submit(f"{path}/post", on=path)
        async with office.service.db.begin() as session:
            [timer] = await session.scalars(select(Timer).where(Timer.kind == FILE_OVER))
            assert timer.due_at == clock.now() + KEPT
            await TIMERS[FILE_OVER](timer, session, office.service)
        assert await _pieces(office) == 0
        await browser.submit(f"{path}/neu", on=path)
        assert await making.make_next(office.service)
        assert _leaves(await _pdf(browser, path)) == before, "in the post or not"
        assert (await browser.submit(f"{path}/neu", on=path)).status_code == 409


async def test_the_page_says_how_far_it_is_and_stops_asking_when_it_is_made(
    office: Office, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await _three(office)
    monkeypatch.setattr(making, "BATCH", 1)
    async with signed_in(Role.OFFICE) as browser:
        path = (await browser.submit(PRINT, ALL, on=PRINT)).headers["location"]
        page = (await browser.get(path)).text
        assert 'hx-trigger="every 1s"' in page
        assert "0 von 3 Schreiben" in _said(page)
        assert "Alles in der Post" not in page
        assert (await browser.submit(f"{path}/post", on=path)).status_code == 409
        seen: list[str] = []
        keep = making.Maker._keep

        async def looked(maker: making.Maker, *said: Any, **more: Any) -> None:
            await keep(maker, *said, **more)
            seen.append((await browser.get(f"{path}/stand")).text)

        monkeypatch.setattr(making.Maker, "_keep", looked)
        assert await making.make_next(office.service)
    assert ["hx-trigger" in one for one in seen] == [True, True, True, False]
    assert "2 von 3 Schreiben" in _said(seen[1])
    assert "Alles in der Post" in seen[3]


async def test_two_workers_never_make_one_file_and_a_dead_ones_is_begun_anew(
    office: Office, clock: SetClock, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await _three(office)
    monkeypatch.setattr(making, "BATCH", 1)
    read = making.Maker._read

    async def dies(maker: making.Maker, numbers: Any) -> Any:
        if 2 in numbers:
            raise asyncio.CancelledError
        return await read(maker, numbers)

    async with signed_in(Role.OFFICE) as browser:
        path = (await browser.submit(PRINT, ALL, on=PRINT)).headers["location"]
        monkeypatch.setattr(making.Maker, "_read", dies)
        with pytest.raises(asyncio.CancelledError):
            await making.make_next(office.service)
        monkeypatch.setattr(making.Maker, "_read", read)
        assert (await _run(office, path)).done == 1
        assert not await making.make_next(office.service), "another one may be at it"
        clock.set(clock.now() + making.LEASE)
        assert await making.make_next(office.service)
        assert _named(_leaves(await _pdf(browser, path))) == [
            "Carla Anton",
            "Berta Zander",
            "Doris Maier",
        ]


async def test_a_run_taken_away_while_it_is_made_leaves_nothing_of_its_first_maker(
    office: Office, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = await _three(office)
    monkeypatch.setattr(making, "BATCH", 1)
    read, erased = making.Maker._read, [cases[1].person_id]

    async def erases(maker: making.Maker, numbers: Any) -> Any:
        found = await read(maker, numbers)
        if erased:
            person_id = erased.pop()
            ids = await office.service.seals.erase(person_id)
            event = PersonErasedByApplications(
                at=office.clock.now(), person_id=person_id, person_ids=ids
            )
            await office.answer(event)
        return found

    monkeypatch.setattr(making.Maker, "_read", erases)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        assert (await _run(office, path)).making == Making.WAITS
        assert await _pieces(office) == 0, "the letter read before the erasure went nowhere"
        assert await making.make_next(office.service)
        assert _named(_leaves(await _pdf(browser, path))) == ["Berta Zander", "Doris Maier"]


async def test_only_the_office_prints(
    office: Office, browser: Browser, signed_in: Callable[..., Any]
) -> None:
    await _three(office)
    async with signed_in(Role.OFFICE) as office_browser:
        path = await _made(office, office_browser)
    for each in (PRINT, path, f"{path}/datei", f"{path}/stand"):
        assert (await browser.get(each)).status_code in (302, 303, 401)
        async with signed_in(Role.AUDITOR) as auditor:
            assert (await auditor.get(each)).status_code == 403
    async with signed_in(Role.OFFICE) as office_browser:
        missing = f"{PRINT}/{UUID(int=0)}"
        for each in (missing, f"{missing}/datei", f"{missing}/stand"):
            assert (await office_browser.get(each)).status_code == 404
        assert (await office_browser.submit(f"{missing}/post", on=PRINT)).status_code == 404


async def test_a_long_run_takes_few_statements_to_gather_and_each_letter_once(
    office: Office, signed_in: Callable[..., Any]
) -> None:
    await _case(office, "2026-001", "Berta Zander", "38440")
    await _copies_of_the_letter(office, 230)
    async with signed_in(Role.OFFICE) as browser:
        path = await _made(office, browser)
        first = (await browser.get(path)).text
        assert 'rel="next" href="?ab=100"' in first
        assert len(_leaves(await _pdf(browser, path))) == 231
    async with office.service.db.read() as session:
        numbers = (await session.scalars(select(PrintedLetter.number))).all()
        letters = set((await session.scalars(select(PrintedLetter.letter_id))).all())
    assert sorted(numbers) == list(range(1, 232))
    assert len(letters) == 231
    assert await _pieces(office) == 25


async def _copies_of_the_letter(office: Office, count: int) -> None:
    [letter] = await _paper(office)
    row = {column.name: getattr(letter, column.name) for column in Letter.__table__.columns}
    async with office.service.db.begin() as session:
        for number in range(count):
            new = {"id": UUID(int=number + 1), "event_id": UUID(int=number + 1)}
            session.add(Letter(**row | new))


async def test_a_run_can_be_forgotten_with_its_letters(office: Office) -> None:
    """Nothing refers to what is gone: deleting a run's letter takes its line along."""
    await _three(office)
    wanted = commands.Wanted(kind="", fresh=True, order=Order.NAME, double_sided=False)
    async with office.service.db.begin() as session:
        await commands.create(session, wanted, by="account:x", at=office.clock.now())
        await session.execute(delete(Letter).where(Letter.name == "Doris Maier"))
    async with office.service.db.read() as session:
        assert len((await session.scalars(select(PrintedLetter.number))).all()) == 2
