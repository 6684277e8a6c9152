"""What a fund does, in plain lists and numbers: statuses, money, dates, and what is told of them."""

from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

BERLIN, SECOND, REMIND = ZoneInfo("Europe/Berlin"), timedelta(seconds=1), timedelta(days=7)
FREE = {"2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-06", "2027-05-17"}
OFFICE_UP_TO, CITY_ABOVE, LITTLE, DAYS = 30_000, 80_000, 20_000, 14
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


class Fund(SimpleNamespace):
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

    def office(self, n: int, told: str, cents: int, do: bool = True) -> None:
        own = self.cases[n].asked <= OFFICE_UP_TO and cents <= self.cases[n].asked
        must(told not in ("GrantReserved", "ApplicationRejected") or own)
        must(told != "ApplicationRejected" or self.cases[n].status == "admissible")
        if told != "GrantReserved":
            self.move(n, told, do=do)
        elif do:
            self.award(n, cents, [], self.now)
        must(do or told != "GrantReserved" or self.cases[n].status == "admissible")

    def hold(self, n: int, *result: Any) -> None:
        must(self.cases[n].held is None)
        self.office(n, *result, do=False)
        self.cases[n].held = result
        self.timers["held_result", n] = self.now + timedelta(minutes=10)

    def unhold(self, n: int, tell: bool) -> None:
        must(held := self.cases[n].held)
        self.cases[n].held = self.timers.pop(("held_result", n), None) and None
        with suppress(No):
            self.office(n, *held) if tell else None

    def placed(self, n: int, item: int, session: int, at: datetime) -> None:
        case = self.cases[n]
        must(case.status not in WAITING[:2] and (case.status != "scheduled" or case.item == item))
        if case.status in ("admissible", "deferred"):
            case.status, case.item, case.session, case.due = "scheduled", item, session, at

    def removed(self, n: int, item: int) -> None:
        if (self.cases[n].status, self.cases[n].item) == ("scheduled", item):
            self.put_off(self.cases[n], "taken_off", self.now)

    def vote(self, n: int, item: int, says: str, cents: int, dues: Any, at: datetime) -> None:
        case = self.cases[n]
        must(case.status not in WAITING)
        if (case.status, case.item) != ("scheduled", item):
            return
        if says in ("vote", "no_quorum"):
            self.put_off(case, says, at)
        elif says == "rejected":
            self.move(n, "ApplicationRejected")
        elif says == "accepted":
            must(cents <= case.asked)
            self.award(n, cents, dues, at)

    def award(self, n: int, cents: int, dues: Any, at: datetime) -> None:
        case, year = self.cases[n], self.years.get(at.astimezone(BERLIN).year)
        if year is None or cents > year.budget - year.reserved:
            must(case.status == "scheduled")
            case.told.append(("GrantNotCovered", cents))
            return
        must(case.status in ("admissible", "scheduled"))
        year.reserved += cents
        self.books.append(("reservation", n, cents))
        grant = case.grant = SimpleNamespace(cents=cents, year=year, at=at, works=False, by=None)
        grant.waits, grant.city = year.reserved > year.released, cents > CITY_ABOVE
        grant.open, case.status = dict(enumerate(dues)), "granted"
        case.told.append(("GrantReserved", cents, self.go_on(n, at), grant.by))
        self.low(year)

    def go_on(self, n: int, at: datetime) -> bool:
        grant = self.cases[n].grant
        now = not (grant.works or grant.waits or grant.city)
        grant.works = grant.works or now
        grant.by = end_of(at, DAYS) if grant.works and not grant.open else None
        self.watch(n, min(grant.open.values(), default=grant.by), at)
        return now

    def effective(self, n: int) -> None:
        grant = self.cases[n].grant
        if self.go_on(n, self.now):
            self.cases[n].told.append(("GrantBecameEffective", grant.cents, grant.by))

    def meet(self, n: int, which: int) -> None:
        case = self.cases[n]
        must(case.status == "granted" and which in case.grant.open)
        del case.grant.open[which]
        self.go_on(n, self.now)
        case.told.append(("ConditionMet", len(case.grant.open), case.grant.by))

    def city(self, n: int) -> None:
        must(self.cases[n].status == "granted" and self.cases[n].grant.city)
        self.cases[n].grant.city = False
        self.effective(n)

    def end(self, n: int, told: str, *facts: Any) -> None:
        grant = self.cases[n].grant
        must(grant)
        self.move(n, told, grant.cents, *facts)
        grant.waits, grant.by, grant.year.reserved = False, None, grant.year.reserved - grant.cents
        self.books.append(("reversal", n, -grant.cents))
        self.settle(grant.year)
        self.low(grant.year)

    def settle(self, year: Any) -> None:
        grants = [(c.grant.at, n, c.grant) for n, c in self.cases.items() if c.grant]
        for _, n, grant in sorted(grants, key=lambda one: one[:2]):
            if grant.year is year and grant.waits and year.reserved <= year.released:
                grant.waits = False
                self.effective(n)

    def low(self, year: Any) -> None:
        low = year.budget - year.reserved < LITTLE
        self.told += [("BudgetRunsLow", year.n)] if low and not year.low else []
        year.low = low

    def council(self, n: int, told: str, cents: int) -> None:
        year = self.years.get(n) or SimpleNamespace(
            n=n, budget=0, released=0, reserved=0, low=False
        )
        must(cents >= year.reserved if told == "BudgetSet" else cents <= year.budget)
        self.years[n] = year
        self.told.append((told, n, cents))
        if told == "BudgetSet":
            self.books += [("allotment", None, cents - year.budget)] if cents != year.budget else []
            year.budget, year.released = cents, min(year.released, cents)
        else:
            year.released = cents
        self.settle(year)
        self.low(year) if told == "BudgetSet" else None

    def erase(self, n: int) -> None:
        self.cases[n].erased, self.cases[n].held = True, None

    def fire(self) -> None:
        kind, n = min(self.timers, key=self.timers.__getitem__)
        case, self.now = self.cases[n], max(self.now, self.timers.pop((kind, n)))
        of = case.grant and ("condition" if case.grant.open else "acceptance")
        if kind == "reminder":
            case.told.append(("DeadlineApproaches", of or "correction", case.due))
        elif kind == "runs_out":
            self.end(n, "GrantLapsed", of) if of else self.move(n, "ApplicationLapsed")
        elif case.held:
            self.unhold(n, tell=True)
