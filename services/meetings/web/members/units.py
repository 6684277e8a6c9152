"""Institutions and households of the board, and who belongs to each."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.board_words import ONE_VOTE_PER
from services.meetings.commands.units import NameTaken, create_unit, rename_unit
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.member import Unit, UnitKind
from services.meetings.member_words import UNIT_KIND
from services.meetings.queries.members import rules_today, units
from services.meetings.web.members.lists import HERE
from services.meetings.web.members.taking_in import refuse_member
from shared.web.access import Guarded
from shared.web.forms import Form, Line, blank, read_form
from shared.web.pages import gettext_of, page, see_other

unit_pages = Guarded(prefix="/buero/mitglieder/einheiten")

LIST = "/buero/mitglieder/einheiten"


class NewUnitForm(Ordered):
    kind: UnitKind
    name: Line


class NameForm(Ordered):
    name: Line


@unit_pages.get("", action="member.list")
async def list_units(request: Request) -> Response:
    """All of them, and the form for one more."""
    known = {"command_id": str(uuid7()), "kind": UnitKind.INSTITUTION.value}
    return await _list_page(request, blank(known))


@unit_pages.post("", action="unit.change")
async def new_unit(request: Request) -> Response:
    """One more, to be chosen in the form of a member."""
    form = await read_form(request, NewUnitForm)
    if form.data is None:
        return await _list_page(request, form, status=422)
    sent = form.data
    try:
        async with service_of(request).db.begin() as session:
            await create_unit(session, order(request, sent), kind=sent.kind, name=sent.name)
    except NameTaken as error:
        refuse_member(request, form, error)
        return await _list_page(request, form, status=422)
    return see_other(
        LIST, note=gettext_of(request)("Angelegt. Sie können jetzt Mitglieder zuordnen.")
    )


@unit_pages.get("/{unit_id}", action="unit.change")
async def rename_form(request: Request, unit_id: UUID) -> Response:
    """Another name for the same."""
    unit = await _unit(request, unit_id)
    known = {"name": unit.name, "version": unit.version, "command_id": str(uuid7())}
    return _unit_page(request, blank(known), unit)


@unit_pages.post("/{unit_id}", action="unit.change")
async def rename(request: Request, unit_id: UUID) -> Response:
    """Its members stay."""
    form, unit = await read_form(request, NameForm), await _unit(request, unit_id)
    if form.data is None:
        return _unit_page(request, form, unit, status=422)
    sent = form.data
    try:
        async with service_of(request).db.begin() as session:
            await rename_unit(session, unit_id, order(request, sent), name=sent.name)
    except NameTaken as error:
        refuse_member(request, form, error)
        return _unit_page(request, form, unit, status=422)
    return see_other(LIST, note=gettext_of(request)("Der neue Name ist gespeichert."))


async def _unit(request: Request, unit_id: UUID) -> Unit:
    async with service_of(request).db.read() as session:
        return await session.get_one(Unit, unit_id)


async def _list_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    async with service_of(request).db.read() as session:
        found = [pair for pair in await units(session) if pair[0].name]
        rules = await rules_today(session, at=now(request))
    return page(
        request,
        "members/units.html",
        status=status,
        title=gettext_of(request)("Institutionen und Haushalte"),
        here=HERE,
        form=form,
        units=found,
        one_vote=ONE_VOTE_PER[rules.one_vote_per],
        UNIT_KIND=UNIT_KIND,
    )


def _unit_page(request: Request, form: Form[Any], unit: Unit, *, status: int = 200) -> Response:
    title = gettext_of(request)("Namen ändern")
    return page(
        request,
        "members/unit.html",
        status=status,
        title=title,
        here=HERE,
        form=form,
        unit=unit,
        UNIT_KIND=UNIT_KIND,
    )
