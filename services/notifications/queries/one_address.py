"""Everything known here about one address, wherever it stands: for whoever asks about themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.addressbook import BoardMember, Case, Person
from services.notifications.domain.bounce import Bounce
from services.notifications.domain.issue import Issue, IssueLetter, IssueText
from services.notifications.domain.letter import Attempt, Letter, LetterFile, Suppression
from services.notifications.domain.subscription import Consent, Subscription
from shared.events.people import Contact
from shared.sealed import Sealed
from shared.service import Service
from shared.web.i18n import BINDING


@dataclass(frozen=True, kw_only=True)
class About:
    """One human by their address: the ids, and what stands behind each."""

    address_hash: str
    person_ids: Sequence[UUID]
    subscription: Subscription | None
    people: Sequence[Person]
    consents: Sequence[tuple[Consent, Contact | None]]
    letters: Sequence[Letter]
    attempts: Sequence[Attempt]
    files: Sequence[Any]
    """Names and sums of what was enclosed."""
    issues: Sequence[Any]
    """Copies of newsletters and press releases, with their subjects."""
    bounces: Sequence[Bounce]
    suppression: Suppression | None
    cases: Sequence[Case]
    board: Sequence[BoardMember]

    @property
    def address(self) -> str:
        """As it was last written; "" if only traces are left."""
        contacts = [contact for _consent, contact in self.consents if contact is not None]
        known = [self.subscription, *self.people, *reversed(self.letters)]
        found = [one.address for one in known if one is not None and one.address]
        return next(iter([*found, *(contact.email for contact in contacts)]), "")

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        return any((self.subscription, self.people, self.letters, self.bounces, self.suppression))


async def all_about(session: AsyncSession, service: Service, address_hash: str) -> About:
    """Read in one go, so that the parts fit together."""
    mine = select(Subscription).where(Subscription.address_hash == address_hash)
    subscription = await session.scalar(mine)
    ids = await _ids(session, service, address_hash, subscription)
    letters = await _letters(session, ids, subscription)
    letter_ids = [letter.id for letter in letters]
    file = (LetterFile.letter_id, LetterFile.name, LetterFile.media_type, LetterFile.sha256)
    return About(
        address_hash=address_hash,
        person_ids=ids,
        subscription=subscription,
        people=await _all(session, select(Person).where(Person.id.in_(ids))),
        consents=await _consents(session, service, subscription),
        letters=letters,
        attempts=await _all(session, select(Attempt).where(Attempt.letter_id.in_(letter_ids))),
        files=(
            await session.execute(select(*file).where(LetterFile.letter_id.in_(letter_ids)))
        ).all(),
        issues=await _issues(session, subscription),
        bounces=await _all(session, select(Bounce).where(Bounce.address_hash == address_hash)),
        suppression=await session.get(Suppression, address_hash),
        cases=await _all(session, select(Case).where(Case.person_id.in_(ids))),
        board=await _all(session, select(BoardMember).where(BoardMember.person_id.in_(ids))),
    )


async def _ids(
    session: AsyncSession, service: Service, address_hash: str, subscription: Subscription | None
) -> list[UUID]:
    """By the keys; where those are gone already, by what was written to the address."""
    ids = set(await service.seals.ids_of(address_hash))
    if subscription is not None:
        ids.add(subscription.person_id)
    if not ids:
        written = select(Letter.person_id).where(Letter.address_hash == address_hash)
        ids = {one for one in await session.scalars(written) if one is not None}
    return sorted(ids)


async def _letters(
    session: AsyncSession, ids: Sequence[UUID], subscription: Subscription | None
) -> Sequence[Letter]:
    theirs: list[ColumnElement[bool]] = [Letter.person_id.in_(ids)]
    if subscription is not None:
        theirs.append(Letter.subscription_id == subscription.id)
    return await _all(session, select(Letter).where(or_(*theirs)).order_by(Letter.id))


async def _consents(
    session: AsyncSession, service: Service, subscription: Subscription | None
) -> list[tuple[Consent, Contact | None]]:
    if subscription is None:
        return []
    given = select(Consent).where(Consent.subscription_id == subscription.id)
    consents = (await session.scalars(given.order_by(Consent.asked_at, Consent.id))).all()
    boxes = [Sealed.model_validate(consent.contact) for consent in consents]
    contacts = await service.seals.open_all(boxes, Contact)
    return list(zip(consents, contacts, strict=True))


async def _issues(session: AsyncSession, subscription: Subscription | None) -> Sequence[Any]:
    if subscription is None:
        return []
    copies = (
        select(
            Issue.kind,
            IssueText.subject,
            IssueLetter.language,
            IssueLetter.state,
            IssueLetter.sent_at,
            IssueLetter.answer,
        )
        .join(Issue, Issue.id == IssueLetter.issue_id)
        .outerjoin(IssueText, (IssueText.issue_id == Issue.id) & (IssueText.language == BINDING))
        .where(IssueLetter.subscription_id == subscription.id)
        .order_by(Issue.created_at, Issue.id)
    )
    return (await session.execute(copies)).all()


async def _all(session: AsyncSession, chosen: Any) -> Sequence[Any]:
    return (await session.scalars(chosen)).all()
