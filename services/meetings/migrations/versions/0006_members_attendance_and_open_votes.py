"""Members with their attendance, open votes with their ballots, agenda items of every kind."""

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


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("institution", "household", name="unitkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_units_board_id_boards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "guest",
                "declared",
                "active",
                "suspended",
                "left",
                name="memberstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("recorded_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("declared_online", sa.Boolean(), nullable=False),
        sa.Column("active_since", sa.Date(), nullable=True),
        sa.Column("suspended_since", sa.Date(), nullable=True),
        sa.Column(
            "suspended_because",
            sa.Enum("absent", "office", name="suspendedbecause", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("erased_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_members_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["board_id"], ["boards.id"], name=op.f("fk_members_board_id_boards")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_members_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("account_id", name=op.f("uq_members_account_id")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_members_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_members_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("arrived_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("departed_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_attendances_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_attendances_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
    )
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendances_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendances_session_id"), ["session_id"], unique=False)

    op.create_table(
        "polls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "closed", "void", name="pollstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "motion",
            sa.Enum("grant", "defer", "resolve", name="motion", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "manner",
            sa.Enum(
                "hands", "named", "secret", "paper", name="manner", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "amount_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "conditions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("members", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("present", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recused", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_polls_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_polls_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_polls_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_polls_session_id"), ["session_id"], unique=False)

    op.create_index(
        "uq_polls_open",
        "polls",
        ["session_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "uq_attendances_there",
        "attendances",
        ["session_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("departed_at IS NULL"),
        postgresql_where=sa.text("departed_at IS NULL"),
    )
    op.create_table(
        "recusals",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "because",
            sa.Enum(
                "applicant",
                "institution",
                "partner",
                "relative",
                "represents",
                "employer",
                "other",
                name="recusedbecause",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("declared_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_recusals_item_id_agenda_items")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_recusals_member_id_members")
        ),
        sa.PrimaryKeyConstraint("item_id", "member_id", name=op.f("pk_recusals")),
    )
    op.create_table(
        "replies",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "coming",
            sa.Enum("yes", "no", name="coming", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("replied_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_replies_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_replies_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("session_id", "member_id", name=op.f("pk_replies")),
    )
    op.create_table(
        "room_passes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("issued_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_room_passes_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_room_passes_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_passes")),
    )
    with op.batch_alter_table("room_passes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_passes_code_hash"), ["code_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_room_passes_session_id"), ["session_id"], unique=False)

    op.create_table(
        "electors",
        sa.Column("poll_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "barred",
            sa.Enum(
                "absent",
                "guest",
                "declared",
                "suspended",
                "recused",
                "unit",
                "left",
                name="barred",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_electors_member_id_members")
        ),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name=op.f("fk_electors_poll_id_polls")),
        sa.PrimaryKeyConstraint("poll_id", "member_id", name=op.f("pk_electors")),
    )
    op.create_table(
        "named_ballots",
        sa.Column("poll_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("yes", "no", "abstain", name="choice", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("cast_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_named_ballots_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_named_ballots_poll_id_polls")
        ),
        sa.PrimaryKeyConstraint("poll_id", "member_id", name=op.f("pk_named_ballots")),
    )
    op.create_table(
        "secret_boxes",
        sa.Column("poll_id", sa.Uuid(), nullable=False),
        sa.Column(
            "slips", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_secret_boxes_poll_id_polls")
        ),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_secret_boxes")),
    )
    op.create_table(
        "secret_turnouts",
        sa.Column("poll_id", sa.Uuid(), nullable=False),
        sa.Column(
            "member_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["poll_id"], ["polls.id"], name=op.f("fk_secret_turnouts_poll_id_polls")
        ),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_secret_turnouts")),
    )
    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "application",
                    "discussion",
                    "report",
                    "follow_up",
                    "other",
                    name="itemkind",
                    native_enum=False,
                    length=40,
                ),
                nullable=False,
                server_default="application",
            )
        )
        batch_op.add_column(sa.Column("title", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("text", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "planned_minutes",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.alter_column("application_id", existing_type=sa.Uuid(), nullable=True)

    with op.batch_alter_table("board_rules", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "quorum_at",
                sa.Enum("each_vote", "opening", name="quorumat", native_enum=False, length=40),
                nullable=False,
                server_default="each_vote",
            )
        )
        batch_op.add_column(
            sa.Column(
                "earned_after",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=False,
                server_default="1",
            )
        )
        batch_op.add_column(
            sa.Column(
                "lost_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "regained_after",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "one_vote_per",
                sa.Enum(
                    "nobody",
                    "institution",
                    "household",
                    "both",
                    name="onevoteper",
                    native_enum=False,
                    length=40,
                ),
                nullable=False,
                server_default="nobody",
            )
        )
        batch_op.add_column(
            sa.Column(
                "secret_minimum",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=False,
                server_default="5",
            )
        )
        batch_op.add_column(
            sa.Column(
                "circular_days",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
                server_default="7",
            )
        )
        batch_op.add_column(
            sa.Column(
                "urgent_limit_cents",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "objection_days",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=False,
                server_default="14",
            )
        )

    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("city_name", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("city_email", sa.String(), nullable=False, server_default=""))

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("invited_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("opened_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("closed_at", shared.store.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("room_code", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("now_item_id", sa.Uuid(), nullable=True))

    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "manner",
                sa.Enum(
                    "hands", "named", "secret", "paper", name="manner", native_enum=False, length=40
                ),
                nullable=False,
                server_default="hands",
            )
        )
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum("meeting", "circular", "urgent", name="way", native_enum=False, length=40),
                nullable=False,
                server_default="meeting",
            )
        )
        batch_op.add_column(sa.Column("text", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.drop_column("text")
        batch_op.drop_column("way")
        batch_op.drop_column("manner")

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("now_item_id")
        batch_op.drop_column("room_code")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("opened_at")
        batch_op.drop_column("invited_at")

    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.drop_column("city_email")
        batch_op.drop_column("city_name")

    with op.batch_alter_table("board_rules", schema=None) as batch_op:
        batch_op.drop_column("objection_days")
        batch_op.drop_column("urgent_limit_cents")
        batch_op.drop_column("circular_days")
        batch_op.drop_column("secret_minimum")
        batch_op.drop_column("one_vote_per")
        batch_op.drop_column("regained_after")
        batch_op.drop_column("lost_after")
        batch_op.drop_column("earned_after")
        batch_op.drop_column("quorum_at")

    with op.batch_alter_table("agenda_items", schema=None) as batch_op:
        batch_op.alter_column("application_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("planned_minutes")
        batch_op.drop_column("place")
        batch_op.drop_column("text")
        batch_op.drop_column("title")
        batch_op.drop_column("kind")

    op.drop_table("secret_turnouts")
    op.drop_table("secret_boxes")
    op.drop_table("named_ballots")
    op.drop_table("electors")
    with op.batch_alter_table("room_passes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_passes_session_id"))
        batch_op.drop_index(batch_op.f("ix_room_passes_code_hash"))

    op.drop_table("room_passes")
    op.drop_table("replies")
    op.drop_table("recusals")
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_polls_session_id"))
        batch_op.drop_index(batch_op.f("ix_polls_item_id"))

    op.drop_table("polls")
    with op.batch_alter_table("attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendances_session_id"))
        batch_op.drop_index(batch_op.f("ix_attendances_member_id"))

    op.drop_table("attendances")
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_members_unit_id"))
        batch_op.drop_index(batch_op.f("ix_members_status"))
        batch_op.drop_index(batch_op.f("ix_members_person_id"))

    op.drop_table("members")
    op.drop_table("units")
