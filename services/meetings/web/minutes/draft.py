"""By a link of their own: members who were there read, object and agree; the city reads the whole."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands.amendments import agree, propose
from services.meetings.commands.minutes_letters import check_whole_link, draft_reader
from services.meetings.commands.once import Order
from services.meetings.desk import Ordered, now, service_of
from services.meetings.domain.member import Member
from services.meetings.domain.minutes import MinutesStatus
from services.meetings.web.minutes.view import Sight, pdf, sight_of, title_of, words
from shared.web.access import Guarded
from shared.web.forms import Form, Text, blank, read_form
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.links import LinkRefused, Refusal
from shared.web.pages import gettext_of, language_of, page, see_other

draft_pages = Guarded(prefix="/sitzungen/{session_id}/protokoll")

GUESSES = limit("240/hour")
NO_SUCH_PART = lazy("Wählen Sie eine Stelle im Protokoll.")
HEADERS = {"Cache-Control": "no-store"}


class ObjectionForm(Ordered):
    part: str
    text: Text


@draft_pages.get("/entwurf/{token}", action="minutes.draft", dependencies=[GUESSES])
async def show(request: Request, session_id: UUID, token: str) -> Response:
    """The whole draft for one member who was there."""
    try:
        member, sight = await _opened(request, session_id, token)
    except LinkRefused as error:
        return _refused(request, error)
    return _page(request, member, sight, token, _new())


@draft_pages.post("/entwurf/{token}/einwand", action="minutes.draft", dependencies=[GUESSES])
async def object_to(request: Request, session_id: UUID, token: str) -> Response:
    """A wish for one part; the office answers it."""
    form = await read_form(request, ObjectionForm)
    try:
        member, sight = await _opened(request, session_id, token)
    except LinkRefused as error:
        return _refused(request, error)
    if form.data is not None and form.data.part not in sight.facts.parts:
        form.refuse("part", gettext_of(request)(NO_SUCH_PART))
    if form.data is None:
        return _page(request, member, sight, token, form, status=422)
    sent, click = form.data, _click(request, form.data, member)
    async with service_of(request).db.begin() as session:
        await propose(session, session_id, member.id, click, part=sent.part, text=sent.text)
    note = gettext_of(request)("Ihr Einwand ist da. Das Büro antwortet Ihnen auf dieser Seite.")
    return see_other(_path(sight, token), note=note)


@draft_pages.post("/entwurf/{token}/einverstanden", action="minutes.draft", dependencies=[GUESSES])
async def agree_with(request: Request, session_id: UUID, token: str) -> Response:
    """Nothing has to be changed for this member."""
    form = await read_form(request, Ordered)
    try:
        member, sight = await _opened(request, session_id, token)
    except LinkRefused as error:
        return _refused(request, error)
    click = _click(request, form.data or Ordered(), member)
    async with service_of(request).db.begin() as session:
        await agree(session, session_id, member.id, click)
    note = gettext_of(request)("Danke. Sie sind einverstanden.")
    return see_other(_path(sight, token), note=note)


@draft_pages.get("/gesamt/{token}", action="minutes.draft", dependencies=[GUESSES])
async def whole(request: Request, session_id: UUID, token: str) -> Response:
    """The whole minutes for the city."""
    try:
        sight = await _whole(request, session_id, token)
    except LinkRefused as error:
        return _refused(request, error)
    answer = page(
        request,
        "minutes/whole.html",
        title=title_of(request, sight),
        sight=sight,
        paper=sight.paper(language_of(request), whole=True),
        pdf_path=f"{sight.public_path}/gesamt/{token}/protokoll.pdf",
        **words(request),
    )
    answer.headers.update(HEADERS)
    return answer


@draft_pages.get("/gesamt/{token}/protokoll.pdf", action="minutes.draft", dependencies=[GUESSES])
async def whole_pdf(request: Request, session_id: UUID, token: str) -> Response:
    """The same on paper."""
    try:
        return await pdf(request, await _whole(request, session_id, token), whole=True)
    except LinkRefused as error:
        return _refused(request, error)


async def _opened(request: Request, session_id: UUID, token: str) -> tuple[Member, Sight]:
    async with service_of(request).db.read() as session:
        member = await draft_reader(session, session_id, token, at=now(request))
        return member, await sight_of(request, session, session_id)


async def _whole(request: Request, session_id: UUID, token: str) -> Sight:
    async with service_of(request).db.read() as session:
        await check_whole_link(session, session_id, token, at=now(request))
        return await sight_of(request, session, session_id)


def _refused(request: Request, error: LinkRefused) -> Response:
    """A link nobody was sent is no page; one of ours that is too old says so."""
    unknown = error.reason is Refusal.UNKNOWN
    return page(
        request,
        "minutes/link_refused.html",
        status=404 if unknown else 410,
        title=gettext_of(request)("Dieser Link geht nicht"),
        unknown=unknown,
        **words(request),
    )


def _click(request: Request, sent: Ordered, member: Member) -> Order:
    return Order(command_id=sent.command_id, by=f"member:{member.id}", at=now(request))


def _path(sight: Sight, token: str) -> str:
    return f"{sight.public_path}/entwurf/{token}"


def _new() -> Form[Any]:
    return blank({"command_id": str(uuid7())})


def _page(
    request: Request,
    member: Member,
    sight: Sight,
    token: str,
    form: Form[Any],
    *,
    status: int = 200,
) -> Response:
    minutes = sight.record.minutes
    open_still = minutes is not None and minutes.may_be_answered(at=sight.at)
    answer = page(
        request,
        "minutes/draft.html",
        status=status,
        title=title_of(request, sight),
        sight=sight,
        member=member,
        form=form,
        path=_path(sight, token),
        paper=sight.paper(language_of(request), whole=True),
        headings=sight.headings(language_of(request)),
        mine=[one for one, who in sight.record.amendments if who.id == member.id],
        has_agreed=member.id in sight.record.agreed,
        may_answer=open_still and sight.record.status is MinutesStatus.CIRCULATED,
        **words(request),
    )
    answer.headers.update(HEADERS)
    return answer
