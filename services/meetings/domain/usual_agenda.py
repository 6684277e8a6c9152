"""The order most sessions have, and where an item stands in it as long as nobody moves it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.meetings.domain.items import AFTERWARDS, ItemKind, OwnWords

OPENING: Final = "Eröffnung und Begrüßung"
LAST_MINUTES: Final = "Protokoll der letzten Sitzung"
FOLLOW_UP: Final = "Was aus der letzten Sitzung noch offen ist"
REPORT: Final = "Bericht: Entscheidungen seit der letzten Sitzung"
ANYTHING_ELSE: Final = "Verschiedenes"
"""As they stand on the agenda: the office's own words, which it may change."""


@dataclass(frozen=True, kw_only=True)
class Since:
    """What happened since the last session, in numbers only: an agenda is public."""

    met_before: bool
    open_tasks: int = 0
    followed: int = 0
    """Decisions that are not done to their end."""
    in_writing: int = 0
    urgent: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the office may have moved: an item as the agenda orders it."""

    is_application: bool
    place: int | None
    carried: bool
    kept_since: datetime
    number: str


def follow_up(since: Since) -> OwnWords:
    """What the board decided and what is still to be done."""
    return OwnWords(kind=ItemKind.FOLLOW_UP, title=FOLLOW_UP, text=_open(since), minutes=10)


def report(since: Since) -> OwnWords:
    """What was decided between the sessions has to be told in the next one."""
    return OwnWords(kind=ItemKind.REPORT, title=REPORT, text=_decided(since), minutes=5)


def usual(since: Since) -> list[tuple[OwnWords, bool]]:
    """What most sessions have besides the applications; true: behind them."""
    other = ItemKind.OTHER
    found = [(OwnWords(kind=other, title=OPENING, minutes=5), False)]
    if since.met_before:
        found.append((OwnWords(kind=other, title=LAST_MINUTES, minutes=5), False))
    if since.met_before or since.open_tasks or since.followed:
        found.append((follow_up(since), False))
    if since.in_writing or since.urgent:
        found.append((report(since), False))
    return [*found, (OwnWords(kind=other, title=ANYTHING_ELSE, minutes=10), True)]


def next_place(places: Iterable[int | None], *, behind: bool) -> int:
    """The place after the last one in front of the applications, or behind them."""
    taken = [one for one in places if one is not None and (one >= AFTERWARDS) is behind]
    return max(taken, default=AFTERWARDS if behind else 0) + 1


def places_of(wanted: Sequence[Place]) -> list[int | None]:
    """A place for each item in the wanted order.

    Applications in their usual order get none: whoever is admitted later still finds theirs.
    """
    first, end = _applications(wanted)
    middle = wanted[first:end]
    as_usual = all(one.is_application for one in middle) and list(middle) == sorted(
        middle, key=lambda one: (not one.carried, one.kept_since, one.number)
    )
    return [
        AFTERWARDS + at if at >= end else None if at >= first and as_usual else at + 1
        for at in range(len(wanted))
    ]


def _applications(wanted: Sequence[Place]) -> tuple[int, int]:
    """From the first application to the one after the last; without any, where they would come."""
    found = [at for at, one in enumerate(wanted) if one.is_application]
    if found:
        return found[0], found[-1] + 1
    behind = [at for at, one in enumerate(wanted) if (one.place or 0) >= AFTERWARDS]
    between = behind[0] if behind else len(wanted)
    return between, between


def _open(since: Since) -> str:
    return f"Offene Aufgaben: {since.open_tasks}. Beschlüsse, die noch laufen: {since.followed}."


def _decided(since: Since) -> str:
    return f"Umlaufbeschlüsse: {since.in_writing}. Eilentscheidungen: {since.urgent}."
