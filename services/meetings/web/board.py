"""The board's name, usual place and dated rules, as the office keeps them."""

from datetime import date
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from services.meetings.commands.sessions import change_board, set_up_board
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.board import Board, OnPostponement, Rules
from services.meetings.queries import NoBoardYet, the_board
from services.meetings.words import ON_POSTPONEMENT
from shared.days import local_day
from shared.web.access import Guarded
from shared.web.forms import Day, Form, Line, blank, read_form
from shared.web.pages import gettext_of, page, see_other

board_pages = Guarded(prefix="/buero/sitzungen/gremium")


class BoardForm(Ordered):
    name: Line
    place: Line
    holds_from: Day
    submission_days_before: Annotated[int, Field(ge=0, le=365)]
    on_postponement: OnPostponement

    def rules(self) -> Rules:
        """The dated entry this form stands for."""
        return Rules(
            holds_from=self.holds_from,
            submission_days_before=self.submission_days_before,
            on_postponement=self.on_postponement,
        )


@board_pages.get("", action="board.read")
async def board_form(request: Request) -> Response:
    """What holds now, ready to be changed from a date on."""
    board, rules = await _known(request)
    today = local_day(now(request))
    known: dict[str, Any] = {"holds_from": today.isoformat(), "command_id": str(uuid7())}
    if board is not None:
        known |= {"name": board.name, "place": board.place, "version": board.version}
        known |= _values(rules, today)
    return _board_page(request, blank(known), board, rules)


@board_pages.post("", action="board.change")
async def save_board(request: Request) -> Response:
    """Sessions already planned keep the rules and the deadline they were planned under."""
    form = await read_form(request, BoardForm)
    board, rules = await _known(request)
    sent = form.data
    if sent is None:
        return _board_page(request, form, board, rules, status=422)
    async with service_of(request).db.begin() as session:
        change = set_up_board if board is None else change_board
        await change(
            session, order(request, sent), name=sent.name, place=sent.place, rules=sent.rules()
        )
    note = gettext_of(request)("Das ist gespeichert. Geplante Sitzungen bleiben, wie sie sind.")
    return see_other("/buero/sitzungen", note=note)


async def _known(request: Request) -> tuple[Board | None, list[Rules]]:
    async with service_of(request).db.read() as session:
        try:
            return await the_board(session)
        except NoBoardYet:
            return None, []


def _values(rules: list[Rules], today: date) -> dict[str, Any]:
    begun = [entry for entry in rules if entry.holds_from <= today] or rules[:1]
    return begun[-1].model_dump(mode="json", exclude={"holds_from"}) if begun else {}


def _board_page(
    request: Request,
    form: Form[Any],
    board: Board | None,
    rules: list[Rules],
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "office/board.html",
        status=status,
        title=gettext_of(request)("Gremium und Regeln"),
        here="sitzungen",
        form=form,
        board=board,
        rules=rules,
        ON_POSTPONEMENT=ON_POSTPONEMENT,
    )
