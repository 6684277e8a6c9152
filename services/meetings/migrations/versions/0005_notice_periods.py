"""How early a board is invited, with the day from which it holds."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final[str | None] = "0004"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    op.create_table(
        "notice_periods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["board_id"], ["boards.id"], name=op.f("fk_notice_periods_board_id_boards")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_periods")),
        sa.UniqueConstraint(
            "board_id", "holds_from", name=op.f("uq_notice_periods_board_id_holds_from")
        ),
    )


def downgrade() -> None:
    op.drop_table("notice_periods")
