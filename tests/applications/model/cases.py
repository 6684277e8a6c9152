"""How cases move and which session they go to, in plain lists: the model's half without money."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

BERLIN, SECOND, REMIND = ZoneInfo("Europe/Berlin"), timedelta(seconds=1), timedelta(days=7)
FREE = {"2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-06", "2027-05-17"}
DAYS = 14
MISSING, MEANT = "correction_requested", ("scheduled", "deferred")
WAITING = ("submitted", MISSING, "admissible")
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "CorrectionRequested": (("submitted",), MISSING),
    "CorrectionReceived": ((MISSING,), "submitted"),
    "CorrectionWithdrawn": ((MISSING,), "submitted"),
    "ApplicationLapsed": ((MISSING,), "lapsed"),
    "ApplicationFoundInadmissible": (("submitted",), "inadmissible"),
    "ApplicationAdmitted": (("submitted",), "admissible"),
    "ApplicationRejected": (("admissible", "scheduled"), "rejected"),
    "ApplicationWithdrawn": ((*WAITING, *MEANT), "withdrawn"),
    "AgreementSigned": (("granted",), "accepted"),
    "GrantDeclined": (("granted", "accepted"), "declined"),
    "GrantLapsed": (("granted",), "lapsed"),
    "GrantRevoked": (("granted", "accepted"), "revoked"),
}


class No(Exception):
    """This is refused, and leaves no trace."""


def must(hold: Any) -> None:
    if not hold:
        raise No


def end_of(at: datetime, days: int) -> datetime:
    day = (at.astimezone(BERLIN) + timedelta(days=days)).replace(hour=23, minute=59, second=59)
    while day.weekday() > 4 or f"{day:%Y-%m-%d}" in FREE:
        day += timedelta(days=1)
    return day


class Cases(SimpleNamespace):
    now: datetime

    def __init__(self, now: datetime) -> None:
        super().__init__(now=now, cases={}, sessions={}, years={}, timers={}, books=[], told=[])

    def first(self, after: datetime, arrival: Any = None, but: Any = None) -> tuple[Any, bool]:
        open_ = [(s.at, n) for n, s in self.sessions.items() if not s.off and n != but]
        coming = [n for at, n in sorted(open_) if at > after]
        kept = [n for n in coming if not arrival or arrival < self.sessions[n].until + SECOND]
        return (kept[0] if kept else None), coming[:1] != kept[:1]

    def at_of(self, session: Any) -> Any:
        return None if session is None else self.sessions[session].at

    def session(self, n: int, word: int, because: str, **says: Any) -> None:
        known = self.sessions.setdefault(n, SimpleNamespace(word=0, off=True, at=says["at"]))
        if known.word < word:
            says = {"off": False, **says} if "until" in says else {"off": True}
            vars(known).update(says, word=word)
        for case in self.cases.values():
            if case.session == n and case.status in ("submitted", "admissible", *MEANT):
                case.due = known.at
        for case in self.cases.values():
            self.place_again(case, because)

    def place_again(self, case: Any, because: str) -> None:
        here, free = self.sessions.get(case.session), case.status in WAITING
        stands = here is not None and not here.off
        if not (free or case.status in MEANT) or (stands and not (free and case.late)):
            return
        place, late = self.first(self.now, case.arrival if free else None)
        if stands and (place is None or self.at_of(place) >= self.at_of(case.session)):
            return
        if case.status == "scheduled":
            self.defer(case, "session_cancelled", place)
        elif place != case.session:
            case.session, case.late = place, late if free else case.late
            case.due = case.due if case.status == MISSING else self.at_of(place)
            case.told.append(("ApplicationPlaced", place, case.late, because))

    def defer(self, case: Any, because: str, place: Any) -> None:
        case.told.append(("ApplicationDeferred", because, case.session, place))
        case.status, case.session, case.due = "deferred", place, self.at_of(place)

    def put_off(self, case: Any, because: str, at: datetime) -> None:
        after = at if self.sessions[case.session].off else max(at, self.at_of(case.session))
        self.defer(case, because, self.first(after, but=case.session)[0])

    def submit(self, n: int, asked: int, arrival: datetime) -> None:
        place, late = self.first(self.now, arrival)
        case = self.cases[n] = SimpleNamespace(asked=asked, arrival=arrival, session=place)
        case.told, case.status, case.due = [], "submitted", self.at_of(place)
        case.late, case.item, case.judged, case.erased = late, None, False, False
        case.held, case.grant = None, None

    def judge(self, n: int, yes: bool) -> None:
        must(self.cases[n].status in WAITING[:2] and not self.cases[n].erased)
        self.cases[n].judged = yes

    def move(self, n: int, told: str, *facts: Any, do: bool = True) -> None:
        case, (starts, to) = self.cases[n], MOVES[told]
        must(case.status in starts and (to != "admissible" or (case.judged and not case.erased)))
        must(to != "accepted" or case.grant.by)
        if do:
            case.status = to
            self.watch(n, end_of(self.now, DAYS) if to == MISSING else None, self.now)
            case.due = self.at_of(case.session) if to in ("submitted", "admissible") else case.due
            if to == "withdrawn":
                case.held = self.timers.pop(("held_result", n), None) and None
            case.told.append((told, *facts))

    def watch(self, n: int, due: Any, at: datetime) -> None:
        self.cases[n].due = due
        for kind, when in (("runs_out", due and due + SECOND), ("reminder", due and due - REMIND)):
            if due and (kind == "runs_out" or when > at):
                self.timers[kind, n] = when
            else:
                self.timers.pop((kind, n), None)
