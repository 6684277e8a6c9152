"""What the law wants an office to say about itself; the legal pages and letters read it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Fact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Legal(BaseModel):
    """The part `[legal]` of brand.toml; German, as the authorities named there speak it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operator: Fact
    represented_by: Fact
    responsible: Fact
    vat_id: str = ""
    funded_by: str = ""
    hosting: Fact
    data_protection_officer: Fact
    data_protection_email: Fact
    supervisory_authority: Fact
    accessibility_law: Fact
    accessibility_made: date
    accessibility_checked: date
    arbitration: Fact
    arbitration_phone: str = ""
    arbitration_email: str = ""
