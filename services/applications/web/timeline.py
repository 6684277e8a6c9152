"""The way of an application for the one who sent it: what was told, what is now, what comes."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from markupsafe import escape

from services.applications.domain import Application, Rules, SessionDate, Status
from services.applications.queries.mine import Story, Told
from services.applications.web.case_voice import Voice
from services.applications.web.timeline_told import STEPS, no_date
from shared.events import applications as told
from shared.events.applications import Tier

Step = dict[str, Any]


DECISIONS: Final = (told.GrantReserved, told.ApplicationRejected, told.ApplicationDeferred)


def way(application: Application, story: Story, voice: Voice) -> list[Step]:
    """Steps for `m.line`: state, title, at, text, and the documents that go with them."""
    papers = _papers(application, story, voice)
    steps = [
        step | papers.get(one.event.event_id, {})
        for one in story.told
        if (step := _step_of(one, application, story, voice))
    ]
    if application.status is Status.CORRECTION_REQUESTED and steps:
        steps[-1]["state"] = "now"
    return [*steps, *_ahead(application, story, voice)]


def _step_of(one: Told, application: Application, story: Story, voice: Voice) -> Step | None:
    describe = STEPS.get(type(one.event))
    if describe is None:
        return None
    title, text = describe(one.event, application, story, voice)
    said = voice.gettext("„%(words)s“", words=voice.said(one.words)) if one.words else ""
    return _step("done", title, one.event.at, voice.together((text, said)))


def _papers(application: Application, story: Story, voice: Voice) -> dict[UUID, Step]:
    """The letter belongs to the last decision, the agreement to its signature."""
    _, case = voice.gettext, f"/mein/{application.id}"
    found: dict[UUID, Step] = {}
    if last := story.last(*DECISIONS):
        found[last.event.event_id] = {"href": f"{case}/bescheid.pdf", "doc": _("Brief dazu (PDF)")}
    if signed := story.last(told.AgreementSigned):
        agreement = {"href": f"{case}/vereinbarung.pdf", "doc": _("Vereinbarung (PDF)")}
        found[signed.event.event_id] = agreement
    return found


def _ahead(application: Application, story: Story, voice: Voice) -> Iterator[Step]:
    """What is now and what comes, by status; nothing once it is over."""
    _, status = voice.gettext, application.status
    if status is Status.SUBMITTED:
        missing = _("Fehlt etwas, melden wir uns.")
        yield _step("now", _("Wir prüfen Ihren Antrag"), text=missing)
    if status in (Status.SUBMITTED, Status.CORRECTION_REQUESTED):
        yield from _decision(application, story, voice, "next")
    elif status in (Status.ADMISSIBLE, Status.SCHEDULED, Status.DEFERRED):
        yield from _decision(application, story, voice, "now")
    elif status is Status.GRANTED:
        yield from _until_accepted(story, voice)
    elif status is Status.ACCEPTED:
        yield _step("now", _("Sie setzen Ihre Idee um"), text=_("Heben Sie alle Quittungen auf."))
        yield _step("next", _("Sie zeigen uns Ihre Quittungen"))


def _decision(application: Application, story: Story, voice: Voice, state: str) -> Iterator[Step]:
    _ = voice.gettext
    rules = Rules.model_validate(application.rules)
    if rules.decides(application.asked_cents or 0) is Tier.OFFICE:
        yield _step(state, _("Das Büro entscheidet"), text=_("Über kleine Summen ohne Sitzung."))
    else:
        date = story.sessions.get(application.session_id) if application.session_id else None
        listed = application.status is Status.SCHEDULED
        title = _("Auf der Tagesordnung: die Abstimmung") if listed else _("Die Abstimmung")
        place = voice.said(date.place) if date else no_date(voice)
        yield _step(state, title, date.starts_at if date else None, place)
    yield _step("next", _("Sie bekommen Bescheid"), text=_("Danach schreiben wir Ihnen."))


def _until_accepted(story: Story, voice: Voice) -> Iterator[Step]:
    _, grant, state = voice.gettext, story.grant, "now"
    if grant is None:
        return
    if grant.effective_at is None:
        yield _step(state, _("Die Zusage wartet auf die Stadt"))
        state = "next"
    if condition := story.open_condition:
        first = _("Bis %(day)s.", day=voice.day(condition.due_on))
        yield _step(state, _("Sie erfüllen die Bedingungen"), text=first)
        state = "next"
    until = _("Bis %(day)s.", day=voice.day(grant.accept_by)) if grant.accept_by else ""
    yield _step(state, _("Sie nehmen die Zusage an"), text=until)


def _step(state: str, title: Any, at: Any = None, text: Any = "") -> Step:
    return {"state": state, "title": escape(title), "at": at, "text": escape(text)}


def next_session(application: Application, story: Story) -> SessionDate | None:
    """The session it goes to, unless that is cancelled or it goes to none any more."""
    date = story.sessions.get(application.session_id) if application.session_id else None
    return date if date is not None and not date.cancelled else None
