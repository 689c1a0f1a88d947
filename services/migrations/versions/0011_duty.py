"""duty: staff called outside the console"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITING = sa.text("status = 'queued'")


def upgrade() -> None:
    op.create_table(
        "duty_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("companion_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["companion_id"], ["companion.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_duty_call_queued",
        "duty_call",
        ["hospital_id", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_duty_call_about", "duty_call", ["hospital_id", "about"])


def downgrade() -> None:
    op.drop_table("duty_call")
