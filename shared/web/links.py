"""One-time links and codes: kept as hashes, for one purpose, used once, by the browser that asked."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, TypeVar, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.requests import Request

from shared.web.cookies import decode, encode, host_cookie, read_host_cookie, set_later

BROWSER_COOKIE: Final = "browser"
BROWSER_LASTS: Final = 400 * 24 * 3600
CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 8
CODE_TRIES: Final = 5


class LinkRow:
    """A link we mailed; neither its token, nor its code, nor the browser can be read from here."""

    __tablename__ = "links"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    browser_hash: Mapped[str | None] = mapped_column(index=True)
    code_hash: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


L = TypeVar("L", bound=LinkRow)


class Refusal(StrEnum):
    """Why a link did not open; `OTHER_BROWSER` is the only one whose link is still good."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    OTHER_BROWSER = "other_browser"
    WRONG_CODE = "wrong_code"


class LinkRefused(Exception):
    """The link or code opens nothing, for the reason given."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Issued:
    """What goes into the mail, and nowhere else; a code only for links bound to a browser."""

    token: str
    code: str | None

    def __str__(self) -> str:
        """As it stands in an address."""
        return self.token


def browser_of(request: Request) -> str:
    """A secret only this browser knows; given to it with this response if it has none."""
    known = read_host_cookie(request, BROWSER_COOKIE) or getattr(request.state, "browser", None)
    if known and len(decode(known) or b"") == 32:
        return str(known)
    request.state.browser = encode(secrets.token_bytes(32))
    set_later(request, host_cookie(BROWSER_COOKIE, request.state.browser, max_age=BROWSER_LASTS))
    return str(request.state.browser)


async def issue(
    session: AsyncSession,
    link: type[LinkRow],
    *,
    purpose: str,
    subject: str,
    browser: str | None,
    at: datetime,
    minutes: int = 10,
    payload: dict[str, Any] | None = None,
) -> Issued:
    """Make a link that opens once until `minutes` after `at`.

    With `browser` (from `browser_of`) it opens only there, or there by its typed code.
    """
    row, issued = _made(
        link,
        purpose=purpose,
        subject=subject,
        browser=browser,
        payload=payload,
        expires_at=at + timedelta(minutes=minutes),
    )
    session.add(row)
    await session.flush()
    return issued


async def issue_many(
    session: AsyncSession,
    link: type[LinkRow],
    *,
    purpose: str,
    subjects: Sequence[str],
    expires_at: datetime,
) -> list[Issued]:
    """One link for each of these, in their order, written in one go; bound to no browser."""
    made = [_made(link, purpose=purpose, subject=one, expires_at=expires_at) for one in subjects]
    session.add_all([row for row, _issued in made])
    await session.flush()
    return [issued for _row, issued in made]


async def look_up(
    session: AsyncSession,
    link: type[L],
    token: str,
    *,
    purpose: str,
    browser: str | None = None,
    at: datetime,
) -> L:
    """The link's row if it would open now, for the page with the button; raises LinkRefused."""
    row = await session.get(link, _hash(token))
    if row is None or row.purpose != purpose:
        raise LinkRefused(Refusal.UNKNOWN)
    _check_open(row, at)
    if row.browser_hash is not None and not _same(row.browser_hash, _hash(browser or "")):
        raise LinkRefused(Refusal.OTHER_BROWSER)
    return row


async def consume(
    session: AsyncSession,
    link: type[L],
    token: str,
    *,
    purpose: str,
    browser: str | None = None,
    at: datetime,
) -> L:
    """Use the link up, exactly once however many ask at the same time; raises LinkRefused."""
    row = await look_up(session, link, token, purpose=purpose, browser=browser, at=at)
    await _use_up(session, link, row, at)
    return row


async def consume_code(
    session: AsyncSession, link: type[L], code: str, *, purpose: str, browser: str, at: datetime
) -> L:
    """Use up the newest link of this browser by its typed code, within five tries.

    Raises LinkRefused; let the transaction commit all the same, else the try is not counted.
    """
    row = await _newest(session, link, purpose=purpose, browser=browser)
    if row is None:
        raise LinkRefused(Refusal.UNKNOWN)
    _check_open(row, at)
    counted = update(link).where(link.token_hash == row.token_hash, link.tries < CODE_TRIES)
    if not await _changed(session, counted.values(tries=link.tries + 1)):
        raise LinkRefused(Refusal.EXPIRED)
    if not _same(row.code_hash or "", _code_hash(code, browser)):
        raise LinkRefused(Refusal.WRONG_CODE)
    await _use_up(session, link, row, at)
    return row


async def revoke(session: AsyncSession, link: type[LinkRow], *, purpose: str, subject: str) -> None:
    """Close every open link of this subject, as when a newer one replaces them."""
    await session.execute(
        delete(link).where(link.purpose == purpose, link.subject == subject, link.used_at.is_(None))
    )


async def forget_old(session: AsyncSession, link: type[LinkRow], *, before: datetime) -> None:
    """Delete what expired before this instant."""
    await session.execute(delete(link).where(link.expires_at < before))


def _made(
    link: type[LinkRow],
    *,
    purpose: str,
    subject: str,
    browser: str | None = None,
    payload: dict[str, Any] | None = None,
    expires_at: datetime,
) -> tuple[LinkRow, Issued]:
    token = encode(secrets.token_bytes(32))
    code = None if browser is None else _new_code()
    row = link()
    row.token_hash, row.purpose, row.subject = _hash(token), purpose, subject
    row.payload, row.tries, row.used_at = payload or {}, 0, None
    row.browser_hash = None if browser is None else _hash(browser)
    row.code_hash = None if browser is None or code is None else _code_hash(code, browser)
    row.expires_at = expires_at
    return row, Issued(token, code)


async def _newest(session: AsyncSession, link: type[L], *, purpose: str, browser: str) -> L | None:
    mine = select(link).where(link.browser_hash == _hash(browser), link.purpose == purpose)
    row: L | None = await session.scalar(mine.order_by(link.expires_at.desc()).limit(1))
    return row


async def _use_up(session: AsyncSession, link: type[L], row: L, at: datetime) -> None:
    first = update(link).where(link.token_hash == row.token_hash, link.used_at.is_(None))
    if not await _changed(session, first.values(used_at=at)):
        raise LinkRefused(Refusal.USED)
    await session.refresh(row)


async def _changed(session: AsyncSession, change: Any) -> bool:
    result = await session.execute(change.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


def _check_open(row: LinkRow, at: datetime) -> None:
    if row.used_at is not None:
        raise LinkRefused(Refusal.USED)
    if at >= row.expires_at:
        raise LinkRefused(Refusal.EXPIRED)


def _new_code() -> str:
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def _code_hash(code: str, browser: str) -> str:
    """With the browser's secret in it: eight letters alone could be found out from the hash."""
    typed = "".join(c for c in code.upper() if c in CODE_LETTERS)
    return _hash(f"{typed} {browser}")


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)
