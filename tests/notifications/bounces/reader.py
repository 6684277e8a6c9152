"""A process of its own that reads the mailbox, and dies where it is told.

`python -m tests.notifications.bounces.reader [crash point] [hit]`, settings from the environment.
"""

import asyncio
import sys

from services.notifications.bounces.mailbox import read_once
from shared import crashpoints
from shared.service import Service
from shared.settings import Settings


async def main(death: list[str]) -> None:
    if death:
        crashpoints.arm(death[0], hit=int(death[1]))
    service = Service.open("notifications", Settings.for_service("notifications"))
    try:
        print(await read_once(service))
    finally:
        await service.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
