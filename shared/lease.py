"""One at a time: a row with a time to live, taken over when its holder falls silent.

It only saves double work; that nothing is doubled rests on the locks and the inbox.
"""

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import delete, or_

from shared.store import Database, LeaseRow, insert

BOOT = uuid4()


def my_name() -> str:
    """This process among all that ever ran: `host:pid:boot`."""
    return f"{socket.gethostname()}:{os.getpid()}:{BOOT.hex[:12]}"


@dataclass(frozen=True)
class Lease:
    """The right to do one thing, for `seconds` from the last renewal."""

    db: Database
    table: type[LeaseRow]
    name: str
    holder: str
    seconds: float

    async def take(self) -> bool:
        """Take or renew it; False while another holds it. Both ask the same single statement."""
        now = datetime.now(UTC)
        mine = {"holder": self.holder, "until": now + timedelta(seconds=self.seconds)}
        async with self.db.begin("timer") as session:
            new = insert(session, self.table).values(name=self.name, **mine)
            free = or_(self.table.holder == self.holder, self.table.until < now)
            taken = new.on_conflict_do_update(
                index_elements=["name"], set_=mine, where=cast(Any, free)
            )
            return await session.scalar(taken.returning(self.table.holder)) == self.holder

    async def leave(self) -> None:
        """Let the next one have it at once."""
        async with self.db.begin("timer") as session:
            mine = (self.table.name == self.name) & (self.table.holder == self.holder)
            await session.execute(delete(self.table).where(mine))
