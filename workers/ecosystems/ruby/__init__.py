"""Ruby."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.packages import Packages
from workers.ecosystems.ruby import read
from workers.ecosystems.ruby.detect import detect
from workers.ecosystems.ruby.supply import SUPPLY
from workers.ecosystems.suite import test_forms

_SELECT = Select(
    before=re.compile(r"(^|/)(test|spec|rails)_?helper\.rb$", re.I),
    belongs=re.compile(r"_(spec|test)\.rb$|(^|/)test_[^/]+\.rb$"),
    runnable=re.compile(r"_(spec|test)\.rb$|(^|/)test_[^/]+\.rb$"),
)

_LACK = Lack(
    module=r"cannot load such file -- ([A-Za-z_][\w-]{0,59})(?:/[\w./-]*)?(?: \(LoadError\))?\s*$",
    endings=(".rb",),
    wanted=(("Ruby {}", r"Your Ruby version is \S+, but your Gemfile specified ([<>=~, \d.]{1,40}\d)"),),
    offline=(
        r"Could not find gem '[^'\n]+' in (?:any of the sources|locally installed gems)",
        r"Could not find [\w.-]+-\d.* in (?:any of the sources|locally installed gems)",
        r"^bundler: command not found: ",
    ),
)

ECOSYSTEM = Ecosystem(
    name="ruby",
    label="Ruby",
    supply=SUPPLY,
    rank=8,
    tests=test_forms(__file__),
    manifests=("Gemfile", "?*.gemspec"),
    detect=(detect,),
    packages=Packages(declaring=("Gemfile.lock",)),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, documents=(read.rspec,)),
    select=_SELECT,
    lack=_LACK,
    endings=("rb",),
)
