"""The office enters what came on paper: the same questions, rules and complaints as online."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications import uploads
from services.applications.commands.drafts import keep_for
from services.applications.commands.entry import FromTheFuture, enter_on_paper, paper_draft
from services.applications.commands.files import add_file, drop_files
from services.applications.domain import Application, Attachment, Rules, files_of
from services.applications.domain.answers import Answers, Declarations
from services.applications.domain.check import PARTS_ON_PAPER, check_all
from services.applications.queries.fund import NoRules, funds_at, rules_at, session_of, today
from services.applications.web.case_desk import CASE, HERE, LIST, case_path, handed_in
from services.applications.web.entry_form import Filled, complain, questions
from services.applications.web.files import MOST_BYTES, file_id, looked_into, refuse
from services.applications.web.orders import Ordered, first_time, order_of
from services.applications.web.visit import now, service_of
from shared.clock import BERLIN
from shared.days import NoSuchTime, at_local
from shared.web.access import Guarded
from shared.web.fields import day, time_of_day
from shared.web.forms import Day, Form, TimeOfDay, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

PATH: Final = f"{LIST}/neu"

router = Guarded()


class Entry(Filled, Declarations, Ordered):
    """The sheet of paper, and when it was here."""

    fund: str
    arrived_on: Day
    arrived_time: TimeOfDay


WRONG_ARRIVAL: Final[dict[type[Exception], tuple[str, str]]] = {
    FromTheFuture: ("arrived_on", lazy("Dieser Tag kommt erst noch. Bitte prüfen Sie Tag und Uhrzeit.")),
    NoSuchTime: ("arrived_time", lazy("Diese Uhrzeit gab es an dem Tag nicht: Die Uhr wurde vorgestellt.")),
    NoRules: ("arrived_on", lazy("An diesem Tag gab es den Fonds noch nicht.")),
    OverflowError: ("arrived_on", lazy("An diesem Tag gab es den Fonds noch nicht.")),
}  # fmt: skip


@router.get(PATH, action="office.enter")
async def show(request: Request) -> Response:
    """An empty sheet that arrived just now."""
    at = now(request)
    local = at.astimezone(BERLIN)
    async with service_of(request).db.read() as session:
        funds = await funds_at(session, at)
    known = {
        "command_id": str(uuid7()),
        "fund": next(iter(funds)),
        "arrived_on": f"{local:%Y-%m-%d}",
        "arrived_time": f"{local:%H:%M}",
        "language": "de",
    }
    return _page(request, blank(known), funds, [])


@router.post(PATH, action="office.enter", max_body=MOST_BYTES)
async def write(request: Request) -> Response:
    """Hand it in if all of it is right; what was typed and chosen stays in any case."""
    at, sent = now(request), await request.form()
    form = await read_form(request, Entry)
    act, unwanted = str(sent.get("aktion", "")), str(sent.get("remove", ""))
    application_id = _id(form)
    async with service_of(request).db.read() as session:
        funds = await funds_at(session, at)
    fund = form.values["fund"] if form.values["fund"] in funds else next(iter(funds))
    chosen = [file for file in sent.getlist("files") if isinstance(file, UploadFile)]
    await _keep_files(
        request,
        form,
        application_id,
        fund=fund,
        rules=funds[fund],
        chosen=chosen,
        unwanted=unwanted,
    )
    if not act and not unwanted:
        arrived_at, rules, answers = await _whole(request, form, fund)
        if answers is not None:
            await _enter(request, form, answers, fund, (arrived_at, rules))
            return see_other(case_path(application_id, "/eingetragen"))
    else:
        form.errors = {name: form.errors[name] for name in form.errors if name == "files"}
    async with service_of(request).db.read() as session:
        files = await files_of(session, application_id)
    return _page(request, form, funds, files, status=422 if form.errors else 200)


@router.get(CASE + "/eingetragen", action="office.enter")
async def done(request: Request, application_id: UUID) -> Response:
    """The number to write onto the paper, and the session it goes to."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        date = await session_of(session, application.session_id)
    return page(
        request,
        "office/entry_done.html",
        title=gettext_of(request)("Antrag eingetragen"),
        here=HERE,
        application=application,
        session=date,
    )


async def _keep_files(
    request: Request,
    form: Form[Any],
    application_id: UUID,
    *,
    fund: str,
    rules: Rules,
    chosen: Sequence[UploadFile],
    unwanted: str,
) -> None:
    """Files stay on our side even if the sheet has to be corrected: no browser keeps them."""
    good = await looked_into(request, form, chosen, rules.uploads)
    if not good and not unwanted:
        return
    service, at = service_of(request), now(request)
    async with service.db.begin() as session:
        known = await session.get(Application, application_id)
        if known is not None and known.number is not None:
            return
        draft = await paper_draft(session, application_id, fund=fund, at=at)
        await keep_for(session, draft, rules, at=at)
        if unwanted:
            await drop_files(session, draft.id, only=file_id(unwanted), at=at)
        folder = service.settings.files_dir
        for file in good:
            try:
                await add_file(session, draft, file, rules=rules.uploads, folder=folder, at=at)
            except uploads.TooMany as refused:
                refuse(request, form, refused, rules.uploads)


async def _whole(
    request: Request, form: Form[Entry], fund: str
) -> tuple[datetime, Rules, Answers | None]:
    """When it was here, the rules of that day, and the answers if all is right by them."""
    at = arrived_at = now(request)
    async with service_of(request).db.read() as session:
        rules = await rules_at(session, at, fund)
        try:
            if not {"arrived_on", "arrived_time"} & set(form.errors):
                arrived_at = _arrived(form, at)
                rules = await rules_at(session, arrived_at, fund)
        except tuple(WRONG_ARRIVAL) as error:
            name, sentence = WRONG_ARRIVAL[type(error)]
            form.refuse(name, gettext_of(request)(sentence))
    day, lang = today(arrived_at), language_of(request)
    whole = check_all(form.values, rules, parts=PARTS_ON_PAPER, today=day, lang=lang)
    complain(form, whole.errors)
    return arrived_at, rules, None if form.errors else whole.data


def _arrived(form: Form[Entry], at: datetime) -> datetime:
    """As typed; who leaves the minute that is now means now. Raises FromTheFuture, NoSuchTime."""
    typed = day(form.values["arrived_on"]), time_of_day(form.values["arrived_time"])
    local = at.astimezone(BERLIN)
    if typed == (local.date(), local.time().replace(second=0, microsecond=0)):
        return at
    arrived_at = at_local(*typed)
    if arrived_at > at:
        raise FromTheFuture
    return arrived_at


async def _enter(
    request: Request,
    form: Form[Entry],
    answers: Answers,
    fund: str,
    arrived: tuple[datetime, Rules],
) -> None:
    """Once, however often it is sent; raises CommandConflict if it says something else then."""
    assert form.data is not None
    service, (arrived_at, rules) = service_of(request), arrived
    content = form.data.model_dump(mode="json", exclude={"command_id", "version"})
    async with service.db.begin() as session:
        order = await order_of(request, session, form.data)
        if not await first_time(session, order, "enter_on_paper", order.command_id, content):
            return
        await enter_on_paper(
            session,
            order.command_id,
            answers,
            order,
            fund=fund,
            arrived_at=arrived_at,
            rules=rules,
            seals=service.seals,
        )


def _id(form: Form[Entry]) -> UUID:
    """The form's own id is the application's: kept files find it, and sending twice makes one."""
    try:
        return UUID(form.values["command_id"])
    except ValueError:
        form.values["command_id"] = str(new := uuid7())
        return new


def _page(
    request: Request,
    form: Form[Any],
    funds: Mapping[str, Rules],
    files: Sequence[Attachment],
    *,
    status: int = 200,
) -> Response:
    lang = language_of(request)
    return page(
        request,
        "office/entry.html",
        status=status,
        title=gettext_of(request)("Antrag auf Papier eintragen"),
        here=HERE,
        path=PATH,
        files=files,
        rules=next(iter(funds.values())),
        funds=[(code, rules.name.in_(lang)) for code, rules in funds.items()],
        **questions(request, form, funds),
    )
