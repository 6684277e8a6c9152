"""The way to the grant: the books, grants, the formal check, and what is asked of others."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from shared.store import ANY_JSON, WHOLE, UTCDateTime

revision: Final = "0003"
down_revision: Final[str | None] = "0002"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

TABLES: Final = (
    "budget_years",
    "ledger_bookings",
    "ledger_entries",
    "grants",
    "grant_conditions",
    "commands",
    "changes",
    "check_marks",
    "corrections",
    "cost_marks",
    "decisions",
    "held",
    "statements",
)
"""In the order they are made."""

BOOKS: Final = ("ledger_bookings", "ledger_entries")
"""Tables nobody changes a row of, whoever asks: the database itself refuses."""

NEW_RULES: Final[dict[str, Any]] = {
    "land": "NI",
    "quotes_from_cents": 100_000,
    "quotes_needed": 3,
    "acceptance_days": 28,
    "correction_days": 14,
    "low_cents": 50_000,
    "ends_by": "01-31",
}
"""What Westhagen's fund asks for besides what was written down so far."""

CODES: Final = ("begun", "running", "food", "paid_by_others")

funds = sa.table(
    "funds", sa.column("code"), sa.column("holds_from", sa.Date()), sa.column("rules", ANY_JSON)
)


def upgrade() -> None:
    the_books()
    the_case()
    the_application()
    nobody_changes_the_books()
    rules_with_more_to_set()


def downgrade() -> None:
    nobody_guards_the_books()
    op.drop_index("ix_applications_due", "applications")
    with op.batch_alter_table("applications") as table:
        for column in ("fund", "public_title", "item_id", "due_at", "on_paper"):
            table.drop_column(column)
    for name in reversed(TABLES):
        op.drop_table(name)


def nobody_changes_the_books() -> None:
    """Bookings are appended; a mistake is booked back, never overwritten."""
    if op.get_bind().dialect.name == "sqlite":
        for table in BOOKS:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the books are appended to only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION books_are_appended_to_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the books are appended to only'; END $$"
    )
    for table in BOOKS:
        op.execute(
            f"CREATE TRIGGER {table}_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION books_are_appended_to_only()"
        )


def nobody_guards_the_books() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in BOOKS:
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{act}")
        return
    for table in BOOKS:
        op.execute(f"DROP TRIGGER {table}_only_grow ON {table}")
    op.execute("DROP FUNCTION books_are_appended_to_only")


def rules_with_more_to_set() -> None:
    """Kinds of cost get codes by which lines of a plan are marked; the other rules their usual values."""
    connection = op.get_bind()
    for code, day, rules in connection.execute(sa.select(funds)).all():
        kinds = [
            kind if "name" in kind else {"code": name, "name": kind}
            for name, kind in zip(CODES, rules["not_paid"], strict=False)
        ]
        told = {name: value for name, value in rules.items() if name != "deadline_days"}
        new = NEW_RULES | told | {"not_paid": kinds}
        row = funds.c.code == code, funds.c.holds_from == day
        connection.execute(funds.update().where(*row).values(rules=new))


def the_books() -> None:
    op.create_table(
        "budget_years",
        sa.Column("fund", sa.String(40), nullable=False),
        sa.Column("year", WHOLE, autoincrement=False, nullable=False),
        sa.Column("budget_cents", WHOLE, nullable=False),
        sa.Column("released_cents", WHOLE, nullable=False),
        sa.Column("available_cents", WHOLE, nullable=False),
        sa.Column("reserved_cents", WHOLE, nullable=False),
        sa.Column("low_told", sa.Boolean(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.CheckConstraint(
            "available_cents + reserved_cents = budget_cents", name="ck_budget_years_adds_up"
        ),
        sa.CheckConstraint("available_cents >= 0", name="ck_budget_years_never_over"),
        sa.CheckConstraint(
            "released_cents >= 0 AND released_cents <= budget_cents",
            name="ck_budget_years_released",
        ),
        sa.CheckConstraint("reserved_cents >= 0", name="ck_budget_years_reserved"),
        sa.PrimaryKeyConstraint("fund", "year", name="pk_budget_years"),
    )
    op.create_table(
        "grants",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("fund", sa.String(40), nullable=False),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("amount_cents", WHOLE, nullable=False),
        sa.Column("asked_cents", WHOLE, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.String(40), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("vote_id", sa.Uuid(), nullable=True),
        sa.Column("waits_for_release", sa.Boolean(), nullable=False),
        sa.Column("needs_city", sa.Boolean(), nullable=False),
        sa.Column("city_agreed_at", UTCDateTime(), nullable=True),
        sa.Column("effective_at", UTCDateTime(), nullable=True),
        sa.Column("accept_by", UTCDateTime(), nullable=True),
        sa.Column("signed", sa.String(40), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("rules", ANY_JSON, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_grants_application_id_applications"
        ),
        sa.PrimaryKeyConstraint("application_id", name="pk_grants"),
    )
    op.create_index("ix_grants_waits_for_release", "grants", ["waits_for_release"])
    op.create_index("ix_grants_year", "grants", ["fund", "year"])
    op.create_table(
        "ledger_bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund", sa.String(40), nullable=False),
        sa.Column("year", WHOLE, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund", "year"],
            ["budget_years.fund", "budget_years.year"],
            name="fk_ledger_bookings_fund_year_budget_years",
        ),
        sa.ForeignKeyConstraint(
            ["reverses"], ["ledger_bookings.id"], name="fk_ledger_bookings_reverses_ledger_bookings"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_bookings"),
        sa.UniqueConstraint("key", name="uq_ledger_bookings_key"),
        sa.UniqueConstraint("reverses", name="uq_ledger_bookings_reverses"),
    )
    op.create_index("ix_ledger_bookings_application_id", "ledger_bookings", ["application_id"])
    op.create_index("ix_ledger_bookings_year", "ledger_bookings", ["fund", "year", "id"])
    op.create_table(
        "grant_conditions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("met_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["grants.application_id"],
            name="fk_grant_conditions_application_id_grants",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grant_conditions"),
    )
    op.create_index("ix_grant_conditions_application_id", "grant_conditions", ["application_id"])
    op.create_table(
        "ledger_entries",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("cents", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["ledger_bookings.id"],
            name="fk_ledger_entries_booking_id_ledger_bookings",
        ),
        sa.PrimaryKeyConstraint("booking_id", "account", name="pk_ledger_entries"),
    )


def the_case() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_commands"),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_changes_application_id_applications"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_application_id", "changes", ["application_id"])
    op.create_table(
        "check_marks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("judgement", sa.String(40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_check_marks_application_id_applications",
        ),
        sa.PrimaryKeyConstraint("application_id", "item", name="pk_check_marks"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("items", ANY_JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("requested_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("lapsed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_corrections_application_id_applications",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_application_id", "corrections", ["application_id"])
    op.create_table(
        "cost_marks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("line", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_cost_marks_application_id_applications",
        ),
        sa.PrimaryKeyConstraint("application_id", "line", name="pk_cost_marks"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("by_vote", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("amount_cents", WHOLE, nullable=True),
        sa.Column("left_cents", WHOLE, nullable=True),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("margin", WHOLE, nullable=True),
        sa.Column("counts", ANY_JSON, nullable=False),
        sa.Column("rules", ANY_JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_decisions_application_id_applications"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_application_id", "decisions", ["application_id"])
    op.create_table(
        "held",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("arguments", ANY_JSON, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("held_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_held_application_id_applications"
        ),
        sa.PrimaryKeyConstraint("application_id", name="pk_held"),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(200), nullable=False),
        sa.Column("contact_name", sa.String(200), nullable=False),
        sa.Column("contact_email", sa.String(254), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.Column("given_at", UTCDateTime(), nullable=True),
        sa.Column("verdict", sa.String(40), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name="fk_statements_application_id_applications",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
    )
    op.create_index("ix_statements_application_id", "statements", ["application_id"])
    op.create_index("ix_statements_person_id", "statements", ["person_id"])


def the_application() -> None:
    op.add_column(
        "applications",
        sa.Column("fund", sa.String(40), nullable=False, server_default="buergerfonds"),
    )
    op.add_column(
        "applications", sa.Column("public_title", sa.String(120), nullable=False, server_default="")
    )
    op.add_column("applications", sa.Column("item_id", sa.Uuid(), nullable=True))
    op.add_column("applications", sa.Column("due_at", UTCDateTime(), nullable=True))
    op.add_column(
        "applications",
        sa.Column("on_paper", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_applications_due", "applications", ["status", "due_at", "submitted_at", "id"]
    )
