"""Codes that people read from a wall or a slip of paper, and receipts nobody can guess."""

import secrets
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two signs that nobody takes for one another: no I and 1, no O and 0."""

ROOM_SIGNS: Final = 6
PASS_SIGNS: Final = 8
RECEIPT_SIGNS: Final = 20
"""A hundred bits: two members never get the same one, and nobody finds one by trying."""


class NotAReceipt(Exception):
    """A receipt is what `new_receipt` gave out, and nothing else."""


def new_room_code() -> str:
    """What stands on the wall."""
    return _code(ROOM_SIGNS)


def new_pass_code() -> str:
    """What one member gets in the room."""
    return _code(PASS_SIGNS)


def new_receipt() -> str:
    """Made when the form of a secret vote is shown; whoever keeps it finds their ballot again."""
    return _code(RECEIPT_SIGNS)


def as_typed(code: str) -> str:
    """The code without blanks, hyphens and small letters."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def receipt_of(typed: str) -> str:
    """The receipt as it is kept; raises `NotAReceipt`."""
    receipt = as_typed(typed)
    if len(receipt) != RECEIPT_SIGNS or not set(receipt) <= set(ALPHABET):
        raise NotAReceipt
    return receipt


def _code(signs: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(signs))
