"""Changing a fund's rules: one form, a preview of what changes, and the way back while it is coming."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.applications.commands.funds import (
    change_rules,
    changed_rules,
    drop_coming_rules,
)
from services.applications.domain import Rules
from services.applications.queries.fund import codes_in_use, today, version_of
from services.applications.queries.rules import MOST, difference
from services.applications.web.funds import FUNDS, HERE, WORDS, Version, holding, versions_for
from services.applications.web.orders import Ordered, first_time, order_of, sent_before
from services.applications.web.rules_form import LISTS, RulesForm, read_rules, typed_rules
from services.applications.web.rules_words import FIELD_LABELS, LINES, lines_about
from services.applications.web.visit import now, service_of
from shared.web.access import Guarded
from shared.web.forms import Day, Form, blank, read_form
from shared.web.i18n import BINDING, lazy
from shared.web.pages import gettext_of, language_of, page, see_other

PATH: Final = FUNDS + "/{code}/regeln"
PAST: Final = lazy("Regeln können ab heute gelten oder später, nicht rückwirkend.")
IN_USE: Final = lazy(
    "Zu diesen Themen gibt es Anträge: %(names)s. Sie können sie umbenennen, aber nicht entfernen."
)
NOTHING: Final = lazy("Sie haben nichts geändert.")

router = Guarded()


class Dropped(Ordered):
    """Which coming change is taken back."""

    holds_from: Day
    command_id: UUID = Field(default_factory=uuid7)


@dataclass(frozen=True)
class Sheet:
    """The form as it was sent, with the fund it is about."""

    code: str
    versions: list[Version]
    form: Form[Any]

    @property
    def day(self) -> date:
        """From when the rules are to hold; asked only of a form that could be read."""
        assert self.form.data is not None
        day: date = self.form.data.holds_from
        return day

    def before(self, day: date) -> Rules:
        """What would hold on that day without the change."""
        begun = [one for one in self.versions if one.fund.holds_from <= day]
        return (begun[-1] if begun else self.versions[0]).rules


@router.get(PATH, action="fund.change")
async def form(request: Request, code: str) -> Response:
    """All rules as they hold now, or as they will from the day `ab`."""
    at = now(request)
    async with service_of(request).db.read() as session:
        versions = await versions_for(session, code)
        version = await version_of(session, code)
    asked = request.query_params.get("ab", "")
    coming = [one for one in versions if one.fund.holds_from.isoformat() == asked]
    shown = coming[0] if coming else holding(versions, at)
    day = max(shown.fund.holds_from, today(at))
    known = {"command_id": str(uuid7()), "version": version, "holds_from": day.isoformat()}
    return _page(request, Sheet(code, versions, blank(typed_rules(shown.rules) | known)))


@router.post(PATH, action="fund.change")
async def change(request: Request, code: str) -> Response:
    """Another line, one line less, the preview, back from it, or the change itself."""
    sent: Form[RulesForm] = await read_form(request, RulesForm)
    turn = str((await request.form()).get("turn", ""))
    if turn.startswith(("zeile", "weg", "change")):
        return await _same_page(request, sent, code, turn)
    async with service_of(request).db.begin() as session:
        versions = await versions_for(session, code)
        sheet = Sheet(code, versions, sent)
        rules = read_rules(sent, [one.rules for one in versions], language_of(request))
        if rules and sent.data and not await sent_before(session, sent.data):
            await _refuse(request, session, sheet, rules)
        if rules is None or sent.data is None:
            return _page(request, sheet, status=422)
        if turn != "save":
            return await _preview(request, session, sheet, rules)
        order = await order_of(request, session, sent.data)
        content = sent.data.model_dump(mode="json", exclude={"command_id", "version"})
        if await first_time(session, order, "change_rules", code, content):
            await change_rules(session, code, rules, sent.data.holds_from, order)
    return see_other(f"{FUNDS}/{code}", note=gettext_of(request)("Die Regeln sind gespeichert."))


@router.post(PATH + "/zurueck", action="fund.change")
async def drop(request: Request, code: str) -> Response:
    """A change that does not hold yet never happened."""
    sent: Form[Dropped] = await read_form(request, Dropped)
    if sent.data is None:
        return see_other(f"{FUNDS}/{code}")
    async with service_of(request).db.begin() as session:
        await versions_for(session, code)
        order = await order_of(request, session, sent.data)
        if await first_time(session, order, "drop_rules", code, sent.data.holds_from):
            await drop_coming_rules(session, code, sent.data.holds_from, order)
    said = gettext_of(request)("Die geplante Änderung ist zurückgenommen.")
    return see_other(f"{FUNDS}/{code}", note=said)


async def _refuse(request: Request, session: AsyncSession, sheet: Sheet, rules: Rules) -> None:
    """Say beside its field what the rules themselves cannot know."""
    _, day = gettext_of(request), sheet.day
    if day < today(now(request)):
        return sheet.form.refuse("holds_from", _(PAST))
    missing = await codes_in_use(session, sheet.code) - {field.code for field in rules.fields}
    if missing:
        names = ", ".join(sorted(_names(sheet.versions, missing, language_of(request))))
        return sheet.form.refuse("fields", _(IN_USE) % {"names": names})
    if rules == sheet.before(day):
        sheet.form.refuse("", _(NOTHING))
    return None


async def _preview(request: Request, session: AsyncSession, sheet: Sheet, rules: Rules) -> Response:
    form, day = sheet.form, sheet.day
    before = sheet.before(day)
    return page(
        request,
        "funds/rules_check.html",
        title=gettext_of(request)("Regeln prüfen"),
        here=HERE,
        code=sheet.code,
        form=form,
        hidden={name: v for name, v in form.values.items() if v and isinstance(v, str)},
        day=day,
        today=today(now(request)),
        before=before,
        after=rules,
        lines=lines_about(changed_rules(before, rules)),
        later=[one for one in sheet.versions if one.fund.holds_from > day],
        differ=await difference(session, sheet.code, rules),
        most=MOST,
        CHECKS={line.check: line for line in LINES.values() if line.check},
        **WORDS,
    )


async def _same_page(request: Request, sent: Form[RulesForm], code: str, turn: str) -> Response:
    """The form as it was typed, with a line more or less; nothing is complained about yet."""
    verb, _, what = turn.partition(":")
    name, _, place = what.partition("-")
    if verb == "weg" and name in LISTS and place.isdecimal():
        lines = [line for n, line in enumerate(sent.values[name]) if n != int(place)]
        flat = [key for key in sent.values if key.startswith(f"{name}-")]
        kept = {key: value for key, value in sent.values.items() if key not in flat}
        sent = blank(kept | {name: lines})
    sent.errors = {}
    async with service_of(request).db.read() as session:
        return _page(request, Sheet(code, await versions_for(session, code), sent))


def _page(request: Request, sheet: Sheet, *, status: int = 200) -> Response:
    values = sheet.form.values
    return page(
        request,
        "funds/rules.html",
        status=status,
        title=gettext_of(request)("Regeln ändern"),
        here=HERE,
        code=sheet.code,
        form=sheet.form,
        lines={name: len(values.get(name) or ()) + 1 for name in LISTS},
        fund=holding(sheet.versions, now(request)).rules.name,
        labels=FIELD_LABELS,
        binding=BINDING,
        **WORDS,
    )


def _names(versions: list[Version], codes: set[str], lang: str) -> set[str]:
    known = {field.code: field.name.in_(lang) for one in versions for field in one.rules.fields}
    return {known.get(code, code) for code in codes}
