"""What applicants do once an application is in: find it again, withdraw it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.clocks import stop_clocks
from services.applications.commands.held import drop_held
from services.applications.domain import Application, Status
from services.applications.store import Link, note, record
from shared.events.applications import ApplicationWithdrawn, CaseLinkRequested
from shared.events.people import Contact
from shared.events.people import Link as MailedLink
from shared.sealed import Seals
from shared.web import links

PURPOSE: Final = "case"
MINUTES: Final = 10
NOBODY: Final = "nobody"
"""Subject of links for addresses we do not know: they cost the same and open nothing."""


async def request_link(
    session: AsyncSession,
    email: str,
    *,
    browser: str,
    url: str,
    language: str,
    seals: Seals,
    at: datetime,
) -> CaseLinkRequested | None:
    """Mail a link to all applications of this address; None, and nothing said, if there are none.

    `url` ends in `/`; the link opens in this browser only, or there by its typed code.
    """
    address = seals.address_hash(email)
    known = next((a for a in await _of_address(session, address) if a.person_id), None)
    issued = await links.issue(
        session,
        Link,
        purpose=PURPOSE,
        subject=str(known.person_id) if known else NOBODY,
        browser=browser,
        at=at,
        minutes=MINUTES,
        payload={"address": address} if known else {},
    )
    if known is None or known.person_id is None:
        return None
    person, mailed = known.person_id, MailedLink(url=url + issued.token, code=issued.code)
    event = CaseLinkRequested(
        at=at,
        person_id=person,
        language=language,
        contact=await seals.seal(person, Contact(name=_name_of(known), email=email)),
        link=await seals.seal(person, mailed),
        expires_at=at + timedelta(minutes=MINUTES),
    )
    record(session, event)
    return event


async def applications_of(session: AsyncSession, link: Link) -> Sequence[Application]:
    """What a used link opens: everything of its address, newest first."""
    return await _of_address(session, link.payload.get("address", ""))


async def withdraw(
    session: AsyncSession, application: Application, *, actor: str, at: datetime
) -> ApplicationWithdrawn | None:
    """Take the application back; None if that was done already."""
    if application.status == Status.WITHDRAWN:
        return None
    event = application.withdraw(at=at)
    assert isinstance(event, ApplicationWithdrawn)
    await stop_clocks(session, application)
    await drop_held(session, application.id)
    record(session, event)
    note(
        session,
        at=at,
        actor=actor,
        action="application.withdraw",
        subject=str(application.id),
    )
    return event


async def _of_address(session: AsyncSession, address: str) -> Sequence[Application]:
    mine = select(Application).where(Application.email_hash == address)
    return (await session.scalars(mine.order_by(Application.id.desc()))).all()


def _name_of(application: Application) -> str:
    """Whom the letter greets: as handed in, or as typed so far."""
    who = application.answers.get("applicant") or application.typed
    return str(who.get("contact_name") or who.get("name") or "")
