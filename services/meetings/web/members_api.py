"""The JSON API of the board's members, for the office's programs."""

from datetime import date
from typing import Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from services.meetings.commands import members as commands
from services.meetings.commands.members import AlreadyThere, NotYetThere, Particulars
from services.meetings.desk import Body, Language, now, order_of, service_of
from services.meetings.domain.member import BoardRole, MemberStatus
from services.meetings.domain.rights import RightBecause
from services.meetings.member_words import BROKEN_BY_MEMBERS, why_right
from services.meetings.queries.members import MemberLine, member_page, roll
from shared.events.people import Contact
from shared.web.access import Guarded
from shared.web.forms import Email, Line, Phone
from shared.web.pages import gettext_of, language_of
from shared.web.problems import problem

members_api = Guarded(prefix="/api/v1/meetings/members")


class RightOut(BaseModel):
    """Whether they may vote: `reason` for programs, `reason_text` for people."""

    may_vote: bool
    reason: RightBecause
    reason_text: str
    since: date | None
    attended: int
    held: int
    missing: int | None
    missed: int
    until_lost: int | None


class UnitOut(BaseModel):
    id: UUID
    kind: str
    name: str
    one_vote: bool


class MemberOut(BaseModel):
    """A member as the office knows them."""

    id: UUID
    name: str
    email: str | None
    phone: str | None
    street: str | None
    postcode: str | None
    city: str | None
    language: str
    status: MemberStatus
    roles: list[BoardRole]
    unit: UnitOut | None
    has_account: bool
    declared_on: date | None
    active_since: date | None
    suspended_since: date | None
    left_on: date | None
    right: RightOut
    version: int

    @classmethod
    def of(cls, line: MemberLine, lang: str) -> Self:
        """The line with its right said in the reader's language."""
        member, unit, right = line.member, line.unit, line.right
        kept = {name: getattr(member, name, None) for name in cls.model_fields}
        told = {name: getattr(right, name, None) for name in RightOut.model_fields}
        told |= {"reason": right.because, "reason_text": why_right(right, lang)}
        out = unit and UnitOut(
            id=unit.id, kind=unit.kind, name=unit.name, one_vote=line.shares_vote
        )
        return cls.model_validate(
            kept | {"right": told, "unit": out, "has_account": member.account_id is not None}
        )


class MemberList(BaseModel):
    members: list[MemberOut]


class MemberIn(Body):
    """Somebody to take in; with `declared_on`, the day of a signed declaration."""

    command_id: UUID
    name: Line
    email: Email | None = None
    phone: Phone | None = None
    street: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    language: Language = "de"
    unit_id: UUID | None = None
    declared_on: date | None = None

    def particulars(self) -> Particulars:
        """What the command works with."""
        kept = {"street", "postcode", "city", "name", "phone"}
        contact = Contact(email=self.email or "", **self.model_dump(include=kept))
        return Particulars(contact=contact, language=self.language, unit_id=self.unit_id)

    @property
    def is_reachable(self) -> bool:
        """By mail or at a whole postal address."""
        return bool(self.email or (self.street and self.postcode and self.city))


class DatedIn(Body):
    """`version` is the one read before: a member changed since then answers 409."""

    command_id: UUID
    version: int
    on: date


@members_api.get("", action="member.list", response_model=MemberList)
async def list_members(request: Request, status: MemberStatus | None = None) -> MemberList:
    """Everybody who is not erased, by name, or those of one status."""
    async with service_of(request).db.read() as session:
        everybody = await roll(session, at=now(request))
    lang = language_of(request)
    chosen = [line for line in everybody.lines if status in (None, line.member.status)]
    return MemberList(members=[MemberOut.of(line, lang) for line in chosen])


@members_api.get("/{member_id}", action="member.read", response_model=MemberOut)
async def read_member(request: Request, member_id: UUID) -> MemberOut:
    """One member."""
    async with service_of(request).db.read() as session:
        return await _told(request, session, member_id)


@members_api.post("", action="member.record", response_model=MemberOut, status_code=201)
async def record_member(request: Request, sent: MemberIn) -> Response:
    """Take somebody in as a guest, or with their declaration."""
    if not sent.is_reachable:
        said = gettext_of(request)("Schreiben Sie eine E-Mail-Adresse oder eine Postadresse.")
        return problem(request, 422, errors=[{"pointer": "#/email", "detail": said}])
    service = service_of(request)
    try:
        async with service.db.begin() as session:
            member_id = await commands.record_member(
                session,
                service,
                sent.particulars(),
                order_of(request, sent.command_id),
                declared_on=sent.declared_on,
            )
            return await _answer(request, session, member_id, 201)
    except AlreadyThere as error:
        return _broken(request, error, "#/name")
    except NotYetThere as error:
        return _broken(request, error, "#/declared_on")


@members_api.post("/{member_id}/declare", action="member.change", response_model=MemberOut)
async def declare(request: Request, member_id: UUID, sent: DatedIn) -> Response:
    """Enter the day of a declaration on paper."""
    try:
        async with service_of(request).db.begin() as session:
            order = order_of(request, sent.command_id, sent.version)
            await commands.declare(session, member_id, order, on=sent.on)
            return await _answer(request, session, member_id, 200)
    except NotYetThere as error:
        return _broken(request, error, "#/on")


@members_api.post("/{member_id}/leave", action="member.change", response_model=MemberOut)
async def leave(request: Request, member_id: UUID, sent: DatedIn) -> Response:
    """They belong to the board no more."""
    service = service_of(request)
    try:
        async with service.db.begin() as session:
            order = order_of(request, sent.command_id, sent.version)
            await commands.leave(session, service, member_id, order, on=sent.on)
            return await _answer(request, session, member_id, 200)
    except NotYetThere as error:
        return _broken(request, error, "#/on")


async def _answer(
    request: Request, session: AsyncSession, member_id: UUID, status: int
) -> Response:
    """The member as they stand after the command, the new version included."""
    await session.flush()
    told = await _told(request, session, member_id)
    return JSONResponse(told.model_dump(mode="json"), status)


async def _told(request: Request, session: AsyncSession, member_id: UUID) -> MemberOut:
    found = await member_page(session, member_id, at=now(request))
    return MemberOut.of(found.line, language_of(request))


def _broken(request: Request, error: Exception, pointer: str) -> Response:
    _field, sentence = BROKEN_BY_MEMBERS[type(error)]
    said = gettext_of(request)(sentence)
    return problem(request, 422, errors=[{"pointer": pointer, "detail": said}])
