"""A sender that was given up for dead wakes up: what others took over stays theirs."""

from uuid import UUID

from sqlalchemy import update
from uuid_utils.compat import uuid7

from services.notifications.bulk import holding
from services.notifications.bulk.copies import Copy
from services.notifications.bulk.limits import Rates
from services.notifications.bulk.taking import Taker
from services.notifications.domain.issue import IssueKind, IssueLetter
from services.notifications.domain.letter import State
from shared.service import Service
from shared.web.outgoing import Outgoing
from tests.notifications.bulk.kit import START, an_issue, states

RATES = Rates(
    Outgoing.model_validate(
        {"providers": {"ours": {"domains": ["example.org"], "per_minute": 6000}}}
    )
)


def _taker(issue_id: UUID, sender_id: UUID) -> Taker:
    topic = str(IssueKind.NEWSLETTER)
    return Taker(sender_id=sender_id, issue_id=issue_id, topic=topic, rates=RATES)


async def _alive(service: Service, issue_id: UUID) -> Taker:
    async with service.db.begin() as session:
        return _taker(issue_id, await holding.enlist(session, issue_id, at=START))


async def _taken(service: Service, taker: Taker) -> list[Copy]:
    async with service.db.begin() as session:
        return (await taker.take(session, at=START)).copies


async def _denies_and_puts_off(service: Service, taker: Taker, copies: list[Copy]) -> None:
    async with service.db.begin() as session:
        await taker.denied(session, copies[:2], at=START)
    async with service.db.begin() as session:
        numbers = [copy.number for copy in copies[2:]]
        await taker.put_off(session, copies[2].way, numbers, at=START)


async def test_it_changes_no_copy_any_more(service: Service) -> None:
    issue_id = await an_issue(service, 4)
    dead = await _alive(service, issue_id)
    copies = await _taken(service, dead)
    async with service.db.begin() as session:
        await holding.leave(session, dead.sender_id, at=START)
    await _denies_and_puts_off(service, dead, copies)
    assert await states(service, issue_id) == {State.QUEUED: 4}


async def test_it_leaves_alone_what_others_claimed(service: Service) -> None:
    issue_id = await an_issue(service, 4)
    slow = await _alive(service, issue_id)
    copies = await _taken(service, slow)
    async with service.db.begin() as session:
        theirs = update(IssueLetter).values(state=State.CLAIMED, claim=uuid7())
        await session.execute(theirs.where(IssueLetter.issue_id == issue_id))
    await _denies_and_puts_off(service, slow, copies)
    assert await states(service, issue_id) == {State.CLAIMED: 4}


async def test_alive_it_sets_aside_what_is_its_own(service: Service) -> None:
    issue_id = await an_issue(service, 4)
    taker = await _alive(service, issue_id)
    await _denies_and_puts_off(service, taker, await _taken(service, taker))
    assert await states(service, issue_id) == {State.DEFERRED: 4}
