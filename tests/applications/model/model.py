"""What a fund does, in plain lists and numbers: decisions, money, dates, and what is told of them."""

from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.applications.model.cases import BERLIN, DAYS, WAITING, Cases, No, end_of, must

OFFICE_UP_TO, CITY_ABOVE, LITTLE = 30_000, 80_000, 20_000


class Fund(Cases):
    def office(self, n: int, told: str, cents: int, do: bool = True) -> None:
        own = self.cases[n].asked <= OFFICE_UP_TO and cents <= self.cases[n].asked
        must(told not in ("GrantReserved", "ApplicationRejected") or own)
        must(told != "ApplicationRejected" or self.cases[n].status == "admissible")
        if told != "GrantReserved":
            self.move(n, told, do=do)
        elif do:
            self.award(n, cents, [], self.now)
        must(do or told != "GrantReserved" or self.cases[n].status == "admissible")

    def hold(self, n: int, told: str, cents: int) -> None:
        must(self.cases[n].held is None)
        self.office(n, told, cents, do=False)
        self.cases[n].held = told, cents
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
