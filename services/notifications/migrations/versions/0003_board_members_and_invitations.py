"""Who is on the board, what else a letter is about, and how votes were held."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

from shared.store import UTCDateTime

revision: Final = "0003"
down_revision: Final[str | None] = "0002"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    op.create_table(
        "board_members",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("belongs", sa.Boolean(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_board_members")),
    )
    with op.batch_alter_table("board_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_board_members_person_id"), ["person_id"], unique=False)
    op.create_table(
        "known_votes",
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("closed_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("pk_known_votes")),
    )
    op.add_column("letters", sa.Column("thing_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_thing_id"), ["thing_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letters_thing_id"))
    op.drop_column("letters", "thing_id")
    op.drop_table("known_votes")
    op.drop_table("board_members")
