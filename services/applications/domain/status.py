"""The statuses of an application, and where each may lead."""

from collections.abc import Set
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTION_REQUESTED = "correction_requested"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    SCHEDULED = "scheduled"
    DEFERRED = "deferred"
    GRANTED = "granted"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    PROOF_SUBMITTED = "proof_submitted"
    PROOF_QUERIED = "proof_queried"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    DECLINED = "declined"
    REVOKED = "revoked"


S = Status

MOVES: Final[dict[Status, Set[Status]]] = {
    S.DRAFT: {S.SUBMITTED, S.WITHDRAWN},
    S.SUBMITTED: {S.CORRECTION_REQUESTED, S.ADMISSIBLE, S.INADMISSIBLE, S.WITHDRAWN},
    S.CORRECTION_REQUESTED: {S.SUBMITTED, S.LAPSED, S.WITHDRAWN},
    S.ADMISSIBLE: {S.SCHEDULED, S.GRANTED, S.REJECTED, S.WITHDRAWN},
    S.SCHEDULED: {S.GRANTED, S.REJECTED, S.DEFERRED, S.WITHDRAWN},
    S.DEFERRED: {S.SCHEDULED, S.WITHDRAWN},
    S.GRANTED: {S.ACCEPTED, S.DECLINED, S.LAPSED, S.REVOKED},
    S.ACCEPTED: {S.PROOF_SUBMITTED, S.REVOKED, S.DECLINED},
    S.PROOF_SUBMITTED: {S.PROOF_QUERIED, S.SETTLED},
    S.PROOF_QUERIED: {S.PROOF_SUBMITTED, S.SETTLED, S.REVOKED},
}
"""Where each status may lead; one that is missing here is final."""


class IllegalMove(Exception):
    """The application cannot go where it was told to go."""

    def __init__(self, status: Status, to: Status) -> None:
        super().__init__(f"application: {status} → {to}")
        self.status, self.to = status, to
