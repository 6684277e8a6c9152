"""Everything one person got, letters and copies of issues in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.addressbook import Person
from services.notifications.domain.issue import Issue, IssueKind, IssueLetter, IssueText
from services.notifications.domain.letter import Letter, State
from services.notifications.domain.subscription import Subscription
from services.notifications.queries.letters import contains
from shared.web.i18n import BINDING

PAGE: Final = 50
HITS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Known:
    """Somebody letters went to; name and address are "" once they are forgotten."""

    key: UUID
    name: str
    address: str
    subscriptions: Sequence[UUID]

    @property
    def letters(self) -> ColumnElement[bool]:
        return or_(
            Letter.person_id == self.key,
            Letter.subscription_id.in_(self.subscriptions),
        )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the list: a letter, or a copy of an issue."""

    at: datetime
    id: UUID
    """Of the letter, or of the issue."""
    subject: str
    state: State
    sent_at: datetime | None
    kind: str = ""
    issue: IssueKind | None = None
    reason: str | None = None

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.at, self.id


async def known(session: AsyncSession, key: UUID) -> Known | None:
    """By the id of a person or of a subscription; None if nothing was ever written to either."""
    theirs = select(Subscription).where(or_(Subscription.id == key, Subscription.person_id == key))
    orders = (await session.scalars(theirs)).all()
    person = await session.get(Person, key)
    if person is None and orders:
        person = await session.get(Person, orders[0].person_id)
    last = select(Letter.name, Letter.address).where(
        or_(Letter.person_id == key, Letter.subscription_id == key)
    )
    letter = (await session.execute(last.order_by(Letter.id.desc()).limit(1))).first()
    named = [one for one in (person, letter, *orders) if one is not None]
    if not named:
        return None
    return Known(
        key=person.id if person else key,
        name=next((one.name for one in named if one.name), ""),
        address=next((one.address for one in named if one.address), ""),
        subscriptions=[order.id for order in orders],
    )


async def found(session: AsyncSession, search: str, address_hash: str) -> Sequence[Any]:
    """People and subscribers these words may mean: rows of id, name, address; none without words."""
    if not search:
        return ()
    people = select(Person.id, Person.name, Person.address).where(
        or_(contains(Person.name, search), contains(Person.address, search))
    )
    rows = list((await session.execute(people.order_by(Person.name).limit(HITS))).all())
    if address_hash:
        orders = select(Subscription.id, Subscription.name, Subscription.address).where(
            Subscription.address_hash == address_hash,
            Subscription.person_id.not_in([row.id for row in rows]),
        )
        rows += (await session.execute(orders)).all()
    return rows[:HITS]


async def entries(
    session: AsyncSession, who: Known, *, before: tuple[datetime, UUID] | None = None
) -> tuple[list[Entry], tuple[datetime, UUID] | None]:
    """Newest first, from below `before` on; and where the next page begins."""
    letters = await _letters(session, who, before)
    copies = await _copies(session, who, before)
    both = sorted((*letters, *copies), key=lambda one: one.place, reverse=True)
    shown = both[:PAGE]
    return shown, shown[-1].place if len(both) > PAGE else None


async def _letters(
    session: AsyncSession, who: Known, before: tuple[datetime, UUID] | None
) -> list[Entry]:
    columns = (Letter.id, Letter.subject, Letter.state, Letter.sent_at, Letter.kind, Letter.reason)
    chosen = select(Letter.queued_at.label("at"), *columns).where(who.letters)
    chosen = chosen.where(_below(Letter.queued_at, Letter.id, before))
    ordered = chosen.order_by(Letter.queued_at.desc(), Letter.id.desc()).limit(PAGE + 1)
    return [Entry(**row) for row in (await session.execute(ordered)).mappings()]


async def _copies(
    session: AsyncSession, who: Known, before: tuple[datetime, UUID] | None
) -> list[Entry]:
    german = and_(IssueText.issue_id == Issue.id, IssueText.language == BINDING)
    chosen = (
        select(
            Issue.started_at.label("at"),
            Issue.id,
            Issue.kind.label("issue"),
            func.coalesce(IssueText.subject, "").label("subject"),
            IssueLetter.state,
            IssueLetter.sent_at,
            IssueLetter.reason,
        )
        .join(Issue, Issue.id == IssueLetter.issue_id)
        .outerjoin(IssueText, german)
        .where(IssueLetter.subscription_id.in_(who.subscriptions))
        .where(_below(Issue.started_at, Issue.id, before))
        .order_by(Issue.started_at.desc(), Issue.id.desc())
        .limit(PAGE + 1)
    )
    return [Entry(**row) for row in (await session.execute(chosen)).mappings()]


def _below(at: Any, key: Any, before: tuple[datetime, UUID] | None) -> ColumnElement[bool]:
    if before is None:
        condition: ColumnElement[bool] = at.is_not(None)
        return condition
    return or_(at < before[0], and_(at == before[0], key < before[1]))
