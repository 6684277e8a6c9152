"""A first board with usual rules, for the office to rename and change on its own page."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final[str | None] = "0001"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

BOARD: Final = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
RULES: Final = UUID("01890a5d-ac96-774b-bcce-b302099a8058")

boards: Final = sa.table(
    "boards",
    sa.column("id", sa.Uuid),
    sa.column("name", sa.String),
    sa.column("place", sa.String),
    sa.column("version", sa.Integer),
)
board_rules: Final = sa.table(
    "board_rules",
    sa.column("id", sa.Uuid),
    sa.column("board_id", sa.Uuid),
    sa.column("holds_from", sa.Date),
    sa.column("submission_days_before", sa.Integer),
    sa.column("on_postponement", sa.String),
)


def upgrade() -> None:
    op.bulk_insert(
        boards,
        [{"id": BOARD, "name": "Freunde Westhagens", "place": "Stadtteilbüro", "version": 1}],
    )
    op.bulk_insert(
        board_rules,
        [
            {
                "id": RULES,
                "board_id": BOARD,
                "holds_from": date(2023, 1, 1),
                "submission_days_before": 14,
                "on_postponement": "again",
            }
        ],
    )


def downgrade() -> None:
    op.execute(board_rules.delete().where(board_rules.c.id == RULES))
    op.execute(boards.delete().where(boards.c.id == BOARD))
