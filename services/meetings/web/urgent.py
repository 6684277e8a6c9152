"""What cannot wait: office or chair decide alone, with a reason that everybody can read."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.chairs import let_in
from services.meetings.commands.once import unchanged
from services.meetings.commands.urgent import check_alone, decide_urgently
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.board import Rules
from services.meetings.domain.session import Session
from services.meetings.followup_words import BROKEN
from services.meetings.queries import AgendaLine
from services.meetings.web.circular import item_of, rules_now, say
from services.meetings.web.sessions import Turn
from shared.web.access import Guarded
from shared.web.forms import Cents, Form, Text, blank, read_form
from shared.web.pages import gettext_of, page, see_other

urgent_pages = Guarded(prefix="/buero/sitzungen/{session_id}/punkte/{item_id}/eilentscheidung")

HERE: Final = "sitzungen"


class UrgentForm(Ordered):
    """The sum and why it cannot wait; `version` is the item's."""

    amount_cents: Cents
    why: Text
    turn: Turn = "check"


@urgent_pages.get("", action="urgent.decide")
async def urgent_form(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """An empty form, or why nobody may decide this alone."""
    async with service_of(request).db.read() as session:
        await let_in(request, session, "urgent.decide")
        line, meeting = await item_of(session, session_id, item_id)
        rules = await rules_now(request, session)
    line.item.check_between(answered=line.is_answered)
    known = {"command_id": str(uuid7()), "version": line.item.version}
    limit = rules.urgent_limit_cents if rules else None
    if limit is not None and line.asked_cents is not None:
        known["amount_cents"] = min(limit, line.asked_cents)
    return _form_page(request, blank(known), line, meeting, rules)


@urgent_pages.post("", action="urgent.decide")
async def decide_alone(request: Request, session_id: UUID, item_id: UUID) -> Response:
    """First the check page, then the decision: the money is set aside with it."""
    form, service = await read_form(request, UrgentForm), service_of(request)
    sent = form.data
    async with service.db.read() as session:
        await let_in(request, session, "urgent.decide")
        line, meeting = await item_of(session, session_id, item_id)
        rules = await rules_now(request, session)
    if sent is None or sent.turn == "change":
        status = 422 if sent is None else 200
        return _form_page(request, form, line, meeting, rules, status=status)
    try:
        if sent.turn == "save":
            async with service.db.begin() as session:
                sign, cents = order(request, sent), sent.amount_cents
                await decide_urgently(
                    session, item_id, amount_cents=cents, why=sent.why, order=sign
                )
            note = gettext_of(request)("Die Eilentscheidung ist festgehalten.")
            return see_other("/sitzungen/beschluesse", note=note)
        async with service.db.read() as session:
            alone = await check_alone(session, item_id, sent.amount_cents, at=now(request))
    except tuple(BROKEN) as error:
        say(request, form, error)
        return _form_page(request, form, line, meeting, rules, status=422)
    unchanged("agenda item", order(request, sent), now=alone.item.version)
    return _check_page(request, form, line)


def _check_page(request: Request, form: Form[Any], line: AgendaLine) -> Response:
    return page(
        request,
        "circular/urgent_check.html",
        title=gettext_of(request)("Eilentscheidung prüfen"),
        here=HERE,
        form=form,
        line=line,
    )


def _form_page(
    request: Request,
    form: Form[Any],
    line: AgendaLine,
    meeting: Session,
    rules: Rules | None,
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "circular/urgent.html",
        status=status,
        title=gettext_of(request)("Eilentscheidung"),
        here=HERE,
        form=form,
        line=line,
        meeting=meeting,
        limit=rules.urgent_limit_cents if rules else None,
    )
