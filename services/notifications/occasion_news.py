"""What occasions say as news: invited, changed, cancelled, and how it was."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.notifications.headlines import Headline
from services.notifications.wording import Wording
from shared.events.base import Event
from shared.events.meetings import (
    OccasionAnnounced,
    OccasionCancelled,
    OccasionChanged,
    OccasionDocumented,
    OccasionEvent,
    OccasionKind,
)
from shared.web.i18n import lazy

KIND: Final[Mapping[OccasionKind, Any]] = {
    OccasionKind.FESTIVAL: lazy("Fest"),
    OccasionKind.WALK: lazy("Rundgang"),
    OccasionKind.WORKSHOP: lazy("Werkstatt"),
    OccasionKind.CONSULTATION: lazy("Beratung"),
    OccasionKind.OTHER: lazy("Termin"),
}


def _announced(event: OccasionAnnounced, words: Wording) -> Headline:
    _, facts = words.gettext, _facts(event, event.place, words)
    text = _("%(day)s, %(time)s Uhr, %(place)s.") % facts
    come = _("Melden Sie sich an.") if event.registration else _("Kommen Sie einfach.")
    return Headline(
        kicker=_(str(KIND[event.kind])),
        title=_("%(title)s am %(date)s") % facts,
        text=f"{text} {come}",
        path=_path(event),
        quote=event.text,
    )


def _changed(event: OccasionChanged, words: Wording) -> Headline:
    _, facts = words.gettext, _facts(event, event.place, words)
    text = _("Jetzt gilt: %(day)s, %(time)s Uhr, %(place)s.") % facts
    moved = event.previous_starts_at is not None
    title = _("Neuer Zeitpunkt: %(title)s") if moved else _("Geändert: %(title)s")
    return Headline(
        kicker=_("Verschoben") if moved else _("Geändert"),
        title=title % facts,
        text=text,
        path=_path(event),
        quote=event.text,
    )


def _cancelled(event: OccasionCancelled, words: Wording) -> Headline:
    _, facts = words.gettext, _facts(event, "", words)
    return Headline(
        kicker=_("Abgesagt"),
        title=_("%(title)s fällt aus") % facts,
        text=_("Am %(day)s findet das nicht statt.") % facts,
        path=_path(event),
        quote=event.reason,
    )


def _documented(event: OccasionDocumented, words: Wording) -> Headline:
    _, facts = words.gettext, _facts(event, "", words)
    text = _("So war es am %(day)s.") % facts
    if event.visitors is not None:
        came = {"visitors": words.number(str(event.visitors))}
        text = f"{text} {_('Es waren %(visitors)s Menschen da.') % came}"
    return Headline(
        kicker=_("Rückblick"),
        title=_("Rückblick: %(title)s") % facts,
        text=text,
        path=_path(event),
        quote=event.text,
    )


def _facts(event: OccasionEvent, place: str, words: Wording) -> dict[str, str]:
    return {
        "title": words.name(event.title),
        "date": words.day(event.starts_at),
        "day": words.weekday(event.starts_at),
        "time": words.time(event.starts_at),
        "place": words.name(place),
    }


def _path(event: OccasionEvent) -> str:
    return f"/termine/{event.occasion_id}"


OCCASION_HEADLINES: Final[Mapping[type[Event], Callable[[Any, Wording], Headline]]] = {
    OccasionAnnounced: _announced,
    OccasionChanged: _changed,
    OccasionCancelled: _cancelled,
    OccasionDocumented: _documented,
}
"""Each event about an occasion, and how it is told."""
