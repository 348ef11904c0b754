"""JavaScript."""

from __future__ import annotations

import re

from workers.ecosystems import Ecosystem, Lack, Plant, Readers, Select
from workers.ecosystems.node import read
from workers.ecosystems.node.detect import detect
from workers.ecosystems.node.packages import PACKAGES
from workers.ecosystems.node.supply import SUPPLY
from workers.ecosystems.suite import test_forms

_SELECT = Select(
    belongs=re.compile(r"[._-](test|spec)s?\.[cm]?[jt]sx?$|\.snap$|^tests?\.[cm]?[jt]sx?$|\.test-d\.[cm]?ts$"),
    runnable=re.compile(
        r"[._-](test|spec)s?\.[cm]?[jt]sx?$|(^|/)(tests?|__tests__)/[^/]+\.[cm]?[jt]sx?$|(^|/)tests?\.[cm]?js$|^tests?\.ts$"
    ),
    before=re.compile(
        r"(^|/)((jest|vitest|mocha|karma|global|test)[.-]?(setup|teardown|env(ironment)?)[^/]*\.[cm]?[jt]s"
        r"|setup[_-]?tests?\.[cm]?[jt]sx?|(test|spec)_?helper\.[jt]s)$",
        re.I,
    ),
)

_LACK = Lack(module=r"Cannot find (?:module|package) '((?:@[\w.-]{1,60}/)?[A-Za-z_][\w.-]{0,59})")


def _file(neighbour: str, name: str) -> str:
    stem, dot, ending = neighbour.partition(".")
    return f"{name}{'-test' if stem.endswith('-test') else ''}{dot}{ending}"


_PLANT = Plant(
    """const run = globalThis["test"] ?? globalThis["it"];
const fails = () => {{
  throw new Error("{name}");
}};
if (run) run("{name}", fails);
else import("node:test").then(({{ test }}) => test("{name}", fails));
""",
    _file,
)

ECOSYSTEM = Ecosystem(
    name="node",
    label="JavaScript",
    supply=SUPPLY,
    rank=2,
    tests=test_forms(__file__),
    manifests=("package.json",),
    detect=(detect,),
    packages=PACKAGES,
    readers=Readers(outputs=read.OUTPUTS, findings=read.FINDINGS, documents=(read.jest, read.mocha)),
    select=_SELECT,
    lack=_LACK,
    plant=_PLANT,
    endings=("ts",),
    sources=("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"),
    programs=("node_modules/.bin",),
    made=("node_modules",),
)
