"""The scripts of a package.json, taken apart: which commands run tests, which are linters, which need a browser. Pure.

Law: only commands joined by `&&` are taken apart. Whatever is written in another way is run as it stands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

_RUN = re.compile(
    r"^(?:(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?|run-s\s+|node\s+--run\s+)(?:-s\s+|--silent\s+)?"
    r"([\w:.@/-]+)((?:\s+--)?(?:\s+[^\s&|;<>$`]+)*)$"
)
_NO_SCRIPT = frozenset(
    {"install", "ci", "i", "add", "exec", "dlx", "publish", "link", "why", "audit", "pack", "x", "create"}
)
_WRAPPERS = frozenset(
    {"npx", "cross-env", "cross-env-shell", "nyc", "c8", "dotenv", "yarn", "pnpm", "bunx", "exec", "--", "env"}
)
_RUNNERS = frozenset({
    "jest", "vitest", "mocha", "ava", "tap", "tape", "borp", "jasmine", "uvu", "qunit", "lab", "react-scripts", "bun",
    "deno", "_mocha", "zora", "hereby", "ts-mocha", "node-tap",
})  # fmt: skip
_LINTERS = frozenset({
    "eslint", "prettier", "xo", "standard", "ts-standard", "semistandard", "tsc", "vue-tsc", "biome", "oxlint",
    "tslint", "stylelint", "markdownlint", "markdownlint-cli2", "cspell", "knip", "neostandard", "jshint", "dprint",
    "publint", "ls-lint",
})  # fmt: skip
_BROWSERS = frozenset(
    {"karma", "playwright", "cypress", "testcafe", "wdio", "nightwatch", "web-test-runner", "wtr", "testem"}
)
_ONLINE = re.compile(r"\b(npm|yarn|pnpm|bun)\s+(install|ci|i|audit)\b|\b(aud|better-npm-audit|husky|npx npm@\S+)\b")
_DEEPEST = 4
_MOST = 30


@dataclass(frozen=True)
class Part:
    """One command of a script: what it is, the tool, and the command as written."""

    kind: str
    """runner, linter, browser or other."""
    tool: str
    command: str


def parts(scripts: Mapping[str, str], name: str = "test") -> tuple[Part, ...]:
    """Return what a script runs, in order, with the scripts it calls put in their places.

    What npm runs before a script counts, but for installing and auditing, which need a network; of what npm runs after
    it only linters do.
    """
    found = tuple(_parts(scripts, name, 0))
    return found if len(found) <= _MOST else (Part("other", "", scripts[name]),)


def _parts(scripts: Mapping[str, str], name: str, depth: int) -> list[Part]:
    found: list[Part] = []
    if f"pre{name}" in scripts and depth < _DEEPEST:
        found += [one for one in _parts(scripts, f"pre{name}", depth + 1) if not _ONLINE.search(one.command)]
    for command in split(scripts.get(name, "")):
        called = _RUN.match(command)
        inner = called[1] if called else ""
        if called and inner in scripts and inner != name and inner not in _NO_SCRIPT and depth < _DEEPEST:
            more = re.sub(r"^\s*--(?=\s|$)", "", called[2]).strip()
            below = _parts(scripts, inner, depth + 1)
            if more and below:
                below[-1] = Part(below[-1].kind, below[-1].tool, f"{below[-1].command} {more}")
            found += below
        else:
            found.append(part(command))
        if len(found) > _MOST:
            break
    if f"post{name}" in scripts and depth < _DEEPEST:
        found += [one for one in _parts(scripts, f"post{name}", depth + 1) if one.kind == "linter"]
    return found


def split(script: str) -> list[str]:
    """Return the commands of a line at its `&&`; the line as a whole where a shell would see more in it than that."""
    if not script.strip() or "\0" in script or any("\ud800" <= char <= "\udfff" for char in script):
        return []
    if len(script) > 4000 or re.search(r"[;|`()<>]|\$\(|&(?!&)|(?<!&)&(?!&)\s*$", script.replace("&&", "")):
        return [script.strip()]
    pieces = [piece.strip() for piece in script.split("&&")]
    try:
        for piece in pieces:
            shlex.split(piece)
    except ValueError:  # an `&&` within quotes
        return [script.strip()]
    return [piece for piece in pieces if piece]


def part(command: str) -> Part:
    """Return what one command is, by its program: past settings of variables and programs that only start others."""
    if len(split(command)) != 1 or re.search(r"[;|`()<>]|&", command):
        return Part("other", "", command)
    try:
        words = shlex.split(command)
    except ValueError:
        return Part("other", "", command)
    node_file = False
    for word in words:
        name = word.rsplit("/", 1)[-1]
        if word == "--test" and node_file:
            return Part("runner", "node --test", command)
        if name in _RUNNERS:
            return Part("runner", {"_mocha": "mocha", "ts-mocha": "mocha", "node-tap": "tap"}.get(name, name), command)
        if name in {"tsc", "vue-tsc"} and "--noEmit" not in words:
            return Part("other", name, command)  # it builds what the tests import
        if name in _LINTERS:
            return Part("linter", name, command)
        if name in _BROWSERS:
            return Part("browser", name, command)
        if name in {"node", "tsx", "ts-node"}:
            node_file = True
        elif not (word in _WRAPPERS or word.startswith("-") or "=" in word or node_file):
            return Part("other", name, command)
    return Part("other", words[0] if words else "", command)
