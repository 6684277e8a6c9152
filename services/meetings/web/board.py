"""The board's name, usual place and dated rules, as the office keeps them."""

import re
from datetime import date
from typing import Annotated, Any, Final

from fastapi import Request, Response
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from uuid_utils.compat import uuid7

from services.meetings.board_words import ONE_VOTE_PER, QUORUM_AT, rules_in_words
from services.meetings.commands.sessions import change_board, set_up_board
from services.meetings.desk import Ordered, now, order, service_of
from services.meetings.domain.board import (
    Board,
    Majority,
    MonthDay,
    OneVotePer,
    OnPostponement,
    QuorumAt,
    QuorumKind,
    Rules,
    VoteBase,
)
from services.meetings.queries import NoBoardYet, the_board
from services.meetings.words import MAJORITY, ON_POSTPONEMENT, QUORUM, VOTE_BASE, written
from shared.days import local_day
from shared.web.access import Guarded
from shared.web.fields import MOST_CENTS, cents, western_digits
from shared.web.forms import Complaint, Day, Email, Form, Line, blank, read_form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, page, see_other

board_pages = Guarded(prefix="/buero/sitzungen/gremium")


_DAY: Final = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.?")
_BETWEEN: Final = re.compile(r"[\s,;]*(?:und\b)?[\s,;]*")
MOST_DATES: Final = 24


def month_days(typed: str) -> list[str]:
    """`15.2., 15.05.` → `02-15`, `05-15`; a day that some year does not have is refused."""
    text = western_digits(typed)
    if _BETWEEN.sub("", _DAY.sub("", text)):
        raise Complaint(lazy("Schreiben Sie Tag und Monat, zum Beispiel 15.02., 15.05."))
    found = sorted({f"{int(month):02}-{int(day):02}" for day, month in _DAY.findall(text)})
    try:
        known = TypeAdapter(list[MonthDay]).validate_python(found)
    except ValidationError:
        raise Complaint(lazy("Diesen Tag gibt es nicht in jedem Jahr.")) from None
    if len(known) > MOST_DATES:
        raise Complaint(lazy("Möglich sind höchstens %(most)s Tage."), most=MOST_DATES)
    return known


def _readable(typed: str) -> str:
    month_days(typed)
    return typed


FixedDates = Annotated[str, Field(max_length=200), AfterValidator(_readable)]
Times = Annotated[int, Field(ge=1, le=20)]
Limit = Annotated[int, BeforeValidator(cents), Field(ge=1, le=MOST_CENTS)]


USUAL: Final[dict[str, Any]] = {
    "quorum_kind": QuorumKind.NONE.value,
    "recused_count": True,
    "majority": Majority.SIMPLE.value,
    "base": VoteBase.CAST.value,
    "quorum_at": QuorumAt.EACH_VOTE.value,
    "earned_after": 1,
    "one_vote_per": OneVotePer.NOBODY.value,
    "secret_minimum": 5,
    "circular_days": 7,
    "objection_days": 14,
}
"""What a board without rules finds chosen."""


class BoardForm(Ordered):
    name: Line
    place: Line
    holds_from: Day
    submission_days_before: Annotated[int, Field(ge=0, le=365)]
    on_postponement: OnPostponement
    fixed_dates: FixedDates = ""
    quorum_kind: QuorumKind = QuorumKind.NONE
    quorum: Annotated[int, Field(ge=1, le=1000)] | None = None
    recused_count: bool = False
    second_call: bool = False
    majority: Majority = Majority.SIMPLE
    base: VoteBase = VoteBase.CAST
    quorum_at: QuorumAt = QuorumAt.EACH_VOTE
    earned_after: Annotated[int, Field(ge=0, le=20)] = 1
    lost_after: Times | None = None
    regained_after: Times | None = None
    one_vote_per: OneVotePer = OneVotePer.NOBODY
    secret_minimum: Annotated[int, Field(ge=2, le=100)] = 5
    circular_days: Annotated[int, Field(ge=1, le=60)] | None = None
    urgent_limit_cents: Limit | None = None
    objection_days: Annotated[int, Field(ge=0, le=90)] = 14
    city_name: Line | None = None
    city_email: Email | None = None

    def rules(self) -> Rules:
        """The dated entry this form stands for."""
        typed = self.model_dump(include=set(Rules.model_fields))
        return Rules.model_validate(typed | {"fixed_dates": month_days(self.fixed_dates)})


@board_pages.get("", action="board.read")
async def board_form(request: Request) -> Response:
    """What holds now, ready to be changed from a date on."""
    board, rules = await _known(request)
    today = local_day(now(request))
    known: dict[str, Any] = USUAL | {"holds_from": today.isoformat(), "command_id": str(uuid7())}
    if board is not None:
        known |= {"name": board.name, "place": board.place, "version": board.version}
        known |= {"city_name": board.city_name, "city_email": board.city_email}
        known |= _values(rules, today)
    return _board_page(request, blank(known), board, rules)


@board_pages.post("", action="board.change")
async def save_board(request: Request) -> Response:
    """Sessions already planned keep the rules and the deadline they were planned under."""
    form = await read_form(request, BoardForm)
    board, rules = await _known(request)
    _check_quorum(request, form)
    _check_pairs(request, form)
    sent = form.data
    if sent is None:
        return _board_page(request, form, board, rules, status=422)
    async with service_of(request).db.begin() as session:
        change = set_up_board if board is None else change_board
        await change(
            session,
            order(request, sent),
            name=sent.name,
            place=sent.place,
            city=(sent.city_name or "", sent.city_email or ""),
            rules=sent.rules(),
        )
    note = gettext_of(request)("Das ist gespeichert. Geplante Sitzungen bleiben, wie sie sind.")
    return see_other("/buero/sitzungen", note=note)


def _check_quorum(request: Request, form: Form[BoardForm]) -> None:
    """A number without its kind, or the kind without its number, would be another rule than meant."""
    sent, _ = form.data, gettext_of(request)
    if sent is None:
        return
    fixed = sent.quorum_kind is QuorumKind.FIXED
    if fixed and sent.quorum is None:
        form.refuse("quorum", _("Schreiben Sie, wie viele Mitglieder da sein müssen."))
    elif not fixed and sent.quorum is not None:
        form.refuse("quorum", _("Wählen Sie „Feste Zahl“, oder löschen Sie diese Zahl."))


def _check_pairs(request: Request, form: Form[BoardForm]) -> None:
    """What means nothing without its other half is refused at the half that is missing."""
    sent, _ = form.data, gettext_of(request)
    if sent is None:
        return
    if sent.regained_after is not None and sent.lost_after is None:
        form.refuse("lost_after", _("Schreiben Sie auch, wann das Stimmrecht ruht."))
    elif sent.city_name and not sent.city_email:
        form.refuse("city_email", _("Schreiben Sie auch die E-Mail-Adresse."))
    elif sent.city_email and not sent.city_name:
        form.refuse("city_name", _("Schreiben Sie auch, wem die Adresse gehört."))


async def _known(request: Request) -> tuple[Board | None, list[Rules]]:
    async with service_of(request).db.read() as session:
        try:
            return await the_board(session)
        except NoBoardYet:
            return None, []


def _values(rules: list[Rules], today: date) -> dict[str, Any]:
    begun = [entry for entry in rules if entry.holds_from <= today] or rules[:1]
    if not begun:
        return {}
    known = begun[-1].model_dump(mode="json", exclude={"holds_from"})
    return known | {"fixed_dates": written(begun[-1].fixed_dates)}


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
        QUORUM=QUORUM,
        MAJORITY=MAJORITY,
        VOTE_BASE=VOTE_BASE,
        ONE_VOTE_PER=ONE_VOTE_PER,
        QUORUM_AT=QUORUM_AT,
        in_words=rules_in_words,
        written=written,
    )
