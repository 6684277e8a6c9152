"""The list of erasures outside the backups: `python -m shared.erasures write > list`, `read < list`.

A restored backup brings erased keys back; reading the list deletes them again. It holds ids and
times only, one a line.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from shared.sealed import Seals
from shared.settings import Settings

Erasures = Iterable[tuple[UUID, datetime]]


def to_lines(erasures: Erasures) -> Iterator[str]:
    """One line an erasure, for a file."""
    for person_id, erased_at in erasures:
        yield f"{person_id} {erased_at.isoformat()}\n"


def from_lines(lines: Iterable[str]) -> Iterator[tuple[UUID, datetime]]:
    """Read them back; raises ValueError at a line that is none."""
    for line in lines:
        if line.strip():
            person_id, erased_at = line.split()
            yield UUID(person_id), datetime.fromisoformat(erased_at)


async def _run(command: str) -> None:
    seals = Seals.from_settings(Settings.load())
    try:
        if command == "write":
            sys.stdout.writelines(to_lines(await seals.erasures()))
        else:
            gone = await seals.replay(from_lines(sys.stdin))
            sys.stdout.write(f"{gone} keys deleted again\n")
    finally:
        await seals.db.dispose()


def main() -> None:
    """Write the list before a restore or with every backup, read it after the restore."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["write", "read"])
    asyncio.run(_run(parser.parse_args().command))


if __name__ == "__main__":
    main()
