"""PHP."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Readers, Select
from workers.ecosystems.php import read
from workers.ecosystems.php.detect import detect
from workers.ecosystems.suite import test_forms
from workers.ecosystems.supply import supply

_SELECT = Select(
    before=re.compile(r"(^|/)(bootstrap|(test|spec)_?helper)\.php$", re.I),
    belongs=re.compile(r"(^|/)[^/]*(Test|Tests|TestCase|Spec|IT)\.php$"),
    runnable=re.compile(r"Test\.php$"),
)

_LACK = Lack(
    wanted=(
        ("PHP {}", r'dependencies require a PHP version "([<>=~^ \d.]{1,20})"'),
        ("PHP's extension {}", r'^PHPUnit requires the .+ but the "([\w-]{1,30})"'),
    ),
    offline=(r"(?:Cannot open (?:bootstrap script|file)|Failed opening required) .*vendor/autoload\.php",),
)

ECOSYSTEM = Ecosystem(
    name="php",
    label="PHP",
    rank=9,
    tests=test_forms(__file__),
    supply=supply(__file__),
    manifests=("composer.json",),
    detect=(detect,),
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, harmless=read.HARMLESS),
    select=_SELECT,
    lack=_LACK,
    endings=("php",),
    programs=("vendor/bin",),
)
