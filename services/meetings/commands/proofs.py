"""What somebody proves themselves with: chosen at the invitation, changed on their own page."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.accounts import forget_recovery_codes
from services.meetings.commands.once import Order, trail
from services.meetings.domain import passwords
from services.meetings.domain.account import Account, RecoveryCode
from services.meetings.domain.second_factor import hashes, matching_step, new_recovery_codes
from services.meetings.vault import Vault, hash_password


class WrongDigits(Exception):
    """The digits do not belong to the secret just shown."""


async def choose_password(
    session: AsyncSession, account: Account, password: str, order: Order
) -> None:
    """Keep the hash of a new password; raises the rule it breaks."""
    passwords.check(password, email=account.email or "", name=account.name)
    account.password_hash = await hash_password(password)
    trail(session, "account.password", account.id, order)


async def choose_device(
    session: AsyncSession,
    vault: Vault,
    account: Account,
    order: Order,
    *,
    secret: str,
    typed: str,
) -> None:
    """Keep the secret of a new device once its digits fit; the old device stops working."""
    step = matching_step(secret, typed, at=order.at, last_step=None)
    if step is None:
        raise WrongDigits
    account.totp_secret = vault.lock_secret(secret, account.id)
    account.totp_last_step = step
    trail(session, "account.second_factor", account.id, order)


async def renew_recovery_codes(
    session: AsyncSession, vault: Vault, account: Account, order: Order
) -> list[str]:
    """Ten new spare codes, to be shown once; the old ones stop working."""
    await forget_recovery_codes(session, account.id)
    codes = new_recovery_codes()
    for code_hash in hashes(codes, key=vault.recovery_key):
        session.add(RecoveryCode(account_id=account.id, code_hash=code_hash))
    trail(session, "account.recovery_codes", account.id, order)
    return codes


async def answer_invitation(session: AsyncSession, account: Account, order: Order) -> None:
    """The account is ready: raises SecondFactorMissing while the roles ask for more."""
    account.activate()
    trail(session, "account.activate", account.id, order)


async def speak(session: AsyncSession, account: Account, language: str, order: Order) -> None:
    """The language of this person's letters."""
    account.language = language
    trail(session, "account.language", account.id, order, language=language)
