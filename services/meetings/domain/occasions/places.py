"""Who gets a place: never more than there are, and no place stays empty while somebody fits it."""

from collections.abc import Sequence
from uuid import UUID


class RegistrationClosed(Exception):
    """Nobody can register here: not announced, no registration needed, or the time is over."""


class NoPlaces(Exception):
    """Not so many places are left, and there is no waiting list."""

    def __init__(self, free: int) -> None:
        super().__init__(f"{free} places left")
        self.free = free


class FewPlaces(NoPlaces):
    """Somebody with a place wants to bring more people than there is room for."""


def fits(people: int, free: int | None) -> bool:
    """Whether so many people find a place; None is room for everybody."""
    return free is None or people <= free


def promotable(waiting: Sequence[tuple[UUID, int]], free: int | None) -> list[UUID]:
    """Who of the waiting list gets a place now: in its order, each one that fits as a whole.

    Nobody is overtaken by somebody who came later unless too few places are left for all of them.
    """
    chosen = []
    for registration_id, people in waiting:
        if fits(people, free):
            chosen.append(registration_id)
            free = None if free is None else free - people
    return chosen
