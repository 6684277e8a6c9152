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
IS_DUE: Final = sa.text("due_at IS NOT NULL")
IS_CLAIMED: Final = sa.text("claim IS NOT NULL")
IN_TROUBLE: Final = sa.text("reason IN ('refused', 'unanswered')")


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
        sa.Column("written_on", sa.String(), nullable=False),
        sa.Column("version", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_issues_kind_number")),
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
        sa.Column("written_on", sa.String(), nullable=False),
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
        sa.Column("claim", sa.Uuid(), nullable=True),
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
        postgresql_with={"fillfactor": 85},
    )
    with op.batch_alter_table("issue_letters", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_issue_letters_subscription_id"), ["subscription_id"], unique=False
        )
        batch_op.create_index(
            "ix_issue_letters_due",
            ["issue_id", "due_at"],
            unique=False,
            postgresql_where=IS_DUE,
            sqlite_where=IS_DUE,
        )
        batch_op.create_index(
            batch_op.f("ix_issue_letters_claim"),
            ["claim"],
            unique=False,
            postgresql_where=IS_CLAIMED,
            sqlite_where=IS_CLAIMED,
        )
        batch_op.create_index(
            "ix_issue_letters_in_trouble",
            ["issue_id", "number"],
            unique=False,
            postgresql_where=IN_TROUBLE,
            sqlite_where=IN_TROUBLE,
        )
    _what_senders_share()


def _what_senders_share() -> None:
    op.create_table(
        "bulk_senders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("in_flight", JSON, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_bulk_senders_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_senders")),
    )
    with op.batch_alter_table("bulk_senders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_senders_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "bulk_blocks",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("first", COUNT, autoincrement=False, nullable=False),
        sa.Column("last", COUNT, nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_bulk_blocks_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["bulk_senders.id"],
            name=op.f("fk_bulk_blocks_sender_id_bulk_senders"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("issue_id", "first", name=op.f("pk_bulk_blocks")),
    )
    with op.batch_alter_table("bulk_blocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_blocks_sender_id"), ["sender_id"], unique=False)

    op.create_table(
        "bulk_cursors",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("taken_to", COUNT, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_bulk_cursors_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_bulk_cursors")),
    )
    op.create_table(
        "mail_allowances",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("booked_until", MOMENT, nullable=False),
        sa.Column("slowed_to", sa.Double(), nullable=True),
        sa.Column("slowed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_allowances")),
    )
    op.create_table(
        "mail_relays",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("stopped_until", MOMENT, nullable=False),
        sa.Column("stops", COUNT, nullable=False),
        sa.Column("code", COUNT, nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_relays")),
    )


def downgrade() -> None:
    op.drop_table("mail_relays")
    op.drop_table("mail_allowances")
    op.drop_table("bulk_cursors")
    op.drop_table("bulk_blocks")
    op.drop_table("bulk_senders")
    with op.batch_alter_table("issue_letters", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_issue_letters_in_trouble", postgresql_where=IN_TROUBLE, sqlite_where=IN_TROUBLE
        )
        batch_op.drop_index(
            batch_op.f("ix_issue_letters_claim"),
            postgresql_where=IS_CLAIMED,
            sqlite_where=IS_CLAIMED,
        )
        batch_op.drop_index("ix_issue_letters_due", postgresql_where=IS_DUE, sqlite_where=IS_DUE)
        batch_op.drop_index(batch_op.f("ix_issue_letters_subscription_id"))

    op.drop_table("issue_letters")
    op.drop_table("pictures")
    op.drop_table("issue_texts")
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issues_status"))

    op.drop_table("issues")
