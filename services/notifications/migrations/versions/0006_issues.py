"""Newsletters and press releases, their texts, pictures and recipients."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import shared.store

revision: Final = "0006"
down_revision: Final[str | None] = "0005"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

JSON: Final = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT: Final = shared.store.UTCDateTime(timezone=True)
STATUS: Final = ("draft", "scheduled", "sending", "paused", "sent", "stopped")
STATE: Final = (
    "queued",
    "claimed",
    "sending",
    "sent",
    "deferred",
    "failed",
    "unknown",
    "suppressed",
    "expired",
    "overtaken",
)
WAITING: Final = sa.text("state IN ('queued', 'deferred')")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "issues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("issuekind", "newsletter", "press"), nullable=False),
        sa.Column("status", _words("status", *STATUS), nullable=False),
        sa.Column("number", COUNT, nullable=True),
        sa.Column("blocks", JSON, nullable=False),
        sa.Column("since_cursor", COUNT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("scheduled_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("window_from", COUNT, nullable=False),
        sa.Column("window_to", COUNT, nullable=False),
        sa.Column("pause", _words("pause", "office", "refused"), nullable=True),
        sa.Column("pause_answer", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("gathered", sa.Boolean(), nullable=False),
        sa.Column("gathered_to", sa.Uuid(), nullable=True),
        sa.Column("recipients", COUNT, nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
    )
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issues_status"), ["status"], unique=False)

    op.create_table(
        "issue_texts",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("first_line", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_issue_texts_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "language", name=op.f("pk_issue_texts")),
    )
    op.create_table(
        "pictures",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", COUNT, nullable=False),
        sa.Column("height", COUNT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pictures")),
    )
    op.create_table(
        "issue_letters",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("number", COUNT, autoincrement=False, nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("state", _words("state", *STATE), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", COUNT, nullable=False),
        sa.Column("losses", COUNT, nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("code", COUNT, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_issue_letters_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "number", name=op.f("pk_issue_letters")),
    )
    with op.batch_alter_table("issue_letters", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_issue_letters_subscription_id"), ["subscription_id"], unique=False
        )
        batch_op.create_index(
            "ix_issue_letters_waiting",
            ["issue_id", "number"],
            unique=False,
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        )


def downgrade() -> None:
    with op.batch_alter_table("issue_letters", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_issue_letters_waiting", postgresql_where=WAITING, sqlite_where=WAITING
        )
        batch_op.drop_index(batch_op.f("ix_issue_letters_subscription_id"))

    op.drop_table("issue_letters")
    op.drop_table("pictures")
    op.drop_table("issue_texts")
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issues_status"))

    op.drop_table("issues")
