"""What those who were there say to the draft of the minutes, and what becomes of it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.minutes_desk import Desk, desk_of, keep_texts
from services.meetings.commands.once import Order, earlier, trail, unchanged
from services.meetings.domain.minutes import (
    AlreadyApproved,
    Amendment,
    AmendmentStatus,
    Consent,
    Minutes,
    MinutesStatus,
    TermOver,
    WasNotThere,
    check_blanks,
)
from services.meetings.store import record
from shared.store import insert


class NoSuchPart(Exception):
    """The minutes have no such part."""


async def propose(
    session: AsyncSession,
    session_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    part: str,
    text: str,
) -> UUID:
    """Object to one part; raises WasNotThere, TermOver or NoSuchPart."""
    new, content = uuid7(), {"session": session_id, "member": member_id, "part": part, "text": text}
    if first := await earlier(
        session, order, name="amendment.propose", content=content, subject=new
    ):
        return first
    desk = await _asked(session, session_id, member_id, order)
    if part not in desk.facts.parts:
        raise NoSuchPart(part)
    amendment = Amendment(
        id=new,
        minutes_id=desk.minutes.id,
        member_id=member_id,
        part=part,
        item_id=_item_of(desk, part),
        text=text,
        status=AmendmentStatus.OPEN,
        answer="",
        proposed_at=order.at,
    )
    session.add(amendment)
    desk.minutes.write(at=order.at)
    record(session, amendment.proposed(desk.meeting, at=order.at))
    trail(session, "amendment.propose", new, order)
    return new


async def agree(session: AsyncSession, session_id: UUID, member_id: UUID, order: Order) -> None:
    """This member agrees with the draft, once; raises WasNotThere or TermOver."""
    desk = await _asked(session, session_id, member_id, order)
    row = {"minutes_id": desk.minutes.id, "member_id": member_id, "agreed_at": order.at}
    await session.execute(insert(session, Consent).values(row).on_conflict_do_nothing())
    trail(session, "minutes.agree", session_id, order)


async def take_over(
    session: AsyncSession, amendment_id: UUID, order: Order, *, text: str, answer: str = ""
) -> UUID:
    """The part says `text` from now on; who agreed before agreed to something else."""
    content = {"id": amendment_id, "text": text, "answer": answer}
    if first := await earlier(
        session, order, name="amendment.take", content=content, subject=amendment_id
    ):
        return first
    desk, amendment = await _proposed(session, amendment_id, order)
    check_blanks(amendment.part, text)
    amendment.settle(AmendmentStatus.TAKEN, answer=answer, at=order.at)
    desk.minutes.write(at=order.at)
    await keep_texts(session, desk, {amendment.part: text})
    await session.execute(delete(Consent).where(Consent.minutes_id == desk.minutes.id))
    trail(session, "amendment.take", amendment_id, order)
    return amendment_id


async def refuse(session: AsyncSession, amendment_id: UUID, order: Order, *, answer: str) -> UUID:
    """The minutes stay as they are, for a reason the member can read."""
    content = {"id": amendment_id, "answer": answer}
    if first := await earlier(
        session, order, name="amendment.refuse", content=content, subject=amendment_id
    ):
        return first
    desk, amendment = await _proposed(session, amendment_id, order)
    amendment.settle(AmendmentStatus.REFUSED, answer=answer, at=order.at)
    desk.minutes.write(at=order.at)
    trail(session, "amendment.refuse", amendment_id, order)
    return amendment_id


async def forget_words(session: AsyncSession, member_ids: Collection[UUID]) -> None:
    """What erased members wrote goes; that somebody objected, and what was answered, stays."""
    theirs = select(Amendment).where(Amendment.member_id.in_(member_ids))
    for amendment in await session.scalars(theirs):
        amendment.text = ""


async def _asked(session: AsyncSession, session_id: UUID, member_id: UUID, order: Order) -> Desk:
    """The draft, if it may be answered now and by this member."""
    desk = await desk_of(session, session_id, at=order.at)
    if desk.record.status is MinutesStatus.APPROVED:
        raise AlreadyApproved
    if not desk.minutes.may_be_answered(at=order.at):
        raise TermOver
    if member_id not in {one.id for one in desk.facts.voters}:
        raise WasNotThere
    return desk


async def _proposed(
    session: AsyncSession, amendment_id: UUID, order: Order
) -> tuple[Desk, Amendment]:
    amendment = await session.get_one(Amendment, amendment_id)
    minutes = await session.get_one(Minutes, amendment.minutes_id)
    desk = await desk_of(session, minutes.session_id, at=order.at)
    if desk.record.status is MinutesStatus.APPROVED:
        raise AlreadyApproved
    unchanged("minutes", order, now=desk.record.version)
    return desk, amendment


def _item_of(desk: Desk, part: str) -> UUID | None:
    items = {item.part: item.line.item.id for item in desk.facts.items}
    return items.get(part)
