"""Whose turn an application is: which list it stands in, whom it waits for, what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_

from services.applications.domain import Application, Status

S = Status


class Tab(StrEnum):
    """The office's lists; every status but draft stands in one of them."""

    TODO = "zu-tun"
    OTHERS = "andere"
    SESSION = "sitzung"
    CLOSED = "abgeschlossen"


class Waits(StrEnum):
    """Whom we wait for; a case that waits for nobody is the office's own."""

    CORRECTION = "correction"
    SIGNATURE = "signature"
    CONDITION = "condition"
    PROOF = "proof"
    DEPARTMENT = "department"
    BOARD = "board"
    COUNCIL = "council"
    CITY = "city"


class Act(StrEnum):
    """The next act, as its link is named."""

    CHECK = "check"
    DECIDE = "decide"
    TAKE_BACK = "take_back"
    PLAN = "plan"
    CORRECTION = "correction"
    AGENDA = "agenda"
    RELEASE = "release"
    CITY = "city"
    CONDITION = "condition"
    SIGNATURE = "signature"
    PROOF = "proof"
    LOOK = "look"


TABS: Final[Mapping[Tab, tuple[Status, ...]]] = {
    Tab.TODO: (S.SUBMITTED, S.ADMISSIBLE, S.PROOF_SUBMITTED),
    Tab.OTHERS: (S.CORRECTION_REQUESTED, S.GRANTED, S.ACCEPTED, S.PROOF_QUERIED),
    Tab.SESSION: (S.ADMISSIBLE, S.SCHEDULED, S.DEFERRED),
    Tab.CLOSED: (
        S.SETTLED,
        S.REJECTED,
        S.INADMISSIBLE,
        S.WITHDRAWN,
        S.LAPSED,
        S.DECLINED,
        S.REVOKED,
    ),
}
"""What was found in order stands in two: it is the office's to decide or to plan, or the board's."""

OFFICE_MOST: Final = func.coalesce(Application.rules["office_up_to_cents"].as_float(), 0)

OURS: Final[ColumnElement[bool]] = or_(
    Application.session_id.is_(None), Application.asked_cents <= OFFICE_MOST
)
"""Found in order, and yet no session will take it up by itself."""

TAB: Final[ColumnElement[str]] = case(
    (Application.status.in_(TABS[Tab.CLOSED]), Tab.CLOSED.value),
    (Application.status.in_(TABS[Tab.OTHERS]), Tab.OTHERS.value),
    (Application.status.in_((S.SCHEDULED, S.DEFERRED)), Tab.SESSION.value),
    (and_(Application.status == S.ADMISSIBLE, ~OURS), Tab.SESSION.value),
    else_=Tab.TODO.value,
)


def in_tab(tab: Tab) -> ColumnElement[bool]:
    """The rows of one list; by status first, so that an index finds them."""
    here = Application.status.in_(TABS[tab])
    if tab is Tab.TODO:
        return and_(here, or_(Application.status != S.ADMISSIBLE, OURS))
    if tab is Tab.SESSION:
        return and_(here, or_(Application.status != S.ADMISSIBLE, ~OURS))
    return here


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the next act depends on; the dates are those of the oldest thing still open."""

    status: Status
    held_until: datetime | None = None
    by_office: bool = False
    has_session: bool = False
    statement_due: datetime | None = None
    for_release: bool = False
    for_city: bool = False
    condition_open: bool = False


def turn_of(case_: Standing) -> tuple[Act, Waits | None]:
    """The next act, and whom the case waits for."""
    if case_.held_until is not None:
        return Act.TAKE_BACK, None
    if case_.status is S.SUBMITTED:
        return Act.CHECK, Waits.DEPARTMENT if case_.statement_due else None
    if case_.status is S.ADMISSIBLE:
        return _found_in_order(case_)
    if case_.status is S.GRANTED:
        return _granted(case_)
    if case_.status is S.DEFERRED and not case_.has_session:
        return Act.PLAN, None
    return _PLAIN.get(case_.status, (Act.LOOK, None))


def _found_in_order(case_: Standing) -> tuple[Act, Waits | None]:
    if case_.by_office:
        return Act.DECIDE, Waits.DEPARTMENT if case_.statement_due else None
    return (Act.AGENDA, Waits.BOARD) if case_.has_session else (Act.PLAN, None)


def _granted(case_: Standing) -> tuple[Act, Waits | None]:
    if case_.for_release:
        return Act.RELEASE, Waits.COUNCIL
    if case_.for_city:
        return Act.CITY, Waits.CITY
    if case_.condition_open:
        return Act.CONDITION, Waits.CONDITION
    return Act.SIGNATURE, Waits.SIGNATURE


_PLAIN: Final[Mapping[Status, tuple[Act, Waits | None]]] = {
    S.CORRECTION_REQUESTED: (Act.CORRECTION, Waits.CORRECTION),
    S.SCHEDULED: (Act.AGENDA, Waits.BOARD),
    S.DEFERRED: (Act.AGENDA, Waits.BOARD),
    S.ACCEPTED: (Act.LOOK, Waits.PROOF),
    S.PROOF_SUBMITTED: (Act.PROOF, None),
    S.PROOF_QUERIED: (Act.LOOK, Waits.PROOF),
}


def standing(row: Mapping[Any, Any]) -> Standing:
    """From a row of the board's query."""
    return Standing(
        status=row["status"],
        held_until=row["held_until"],
        by_office=(row["asked_cents"] or 0) <= row["office_most"],
        has_session=row["session_id"] is not None,
        statement_due=row["statement_due"],
        for_release=bool(row["waits_for_release"]),
        for_city=bool(row["needs_city"]) and row["city_agreed_at"] is None,
        condition_open=bool(row["conditions_open"]),
    )
