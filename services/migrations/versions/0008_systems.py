"""systems"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WAITING = sa.text("status = 'queued'")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoint",
        *_record(),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("types", sa.String(1000), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_delivery",
        *_record(),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.String(60), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, columns in (
        ("ix_webhook_delivery_due", ["hospital_id", "next_attempt_at"]),
        ("ix_webhook_delivery_order", ["endpoint_id", "record"]),
    ):
        op.create_index(name, "webhook_delivery", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_webhook_delivery_ended", "webhook_delivery", ["hospital_id", "status", "ended_at"])
    op.create_table(
        "api_client",
        *_record(),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(60), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "name"),
        sa.UniqueConstraint("token_hash"),
    )


def downgrade() -> None:
    for table in ("api_client", "webhook_delivery", "webhook_endpoint"):
        op.drop_table(table)


def _record() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
