"""Occasions as last told, for calendar and news."""

from collections.abc import Sequence
from typing import Final

revision: Final = "0004"
down_revision: Final[str | None] = "0003"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
