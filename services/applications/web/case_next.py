"""What comes next in a case: who has to act, until when, and the way to the act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from services.applications.domain import Status
from services.applications.queries.turn import Act, Waits, turn_of
from services.applications.queries.whole import Whole
from services.applications.web.case_desk import case_path
from services.applications.web.case_voice import Voice
from services.applications.web.words import WAITS
from shared.web.i18n import lazy

Way = tuple[str, str]
"""A link's words and where it leads."""


@dataclass(frozen=True, kw_only=True)
class Next:
    """The box on top of the case; `way` is the one primary act, None while we only wait."""

    waits: str | None
    said: Markup
    until: datetime | None = None
    way: Way | None = None
    more: tuple[Way, ...] = ()


def next_of(whole: Whole, voice: Voice) -> Next:
    """The same turn that the list of cases shows, in whole sentences."""
    if whole.application.erased_at is not None:
        return Next(waits=None, said=_erased(voice))
    act, waits = turn_of(whole.standing)
    if act is Act.LOOK and waits is None:
        said = voice.gettext("Für uns ist nichts zu tun. Der Fall ist zu Ende.")
        return Next(waits=None, said=said)
    said, until, way, more = BOXES.get(act, _look)(whole, voice)
    waiting = WAITS[waits] if waits and waits is not Waits.DEPARTMENT else None
    return Next(waits=waiting, said=said, until=until, way=way, more=more)


Box = tuple[Markup, datetime | None, Way | None, tuple[Way, ...]]


def _erased(voice: Voice) -> Markup:
    return voice.gettext(
        "Die Person ist gelöscht. Geblieben sind Nummer, Summe, Thema und die Daten des Verlaufs."
    )


def _check(whole: Whole, voice: Voice) -> Box:
    path, until = _paths(whole), whole.application.due_at
    ask, refuse = (ASK, path("/nachforderung")), (REFUSE, path("/unzulaessig"))
    broken = sum(line.broken for line in whole.check)
    left = len(whole.open_lines) - broken
    if left:
        said = voice.ngettext(
            "Prüfen Sie den Antrag. %(num)s Punkt ist noch offen.",
            "Prüfen Sie den Antrag. %(num)s Punkte sind noch offen.",
            left,
        )
        return said, until, (lazy("Zur Prüfung"), path("#pruefung")), (ask, refuse)
    if broken:
        said = voice.ngettext(
            "%(num)s Punkt ist nicht in Ordnung. Fordern Sie nach, was fehlt.",
            "%(num)s Punkte sind nicht in Ordnung. Fordern Sie nach, was fehlt.",
            broken,
        )
        return said, until, ask, (refuse,)
    if not whole.application.public_title:
        said = voice.gettext(
            "Alles ist geprüft. Jetzt braucht der Antrag einen öffentlichen Titel."
        )
        return said, until, (lazy("Titel schreiben"), path("/titel")), (ask, refuse)
    said = voice.gettext("Alles ist geprüft. Sie können den Antrag zulassen.")
    return said, until, (lazy("Zulassen"), path("/zulassen")), (ask, refuse)


def _decide(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext(
        "Das Büro entscheidet selbst: Es geht um höchstens %(sum)s.",
        sum=voice.euros(whole.rules.office_up_to_cents),
    )
    return said, whole.application.due_at, (lazy("Entscheiden"), _paths(whole)("/entscheiden")), ()


def _plan(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext("Es gibt noch keine Sitzung für diesen Antrag.")
    return said, None, (lazy("Sitzung planen"), "/buero/sitzungen/neu"), ()


def _correction(whole: Whole, voice: Voice) -> Box:
    undo = lazy("Nachforderung zurücknehmen"), _paths(whole)("/nachforderung/zuruecknehmen")
    said = voice.gettext("Wir haben nachgefragt, was fehlt. Kommt nichts, läuft der Antrag ab.")
    return said, whole.application.due_at, None, (undo,)


def _agenda(whole: Whole, voice: Voice) -> Box:
    application, until = whole.application, whole.application.due_at
    if whole.not_covered is not None:
        return _not_covered(whole, voice)
    if application.status is Status.ADMISSIBLE:
        said = voice.gettext("Der Antrag ist zugelassen und kommt von selbst auf die Tagesordnung.")
    elif application.status is Status.DEFERRED:
        said = voice.gettext("Der Antrag ist verschoben. Er kommt vor neueren Anträgen dran.")
    else:
        said = voice.gettext("Der Antrag steht auf der Tagesordnung. Das Gremium stimmt ab.")
    return said, until, None, _session(whole)


def _not_covered(whole: Whole, voice: Voice) -> Box:
    decision = whole.not_covered
    assert decision is not None
    wanted = decision.amount_cents or whole.application.asked_cents or 0
    said = voice.gettext(
        "Das Gremium hat Ja gesagt zu %(sum)s. Damals waren nur %(left)s übrig, jetzt sind es"
        " %(now)s. Über eine kleinere Summe kann das Gremium noch abstimmen.",
        sum=voice.euros(wanted),
        left=voice.euros(decision.left_cents or 0),
        now=voice.euros(whole.year.available_cents),
    )
    return said, whole.application.due_at, None, _session(whole)


def _session(whole: Whole) -> tuple[Way, ...]:
    application = whole.application
    if application.session_id is None:
        return ()
    path = f"/buero/sitzungen/{application.session_id}"
    if application.item_id is not None:
        path += f"/punkte/{application.item_id}"
    return ((lazy("Zur Sitzung"), path),)


def _release(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext(
        "Das Geld ist reserviert. Der Rat muss noch %(gap)s freigeben, erst dann gilt die Zusage.",
        gap=voice.euros(whole.year.gap_cents),
    )
    more: tuple[Way, ...] = ((lazy("Zum Fonds"), f"/buero/fonds/{whole.application.fund}"),)
    if whole.standing.for_city:
        more += ((lazy("Antwort der Stadt"), _paths(whole)("/stadt")),)
    return said, None, None, more + _conditions(whole)


def _city(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext("Bei dieser Summe muss die Stadt zustimmen. Erst dann gilt die Zusage.")
    way = lazy("Antwort der Stadt eintragen"), _paths(whole)("/stadt")
    return said, None, way, _conditions(whole)


def _condition(whole: Whole, voice: Voice) -> Box:
    left = sum(one.met_at is None for one in whole.conditions)
    said = voice.ngettext(
        "%(num)s Auflage ist noch offen. Läuft ihre Frist ab, endet die Zusage.",
        "%(num)s Auflagen sind noch offen. Läuft eine Frist ab, endet die Zusage.",
        left,
    )
    return said, whole.application.due_at, None, _conditions(whole)


def _conditions(whole: Whole) -> tuple[Way, ...]:
    waiting = any(one.met_at is None for one in whole.conditions)
    return ((lazy("Zu den Auflagen"), _paths(whole)("#auflagen")),) if waiting else ()


def _signature(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext("Die Zusage gilt. Die Vereinbarung ist noch nicht angenommen.")
    paper = lazy("Unterschrift auf Papier eintragen"), _paths(whole)("/annahme")
    return said, whole.application.due_at, None, (paper,)


def _look(whole: Whole, voice: Voice) -> Box:
    said = voice.gettext("Die Vereinbarung ist angenommen. Das Projekt kann beginnen.")
    return said, whole.application.due_at, None, ()


def _paths(whole: Whole) -> Callable[[str], str]:
    return lambda more: case_path(whole.application.id, more)


ASK: Final = lazy("Nachforderung schreiben")
REFUSE: Final = lazy("Nicht zulassen")
BOXES: Final[Mapping[Act, Callable[[Whole, Voice], Box]]] = {
    Act.CHECK: _check,
    Act.DECIDE: _decide,
    Act.PLAN: _plan,
    Act.CORRECTION: _correction,
    Act.AGENDA: _agenda,
    Act.RELEASE: _release,
    Act.CITY: _city,
    Act.CONDITION: _condition,
    Act.SIGNATURE: _signature,
}
"""Results that wait for their minute have a box of their own, with buttons."""
