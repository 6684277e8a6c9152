"""One message from a mail server's pipe: `python -m services.notifications.bounces [recipient] < message`.

Exits 0 once what follows is committed, and 75 (EX_TEMPFAIL) when it cannot be now: the server keeps it.
"""

import asyncio
import logging
import os
import sys
from typing import Final

from services.notifications.bounces import verp
from services.notifications.bounces.reading import database_away, handle
from services.notifications.bounces.reports import MOST_BYTES
from shared.outages import place
from shared.service import Service
from shared.settings import Settings

REST: Final = 1 << 20


def main() -> int:
    """The exit status; one line on stderr says why it is not 0."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(REST):
        pass
    try:
        asyncio.run(_take(raw, tuple(sys.argv[1:])))
    except Exception as error:  # noqa: BLE001 - the mail server keeps the message, whatever it was
        why = "the database is away" if database_away(error) else "it cannot be handled"
        sys.stderr.write(f"try again later, {why}: {place(error)}\n")
        return os.EX_TEMPFAIL
    return os.EX_OK


async def _take(raw: bytes, sent_to: tuple[str, ...]) -> None:
    settings = Settings.for_service("notifications")
    verp.check(settings)
    service = Service.open("notifications", settings)
    try:
        await handle(service, raw, sent_to=sent_to)
    finally:
        await service.close()


if __name__ == "__main__":
    sys.exit(main())
