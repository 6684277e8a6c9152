"""Letters printed together, the file of each run in pieces, and when letters went out by day."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0008"
down_revision: Final[str | None] = "0007"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SENT: Final = sa.text("sent_at IS NOT NULL")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=40)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[sa.DateTime]":
    return sa.Column(name, shared.store.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "print_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order", _words("order", "postcode", "name"), nullable=False),
        sa.Column("double_sided", sa.Boolean(), nullable=False),
        sa.Column("making", _words("making", "waits", "ready", "gone"), nullable=False),
        sa.Column("letters", COUNT, nullable=False),
        sa.Column("done", COUNT, nullable=False),
        sa.Column("pages", COUNT, nullable=False),
        sa.Column("size", COUNT, nullable=False),
        _moment("made_at", nullable=True),
        _moment("posted_at", nullable=True),
        _moment("lease_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_runs")),
    )
    _letters_of_a_run()
    op.create_table(
        "print_pieces",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", COUNT, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["print_runs.id"],
            name=op.f("fk_print_pieces_run_id_print_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_print_pieces")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(
            "ix_letters_sent_at",
            ["sent_at"],
            unique=False,
            postgresql_where=SENT,
            sqlite_where=SENT,
        )
        batch_op.create_index(batch_op.f("ix_letters_address_hash"), ["address_hash"], unique=False)


def _letters_of_a_run() -> None:
    op.create_table(
        "print_run_letters",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", COUNT, autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("pages", COUNT, nullable=False),
        sa.Column("trouble", _words("trouble", "address", "file", "unreadable"), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_print_run_letters_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["print_runs.id"],
            name=op.f("fk_print_run_letters_run_id_print_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_print_run_letters")),
    )
    with op.batch_alter_table("print_run_letters", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_print_run_letters_letter_id"), ["letter_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letters_address_hash"))
        batch_op.drop_index("ix_letters_sent_at", postgresql_where=SENT, sqlite_where=SENT)

    op.drop_table("print_pieces")
    with op.batch_alter_table("print_run_letters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_run_letters_letter_id"))

    op.drop_table("print_run_letters")
    op.drop_table("print_runs")
