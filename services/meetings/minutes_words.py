"""What the minutes say: codes in the board's words, and a first text for every part."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from services.meetings.domain.agenda import ItemKind, Outcome
from services.meetings.domain.minutes import (
    BLANK,
    CLOSING,
    OPENING,
    AmendmentStatus,
    ApprovedBecause,
    MinutesStatus,
)
from services.meetings.domain.polls import Choice
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.votes import Answer, Vote
from services.meetings.queries.minutes import Facts, ItemFacts
from services.meetings.verdict_words import Tongue
from shared.events.meetings import Manner, Motion, Verdict
from shared.print.voice import LEFT_TO_RIGHT, POP, RIGHT_TO_LEFT, Voice, starts
from shared.web.i18n import BINDING, lazy

STATUS: Final[Mapping[MinutesStatus, Any]] = {
    MinutesStatus.DRAFT: lazy("Entwurf"),
    MinutesStatus.CIRCULATED: lazy("Zur Genehmigung"),
    MinutesStatus.APPROVED: lazy("Genehmigt"),
}
STATUS_KIND: Final[Mapping[MinutesStatus, str]] = {
    MinutesStatus.DRAFT: "warning",
    MinutesStatus.CIRCULATED: "info",
    MinutesStatus.APPROVED: "success",
}
AMENDMENT: Final[Mapping[AmendmentStatus, Any]] = {
    AmendmentStatus.OPEN: lazy("Offen"),
    AmendmentStatus.TAKEN: lazy("Übernommen"),
    AmendmentStatus.REFUSED: lazy("Nicht übernommen"),
}
AMENDMENT_KIND: Final[Mapping[AmendmentStatus, str]] = {
    AmendmentStatus.OPEN: "warning",
    AmendmentStatus.TAKEN: "success",
}
GROUND: Final[Mapping[ApprovedBecause, Any]] = {
    ApprovedBecause.NOBODY_ASKED: lazy("Vor der Genehmigung musste niemand gefragt werden."),
    ApprovedBecause.ALL_AGREED: lazy("Alle, die da waren, sind einverstanden."),
    ApprovedBecause.TERM_OVER: lazy("Die Zeit für Einwände ist vorbei."),
    ApprovedBecause.REASONED: lazy("Vor Ablauf der Zeit für Einwände genehmigt."),
}
MANNER: Final[Mapping[Manner, Any]] = {
    Manner.HANDS: lazy("Abgestimmt wurde mit Handzeichen."),
    Manner.NAMED: lazy("Abgestimmt wurde mit Namen."),
    Manner.SECRET: lazy("Abgestimmt wurde geheim, am eigenen Gerät."),
    Manner.PAPER: lazy("Abgestimmt wurde geheim, auf Zetteln."),
}
CHOICE: Final[Mapping[Choice, Any]] = {
    Choice.YES: lazy("Ja"),
    Choice.NO: lazy("Nein"),
    Choice.ABSTAIN: lazy("Enthaltung"),
}
RECUSED: Final[Mapping[RecusedBecause, Any]] = {
    RecusedBecause.APPLICANT: lazy("stellt den Antrag selbst"),
    RecusedBecause.INSTITUTION: lazy("gehört zur Einrichtung, die den Antrag stellt"),
    RecusedBecause.PARTNER: lazy("lebt mit der Person zusammen, die den Antrag stellt"),
    RecusedBecause.RELATIVE: lazy("ist mit der Person verwandt, die den Antrag stellt"),
    RecusedBecause.REPRESENTS: lazy("vertritt, wer den Antrag stellt"),
    RecusedBecause.EMPLOYER: lazy("arbeitet beim Antragsteller"),
    RecusedBecause.OTHER: lazy("ist befangen"),
}
CAME_OF_IT: Final[Mapping[Answer, Any]] = {
    Answer.RESERVED: lazy("Das Geld ist zurückgelegt."),
    Answer.NOT_COVERED: lazy("So viel Geld war nicht mehr da."),
    Answer.REJECTED: lazy("Der Antrag bekommt kein Geld."),
    Answer.DEFERRED: lazy("Der Antrag kommt in eine spätere Sitzung."),
}
"""What is still awaited, or has no consequence, is not said."""

DEALT_WITH: Final[Mapping[ItemKind, Any]] = {
    ItemKind.DISCUSSION: lazy("Das Gremium hat über „%(title)s“ gesprochen."),
    ItemKind.REPORT: lazy("Das Gremium hat gehört: %(title)s."),
    ItemKind.FOLLOW_UP: lazy("Das Gremium hat besprochen, was aus früheren Beschlüssen offen ist."),
    ItemKind.OTHER: lazy("Das Gremium hat den Punkt „%(title)s“ behandelt."),
}
NOT_DEALT_WITH: Final = lazy("Der Punkt „%(title)s“ ist auf eine spätere Sitzung verschoben.")
LEFT_OPEN: Final = lazy("Über den Antrag %(number)s wurde nicht abgestimmt.")
OTHERWISE: Final[Mapping[Outcome, Any]] = {
    Outcome.WITHDRAWN: lazy("Der Antrag %(number)s ist zurückgezogen worden."),
    Outcome.LAPSED: lazy("Zum Antrag %(number)s fehlten Unterlagen. Er ist verfallen."),
    Outcome.INADMISSIBLE: lazy("Der Antrag %(number)s war nicht zulässig."),
    Outcome.DEFERRED: lazy("Der Antrag %(number)s ist auf eine spätere Sitzung verschoben."),
}


@dataclass(frozen=True)
class Speech:
    """One reader's sentences, sums and times."""

    lang: str

    @cached_property
    def tongue(self) -> Tongue:
        return Tongue(self.lang)

    @cached_property
    def voice(self) -> Voice:
        return Voice(self.lang)

    def gettext(self, sentence: str, /, **facts: Any) -> str:
        """The sentence in this language, filled with facts."""
        return self.tongue.gettext(sentence, **facts)

    def ngettext(self, one: str, many: str, n: int, /, **facts: Any) -> str:
        """The form this language uses for n."""
        return self.tongue.ngettext(one, many, n, **facts)

    def clock(self, at: datetime) -> str:
        return self.voice.clock(at)

    def said(self, text: str) -> str:
        """Somebody's own words on one line, in the direction of their script."""
        line = " ".join(text.split())
        if self.voice.direction == "ltr":
            return line
        mark = RIGHT_TO_LEFT if starts(line) == "rtl" else LEFT_TO_RIGHT
        return f"{mark}{line}{POP}"

    def question(self, vote: Vote, title: str) -> str:
        """What was put to the vote."""
        if vote.motion is Motion.DEFER:
            return self.gettext("Auf eine spätere Sitzung vertagen")
        if vote.amount_cents is not None:
            return self.gettext("%(sum)s bewilligen", sum=self.voice.euros(vote.amount_cents))
        return self.said(vote.text or title)


def proposals(facts: Facts) -> dict[str, str]:
    """A first text for every part, in German and without a name: the office only adds to it."""
    speech = Speech(BINDING)
    return {
        OPENING: _opening(facts, speech),
        **{item.part: _item(item, speech) for item in facts.items},
        CLOSING: _closing(facts, speech),
    }


def _opening(facts: Facts, speech: Speech) -> str:
    meeting, room = facts.meeting, facts.room
    if room is None or meeting.opened_at is None:
        day = speech.voice.day(meeting.starts_at)
        return speech.gettext("Das Gremium hat sich am %(day)s getroffen.", day=day)
    said = [
        speech.gettext("Die Sitzung begann um %(time)s Uhr.", time=speech.clock(meeting.opened_at))
    ]
    there = speech.ngettext(
        "%(num)s von %(members)s Stimmen war da.",
        "%(num)s von %(members)s Stimmen waren da.",
        room.present,
        members=room.members,
    )
    return " ".join([*said, there, quorum_sentence(facts, speech)])


def quorum_sentence(facts: Facts, speech: Speech) -> str:
    """Whether enough were there at the opening."""
    assert facts.room is not None, "without a room nobody counted"
    needed = facts.rules.quorum_of(facts.room.members)
    if needed is None:
        return speech.gettext("Eine Mindestzahl ist nicht nötig.")
    if facts.room.present >= needed:
        return speech.gettext(
            "Nötig sind %(needed)s. Das Gremium war beschlussfähig.", needed=needed
        )
    return speech.gettext(
        "Nötig sind %(needed)s. Das Gremium war nicht beschlussfähig.", needed=needed
    )


def _closing(facts: Facts, speech: Speech) -> str:
    if facts.meeting.closed_at is None:
        return speech.gettext("Danach war die Sitzung zu Ende.")
    at = speech.clock(facts.meeting.closed_at)
    return speech.gettext("Die Sitzung endete um %(time)s Uhr.", time=at)


def _item(item: ItemFacts, speech: Speech) -> str:
    line = item.line
    if line.case is None:
        put_off = line.item.outcome is Outcome.DEFERRED and not item.votes
        dealt = NOT_DEALT_WITH if put_off else DEALT_WITH[line.item.kind]
        said = [speech.gettext(dealt, title=line.title)]
    else:
        asked = speech.voice.euros(line.case.asked_cents)
        said = [
            speech.gettext(
                "Das Gremium hat den Antrag %(number)s „%(title)s“ beraten. Beantragt sind %(sum)s.",
                number=line.number,
                title=line.title,
                sum=asked,
            )
        ]
    said += [_voted(one.vote, line.title, speech) for one in item.votes]
    if line.case is not None and not item.votes:
        left = OTHERWISE.get(line.item.outcome, LEFT_OPEN) if line.item.outcome else LEFT_OPEN
        said = [speech.gettext(left, number=line.number)]
    if item.tasks:
        said.append(how_many_tasks(item, speech))
    return " ".join(said)


def how_many_tasks(item: ItemFacts, speech: Speech) -> str:
    """That there is something to do, without saying what and who."""
    n = len(item.tasks)
    return speech.ngettext("Daraus folgt %(num)s Aufgabe.", "Daraus folgen %(num)s Aufgaben.", n)


def _voted(vote: Vote, title: str, speech: Speech) -> str:
    asked = speech.question(vote, title)
    if vote.verdict is Verdict.NO_QUORUM:
        return speech.gettext("Für „%(question)s“ waren zu wenige Mitglieder da.", question=asked)
    if vote.verdict is Verdict.VOID:
        return speech.gettext("Die Abstimmung „%(question)s“ gilt nicht.", question=asked)
    decided = lazy("Angenommen (%(votes)s): %(question)s.")
    if vote.verdict is not Verdict.ACCEPTED:
        decided = lazy("Abgelehnt (%(votes)s): %(question)s.")
    asked = asked.rstrip(" .")
    return speech.gettext(decided, question=asked, votes=_counted(vote, speech))


def _counted(vote: Vote, speech: Speech) -> str:
    yes, no, abstained = (vote.counts[name] for name in ("yes", "no", "abstain"))
    said = [speech.gettext("%(yes)s Ja", yes=yes), speech.gettext("%(no)s Nein", no=no)]
    if abstained:
        said.append(speech.ngettext("%(num)s Enthaltung", "%(num)s Enthaltungen", abstained))
    return speech.voice.listed(said)


SHORTEST_NAME: Final = 3


def names_in(texts: Mapping[str, str], names: Iterable[str]) -> dict[str, list[str]]:
    """By part, what stands in the public text and is (a part of) somebody's name."""
    wanted = sorted({word for name in names for word in _words_of(name)})
    if not wanted:
        return {}
    found = re.compile(rf"\b(?:{'|'.join(map(re.escape, wanted))})(?:s|’s|'s)?\b", re.IGNORECASE)
    hits = {part: found.findall(BLANK.sub(" ", text)) for part, text in texts.items()}
    return {part: list(dict.fromkeys(words)) for part, words in hits.items() if words}


def _words_of(name: str) -> Sequence[str]:
    parts = re.split(r"[\s,;./()-]+", name)
    return [part for part in parts if len(part) >= SHORTEST_NAME and part[0].isupper()]
