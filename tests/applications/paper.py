"""Sheets of paper as the office types them, and corrections of what they say."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from httpx import Response
from uuid_utils.compat import uuid7

from services.applications.commands.entry import enter_on_paper
from services.applications.domain import Application
from services.applications.domain.answers import Answers
from services.applications.queries.fund import first_fund
from shared.clock import BERLIN
from shared.once import Order
from shared.service import Service
from tests.applications.people import (
    AGREED,
    COSTS,
    IDEA,
    JUNE,
    WHO,
    Resident,
    plan_session,
    stored,
)

NEW = "/buero/antraege/neu"
New = Callable[..., Resident]


def sheet(arrived: datetime, **changes: str) -> dict[str, str]:
    """A sheet of paper as the office types it."""
    local = arrived.astimezone(BERLIN)
    when = {"arrived_on": f"{local:%d.%m.%Y}", "arrived_time": f"{local:%H:%M}"}
    return {
        **IDEA, **WHO, **COSTS, **AGREED, **when,
        "command_id": str(uuid4()), "fund": "buergerfonds", **changes,
    }  # fmt: skip


async def enter(office: Resident, at: datetime, **changes: str) -> Response:
    return await office.submit(NEW, sheet(at, **changes))


async def token(someone: Resident) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', (await someone.get(NEW)).text)
    return found[1] if found else ""


async def entered_later(
    service: Service, answers: Answers, arrived_at: datetime, at: datetime
) -> None:
    """The command, minutes after the paper was here."""
    async with service.db.begin() as session:
        fund, rules = await first_fund(session, arrived_at)
        order = Order(command_id=uuid4(), by="account:x", at=at)
        await enter_on_paper(
            session, uuid7(), answers, order,
            fund=fund, arrived_at=arrived_at, rules=rules, seals=service.seals,
        )  # fmt: skip


async def case_of(applications: Service, resident: New) -> tuple[str, Application]:
    await plan_session(applications, JUNE)
    await resident().apply()
    [application] = await stored(applications)
    return f"/buero/antraege/{application.id}", application


def correction(application: Application, **changes: str) -> dict[str, str]:
    return {
        **IDEA, **WHO, **COSTS, "iban": "", "command_id": str(uuid4()),
        "version": str(application.version), **changes,
    }  # fmt: skip
