"""Ballots cast on devices. Of a secret one nothing is left but two rows that belong to nobody.

Who voted and what was voted lie in one row each, both written anew and in their own order at every
ballot; the box is closed anew each time under a key outside the database, so that what an older page
or a log still holds tells no ballot from another. No command, no trail, no event, no hour.
"""

from collections import Counter
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.meetings.commands.once import Order, trail
from services.meetings.domain.codes import receipt_of
from services.meetings.domain.polls import (
    Choice,
    Elector,
    MayNotVote,
    NamedBallot,
    Poll,
    SecretBox,
    SecretTurnout,
    WrongManner,
)
from services.meetings.domain.slips import (
    AlreadyVoted,
    Slip,
    Tally,
    packed,
    published,
    tally,
    unpacked,
    with_slip,
)
from services.meetings.vault import Vault
from shared.events.meetings import Manner
from shared.store import insert, scrub_after


async def cast_named(
    session: AsyncSession,
    poll_id: UUID,
    member_id: UUID,
    order: Order,
    *,
    choice: Choice,
    instead: bool = False,
) -> None:
    """The member's choice; the same again changes nothing, another is refused with `AlreadyVoted`.

    `instead` is for the office, which may have typed it wrong: the new choice replaces the old one.
    """
    await _votable(session, poll_id, member_id, Manner.NAMED)
    said = {"choice": choice, "cast_at": order.at}
    row = insert(session, NamedBallot).values(poll_id=poll_id, member_id=member_id, **said)
    new = row.on_conflict_do_nothing().returning(NamedBallot.choice)
    if await session.scalar(new) is not None:
        return
    theirs = NamedBallot.poll_id == poll_id, NamedBallot.member_id == member_id
    before = await session.scalar(select(NamedBallot.choice).where(*theirs))
    if before is choice:
        return
    if not instead:
        raise AlreadyVoted
    await session.execute(update(NamedBallot).where(*theirs).values(**said))
    trail(session, "poll.retype", poll_id, order)


async def cast_secret(
    session: AsyncSession,
    vault: Vault,
    poll_id: UUID,
    member_id: UUID,
    *,
    choice: Choice,
    receipt: str,
) -> None:
    """Put one slip into the box; the same slip again answers as if it were the first time.

    Raises `AlreadyVoted` for another receipt or choice, `ReceiptTaken` for somebody else's.
    """
    slip = Slip(receipt_of(receipt), choice)
    await _votable(session, poll_id, member_id, Manner.SECRET)
    came = await session.get_one(SecretTurnout, poll_id, populate_existing=True)
    box = await session.get_one(SecretBox, poll_id, populate_existing=True)
    slips = with_slip(opened(vault, box), slip, voted=str(member_id) in came.member_ids)
    if slips is None:
        return
    came.member_ids = sorted([*came.member_ids, str(member_id)])
    box.sealed = vault.lock_box(packed(slips), poll_id)


async def count_named(session: AsyncSession, poll: Poll) -> Tally:
    """What the named ballots come to."""
    of_poll = select(NamedBallot.choice, func.count()).where(NamedBallot.poll_id == poll.id)
    found = Counter[Choice]()
    for choice, number in await session.execute(of_poll.group_by(NamedBallot.choice)):
        found[choice] = number
    return Tally(yes=found[Choice.YES], no=found[Choice.NO], abstain=found[Choice.ABSTAIN])


async def count_secret(
    session: AsyncSession, vault: Vault | None, poll: Poll, *, minimum: int | None
) -> Tally | None:
    """Open the box and publish its slips; with too few of them (or no minimum: called off) it is emptied.

    What earlier versions of both rows left in the files is taken out after the commit.
    """
    scrub_after(session, "secret_boxes", "secret_turnouts")
    box = await session.get_one(SecretBox, poll.id, populate_existing=True)
    slips = opened(vault, box) if vault is not None and minimum is not None else []
    box.sealed = b""
    if minimum is None or len(slips) < minimum:
        return None
    box.slips = published(slips)
    return tally(slips)


def opened(vault: Vault, box: SecretBox) -> list[Slip]:
    """What lies in the box; only a ballot that comes and the count look into it."""
    return unpacked(vault.open_box(box.sealed, box.poll_id)) if box.sealed else []


async def _votable(session: AsyncSession, poll_id: UUID, member_id: UUID, manner: Manner) -> Poll:
    """The open vote, held until the commit, if this member is on its list."""
    poll = await session.get_one(Poll, poll_id, with_for_update=True)
    poll.check_open()
    if poll.manner is not manner:
        raise WrongManner
    elector = await session.get(Elector, (poll_id, member_id))
    if elector is None:
        raise MayNotVote(None)
    if elector.barred is not None:
        raise MayNotVote(elector.barred, elector.because)
    return poll
