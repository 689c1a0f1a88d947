"""lines"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")


def columns_added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("line", sa.String(30), nullable=True),
        sa.Column("stage", sa.String(30), nullable=False, server_default=""),
        sa.Column("team", sa.String(40), nullable=False, server_default=""),
        sa.Column("stage_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("late_at", sa.DateTime(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(100), nullable=True),
        sa.Column("seat", sa.String(40), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table("service_request") as batch:
        for column in columns_added():
            batch.add_column(column)
        batch.create_foreign_key("fk_service_request_staff", "staff", ["staff_id"], ["id"])
        batch.create_index(batch.f("ix_service_request_external_id"), ["external_id"])
    op.create_index(
        "ix_service_request_due",
        "service_request",
        ["hospital_id", "due_at"],
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.create_table(
        "bed",
        *_record(),
        sa.Column("ward", sa.String(40), nullable=False),
        sa.Column("room", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(6), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "ward", "room", "number"),
    )
    op.create_index("ix_bed_request_id", "bed", ["request_id"])
    op.create_table(
        "sampling_result",
        *_record(),
        sa.Column("external_id", sa.String(100), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("point", sa.String(80), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=False),
        sa.Column("abnormal", sa.Boolean(), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("items", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "external_id"),
    )
    op.create_index("ix_sampling_result_contact_id", "sampling_result", ["contact_id"])


def _record() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("sampling_result")
    op.drop_table("bed")
    op.drop_index("ix_service_request_due", "service_request")
    with op.batch_alter_table("service_request") as batch:
        batch.drop_index("ix_service_request_external_id")
        batch.drop_constraint("fk_service_request_staff", type_="foreignkey")
        for column in reversed(columns_added()):
            batch.drop_column(column.name)
