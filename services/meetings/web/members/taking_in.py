"""The forms about one person: taking them in, and changing how to reach them."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands import members as commands
from services.meetings.commands.members import AlreadyThere, NotYetThere, Particulars
from services.meetings.desk import Language, Ordered, order, service_of
from services.meetings.domain.member import Member
from services.meetings.member_words import BROKEN_BY_MEMBERS, UNIT_KIND
from services.meetings.queries.members import units
from services.meetings.web.members.lists import HERE
from shared.events.people import Contact
from shared.web.access import Guarded
from shared.web.forms import Day, Email, Form, Line, Phone, blank, read_form
from shared.web.i18n import LANGUAGES
from shared.web.pages import gettext_of, page, see_other

form_pages = Guarded(prefix="/buero/mitglieder")


class PersonForm(Ordered):
    """Who somebody is; without an e-mail address they are written to on paper."""

    name: Line
    email: Email | None = None
    phone: Phone | None = None
    street: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    language: Language = "de"
    unit_id: UUID | None = None

    def particulars(self) -> Particulars:
        """What the command works with."""
        contact = Contact(
            name=self.name,
            email=self.email or "",
            phone=self.phone,
            street=self.street,
            postcode=self.postcode,
            city=self.city,
        )
        return Particulars(contact=contact, language=self.language, unit_id=self.unit_id)


class NewMemberForm(PersonForm):
    on: Day | None = None
    """The day on the sheet they signed; without one they are a guest."""


@form_pages.get("/neu", action="member.record")
async def new_member(request: Request) -> Response:
    """Name, how to reach them, and the sheet they signed."""
    form = blank({"command_id": str(uuid7()), "language": "de"})
    return await _new_page(request, form)


@form_pages.post("/neu", action="member.record")
async def record_member(request: Request) -> Response:
    """Taken in; with a declaration they are on their way to the vote."""
    form, service = await read_form(request, NewMemberForm), service_of(request)
    check_reachable(request, form)
    if form.data is None:
        return await _new_page(request, form, status=422)
    sent = form.data
    try:
        async with service.db.begin() as session:
            member_id = await commands.record_member(
                session, service, sent.particulars(), order(request, sent), declared_on=sent.on
            )
    except (AlreadyThere, NotYetThere) as error:
        refuse_member(request, form, error)
        return await _new_page(request, form, status=422)
    note = gettext_of(request)("Gespeichert. Wir schreiben an diese Adresse.")
    return see_other(f"/buero/mitglieder/{member_id}", note=note)


@form_pages.get("/{member_id}/aendern", action="member.change")
async def change_form(request: Request, member_id: UUID) -> Response:
    """What is known, ready to be changed."""
    member = await _member(request, member_id)
    known: dict[str, Any] = member.contact.model_dump() | {
        "language": member.language,
        "unit_id": str(member.unit_id) if member.unit_id else "",
        "version": member.version,
        "command_id": str(uuid7()),
    }
    return await _change_page(request, blank(known), member)


@form_pages.post("/{member_id}/aendern", action="member.change")
async def change_member(request: Request, member_id: UUID) -> Response:
    """From now on we write to the new address."""
    form, service = await read_form(request, PersonForm), service_of(request)
    check_reachable(request, form)
    if form.data is None:
        member = await _member(request, member_id)
        return await _change_page(request, form, member, status=422)
    sent = form.data
    async with service.db.begin() as session:
        await commands.change_contact(
            session, service, member_id, sent.particulars(), order(request, sent)
        )
    note = gettext_of(request)("Gespeichert.")
    return see_other(f"/buero/mitglieder/{member_id}", note=note)


def check_reachable(request: Request, form: Form[Any]) -> None:
    """An e-mail address or a whole postal one: without either nobody can be invited."""
    sent, _ = form.data, gettext_of(request)
    if sent is None or sent.email:
        return
    if not (sent.street or sent.postcode or sent.city):
        form.refuse("email", _("Schreiben Sie eine E-Mail-Adresse oder eine Postadresse."))
        return
    for name in ("street", "postcode", "city"):
        if not getattr(sent, name):
            form.errors.setdefault(name, _("Das fehlt noch in der Postadresse."))
    if form.errors:
        form.data = None


def refuse_member(request: Request, form: Form[Any], error: Exception) -> None:
    """Say a broken rule next to its field."""
    name, sentence = BROKEN_BY_MEMBERS[type(error)]
    form.refuse(name, gettext_of(request)(sentence))


async def _member(request: Request, member_id: UUID) -> Member:
    async with service_of(request).db.read() as session:
        return await session.get_one(Member, member_id)


async def _unit_choices(session: AsyncSession, say: Any) -> list[tuple[str, str]]:
    found = [unit for unit, _members in await units(session) if unit.name]
    return [(str(unit.id), f"{unit.name} ({say(UNIT_KIND[unit.kind])})") for unit in found]


async def _new_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    title = gettext_of(request)("Mitglied aufnehmen")
    return await _page(request, "members/new.html", form, title=title, status=status)


async def _change_page(
    request: Request, form: Form[Any], member: Member, *, status: int = 200
) -> Response:
    title = gettext_of(request)("Angaben ändern")
    return await _page(
        request, "members/change.html", form, title=title, status=status, member=member
    )


async def _page(
    request: Request, template: str, form: Form[Any], *, title: str, status: int, **more: Any
) -> Response:
    async with service_of(request).db.read() as session:
        choices = await _unit_choices(session, gettext_of(request))
    return page(
        request,
        template,
        status=status,
        title=title,
        here=HERE,
        form=form,
        choices=choices,
        LANGUAGES=LANGUAGES,
        **more,
    )
