"""JavaScript."""

from __future__ import annotations

from dataclasses import replace

from workers.ecosystems import Plant
from workers.ecosystems.node import read
from workers.ecosystems.node.detect import detect
from workers.ecosystems.node.packages import PACKAGES
from workers.ecosystems.node.supply import SUPPLY
from workers.ecosystems.tables import ecosystem


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

ECOSYSTEM = replace(
    ecosystem(
        __file__,
        detect,
        outputs=read.OUTPUTS,
        findings=read.FINDINGS,
        documents=(read.jest, read.mocha),
        supplied=SUPPLY,
    ),
    packages=PACKAGES,
    plant=_PLANT,
)
