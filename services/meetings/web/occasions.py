"""The office's occasions: planned, announced, changed, cancelled, documented."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands import occasions as commands
from services.meetings.commands.once import unchanged
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.occasions import IllegalMove, Occasion, OccasionStatus, Plan
from services.meetings.occasion_desk import (
    MOST_PLACES,
    OccasionForm,
    ReasonForm,
    ReportForm,
    known_values,
    refuse_plan,
    said,
)
from services.meetings.occasion_words import KIND, PLAN_BROKEN, STATUS, STATUS_KIND
from services.meetings.queries.occasions import Tally, occasions, tallies, tally
from shared.days import local_day
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other

occasion_pages = Guarded(prefix="/buero/termine")

HERE: Final = "termine"
LIST: Final = "/buero/termine"
WORDS: Final[dict[str, Any]] = {
    "KIND": KIND,
    "STATUS": STATUS,
    "STATUS_KIND": STATUS_KIND,
    "local_day": local_day,
    "MOST_PLACES": MOST_PLACES,
}


@occasion_pages.get("", action="occasion.office_read")
async def list_occasions(request: Request) -> Response:
    """All of them, with how many people come."""
    at = now(request)
    async with service_of(request).db.read() as session:
        coming = await occasions(session, "coming", at=at, public=False)
        past = await occasions(session, "past", at=at, public=False)
        counts = await tallies(session, [one.id for one in (*coming, *past)])
    return page(
        request,
        "occasions/office_list.html",
        title=said(request, lazy("Termine")),
        here=HERE,
        coming=coming,
        past=past,
        counts=counts,
        **WORDS,
    )


@occasion_pages.get("/neu", action="occasion.change")
async def plan_form(request: Request) -> Response:
    """An empty form."""
    known = {"command_id": str(uuid7()), "kind": "festival", "reminders": True}
    return _form_page(request, blank(known | {"waiting_list": True}), None)


@occasion_pages.post("/neu", action="occasion.change")
async def plan_occasion(request: Request) -> Response:
    """First the check page, then the draft that only the office sees."""
    form, _ = await read_form(request, OccasionForm), gettext_of(request)
    sent = form.data
    if sent is None or sent.turn == "change":
        return _form_page(request, form, None, status=422 if sent is None else 200)
    try:
        plan = sent.plan()
        if sent.turn == "save":
            async with service_of(request).db.begin() as session:
                new = await commands.plan_occasion(session, plan, order(request, sent))
            note = _("Der Termin ist gespeichert. Noch sieht ihn niemand außer dem Büro.")
            return see_other(f"{LIST}/{new}", note)
        Occasion.plan(plan, occasion_id=uuid7(), at=now(request))
    except tuple(PLAN_BROKEN) as error:
        refuse_plan(request, form, error)
        return _form_page(request, form, None, status=422)
    return _check_page(request, form, plan)


@occasion_pages.get("/{occasion_id}", action="occasion.office_read")
async def show_occasion(request: Request, occasion_id: UUID) -> Response:
    """One of them: what comes next, who comes, what was written."""
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        count = await tally(session, occasion_id)
    at = now(request)
    changeable = occasion.status in (OccasionStatus.PLANNED, OccasionStatus.ANNOUNCED)
    return page(
        request,
        "occasions/office_one.html",
        title=occasion.title,
        here=HERE,
        occasion=occasion,
        count=count,
        free=occasion.free(count.people),
        may_announce=occasion.may(OccasionStatus.ANNOUNCED) and occasion.starts_at > at,
        may_change=changeable and (occasion.status == "planned" or at < occasion.over_at),
        may_cancel=occasion.may(OccasionStatus.CANCELLED) and at < occasion.over_at,
        may_document=occasion.may(OccasionStatus.DOCUMENTED),
        **WORDS,
    )


@occasion_pages.get("/{occasion_id}/aendern", action="occasion.change")
async def change_form(request: Request, occasion_id: UUID) -> Response:
    """The occasion as it stands."""
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
    occasion.check_change(at=now(request))
    return _form_page(request, blank(known_values(occasion) | _new_order()), occasion)


@occasion_pages.post("/{occasion_id}/aendern", action="occasion.change")
async def change_occasion(request: Request, occasion_id: UUID) -> Response:
    """First the check page, which names how many people get told; then the change."""
    form, service = await read_form(request, OccasionForm), service_of(request)
    async with service.db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        count = await tally(session, occasion_id)
    sent = form.data
    if sent is None or sent.turn == "change":
        return _form_page(request, form, occasion, status=422 if sent is None else 200)
    try:
        plan, acting = sent.plan(), order(request, sent)
        if sent.turn == "save":
            async with service.db.begin() as session:
                await commands.change_occasion(session, service, occasion_id, plan, acting)
            note = said(request, lazy("Die Änderung ist gespeichert."))
            return see_other(f"{LIST}/{occasion_id}", note)
        unchanged("occasion", acting, now=occasion.version)
        before = occasion.as_planned
        occasion.change(plan, taken=count.people, registered=count.active > 0, at=acting.at)
    except tuple(PLAN_BROKEN) as error:
        refuse_plan(request, form, error)
        return _form_page(request, form, occasion, status=422)
    return _check_page(request, form, plan, before=before, count=count, occasion=occasion)


@occasion_pages.get("/{occasion_id}/ankuendigen", action="occasion.change")
async def announce_check(request: Request, occasion_id: UUID) -> Response:
    """Who will see it, before anybody does."""
    return await _asked(
        request,
        occasion_id,
        OccasionStatus.ANNOUNCED,
        "announce",
        said(request, lazy("Termin ankündigen")),
    )


@occasion_pages.post("/{occasion_id}/ankuendigen", action="occasion.change")
async def announce(request: Request, occasion_id: UUID) -> Response:
    """Invite everybody."""
    form = await read_form(request, Ordered)
    if form.data is None:
        return see_other(f"{LIST}/{occasion_id}/ankuendigen")
    try:
        async with service_of(request).db.begin() as session:
            await commands.announce_occasion(session, occasion_id, order(request, form.data))
    except tuple(PLAN_BROKEN) as error:
        raise IllegalMove(OccasionStatus.PLANNED, OccasionStatus.ANNOUNCED) from error
    note = said(
        request, lazy("Der Termin ist angekündigt. Alle mit einem Abo bekommen ein Schreiben.")
    )
    return see_other(f"{LIST}/{occasion_id}", note)


@occasion_pages.get("/{occasion_id}/absagen", action="occasion.change")
async def cancel_form(request: Request, occasion_id: UUID) -> Response:
    """Why: everybody reads it."""
    title = said(request, lazy("Termin absagen"))
    return await _asked(request, occasion_id, OccasionStatus.CANCELLED, "cancel", title)


@occasion_pages.post("/{occasion_id}/absagen", action="occasion.change")
async def cancel(request: Request, occasion_id: UUID) -> Response:
    """First the check page with the number of people told, then the end of it."""
    form, service = await read_form(request, ReasonForm), service_of(request)
    sent = form.data
    if sent is not None and sent.turn == "save":
        async with service.db.begin() as session:
            await commands.cancel_occasion(
                session, service, occasion_id, order(request, sent), reason=sent.reason
            )
        note = said(request, lazy("Der Termin ist abgesagt. Die Schreiben gehen jetzt hinaus."))
        return see_other(f"{LIST}/{occasion_id}", note)
    checked = sent is not None and sent.turn == "check"
    return await _asked(
        request,
        occasion_id,
        OccasionStatus.CANCELLED,
        "cancel_check" if checked else "cancel",
        said(request, lazy("Absage prüfen")) if checked else said(request, lazy("Termin absagen")),
        form=form,
    )


@occasion_pages.get("/{occasion_id}/bericht", action="occasion.change")
async def report_form(request: Request, occasion_id: UUID) -> Response:
    """How it was: empty, or as it was told before."""
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
    kept = {name: getattr(occasion, name) or "" for name in ("report", "visitors", "report_link")}
    form = blank(kept | _new_order() | {"version": occasion.version})
    return await _report_page(request, occasion_id, form)


@occasion_pages.post("/{occasion_id}/bericht", action="occasion.change")
async def report(request: Request, occasion_id: UUID) -> Response:
    """Tell everybody how it was."""
    form = await read_form(request, ReportForm)
    sent = form.data
    if sent is None:
        return await _report_page(request, occasion_id, form, status=422)
    async with service_of(request).db.begin() as session:
        await commands.document_occasion(
            session,
            occasion_id,
            order(request, sent),
            text=sent.report,
            visitors=sent.visitors,
            link=sent.report_link,
        )
    note = said(request, lazy("Der Bericht ist veröffentlicht."))
    return see_other(f"{LIST}/{occasion_id}", note)


def _new_order() -> dict[str, str]:
    return {"command_id": str(uuid7())}


async def _report_page(
    request: Request, occasion_id: UUID, form: Form[Any], *, status: int = 200
) -> Response:
    title = said(request, lazy("Bericht schreiben"))
    async with service_of(request).db.read() as session:
        came = (await tally(session, occasion_id)).arrived
    to = OccasionStatus.DOCUMENTED
    return await _asked(
        request, occasion_id, to, "report", title, form=form, status=status, came=came
    )


async def _asked(
    request: Request,
    occasion_id: UUID,
    to: OccasionStatus,
    template: str,
    title: str,
    *,
    form: Form[Any] | None = None,
    status: int | None = None,
    **more: Any,
) -> Response:
    """A page before a move, with whom it reaches; raises IllegalMove where there is none."""
    async with service_of(request).db.read() as session:
        occasion = await session.get_one(Occasion, occasion_id)
        count = await tally(session, occasion_id)
    occasion.check_move(to)
    known = {"version": occasion.version} | _new_order()
    return page(
        request,
        f"occasions/{template}.html",
        status=status or (422 if form and form.errors else 200),
        title=title,
        here=HERE,
        form=form or blank(known),
        occasion=occasion,
        count=count,
        **WORDS,
        **more,
    )


def _form_page(
    request: Request, form: Form[Any], occasion: Occasion | None, *, status: int = 200
) -> Response:
    title = (
        said(request, lazy("Termin ändern")) if occasion else said(request, lazy("Neuer Termin"))
    )
    return page(
        request,
        "occasions/form.html",
        status=status,
        title=title,
        here=HERE,
        form=form,
        occasion=occasion,
        **WORDS,
    )


def _check_page(
    request: Request,
    form: Form[Any],
    plan: Plan,
    *,
    before: Plan | None = None,
    count: Tally | None = None,
    occasion: Occasion | None = None,
) -> Response:
    """What will be kept; for an announced one whom the change reaches."""
    moved = before is not None and (
        (before.starts_at, before.place) != (plan.starts_at, plan.place)
    )
    return page(
        request,
        "occasions/check.html",
        title=said(request, lazy("Termin prüfen")),
        here=HERE,
        form=form,
        plan=plan,
        before=before,
        moved=moved,
        announced=occasion is not None and occasion.status is OccasionStatus.ANNOUNCED,
        count=count,
        **WORDS,
    )
