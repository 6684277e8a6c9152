"""Letters with files, people written to on paper, cases that end, and what is left of a fund's year."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from shared.store import ANY_JSON, WHOLE

revision: Final = "0002"
down_revision: Final[str | None] = "0001"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    op.create_table(
        "letter_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_letter_files_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_files")),
    )
    with op.batch_alter_table("letter_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_files_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "fund_years",
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("year", WHOLE, autoincrement=False, nullable=False),
        sa.Column("budget_cents", WHOLE, nullable=False),
        sa.Column("released_cents", WHOLE, nullable=False),
        sa.Column("left_cents", WHOLE, nullable=False),
        sa.Column("told", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("fund", "year", name=op.f("pk_fund_years")),
    )
    for name in ("street", "postcode", "city"):
        op.add_column("people", sa.Column(name, sa.String(), nullable=True))
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.alter_column("withdrawn_at", new_column_name="ended_at")
    op.add_column("cases", sa.Column("explanation", ANY_JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "explanation")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.alter_column("ended_at", new_column_name="withdrawn_at")
    for name in ("city", "postcode", "street"):
        op.drop_column("people", name)
    op.drop_table("fund_years")
    with op.batch_alter_table("letter_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_files_letter_id"))

    op.drop_table("letter_files")
