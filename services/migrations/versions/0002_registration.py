"""registration"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN_NOW = sa.text("status IN ('pending', 'booked', 'arrived')")
KEPT_NOW = sa.text("reserved > 0")
CODES_OPEN = sa.text("status IN ('queued', 'sent', 'failed')")
WAITING = sa.text("status = 'requested'")


def columns_added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "patient": (
            sa.Column("id_kind", sa.String(20), nullable=False, server_default="citizen"),
            sa.Column("guardian_name", sa.LargeBinary(), nullable=True),
            sa.Column("guardian_id_number", sa.LargeBinary(), nullable=True),
            sa.Column("phone_confirmed_at", sa.DateTime(), nullable=True),
        ),
        "slot": (
            sa.Column("reserved", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("opens_at", sa.DateTime(), nullable=True),
        ),
        "hold": (
            sa.Column("reserved", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("extra", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        "appointment": (
            sa.Column("extra", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("reserved", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("excused", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
    }


def upgrade() -> None:
    for table, columns in columns_added().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, columns_of, where in (
        ("ix_appointment_open", "appointment", ["hospital_id", "date"], OPEN_NOW),
        ("ix_slot_reserve", "slot", ["hospital_id", "opens_at"], KEPT_NOW),
    ):
        op.create_index(name, table, columns_of, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "phone_code",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.String(40), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.String(40), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_phone_code_phone", "phone_code", ["phone_index", "created_at"])
    op.create_index("ix_phone_code_contact", "phone_code", ["contact_id", "created_at"])
    op.create_index(
        "ix_phone_code_open",
        "phone_code",
        ["hospital_id", "status"],
        sqlite_where=CODES_OPEN,
        postgresql_where=CODES_OPEN,
    )
    op.create_table(
        "booking_review",
        *_record(),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.String(100), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_booking_review_appointment", "booking_review", ["appointment_id"], unique=True)
    op.create_index("ix_booking_review_contact_id", "booking_review", ["contact_id"])
    op.create_index(
        "ix_booking_review_due",
        "booking_review",
        ["hospital_id", "due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "extra_request",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("doctor_id", sa.String(60), nullable=False),
        sa.Column("doctor", sa.String(40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.String(200), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_extra_request_contact_id", "extra_request", ["contact_id"])
    op.create_index("ix_extra_request_order_number", "extra_request", ["order_number"])
    op.create_index(
        "ix_extra_request_session", "extra_request", ["hospital_id", "doctor_id", "date", "period"]
    )
    op.create_index(
        "ix_extra_request_due",
        "extra_request",
        ["hospital_id", "due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "absence_appeal",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absence_appeal_contact_id", "absence_appeal", ["contact_id"])
    op.create_index("ix_absence_appeal_status", "absence_appeal", ["hospital_id", "status"])
    op.create_table(
        "referral",
        *_record(),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("institution", sa.String(40), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "external_id"),
    )
    op.create_index("ix_referral_order_number", "referral", ["order_number"])
    op.create_index("ix_referral_person", "referral", ["person", "department"])


def downgrade() -> None:
    for table in ("referral", "absence_appeal", "extra_request", "booking_review", "phone_code"):
        op.drop_table(table)
    op.drop_index("ix_slot_reserve", "slot")
    op.drop_index("ix_appointment_open", "appointment")
    for table, columns in columns_added().items():
        for column in columns:
            op.drop_column(table, column.name)


def _record() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
