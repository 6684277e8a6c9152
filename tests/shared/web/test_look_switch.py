"""Switching the language keeps the page, on every public page of every service."""

import re
from html import unescape

from fastapi import FastAPI

from services.applications.web import create_web as applications_web
from services.meetings.web import create_web as meetings_web
from services.notifications.web import create_web as notifications_web
from shared.web.access import matrix
from tests.support.browser import Browser
from tests.support.services import Services

SWITCH = re.compile(r'hreflang="(\w+)" href="([^"]+)"')


def pages(app: FastAPI) -> list[str]:
    """The addresses a reader can open without knowing any number."""
    return [path for method, path, _ in matrix(app) if method == "GET" and "{" not in path]


async def test_every_public_page_offers_itself_in_the_other_languages(services: Services) -> None:
    switched = 0
    for app in (
        applications_web(services.applications),
        meetings_web(services.meetings),
        notifications_web(services.notifications),
    ):
        async with Browser(app) as reader:
            for path in pages(app):
                answer = await reader.get(f"{path}?seite=2&q=Chor+%26+Tanz")
                if answer.status_code != 200 or "<html" not in answer.text:
                    continue
                links = {code: unescape(to) for code, to in SWITCH.findall(answer.text)}
                assert links == {
                    code: f"{path}?seite=2&q=Chor+%26+Tanz&lang={code}"
                    for code in ("de", "en", "ru", "ar", "tr", "pl")
                }, path
                arabic = await reader.get(links["ar"])
                assert '<html lang="ar" dir="rtl">' in arabic.text, path
                assert '<html lang="ar"' in (await reader.get(path)).text, "remembered"
                await reader.get(f"{path}?lang=de")
                switched += 1
    assert switched >= 12
