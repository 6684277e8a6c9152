"""The pages and feeds of notifications."""

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm.exc import StaleDataError

from services.notifications.api_feeds import router as api_feeds
from services.notifications.domain.issue import IllegalMove
from services.notifications.feeds import router as feeds
from services.notifications.front import router as front
from services.notifications.keys import partner_of
from services.notifications.legal import legal_facts
from services.notifications.legal import router as legal
from services.notifications.pages.addresses import router as addresses
from services.notifications.pages.archive import router as archive
from services.notifications.pages.checking import router as checking
from services.notifications.pages.editor import router as editor
from services.notifications.pages.issue_copies import router as issue_copies
from services.notifications.pages.issues import GONE_ON
from services.notifications.pages.issues import router as issues
from services.notifications.pages.letters import router as letters
from services.notifications.pages.many_letters import router as many_letters
from services.notifications.pages.one_person import router as one_person
from services.notifications.pages.pictures import router as pictures
from services.notifications.pages.preview import router as preview
from services.notifications.pages.printing import router as printing
from services.notifications.pages.sending import router as sending
from services.notifications.pages.subscribers import router as subscribers
from services.notifications.pages.subscriptions import router as subscriptions
from services.notifications.pages.unreachable import router as unreachable
from services.notifications.partners import router as partners
from services.notifications.policy import POLICY
from services.notifications.store import TABLES
from shared.service import Service
from shared.web.app import create_app
from shared.web.i18n import lazy
from shared.web.pages import gettext_of
from shared.web.problems import problem
from shared.web.serve import serve

TEMPLATES: Final = Path(__file__).parent / "templates"
ISSUES: Final = (issues, editor, preview, checking, pictures, sending, issue_copies, archive)
SUBSCRIPTIONS: Final = (subscriptions, subscribers, addresses)
LETTERS: Final = (printing, one_person, many_letters, unreachable, letters)
"""In this order: the last one takes every other path for the id of a letter."""
ROUTERS: Final = (front, *SUBSCRIPTIONS, feeds, api_feeds, *LETTERS, partners, legal, *ISSUES)

CONFLICTS: Final[dict[type[Exception], Any]] = {
    StaleDataError: lazy("Jemand hat das inzwischen geändert. Sehen Sie den neuen Stand an."),
    IllegalMove: GONE_ON,
}
"""Refusals that no page explained itself: status 409 and a sentence."""


def create_web(service: Service) -> FastAPI:
    """The web application over an opened service; refuses to start without the legal facts."""
    app = create_app(
        service,
        routers=ROUTERS,
        policy=POLICY,
        templates=TEMPLATES,
        keys=partner_of,
        tables=TABLES,
    )
    legal_facts(app.state.brand)
    for error in CONFLICTS:
        app.add_exception_handler(error, _conflict)
    return app


async def _conflict(request: Request, error: Exception) -> Response:
    sentence = next(text for kind, text in CONFLICTS.items() if isinstance(error, kind))
    return problem(request, 409, detail=gettext_of(request)(str(sentence)))


if __name__ == "__main__":
    serve("notifications", create_web)
