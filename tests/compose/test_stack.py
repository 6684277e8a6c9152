"""The whole stack under Docker: the journey through Caddy, crashes, backup and restore."""

import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from scripts.files import ROOT
from tests.browser.conftest import NewContext
from tests.browser.journey import Play
from tests.browser.site import Codes
from tests.compose.stack import Compose

OURS = [
    f"{name}-{kind}"
    for name in ("applications", "meetings", "notifications")
    for kind in ("web", "worker")
]


def test_the_journey_passes_through_the_proxy(
    stack: Compose, codes: Codes, new_context: NewContext
) -> None:
    Play(stack.site, codes, new_context).play()


@pytest.mark.parametrize(
    "path", ["/", "/antraege", "/sitzungen", "/abo", "/anmelden", "/static/stadtteil.css"]
)
def test_pages_come_through_the_proxy_with_their_headers(stack: Compose, path: str) -> None:
    answer = stack.get(path)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/applications/health/ready",
        "/meetings/metrics",
        "/Notifications/Health/live",
        "/meetings/%6Detrics",
        "/static/../meetings/metrics",
        "//meetings//metrics",
    ],
)
def test_the_machine_room_is_not_for_the_public(stack: Compose, path: str) -> None:
    raw = httpx.URL(stack.site.origin).copy_with(raw_path=path.encode())
    assert httpx.get(raw, verify=False).status_code == 404


def test_plain_http_leads_to_https(stack: Compose) -> None:
    answer = httpx.get(f"http://localhost:{stack.http}/antraege")
    assert answer.status_code in {301, 308}
    assert answer.headers["location"].startswith("https://localhost")


@pytest.mark.parametrize("container", [*OURS, "caddy", "postgres", "redis", "inbox"])
def test_containers_are_locked_down(stack: Compose, container: str) -> None:
    found = stack.inspect(container)
    host = found["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    if container in OURS:
        assert found["Config"]["User"] == "10001:10001"
        assert not host["CapAdd"]
        assert not any("SECRET" in line or "PASSWORD" in line for line in found["Config"]["Env"])


def test_a_service_reaches_no_other_services_database(stack: Compose) -> None:
    secrets = stack.compose("exec", "-T", "meetings-web", "ls", "/run/secrets").split()
    assert "meetings_database_url" in secrets
    assert not any(name.startswith(("applications", "notifications")) for name in secrets)
    stolen = (ROOT / "secrets/meetings_database_url").read_text().rsplit("/", 1)[0]
    code = (
        "import asyncio, asyncpg, sys\n"
        "try:\n    asyncio.run(asyncpg.connect(sys.argv[1]))\n"
        "except asyncpg.InsufficientPrivilegeError:\n    print('refused')\n"
    )
    url = f"{stolen.replace('+asyncpg', '')}/applications"
    assert "refused" in stack.python("meetings-web", code, url)


@pytest.mark.parametrize(
    "container",
    ["meetings-worker", "notifications-worker", "redis", "postgres", "notifications-web"],
)
def test_a_killed_process_comes_back_and_nothing_is_lost_or_doubled(
    stack: Compose, container: str
) -> None:
    reader, place, count = subscriber(stack), f"Haus {uuid4().hex[:8]}", 12
    planning = threading.Thread(
        target=stack.plan_sessions, args=(place, count), kwargs={"pause": 0.25}
    )
    if container == "postgres":
        stack.plan_sessions(place, count)
    else:
        planning.start()
        time.sleep(1.5)
    stack.kill(container)
    stack.wait_healthy(container)
    if planning.ident:
        planning.join()
    told(stack, reader, place, count)


def test_stopping_everything_and_starting_again_loses_nothing(stack: Compose) -> None:
    reader, place = subscriber(stack), f"Saal {uuid4().hex[:8]}"
    stack.plan_sessions(place, 5)
    stack.compose("kill", *OURS, "redis")
    stack.compose("up", "--detach", "--wait")
    told(stack, reader, place, 5)


def test_a_backup_brings_back_what_was_and_not_who_was_erased(
    stack: Compose, tmp_path: Path
) -> None:
    before, after, later = (f"{name} {uuid4().hex[:8]}" for name in ("vor", "nach", "neu"))
    gone = f"gone.{uuid4().hex[:8]}@example.org"
    accounts = ("exec", "-T", "meetings-web", "python3", "-m", "services.meetings.accounts")
    stack.compose(*accounts, "create", "--email", gone, "--name", "Gerd Fort", "--role", "member")
    stack.plan_sessions(before)
    in_feed(stack, before)
    stack.run(str(ROOT / "deploy/backup"), str(tmp_path / "backup"))
    stack.compose(*accounts, "erase", "--email", gone)
    stack.plan_sessions(after)
    in_feed(stack, after)

    stack.run(str(ROOT / "deploy/restore"), str(tmp_path / "backup"))
    stack.plan_sessions(later)
    in_feed(stack, later)
    feed = stack.get("/feeds/sessions.atom").text
    assert before in feed
    assert after not in feed
    assert stack.sql("keys", "SELECT count(*) FROM people JOIN erasures USING (person_id)") == "0"
    assert int(stack.sql("keys", "SELECT count(*) FROM erasures")) >= 1


def subscriber(stack: Compose) -> str:
    """The address of somebody who gets letters about sessions from now on."""
    address = f"leser.{uuid4().hex[:8]}@example.org"
    code = """
import asyncio, sys
from datetime import UTC, datetime
from sqlalchemy import select
from services.notifications.commands import subscriptions
from services.notifications.domain.subscription import Consent
from shared.events.people import Contact
from shared.service import Service
from shared.settings import Settings

async def main(address):
    service, at = Service.open("notifications", Settings.for_service("notifications")), datetime.now(UTC)
    contact = Contact(name="Leserin", email=address)
    wish = subscriptions.Wish(contact=contact, topics=["sessions"], language="de", text="ja", form="/abo")
    async with service.db.begin() as session:
        await subscriptions.order(session, service, wish, at=at)
        newest = (await session.scalars(select(Consent.id).order_by(Consent.asked_at.desc()))).first()
        await subscriptions.confirm(session, service, newest, at=at)
    await service.close()

asyncio.run(main(sys.argv[1]))
"""
    stack.python("notifications-web", code, address)
    return address


def told(stack: Compose, reader: str, place: str, count: int) -> None:
    """One letter for each session, none twice; only one cut off while it was sent waits for a person."""
    wanted = [f"{place} {number:02}" for number in range(count)]
    ends = time.monotonic() + 420
    while (missing := sum(letters(stack, reader, one) == 0 for one in wanted)) != unknown(
        stack, reader
    ):
        assert time.monotonic() < ends, f"{missing} letters neither came nor wait for a person"
        time.sleep(1)
    time.sleep(3)
    assert max(letters(stack, reader, one) for one in wanted) == 1
    assert unknown(stack, reader) <= 4, "at most one for each of the sender's connections"


def unknown(stack: Compose, reader: str) -> int:
    """Letters to this address of which nobody knows whether they arrived; the office sees them."""
    query = f"SELECT count(*) FROM letters WHERE address = '{reader}' AND state = 'unknown'"
    return int(stack.sql("notifications", query))


def letters(stack: Compose, reader: str, saying: str) -> int:
    return sum(saying in mail["text"] for mail in stack.site.mails(reader))


def in_feed(stack: Compose, place: str) -> None:
    ends = time.monotonic() + 60
    while place not in stack.get("/feeds/sessions.atom").text:
        assert time.monotonic() < ends, f"{place} is not in the feed"
        time.sleep(0.5)
