"""arrivals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revisit_of_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_appointment_department", ["hospital_id", "department", "date"], unique=False
        )

    with op.batch_alter_table("waitlist", schema=None) as batch_op:
        batch_op.drop_index("ix_waitlist_status")
        batch_op.create_index("ix_waitlist_status", ["hospital_id", "status", "department"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_hold_id"), ["hold_id"], unique=False)

    op.create_table(
        "suspension_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("suspension_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("place_in_line", sa.Integer(), nullable=False),
        sa.Column("call_at", sa.DateTime(), nullable=False),
        sa.Column("rebooked_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["suspension_id"], ["suspension.id"]),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["rebooked_id"], ["appointment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appointment_id"),
    )
    with op.batch_alter_table("suspension_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_notice_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            "ix_suspension_notice_status", ["hospital_id", "status", "call_at"], unique=False
        )
        batch_op.create_index("ix_suspension_notice_suspension", ["suspension_id"], unique=False)

    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("doctor_id", sa.String(60), nullable=False),
        sa.Column("doctor", sa.String(40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=True),
        sa.Column("wait_minutes", sa.Integer(), nullable=True),
        sa.Column("told_near", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appointment_id"),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index("ix_arrival_contact", ["contact_id", "date"], unique=False)
        batch_op.create_index(
            "ix_arrival_queue", ["hospital_id", "doctor_id", "date", "status"], unique=False
        )

    op.create_table(
        "diagnostic_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(64), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("examination", sa.LargeBinary(), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("ready_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "external_id"),
    )
    with op.batch_alter_table("diagnostic_report", schema=None) as batch_op:
        batch_op.create_index("ix_diagnostic_report_contact", ["contact_id"], unique=False)
        batch_op.create_index("ix_diagnostic_report_person", ["person"], unique=False)


def downgrade() -> None:
    op.drop_table("diagnostic_report")
    op.drop_table("arrival")
    op.drop_table("suspension_notice")
    with op.batch_alter_table("waitlist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waitlist_hold_id"))
        batch_op.drop_index("ix_waitlist_status")
        batch_op.create_index("ix_waitlist_status", ["hospital_id", "status"], unique=False)
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_department")
        batch_op.drop_column("revisit_of_id")
