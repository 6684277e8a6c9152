"""Reads about the office's accounts."""

import unicodedata
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.domain.account import Account, RecoveryCode, Standing


async def account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of an address, in whatever case it was typed."""
    return await session.scalar(select(Account).where(Account.email == same_address(email)))


async def accounts(session: AsyncSession, *, for_update: bool = False) -> Sequence[Account]:
    """Every account that still belongs to somebody, by name as people sort it."""
    found = select(Account).where(Account.standing != Standing.ERASED).order_by(Account.id)
    rows = (await session.scalars(found.with_for_update() if for_update else found)).all()
    return sorted(rows, key=lambda account: (account.name.casefold(), str(account.id)))


async def recovery_codes_left(session: AsyncSession, account_id: UUID) -> int:
    """How many spare codes are still unused."""
    unused = RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    return await session.scalar(select(func.count()).where(*unused)) or 0


def same_address(email: str) -> str:
    """The form in which addresses are kept and compared."""
    return unicodedata.normalize("NFC", email.strip()).lower()
