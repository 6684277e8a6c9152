"""The public register of what was decided: a list, one resolution, a table, and the chain to check."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from fastapi import Request, Response
from sqlalchemy.exc import NoResultFound

from services.meetings.desk import service_of
from services.meetings.domain.resolutions import BEGINNING, Resolution
from services.meetings.followup_words import FATE, MOTION, WAY
from services.meetings.queries.resolutions import (
    ResolutionLine,
    chain,
    resolution,
    resolution_years,
    resolutions,
)
from services.meetings.verdict_words import why_of
from services.meetings.web.occasion_csv import BOM, harmless
from services.meetings.words import VERDICT, VERDICT_KIND
from shared.clock import BERLIN
from shared.events.meetings import Way
from shared.web.access import Guarded
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of, page

register = Guarded(prefix="/sitzungen")

HERE: Final = "sitzungen"
NUMBER: Final = re.compile(r"(\d{4})-(\d{3,6})", re.ASCII)
YEAR: Final = re.compile(r"\d{4}", re.ASCII)
WORDS: Final[dict[str, Any]] = {
    "FATE": FATE,
    "MOTION": MOTION,
    "VERDICT": VERDICT,
    "VERDICT_KIND": VERDICT_KIND,
    "WAY": WAY,
}
HEADS: Final = (
    lazy("Nummer"),
    lazy("Entschieden am"),
    lazy("Wie"),
    lazy("Titel"),
    lazy("Antrag"),
    lazy("Frage"),
    lazy("Summe in Euro"),
    lazy("Ergebnis"),
    lazy("Warum"),
    lazy("Mitglieder"),
    lazy("Ja"),
    lazy("Nein"),
    lazy("Enthaltung"),
    lazy("Was daraus wurde"),
)


def chosen_year(request: Request) -> int | None:
    """The year in the address; nonsense there chooses nothing."""
    asked = request.query_params.get("jahr", "")
    return int(asked) if YEAR.fullmatch(asked) else None


def chosen_way(request: Request) -> Way | None:
    """The way in the address; nonsense there chooses nothing."""
    asked = request.query_params.get("weg", "")
    return Way(asked) if asked in set(Way) else None


@register.get("/beschluesse", action="resolution.read")
async def show_register(request: Request) -> Response:
    """Newest first: the newest year, or the one that is asked for."""
    async with service_of(request).db.read() as session:
        years = await resolution_years(session)
        year = chosen_year(request) or (years[0] if years else None)
        way = chosen_way(request)
        found = await resolutions(session, year=year, way=way)
    return page(
        request,
        "resolutions/register.html",
        title=gettext_of(request)("Beschlüsse"),
        here=HERE,
        lines=found,
        years=years,
        year=year,
        way=way,
        **_said(request),
    )


@register.get("/beschluesse.csv", action="resolution.read")
async def as_csv(request: Request) -> Response:
    """What the list shows as a table that a spreadsheet opens."""
    async with service_of(request).db.read() as session:
        year, way = chosen_year(request), chosen_way(request)
        found = await resolutions(session, year=year, way=way)
    written = table(found, gettext_of(request), language_of(request))
    name = f"beschluesse-{year}.csv" if year else "beschluesse.csv"
    return Response(
        written,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@register.get("/beschluesse.json", action="resolution.read")
async def as_chain(request: Request) -> Response:
    """Every resolution with the fingerprint of the one before it, from the first on."""
    async with service_of(request).db.read() as session:
        found = await chain(session)
    return Response(
        json.dumps(published(found), ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={"Content-Disposition": 'inline; filename="beschluesse.json"'},
    )


@register.get("/beschluesse/pruefen", action="resolution.read")
async def how_to_check(request: Request) -> Response:
    """How anybody finds out, without us, that no resolution was changed afterwards."""
    async with service_of(request).db.read() as session:
        found = await chain(session)
    return page(
        request,
        "resolutions/check.html",
        title=gettext_of(request)("Beschlüsse selbst nachprüfen"),
        here=HERE,
        count=len(found),
        last=found[-1] if found else None,
        beginning=BEGINNING,
    )


@register.get("/beschluesse/{number}", action="resolution.read")
async def show_one(request: Request, number: str) -> Response:
    """One resolution with everything it rests on."""
    quoted = NUMBER.fullmatch(number)
    if quoted is None:
        raise NoResultFound
    async with service_of(request).db.read() as session:
        line = await resolution(session, int(quoted[1]), int(quoted[2]))
    if line is None:
        raise NoResultFound
    return page(
        request,
        "resolutions/one.html",
        title=gettext_of(request)("Beschluss %(number)s") % {"number": line.resolution.number},
        here=HERE,
        line=line,
        **_said(request),
    )


def published(found: Sequence[Resolution]) -> dict[str, Any]:
    """The file people check offline: what is hashed, and the hash beside it."""
    return {
        "hash": "SHA-256",
        "canonical": "RFC 8785",
        "beginning": BEGINNING,
        "resolutions": [{"facts": one.facts(), "hash": one.hash} for one in found],
    }


def table(found: Sequence[ResolutionLine], gettext: Callable[[str], str], lang: str) -> bytes:
    """One line a resolution, in the order of the page."""
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";", lineterminator="\r\n")
    lines.writerow([gettext(str(head)) for head in HEADS])
    for line in found:
        lines.writerow(_cells(line, gettext, lang))
    return BOM + written.getvalue().encode()


def _cells(line: ResolutionLine, gettext: Callable[[str], str], lang: str) -> list[str | int]:
    made = line.resolution
    cents = made.amount_cents
    fate = str(FATE[line.fate])
    return [
        made.number,
        f"{made.decided_at.astimezone(BERLIN):%d.%m.%Y %H:%M}",
        gettext(str(WAY[made.way])),
        harmless(made.title),
        line.application_number,
        gettext(str(MOTION[made.motion])),
        "" if cents is None else f"{cents // 100},{cents % 100:02d}",
        gettext(str(VERDICT[made.verdict])),
        why_of(line.vote, lang),
        *(made.counts[name] for name in ("members", "yes", "no", "abstain")),
        gettext(fate) if fate else "",
    ]


def _said(request: Request) -> dict[str, Any]:
    return {"why": partial(why_of, lang=language_of(request)), **WORDS}
