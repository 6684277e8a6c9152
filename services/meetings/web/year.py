"""Planning a whole year: a pattern, its dates to look at and change, one act for all of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from babel.dates import get_day_names, get_month_names
from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands.sessions import plan_year
from services.meetings.desk import now, order, service_of
from services.meetings.domain.board import Board, NoRulesYet, Rules, rules_on
from services.meetings.domain.notice import LONGEST_NOTICE, notice_on
from services.meetings.domain.session import Appointment, BrokenRule, Session
from services.meetings.domain.year import WrongDates, check_year, conflicts
from services.meetings.queries import days_taken, notice_periods, the_board
from services.meetings.web.year_form import (
    CLASH,
    LAND,
    LINE,
    MISSING,
    ORDINAL,
    RHYTHM,
    WRONG_DATE,
    DateLine,
    Seen,
    YearForm,
    lines_for,
    put_lines,
    readable,
)
from shared.days import LANDS, NoSuchTime, local_day
from shared.web.access import Guarded
from shared.web.forms import Form, blank, read_form
from shared.web.i18n import locale_of, translations
from shared.web.pages import gettext_of, language_of, page, see_other

year_pages = Guarded(prefix="/buero/sitzungen/jahr")

HERE: Final = "sitzungen"
USUAL_LAND: Final = "NI"
"""Chosen on the empty form, until somebody chooses another."""

USUAL_NOTICE: Final = 14
"""Days proposed to a board that has set none."""

USUAL_MONTHS: Final = ("3", "6", "9", "12")
PATTERN: Final = (
    "command_id",
    "rhythm",
    "ordinal",
    "weekday",
    "year",
    "first",
    "every",
    "starts",
    "ends",
    "place",
    "note",
    "land",
    "invitation_days",
)
"""What the page of dates carries along unseen; the months, a list, are carried beside it."""


@year_pages.get("", action="session.plan")
async def pattern_form(request: Request) -> Response:
    """The second Wednesday of four months is what most boards do; every part can be changed."""
    today = local_day(now(request))
    async with service_of(request).db.read() as session:
        board, _rules = await the_board(session)
        notice = notice_on(today, await notice_periods(session, board.id))
    known = {
        "command_id": str(uuid7()),
        "rhythm": "months",
        "ordinal": "2",
        "weekday": "2",
        "months": list(USUAL_MONTHS),
        "year": str(today.year + 1),
        "place": board.place,
        "land": USUAL_LAND,
        "invitation_days": str(USUAL_NOTICE if notice is None else notice),
    }
    return _pattern_page(request, blank(known))


@year_pages.post("", action="session.plan")
async def plan_the_year(request: Request) -> Response:
    """The pattern leads to dates, the dates to a check page, that one to the sessions."""
    form = await read_form(request, YearForm)
    turn = form.values["turn"] or "propose"
    if turn == "pattern":
        return _pattern_page(request, form)
    if turn == "propose":
        return await _propose(request, form)
    if form.data is not None and not form.data.kept():
        form.refuse("dates", gettext_of(request)("Lassen Sie mindestens einen Termin stehen."))
    if form.data is None or turn == "change":
        status = 200 if turn == "change" else 422
        return _dates_page(request, form, await _look(request, form), status=status)
    if turn == "save":
        return await _save(request, form, form.data)
    seen = await _look(request, form)
    if form.errors:
        return _dates_page(request, form, seen, status=422)
    return _check_page(request, form, seen)


async def _propose(request: Request, form: Form[YearForm]) -> Response:
    """The dates of the pattern that are still to come."""
    sent, _ = form.data, gettext_of(request)
    if sent is None:
        return _pattern_page(request, form, status=422)
    missing = sent.missing()
    for name in missing:
        form.refuse(name, _(MISSING))
    today = local_day(now(request))
    days = [] if missing else [day for day in sent.days() if day >= today]
    if not days:
        if not missing:
            name = "year" if sent.rhythm == "months" else "first"
            form.refuse(name, _("Davon liegt kein Tag mehr vor uns."))
        return _pattern_page(request, form, status=422)
    async with service_of(request).db.read() as session:
        taken = await days_taken(session, days)
    put_lines(form, lines_for(sent, days, taken))
    return _dates_page(request, form, await _look(request, form))


async def _save(request: Request, form: Form[YearForm], sent: YearForm) -> Response:
    """All sessions or, with the reason beside each wrong date, none."""
    kept = sent.kept()
    try:
        ours = [line.appointment(place=sent.place, note=sent.note) for line in kept.values()]
        async with service_of(request).db.begin() as session:
            await plan_year(session, ours, order(request, sent), notice=sent.invitation_days)
    except (WrongDates, NoSuchTime):
        return _dates_page(request, form, await _look(request, form), status=422)
    said = translations(language_of(request)).ngettext(
        "%(num)s Sitzung ist geplant.", "%(num)s Sitzungen sind geplant.", len(ours)
    )
    return see_other("/buero/sitzungen", note=said % {"num": len(ours)})


async def _look(request: Request, form: Form[YearForm]) -> list[Seen]:
    """What every line brings; what makes one impossible is said beside its field."""
    lines, at = readable(form), now(request)
    async with service_of(request).db.read() as session:
        board, rules = await the_board(session)
        taken = await days_taken(session, [line.day for line in lines if line])
    ours = _appointments(request, form, lines)
    kept = [place for place in ours if not _drops(lines[place])]
    try:
        check_year([ours[place] for place in kept], rules=rules, taken=taken, at=at)
    except WrongDates as wrong:
        for position, error in wrong.found.items():
            _refuse_line(request, form, kept[position], error)
    days = {place: local_day(ours[place].starts_at) for place in kept}
    found = []
    for place, line in enumerate(lines):
        others = taken | {day for other, day in days.items() if other != place}
        met = _planned(board, rules, ours.get(place), notice=_notice(form), at=at)
        against = conflicts(line.day, taken=others, land=_land(form)) if line else []
        found.append(
            Seen(
                day=line.day if line else None, meeting=met, conflicts=against, dropped=_drops(line)
            )
        )
    return found


def _appointments(
    request: Request, form: Form[YearForm], lines: Sequence[DateLine | None]
) -> dict[int, Appointment]:
    """Every line that names a moment, by its position."""
    found = {}
    for place, line in enumerate(lines):
        try:
            if line:
                found[place] = line.appointment(
                    place=form.values["place"], note=form.values["note"] or None
                )
        except NoSuchTime as error:
            if not _drops(line):
                _refuse_line(request, form, place, error)
    return found


def _planned(
    board: Board,
    rules: Sequence[Rules],
    appointment: Appointment | None,
    *,
    notice: int | None,
    at: datetime,
) -> Session | None:
    """The session as it would be, kept nowhere; None for one that cannot be."""
    if appointment is None:
        return None
    try:
        of_that_day = rules_on(appointment.starts_at, rules)
        return Session.plan(
            board, appointment, session_id=uuid7(), rules=of_that_day, notice=notice, at=at
        )[0]
    except (BrokenRule, NoRulesYet):
        return None


def _refuse_line(request: Request, form: Form[YearForm], place: int, error: Exception) -> None:
    name, sentence = WRONG_DATE[type(error)]
    form.refuse(f"dates-{place}-{name}", gettext_of(request)(sentence))


def _drops(line: DateLine | None) -> bool:
    return line is not None and line.drop


def _notice(form: Form[YearForm]) -> int | None:
    typed = form.values["invitation_days"]
    return min(int(typed), LONGEST_NOTICE) if typed.isdecimal() else None


def _land(form: Form[YearForm]) -> str:
    typed = form.values["land"]
    return typed if typed in LANDS else USUAL_LAND


def _pattern_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    locale, _ = locale_of(language_of(request)), gettext_of(request)
    return page(
        request,
        "office/year.html",
        status=status,
        title=_("Das Jahr planen"),
        here=HERE,
        form=form,
        weekdays=get_day_names("wide", locale=locale).items(),
        months=get_month_names("wide", "stand-alone", locale=locale).items(),
        RHYTHM=RHYTHM,
        ORDINAL=ORDINAL,
        LAND=LAND,
    )


def _dates_page(
    request: Request, form: Form[YearForm], seen: Sequence[Seen], *, status: int = 200
) -> Response:
    return page(
        request,
        "office/year_dates.html",
        status=status,
        title=gettext_of(request)("Die Termine des Jahres"),
        here=HERE,
        form=form,
        seen=seen,
        labels=_labels(request, len(seen)),
        PATTERN=PATTERN,
        **_facts(request),
    )


def _check_page(request: Request, form: Form[YearForm], seen: Sequence[Seen]) -> Response:
    names = (*LINE, "drop")
    return page(
        request,
        "office/year_check.html",
        title=gettext_of(request)("Das Jahr prüfen"),
        here=HERE,
        form=form,
        kept=[one for one in seen if not one.dropped],
        carried=[*PATTERN, *(f"dates-{n}-{name}" for n in range(len(seen)) for name in names)],
        **_facts(request),
    )


def _facts(request: Request) -> dict[str, Any]:
    return {"CLASH": CLASH, "today": local_day(now(request))}


def _labels(request: Request, lines: int) -> dict[str, str]:
    _ = gettext_of(request)
    date_of = _("Termin %(n)s")
    return {
        f"dates-{place}-{name}": f"{date_of % {'n': place + 1}}, {_(str(LINE[name]))}"
        for place in range(lines)
        for name in LINE
    }
