"""The mailbox, in a real dovecot: nothing is lost, whoever dies in the middle."""

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from sqlalchemy import func, insert, select
from uuid_utils.compat import uuid7

from services.notifications.bounces import consequences, mailbox
from services.notifications.bounces.mailbox import (
    MAILBOX_AWAY,
    UnsafeMailbox,
    check,
    read_mailbox,
    read_once,
)
from services.notifications.bounces.reading import database_away
from services.notifications.domain.bounce import Bounce
from services.notifications.domain.letter import Letter, Suppression
from services.notifications.domain.subscription import Status, Subscription
from shared.events.applications import CaseLinkRequested
from shared.loops import end
from shared.service import Service
from shared.settings import Settings
from shared.store import connect
from tests.notifications.bounces.conftest import SAMPLES, written
from tests.notifications.bounces.test_reports import HOSTILE
from tests.notifications.office import Office
from tests.support.dovecot import Dovecot
from tests.support.services import SECRET_KEY

DONE, OPEN = "Erledigt", "Nicht verstanden"
MANY = 200


@pytest.fixture
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    server = Dovecot(tmp_path_factory.mktemp("dovecot")).start()
    yield server
    server.remove()


def _reading(service: Service, dovecot: Dovecot, **more: Any) -> Service:
    access = {
        "imap_host": dovecot.host,
        "imap_port": dovecot.port,
        "imap_tls": "none",
        "imap_user": dovecot.user,
        "imap_password": SecretStr(dovecot.password),
    }
    return replace(service, settings=service.settings.model_copy(update=access | more))


@pytest.fixture
def reading(notifications: Service, dovecot: Dovecot) -> Service:
    """The service with that mailbox."""
    return _reading(notifications, dovecot)


async def _letters(office: Office, count: int) -> list[UUID]:
    """Sent letters, each to an address of its own."""
    await office.answer(await office.link_event(CaseLinkRequested))
    await office.send()
    [letter] = await office.letters("case_link")
    one = {column.name: getattr(letter, column.name) for column in Letter.__table__.columns}
    rows = [
        one | {"id": uuid7(), "event_id": uuid7(), "address_hash": f"{n:064}"} for n in range(count)
    ]
    async with office.service.db.begin() as session:
        await session.execute(insert(Letter), rows)
    return [row["id"] for row in rows]


async def _count(service: Service, table: type[Any]) -> int:
    async with service.db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def _about(mails: Sequence[bytes]) -> set[str]:
    return {str(message_from_bytes(mail)["Delivered-To"]) for mail in mails}


async def test_everything_is_taken_out_of_the_inbox_and_put_where_it_belongs(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    await office.subscriber()
    async with reading.db.read() as session:
        subscription_id = (await session.scalars(select(Subscription.id))).one()
    [letter_id] = await _letters(office, 1)
    about: dict[str, Any] = {"of": letter_id, "subscription_id": subscription_id}
    for name in ("postfix-no-such-user", "vacation-rfc3834", "unsubscribe-by-mail"):
        dovecot.deliver(written(name, reading.settings, **about))
    for name in ("somebody-writes", "forged-token"):
        dovecot.deliver(written(name, reading.settings))
    assert await read_once(reading) == 5
    assert [len(dovecot.mails(folder)) for folder in ("INBOX", DONE, OPEN)] == [0, 3, 2]
    assert await _count(reading, Suppression) == 1
    async with reading.db.read() as session:
        [subscription] = await session.scalars(select(Subscription))
    assert subscription.status == Status.ENDED
    assert await read_once(reading) == 0


async def test_what_somebody_opened_in_the_inbox_is_read_all_the_same(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    [letter_id] = await _letters(office, 1)
    dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    [file] = (dovecot.mail / "new").iterdir()
    file.rename(dovecot.mail / "cur" / f"{file.name}:2,S")
    assert await read_once(reading) == 1
    assert await _count(reading, Bounce) == 1


def _reader(reading: Service, *death: str) -> subprocess.CompletedProcess[str]:
    settings = reading.settings
    given = {
        "DATABASE_URL": settings.database_url,
        "KEYS_DATABASE_URL": settings.keys_database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": SECRET_KEY.get_secret_value(),
        "BOUNCE_ADDRESS": settings.bounce_address,
        "IMAP_HOST": settings.imap_host,
        "IMAP_PORT": str(settings.imap_port),
        "IMAP_TLS": "none",
        "IMAP_USER": settings.imap_user,
        "IMAP_PASSWORD": settings.imap_password.get_secret_value(),
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.notifications.bounces.reader", *death],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def test_a_mailbox_of_two_hundred_is_read_once_whenever_the_reader_is_killed(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    letters = await _letters(office, MANY)
    for letter_id in letters:
        dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    for point, hit in (("consume.before_commit", 30), ("consume.after_commit", 50)):
        killed = await asyncio.to_thread(_reader, reading, point, str(hit))
        assert killed.returncode == -9, killed.stderr[-500:]
    waiting, done = dovecot.mails(), dovecot.mails(DONE)
    assert (len(waiting), len(done)) == (MANY - 78, 78), "29 and 49 were put away"
    assert await _count(reading, Bounce) == 79, "one was committed and not put away"
    assert not list((dovecot.mail / "cur").glob("*:2,*S*")), "what was not put away is unread"
    last = await asyncio.to_thread(_reader, reading)
    assert (last.returncode, last.stdout.strip()) == (0, str(MANY - 78)), last.stderr[-500:]
    assert dovecot.mails() == []
    assert (len(dovecot.mails(DONE)), len(_about(dovecot.mails(DONE)))) == (MANY, MANY)
    assert await _count(reading, Bounce) == MANY
    assert await _count(reading, Suppression) == MANY


async def test_a_mail_server_that_dies_in_the_middle_loses_nothing(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    letters = await _letters(office, 60)
    for letter_id in letters:
        dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    task = asyncio.create_task(read_once(reading))
    while len(dovecot.mails(DONE)) < 10:
        await asyncio.sleep(0.01)
    dovecot.kill()
    with pytest.raises(MAILBOX_AWAY):
        await task
    assert 0 < await _count(reading, Bounce) < 60
    dovecot.start()
    await read_once(reading)
    assert (len(dovecot.mails()), len(_about(dovecot.mails(DONE)))) == (0, 60)
    assert await _count(reading, Bounce) == 60


async def test_while_the_database_is_away_everything_stays_where_it_is(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    letters = await _letters(office, 3)
    for letter_id in letters:
        dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    nowhere = connect("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    with pytest.raises(FileNotFoundError) as away:
        await read_once(replace(reading, db=nowhere))
    await nowhere.dispose()
    assert database_away(away.value)
    assert [len(dovecot.mails(folder)) for folder in ("INBOX", DONE, OPEN)] == [3, 0, 0]
    assert await read_once(reading) == 3
    assert await _count(reading, Bounce) == 3


async def test_hostile_mails_hold_up_no_other(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    [letter_id] = await _letters(office, 1)
    names = sorted(HOSTILE)
    for name in names:
        dovecot.deliver(HOSTILE[name])
    dovecot.deliver(b"")
    dovecot.deliver(b"\x00" * 5000)
    for path in sorted(SAMPLES.glob("*.eml")):
        dovecot.deliver(written(path.stem, reading.settings))
    dovecot.deliver(written("hostile", reading.settings, letter_id))
    total = len(dovecot.mails())
    assert await read_once(reading) == total
    assert dovecot.mails() == []
    assert len(dovecot.mails(DONE)) + len(dovecot.mails(OPEN)) == total
    assert await _count(reading, Bounce) == 1


async def test_a_message_that_breaks_us_is_left_to_a_person(
    office: Office, reading: Service, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = await _letters(office, 3)
    for letter_id in letters:
        dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    keep = consequences.keep

    async def breaks(session: Any, letter: Any, **facts: Any) -> None:
        if letter.about == letters[1]:
            raise KeyError("a bug of ours")
        await keep(session, letter, **facts)

    monkeypatch.setattr(consequences, "keep", breaks)
    assert await read_once(reading) == 3
    assert [len(dovecot.mails(folder)) for folder in ("INBOX", DONE, OPEN)] == [0, 2, 1]


async def test_what_was_understood_is_not_kept_for_ever(
    office: Office, reading: Service, dovecot: Dovecot
) -> None:
    """It holds people's addresses; what a person still has to read stays."""
    letters = await _letters(office, 2)
    for letter_id in letters:
        dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    dovecot.deliver(written("somebody-writes", reading.settings))
    await read_once(reading)
    now = office.clock.now()
    for folder in (DONE, OPEN):
        for days, file in enumerate(sorted((dovecot.mail / f".{folder}" / "cur").iterdir())):
            arrived = (now - timedelta(days=5 + 30 * days)).timestamp()
            os.utime(file, (arrived, arrived))
    for file in (dovecot.mail / f".{OPEN}" / "cur").iterdir():
        os.utime(file, (0, 0))
    for cache in dovecot.mail.rglob("dovecot*"):
        cache.unlink()
    await read_once(reading)
    assert [len(dovecot.mails(folder)) for folder in (DONE, OPEN)] == [1, 1]


@pytest.mark.parametrize("prefix", ["INBOX."])
async def test_a_provider_who_keeps_every_folder_below_the_inbox_will_do(
    office: Office, notifications: Service, tmp_path_factory: pytest.TempPathFactory, prefix: str
) -> None:
    server = Dovecot(tmp_path_factory.mktemp("dovecot"), prefix=prefix).start()
    try:
        [letter_id] = await _letters(office, 1)
        reading = _reading(notifications, server)
        for _ in range(2):
            server.deliver(written("postfix-no-such-user", reading.settings, letter_id))
            assert await read_once(reading) == 1
        assert [len(server.mails(folder)) for folder in ("INBOX", DONE)] == [0, 2]
    finally:
        server.remove()


async def test_the_loop_waits_for_a_mailbox_that_is_away_and_goes_on(
    office: Office,
    reading: Service,
    dovecot: Dovecot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(mailbox, "POLL_SECONDS", 0.05)
    [letter_id] = await _letters(office, 1)
    dovecot.deliver(written("postfix-no-such-user", reading.settings, letter_id))
    dovecot.stop()
    loop = asyncio.create_task(read_mailbox(reading))
    while "not read at the moment" not in caplog.text:
        await asyncio.sleep(0.01)
        assert not loop.done(), loop.exception()
    dovecot.start()
    while not dovecot.mails(DONE):
        await asyncio.sleep(0.01)
        assert not loop.done(), loop.exception()
    await end(loop)
    assert await _count(reading, Bounce) == 1


async def test_a_wrong_password_ends_nothing(notifications: Service, dovecot: Dovecot) -> None:
    wrong = _reading(notifications, dovecot, imap_password=SecretStr("falsch"))
    with pytest.raises(MAILBOX_AWAY):
        await read_once(wrong)


async def test_without_a_mailbox_the_loop_only_rests(notifications: Service) -> None:
    loop = asyncio.create_task(read_mailbox(notifications))
    await asyncio.sleep(0.1)
    assert not loop.done()
    await end(loop)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_without_tls_a_mailbox_on_this_machine_may_be_read(settings: Settings, host: str) -> None:
    check(settings.model_copy(update={"imap_host": host, "imap_tls": "none"}))


@pytest.mark.parametrize("host", ["imap.example.org", "10.0.0.1", "127.0.0.1.example.org"])
async def test_and_no_other(notifications: Service, host: str) -> None:
    settings = notifications.settings.model_copy(update={"imap_host": host, "imap_tls": "none"})
    with pytest.raises(UnsafeMailbox):
        await read_mailbox(replace(notifications, settings=settings))
    with pytest.raises(UnsafeMailbox):
        await read_once(replace(notifications, settings=settings))


def _certificate(folder: Path) -> Path:
    """Good for 127.0.0.1, signed by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    file = folder / "imap.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file


async def test_under_tls_only_a_server_with_a_good_certificate_hears_the_password(
    office: Office,
    notifications: Service,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path_factory.mktemp("dovecot")
    certificate = _certificate(folder)
    server = Dovecot(folder, certificate=certificate).start()
    try:
        [letter_id] = await _letters(office, 1)
        reading = _reading(notifications, server, imap_tls="starttls")
        server.deliver(written("postfix-no-such-user", reading.settings, letter_id))
        with pytest.raises(ssl.SSLCertVerificationError):
            await read_once(reading)
        assert "Login" not in (folder / "dovecot.log").read_text()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await read_once(reading) == 1
        assert "TLS" in (folder / "dovecot.log").read_text()
    finally:
        server.remove()
