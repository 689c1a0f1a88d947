"""resumptions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suspension") as batch:
        batch.add_column(sa.Column("lifted_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("suspension") as batch:
        batch.drop_column("lifted_at")
