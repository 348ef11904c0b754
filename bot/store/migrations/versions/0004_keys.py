"""Keys that an installation makes for itself: one to know its own commits by."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    keys = op.create_table(
        "keys",
        sa.Column("name", sa.String(length=40), primary_key=True),
        sa.Column("value", sa.String(length=64), nullable=False),
    )
    op.bulk_insert(keys, [{"name": "commits", "value": secrets.token_hex(32)}])
