"""People at the form: what they type, and how they get through it."""

import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from httpx import Response
from PIL import Image
from pypdf import PdfWriter
from sqlalchemy import select
from starlette.responses import PlainTextResponse

from services.applications.domain import Application, SessionDate
from services.applications.store import Outbox
from shared.events.base import Event, registry
from shared.service import Service
from shared.web.access import Actor, Role
from shared.web.sessions import sign_in
from tests.support.browser import Browser

IDEA: Final = {
    "title": "Sommerfest im Innenhof",
    "aim": "Nachbarn lernen sich kennen.",
    "plan": "Ein Nachmittag mit Musik, Spielen und einem langen Tisch.",
    "target_group": "Alle im Haus",
    "benefit": "Man kennt sich danach.",
    "field_of_action": "encounter",
    "place": "Hallesche Straße 30",
    "starts_on": "20.6.2026",
    "ends_on": "20.6.2026",
    "not_begun": "true",
}
WHO: Final = {
    "kind": "person",
    "name": "Ayşe Yıldız",
    "email": "ayse@example.org",
    "phone": "05361 123456",
    "street": "Dessauer Straße 12",
    "postcode": "38444",
    "city": "Wolfsburg",
    "language": "ar",
    "account_holder": "Ayşe Yıldız",
    "iban": "DE89 3704 0044 0532 0130 00",
}
COSTS: Final = {
    "costs-0-what": "Bühne und Ton",
    "costs-0-cents": "680,00",
    "costs-1-what": "Bastelmaterial",
    "costs-1-cents": "240",
    "funding-0-kind": "own_work",
    "funding-0-what": "Aufbau durch Nachbarn",
    "funding-0-cents": "120",
    "asked_cents": "800,00",
    "other_applications": "no",
}
AGREED: Final = {"privacy": "true"}

STEPS: Final[Mapping[str, Mapping[str, str]]] = {"idee": IDEA, "wer": WHO, "kosten": COSTS}
FORM: Final = "/antraege/entwurf"


class Resident(Browser):
    """Somebody who fills in the form."""

    async def begin(self) -> Response:
        return await self.submit("/antraege/neu")

    async def fill(
        self, slug: str, typed: Mapping[str, Any] | None = None, **more: Any
    ) -> Response:
        """Press Weiter on a step."""
        data = dict(STEPS[slug] if typed is None else typed) | {"aktion": "weiter"} | more
        return await self.submit(f"{FORM}/{slug}", data)

    async def fill_all(self, **changes: str) -> None:
        """Begin and fill in every step; `changes` replace what is typed."""
        await self.begin()
        for slug, typed in STEPS.items():
            answer = await self.fill(
                slug, {name: changes.get(name, v) for name, v in typed.items()}
            )
            assert answer.status_code == 303, answer.text

    async def hand_in(self, **more: str) -> Response:
        return await self.submit(f"{FORM}/pruefen", {**AGREED, "aktion": "weiter", **more})

    async def apply(self, **changes: str) -> str:
        """The whole way; returns the number."""
        await self.fill_all(**changes)
        answer = await self.hand_in()
        assert answer.status_code == 303, answer.text
        return await self.number()

    async def number(self) -> str:
        found = re.search(r"\d{4}-\d{3}", (await self.get("/antraege/danke")).text)
        assert found
        return found[0]

    async def upload(self, *files: tuple[str, bytes], **data: str) -> Response:
        sent = [("files", (name, content, "application/octet-stream")) for name, content in files]
        return await self.submit(f"{FORM}/dateien", {"aktion": "hochladen", **data}, files=sent)


async def sign_in_as(
    service: Service, someone: Browser, roles: Iterable[str], *, name: str = ""
) -> None:
    actor = Actor(kind="account", roles=frozenset(map(Role, roles)), account_id=uuid4(), name=name)
    await _enter(service, someone, actor)


async def sign_in_applicant(service: Service, someone: Browser, *ids: UUID) -> None:
    actor = Actor(kind="applicant", person_id=uuid4(), application_ids=frozenset(ids))
    await _enter(service, someone, actor)


async def _enter(service: Service, someone: Browser, actor: Actor) -> None:
    answer = PlainTextResponse()
    await sign_in(service, answer, actor)
    [cookie] = answer.headers.getlist("set-cookie")
    key, _, value = cookie.partition(";")[0].partition("=")
    someone.cookies.set(key, value, domain="stadtteil.example")


async def told(service: Service, kind: type[Event] | None = None) -> list[Any]:
    """The events this service told so far."""
    async with service.db.read() as session:
        rows = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
    events = [registry()[row.type].from_cloudevent(json.loads(row.body)) for row in rows]
    return [event for event in events if kind is None or isinstance(event, kind)]


async def stored(service: Service) -> list[Application]:
    async with service.db.read() as session:
        return list(await session.scalars(select(Application).order_by(Application.id)))


async def plan_session(
    service: Service, starts_at: datetime, *, deadline: datetime | None = None
) -> UUID:
    """A date as meetings would have told it."""
    date = SessionDate(
        session_id=uuid4(),
        board="Freunde Westhagens",
        starts_at=starts_at,
        place="Treffpunkt, Hallesche Straße 30",
        submission_deadline=deadline or starts_at - timedelta(days=14),
        cancelled=False,
        told_version=1,
    )
    async with service.db.begin() as session:
        session.add(date)
    return date.session_id


def pdf(*, pages: int = 1, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(72, 72)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "orange").save(out, kind)
    return out.getvalue()


JUNE: Final = datetime(2026, 6, 10, 16, tzinfo=UTC)
