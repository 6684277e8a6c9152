"""What becomes of a grant."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.applications.audiences import InternalEvent, PartnerEvent
from shared.events.applications.words import Budget, Matter, RevokedBecause, Signed


class GrantBecameEffective(PartnerEvent, frozen=True):
    """Released, and agreed to by the city where that is needed."""

    type: ClassVar[str] = "stadtteilbote.grant.became_effective.v1"

    application_id: UUID
    number: str
    amount_cents: int
    accept_by: AwareDatetime | None = None


class ConditionMet(PartnerEvent, frozen=True):
    """A condition is met; `accept_by` is known once the last one is and the grant is effective."""

    type: ClassVar[str] = "stadtteilbote.condition.met.v1"

    application_id: UUID
    number: str
    condition_id: UUID
    still_open: int
    accept_by: AwareDatetime | None = None


class GrantEnded(PartnerEvent, frozen=True):
    """A grant that comes to nothing: its sum is free again."""

    application_id: UUID
    number: str
    amount_cents: int
    budget: Budget


class GrantDeclined(GrantEnded, frozen=True):
    """The applicant does not want it."""

    type: ClassVar[str] = "stadtteilbote.grant.declined.v1"


class GrantLapsed(GrantEnded, frozen=True):
    """Not accepted, or a condition not met, in time."""

    type: ClassVar[str] = "stadtteilbote.grant.lapsed.v1"

    matter: Matter


class GrantRevoked(GrantEnded, frozen=True):
    """Taken back by the office, or refused by the city; why is told in an `ExplanationWritten`."""

    type: ClassVar[str] = "stadtteilbote.grant.revoked.v1"

    because: RevokedBecause


class AgreementSigned(InternalEvent, frozen=True):
    """The applicant accepts the grant with its agreement."""

    type: ClassVar[str] = "stadtteilbote.agreement.signed.v1"

    application_id: UUID
    number: str
    amount_cents: int
    signed: Signed
    signed_on: date
