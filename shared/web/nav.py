"""The navigation: what stands in it for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.web.actors import Actor, Role
from shared.web.i18n import lazy


@dataclass(frozen=True)
class NavItem:
    """One entry; `key` is what a page passes as `here` to be marked as the current one."""

    key: str
    path: str
    label: str


PUBLIC: Final = (
    ("neuigkeiten", "/neuigkeiten", lazy("Neuigkeiten")),
    ("kalender", "/kalender", lazy("Kalender")),
    ("antraege", "/antraege", lazy("Bürgerfonds")),
    ("sitzungen", "/sitzungen", lazy("Sitzungen")),
)

OFFICE: Final = (
    ("heute", "/buero", lazy("Heute")),
    ("antraege", "/buero/antraege", lazy("Anträge")),
    ("sitzungen", "/buero/sitzungen", lazy("Sitzungen")),
    ("termine", "/buero/termine", lazy("Termine")),
    ("rundbriefe", "/buero/rundbriefe", lazy("Rundbriefe")),
    ("schreiben", "/buero/schreiben", lazy("Schreiben")),
    ("fonds", "/buero/fonds", lazy("Fonds")),
    ("mitglieder", "/buero/mitglieder", lazy("Mitglieder")),
    ("partner", "/buero/partner", lazy("Partner")),
    ("konten", "/buero/konten", lazy("Konten")),
)


BOARD: Final = (("gremium", "/gremium", lazy("Mein Gremium")),)
"""What members find besides, whatever else they are."""


def navigation(actor: Actor, gettext: Callable[[str], str]) -> list[NavItem]:
    """The entries of this actor's main menu, in the reader's language."""
    in_the_office = not actor.roles.isdisjoint({Role.OFFICE, Role.AUDITOR})
    entries = [*(OFFICE if in_the_office else PUBLIC)]
    if Role.MEMBER in actor.roles:
        entries += BOARD
    return [NavItem(key, path, gettext(str(label))) for key, path, label in entries]
