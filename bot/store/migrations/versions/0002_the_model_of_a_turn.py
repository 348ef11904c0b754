"""Which model a turn was asked of: another one cannot go on with its thinking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("turns", sa.Column("model", sa.String(length=80), nullable=False, server_default=""))
