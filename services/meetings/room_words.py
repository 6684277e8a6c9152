"""What is said in the room: why somebody does not vote, how the board votes, what just happened."""

from collections.abc import Mapping
from typing import Any, Final

from services.meetings.commands.polls import CountsMissing
from services.meetings.domain.codes import NotAReceipt
from services.meetings.domain.member import MemberStatus
from services.meetings.domain.polls import (
    Barred,
    Choice,
    MayNotVote,
    NobodyMayVote,
    PollClosed,
    TooFewForSecret,
    WrongManner,
)
from services.meetings.domain.recusal import RecusedBecause
from services.meetings.domain.room import (
    AlreadyFinished,
    ImpossibleTime,
    NotOnThisAgenda,
    NotOpen,
    NotThere,
    PollIsOpen,
    WrongCode,
)
from services.meetings.domain.session import NotTheDay
from services.meetings.domain.slips import AlreadyVoted, ReceiptTaken
from services.meetings.domain.votes import Answer
from shared.events.meetings import Manner, Motion
from shared.web.i18n import lazy

MEMBER_STATUS: Final[Mapping[MemberStatus, Any]] = {
    MemberStatus.GUEST: lazy("Gast"),
    MemberStatus.DECLARED: lazy("Noch ohne Stimmrecht"),
    MemberStatus.ACTIVE: lazy("Stimmrecht"),
    MemberStatus.SUSPENDED: lazy("Stimmrecht ruht"),
    MemberStatus.LEFT: lazy("Nicht mehr im Gremium"),
}

BARRED: Final[Mapping[Barred, Any]] = {
    Barred.ABSENT: lazy("ist nicht da"),
    Barred.GUEST: lazy("ist Gast"),
    Barred.DECLARED: lazy("hat noch kein Stimmrecht"),
    Barred.SUSPENDED: lazy("hat zurzeit kein Stimmrecht"),
    Barred.RECUSED: lazy("ist selbst betroffen"),
    Barred.UNIT: lazy("Jemand anderes aus derselben Einrichtung oder Familie stimmt schon ab"),
    Barred.LEFT: lazy("ist nicht mehr im Gremium"),
}
"""Behind a name: why this person has no vote here."""

BARRED_YOU: Final[Mapping[Barred, Any]] = {
    Barred.ABSENT: lazy("Sie stimmen hier nicht mit, weil Sie nicht da waren, als es losging."),
    Barred.GUEST: lazy("Sie stimmen hier nicht mit, weil Sie Gast sind."),
    Barred.DECLARED: lazy("Sie stimmen hier nicht mit, weil Sie noch kein Stimmrecht haben."),
    Barred.SUSPENDED: lazy("Sie stimmen hier nicht mit, weil Ihr Stimmrecht zurzeit ruht."),
    Barred.RECUSED: lazy("Sie stimmen hier nicht mit, weil Sie selbst betroffen sind."),
    Barred.UNIT: lazy(
        "Sie stimmen hier nicht mit, weil schon jemand aus Ihrer Einrichtung oder Familie abstimmt."
    ),
    Barred.LEFT: lazy("Sie stimmen hier nicht mit, weil Sie nicht mehr im Gremium sind."),
}
"""On the phone, to the person."""

RECUSED: Final[Mapping[RecusedBecause, Any]] = {
    RecusedBecause.APPLICANT: lazy("hat den Antrag gestellt"),
    RecusedBecause.INSTITUTION: lazy("gehört zur Einrichtung, die den Antrag gestellt hat"),
    RecusedBecause.PARTNER: lazy("lebt mit der Person, die den Antrag gestellt hat"),
    RecusedBecause.RELATIVE: lazy("ist mit der Person verwandt, die den Antrag gestellt hat"),
    RecusedBecause.REPRESENTS: lazy("vertritt, wer den Antrag gestellt hat"),
    RecusedBecause.EMPLOYER: lazy("arbeitet bei denen, die den Antrag gestellt haben"),
    RecusedBecause.OTHER: lazy("ist aus einem anderen Grund selbst betroffen"),
}
"""Behind a name: what makes this person part of the matter."""

RECUSED_YOU: Final[Mapping[RecusedBecause, Any]] = {
    RecusedBecause.APPLICANT: lazy("Sie haben den Antrag gestellt."),
    RecusedBecause.INSTITUTION: lazy("Sie gehören zur Einrichtung, die den Antrag gestellt hat."),
    RecusedBecause.PARTNER: lazy("Sie leben mit der Person, die den Antrag gestellt hat."),
    RecusedBecause.RELATIVE: lazy("Sie sind mit der Person verwandt, die den Antrag gestellt hat."),
    RecusedBecause.REPRESENTS: lazy("Sie vertreten, wer den Antrag gestellt hat."),
    RecusedBecause.EMPLOYER: lazy("Sie arbeiten bei denen, die den Antrag gestellt haben."),
    RecusedBecause.OTHER: lazy("Das steht so im Protokoll dieser Sitzung."),
}

MANNER: Final[Mapping[Manner, Any]] = {
    Manner.HANDS: lazy("Handzeichen"),
    Manner.NAMED: lazy("Mit Namen"),
    Manner.SECRET: lazy("Geheim am Handy"),
    Manner.PAPER: lazy("Geheim auf Zetteln"),
}

MANNER_HINT: Final[Mapping[Manner, Any]] = {
    Manner.HANDS: lazy("Sie zählen und tragen die Zahlen ein."),
    Manner.NAMED: lazy("Jede Stimme steht mit Namen im Protokoll. Am Handy oder hier."),
    Manner.SECRET: lazy("Niemand sieht, wer wie stimmt. Alle brauchen ein Handy oder Tablet."),
    Manner.PAPER: lazy("Sie teilen Zettel aus, zählen und tragen die Zahlen ein."),
}

MOTION: Final[Mapping[Motion, Any]] = {
    Motion.GRANT: lazy("Geld bewilligen"),
    Motion.DEFER: lazy("Auf eine spätere Sitzung vertagen"),
    Motion.RESOLVE: lazy("Einen Beschluss fassen"),
}

ANSWER_SHORT: Final[Mapping[Answer, Any]] = {
    Answer.AWAITED: lazy("Wir prüfen gerade, ob das Geld reicht."),
    Answer.RESERVED: lazy("Das Geld ist zurückgelegt."),
    Answer.NOT_COVERED: lazy("So viel Geld ist nicht mehr da."),
    Answer.REJECTED: lazy("Der Antrag bekommt kein Geld."),
    Answer.DEFERRED: lazy("Der Punkt kommt in eine spätere Sitzung."),
    Answer.NONE: lazy("Der Punkt ist damit besprochen."),
}
"""On the wall, which brings itself up to date."""

CHOICE: Final[Mapping[Choice, Any]] = {
    Choice.YES: lazy("Ja"),
    Choice.NO: lazy("Nein"),
    Choice.ABSTAIN: lazy("Enthaltung"),
}

LETTER: Final[Mapping[str, Choice]] = {"j": Choice.YES, "n": Choice.NO, "e": Choice.ABSTAIN}
"""What a form sends: one letter each, so that the size of a request tells nothing."""

ROOM_CONFLICTS: Final[dict[type[Exception], Any]] = {
    NotTheDay: lazy("Eine Sitzung eröffnet man an ihrem Tag, nicht vorher."),
    NotOpen: lazy("Diese Sitzung läuft nicht. Sie ist noch nicht eröffnet oder schon beendet."),
    PollIsOpen: lazy(
        "Gerade wird abgestimmt. Zählen Sie diese Abstimmung erst aus oder brechen Sie sie ab."
    ),
    NotThere: lazy("Diese Person war nicht da. Tragen Sie zuerst ein, wann sie gekommen ist."),
    ImpossibleTime: lazy("Diese Uhrzeit passt nicht. Prüfen Sie, wer wann da war."),
    NotOnThisAgenda: lazy("Dieser Punkt steht nicht mehr auf der Tagesordnung."),
    AlreadyFinished: lazy("Jemand hat diesen Punkt schon beendet."),
    WrongCode: lazy("Dieser Code stimmt nicht."),
    PollClosed: lazy(
        "Diese Abstimmung ist schon vorbei: gezählt oder abgebrochen. Das Ergebnis bleibt, wie es"
        " ist."
    ),
    WrongManner: lazy("Diese Abstimmung läuft auf eine andere Art."),
    MayNotVote: lazy("Diese Person darf hier nicht abstimmen."),
    NobodyMayVote: lazy("Niemand, der da ist, darf hier abstimmen."),
    TooFewForSecret: lazy(
        "So wenige können nicht geheim abstimmen. Man könnte erraten, wer wie gestimmt hat."
    ),
    CountsMissing: lazy("Zählen Sie die Stimmen und tragen Sie die Zahlen ein."),
    AlreadyVoted: lazy("Diese Person hat schon abgestimmt. Ihre erste Stimme gilt."),
    ReceiptTaken: lazy("Öffnen Sie die Seite neu und wählen Sie noch einmal."),
    NotAReceipt: lazy("Öffnen Sie die Seite neu und wählen Sie noch einmal."),
}
"""Refusals of the room that no field can explain: status 409 and a sentence."""
