"""Whom the minutes are sent to: links for those who were there, and one for the city."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.minutes_desk import Desk
from services.meetings.domain.member import Member
from services.meetings.domain.minutes import Minutes
from services.meetings.store import Link, record
from shared.events.meetings import MinutesCirculated, MinutesReported
from shared.events.people import Contact
from shared.events.people import Link as MailedLink
from shared.sealed import Sealed
from shared.service import Service
from shared.web import links

DRAFT_LINK: Final = "minutes.draft"
"""A member's link to the draft: to read, to object, to agree; opens any number of times."""
WHOLE_LINK: Final = "minutes.whole"
"""The city's link to the whole minutes."""
READABLE_AFTER: Final = timedelta(days=30)
CITY_DAYS: Final = 30


async def draft_reader(
    session: AsyncSession, session_id: UUID, token: str, *, at: datetime
) -> Member:
    """Whose link to the draft this is; raises `LinkRefused` for every other one."""
    link = await links.look_up(session, Link, token, purpose=DRAFT_LINK, at=at)
    minutes_id, _colon, member_id = link.subject.partition(":")
    minutes = await session.get(Minutes, UUID(minutes_id))
    member = await session.get(Member, UUID(member_id))
    ours = minutes is not None and minutes.session_id == session_id
    if not ours or member is None or member.erased_at is not None:
        raise links.LinkRefused(links.Refusal.UNKNOWN)
    return member


async def check_whole_link(
    session: AsyncSession, session_id: UUID, token: str, *, at: datetime
) -> None:
    """Whether this is the city's link to these minutes; raises `LinkRefused`."""
    link = await links.look_up(session, Link, token, purpose=WHOLE_LINK, at=at)
    if link.subject != str(session_id):
        raise links.LinkRefused(links.Refusal.UNKNOWN)


async def draft_letters(
    session: AsyncSession, service: Service, desk: Desk, *, at: datetime
) -> list[MinutesCirculated]:
    """One for each member who was there, in a few statements; nobody who is erased gets one."""
    minutes, meeting, members = desk.minutes, desk.meeting, desk.facts.voters
    assert minutes.object_until is not None
    expires_at = minutes.object_until + READABLE_AFTER
    issued = await links.issue_many(
        session,
        Link,
        purpose=DRAFT_LINK,
        subjects=[f"{minutes.id}:{member.id}" for member in members],
        expires_at=expires_at,
    )
    way = f"{service.settings.origin}/sitzungen/{meeting.id}/protokoll/entwurf"
    closed = await service.seals.seal_many(
        [
            (member.person_id, (member.contact, MailedLink(url=f"{way}/{link.token}")))
            for member, link in zip(members, issued, strict=True)
        ]
    )
    told = {
        "at": at,
        "expires_at": expires_at,
        "minutes_id": minutes.id,
        "session_id": meeting.id,
        "starts_at": meeting.starts_at,
        "object_until": minutes.object_until,
    }
    return [
        _letter(member, boxes[0], boxes[1], told)
        for member, boxes in zip(members, closed, strict=True)
        if boxes is not None
    ]


def _letter(
    member: Member, contact: Sealed, link: Sealed, told: Mapping[str, Any]
) -> MinutesCirculated:
    return MinutesCirculated(
        member_id=member.id,
        person_id=member.person_id,
        language=member.language,
        contact=contact,
        link=link,
        subject_version=member.version,
        **told,
    )


async def revoke_drafts(session: AsyncSession, minutes: Minutes) -> None:
    """The links to this draft stop working."""
    ours = Link.purpose == DRAFT_LINK, Link.subject.startswith(f"{minutes.id}:")
    await session.execute(delete(Link).where(*ours))


async def report(session: AsyncSession, service: Service, desk: Desk, *, at: datetime) -> None:
    """The city gets a link to the whole minutes, if the board reports to one."""
    board, meeting = desk.facts.board, desk.meeting
    if not board.city_email:
        return
    expires_at = at + timedelta(days=CITY_DAYS)
    [issued] = await links.issue_many(
        session, Link, purpose=WHOLE_LINK, subjects=[str(meeting.id)], expires_at=expires_at
    )
    city = await service.seals.person(email=board.city_email)
    url = f"{service.settings.origin}/sitzungen/{meeting.id}/protokoll/gesamt/{issued.token}"
    contact = Contact(name=board.city_name, email=board.city_email)
    record(
        session,
        MinutesReported(
            at=at,
            session_id=meeting.id,
            minutes_id=desk.minutes.id,
            starts_at=meeting.starts_at,
            contact=await service.seals.seal(city, contact),
            link=await service.seals.seal(city, MailedLink(url=url)),
            expires_at=expires_at,
        ),
    )
