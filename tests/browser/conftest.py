"""Chromium, and a whole demo of its own for these tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.browser.site import Codes, Site, demo

ARGUMENTS: Final = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NARROW: Final = ViewportSize(width=390, height=844)
WIDE: Final = ViewportSize(width=1280, height=900)

NewContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demo(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def codes() -> Codes:
    return Codes()


@contextmanager
def launch() -> Iterator[Browser]:
    """The Chromium of this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, "Chromium is missing (Debian: apt install chromium)"
    rootless = () if os.geteuid() else ("--no-sandbox",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *rootless])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[NewContext]:
    """A browser of its own for each person; whatever its console complains of fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def heed(page: Page) -> None:
        page.on("console", lambda said: _note(said, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))

    def new(**options: Any) -> BrowserContext:
        chosen: dict[str, Any] = {"viewport": WIDE, "ignore_https_errors": True}
        context = chromium.new_context(**chosen | options)
        context.set_default_timeout(15_000)
        context.on("page", heed)
        opened.append(context)
        return context

    yield new
    for context in opened:
        try:
            context.close()
        except Error:
            continue
    assert not complaints


ASKED_FOR: Final = (
    "the server responded with a status of",
    "net::ERR_INTERNET_DISCONNECTED",
    "htmx:error: Failed to fetch",
)
"""Lines about a 4xx answer, or about a network that a test took away."""


def _note(said: Any, complaints: list[str]) -> None:
    """Everything but what a test asked for."""
    if said.type == "error" and not any(known in said.text for known in ASKED_FOR):
        complaints.append(said.text)
