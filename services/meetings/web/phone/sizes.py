"""How the phone says why somebody has no vote, and each choice in the same number of bytes."""

from collections.abc import Callable

from services.meetings.domain.polls import Barred, Choice
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.room_words import BARRED_YOU, CHOICE, RECUSED_YOU


def reason(barred: Barred | None, because: str) -> list[str]:
    """One or two sentences to the person; whoever is on no list was not there."""
    said = [str(BARRED_YOU[barred or Barred.ABSENT])]
    if barred is Barred.RECUSED and because:
        said.append(str(RECUSED_YOU[RecusedBecause(because)]))
    return said


def sized(gettext: Callable[[str], str], choice: Choice) -> tuple[str, str]:
    """The choice in the reader's words, and blanks that make every page of it as long."""
    said = {one: gettext(str(text)) for one, text in CHOICE.items()}
    longest = max(len(text.encode()) for text in said.values())
    return said[choice], " " * (longest - len(said[choice].encode()))
