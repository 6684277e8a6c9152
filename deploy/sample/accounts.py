"""Accounts of the demo, opened and answered as a person would."""

from typing import TYPE_CHECKING
from uuid import UUID

import pyotp

from deploy.sample.people import SIGN_INS, SignIn
from services.meetings.commands.accounts import open_account
from services.meetings.commands.proofs import answer_invitation, choose_device, choose_password
from services.meetings.domain.account import Account
from services.meetings.vault import Vault

if TYPE_CHECKING:
    from deploy.sample.year import Year


async def open_accounts(year: "Year") -> None:
    """Invited, their letters sent, and each with password and second factor."""
    for person in SIGN_INS:
        async with year.stack["meetings"].db.begin() as session:
            account_id, _ = await open_account(
                session,
                year.stack["meetings"],
                year.order(),
                email=person.email,
                name=person.name,
                roles=person.roles,
                language="de",
            )
        await year.settle()
        await _answer(year, person, account_id)


async def _answer(year: "Year", person: SignIn, account_id: UUID) -> None:
    vault = Vault(year.stack["meetings"].settings)
    async with year.stack["meetings"].db.begin() as session:
        account = await session.get_one(Account, account_id)
        await choose_password(session, account, person.password, year.order())
        if person.totp:
            digits = pyotp.TOTP(person.totp).at(year.now)
            await choose_device(
                session, vault, account, year.order(), secret=person.totp, typed=digits
            )
        await answer_invitation(session, account, year.order())
