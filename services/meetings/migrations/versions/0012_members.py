"""What keeping the members needs besides."""

from collections.abc import Sequence
from typing import Final

revision: Final = "0012"
down_revision: Final[str | None] = "0011"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
