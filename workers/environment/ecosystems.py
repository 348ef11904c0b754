"""What to install for a repository: its own `.shipmate.toml`, else what its files declare. Pure.

Law: the recipe is made from the base commit, and what is read is data: no file of a repository is executed to learn
what it needs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workers.environment import Recipe, node, python
from workers.formats import toml

POLICY = ".shipmate.toml"
_MOST_INPUT = 8 << 20
_DECLARING = (
    *python.DECLARING,
    *node.DECLARING,
    "Gemfile.lock",
    "go.sum",
    "Cargo.lock",
)
Read = Callable[[str], bytes | None]


def recipe(read: Read, files: Sequence[str]) -> Recipe | None:
    """What to install for a repository with these `files`, of which `read` gives the bytes; None: nothing at all.

    The policy file is taken as valid (`workers.checks.plan` refuses it otherwise).
    """
    present = frozenset(files)
    policy = _policy(read) if POLICY in present else {}
    minutes = policy.get("minutes", 15)
    minutes = float(minutes) if isinstance(minutes, (int, float)) and 0 < minutes <= 120 else 15.0
    command = policy.get("command")
    if isinstance(command, str) and command.strip():
        named = [path for path in policy.get("inputs", []) if isinstance(path, str)]
        inputs = [path for path in (*_DECLARING, *python.requirement_files(files), *named) if path in present]
        return Recipe(inputs=_hashed(read, inputs), command=command, minutes=minutes)
    found = python.needs(read, files)
    line, used, notes = node.needs(read, present)
    if not found.groups and not found.project and not line:
        return None
    return Recipe(
        inputs=_hashed(read, [*found.inputs, *used]),
        groups=found.groups,
        constraints=found.constraints,
        project=found.project,
        node=line,
        minutes=minutes,
        notes=(*found.notes, *notes),
    )


def key(recipe: Recipe, repository: str, toolchain: Mapping[str, str]) -> str:
    """The name of a recipe's result: equal only where the same would be installed, and never shared by repositories."""
    stated = {
        "format": 2,
        "repository": repository.lower(),
        "toolchain": dict(sorted(toolchain.items())),
        "inputs": dict(sorted(recipe.inputs.items())),
        "groups": [[group.title, *group.lines, "", *group.files] for group in recipe.groups],
        "constraints": list(recipe.constraints),
        "project": [recipe.project.name, recipe.project.version, *recipe.project.roots] if recipe.project else None,
        "generated": list(recipe.project.generated) if recipe.project else [],
        "node": recipe.node,
        "command": recipe.command,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _policy(read: Read) -> Mapping[str, Any]:
    try:
        section = toml.loads((read(POLICY) or b"").decode())["setup"]
    except (ValueError, KeyError):
        return {}
    return section if isinstance(section, dict) else {}


def _hashed(read: Read, paths: Sequence[str]) -> dict[str, str]:
    return {path: hashlib.sha256((read(path) or b"")[:_MOST_INPUT]).hexdigest() for path in dict.fromkeys(paths)}
