"""Fields, kinds of occasion and frequency of a subscription; its topics as rows."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    each = "jsonb_array_elements_text(s.topics) AS t(value)"
    if op.get_bind().dialect.name == "sqlite":
        each = "json_each(s.topics) AS t"
    op.execute(
        "INSERT INTO subscription_topics (topic, subscription_id)"  # noqa: S608 - our own two words
        f" SELECT t.value, s.id FROM subscriptions AS s, {each} WHERE s.status = 'confirmed'"
    )


def downgrade() -> None:
    with op.batch_alter_table("subscription_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_topics_subscription_id"))

    op.drop_table("subscription_topics")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("choices")
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        for name in ("digest_cursor", "frequency", "occasion_kinds", "fields"):
            batch_op.drop_column(name)
