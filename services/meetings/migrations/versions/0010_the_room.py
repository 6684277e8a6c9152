"""Rooms with the count at their opening, the hours of items, sealed ballot boxes, what funds have left."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0010"
down_revision: Final[str | None] = "0009"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("members", WHOLE, nullable=False),
        sa.Column("present", WHOLE, nullable=False),
        sa.Column("guests", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_rooms_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_rooms")),
    )
    op.create_table(
        "item_hours",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("called_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_item_hours_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_item_hours_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_hours")),
    )
    with op.batch_alter_table("item_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_item_hours_session_id"), ["session_id"], unique=False)

    op.create_table(
        "known_budgets",
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("year", WHOLE, autoincrement=False, nullable=False),
        sa.Column("budget_cents", WHOLE, nullable=False),
        sa.Column("released_cents", WHOLE, nullable=False),
        sa.Column("left_cents", WHOLE, nullable=False),
        sa.Column("told", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("fund", "year", name=op.f("pk_known_budgets")),
    )
    with op.batch_alter_table("secret_boxes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("sealed", sa.LargeBinary(), nullable=False, server_default=sa.text("''"))
        )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fund", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("fund")
    with op.batch_alter_table("secret_boxes", schema=None) as batch_op:
        batch_op.drop_column("sealed")
    op.drop_table("known_budgets")
    with op.batch_alter_table("item_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_hours_session_id"))
    op.drop_table("item_hours")
    op.drop_table("rooms")
