"""What preparing a session needs besides: fixed agendas, and urgent invitations."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0011"
down_revision: Final[str | None] = "0010"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "fixed_position",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column("fixed_starts_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("supplementary", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("agenda_reopened_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("agenda_changed_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("urgent_because", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("urgent_because")
        batch_op.drop_column("agenda_changed_at")
        batch_op.drop_column("agenda_reopened_at")

    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.drop_column("supplementary")
        batch_op.drop_column("fixed_starts_at")
        batch_op.drop_column("fixed_position")
