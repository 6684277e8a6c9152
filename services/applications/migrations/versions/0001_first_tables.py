"""The first tables: applications with their files and keys, the board's dates, and the way of an event."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from shared.store import ANY_JSON, WHOLE, UTCDateTime

revision: Final = "0001"
down_revision: Final[str | None] = None
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

TABLES: Final = (
    "applications",
    "colleagues",
    "funds",
    "links",
    "number_series",
    "session_dates",
    "attachments",
    "draft_keys",
    "audit",
    "inbox",
    "leases",
    "outbox",
    "parked",
    "stream_state",
    "timers",
)
"""In the order they are made."""


def upgrade() -> None:
    own_tables()
    event_tables()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def own_tables() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("typed", ANY_JSON, nullable=False),
        sa.Column("answers", ANY_JSON, nullable=False),
        sa.Column("rules", ANY_JSON, nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=False),
        sa.Column("letter_at", UTCDateTime(), nullable=True),
        sa.Column("number", sa.String(16), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("email_hash", sa.String(64), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("applicant", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("field_of_action", sa.String(40), nullable=True),
        sa.Column("asked_cents", WHOLE, nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("number", name="uq_applications_number"),
    )
    op.create_index("ix_applications_board", "applications", ["submitted_at", "id"])
    op.create_index("ix_applications_email_hash", "applications", ["email_hash"])
    op.create_index("ix_applications_person_id", "applications", ["person_id"])
    op.create_index("ix_applications_session_id", "applications", ["session_id"])
    op.create_index("ix_applications_status", "applications", ["status"])
    op.create_table(
        "colleagues",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_colleagues"),
    )
    op.create_index("ix_colleagues_person_id", "colleagues", ["person_id"])
    op.create_table(
        "funds",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("holds_from", sa.Date(), nullable=False),
        sa.Column("rules", ANY_JSON, nullable=False),
        sa.PrimaryKeyConstraint("code", "holds_from", name="pk_funds"),
    )
    op.create_table(
        "links",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", ANY_JSON, nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_links"),
    )
    op.create_index("ix_links_browser_hash", "links", ["browser_hash"])
    op.create_index("ix_links_expires_at", "links", ["expires_at"])
    op.create_index("ix_links_subject", "links", ["subject"])
    op.create_table(
        "number_series",
        sa.Column("year", WHOLE, autoincrement=False, nullable=False),
        sa.Column("last", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_number_series"),
    )
    op.create_table(
        "session_dates",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("board", sa.String(200), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("submission_deadline", UTCDateTime(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("told_version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_session_dates"),
    )
    op.create_index("ix_session_dates_starts_at", "session_dates", ["starts_at"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("stored_as", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_attachments_application_id_applications",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.UniqueConstraint("stored_as", name="uq_attachments_stored_as"),
    )
    op.create_index("ix_attachments_application_id", "attachments", ["application_id"])
    op.create_table(
        "draft_keys",
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_draft_keys_application_id_applications",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_hash", name="pk_draft_keys"),
    )
    op.create_index("ix_draft_keys_application_id", "draft_keys", ["application_id"])


def event_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", ANY_JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_answered_at", "inbox", ["answered_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("number", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
        sa.UniqueConstraint("number", name="uq_outbox_number"),
    )
    op.create_index("ix_outbox_recorded_at", "outbox", ["recorded_at"])
    op.create_index("ix_outbox_subject", "outbox", ["subject"])
    op.create_table(
        "parked",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("parked_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("try_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parked"),
        sa.UniqueConstraint("event_id", name="uq_parked_event_id"),
    )
    op.create_index("ix_parked_stream", "parked", ["stream"])
    op.create_index("ix_parked_subject", "parked", ["subject"])
    op.create_index("ix_parked_try_at", "parked", ["try_at"])
    op.create_table(
        "stream_state",
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("epoch", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("told", WHOLE, nullable=False),
        sa.Column("gaps", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("stream", "role", name="pk_stream_state"),
    )
    op.create_table(
        "timers",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("payload", ANY_JSON, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("try_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint("key", name="uq_timers_key"),
    )
    op.create_index("ix_timers_subject", "timers", ["subject"])
    op.create_index("ix_timers_try_at", "timers", ["try_at"])
