"""Every page a person can reach by its links, each kind of page once."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page, Response

ONE_OF_MANY: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)|(?<=/)[\w-]{30,}(?=/|$)"
)
"""Parts of an address that name one thing among its kind."""

SEVERAL: Final = {
    "/buero/antraege/{}": 12,
    "/buero/sitzungen/{}": 5,
    "/sitzungen/{}": 5,
    "/buero/termine/{}": 3,
    "/termine/{}": 3,
    "/buero/mitglieder/{}": 2,
}
"""Kinds whose pages differ with what they show: so many of them are opened."""

FILES: Final = (
    ".ics",
    ".atom",
    ".json",
    ".csv",
    ".docx",
    ".xlsx",
    ".pdf",
    ".txt",
    ".svg",
    "/quelle",
    "/html",
    "/ansicht",
)
"""Not pages of ours; `/ansicht` is a letter in its sandbox, where no script runs, axe neither."""


def kind_of(path: str) -> str:
    """Addresses that differ only in which thing they show are one kind."""
    return ONE_OF_MANY.sub("{}", path)


def pages(
    page: Page, origin: str, starts: tuple[str, ...], *, several: bool = True
) -> Iterator[tuple[str, Response]]:
    """Opens page after page from `starts` on, by the links found on them; yields path and answer."""
    most = SEVERAL if several else {}
    waiting, seen = deque(starts), set(starts)
    kinds = Counter(kind_of(start) for start in starts)
    while waiting:
        path = waiting.popleft()
        answer = page.goto(origin + path)
        assert answer is not None
        yield path, answer
        for found in _links(page, origin):
            kind = kind_of(found)
            wanted = found not in seen and kinds[kind] < most.get(kind, 1)
            if wanted and "/dateien/" not in found and not found.endswith(FILES):
                seen.add(found)
                kinds[kind] += 1
                waiting.append(found)


def _links(page: Page, origin: str) -> Iterator[str]:
    for href in page.eval_on_selector_all(
        "a[href]:not([download])", "all => all.map(a => a.getAttribute('href'))"
    ):
        address = urlsplit(urljoin(page.url, href))
        if f"{address.scheme}://{address.netloc}" == origin and "/static/" not in address.path:
            yield address.path
