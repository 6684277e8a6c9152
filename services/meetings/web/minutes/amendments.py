"""The office answers what somebody who was there wants changed."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy.exc import NoResultFound
from uuid_utils.compat import uuid7

from services.meetings.commands.amendments import refuse, take_over
from services.meetings.desk import Ordered, order, service_of
from services.meetings.domain.member import Member
from services.meetings.domain.minutes import Amendment, NoAnswer, UnclosedBlank
from services.meetings.web.minutes.desk import LONGEST, seen
from services.meetings.web.minutes.view import UNCLOSED, Sight, words
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page, see_other

amendment_pages = Guarded(prefix="/buero/sitzungen/{session_id}/protokoll/einwaende")

NO_REASON = lazy("Schreiben Sie, warum Sie den Einwand nicht übernehmen.")


class AnswerForm(Ordered):
    act: Literal["take", "refuse"]
    text: str = Field(default="", max_length=LONGEST)
    answer: str = Field(default="", max_length=2_000)


@amendment_pages.get("/{amendment_id}", action="minutes.keep")
async def show(request: Request, session_id: UUID, amendment_id: UUID) -> Response:
    """The part as it is, with the wish below it to be worked in."""
    _entered, sight = await seen(request, session_id, "minutes.keep")
    amendment, member = _of(sight, amendment_id)
    now_says = sight.texts[amendment.part]
    known = {
        "command_id": str(uuid7()),
        "version": sight.record.version,
        "text": f"{now_says}\n\n{amendment.text}".strip(),
    }
    return _page(request, sight, amendment, member, blank(known))


@amendment_pages.post("/{amendment_id}", action="minutes.keep")
async def settle(request: Request, session_id: UUID, amendment_id: UUID) -> Response:
    """Taken over with the words as they stand in the form, or refused with a reason."""
    form, _ = await read_form(request, AnswerForm), gettext_of(request)
    _entered, sight = await seen(request, session_id, "minutes.keep")
    amendment, member = _of(sight, amendment_id)
    if form.data is None:
        return _page(request, sight, amendment, member, form, status=422)
    sent, click = form.data, order(request, form.data)
    try:
        async with service_of(request).db.begin() as session:
            if sent.act == "take":
                said = {"text": sent.text, "answer": sent.answer}
                await take_over(session, amendment_id, click, **said)
            else:
                await refuse(session, amendment_id, click, answer=sent.answer)
    except NoAnswer:
        form.refuse("answer", _(NO_REASON))
    except UnclosedBlank:
        form.refuse("text", _(UNCLOSED))
    else:
        taken, refused = _("Der Einwand ist übernommen."), _("Der Einwand ist beantwortet.")
        return see_other(sight.path, note=taken if sent.act == "take" else refused)
    return _page(request, sight, amendment, member, form, status=422)


def _of(sight: Sight, amendment_id: UUID) -> tuple[Amendment, Member]:
    """The amendment, if it is one of these minutes."""
    for amendment, member in sight.record.amendments:
        if amendment.id == amendment_id:
            return amendment, member
    raise NoResultFound


def _page(
    request: Request,
    sight: Sight,
    amendment: Amendment,
    member: Member,
    form: Form[Any],
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "minutes/amendment.html",
        status=status,
        title=gettext_of(request)("Einwand"),
        sight=sight,
        amendment=amendment,
        member=member,
        form=form,
        heading=sight.headings(language_of(request))[amendment.part],
        **words(request),
    )
