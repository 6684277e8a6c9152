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
from services.notifications.pages.letters import router as letters
from services.notifications.pages.subscriptions import router as subscriptions
from services.notifications.partners import router as partners
from services.notifications.policy import POLICY
from services.notifications.store import TABLES
from shared.service import Service
from shared.web.app import create_app
from shared.web.serve import serve

TEMPLATES: Final = Path(__file__).parent / "templates"
ROUTERS: Final = (front, subscriptions, feeds, api_feeds, letters, partners, legal)


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
