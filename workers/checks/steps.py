"""Weigh the quick checks (format, lint, types): new findings count, those of the base do not.

Law: findings are compared by path, rule and message, never by line, and a check that cannot be run is no failure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from bot.domain.verdict import Step
from workers.checks import readers
from workers.ecosystems.candidate import Check
from workers.reports import Finding, cut, plain
from workers.sandbox import Limits, Session

SECONDS = 300.0
"""The longest a quick check may take."""
NOT_HERE = "Its tool is not in the sandbox, or could not be run there."
_OUTPUT_BYTES = 4 << 20
_TOLD = 12
_NO_SUCH_PROGRAM = 127


@dataclass(frozen=True)
class Ruling:
    """What one check said of one tree. `findings` is None where only the exit status speaks; `end` closes its output.

    Findings and output are outside text.
    """

    state: Literal["passed", "failed", "not_run"]
    findings: tuple[Finding, ...] | None = None
    end: str = ""


def rule(check: Check, line: str, session: Session, cancelled: Callable[[], bool]) -> Ruling:
    """Run one check's command line."""
    limits = Limits(wall_seconds=SECONDS, output_bytes=_OUTPUT_BYTES)
    ran = session.run(line, limits=limits, cancelled=cancelled)
    if ran.exit_code == 0:
        return Ruling("passed")
    if ran.exit_code is None or ran.exit_code == _NO_SUCH_PROGRAM:
        return Ruling("not_run", end=_ending(ran.output))
    found = readers.findings(ran.output, check.reader)
    return Ruling(
        "failed", tuple(_relative(one, session.root) for one in found) if found else None, _ending(ran.output)
    )


def compare(check: Check, head: Ruling, base: Ruling | None) -> tuple[Step, str]:
    """Return the step as evidence, and the text for the agent ("" if nothing counts against the change)."""
    if head.state == "passed":
        return Step(name=check.name, state="passed"), ""
    if head.state == "not_run":
        return Step(name=check.name, state="not_run", summary=NOT_HERE), ""
    failed_before = base is not None and base.state == "failed"
    if head.findings is None or (base and failed_before and base.findings is None):
        if failed_before:
            return Step(name=check.name, state="old", summary="It fails before this change too."), ""
        told = f"The check {check.name} fails, and it did not before the change: {check.command}\n{head.end}"
        return Step(name=check.name, state="failed", summary="It fails with this change, and did not before."), told
    new = _new(head.findings, base.findings if base and base.findings else ())
    if not new:
        count = _counted(len(head.findings))
        return Step(name=check.name, state="old", summary=f"{count}, all there before this change."), ""
    places = [f"{_place(one)} {one.rule} {one.message}".strip() for one in new[:_TOLD]]
    more = [f"... and {len(new) - _TOLD} more."] if len(new) > _TOLD else []
    told = "\n".join(
        (f"The check {check.name} has {_counted(len(new))} of this change ({check.command}):", *places, *more)
    )
    summary = f"{_counted(len(new))} of this change, the first in {cut(_place(new[0]), 80)}."
    return Step(name=check.name, state="failed", summary=summary), told


def dump(ruling: Ruling) -> bytes:
    """Return the ruling as JSON."""
    return json.dumps(asdict(ruling), sort_keys=True).encode()


def load(content: bytes) -> Ruling:
    """Return what `dump` wrote. Raises ValueError for anything else."""
    try:
        kept = json.loads(content)
        found = kept["findings"]
        findings = None if found is None else tuple(Finding(**one) for one in found)
        return Ruling(kept["state"], findings, kept["end"])
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"not a kept ruling: {wrong}") from wrong


def _new(head: tuple[Finding, ...], base: tuple[Finding, ...]) -> list[Finding]:
    """Return the head's findings beyond those of the base, of which each pays for one."""
    before = Counter(one.identity for one in base)
    new = []
    for one in head:
        if before[one.identity]:
            before[one.identity] -= 1
        else:
            new.append(one)
    return new


def _relative(one: Finding, root: str) -> Finding:
    path = one.path.removeprefix(f"{root.rstrip('/')}/").removeprefix("./")
    return Finding(path, one.line, one.rule, one.message.replace(f"{root.rstrip('/')}/", ""))


def _place(one: Finding) -> str:
    return f"{one.path}:{one.line}" if one.line else one.path


def _counted(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"


def _ending(output: str) -> str:
    return "\n".join(cut(line) for line in plain(output).strip().splitlines()[-15:])
