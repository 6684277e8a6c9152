"""Resolutions, circular votes, tasks and what became of decisions."""

from collections.abc import Sequence
from typing import Final

revision: Final = "0009"
down_revision: Final[str | None] = "0008"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
