"""PHP."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.php import read
from workers.ecosystems.php.detect import detect

ECOSYSTEM = Ecosystem(
    name="php",
    label="PHP",
    rank=9,
    tests=test_forms(__file__),
    manifests=("composer.json",),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, harmless=read.HARMLESS),
)
