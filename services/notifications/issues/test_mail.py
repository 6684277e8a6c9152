"""A test of an issue: a real letter through the queue, to an address somebody typed, counted nowhere."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.notifications.domain.letter import Letter, State, Suppression
from services.notifications.issues.content import Rendered, filled_for_nobody
from services.notifications.letters.kinds import KINDS
from services.notifications.store import Audit
from shared.service import Service
from shared.store import RINGS

KIND: Final = KINDS["issue_test"]
CAUSE: Final = "test"
PREFIX: Final = "[Test] "
LIVES: Final = timedelta(hours=12)


class TakesNothing(Exception):
    """The address is on the list of those that take no letters."""


async def queue(
    session: AsyncSession,
    service: Service,
    issue_id: UUID,
    mail: Rendered,
    address: str,
    *,
    by: str,
    at: datetime,
) -> UUID:
    """The id of the letter; raises TakesNothing."""
    address_hash = service.seals.address_hash(address)
    held = select(Suppression.address_hash).where(Suppression.address_hash == address_hash)
    if await session.scalar(held) is not None:
        raise TakesNothing
    letter_id, person_id = uuid7(), await service.seals.person(email=address)
    letter = _letter(letter_id, filled_for_nobody(mail, service.settings), at=at)
    letter.recipient = letter.address_hash = address_hash
    letter.person_id, letter.thing_id, letter.address = person_id, issue_id, address
    session.add(letter)
    audit = {"language": mail.language, "letter": str(letter_id)}
    session.add(Audit(at=at, actor=by, action="issue.tested", subject=str(issue_id), details=audit))
    session.info[RINGS] = True
    return letter_id


def _letter(letter_id: UUID, mail: Rendered, *, at: datetime) -> Letter:
    return Letter(
        id=letter_id,
        event_id=letter_id,
        kind=KIND.name,
        cause=CAUSE,
        name="",
        language=mail.language,
        subject=f"{PREFIX}{mail.subject}",
        text=mail.text,
        html=mail.html,
        state=State.QUEUED,
        priority=int(KIND.priority),
        queued_at=at,
        due_at=at,
        expires_at=at + LIVES,
    )
