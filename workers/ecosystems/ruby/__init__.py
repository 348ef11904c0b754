"""Ruby."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, Readers
from workers.ecosystems.forms import test_forms
from workers.ecosystems.packages import Packages
from workers.ecosystems.ruby import read
from workers.ecosystems.ruby.detect import detect

ECOSYSTEM = Ecosystem(
    name="ruby",
    label="Ruby",
    rank=8,
    tests=test_forms(__file__),
    manifests=("Gemfile", "?*.gemspec"),
    detect=(detect,),
    packages=Packages(declaring=("Gemfile.lock",)),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, documents=(read.rspec,)),
)
