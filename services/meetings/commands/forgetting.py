"""What is left of people who are erased: the rows that votes, attendances and counts point to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.amendments import forget_words
from services.meetings.commands.registrations import forget_registrations
from services.meetings.commands.tasks import forget_owners
from services.meetings.domain.accession import Accession
from services.meetings.domain.account import Account
from services.meetings.domain.member import Member, Unit, UnitKind
from services.meetings.queries.members import HERE
from services.meetings.store import PERSONAL
from shared.service import Service
from shared.store import scrub_after


async def forget_people(
    session: AsyncSession, service: Service, person_ids: Sequence[UUID], *, at: datetime
) -> None:
    """Everything here that names an erased human but their account, whoever was asked to erase them."""
    await forget_members(session, person_ids, at=at)
    await forget_registrations(session, service, person_ids, at=at)


async def forget_members(
    session: AsyncSession, person_ids: Iterable[UUID], *, at: datetime
) -> None:
    """Wipe the members these ids belong to; their votes and attendances keep pointing to the row."""
    ids = list(person_ids)
    signs_in = select(Account.id).where(Account.person_id.in_(ids))
    theirs = select(Member).where(or_(Member.person_id.in_(ids), Member.account_id.in_(signs_in)))
    members = (await session.scalars(theirs.order_by(Member.id).with_for_update())).all()
    await forget_owners(session, [*ids, *(member.person_id for member in members)], at=at)
    for member in members:
        if member.erased_at is None:
            member.erase(at=at)
    if not members:
        return
    await session.flush()
    await forget_words(session, [member.id for member in members])
    declared = Accession.member_id.in_([member.id for member in members])
    for accession in await session.scalars(select(Accession).where(declared)):
        accession.institution = ""
    await _forget_households(session, {one.unit_id for one in members if one.unit_id})
    scrub_after(session, *PERSONAL)


async def _forget_households(session: AsyncSession, unit_ids: set[UUID]) -> None:
    """A household is often called by a family's name: it goes with the last of them."""
    lived_in = select(Member.unit_id).where(
        Member.unit_id.in_(unit_ids), Member.status.in_(HERE), Member.erased_at.is_(None)
    )
    still = set(await session.scalars(lived_in))
    left = Unit.id.in_(unit_ids - still), Unit.kind == UnitKind.HOUSEHOLD
    for unit in await session.scalars(select(Unit).where(*left)):
        unit.name = ""
