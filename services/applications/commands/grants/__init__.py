"""Grants from the reserved sum to the signed agreement, or back into the fund."""

from services.applications.commands.grants.answer import accept, city_agrees, end, meet_condition
from services.applications.commands.grants.award import Award, award
from services.applications.commands.grants.effect import (
    conditions_of,
    locked_grant,
    settle_release,
)

__all__ = [
    "Award",
    "accept",
    "award",
    "city_agrees",
    "conditions_of",
    "end",
    "locked_grant",
    "meet_condition",
    "settle_release",
]
