"""The office's pages about partner offices: keys are shown once, and revoking is asked about."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.notifications.keys import Partner, PartnerKey, Scope
from services.notifications.store import Audit
from shared.clock import SetClock
from shared.service import Service
from tests.notifications.feeds.conftest import AUDITOR, OFFICE, Tell, submitted
from tests.support.browser import Browser

SignedIn = Callable[..., Any]
KEY = re.compile(r"sb[0-9a-f]{10}\.[\w-]{43}")
ALL = "/api/v1/notifications/feeds/all/events"


async def made(office: Browser) -> str:
    answer = await office.submit(
        "/buero/partner/neu",
        {"name": "Junker und Kruse", "contact_email": "post@jk.example", "scopes": ["partner:all"]},
    )
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_a_partner_gets_a_key_that_is_shown_once_and_works(
    signed_in: SignedIn, client: Callable[[str], httpx.AsyncClient], tell: Tell, clock: SetClock
) -> None:
    await tell(submitted(clock.now()))
    async with signed_in(OFFICE) as office:
        assert "Noch liest kein Partnerbüro mit" in (await office.get("/buero/partner")).text
        path = await made(office)
        shown = await office.submit(f"{path}/schluessel", on=path)
        assert shown.headers["cache-control"] == "no-store"
        key = KEY.findall(shown.text)[0]
        assert not KEY.findall((await office.get(path)).text)
        async with client(key) as program:
            assert len((await program.get(ALL)).json()) == 1
        assert "alles gelesen" in (await office.get(path)).text
        await tell(submitted(clock.now(), "2026-022"), submitted(clock.now(), "2026-023"))
        assert "2 neue Ereignisse" in (await office.get(path)).text
        assert "zuletzt gelesen" in (await office.get("/buero/partner")).text


async def test_keys_are_rotated_and_revoked_with_a_question_before(
    service: Service, signed_in: SignedIn, client: Callable[[str], httpx.AsyncClient]
) -> None:
    async with signed_in(OFFICE) as office:
        path = await made(office)
        old, new = [
            KEY.findall((await office.submit(f"{path}/schluessel", on=path)).text)[0] for _ in "12"
        ]
        assert (await office.submit(f"{path}/schluessel", on=path)).status_code == 409
        async with service.db.read() as session:
            prefix = old.split(".", maxsplit=1)[0]
            found = select(PartnerKey.id).where(PartnerKey.prefix == prefix)
            key_id = (await session.scalars(found)).one()
        revoking = f"{path}/schluessel/{key_id}/widerrufen"
        question = (await office.get(revoking)).text
        assert "nur noch der andere Schlüssel" in question
        async with client(old) as program:
            assert (await program.get(ALL)).status_code == 200
        for _ in range(2):
            assert (await office.submit(revoking)).status_code == 303
        async with client(old) as one, client(new) as other:
            assert (await one.get(ALL)).status_code == 401
            assert (await other.get(ALL)).status_code == 200
    async with service.db.read() as session:
        actions = list(await session.scalars(select(Audit.action).order_by(Audit.id)))
    assert actions == [
        "partner.created",
        "partner.key_created",
        "partner.key_created",
        "partner.key_revoked",
    ]


async def test_changed_scopes_hold_from_the_next_request(
    signed_in: SignedIn, client: Callable[[str], httpx.AsyncClient], tell: Tell, clock: SetClock
) -> None:
    await tell(submitted(clock.now()))
    async with signed_in(OFFICE) as office:
        path = await made(office)
        key = KEY.findall((await office.submit(f"{path}/schluessel", on=path)).text)[0]
        changed = {"name": "Junker", "contact_email": "neu@jk.example", "scopes": ["public"]}
        assert (await office.submit(f"{path}/aendern", changed)).status_code == 303
        page = (await office.get(path)).text
    assert "neu@jk.example" in page
    async with client(key) as program:
        assert (await program.get(ALL)).json() == []


WRONG: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", "x" * 201),
    ("contact_email", "nobody"),
    ("contact_email", ""),
    ("scopes", []),
    ("scopes", ["everything"]),
]


async def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong(
    service: Service, signed_in: SignedIn
) -> None:
    typed = {"name": "Büro <Nord>", "contact_email": "nord@jk.example", "scopes": ["public"]}
    async with signed_in(OFFICE) as office:
        for field, value in WRONG:
            answer = await office.submit("/buero/partner/neu", typed | {field: value})
            assert answer.status_code == 422
            assert f'href="#{field}' in answer.text
            assert "<title>Fehler:" in answer.text
            assert field == "name" or "Büro &lt;Nord&gt;" in answer.text
    async with service.db.read() as session:
        assert (await session.scalars(select(Partner))).all() == []


async def test_the_auditor_reads_and_changes_nothing(
    signed_in: SignedIn, partner_with: Callable[..., Awaitable[tuple[Partner, str]]]
) -> None:
    partner, _ = await partner_with(Scope.PUBLIC)
    path = f"/buero/partner/{partner.id}"
    async with signed_in(AUDITOR) as auditor:
        for page in ("/buero/partner", path):
            text = (await auditor.get(page)).text
            assert "Junker und Kruse" in text
            assert "kern-btn--primary" not in text
            assert "/schluessel" not in text
        assert (await auditor.get("/buero/partner/neu")).status_code == 403
        assert (await auditor.submit(f"{path}/schluessel", on=path)).status_code == 403
        assert (await auditor.submit(f"{path}/aendern", {"name": "x"}, on=path)).status_code == 403


async def test_strangers_are_led_to_the_sign_in(browser: Browser) -> None:
    answer = await browser.get("/buero/partner")
    assert answer.headers["location"].startswith("/anmelden")


async def test_an_unknown_partner_or_key_is_not_found(
    signed_in: SignedIn, partner_with: Callable[..., Awaitable[tuple[Partner, str]]]
) -> None:
    partner, _ = await partner_with(Scope.PUBLIC)
    nobody = "01890000-0000-7000-8000-000000000000"
    async with signed_in(OFFICE) as office:
        assert (await office.get(f"/buero/partner/{nobody}")).status_code == 404
        key = f"/buero/partner/{partner.id}/schluessel/{nobody}/widerrufen"
        assert (await office.get(key)).status_code == 404
        assert (await office.submit(key, on="/buero/partner")).status_code == 404


@pytest.mark.parametrize("lang", ["de", "en", "ar"])
async def test_the_offices_pages_speak_every_language(
    signed_in: SignedIn,
    partner_with: Callable[..., Awaitable[tuple[Partner, str]]],
    client: Callable[[str], httpx.AsyncClient],
    lang: str,
) -> None:
    partner, key = await partner_with(Scope.EVERYTHING)
    async with client(key) as program:
        await program.get(ALL)
    async with signed_in(OFFICE) as office:
        office.headers["Accept-Language"] = lang
        for path in ("", "/neu", f"/{partner.id}", f"/{partner.id}/aendern"):
            answer = await office.get(f"/buero/partner{path}")
            assert answer.status_code == 200
            assert f'<html lang="{lang}"' in answer.text
            assert "%(" not in answer.text.partition("<main")[2]
