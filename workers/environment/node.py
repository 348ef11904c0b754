"""What a Node.js repository declares, and the command line that installs it without its install scripts. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

DECLARING = (
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    ".npmrc",
)
_QUIET = "--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error"
_NPM = f"npm install --no-package-lock {_QUIET}"


def needs(
    read: Callable[[str], bytes | None], present: Collection[str]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(command line or "", the files it follows from, notes) for a repository with these files at its root."""
    if "package.json" not in present or not _declares(read("package.json") or b""):
        return "", (), ()
    used = tuple(name for name in DECLARING if name in present)
    if "package-lock.json" in present or "npm-shrinkwrap.json" in present:
        return f"npm ci {_QUIET}", used, ()
    if "pnpm-lock.yaml" in present:
        pnpm = "pnpm install --frozen-lockfile --ignore-scripts --reporter=silent"
        return f"if command -v pnpm >/dev/null; then {pnpm}; else {_NPM}; fi", used, ()
    if "yarn.lock" in present:
        yarn = "yarn install --frozen-lockfile --ignore-scripts --non-interactive --silent"
        return f"if command -v yarn >/dev/null; then {yarn}; else {_NPM}; fi", used, ()
    return _NPM, used, ()


def _declares(package: bytes) -> bool:
    """Whether a package.json names any package to install."""
    try:
        content = json.loads(package)
    except (ValueError, RecursionError):
        return False
    if not isinstance(content, dict):
        return False
    kinds = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
    return any(content.get(kind) for kind in kinds)
