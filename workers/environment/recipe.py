"""Decide which packages to install for a repository: from its `.shipmate.toml`, else from its manifests. Pure.

Law: the recipe is made from the base commit, and never by running a file of the repository.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from workers.ecosystems import registry
from workers.ecosystems.facts import POLICY, Read
from workers.environment import Recipe
from workers.formats import toml

_MOST_INPUT = 8 << 20
PACKAGES = {one.name: one.packages for one in registry.ALL if one.packages}


def recipe(read: Read, files: Sequence[str]) -> Recipe | None:
    """Return the packages to install for a repository with these `files`, read by `read`; None for nothing.

    The policy file is assumed to be valid: `workers.checks.plan` refuses an invalid one.
    """
    present = frozenset(files)
    policy = _policy(read) if POLICY in present else {}
    minutes = policy.get("minutes", 15)
    minutes = float(minutes) if isinstance(minutes, (int, float)) and 0 < minutes <= 120 else 15.0
    command, given = policy.get("command"), policy.get("inputs")
    if isinstance(command, str) and command.strip():
        named = [path for path in given if isinstance(path, str)] if isinstance(given, list) else []
        known = [path for packages in PACKAGES.values() for path in (*packages.declaring, *packages.listed(files))]
        inputs = [path for path in (*known, *named) if path in present]
        return Recipe(inputs=_hashed(read, inputs), command=command, minutes=minutes)
    found = {name: packages.needs(read, files) for name, packages in PACKAGES.items() if packages.needs}
    needs = {name: one for name, one in found.items() if one is not None}
    if not needs:
        return None
    return Recipe(_hashed(read, [path for one in needs.values() for path in one.inputs]), needs, minutes=minutes)


def key(recipe: Recipe, repository: str, toolchain: Mapping[str, str]) -> str:
    """Return the cache key of a recipe: equal if the same would be installed for the same repository."""
    stated = {
        "format": 3,
        "repository": repository.lower(),
        "toolchain": dict(sorted(toolchain.items())),
        "inputs": dict(sorted(recipe.inputs.items())),
        "needs": {name: {**asdict(one), "inputs": (), "notes": ()} for name, one in recipe.needs.items()},
        "command": recipe.command,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _policy(read: Read) -> Mapping[str, object]:
    try:
        section = toml.loads((read(POLICY) or b"").decode())["setup"]
    except (ValueError, KeyError):
        return {}
    return section if isinstance(section, dict) else {}


def _hashed(read: Read, paths: Sequence[str]) -> dict[str, str]:
    return {path: hashlib.sha256((read(path) or b"")[:_MOST_INPUT]).hexdigest() for path in dict.fromkeys(paths)}
