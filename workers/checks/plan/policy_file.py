"""The plan of a repository: what its `.shipmate.toml` says, with detection for what it leaves open. Pure.

Law: a written command replaces a detected one as a whole; nothing is added to what people wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workers.checks import Plan, WorkspacePolicy
from workers.checks.plan.detect import detect
from workers.checks.plan.schema import PolicyError, parse
from workers.ecosystems.candidate import Check, Kind
from workers.ecosystems.facts import POLICY, Read

_SECONDS = 900.0
_KINDS: tuple[tuple[str, Kind], ...] = (("format", "format"), ("lint", "lint"), ("types", "types"))


def plan(read: Read, files: Sequence[str], near: Sequence[str] = ()) -> Plan:
    """Return the plan for a repository with these `files`, of which `read` gives the bytes. Raises `PolicyError`.

    `near` are the paths a change touches, where they are known: in a repository of many projects without tests at its
    root they choose the project.
    """
    written = read(POLICY) if POLICY in files else None
    detected = detect(read, files, near)
    return detected if written is None else _written(parse(written), detected)


def extent(read: Read) -> WorkspacePolicy:
    """Return which parts of a repository are checked out; `read` returns the bytes of a path. Raises `PolicyError`."""
    written = read(POLICY)
    return _extent(parse(written).get("workspace", {})) if written is not None else WorkspacePolicy()


def wants_partial(read: Read) -> bool:
    """Return whether a repository asks for a mirror without the contents of files; not where its policy has a
    mistake.
    """
    try:
        return extent(read).partial
    except PolicyError:
        return False


def _extent(workspace: Mapping[str, Any]) -> WorkspacePolicy:
    chosen = workspace.get("submodules", False)
    return WorkspacePolicy(
        tuple(folder.strip("/") for folder in workspace.get("sparse", ())),
        bool(workspace.get("partial", False)),
        bool(workspace.get("lfs", False)),
        chosen if isinstance(chosen, bool) else tuple(path.strip("/") for path in chosen),
    )


def _written(policy: Mapping[str, Mapping[str, Any]], detected: Plan) -> Plan:
    checks, build = policy.get("checks", {}), policy.get("build", {})
    network = policy.get("network", {})
    minutes = checks.get("minutes")
    quick = detected.quick
    for key, kind in _KINDS:
        if key in checks:
            quick = tuple(check for check in quick if check.kind != kind)
            quick += (Check(key, checks[key], kind, "any"),) if checks[key] else ()
    order = [kind for _, kind in _KINDS]
    common = replace(
        detected,
        wall_seconds=float(minutes) * 60 if minutes is not None else _SECONDS,
        build=build.get("command"),
        build_output=build.get("output"),
        quick=tuple(sorted(quick, key=lambda check: order.index(check.kind) if check.kind in order else len(order))),
        needs=tuple(checks.get("needs", detected.needs)),
        test_changed=checks.get("test_changed", detected.test_changed),
        reports=tuple(checks.get("reports", detected.reports)),
        workspace=_extent(policy.get("workspace", {})),
        hosts=tuple(network.get("hosts", ())),
    )
    if "test" not in checks:
        return common
    return replace(
        common,
        source=POLICY,
        test=checks["test"],
        reports=tuple(checks.get("reports", ())),
        why_not="",
        tool="",
        manager="",
        reader="",
        needs=tuple(checks.get("needs", ())),
        test_changed=checks.get("test_changed"),
        select=None,
        folder=detected.folder if detected.quick else "",
        notes=(),
        uncovered=(),
    )
