"""Which service answers which path: one table for the dispatcher, the links and the proxy."""

import re
from typing import Final, Literal

ServiceName = Literal["applications", "meetings", "notifications"]

SERVICES: Final[tuple[ServiceName, ...]] = ("applications", "meetings", "notifications")

_PAGES: Final[dict[str, ServiceName]] = {
    "/": "notifications",
    "/abo": "notifications",
    "/barrierefreiheit": "notifications",
    "/datenschutz": "notifications",
    "/feeds": "notifications",
    "/impressum": "notifications",
    "/kalender": "notifications",
    "/kalender.ics": "notifications",
    "/neuigkeiten": "notifications",
    "/partner": "notifications",
    "/robots.txt": "notifications",
    "/security.txt": "notifications",
    "/bilder": "notifications",
    "/presse": "notifications",
    "/rundbriefe": "notifications",
    "/buero/abos": "notifications",
    "/buero/partner": "notifications",
    "/buero/rundbriefe": "notifications",
    "/buero/schreiben": "notifications",
    "/anliegen": "applications",
    "/antraege": "applications",
    "/buero": "applications",
    "/kasse": "applications",
    "/mein": "applications",
    "/projekte": "applications",
    "/static": "applications",
    "/abmelden": "meetings",
    "/abstimmen": "meetings",
    "/anmelden": "meetings",
    "/gremium": "meetings",
    "/konto": "meetings",
    "/sitzungen": "meetings",
    "/termine": "meetings",
    "/buero/konten": "meetings",
    "/buero/mitglieder": "meetings",
    "/buero/sitzungen": "meetings",
    "/buero/termine": "meetings",
}

ROUTES: Final[dict[str, ServiceName]] = _PAGES | {
    f"{prefix}{name}": name for name in SERVICES for prefix in ("/api/v1/", "/")
}
"""Longest prefix wins, by whole path segments; what no other prefix takes is the front's ("/")."""

PRIVATE: Final = tuple(f"/{name}/{part}" for name in SERVICES for part in ("health", "metrics"))
"""Paths for the machine room: the proxy never passes them on."""


_QUERY: Final = re.compile(r"[?#]")


def prefix_of(path: str) -> str:
    """The longest prefix in ROUTES that the path lies under."""
    segments = _QUERY.split(path, maxsplit=1)[0].split("/")
    for length in range(len(segments), 1, -1):
        prefix = "/".join(segments[:length])
        if prefix in ROUTES:
            return prefix
    return "/"


def service_of(path: str) -> ServiceName:
    """The service that answers this path."""
    return ROUTES[prefix_of(path)]
