"""One stack for all tests here; the browser is that of the browser tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.files import ROOT
from tests.browser.conftest import chromium, codes, new_context
from tests.compose.stack import Compose

__all__ = ["chromium", "codes", "new_context"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.compose)


@pytest.fixture(scope="session")
def stack() -> Iterator[Compose]:
    compose = Compose()
    compose.run(str(ROOT / "deploy/make-secrets"))
    compose.down()
    try:
        compose.up()
        compose.open_accounts()
        yield compose
    finally:
        compose.down()
