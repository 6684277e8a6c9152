"""The servers tests stand on are real, empty at the start, and gone at the end."""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.valkey import FolderInUse, Valkey
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox


async def test_redis_is_empty_and_real(redis: Redis) -> None:
    assert await redis.dbsize() == 0
    assert await redis.xadd("stream", {"a": "b"}, id="7-1") == b"7-1"


async def test_a_database_takes_rows(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE a (b INTEGER)"))
        await connection.execute(text("INSERT INTO a VALUES (1)"))
        assert await connection.scalar(text("SELECT count(*) FROM a")) == 1
    await engine.dispose()


async def test_two_databases_share_nothing(databases: Databases) -> None:
    assert await databases.empty() != await databases.empty()


def test_valkey_keeps_acknowledged_writes_through_a_kill(tmp_path: Path) -> None:
    server = Valkey(tmp_path).start()
    with server.client() as client:
        client.set("kept", "yes")
    server.kill()
    server.start()
    with server.client() as client:
        assert client.get("kept") == b"yes"
    server.stop()


def test_a_second_server_on_one_folder_is_refused(tmp_path: Path) -> None:
    server = Valkey(tmp_path).start()
    with pytest.raises(FolderInUse):
        Valkey(tmp_path).start()
    server.stop()


def test_valkey_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    owner = os.fork()
    if owner == 0:
        os.write(writing, str(Valkey(tmp_path).start().pid).encode())
        signal.pause()
    server = int(os.read(reading, 20))
    os.kill(owner, signal.SIGKILL)
    os.waitpid(owner, 0)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{server}").exists() and "Z" not in _state(server):
        assert time.monotonic() < deadline, "an orphan lives on"
        time.sleep(0.05)


async def test_the_mailbox_answers_as_told(mailbox: Mailbox) -> None:
    mailbox.answer("450", "rcpt 550", "drop")
    answers: list[Callable[[], Awaitable[object]]] = [lambda: _send(mailbox)] * 4
    with pytest.raises(aiosmtplib.SMTPDataError):
        await answers[0]()
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await answers[1]()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await answers[2]()
    await answers[3]()
    assert [mail["Subject"] for mail in await mailbox.wait_for(2)] == ["Bänke", "Bänke"]


async def _send(mailbox: Mailbox) -> object:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Bänke"
    mail.set_content("Guten Tag")
    return await aiosmtplib.send(mail, hostname=mailbox.host, port=mailbox.port)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"
