"""Invented people: who signs in, who applies, who reads."""

from dataclasses import dataclass, field
from typing import Final

from shared.web.actors import Role


@dataclass(frozen=True)
class SignIn:
    """An account of the demo; secrets are fixed, since the demo is open to this machine only."""

    key: str
    label: str
    name: str
    email: str
    password: str
    roles: frozenset[Role]
    totp: str = ""


SIGN_INS: Final = (
    SignIn(
        "office", "Office", "Jana Petersen", "buero@westhagen.example",
        "ein Fahrrad vor dem Rathaus", frozenset({Role.OFFICE}), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    ),
    SignIn(
        "payer", "Payer", "Holger Reimann", "kasse@westhagen.example",
        "sieben Brote am Dienstag", frozenset({Role.PAYER}), "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
    ),
    SignIn(
        "auditor", "Auditor", "Dr. Sabine Krüger", "pruefung@westhagen.example",
        "drei Lampen im Keller", frozenset({Role.AUDITOR}), "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
    ),
    SignIn(
        "member", "Member", "Mehmet Aydın", "mehmet.aydin@westhagen.example",
        "im Garten wachsen Bohnen", frozenset({Role.MEMBER}),
    ),
    SignIn(
        "chair", "Chair", "Gisela Brandt", "gisela.brandt@westhagen.example",
        "der Zug nach Braunschweig", frozenset({Role.MEMBER}),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Resident:
    """Somebody who applies, with a bank account whose check digits are right."""

    name: str
    email: str
    language: str
    street: str
    iban: str
    phone: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Idea:
    """One application of the year: told in days before the demo is first started."""

    who: Resident
    days_ago: int
    title: str
    aim: str
    plan: str
    target_group: str
    benefit: str
    field_of_action: str
    place: str
    costs: tuple[tuple[str, int], ...]
    asked: int
    funding: tuple[tuple[str, str, int], ...] = ()
    fate: str = "submitted"
    files: tuple[str, ...] = ()
    newsletter: bool = False
    starts_in: int = 130
    lasts: int = 30
    """Days from handing in to the beginning, and from there to the end."""


@dataclass(frozen=True)
class Reader:
    """Somebody who subscribes; whoever never answers the question gets nothing."""

    name: str
    email: str
    language: str
    topics: tuple[str, ...]
    days_ago: int
    confirms: bool = True
    days_until_end: int | None = field(default=None)
