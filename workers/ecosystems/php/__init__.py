"""PHP."""

from __future__ import annotations

from workers.ecosystems.php import read
from workers.ecosystems.php.detect import detect
from workers.ecosystems.tables import ecosystem

ECOSYSTEM = ecosystem(__file__, detect, outputs=read.OUTPUTS, findings=read.FINDINGS)
