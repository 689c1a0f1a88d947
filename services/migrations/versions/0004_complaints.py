"""complaints"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('proposed', 'accepted')")
HISTORY = """
UPDATE complaint SET
  filed_as = kind,
  contacted_at = (SELECT min(step.created_at) FROM state_change AS step
    WHERE step.record = 'complaint:' || complaint.id AND step.old <> step.new
      AND step.new NOT IN ('received', 'closed')),
  first_answered_at = (SELECT min(step.created_at) FROM state_change AS step
    WHERE step.record = 'complaint:' || complaint.id AND step.old <> step.new AND step.new = 'answered'),
  reopened = (SELECT count(*) FROM state_change AS step
    WHERE step.record = 'complaint:' || complaint.id AND step.old <> step.new AND step.new = 'reopened')
"""
IN_TIME = """
UPDATE complaint SET in_time = (date(first_answered_at) <= answer_due_on) WHERE first_answered_at IS NOT NULL
"""


def columns_added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("filed_as", sa.String(12), nullable=False, server_default="complaint"),
        sa.Column("contacted_at", sa.DateTime(), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("rating_asked_at", sa.DateTime(), nullable=True),
    )


def upgrade() -> None:
    for column in columns_added():
        op.add_column("complaint", column)
    op.create_index("ix_complaint_created", "complaint", ["hospital_id", "created_at"])
    op.create_index("ix_complaint_cause", "complaint", ["hospital_id", "category", "created_at"])
    op.execute(HISTORY)
    op.execute(IN_TIME)
    op.create_table(
        "escalation",
        *_record(),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("complaint_id", "rule", "round"),
    )
    op.create_index(op.f("ix_escalation_complaint_id"), "escalation", ["complaint_id"])
    op.create_table(
        "complaint_picture",
        *_record(),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("contact_id", "complaint_id"):
        op.create_index(op.f(f"ix_complaint_picture_{name}"), "complaint_picture", [name])
    op.create_table(
        "improvement",
        *_record(),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("matter", sa.String(160), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("department", sa.String(40), nullable=True),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_improvement_status", "improvement", ["hospital_id", "status"])
    op.create_index(
        "ix_improvement_open",
        "improvement",
        ["hospital_id", "matter"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _record() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )


def downgrade() -> None:
    for table in ("improvement", "complaint_picture", "escalation"):
        op.drop_table(table)
    op.drop_index("ix_complaint_cause", "complaint")
    op.drop_index("ix_complaint_created", "complaint")
    with op.batch_alter_table("complaint") as batch:
        for column in columns_added():
            batch.drop_column(column.name)
