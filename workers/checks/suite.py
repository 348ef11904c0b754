"""One run of a test command, as it was read: what evidence is weighed from, and what is kept of the base commit.

Law: a suite says what happened and never what it means; that is `evidence`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from bot.domain.verdict import Counts
from workers.reports import MOST_CASES, Failing, State

Ended = Literal["by itself", "timed out", "flooded", "cancelled"]

OUTPUT_BYTES = 8 << 20
"""Output after which a run is killed."""
KEPT_OUTPUT = 200_000
"""Characters of output that are kept of a base commit's run."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{5,16}")
_NO_CASES: Mapping[str, State] = MappingProxyType({})


@dataclass(frozen=True)
class Suite:
    """One run. `code` is None where it was killed; `counts` is None where nothing was counted.

    `cases` are outcomes by name where the source names each. `faults` are sentences about reports that cannot be
    trusted. `absent` is a program or package that the suite needed and the sandbox lacks. `sources` are the readers
    that could read it. Names, messages and output are outside text.
    """

    code: int | None
    ended: Ended = "by itself"
    seconds: float = 0.0
    counts: Counts | None = None
    failing: tuple[Failing, ...] = ()
    cases: Mapping[str, State] = field(default_factory=lambda: _NO_CASES)
    faults: tuple[str, ...] = ()
    absent: str | None = None
    sources: tuple[str, ...] = ()
    output: str = ""

    @property
    def counted(self) -> bool:
        """Return whether any test was reported at all."""
        return self.counts is not None and self.counts.total > 0

    @property
    def ran(self) -> int:
        """Return how many tests ran to an outcome; one that was skipped did not run."""
        return self.counts.passed + self.counts.failed if self.counts else 0

    @property
    def failed(self) -> int:
        """Return how many tests failed."""
        return self.counts.failed if self.counts else 0

    @property
    def names_failures(self) -> bool:
        """Return whether every failure has a name."""
        return self.failed <= len(self.failed_names())

    def failed_names(self) -> dict[str, str]:
        """Return the failing tests: {how they are recognised: how the report spells them}."""
        named = [one.name for one in self.failing]
        named += [name for name, state in self.cases.items() if state == "failed"]
        return {recognised(name): name for name in named}

    def in_state(self, *states: State) -> dict[str, str]:
        """Return the tests with one of these outcomes: {how they are recognised: how the report spells them}."""
        return {recognised(name): name for name, state in self.cases.items() if state in states}

    def names_all(self) -> bool:
        """Return whether every test that was counted has its outcome in `cases` (a name may stand for several)."""
        return bool(self.cases) and len(self.cases) < MOST_CASES


def recognised(name: str) -> str:
    """Return a name by which a test is the same in the next run: some hold the address of an object."""
    return _ADDRESS.sub("0x", name)


def dump(suite: Suite) -> bytes:
    """Return the suite as JSON, with the end of its output."""
    kept = {
        "code": suite.code,
        "ended": suite.ended,
        "seconds": round(suite.seconds, 3),
        "counts": suite.counts.model_dump() if suite.counts else None,
        "failing": [[one.name, one.message] for one in suite.failing],
        "cases": dict(suite.cases),
        "faults": suite.faults,
        "absent": suite.absent,
        "sources": suite.sources,
        "output": suite.output[-KEPT_OUTPUT:],
    }
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


def load(content: bytes) -> Suite:
    """Return what `dump` wrote. Raises ValueError for anything else."""
    try:
        kept = json.loads(content)
        suite = Suite(
            code=kept["code"],
            ended=kept["ended"],
            seconds=float(kept["seconds"]),
            counts=Counts(**kept["counts"]) if kept["counts"] is not None else None,
            failing=tuple(Failing(name, message) for name, message in kept["failing"]),
            cases=kept["cases"],
            faults=tuple(kept["faults"]),
            absent=kept["absent"],
            sources=tuple(kept["sources"]),
            output=kept["output"],
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ValueError(f"not a kept suite: {wrong}") from wrong
    return replace(suite, cases=MappingProxyType(dict(suite.cases)))
