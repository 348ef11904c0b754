"""Swift."""

from __future__ import annotations

from workers.ecosystems.tables import ecosystem

ECOSYSTEM = ecosystem(__file__)
