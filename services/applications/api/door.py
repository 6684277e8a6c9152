"""What every request of a program begins with: the router, its key, the version it has seen."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.api.shapes import ApplicationOut
from services.applications.domain import Application
from services.applications.domain.answers import Answers
from services.applications.queries.whole import whole_case
from services.applications.web.case_desk import handed_in, once
from services.applications.web.orders import Ordered
from services.applications.web.visit import now, service_of
from shared.once import Order
from shared.web.access import Guarded, Role, actor_of
from shared.web.fields import LONGEST_TEXT, readable
from shared.web.formats import iban_masked

api = Guarded(prefix="/api/v1/applications")

MOST_BYTES: Final = 512 * 1024
_ETAG: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')

Act = Callable[[AsyncSession, Application, Order], Awaitable[object]]


Note = Annotated[str, BeforeValidator(readable), Field(max_length=LONGEST_TEXT)]
"""Somebody's own words, or none."""


class Body(BaseModel):
    """What a program says, read as a form's fields are."""

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        return readable(value)


class Sent(Ordered):
    """A request as commands count it: its key, the version it was made for, what it says."""

    content: Any = None

    def saying(self, body: BaseModel | None) -> "Sent":
        """With its body: the same key with another one is a conflict."""
        content = body.model_dump(mode="json") if body is not None else None
        return self.model_copy(update={"content": content})


async def _sent(
    key: Annotated[
        UUID,
        Header(
            alias="Idempotency-Key",
            description="A UUID of the caller's choice. Sent again with the same content it"
            " changes nothing and answers the thing as it is now; with other content: 409.",
            examples=["0197a1c2-3b1e-7c55-9a58-5d1f2a3b4c5d"],
        ),
    ],
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            max_length=40,
            description="The `ETag` of an earlier answer. If somebody changed the thing since: 412.",
            examples=['"7"'],
        ),
    ] = "*",
) -> Sent:
    version = 0
    if if_match != "*":
        found = _ETAG.fullmatch(if_match)
        version = int(found[1]) if found else -1
    return Sent(command_id=key, version=version)


Click = Annotated[Sent, Depends(_sent)]
"""The headers of every request that changes something."""


async def carried_out(
    request: Request,
    response: Response,
    application_id: UUID,
    sent: Sent,
    act: Act,
    *,
    name: str,
    while_held: bool = False,
    moves_money: bool = False,
) -> ApplicationOut:
    """By the same door as the office's pages: once, on the version seen; then the case as it is."""
    await once(
        request,
        application_id,
        sent,
        act,
        name=f"api.{name}",
        while_held=while_held,
        moves_money=moves_money,
    )
    return await case_now(request, response, application_id)


async def case_now(request: Request, response: Response, application_id: UUID) -> ApplicationOut:
    """The case with everything about it; its version as `ETag`. Who only reads sees no account."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        out = ApplicationOut.of(await whole_case(session, application, at=now(request)))
    if out.answers is not None and not actor_of(request).has(Role.OFFICE):
        out.answers = _without_account(out.answers)
    response.headers["ETag"] = f'"{out.version}"'
    return out


def _without_account(answers: Answers) -> Answers:
    masked = {"iban": iban_masked(answers.applicant.iban)}
    return answers.model_copy(update={"applicant": answers.applicant.model_copy(update=masked)})
