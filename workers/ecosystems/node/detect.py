"""JavaScript and TypeScript: the "test" script, with a report where its runner can write one. Pure.

Law: commands of the script that are no tests and no linters stay in the chain: leaving a part out is always said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from workers.ecosystems.candidate import Candidate, Check, adding, check, report
from workers.ecosystems.facts import REPORTS, Facts, below
from workers.ecosystems.node.scripts import Part, parts

TESTS = re.compile(r"[._-](test|spec)s?\.[cm]?[jt]sx?$|(^|/)(tests?|__tests__)/.*\.[cm]?[jt]sx?$")
_PATH = 'export PATH="$PWD/node_modules/.bin:$PATH"; '
_ENDINGS = ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts")
_SOURCES = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_ESLINT = re.compile(r"^(\.eslintrc(\.(c?js|json|ya?ml))?|eslint\.config\.[cm]?[jt]s)$")
_PRETTIER = re.compile(r"^(\.prettierrc(\..+)?|prettier\.config\.[cm]?[jt]s)$")
_CONFIGS = (
    ("vitest", re.compile(r"^(vitest\.(config|workspace)|vite\.config)\.[cm]?[jt]s$")),
    ("jest", re.compile(r"^jest\.config\.([cm]?[jt]s|json)$")),
    ("mocha", re.compile(r"^\.mocharc\.(c?js|json|ya?ml|jsonc)$")),
    ("ava", re.compile(r"^ava\.config\.[cm]?js$")),
    ("tap", re.compile(r"^\.taprc$")),
)


def detect(facts: Facts) -> Candidate | None:
    """Return the plan for a Node.js package in this folder."""
    tests = facts.count(TESTS, *_ENDINGS)
    if not facts.has("package.json"):
        plain = re.compile(r"[.-]test\.[cm]?js$")
        bare = _bare(facts, tests, ()) if facts.count(plain, "js", "cjs", "mjs") else None
        return replace(bare, loose=plain) if bare else None
    package = facts.json("package.json")
    scripts = _scripts(package)
    dependencies = frozenset(
        name for kind in ("dependencies", "devDependencies", "peerDependencies") for name in below(package, kind)
    )
    quick = _quick(facts, dependencies, scripts)
    if "test" not in scripts:
        runner = next(
            (name for name, pattern in _CONFIGS if name in dependencies and any(map(pattern.match, facts.top))), None
        )
        if runner:
            return _scripted(facts, (Part("runner", runner, runner),), tests, quick, runner)
        return _bare(facts, tests, quick) if tests and not _foreign(dependencies) else None
    return _scripted(facts, parts(scripts), tests, quick, "")


def _scripts(package: Mapping[str, object]) -> dict[str, str]:
    found = package.get("scripts")
    scripts = {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
    if "no test specified" in scripts.get("test", ""):
        del scripts["test"]
    # JSON can spell what no command line can hold: NUL, and halves of characters.
    return {
        key: value
        for key, value in scripts.items()
        if value.strip() and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    }


def _foreign(dependencies: frozenset[str]) -> bool:
    return not dependencies.isdisjoint(
        {"jest", "vitest", "mocha", "ava", "tap", "karma", "jasmine", "@playwright/test"}
    )


def _bare(facts: Facts, tests: int, quick: tuple[Check, ...]) -> Candidate | None:
    plain = re.compile(r"[.-]test\.[cm]?js$|(^|/)test/[^/]+\.[cm]?js$")
    if not facts.count(plain, "js", "cjs", "mjs"):
        return None
    return _scripted(facts, (Part("runner", "node --test", "node --test"),), tests, quick, "node --test")


def _scripted(
    facts: Facts, found: tuple[Part, ...], tests: int, quick: tuple[Check, ...], source: str
) -> Candidate | None:
    kept = [part for part in found if part.kind in {"runner", "other"}]
    browsers = dict.fromkeys(part.tool for part in found if part.kind == "browser")
    if not kept:
        return None
    runners = [part for part in kept if part.kind == "runner"]
    left_out = tuple(f"{tool} needs a browser and is left to CI." for tool in browsers)
    own = {check.name for check in quick}
    written = tuple(
        _as_written(part) for part in found if part.kind == "linter" and part.tool not in own and part.tool != "tsc"
    )
    lines = []
    for number, part in enumerate(kept):
        name = f"node{number}" if number else "node"
        lines.append(reporting(part, report(facts, name)) if part.kind == "runner" else part.command)
    tools = list(dict.fromkeys(part.tool for part in runners))
    only = runners[0] if len(runners) == 1 else None
    changed = (
        _PATH + reporting(_whole(only), report(facts, "node"), "{files}") if only and only.tool in _BY_FILE else None
    )
    return Candidate(
        "node",
        tools[0] if tools else "npm",
        _PATH + " && ".join(lines),
        max(tests, 1),
        source or ("node --test" if tools == ["node --test"] and len(kept) == 1 else "package.json"),
        _manager(facts),
        reports=(f"{REPORTS}/*.xml", f"{REPORTS}/*.json") if any(tool in _REPORTING for tool in tools) else (),
        reader=_READERS.get(tools[0], "") if len(tools) == 1 else "",
        needs=tuple(dict.fromkeys(("node", *(tool for tool in tools if tool in {"bun", "deno"})))),
        quick=(*quick, *written),
        test_changed=changed,
        notes=left_out,
    )


_REPORTING = frozenset({"jest", "vitest", "mocha", "node --test", "react-scripts"})
_BY_FILE = frozenset({"jest", "vitest", "mocha", "ava", "tap", "tape", "node --test"})
_READERS = {
    "jest": "jest", "react-scripts": "jest", "vitest": "junit", "mocha": "junit", "node --test": "junit", "ava": "tap",
    "tap": "tap", "tape": "tap", "qunit": "tap", "borp": "node", "jasmine": "jasmine",
}  # fmt: skip


def _whole(part: Part) -> Part:
    """Return the command without the files it names, so that others can be named."""
    words = part.command.split()
    kept = [
        word
        for at, word in enumerate(words)
        if not (at and not words[at - 1].startswith("-") and _names_files(word) and not word.startswith("-"))
    ]
    return Part(part.kind, part.tool, " ".join(kept))


def _names_files(word: str) -> bool:
    bare = word.strip("'\"")
    return ("*" in bare or bare.endswith("/") or bare in {"test", "tests", "spec"} or bare.endswith(_SOURCES)) and not (
        "node_modules" in bare or "=" in bare or bare.startswith(("bin/", "scripts/"))
    )


def reporting(part: Part, place: str, files: str = "") -> str:
    """Return the runner's command with a report written to `place` (without an ending) where the runner can write
    one.
    """
    command = part.command
    if part.tool == "jest":
        return adding(command, f"--ci --json --outputFile={place}.json {files}")
    if part.tool == "react-scripts":
        return adding(command, f"--watchAll=false --json --outputFile={place}.json {files}")
    if part.tool == "vitest":
        return adding(command, f"--run --reporter=default --reporter=junit --outputFile.junit={place}.xml {files}")
    if part.tool == "mocha":
        bare = re.sub(r"\s(?:--reporter|-R)[ =][\w-]+", "", command)
        return adding(bare, f"--reporter xunit -O output={place}.xml {files}")
    if part.tool == "ava":
        return adding(command, f"{'' if '--tap' in command else '--tap'} {files}")
    if part.tool == "tap":
        bare = re.sub(r"\s(?:--reporter|-R)[ =][\w-]+", "", command)
        return adding(bare, f"--reporter=tap {files}")
    if part.tool == "node --test":
        told = (
            f"--test --test-reporter=spec --test-reporter-destination=stdout "
            f"--test-reporter=junit --test-reporter-destination={place}.xml"
        )
        bare = re.sub(r"\s--test-reporter(-destination)?[ =]\S+", "", command)
        return adding(re.sub(r"(?<=\s)--test(?=\s|$)", told, bare, count=1), files)
    return adding(command, files)


def _manager(facts: Facts) -> str:
    said = facts.json("package.json").get("packageManager")
    named = str(said).partition("@")[0] if isinstance(said, str) else ""
    if named in {"npm", "pnpm", "yarn", "bun"}:
        return named
    locks = (("pnpm", "pnpm-lock.yaml"), ("yarn", "yarn.lock"), ("bun", "bun.lock"), ("bun", "bun.lockb"))
    return next((name for name, file in locks if facts.has(file)), "npm")


def _as_written(part: Part) -> Check:
    """Return a linter that the script itself runs, run as it is written there."""
    return check(part.tool, _PATH + part.command, "types" if "tsc" in part.tool else "lint", "", (part.tool,))


def _quick(facts: Facts, dependencies: frozenset[str], scripts: Mapping[str, str]) -> tuple[Check, ...]:
    found: list[Check] = []
    said = "\n".join(scripts.values())
    package = facts.json("package.json")
    prettier = "prettier" in dependencies and (any(map(_PRETTIER.match, facts.top)) or "prettier" in package)
    if prettier and re.search(r"prettier\b[^&|]*(--check|-c\b|--list-different|-l\b)", said + facts.automation):
        command = _PATH + "prettier --check --log-level warn {files}"
        found.append(check("prettier", command, "format", "prettier", endings=(*_SOURCES, ".css", ".json", ".vue")))
    eslint = any(map(_ESLINT.match, facts.top)) or "eslintConfig" in package
    if eslint and "eslint" in dependencies:
        found.append(check("eslint", _PATH + "eslint --format json {files}", "lint", "eslint", endings=_SOURCES))
    if "xo" in dependencies and re.search(r"\bxo\b", said):
        found.append(check("xo", _PATH + "xo --reporter json {files}", "lint", "eslint", endings=_SOURCES))
    if "standard" in dependencies and re.search(r"\bstandard\b", said):
        found.append(check("standard", _PATH + "standard {files}", "lint", "lines", endings=_SOURCES[:4]))
    if facts.has("biome.json", "biome.jsonc") and "@biomejs/biome" in dependencies:
        command = _PATH + "biome ci --reporter=json --no-errors-on-unmatched --files-ignore-unknown=true {files}"
        found.append(check("biome", command, "lint", "biome", endings=_SOURCES))
    if facts.has("tsconfig.json") and "typescript" in dependencies and re.search(r"\btsc\b", said):
        found.append(check("tsc", _PATH + "tsc --noEmit --pretty false", "types", "tsc", endings=_SOURCES))
    return tuple(found)
