"""What a password must be: long, the person's own, and in any script."""

import re
import unicodedata
from typing import Final

MIN_LENGTH: Final = 15
MAX_LENGTH: Final = 1000
OWN_LETTERS: Final = 8
DIFFERENT_LETTERS: Final = 5


class PasswordRefused(Exception):
    """The password breaks a rule; each subclass is one rule a page explains."""


class TooShort(PasswordRefused):
    """Fewer than `MIN_LENGTH` characters."""


class TooLong(PasswordRefused):
    """More than anyone types: only there to overload the hash."""


class TooEasy(PasswordRefused):
    """Little more than the person's name or address, or a few letters again and again."""


def normal(password: str) -> str:
    """One form for the same text, whatever keyboard wrote it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, email: str, name: str) -> None:
    """Refuse what guesses first; every other text is welcome, pasted or typed."""
    text = normal(password)
    if len(text) > MAX_LENGTH:
        raise TooLong
    if len(text) < MIN_LENGTH:
        raise TooShort
    rest = text.casefold()
    for known in sorted(_known(email, name), key=len, reverse=True):
        rest = rest.replace(known, "")
    if len(rest) < OWN_LETTERS or len(set(text.casefold())) < DIFFERENT_LETTERS:
        raise TooEasy


def _known(email: str, name: str) -> set[str]:
    words = re.split(r"[^\w]+", normal(f"{email} {name}").casefold())
    whole = {normal(email).casefold(), normal(name).casefold()}
    return {word for word in whole | set(words) if len(word) > 2}
