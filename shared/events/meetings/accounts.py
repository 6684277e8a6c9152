"""Letters that open accounts."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class AccountEvent(Event, frozen=True):
    """A letter that opens an account: contact and link travel sealed, nothing else is personal."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "account_id"

    account_id: UUID
    contact: Sealed
    link: Sealed
    expires_at: AwareDatetime
    language: str


class SignInRequested(AccountEvent, frozen=True):
    """Somebody asked for a sign-in link; `link` holds a `Link` with address and code."""

    type: ClassVar[str] = "stadtteilbote.sign_in.requested.v1"


class AccountInvited(AccountEvent, frozen=True):
    """The office opened or reset an account; `link` (a `Link` without code) leads to its set-up."""

    type: ClassVar[str] = "stadtteilbote.account.invited.v1"
