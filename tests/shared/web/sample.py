"""A small service, only for the kernel's tests: every kind of route once."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field, model_validator
from redis.exceptions import ConnectionError as RedisConnectionError
from starlette.exceptions import HTTPException

from shared.service import Service
from shared.web.access import (
    Actor,
    Guarded,
    Role,
    actor_of,
    authorizer,
    grant,
    public,
    require_fresh,
)
from shared.web.app import create_app
from shared.web.forms import (
    Cents,
    Complaint,
    Day,
    Email,
    Line,
    Phone,
    Text,
    TimeOfDay,
    blank,
    read_form,
)
from shared.web.i18n import lazy
from shared.web.limits import limit
from shared.web.pages import page, see_other
from shared.web.sessions import sign_in, sign_out

OWNER = UUID("00000000-0000-0000-0000-00000000000a")
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Thing:
    """Something that belongs to somebody."""

    owner: UUID


def owns(actor: Actor, thing: Thing) -> bool:
    return actor.person_id == thing.owner


POLICY = {
    "open": public(),
    "office": grant(Role.OFFICE),
    "read": grant(Role.OFFICE, Role.AUDITOR),
    "thing": grant(Role.OFFICE, owners=("applicant",), owns=owns),
    "feed": grant("partner", scope="feeds"),
}

authorize = authorizer(POLICY)
routes = Guarded()


class Kind(StrEnum):
    CULTURE = "culture"
    SPORT = "sport"


class Cost(BaseModel):
    """One line of the plan."""

    purpose: Line
    amount: Cents


class Idea(BaseModel):
    """A form with one field of every kind."""

    title: Line
    aim: Text
    note: str = ""
    field: Kind
    way: Literal["post", "mail"]
    asked: Cents
    people: Annotated[int, Field(ge=1, le=5000)] | None = None
    begins: Day
    at: TimeOfDay | None = None
    email: Email
    phone: Phone | None = None
    agreed: bool = False
    days: list[Literal["mo", "tu"]] = []
    costs: list[Cost] = []

    @model_validator(mode="after")
    def _later(self) -> "Idea":
        if self.begins < date(2026, 1, 1):
            raise Complaint(lazy("Ihr Antrag ist da. Nummer %(number)s."), number="2026-001")
        return self


@routes.get("/antraege", action="open")
async def start(request: Request) -> Response:
    return page(request, "plain.html", title="Bürgerfonds", words="")


@routes.get("/antraege/idee", action="open")
async def show(request: Request) -> Response:
    return page(request, "form.html", title="Idee", form=blank())


@routes.post("/antraege/idee", action="open", max_body=300_000)
async def hand_in(request: Request) -> Response:
    form = await read_form(request, Idea)
    if form.data is None:
        return page(request, "form.html", title="Idee", form=form, status=422)
    return see_other("/antraege", f"Danke: {form.data.model_dump_json()}")


@routes.post("/antraege/abbestellen", action="open", csrf=False)
async def one_click() -> Response:
    return PlainTextResponse("weg")


class NoFields(BaseModel):
    """A form of files alone."""


@routes.post("/antraege/datei", action="open", max_body=1_000_000)
async def upload(request: Request) -> Response:
    form = await read_form(request, NoFields)
    sizes = [file.size for files in form.files.values() for file in files]
    return PlainTextResponse(str(sizes))


@routes.post("/antraege/oft", action="open", dependencies=[limit("2/minute")])
async def often(request: Request) -> Response:
    return PlainTextResponse("gezählt")


@routes.post(
    "/antraege/adresse",
    action="open",
    dependencies=[limit("2/minute", key="email", closed=True)],
)
async def by_address(request: Request) -> Response:
    return PlainTextResponse("gezählt")


@routes.get("/antraege/krach", action="open")
async def crash() -> Response:
    raise RuntimeError("geheim: ada@example.org")


@routes.get("/antraege/redis-weg", action="open")
async def without_redis() -> Response:
    raise RedisConnectionError


@routes.get("/antraege/fehlt/{status}", action="open")
async def missing(status: int) -> Response:
    raise HTTPException(status)


@routes.get("/antraege/nummer/{thing_id}", action="open")
async def by_id(thing_id: UUID) -> Response:
    return PlainTextResponse(str(thing_id))


@routes.get("/antraege/nonce", action="open")
async def with_nonce(request: Request) -> Response:
    return PlainTextResponse(f"{request.state.nonce}", headers={"Content-Language": "de"})


@routes.get("/buero/antraege", action="read")
async def office(request: Request) -> Response:
    return page(request, "plain.html", title="Büro", words="")


@routes.post("/buero/antraege", action="office")
async def change(request: Request) -> Response:
    return see_other("/buero/antraege", "Gespeichert.")


@routes.get("/buero/fonds", action="office")
async def serious(request: Request) -> Response:
    require_fresh(actor_of(request), minutes=5, at=request.app.state.service.clock.now())
    return PlainTextResponse("frisch")


@routes.get("/mein/{owner}", action="thing")
async def own(request: Request, owner: UUID) -> Response:
    authorize(actor_of(request), "thing", Thing(owner))
    return PlainTextResponse("Ihr Antrag")


@routes.get("/mein/ohne-pruefung/x", action="thing")
async def forgotten(request: Request) -> Response:
    return PlainTextResponse("Antrag von irgendwem")


@routes.post("/mein/anmelden/{kind}", action="open", csrf=False)
async def come_in(request: Request, kind: str) -> Response:
    service: Service = request.app.state.service
    response = see_other("/antraege")
    await sign_in(service, response, actor_named(kind), request=request)
    return response


@routes.post("/mein/abmelden", action="open")
async def go(request: Request) -> Response:
    response = see_other("/antraege")
    await sign_out(request.app.state.service, request, response)
    return response


class Asked(BaseModel):
    """What the API takes."""

    amount: int = Field(ge=1)
    name: Line


@routes.post("/api/v1/applications/ideas", action="open")
async def api_post(asked: Asked, times: int = 1) -> dict[str, int]:
    return {"amount": asked.amount * times}


@routes.get("/api/v1/applications/feed", action="feed")
async def api_feed() -> dict[str, str]:
    return {"feed": "leer"}


def actor_named(kind: str) -> Actor:
    """Somebody of this role, or an applicant."""
    if kind == "applicant":
        return Actor(kind="applicant", person_id=OWNER)
    return Actor(kind="account", roles=frozenset({Role(kind)}), account_id=OWNER, name="Jana Kruse")


async def keys(_service: Service, key: str) -> Actor | None:
    known = {"good": frozenset({"feeds"}), "narrow": frozenset[str]()}
    return Actor(kind="partner", scopes=known[key]) if key in known else None


def create_sample(service: Service) -> FastAPI:
    return create_app(service, routers=[routes], policy=POLICY, templates=TEMPLATES, keys=keys)
