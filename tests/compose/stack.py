"""The compose stack on ports of its own, with people who can sign in."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from scripts.files import ROOT
from tests.browser.site import Site, free_port

PROJECT: Final = "stadtteilbote-test"
ENOUGH: Final = 900
"""Seconds: the first time every image is built."""

OPEN_ACCOUNTS: Final = """
import asyncio, json, sys
from datetime import UTC, datetime
import pyotp
from uuid_utils.compat import uuid7
from services.meetings.commands.accounts import open_account
from services.meetings.commands.once import Order
from services.meetings.commands.proofs import answer_invitation, choose_device, choose_password
from services.meetings.domain.account import Account
from services.meetings.vault import Vault
from shared.service import Service
from shared.settings import Settings
from shared.web.actors import Role

def order():
    return Order(command_id=uuid7(), by="operator", at=datetime.now(UTC))

async def main():
    service = Service.open("meetings", Settings.for_service("meetings"))
    for person in json.load(sys.stdin):
        async with service.db.begin() as session:
            account_id, _ = await open_account(session, service, order(), email=person["email"],
                name=person["name"], roles=[Role(role) for role in person["roles"]], language="de")
            account = await session.get_one(Account, account_id)
            await choose_password(session, account, person["password"], order())
            if person["totp"]:
                # the step before: the one of now is for the first sign-in
                at = order()
                digits = pyotp.TOTP(person["totp"]).at(at.at.timestamp() - 30)
                await choose_device(session, Vault(service.settings), account, at,
                    secret=person["totp"], typed=digits)
            await answer_invitation(session, account, order())
    await service.close()

asyncio.run(main())
"""
PLAN_SESSIONS: Final = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from uuid_utils.compat import uuid7
from services.meetings.commands.once import Order
from services.meetings.commands.sessions import plan
from services.meetings.domain.session import Appointment
from shared.service import Service
from shared.settings import Settings

async def main(place, count, pause):
    service = Service.open("meetings", Settings.for_service("meetings"))
    for number in range(count):
        at = datetime.now(UTC)
        starts = at + timedelta(days=300 + number)
        appointment = Appointment(starts_at=starts, ends_at=None, place=f"{place} {number:02}", note=None)
        async with service.db.begin() as session:
            await plan(session, appointment, Order(command_id=uuid7(), by="operator", at=at))
        await asyncio.sleep(pause)
    await service.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
"""


@dataclass
class Compose:
    """`docker compose` with this test's project and ports."""

    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    inbox: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_PROFILES": "inbox",
            "COMPOSE_PROGRESS": "quiet",
            "HTTP_BIND": f"127.0.0.1:{self.http}",
            "HTTPS_BIND": f"127.0.0.1:{self.https}",
            "INBOX_BIND": f"127.0.0.1:{self.inbox}",
            "ORIGIN": f"https://localhost:{self.https}",
        }

    @property
    def site(self) -> Site:
        origin = self.environment["ORIGIN"]
        return Site(origin, f"http://127.0.0.1:{self.inbox}", verify=False)

    def run(self, *command: str, given: str | None = None) -> str:
        """Its output; fails with what it said."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=ENOUGH,
            check=False,
        )
        assert done.returncode == 0, (
            f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
        return done.stdout

    def compose(self, *arguments: str, given: str | None = None) -> str:
        return self.run("docker", "compose", *arguments, given=given)

    def python(self, container: str, code: str, *arguments: str, given: str | None = None) -> str:
        """Run code inside a container that is up."""
        inside = ("exec", "-T", container, "python3", "-c", code, *arguments)
        return self.compose(*inside, given=given)

    def sql(self, database: str, query: str) -> str:
        """The one value it gives."""
        psql = ("exec", "-T", "postgres", "psql", "-U", "postgres", "-At", "-d", database)
        return self.compose(*psql, "-c", query).strip()

    def up(self) -> None:
        self.compose("up", "--detach", "--build", "--wait")

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def open_accounts(self) -> None:
        people = [
            {
                "email": person.email,
                "name": person.name,
                "password": person.password,
                "roles": sorted(person.roles),
                "totp": person.totp,
            }
            for person in self.site.people
        ]
        self.python("meetings-web", OPEN_ACCOUNTS, given=json.dumps(people))

    def plan_sessions(self, place: str, count: int = 1, *, pause: float = 0.0) -> None:
        self.python("meetings-web", PLAN_SESSIONS, place, str(count), str(pause))

    def inspect(self, container: str) -> dict[str, Any]:
        found = self.compose("ps", "--all", "--quiet", container).split()
        details: list[dict[str, Any]] = json.loads(self.run("docker", "inspect", *found))
        return details[0]

    def kill(self, container: str) -> None:
        """By its process on the host, as a crash would; Docker starts it again."""
        process = self.inspect(container)["State"]["Pid"]
        assert process, f"{container} is not running"
        os.kill(process, signal.SIGKILL)

    def wait_healthy(self, container: str, *, seconds: float = 90) -> None:
        ends = time.monotonic() + seconds
        while self.inspect(container)["State"].get("Health", {}).get("Status") != "healthy":
            assert time.monotonic() < ends, f"{container} did not come back"
            time.sleep(0.5)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.site.origin}{path}", verify=False, timeout=30)
