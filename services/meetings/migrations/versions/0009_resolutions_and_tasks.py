"""Resolutions, circular votes, tasks and what became of decisions."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import shared.store

revision: Final = "0009"
down_revision: Final[str | None] = "0008"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

REASONS: Final = (
    "simple_majority",
    "no_majority",
    "absolute_majority",
    "no_absolute_majority",
    "two_thirds",
    "no_two_thirds",
    "three_quarters",
    "no_three_quarters",
    "tie",
    "nobody_decided",
    "quorum_missed",
    "circular_majority",
    "no_circular_majority",
    "urgent",
)
STAGES: Final = (
    "deferred",
    "promised",
    "effective",
    "accepted",
    "lapsed",
    "declined",
    "revoked",
    "rejected",
    "withdrawn",
)


def code(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def motion() -> sa.Enum:
    return code("motion", "grant", "defer", "resolve")


def json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant() -> shared.store.UTCDateTime:
    return shared.store.UTCDateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("agenda_items") as table:
        table.add_column(
            sa.Column("in_writing", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    the_resolutions()
    nobody_changes_a_resolution()
    the_circulars()
    the_tasks()
    the_followed()


def downgrade() -> None:
    for name in ("followed", "tasks", "circular_electors", "circulars"):
        op.drop_table(name)
    nobody_guards_the_resolutions()
    op.drop_table("resolutions")
    with op.batch_alter_table("agenda_items") as table:
        table.drop_column("in_writing")


def the_resolutions() -> None:
    op.create_table(
        "resolutions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("position", number(), nullable=False),
        sa.Column("year", number(), nullable=False),
        sa.Column("running", number(), nullable=False),
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("way", code("way", "meeting", "circular", "urgent"), nullable=False),
        sa.Column("motion", motion(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "verdict",
            code("verdict", "accepted", "rejected", "tied", "no_quorum", "void"),
            nullable=False,
        ),
        sa.Column("reason", code("reason", *REASONS), nullable=False),
        sa.Column("margin", number(), nullable=False),
        sa.Column("counts", json(), nullable=False),
        sa.Column("rules", json(), nullable=False),
        sa.Column("amount_cents", number(), nullable=True),
        sa.Column("conditions", json(), nullable=False),
        sa.Column("decided_at", instant(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["board_id"], ["boards.id"], name=op.f("fk_resolutions_board_id_boards")
        ),
        sa.ForeignKeyConstraint(
            ["vote_id"], ["votes.id"], name=op.f("fk_resolutions_vote_id_votes")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_resolutions_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_resolutions_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolutions")),
        sa.UniqueConstraint("board_id", "position", name=op.f("uq_resolutions_board_id_position")),
        sa.UniqueConstraint(
            "board_id", "year", "running", name=op.f("uq_resolutions_board_id_year_running")
        ),
        sa.UniqueConstraint("vote_id", name=op.f("uq_resolutions_vote_id")),
    )
    indexed("resolutions", "year", "item_id", "session_id", "application_id", "decided_at")


def the_circulars() -> None:
    op.create_table(
        "circulars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            code("circularstatus", "open", "decided", "undecided", "ended"),
            nullable=False,
        ),
        sa.Column("motion", motion(), nullable=False),
        sa.Column("amount_cents", number(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("members", number(), nullable=False),
        sa.Column("recused", number(), nullable=False),
        sa.Column("rules", json(), nullable=False),
        sa.Column("started_at", instant(), nullable=False),
        sa.Column("closes_at", instant(), nullable=False),
        sa.Column("closed_at", instant(), nullable=True),
        sa.Column("vote_id", sa.Uuid(), nullable=True),
        sa.Column("version", number(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_circulars_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_circulars_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_circulars_vote_id_votes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulars")),
    )
    indexed("circulars", "item_id", "session_id", "status")
    op.create_index(
        "uq_circulars_open",
        "circulars",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    barred = ("absent", "guest", "declared", "suspended", "recused", "unit", "left")
    op.create_table(
        "circular_electors",
        sa.Column("circular_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("barred", code("barred", *barred), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("choice", code("choice", "yes", "no", "abstain"), nullable=True),
        sa.Column("answered_at", instant(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circular_id"],
            ["circulars.id"],
            name=op.f("fk_circular_electors_circular_id_circulars"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_circular_electors_member_id_members")
        ),
        sa.PrimaryKeyConstraint("circular_id", "member_id", name=op.f("pk_circular_electors")),
    )


def the_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", code("taskstatus", "open", "done", "dropped"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("owner_email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", instant(), nullable=False),
        sa.Column("closed_at", instant(), nullable=True),
        sa.Column("erased_at", instant(), nullable=True),
        sa.Column("version", number(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_tasks_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_tasks_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_tasks_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_tasks_item_id_agenda_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    indexed(
        "tasks",
        *("due_on", "status", "person_id", "member_id", "account_id", "session_id", "item_id"),
    )


def the_followed() -> None:
    op.create_table(
        "followed",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("public_title", sa.String(), nullable=False),
        sa.Column("amount_cents", number(), nullable=True),
        sa.Column("by_board", sa.Boolean(), nullable=False),
        sa.Column("decided_at", instant(), nullable=True),
        sa.Column("decided_version", number(), nullable=False),
        sa.Column("stage", code("stage", *STAGES), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("stage_version", number(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_followed")),
    )
    indexed("followed", "stage")


def indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def nobody_changes_a_resolution() -> None:
    """What was decided is never rewritten: a later resolution says what holds instead."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER resolutions_no_{act.lower()} BEFORE {act} ON resolutions "
                "BEGIN SELECT RAISE(ABORT, 'resolutions are appended to only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION resolutions_are_appended_to_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'resolutions are appended to only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER resolutions_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON resolutions "
        "FOR EACH STATEMENT EXECUTE FUNCTION resolutions_are_appended_to_only()"
    )


def nobody_guards_the_resolutions() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER resolutions_no_{act}")
        return
    op.execute("DROP TRIGGER resolutions_only_grow ON resolutions")
    op.execute("DROP FUNCTION resolutions_are_appended_to_only")
