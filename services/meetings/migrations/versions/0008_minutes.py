"""Minutes with their amendments."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import shared.store

revision: Final = "0008"
down_revision: Final[str | None] = "0007"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

WHEN: Final = shared.store.UTCDateTime(timezone=True)
WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATUS: Final = sa.Enum(
    "draft", "circulated", "approved", name="minutesstatus", native_enum=False, length=40
)
BECAUSE: Final = sa.Enum(
    "nobody_asked",
    "all_agreed",
    "term_over",
    "reasoned",
    name="approvedbecause",
    native_enum=False,
    length=40,
)
AMENDMENT: Final = sa.Enum(
    "open", "taken", "refused", name="amendmentstatus", native_enum=False, length=40
)


def upgrade() -> None:
    op.create_table(
        "minutes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("status", STATUS, nullable=False),
        sa.Column("written_at", WHEN, nullable=False),
        sa.Column("circulated_at", WHEN, nullable=True),
        sa.Column("object_until", WHEN, nullable=True),
        sa.Column("term_over_at", WHEN, nullable=True),
        sa.Column("approved_at", WHEN, nullable=True),
        sa.Column("approved_because", BECAUSE, nullable=True),
        sa.Column("approval_reason", sa.Text(), nullable=False),
        sa.Column("roll", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_minutes_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("session_id", name=op.f("uq_minutes_session_id")),
    )
    op.create_index(op.f("ix_minutes_status"), "minutes", ["status"])
    op.create_table(
        "minutes_texts",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_texts_minutes_id_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_minutes_texts_item_id_agenda_items")
        ),
        sa.PrimaryKeyConstraint("minutes_id", "part", name=op.f("pk_minutes_texts")),
    )
    _amendments()
    op.create_table(
        "minutes_consents",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_consents_minutes_id_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_minutes_consents_member_id_members")
        ),
        sa.PrimaryKeyConstraint("minutes_id", "member_id", name=op.f("pk_minutes_consents")),
    )


def _amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", AMENDMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("proposed_at", WHEN, nullable=False),
        sa.Column("answered_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["minutes_id"], ["minutes.id"], name=op.f("fk_amendments_minutes_id_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_amendments_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_amendments_item_id_agenda_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index(op.f("ix_amendments_minutes_id"), "amendments", ["minutes_id"])
    op.create_index(op.f("ix_amendments_member_id"), "amendments", ["member_id"])


def downgrade() -> None:
    for table in ("minutes_consents", "amendments", "minutes_texts", "minutes"):
        op.drop_table(table)
