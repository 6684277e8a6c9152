"""Fields, kinds of occasion and frequency of a subscription; its topics as rows; what digests told."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import shared.store

revision: Final = "0005"
down_revision: Final[str | None] = "0004"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

JSON: Final = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FREQUENCY: Final = sa.Enum(
    "at_once", "daily", "weekly", name="frequency", native_enum=False, length=40
)


def upgrade() -> None:
    none, nothing = sa.text("'[]'"), sa.text("'{}'")
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fields", JSON, nullable=False, server_default=none))
        batch_op.add_column(sa.Column("occasion_kinds", JSON, nullable=False, server_default=none))
        batch_op.add_column(
            sa.Column("frequency", FREQUENCY, nullable=False, server_default="at_once")
        )
        batch_op.add_column(sa.Column("digest_cursor", COUNT, nullable=False, server_default="0"))
        batch_op.create_index(
            batch_op.f("ix_subscriptions_frequency_digest_cursor"),
            ["frequency", "digest_cursor"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_subscriptions_language_id"), ["language", "id"], unique=False
        )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("choices", JSON, nullable=False, server_default=nothing))
    op.create_table(
        "subscription_topics",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_topics_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("topic", "subscription_id", name=op.f("pk_subscription_topics")),
    )
    with op.batch_alter_table("subscription_topics", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subscription_topics_subscription_id"), ["subscription_id"], unique=False
        )
    _digests_and_fields()
    each = "jsonb_array_elements_text(s.topics) AS t(value)"
    if op.get_bind().dialect.name == "sqlite":
        each = "json_each(s.topics) AS t"
    op.execute(
        "INSERT INTO subscription_topics (topic, subscription_id)"  # noqa: S608 - our own two words
        f" SELECT t.value, s.id FROM subscriptions AS s, {each} WHERE s.status = 'confirmed'"
    )


def _digests_and_fields() -> None:
    op.create_table(
        "digest_runs",
        sa.Column("frequency", FREQUENCY, nullable=False),
        sa.Column("due_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("upto", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("frequency", name=op.f("pk_digest_runs")),
    )
    op.create_table(
        "known_fields",
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_known_fields")),
    )
    field = "body->'data'->>'field_of_action'"
    if op.get_bind().dialect.name == "sqlite":
        field = "json_extract(body, '$.data.field_of_action')"
    op.execute(
        f"INSERT INTO known_fields (code) SELECT DISTINCT {field} FROM journal"  # noqa: S608 - ours
        f" WHERE {field} IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("known_fields")
    op.drop_table("digest_runs")
    with op.batch_alter_table("subscription_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_topics_subscription_id"))

    op.drop_table("subscription_topics")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("choices")
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscriptions_language_id"))
        batch_op.drop_index(batch_op.f("ix_subscriptions_frequency_digest_cursor"))
        for name in ("digest_cursor", "frequency", "occasion_kinds", "fields"):
            batch_op.drop_column(name)
