"""Majorities, kinds of quorum and second calls among the rules; items that missed a quorum."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final[str | None] = "0003"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=40)


RULES: Final = (
    (
        "quorum_kind",
        _word("quorumkind", "none", "fixed", "half", "more_than_half", "two_thirds"),
        "none",
    ),
    ("recused_count", sa.Boolean(), sa.true()),
    ("second_call", sa.Boolean(), sa.false()),
    ("majority", _word("majority", "simple", "absolute", "two_thirds", "three_quarters"), "simple"),
    ("base", _word("votebase", "cast", "cast_with_abstentions", "present", "members"), "cast"),
)
ITEMS: Final = ("missed_quorum", "second_call")


def upgrade() -> None:
    with op.batch_alter_table("board_rules", schema=None) as batch_op:
        for name, kind, default in RULES:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        for name in ITEMS:
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    op.execute("UPDATE board_rules SET quorum_kind = 'fixed' WHERE quorum IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        for name in reversed(ITEMS):
            batch_op.drop_column(name)
    with op.batch_alter_table("board_rules", schema=None) as batch_op:
        for name, _kind, _default in reversed(RULES):
            batch_op.drop_column(name)
