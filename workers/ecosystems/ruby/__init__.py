"""Ruby."""

from __future__ import annotations

from workers.ecosystems.ruby import read
from workers.ecosystems.ruby.detect import detect
from workers.ecosystems.ruby.supply import SUPPLY
from workers.ecosystems.tables import ecosystem

ECOSYSTEM = ecosystem(
    __file__, detect, outputs=read.OUTPUTS, findings=read.FINDINGS, documents=(read.rspec,), supplied=SUPPLY
)
