"""What a Node.js repository declares, and the command line that installs it without its install scripts. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from workers.ecosystems.facts import Read
from workers.ecosystems.packages import Needs, Packages
from workers.egress import Sources

_DECLARING = (
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    ".npmrc",
)
_KINDS = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
_QUIET = "--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error"
_NPM = f"npm install --no-package-lock {_QUIET}"


def needs(read: Read, files: Sequence[str]) -> Needs | None:
    """Return the command line for a repository with these files, None where its package.json names no package."""
    present = frozenset(files)
    if "package.json" not in present or not _declares(read("package.json") or b""):
        return None
    line = _NPM
    if "package-lock.json" in present or "npm-shrinkwrap.json" in present:
        line = f"npm ci {_QUIET}"
    elif "pnpm-lock.yaml" in present:
        line = _where_it_is("pnpm", "install --frozen-lockfile --ignore-scripts --reporter=silent")
    elif "yarn.lock" in present:
        line = _where_it_is("yarn", "install --frozen-lockfile --ignore-scripts --non-interactive --silent")
    return Needs(tuple(name for name in _DECLARING if name in present), line=line)


def _where_it_is(tool: str, words: str) -> str:
    return f"if command -v {tool} >/dev/null; then {tool} {words}; else {_NPM}; fi"


def _declares(package: bytes) -> bool:
    """Tell if a package.json names any package to install."""
    try:
        content = json.loads(package)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and any(content.get(kind) for kind in _KINDS)


def _variables(sources: Sources) -> dict[str, str]:
    found = {
        "npm_config_cache": "/deps/.tmp/npm",
        "npm_config_ignore_scripts": "true",
        "npm_config_fetch_retries": "1",
        "npm_config_logs_max": "0",
        "YARN_ENABLE_SCRIPTS": "false",
    }
    if sources.registry:
        found |= {"npm_config_registry": sources.registry, "YARN_NPM_REGISTRY_SERVER": sources.registry}
    return found


PACKAGES = Packages(
    declaring=_DECLARING,
    needs=needs,
    inside=Path(__file__).with_name("packages_inside.py"),
    variables=_variables,
    trusted=("NODE_EXTRA_CA_CERTS", "npm_config_cafile"),
    hosts=("npm", "config", "get", "registry", "--location=project"),
    version=("node", "--version"),
    complaint=r"npm (?:ERR!|error)(?: code)?",
)
