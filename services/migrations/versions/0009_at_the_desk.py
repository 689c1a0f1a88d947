"""at the desk: what a nurse heard on the telephone, loans without a chat"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("follow_up_task") as task:
        task.add_column(sa.Column("calls", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("equipment_loan") as loan:
        loan.alter_column("contact_id", existing_type=sa.Integer(), nullable=True)
        loan.add_column(sa.Column("borrower", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM equipment_loan WHERE contact_id IS NULL")
    with op.batch_alter_table("equipment_loan") as loan:
        loan.drop_column("borrower")
        loan.alter_column("contact_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("follow_up_task") as task:
        task.drop_column("calls")
