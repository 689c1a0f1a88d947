"""herbs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("herb_delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appointment_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handed_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("courier_code", sa.String(40), nullable=True))
        batch_op.add_column(sa.Column("queried_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("subscribed_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("track_state", sa.String(8), nullable=True))
        batch_op.add_column(sa.Column("track_note", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("track_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("track_fault", sa.String(20), nullable=True))

    op.create_table(
        "parcel_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("told_by", sa.String(8), nullable=False),
        sa.Column("drunk", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("remedy", sa.String(8), nullable=True),
        sa.Column("replacement_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["delivery_id"], ["herb_delivery.id"]),
        sa.ForeignKeyConstraint(["replacement_id"], ["herb_delivery.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("parcel_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_parcel_contact", ["contact_id", "id"], unique=False)
        batch_op.create_index("ix_parcel_delivery", ["delivery_id"], unique=False)
        batch_op.create_index("ix_parcel_status", ["hospital_id", "status", "due_at"], unique=False)
        batch_op.create_index("ix_parcel_number", ["hospital_id", "order_number"], unique=True)


def downgrade() -> None:
    op.drop_table("parcel_ticket")
    with op.batch_alter_table("herb_delivery", schema=None) as batch_op:
        batch_op.drop_column("track_fault")
        batch_op.drop_column("track_at")
        batch_op.drop_column("track_note")
        batch_op.drop_column("track_state")
        batch_op.drop_column("subscribed_at")
        batch_op.drop_column("queried_at")
        batch_op.drop_column("courier_code")
        batch_op.drop_column("handed_at")
        batch_op.drop_column("replaces_id")
        batch_op.drop_column("appointment_id")
