"""One member: whether they may vote and why, how their sessions went, and what the office can do."""

from typing import Any, Final
from uuid import UUID

from babel import Locale, UnknownLocaleError
from fastapi import Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from services.meetings.commands import members as commands
from services.meetings.commands.rights import excuse
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.member import BoardRole
from services.meetings.domain.rights import Presence
from services.meetings.member_words import (
    BOARD_ROLE,
    MEMBER_KIND,
    MEMBER_STATUS,
    PRESENCE,
    PRESENCE_KIND,
    UNIT_KIND,
    why_right,
)
from services.meetings.queries.members import MemberPage, member_page
from services.meetings.web.members.lists import HERE
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.pages import gettext_of, language_of, page, see_other

one_pages = Guarded(prefix="/buero/mitglieder")

WORDS: Final[dict[str, Any]] = {
    "MEMBER_STATUS": MEMBER_STATUS,
    "MEMBER_KIND": MEMBER_KIND,
    "PRESENCE": PRESENCE,
    "PRESENCE_KIND": PRESENCE_KIND,
    "BOARD_ROLE": BOARD_ROLE,
    "UNIT_KIND": UNIT_KIND,
}


class RolesForm(Ordered):
    roles: list[BoardRole] = Field(default=[])


class ExcuseForm(Ordered):
    session_id: UUID
    excused: bool = False


@one_pages.get("/{member_id}", action="member.read")
async def show_member(request: Request, member_id: UUID) -> Response:
    """Everything about one member."""
    found = await _found(request, member_id)
    member = found.line.member
    known = {"roles": member.roles, "version": member.version, "command_id": str(uuid7())}
    return _member_page(request, blank(known), found)


@one_pages.post("/{member_id}/aufgaben", action="member.change")
async def give_roles(request: Request, member_id: UUID) -> Response:
    """Chair, deputy, minutes: who holds the session's screen."""
    form = await read_form(request, RolesForm)
    if form.data is None:
        return _member_page(request, form, await _found(request, member_id), status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await commands.give_roles(session, member_id, sent.roles, order(request, sent))
    note = gettext_of(request)("Die Aufgaben sind gespeichert.")
    return see_other(f"/buero/mitglieder/{member_id}", note=note)


@one_pages.post("/{member_id}/entschuldigt", action="member.change")
async def note_excuse(request: Request, member_id: UUID) -> Response:
    """Somebody had called after all, or had not."""
    form, _ = await read_form(request, ExcuseForm), gettext_of(request)
    if form.data is None:
        return _member_page(request, form, await _found(request, member_id), status=422)
    sent = form.data
    async with service_of(request).db.begin() as session:
        await excuse(
            session, member_id, sent.session_id, order(request, sent), excused=sent.excused
        )
    note = _("Als entschuldigt eingetragen.") if sent.excused else _("Die Entschuldigung ist weg.")
    return see_other(f"/buero/mitglieder/{member_id}", note=note)


async def _found(request: Request, member_id: UUID) -> MemberPage:
    async with service_of(request).db.read() as session:
        return await member_page(session, member_id, at=now(request))


def _member_page(
    request: Request, form: Form[Any], found: MemberPage, *, status: int = 200
) -> Response:
    line, _ = found.line, gettext_of(request)
    unit = line.unit.name if line.unit and line.shares_vote else ""
    return page(
        request,
        "members/member.html",
        status=status,
        title=line.member.name or _("Gelöschtes Mitglied"),
        here=HERE,
        form=form,
        found=found,
        line=line,
        member=line.member,
        right=why_right(line.right, language_of(request), unit=unit),
        counts={each: _count(found, each) for each in Presence},
        spoken=_language_name(line.member.language, language_of(request)),
        new_id=uuid7,
        **WORDS,
    )


def _language_name(code: str, lang: str) -> str:
    """What a language is called; the code itself if nobody knows its name."""
    try:
        return Locale.parse(code).get_language_name(lang) or code
    except (UnknownLocaleError, ValueError):
        return code


def _count(found: MemberPage, presence: Presence) -> int:
    return sum(one.presence is presence for one, _session in found.sittings)
