"""Single calls to a model, outside of the conversation: kept by what was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("change_id", sa.String(length=32), primary_key=True),
        sa.Column("request_hash", sa.String(length=64), primary_key=True),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text()),
        sa.Column("at", sa.Float(), nullable=False),
    )
