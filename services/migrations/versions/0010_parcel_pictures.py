"""parcel pictures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("complaint_picture") as picture:
        picture.add_column(sa.Column("ticket_id", sa.Integer(), nullable=True))
        picture.create_foreign_key("fk_picture_ticket", "parcel_ticket", ["ticket_id"], ["id"])
    op.create_index(op.f("ix_complaint_picture_ticket_id"), "complaint_picture", ["ticket_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_complaint_picture_ticket_id"), "complaint_picture")
    with op.batch_alter_table("complaint_picture") as picture:
        picture.drop_constraint("fk_picture_ticket", type_="foreignkey")
        picture.drop_column("ticket_id")
