"""Erased people must stay erased: their list is kept outside the backups and replayed after a restore.

`python -m deploy.erasures list > erasures.json`, `python -m deploy.erasures replay < erasures.json`
"""

import argparse
import asyncio
import json
import sys
from datetime import datetime
from uuid import UUID

from shared.sealed import Seals
from shared.settings import Settings


async def listed(seals: Seals) -> str:
    """Ids and times, no name and no address: a JSON list, oldest first."""
    erased = await seals.erasures()
    return json.dumps([{"person_id": str(one), "erased_at": at.isoformat()} for one, at in erased])


async def replayed(seals: Seals, text: str) -> int:
    """Deletes again what a restored backup brought back; gives the number of keys deleted."""
    erased = [
        (UUID(entry["person_id"]), datetime.fromisoformat(entry["erased_at"]))
        for entry in json.loads(text or "[]")
    ]
    return await seals.replay(erased)


async def work(command: str) -> str:
    seals = Seals.from_settings(Settings.load())
    try:
        if command == "list":
            return await listed(seals)
        return f"{await replayed(seals, sys.stdin.read())} keys deleted again"
    finally:
        await seals.db.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["list", "replay"])
    print(asyncio.run(work(parser.parse_args().command)))


if __name__ == "__main__":
    main()
