"""What the pages say about members: statuses, roles, and why somebody may vote or may not."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.meetings.commands.members import AlreadyThere, NotYetThere
from services.meetings.commands.units import NameTaken
from services.meetings.domain.member import BoardRole, MemberStatus, UnitKind
from services.meetings.domain.rights import Presence, Right, RightBecause
from services.meetings.queries.members import Tab
from services.meetings.verdict_words import Tongue
from shared.web.formats import date_medium
from shared.web.i18n import lazy

MEMBER_STATUS: Final[Mapping[MemberStatus, Any]] = {
    MemberStatus.GUEST: lazy("Gast"),
    MemberStatus.DECLARED: lazy("Auf dem Weg"),
    MemberStatus.ACTIVE: lazy("Stimmberechtigt"),
    MemberStatus.SUSPENDED: lazy("Ruht"),
    MemberStatus.LEFT: lazy("Ausgetreten"),
}

MEMBER_KIND: Final[Mapping[MemberStatus, str]] = {
    MemberStatus.DECLARED: "info",
    MemberStatus.ACTIVE: "success",
    MemberStatus.SUSPENDED: "warning",
}
"""The badge's colour; neutral for guests and who left."""

TAB_NAMES: Final[Mapping[Tab, Any]] = {
    "stimmberechtigt": lazy("Stimmberechtigt"),
    "unterwegs": lazy("Auf dem Weg"),
    "ruht": lazy("Ruht"),
    "ausgetreten": lazy("Ausgetreten"),
}

NOBODY: Final[Mapping[Tab, Any]] = {
    "stimmberechtigt": lazy(
        "Noch darf niemand abstimmen. Nehmen Sie Mitglieder auf. Hier stehen sie, sobald sie das"
        " Stimmrecht haben."
    ),
    "unterwegs": lazy(
        "Hier stehen Gäste und alle, die beigetreten sind und noch kein Stimmrecht haben. Im Moment"
        " ist das niemand."
    ),
    "ruht": lazy(
        "Hier steht, wessen Stimmrecht ruht: weil jemand zu oft ohne Entschuldigung gefehlt hat oder"
        " weil Sie es so eingetragen haben. Im Moment ist das niemand."
    ),
    "ausgetreten": lazy("Hier steht, wer ausgetreten ist. Bis jetzt ist das niemand."),
}
"""What will stand in an empty list, and when."""

BOARD_ROLE: Final[Mapping[BoardRole, Any]] = {
    BoardRole.CHAIR: lazy("Vorsitz"),
    BoardRole.DEPUTY: lazy("Stellvertretung"),
    BoardRole.MINUTES: lazy("Protokoll"),
}

UNIT_KIND: Final[Mapping[UnitKind, Any]] = {
    UnitKind.INSTITUTION: lazy("Institution"),
    UnitKind.HOUSEHOLD: lazy("Haushalt"),
}

PRESENCE: Final[Mapping[Presence, Any]] = {
    Presence.PRESENT: lazy("War da"),
    Presence.EXCUSED: lazy("Entschuldigt"),
    Presence.ABSENT: lazy("Hat gefehlt"),
}

PRESENCE_KIND: Final[Mapping[Presence, str]] = {
    Presence.PRESENT: "success",
    Presence.ABSENT: "warning",
}

BROKEN_BY_MEMBERS: Final[Mapping[type[Exception], tuple[str, Any]]] = {
    NotYetThere: ("on", lazy("Dieser Tag kommt erst noch.")),
    NameTaken: ("name", lazy("Diesen Namen gibt es schon.")),
    AlreadyThere: ("name", lazy("Diesen Namen gibt es schon.")),
}
"""The field a broken rule belongs to, and what to say there."""


def why_right(right: Right, lang: str, *, unit: str = "", voted_by: str = "") -> str:
    """The right to vote of somebody with its reason, as the office reads it.

    `unit` is the one that has one vote only; `voted_by` who of it votes already in this session.
    """
    tongue = Tongue(lang)
    said = [_OFFICE[right.because](right, tongue), *_shared(right, tongue, unit, voted_by)]
    return " ".join(part for part in said if part)


def your_right(right: Right, lang: str, *, unit: str = "") -> str:
    """The same, said to the member."""
    tongue = Tongue(lang)
    said = [_MEMBER[right.because](right, tongue), *_shared(right, tongue, unit, "")]
    return " ".join(part for part in said if part)


def _shared(right: Right, tongue: Tongue, unit: str, voted_by: str) -> list[str]:
    if not unit or not right.may_vote:
        return []
    if voted_by:
        return [tongue.gettext("Für %(unit)s stimmt schon %(name)s.", unit=unit, name=voted_by)]
    said = tongue.gettext(
        "%(unit)s hat nur eine Stimme: Es stimmt ab, wer zuerst kommt.", unit=unit
    )
    return [said]


def _guest(right: Right, tongue: Tongue) -> str:
    return tongue.gettext("Ist Gast. Ohne Beitritt gibt es kein Stimmrecht.")


def _earning(right: Right, tongue: Tongue) -> str:
    return tongue.ngettext(
        "Noch %(num)s Sitzung bis zum Stimmrecht.",
        "Noch %(num)s Sitzungen bis zum Stimmrecht.",
        right.missing or 1,
    )


def _votes(right: Right, tongue: Tongue) -> str:
    said = tongue.gettext("Darf abstimmen seit %(day)s.", day=_day(right, tongue))
    return f"{said} {_warning(right, tongue)}".strip()


def _warning(right: Right, tongue: Tongue) -> str:
    if not right.missed or right.until_lost is None:
        return ""
    missed = _missed(right, tongue)
    left = tongue.ngettext(
        "Noch %(num)s Mal, dann ruht das Stimmrecht.",
        "Noch %(num)s Mal, dann ruht das Stimmrecht.",
        right.until_lost,
    )
    return f"{missed} {left}"


def _missed(right: Right, tongue: Tongue) -> str:
    return tongue.ngettext(
        "%(num)s Mal unentschuldigt gefehlt.", "%(num)s Mal unentschuldigt gefehlt.", right.missed
    )


def _absent(right: Right, tongue: Tongue) -> str:
    rests = tongue.ngettext(
        "Das Stimmrecht ruht seit %(day)s: %(num)s Mal unentschuldigt gefehlt.",
        "Das Stimmrecht ruht seit %(day)s: %(num)s Mal unentschuldigt gefehlt.",
        right.missed,
        day=_day(right, tongue),
    )
    return f"{rests} {_way_back(right, tongue)}"


def _way_back(right: Right, tongue: Tongue) -> str:
    if right.missing is None:
        return tongue.gettext("Nur das Büro kann es zurückgeben.")
    return tongue.ngettext(
        "Nach %(num)s weiteren Sitzung gilt es wieder.",
        "Nach %(num)s weiteren Sitzungen gilt es wieder.",
        right.missing,
    )


def _by_office(right: Right, tongue: Tongue) -> str:
    day = _day(right, tongue)
    rests = tongue.gettext(
        "Das Stimmrecht ruht seit %(day)s: Das Büro hat es so eingetragen.", day=day
    )
    return f"{rests} {tongue.gettext('Nur das Büro kann es zurückgeben.')}"


def _left(right: Right, tongue: Tongue) -> str:
    return tongue.gettext("Ausgetreten am %(day)s.", day=_day(right, tongue))


def _you_guest(right: Right, tongue: Tongue) -> str:
    return tongue.gettext("Sie sind Gast. Wenn Sie beitreten, können Sie später mit abstimmen.")


def _you_earn(right: Right, tongue: Tongue) -> str:
    return tongue.ngettext(
        "Sie dürfen noch nicht abstimmen. Es fehlt noch %(num)s Sitzung.",
        "Sie dürfen noch nicht abstimmen. Es fehlen noch %(num)s Sitzungen.",
        right.missing or 1,
    )


def _you_vote(right: Right, tongue: Tongue) -> str:
    said = tongue.gettext("Sie dürfen abstimmen, seit %(day)s.", day=_day(right, tongue))
    if not right.missed or right.until_lost is None:
        return said
    missed = tongue.ngettext(
        "Sie haben %(num)s Mal gefehlt und nicht abgesagt.",
        "Sie haben %(num)s Mal gefehlt und nicht abgesagt.",
        right.missed,
    )
    left = tongue.ngettext(
        "Noch %(num)s Mal, dann ruht Ihr Stimmrecht.",
        "Noch %(num)s Mal, dann ruht Ihr Stimmrecht.",
        right.until_lost,
    )
    return f"{said} {missed} {left}"


def _your_absence(right: Right, tongue: Tongue) -> str:
    rests = tongue.ngettext(
        "Ihr Stimmrecht ruht seit %(day)s: Sie haben %(num)s Mal gefehlt und nicht abgesagt.",
        "Ihr Stimmrecht ruht seit %(day)s: Sie haben %(num)s Mal gefehlt und nicht abgesagt.",
        right.missed,
        day=_day(right, tongue),
    )
    return f"{rests} {_way_back(right, tongue)}"


def _your_rest(right: Right, tongue: Tongue) -> str:
    day = _day(right, tongue)
    rests = tongue.gettext(
        "Ihr Stimmrecht ruht seit %(day)s: Das Büro hat es so eingetragen.", day=day
    )
    return f"{rests} {tongue.gettext('Nur das Büro kann es zurückgeben.')}"


def _day(right: Right, tongue: Tongue) -> str:
    return str(date_medium(right.since, tongue.lang)) if right.since else "–"


Say = Callable[[Right, Tongue], str]
_OFFICE: Final[dict[RightBecause, Say]] = {
    RightBecause.GUEST: _guest,
    RightBecause.EARNING: _earning,
    RightBecause.VOTES: _votes,
    RightBecause.ABSENT: _absent,
    RightBecause.OFFICE: _by_office,
    RightBecause.LEFT: _left,
}
_MEMBER: Final[dict[RightBecause, Say]] = _OFFICE | {
    RightBecause.GUEST: _you_guest,
    RightBecause.EARNING: _you_earn,
    RightBecause.VOTES: _you_vote,
    RightBecause.ABSENT: _your_absence,
    RightBecause.OFFICE: _your_rest,
}
