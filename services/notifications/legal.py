"""What the law wants on a website: who we are, what we keep, how barrier-free it is, what robots may."""

from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.responses import HTMLResponse, PlainTextResponse

from shared.web.access import Guarded
from shared.web.brand import BadBrand, Brand
from shared.web.legal import Legal
from shared.web.pages import gettext_of, page

router = Guarded()

CLOSED_TO_ROBOTS: Final = (
    "/abmelden",
    "/abo/",
    "/anmelden",
    "/antraege/danke",
    "/antraege/entwurf",
    "/antraege/fortsetzen",
    "/api/",
    "/buero",
    "/konto",
    "/mein",
)
"""Where somebody's own things lie; a robot has nothing to do there."""


def legal_facts(brand: Brand) -> Legal:
    """The facts behind the legal pages; raises BadBrand without them, since no office may lack them."""
    if brand.legal is None:
        raise BadBrand("[legal] is missing: an office has to say who it is")
    return brand.legal


@router.get("/impressum", action="legal.read")
async def imprint(request: Request) -> HTMLResponse:
    """Who offers this site (§ 5 DDG)."""
    _ = gettext_of(request)
    return _legal_page(request, "legal/impressum.html", _("Impressum"))


@router.get("/datenschutz", action="legal.read")
async def privacy(request: Request) -> HTMLResponse:
    """What is kept, why, how long, and how to get rid of it."""
    _ = gettext_of(request)
    return _legal_page(request, "legal/datenschutz.html", _("Datenschutz"))


@router.get("/barrierefreiheit", action="legal.read")
async def accessibility(request: Request) -> HTMLResponse:
    """The accessibility statement, and how to report a barrier."""
    _ = gettext_of(request)
    return _legal_page(request, "legal/barrierefreiheit.html", _("Barrierefreiheit"))


@router.get("/robots.txt", action="legal.read")
async def robots(request: Request) -> PlainTextResponse:
    """Public pages may be found; nobody's own may be looked for."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS)]
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "max-age=86400"})


def _legal_page(request: Request, template: str, title: str) -> HTMLResponse:
    brand: Brand = request.app.state.brand
    return page(
        request,
        template,
        title=title,
        legal=legal_facts(brand),
        report_link=_report_link(request, brand),
    )


def _report_link(request: Request, brand: Brand) -> str:
    """A mail with the questions we would ask back already in it."""
    _ = gettext_of(request)
    subject = quote(_("Barriere auf der Website"))
    body = quote(
        _("Auf welcher Seite? Was geht nicht? Was benutzen Sie (Handy, Vorlese-Programm)?")
    )
    return f"mailto:{brand.email}?subject={subject}&body={body}"
