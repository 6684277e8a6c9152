"""A copy of an issue no longer says what stands behind the @: at a family's own domain that is a name."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final[str | None] = "0008"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

IN_PLACE: Final = "never"
"""There is a row for every reader of every issue: SQLite need not copy the table for this."""


def upgrade() -> None:
    with op.batch_alter_table("issue_letters", schema=None, recreate=IN_PLACE) as batch_op:
        batch_op.drop_column("domain")


def downgrade() -> None:
    with op.batch_alter_table("issue_letters", schema=None, recreate=IN_PLACE) as batch_op:
        batch_op.add_column(sa.Column("domain", sa.String(), nullable=False, server_default=""))
