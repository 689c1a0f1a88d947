"""escorts: the roster, who goes with whom, the visit step by step; help on the spot, loans, transfers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HELP_WAITS = sa.text("status = 'requested'")
LOAN_DUE = sa.text("status IN ('requested', 'in-progress')")


def upgrade() -> None:
    with op.batch_alter_table("escort") as escort:
        for column in _columns():
            escort.add_column(column)
    op.create_table(
        "companion",
        *_record(),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("post", sa.String(80), nullable=False),
        sa.Column("languages", sa.String(120), nullable=False),
        sa.Column("skills", sa.String(120), nullable=False),
        sa.Column("duties", sa.String(40), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=False),
        sa.Column("shifts", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "code", name="uq_companion_code"),
    )
    op.create_table(
        "escort_assignment",
        *_record(),
        sa.Column("escort_id", sa.Integer(), nullable=False),
        sa.Column("companion_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["companion_id"], ["companion.id"]),
        sa.ForeignKeyConstraint(["escort_id"], ["escort.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_escort_assignment_escort", "escort_assignment", ["escort_id"])
    op.create_index("ix_escort_assignment_who", "escort_assignment", ["companion_id"])
    op.create_table(
        "escort_step",
        *_record(),
        sa.Column("escort_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["escort_id"], ["escort.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_escort_step_escort", "escort_step", ["escort_id"])
    op.create_table(
        "onsite_help",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("special_need", sa.String(60), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("companion_id", sa.Integer(), nullable=True),
        sa.Column("asked", sa.String(120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("to_head", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["companion_id"], ["companion.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_onsite_help_order_number", "onsite_help", ["order_number"])
    op.create_index("ix_onsite_help_contact", "onsite_help", ["contact_id", "id"])
    _create_due("ix_onsite_help_due", "onsite_help", HELP_WAITS)
    op.create_table(
        "loan_stock",
        *_record(),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "kind", "place", name="uq_loan_stock"),
    )
    op.create_table(
        "equipment_loan",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("equipment", sa.String(40), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("deposit", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("returned_place", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_equipment_loan_order_number", "equipment_loan", ["order_number"])
    op.create_index("ix_equipment_loan_contact", "equipment_loan", ["contact_id", "id"])
    _create_due("ix_equipment_loan_due", "equipment_loan", LOAN_DUE)
    op.create_table(
        "transfer",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("ride", sa.String(20), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("origin", sa.String(80), nullable=False),
        sa.Column("destination", sa.String(80), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("special_need", sa.String(60), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("stretchers", sa.Integer(), nullable=False),
        sa.Column("hours_taken", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("driver", sa.LargeBinary(), nullable=True),
        sa.Column("driver_phone", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfer_order_number", "transfer", ["order_number"])
    op.create_index("ix_transfer_contact", "transfer", ["contact_id", "id"])
    op.create_index("ix_transfer_start", "transfer", ["hospital_id", "start"])


def downgrade() -> None:
    for table in (
        "transfer",
        "equipment_loan",
        "loan_stock",
        "onsite_help",
        "escort_step",
        "escort_assignment",
        "companion",
    ):
        op.drop_table(table)
    with op.batch_alter_table("escort") as escort:
        for column in _columns():
            escort.drop_column(column.name)


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("fee", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("means", sa.String(20), nullable=False, server_default=""),
        sa.Column("staff_count", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("speech", sa.String(20), nullable=False, server_default=""),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rating_text", sa.LargeBinary(), nullable=True),
    )


def _record() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )


def _create_due(name: str, table: str, where: sa.TextClause) -> None:
    op.create_index(name, table, ["hospital_id", "due_at"], sqlite_where=where, postgresql_where=where)
