"""C or C++."""

from __future__ import annotations

from workers.ecosystems.native import read
from workers.ecosystems.native.detect import detect
from workers.ecosystems.tables import ecosystem

ECOSYSTEM = ecosystem(__file__, detect, outputs=read.OUTPUTS)
