"""Accounts from the command line: the first one, a lost one, an erased one.

`python -m services.meetings.accounts create --email … --name … --role office`
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from uuid_utils.compat import uuid7

from services.meetings.commands.accounts import (
    INVITATION_DAYS,
    AddressTaken,
    erase,
    invite,
    open_account,
    reset_proofs,
)
from services.meetings.commands.once import Order
from services.meetings.domain.account import Account, LastOffice, Standing
from services.meetings.queries import account_by_email, accounts
from services.meetings.store import PERSONAL
from shared.roles import Role
from shared.service import Service
from shared.settings import Settings

OPERATOR: Final = "operator"


class Refused(Exception):
    """Why nothing was done, as a sentence for the terminal."""


def _order(service: Service, version: int = 0) -> Order:
    return Order(command_id=uuid7(), by=OPERATOR, at=service.clock.now(), version=version)


async def create(service: Service, asked: argparse.Namespace) -> str:
    """Open an account; the link goes to the terminal and, once the worker runs, by mail."""
    try:
        async with service.db.begin() as session:
            _account_id, link = await open_account(
                session,
                service,
                _order(service),
                email=asked.email,
                name=asked.name,
                roles=[Role(role) for role in asked.role],
                language=asked.language,
            )
    except AddressTaken as error:
        raise Refused(f"{asked.email} has an account already; try `invite`.") from error
    return f"Set up the account within {INVITATION_DAYS} days:\n{link}"


async def invite_anew(service: Service, asked: argparse.Namespace) -> str:
    """A new set-up link; an open account loses its password and second factor by it."""
    async with service.db.begin() as session:
        account = _known(await account_by_email(session, asked.email), asked.email)
        if account.standing is Standing.ACTIVE:
            await reset_proofs(session, service, account.id, _order(service, account.version))
        link = await invite(session, service, account, at=service.clock.now())
    return f"Set up the account within {INVITATION_DAYS} days:\n{link}"


async def erase_account(service: Service, asked: argparse.Namespace) -> str:
    """Delete the person's keys, wipe the account, tell the other services."""
    async with service.db.read() as session:
        account = _known(await account_by_email(session, asked.email), asked.email)
        others = [each for each in await accounts(session) if each.id != account.id]
    if account.runs_the_office and not any(each.runs_the_office for each in others):
        raise Refused("This is the office's last account: open another one first.")
    person_ids = await service.seals.erase(account.person_id)
    async with service.db.begin() as session:
        account = await session.get_one(Account, account.id, with_for_update=True)
        await erase(session, service, account, person_ids, _order(service))
    await service.db.scrub(*PERSONAL)
    return "Erased. The other services forget the person as soon as their workers run."


async def list_accounts(service: Service, asked: argparse.Namespace) -> str:
    """Who may sign in, with which roles."""
    async with service.db.read() as session:
        found = await accounts(session)
    lines = [f"{a.standing:<12} {','.join(a.roles):<24} {a.email}" for a in found]
    return "\n".join(lines) or "No account yet."


def _known(account: Account | None, email: str) -> Account:
    if account is None:
        raise Refused(f"No account has the address {email}.")
    return account


Act = Callable[[Service, argparse.Namespace], Awaitable[str]]
ACTS: Final[dict[str, Act]] = {
    "create": create,
    "invite": invite_anew,
    "erase": erase_account,
    "list": list_accounts,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.meetings.accounts")
    acts = parser.add_subparsers(dest="act", required=True)
    for name, act in ACTS.items():
        sub = acts.add_parser(name, help=(act.__doc__ or "").splitlines()[0])
        if name != "list":
            sub.add_argument("--email", required=True)
        if name == "create":
            sub.add_argument("--name", required=True)
            roles = [role.value for role in Role]
            sub.add_argument("--role", required=True, action="append", choices=roles)
            sub.add_argument("--language", default="de")
    return parser


async def run(service: Service, arguments: list[str]) -> str:
    """Carry out one command line; raises `Refused` with a sentence."""
    asked = _parser().parse_args(arguments)
    return await ACTS[asked.act](service, asked)


def main() -> int:
    """0 and what was done, or 1 and why not."""

    async def process() -> str:
        service = Service.open("meetings", Settings.for_service("meetings"))
        try:
            return await run(service, sys.argv[1:])
        finally:
            await service.close()

    try:
        sys.stdout.write(asyncio.run(process()) + "\n")
    except (Refused, LastOffice) as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
