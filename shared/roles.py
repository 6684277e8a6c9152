"""What an account may be: the one word that domain, policy and pages share."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account may be; the operator is the machine and signs in nowhere."""

    OFFICE = "office"
    PAYER = "payer"
    AUDITOR = "auditor"
    MEMBER = "member"


STAFF: Final = frozenset({Role.OFFICE, Role.PAYER, Role.AUDITOR})
