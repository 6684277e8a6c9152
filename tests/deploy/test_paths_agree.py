"""The proxy and the demo send every path to the same service."""

import re

import pytest

from scripts.caddyfile import FILE, caddyfile
from scripts.files import ROOT
from shared.web.routes import PRIVATE, ROUTES, service_of

PATHS = [path for prefix in ROUTES for path in (prefix, f"{prefix.rstrip('/')}/x/y")] + [
    "/antraegexyz",
    "/buero/unbekannt",
    "/api/v1/fremd",
    "/feeds/all.atom",
]


def test_the_caddyfile_is_the_one_the_table_writes() -> None:
    assert FILE.read_text() == caddyfile()


@pytest.mark.parametrize("path", PATHS)
def test_the_proxy_chooses_the_service_the_table_names(path: str) -> None:
    assert _proxied(path) == service_of(path)


@pytest.mark.parametrize("path", PRIVATE)
def test_private_paths_are_refused_first(path: str) -> None:
    assert _proxied(path) is None
    assert _proxied(f"{path}/live") is None


def test_every_service_has_a_container_of_each_kind() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    for name in set(ROUTES.values()):
        for kind in ("web", "worker", "migrate"):
            assert f"\n  {name}-{kind}:\n" in compose


def _proxied(path: str) -> str | None:
    """What Caddy does with the file: matchers in order, the first that fits wins."""
    text = FILE.read_text()
    for matcher, patterns in re.findall(r"@(\w+) path (.+)", text):
        if any(_fits(path, pattern) for pattern in patterns.split()):
            return None if matcher == "private" else matcher.rstrip("0123456789")
    found = re.search(r"\n\t\timport (\w+)\n\t}", text)
    assert found
    return found[1]


def _fits(path: str, pattern: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
