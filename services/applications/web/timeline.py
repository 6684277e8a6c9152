"""The way of an application for the one who sent it: what is done, what is now, what comes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.applications.domain import Application, SessionDate, Status
from shared.web.formats import date_medium

Step = dict[str, Any]
Gettext = Callable[[str], str]


def way(application: Application, session: SessionDate | None, _: Gettext, lang: str) -> list[Step]:
    """Steps for `m.line`: state, title, at, text."""
    steps = [_arrived(application, session, _, lang)]
    if application.status == Status.WITHDRAWN:
        return [*steps, _step("now", _("Antrag zurückgezogen"), application.touched_at)]
    steps.append(_step("now", _("Wir prüfen Ihren Antrag"), text=_("Fehlt etwas, melden wir uns.")))
    at = session.starts_at if session else None
    steps.append(_step("next", _("Die Abstimmung"), at, _when(session, _)))
    steps.append(
        _step(
            "next", _("Sie bekommen Bescheid"), text=_("Nach der Abstimmung schreiben wir Ihnen.")
        )
    )
    return steps


def _arrived(application: Application, session: SessionDate | None, _: Gettext, lang: str) -> Step:
    text = ""
    if session is not None:
        facts = {"date": date_medium(session.starts_at, lang)}
        late = _("Er kam nach dem letzten Abgabetag. Er ist am %(date)s dran.")
        in_time = _("Rechtzeitig für die Sitzung am %(date)s.")
        text = (late if application.late else in_time) % facts
    return _step("done", _("Antrag angekommen"), application.submitted_at, text)


def _when(session: SessionDate | None, _: Gettext) -> str:
    if session is None:
        return _("Der nächste Termin steht noch nicht fest.")
    return session.place


def _step(state: str, title: str, at: datetime | None = None, text: str = "") -> Step:
    return {"state": state, "title": title, "at": at, "text": text}
