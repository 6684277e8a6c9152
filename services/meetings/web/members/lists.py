"""All members in four lists, with why each may vote or may not; the same as a table to keep."""

import csv
import io
from collections.abc import Callable
from typing import Any, Final, get_args

from fastapi import Request, Response

from services.meetings.desk import by, now, service_of
from services.meetings.member_words import (
    BOARD_ROLE,
    MEMBER_KIND,
    MEMBER_STATUS,
    NOBODY,
    TAB_NAMES,
    UNIT_KIND,
    why_right,
)
from services.meetings.queries.members import MemberLine, Roll, Tab, roll
from services.meetings.store import Audit
from shared.days import local_day
from shared.web.access import Guarded, actor_of, require_fresh
from shared.web.pages import gettext_of, language_of, page

list_pages = Guarded(prefix="/buero/mitglieder")

HERE: Final = "mitglieder"
FIRST: Final[Tab] = "stimmberechtigt"
FRESH_MINUTES: Final = 15
LONGEST_SEARCH: Final = 100
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Say = Callable[[str], str]


@list_pages.get("", action="member.list")
async def list_members(request: Request) -> Response:
    """Those of one tab, found by name, address or institution."""
    everybody = await _roll(request)
    asked = request.query_params.get("liste", FIRST)
    tab: Tab = asked if asked in get_args(Tab) else FIRST  # type: ignore[assignment]
    search = request.query_params.get("suche", "")[:LONGEST_SEARCH]
    return page(
        request,
        "members/list.html",
        title=gettext_of(request)("Mitglieder"),
        here=HERE,
        roll=everybody,
        tab=tab,
        search=search,
        found=everybody.shown(tab, search),
        counts={one: len(everybody.shown(one, search)) for one in get_args(Tab)},
        why=why_right,
        TAB_NAMES=TAB_NAMES,
        NOBODY=NOBODY,
        MEMBER_STATUS=MEMBER_STATUS,
        MEMBER_KIND=MEMBER_KIND,
        BOARD_ROLE=BOARD_ROLE,
    )


@list_pages.get("/export.csv", action="member.export")
async def as_csv(request: Request) -> Response:
    """Everybody as a table; that it was taken is noted, with the number only."""
    at = now(request)
    require_fresh(actor_of(request), minutes=FRESH_MINUTES, at=at)
    everybody = await _roll(request)
    async with service_of(request).db.begin() as session:
        details = {"rows": len(everybody.lines)}
        session.add(
            Audit(at=at, actor=by(request), action="member.export", subject="", details=details)
        )
    name = f"mitglieder-{local_day(at).isoformat()}.csv"
    return Response(
        _csv(everybody, gettext_of(request), language_of(request)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


async def _roll(request: Request) -> Roll:
    async with service_of(request).db.read() as session:
        return await roll(session, at=now(request))


def _csv(everybody: Roll, _: Say, lang: str) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        [
            _("Name"),
            _("Stand"),
            _("Stimmrecht"),
            _("Sitzungen dabei"),
            _("Sitzungen gesamt"),
            _("Beitritt am"),
            _("Stimmrecht seit"),
            _("Ausgetreten am"),
            _("Aufgaben im Gremium"),
            _("Art"),
            _("Institution oder Haushalt"),
            _("E-Mail"),
            _("Telefon"),
            _("Straße und Hausnummer"),
            _("Postleitzahl"),
            _("Ort"),
            _("Sprache"),
        ]
    )
    writer.writerows([_cell(one) for one in _row(line, _, lang)] for line in everybody.lines)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _row(line: MemberLine, _: Say, lang: str) -> list[Any]:
    member, unit = line.member, line.unit
    return [
        member.name,
        _(MEMBER_STATUS[member.status]),
        why_right(line.right, lang),
        line.right.attended,
        line.right.held,
        member.declared_on,
        member.active_since,
        member.left_on,
        ", ".join(_(BOARD_ROLE[role]) for role in BOARD_ROLE if role in member.role_set),
        _(UNIT_KIND[unit.kind]) if unit else "",
        unit.name if unit else "",
        member.email,
        member.phone,
        member.street,
        member.postcode,
        member.city,
        member.language,
    ]


def _cell(value: Any) -> str:
    """What a spreadsheet would run as a formula is kept as text; a phone number too."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
