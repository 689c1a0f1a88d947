"""request pictures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("complaint_picture") as picture:
        picture.add_column(sa.Column("request_id", sa.Integer(), nullable=True))
        picture.create_foreign_key("fk_picture_request", "service_request", ["request_id"], ["id"])
    op.create_index(op.f("ix_complaint_picture_request_id"), "complaint_picture", ["request_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_complaint_picture_request_id"), "complaint_picture")
    with op.batch_alter_table("complaint_picture") as picture:
        picture.drop_constraint("fk_picture_request", type_="foreignkey")
        picture.drop_column("request_id")
