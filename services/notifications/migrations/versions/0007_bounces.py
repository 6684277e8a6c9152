"""What came back about letters."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0007"
down_revision: Final[str | None] = "0006"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("number", COUNT, nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "severity",
            sa.Enum("hard", "soft", "notice", name="severity", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("diagnostic", sa.String(), nullable=False),
        sa.Column("handled_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint(
            "about",
            "number",
            "severity",
            "status",
            name=op.f("uq_bounces_about_number_severity_status"),
        ),
    )
    with op.batch_alter_table("bounces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bounces_address_hash"), ["address_hash"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("bounces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bounces_address_hash"))

    op.drop_table("bounces")
