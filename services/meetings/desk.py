"""What every page of ours needs at hand: the service, the hour, the reader's words, the order."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from uuid_utils.compat import uuid7

from services.meetings.commands.once import Order
from services.meetings.domain.account import Account
from services.meetings.domain.ballots import Ballots, DoesNotAddUp
from services.meetings.words import BROKEN, ROLE, WRONG
from shared.events.meetings import Motion, VotedCondition
from shared.service import Service
from shared.web.access import actor_of
from shared.web.fields import Day, readable, refusal
from shared.web.forms import Form
from shared.web.i18n import LANGUAGES
from shared.web.pages import gettext_of


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise refusal("enum")
    return code


Language = Annotated[str, AfterValidator(_known_language)]
"""One of the languages that the pages have a catalogue for."""


class Ordered(BaseModel):
    """The hidden fields of every form that changes something."""

    command_id: UUID = Field(default_factory=uuid7)
    version: int = 0


class Body(BaseModel):
    """What a program says, read as a form's fields are; nothing unknown beside it."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: readable(one) for key, one in value.items()}
        return readable(value)


LAST_DAY: Final = date(2199, 12, 31)
"""Whoever names a later one has mistyped it, and days are still counted on from here."""


def _in_reach(day: date) -> date:
    if day > LAST_DAY:
        raise refusal("no_such_date")
    return day


Due = Annotated[Day, AfterValidator(_in_reach)]
"""A day until which something is to be done."""

Count = Annotated[int, Field(ge=0, le=10_000)]
MOST_CONDITIONS: Final = 20
MOST_SIGNS: Final = 2000


class Sheet(BaseModel):
    """What was counted at a vote, typed into a form or sent by a program.

    `present` are members, the recused among them.
    """

    motion: Motion
    amount_cents: int | None = Field(default=None, ge=0)
    conditions: Sequence[BaseModel] = Field(default=[], max_length=MOST_CONDITIONS)
    members: Count
    present: Count
    recused: Count = 0
    yes: Count
    no: Count
    abstain: Count = 0
    invalid: Count = 0
    text: Annotated[str, BeforeValidator(readable)] = Field(default="", max_length=MOST_SIGNS)
    """The sentence that was decided, where it is about no application."""

    def ballots(self) -> Ballots:
        """What the command works with."""
        counted = self.model_dump(include=set(Sheet.model_fields) - {"conditions"})
        conditions = (VotedCondition(**line.model_dump()) for line in self.conditions)
        return Ballots(**counted, conditions=tuple(conditions))


def service_of(request: Request) -> Service:
    """The service this request came to."""
    service: Service = request.app.state.service
    return service


def now(request: Request) -> datetime:
    """The hour on the service's clock (UTC)."""
    return service_of(request).clock.now()


def order(request: Request, sent: Ordered) -> Order:
    """The click as commands know it."""
    return order_of(request, sent.command_id, sent.version)


def order_of(request: Request, command_id: UUID, version: int = 0) -> Order:
    """The click of whoever is signed in."""
    return Order(command_id=command_id, version=version, by=by(request), at=now(request))


def by(request: Request) -> str:
    """Who acts, as the trail keeps it."""
    return f"account:{actor_of(request).account_id}"


def refuse(request: Request, form: Form[Any], error: Exception) -> None:
    """Say a broken rule next to its field; raises errors that no form can explain."""
    if type(error) not in BROKEN:
        raise error
    name, sentence = BROKEN[type(error)]
    form.refuse(name, gettext_of(request)(sentence))


def refuse_sheet(request: Request, form: Form[Any], error: DoesNotAddUp) -> None:
    """Say what does not add up next to each field."""
    for name, wrong in error.found.items():
        form.refuse(name, gettext_of(request)(WRONG[wrong]))


def role_names(request: Request, account: Account) -> list[str]:
    """The account's roles in the reader's words, in the order of `ROLE`."""
    _ = gettext_of(request)
    return [_(name) for role, name in ROLE.items() if role in account.role_set]
