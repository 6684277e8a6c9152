"""Declarations to belong, with the words that were agreed to."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0012"
down_revision: Final[str | None] = "0011"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    op.create_table(
        "accessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("declared_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("seen_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_accessions_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accessions")),
    )
    with op.batch_alter_table("accessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accessions_member_id"), ["member_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("accessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accessions_member_id"))

    op.drop_table("accessions")
