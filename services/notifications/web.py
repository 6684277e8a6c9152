"""The pages and feeds of notifications."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.notifications.api_feeds import router as api_feeds
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
from shared.web.serve import serve

TEMPLATES: Final = Path(__file__).parent / "templates"
ISSUES: Final = (issues, editor, preview, checking, pictures, sending, issue_copies, archive)
SUBSCRIPTIONS: Final = (subscriptions, subscribers, addresses)
LETTERS: Final = (printing, one_person, many_letters, unreachable, letters)
"""In this order: the last one takes every other path for the id of a letter."""
ROUTERS: Final = (front, *SUBSCRIPTIONS, feeds, api_feeds, *LETTERS, partners, legal, *ISSUES)


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
    return app


if __name__ == "__main__":
    serve("notifications", create_web)
