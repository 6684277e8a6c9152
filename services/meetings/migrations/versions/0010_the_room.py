"""What the session in the room needs besides."""

from collections.abc import Sequence
from typing import Final

revision: Final = "0010"
down_revision: Final[str | None] = "0009"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
