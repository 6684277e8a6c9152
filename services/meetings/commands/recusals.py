"""Who neither speaks nor votes about an item: declared by click, or known from what we keep anyway."""

from collections.abc import Iterable
from datetime import datetime
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.once import Order, trail
from services.meetings.commands.rooms import check_no_poll, entered_room, item_here
from services.meetings.domain.agenda import AgendaItem, Case
from services.meetings.domain.member import Member, MemberStatus, Unit, UnitKind
from services.meetings.domain.recusal import Recusal, RecusedBecause
from shared.events.applications import Paper
from shared.sealed import Sealed, Seals
from shared.store import insert


async def recuse(
    session: AsyncSession,
    session_id: UUID,
    item_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    because: RecusedBecause,
) -> None:
    """The member is left out of this item; another reason replaces the first, the same changes nothing."""
    await entered_room(session, session_id, at=order.at)
    await item_here(session, session_id, item_id)
    await check_no_poll(session, session_id, item_id=item_id)
    known = await session.get(Recusal, (item_id, member_id), populate_existing=True)
    if known is not None and known.because is because:
        return
    if known is None:
        await session.get_one(Member, member_id)
        known = Recusal(item_id=item_id, member_id=member_id)
        session.add(known)
    known.because, known.known, known.declared_at = because, False, order.at
    trail(session, "room.recuse", item_id, order, because=because)


async def unrecuse(
    session: AsyncSession,
    session_id: UUID,
    item_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    reason: str,
) -> None:
    """The member takes part after all; `reason` stands in the trail and names nobody."""
    await entered_room(session, session_id, at=order.at)
    await item_here(session, session_id, item_id)
    await check_no_poll(session, session_id, item_id=item_id)
    recusal = await session.get(Recusal, (item_id, member_id), populate_existing=True)
    if recusal is None:
        return
    await session.delete(recusal)
    trail(
        session,
        "room.unrecuse",
        item_id,
        order,
        because=recusal.because,
        known=recusal.known,
        reason=reason,
    )


async def note_known(
    session: AsyncSession, seals: Seals, item: AgendaItem, *, at: datetime
) -> None:
    """Write down who is recused as far as we can know it: the applicant, and whom they act for."""
    case = await session.get(Case, item.application_id) if item.application_id else None
    if case is None or case.paper is None:
        return
    found = await known_recusals(session, seals, Sealed(**case.paper))
    rows = [
        {"item_id": item.id, "member_id": one, "because": why, "known": True, "declared_at": at}
        for one, why in found.items()
    ]
    if rows:
        await session.execute(insert(session, Recusal).values(rows).on_conflict_do_nothing())


async def known_recusals(
    session: AsyncSession, seals: Seals, paper: Sealed
) -> dict[UUID, RecusedBecause]:
    """Members who are the applicant under whatever id, or belong to the institution that applies."""
    listed = (
        select(Member, Unit)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.status != MemberStatus.LEFT, Member.erased_at.is_(None))
    )
    people: list[tuple[Member, Unit | None]] = [
        (member, unit) for member, unit in await session.execute(listed)
    ]
    opened = await seals.open(paper, Paper)
    applies = same_name(opened.sponsor) if opened else ""
    found = {
        member.id: RecusedBecause.INSTITUTION
        for member, unit in people
        if applies and unit is not None and _is_institution(unit, applies)
    }
    same = await seals.same_human(paper.person_id, [member.person_id for member, _unit in people])
    applicants = {member.id for member, _unit in people if member.person_id in same}
    return found | dict.fromkeys(applicants, RecusedBecause.APPLICANT)


def same_name(name: str) -> str:
    """The form in which names of institutions are compared; a registered club is the club."""
    words = normalize("NFKC", name).casefold().replace(".", "").split()
    return "".join(sign for sign in "".join(_without_form(words)) if sign.isalnum())


def _without_form(words: Iterable[str]) -> list[str]:
    kept, legal = list(words), {"ev", "ggmbh", "gmbh", "eg"}
    while len(kept) > 1 and kept[-1].strip("()") in legal:
        kept.pop()
    if len(kept) > 2 and kept[-2:] == ["e", "v"]:
        kept = kept[:-2]
    return kept


def _is_institution(unit: Unit, applies: str) -> bool:
    return unit.kind is UnitKind.INSTITUTION and same_name(unit.name) == applies
