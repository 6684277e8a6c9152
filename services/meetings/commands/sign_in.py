"""Signing in: a password or a mailed link first, then the second factor where roles ask for it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.accounts import contact_of
from services.meetings.commands.once import Order, trail
from services.meetings.domain.account import Account, RecoveryCode, Standing
from services.meetings.domain.second_factor import (
    looks_like_recovery,
    matching_step,
    recovery_hash,
)
from services.meetings.queries import account_by_email
from services.meetings.store import Link, record
from services.meetings.vault import Vault, password_matches
from shared.events.people import Link as MailedLink
from shared.service import Service
from shared.web import links

LINK_MINUTES: Final = 10
SIGN_IN: Final = "account.sign_in"


class WrongCode(Exception):
    """Neither the app's digits of this moment nor an unused spare code."""


async def with_password(session: AsyncSession, email: str, password: str) -> Account | None:
    """The account that these open; None after the same work if there is none."""
    account = await account_by_email(session, email)
    usable = account is not None and account.standing is Standing.ACTIVE
    kept = account.password_hash if account is not None and usable else None
    return account if await password_matches(kept, password) else None


async def request_link(
    session: AsyncSession, service: Service, email: str, *, browser: str, at: datetime
) -> None:
    """Mail a link to the account of this address; nothing happens, and nothing shows, without one."""
    account = await account_by_email(session, email)
    if account is None or account.standing is not Standing.ACTIVE:
        return
    issued = await links.issue(
        session,
        Link,
        purpose=SIGN_IN,
        subject=str(account.id),
        browser=browser,
        at=at,
        minutes=LINK_MINUTES,
    )
    url = f"{service.settings.origin}/anmelden/link/{issued.token}"
    event = account.request_sign_in(
        contact=await contact_of(service, account),
        link=await service.seals.seal(account.person_id, MailedLink(url=url, code=issued.code)),
        expires_at=at + timedelta(minutes=LINK_MINUTES),
        at=at,
    )
    record(session, event)


async def use_code(
    session: AsyncSession, vault: Vault, account: Account, typed: str, order: Order
) -> None:
    """Accept the app's digits or a spare code, each of them once; raises WrongCode."""
    if account.standing is not Standing.ACTIVE:
        raise WrongCode
    if looks_like_recovery(typed):
        await _use_recovery_code(session, vault, account, typed, order)
    else:
        await _use_app(session, vault, account, typed, order.at)


async def _use_app(
    session: AsyncSession, vault: Vault, account: Account, typed: str, at: datetime
) -> None:
    if account.totp_secret is None:
        raise WrongCode
    secret = vault.open_secret(account.totp_secret, account.id)
    step = matching_step(secret, typed, at=at, last_step=account.totp_last_step)
    if step is None:
        raise WrongCode
    await _claim_step(session, account.id, step)


async def _claim_step(session: AsyncSession, account_id: UUID, step: int) -> None:
    """Use a step up: of two requests with the same digits only one gets in."""
    unused = or_(Account.totp_last_step.is_(None), Account.totp_last_step < step)
    claim = update(Account).where(Account.id == account_id, unused).values(totp_last_step=step)
    if await session.scalar(claim.returning(Account.id)) is None:
        raise WrongCode


async def _use_recovery_code(
    session: AsyncSession, vault: Vault, account: Account, typed: str, order: Order
) -> None:
    code_hash = recovery_hash(typed, key=vault.recovery_key)
    of_this = RecoveryCode.account_id == account.id, RecoveryCode.code_hash == code_hash
    claim = update(RecoveryCode).where(*of_this, RecoveryCode.used_at.is_(None))
    claimed = claim.values(used_at=order.at).returning(RecoveryCode.account_id)
    if await session.scalar(claimed) is None:
        raise WrongCode
    trail(session, "account.recovery_code_used", account.id, order)


async def signed_in(session: AsyncSession, account: Account, order: Order, *, with_: str) -> None:
    """Note when and how somebody came in."""
    seen = update(Account).where(Account.id == account.id).values(last_sign_in_at=order.at)
    await session.execute(seen)
    trail(session, "account.sign_in", account.id, order, proof=with_)
