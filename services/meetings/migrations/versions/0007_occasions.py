"""Occasions, and who registered for them."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

import shared.store

revision: Final = "0007"
down_revision: Final[str | None] = "0006"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None


def upgrade() -> None:
    op.create_table(
        "occasions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "announced",
                "held",
                "documented",
                "cancelled",
                name="occasionstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "festival",
                "walk",
                "workshop",
                "consultation",
                "other",
                name="occasionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("starts_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("registration", sa.Boolean(), nullable=False),
        sa.Column("places", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reserved", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reserved_for", sa.String(), nullable=False),
        sa.Column("register_until", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("waiting_list", sa.Boolean(), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.Column("photos", sa.Boolean(), nullable=False),
        sa.Column("door_note", sa.String(), nullable=False),
        sa.Column("first_starts_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.String(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("visitors", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("report_link", sa.String(), nullable=True),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contacts_wiped_at", shared.store.UTCDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occasions")),
    )
    with op.batch_alter_table("occasions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occasions_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_occasions_status"), ["status"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occasion_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "confirmed",
                "ended",
                name="registrationstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("people", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("needs", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=True),
        sa.Column("by_office", sa.Boolean(), nullable=False),
        sa.Column("registered_at", shared.store.UTCDateTime(timezone=True), nullable=False),
        sa.Column("arrived", sa.Boolean(), nullable=False),
        sa.Column(
            "to_call",
            sa.Enum(
                "confirmed",
                "waitlisted",
                "promoted",
                "changed",
                "cancelled",
                "ended",
                name="callbecause",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "ended_because",
            sa.Enum(
                "withdrawn",
                "office",
                "cancelled",
                name="endedbecause",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("wiped", sa.Boolean(), nullable=False),
        sa.Column("told", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["occasion_id"], ["occasions.id"], name=op.f("fk_registrations_occasion_id_occasions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint(
            "occasion_id", "number", name=op.f("uq_registrations_occasion_id_number")
        ),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registrations_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("registrations")
    op.drop_table("occasions")
