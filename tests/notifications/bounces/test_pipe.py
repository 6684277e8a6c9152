"""One message from a mail server's pipe: taken, or kept by the server until it can be."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import Letter
from services.notifications.domain.subscription import Status, Subscription
from shared.events.applications import CaseLinkRequested
from shared.service import Service
from tests.notifications.bounces.conftest import written
from tests.notifications.office import Office
from tests.support.services import SECRET_KEY


def _started(service: Service, *arguments: str, **other: str) -> "subprocess.Popen[bytes]":
    settings = service.settings
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "NOTIFICATIONS_DATABASE_URL": settings.database_url,
        "KEYS_DATABASE_URL": settings.keys_database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": SECRET_KEY.get_secret_value(),
        "BOUNCE_ADDRESS": settings.bounce_address,
        **other,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "services.notifications.bounces", *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _piped(service: Service, raw: bytes, *arguments: str, **other: str) -> tuple[int, str]:
    """Exit status and what was said; as with a mail server, a pipe closed too early is an error."""
    process = _started(service, *arguments, **other)
    assert process.stdin is not None
    assert process.stderr is not None
    with process.stdin:
        process.stdin.write(raw)
    with process.stderr:
        said = process.stderr.read().decode()
    return process.wait(timeout=60), said


async def _sent(office: Office) -> Letter:
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    return await office.only("case_link")


async def _count(office: Office, table: type[Any]) -> int:
    async with office.service.db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_message_is_taken_once_and_the_server_may_forget_it(office: Office) -> None:
    letter = await _sent(office)
    raw = written("postfix-no-such-user", office.service.settings, letter.id)
    for _ in range(2):
        assert _piped(office.service, raw) == (0, "")
    assert await _count(office, Bounce) == 1


async def test_while_the_database_is_away_the_server_keeps_it(office: Office) -> None:
    letter = await _sent(office)
    raw = written("postfix-no-such-user", office.service.settings, letter.id)
    away = "postgresql+asyncpg://nobody:geheim@127.0.0.1:1/nothing"
    status, said = _piped(office.service, raw, NOTIFICATIONS_DATABASE_URL=away)
    assert status == os.EX_TEMPFAIL == 75
    assert said.startswith("try again later, the database is away: ")
    assert said.count("\n") == 1
    assert "geheim" not in said
    assert await _count(office, Bounce) == 0


async def test_nor_is_a_wrong_setting_a_reason_to_lose_it(office: Office) -> None:
    for wrong in ({"SECRET_KEY": "short"}, {"BOUNCE_ADDRESS": f"{'r' * 40}@stadtteil.example"}):
        status, said = _piped(office.service, b"", **wrong)
        assert status == 75
        assert "Traceback" not in said


async def test_an_enormous_message_is_read_to_its_end(office: Office) -> None:
    """A server that cannot write on would take it for a failure."""
    letter = await _sent(office)
    raw = written("postfix-no-such-user", office.service.settings, letter.id)
    assert _piped(office.service, raw + b"x" * 30_000_000) == (0, "")
    assert await _count(office, Bounce) == 1


async def test_what_nobody_understands_is_taken_and_told_in_one_line(office: Office) -> None:
    status, said = _piped(office.service, written("somebody-writes", office.service.settings))
    assert (status, said.count("\n")) == (0, 1)
    assert "without a letter of ours" in said
    assert "nachbar" not in said, "a Message-ID can be an address"


async def test_the_recipient_of_the_envelope_is_enough(office: Office) -> None:
    await office.subscriber()
    async with office.service.db.read() as session:
        subscription_id = (await session.scalars(select(Subscription.id))).one()
    settings = office.service.settings
    raw = written("unsubscribe-by-mail", settings, subscription_id=subscription_id)
    recipient = raw.partition(b"Delivered-To: ")[2].partition(b"\n")[0].decode()
    bare = b"From: a@b.example\nSubject: unsubscribe\n\n\n"
    assert _piped(office.service, bare, recipient) == (0, "")
    async with office.service.db.read() as session:
        assert await session.scalar(select(Subscription.status)) == Status.ENDED
