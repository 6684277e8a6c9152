"""Who comes and who goes: one tap each, the hour shown and corrected, a code for the phone."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final, Literal
from uuid import UUID, uuid5

import segno
from fastapi import Request, Response
from pydantic import BaseModel, Field
from uuid_utils.compat import uuid7

from services.meetings.commands import room
from services.meetings.commands.members import Particulars, record_member
from services.meetings.commands.once import Order
from services.meetings.commands.passes import issue_pass
from services.meetings.desk import Ordered, by, now, order, service_of
from services.meetings.domain.attendance import Attendance
from services.meetings.domain.member import Member
from services.meetings.domain.room import ImpossibleTime
from services.meetings.domain.session import Session, Status
from services.meetings.queries.room import Attendee
from services.meetings.queries.room import room as room_view
from services.meetings.room_words import MEMBER_STATUS
from services.meetings.vault import Vault
from services.meetings.web.room.door import Entered, back, enter
from shared.clock import BERLIN
from shared.days import NoSuchTime, at_local, local_day
from shared.events.people import Contact
from shared.web.access import Guarded
from shared.web.forms import Form, Line, TimeOfDay, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page

attendance_pages = Guarded(prefix="/buero/sitzungen/{session_id}/raum/anwesenheit")

HERE: Final = "sitzungen"
BELOW: Final = "/anwesenheit"
DOOR: Final = "/abstimmen"

SAVED: Final = lazy("Das ist gespeichert.")
GUEST_THERE: Final = lazy("Der Gast steht auf der Liste.")
IMPOSSIBLE: Final = lazy(
    "Diese Uhrzeiten passen nicht. Niemand geht, bevor er kommt, oder kommt später als jetzt."
)

Act = Literal["arrive", "depart", "excuse"]


class Tap(Ordered):
    """One person and what they just did."""

    member_id: UUID
    act: Act
    letter: str = Field(default="", max_length=4)


class Hours(Ordered):
    """The hours of one stay as somebody read them from the clock."""

    arrived: TimeOfDay
    departed: TimeOfDay | None = None


class Guest(Ordered):
    name: Line


class Guests(Ordered):
    guests: int = Field(ge=0, le=1000)


class Code(BaseModel):
    member_id: UUID


@attendance_pages.get("", action="room.read")
async def show(request: Request, session_id: UUID) -> Response:
    """Everybody by name; a letter in the address shows only those."""
    return await _page(request, session_id, blank())


@attendance_pages.post("", action="room.run")
async def tap(request: Request, session_id: UUID) -> Response:
    """Comes, goes, or sent word; the same tap again changes nothing."""
    service = service_of(request)
    async with service.db.begin() as session:
        entered = await enter(request, session, session_id, "room.run")
        sent = (await read_form(request, Tap)).data
        if sent is None:
            return back(request, entered, to=BELOW)
        sign = order(request, sent)
        member = await session.get_one(Member, sent.member_id)
        if sent.act == "arrive":
            await room.arrive(session, session_id, sent.member_id, sign)
        elif sent.act == "depart":
            await room.depart(session, session_id, sent.member_id, sign)
        else:
            await room.excuse(session, session_id, sent.member_id, sign)
    only = f"?buchstabe={sent.letter}" if sent.letter.isalpha() else ""
    return back(request, entered, to=f"{BELOW}{only}#m-{member.id}")


@attendance_pages.get("/zeiten/{stay_id}", action="room.run")
async def hours_form(request: Request, session_id: UUID, stay_id: UUID) -> Response:
    """The hours as they stand, to be corrected."""
    async with service_of(request).db.read() as session:
        entered = await enter(request, session, session_id, "room.run")
        stay = await session.get_one(Attendance, stay_id)
        member = await session.get_one(Member, stay.member_id)
    known = {"command_id": str(uuid7()), "arrived": on_the_clock(stay.arrived_at)}
    if stay.departed_at:
        known["departed"] = on_the_clock(stay.departed_at)
    return _hours_page(request, blank(known), entered, member)


@attendance_pages.post("/zeiten/{stay_id}", action="room.run")
async def correct(request: Request, session_id: UUID, stay_id: UUID) -> Response:
    """Other hours; what cannot be is said beside the field."""
    service = service_of(request)
    async with service.db.read() as session:
        entered = await enter(request, session, session_id, "room.run")
        stay = await session.get_one(Attendance, stay_id)
        member = await session.get_one(Member, stay.member_id)
    form = await read_form(request, Hours)
    if form.data is None:
        return _hours_page(request, form, entered, member, status=422)
    sent = form.data
    try:
        arrived = _instant(sent.arrived, like=stay.arrived_at)
        gone = _instant(sent.departed, like=stay.departed_at or arrived) if sent.departed else None
        async with service.db.begin() as session:
            await room.correct(
                session,
                session_id,
                stay_id,
                order(request, sent),
                arrived_at=arrived,
                departed_at=gone,
            )
    except (ImpossibleTime, NoSuchTime):
        form.refuse("arrived", gettext_of(request)(IMPOSSIBLE))
        return _hours_page(request, form, entered, member, status=422)
    return back(request, entered, SAVED, to=f"{BELOW}#m-{member.id}")


@attendance_pages.post("/gast", action="room.run")
async def add_guest(request: Request, session_id: UUID) -> Response:
    """Somebody new who says their name: known from now on, and there."""
    service = service_of(request)
    async with service.db.read() as session:
        entered = await enter(request, session, session_id, "room.run")
    form = await read_form(request, Guest)
    if form.data is None:
        return await _page(request, session_id, form, status=422)
    sign = order(request, form.data)
    who = Particulars(contact=Contact(name=form.data.name, email=""), language=language_of(request))
    async with service.db.begin() as session:
        member_id = await record_member(session, service, who, sign)
        await room.arrive(session, session_id, member_id, _second(sign))
    return back(request, entered, GUEST_THERE, to=f"{BELOW}#m-{member_id}")


@attendance_pages.post("/gaeste", action="room.run")
async def number_guests(request: Request, session_id: UUID) -> Response:
    """How many people are there besides, whom nobody asks for a name."""
    service = service_of(request)
    async with service.db.read() as session:
        entered = await enter(request, session, session_id, "room.run")
    form = await read_form(request, Guests)
    if form.data is None:
        return await _page(request, session_id, form, status=422)
    async with service.db.begin() as session:
        await room.count_guests(
            session, session_id, order(request, form.data), guests=form.data.guests
        )
    return back(request, entered, SAVED, to=BELOW)


@attendance_pages.post("/code", action="room.run")
async def hand_out_code(request: Request, session_id: UUID) -> Response:
    """A new code for one member's phone, shown on this answer only; an older one ends."""
    service = service_of(request)
    async with service.db.begin() as session:
        entered = await enter(request, session, session_id, "room.run")
        sent = (await read_form(request, Code)).data
        if sent is None:
            return back(request, entered, to=BELOW)
        member = await session.get_one(Member, sent.member_id)
        sign = Order(command_id=uuid7(), by=by(request), at=now(request))
        vault = Vault(service.settings)
        code = await issue_pass(session, vault, session_id, sent.member_id, sign)
    address = f"{service.settings.origin}{DOOR}"
    return page(
        request,
        "room/code.html",
        title=gettext_of(request)("Code fürs Handy"),
        here=HERE,
        entered=entered,
        member=member,
        code=f"{code[:4]} {code[4:]}",
        address=address,
        qr=segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
    )


async def _page(
    request: Request, session_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    async with service_of(request).db.read() as session:
        entered = await enter(request, session, session_id, "room.read")
        view = await room_view(session, session_id)
    chosen = request.query_params.get("buchstabe", "")[:1].upper()
    meeting = entered.meeting
    return page(
        request,
        "room/attendance.html",
        status=status,
        title=gettext_of(request)("Kommen und gehen"),
        here=HERE,
        form=form,
        entered=entered,
        meeting=meeting,
        people=[one for one in view.people if not chosen or _letter(one) == chosen],
        there=len(view.there),
        letters=sorted({_letter(one) for one in view.people} - {""}),
        chosen=chosen,
        guests=view.guests,
        open_door=_may_come(meeting, now(request)),
        new_id=uuid7,
        STATUS=MEMBER_STATUS,
    )


def _letter(one: Attendee) -> str:
    return one.member.name[:1].upper()


def _may_come(meeting: Session, at: datetime) -> bool:
    """Arrivals are written down while the session is open, and on its day before that."""
    today = local_day(at) == local_day(meeting.starts_at)
    return meeting.status is Status.OPEN or (meeting.status is Status.INVITED and today)


def _hours_page(
    request: Request, form: Form[Any], entered: Entered, member: Member, *, status: int = 200
) -> Response:
    return page(
        request,
        "room/hours.html",
        status=status,
        title=gettext_of(request)("Uhrzeiten ändern"),
        here=HERE,
        form=form,
        entered=entered,
        member=member,
    )


def on_the_clock(instant: datetime) -> str:
    return instant.astimezone(BERLIN).strftime("%H:%M")


def _instant(typed: time, *, like: datetime) -> datetime:
    """The same day's other hour; an hour nobody changed keeps its seconds."""
    if typed.strftime("%H:%M") == on_the_clock(like):
        return like
    return at_local(local_day(like), typed)


def _second(sign: Order) -> Order:
    """The other half of one click: named after the first, so that a repeated click repeats both."""
    return replace(sign, command_id=uuid5(sign.command_id, "arrive"))
