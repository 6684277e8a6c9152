"""The JSON API: everything the office's pages do, through the same commands.

Changing requests carry an `Idempotency-Key`; refusals are problem details with a code.
"""

from services.applications.api import funds, years, cases, check, results  # noqa: I001 - words before ids
from services.applications.api.door import api
from services.applications.api.refusals import REFUSALS, Unusable, refused, unusable

__all__ = [
    "REFUSALS",
    "Unusable",
    "api",
    "cases",
    "check",
    "funds",
    "refused",
    "results",
    "unusable",
    "years",
]
