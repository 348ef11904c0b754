"""Recipes of test commands that cannot fail any more: Makefiles, scripts, tox and nox files, read by logical lines.

Law: a line that goes on in the next one is one line here, however it is broken; only new lines count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined, pieces, split
from workers.guards.found import Found, spell
from workers.guards.rules import found
from workers.guards.tamper.lines import PATTERNS
from workers.guards.tamper.places import TOOL, is_settings

_MAKE = re.compile(r"(^|/)(GNU)?[Mm]akefile(\.\w+)?$|\.mk$")
_TOX = re.compile(r"(^|/)tox\.ini$")
_NOX = re.compile(r"(^|/)noxfile\.py$")
_RECIPES = re.compile(r"(^|/)((GNU)?[Mm]akefile|tox\.ini|noxfile\.py|[Jj]ustfile|Rakefile)$")
_CALM = r"(?:true\b|:|exit\s+0|echo\b|printf\b|/bin/true|\[\s|test\s+\$)"
_FORCED = re.compile(
    rf"\b{TOOL}[^#\n]*\|\|\s*(?:[({{]\s*)?{_CALM}|(?:^|[\"'\t;&=])\s*(?:true\s*\|\||:\s*\|\||exit\s+0\s*[;&]|false\s*&&)"
    rf"[^#\n]*\b{TOOL}|(?:^|[\"'\t;&=@])\s*!\s+{TOOL}|\bif\s+!?\s*{TOOL}[^#\n]*;\s*then\s+{_CALM}[^;\n]*;\s*(?:fi|else)\b|"
    rf"\b{TOOL}[^#\n]*;\s*node\s+-e\b",
    re.I,
)
_BLIND = re.compile(
    r"\bpy\.?test\b.*\s(?:--co\b|--collect-only|--noconftest|-o\s*addopts|--lf\b|--last-failed|--sw\b|--stepwise)|"
    r"\bpy\.?test\b.*\s-p\s+(?!no:)\w|\bPYTEST_(?:ADDOPTS|PLUGINS)\b\s*[:=?+]"
)
_IGNORING = re.compile(
    r"^\.IGNORE\b|^\s*(?:export\s+)?(?:GNU)?MAKEFLAGS\s*[+:?]*=.*(?:\s-?-?\w*i\w*\b|--ignore-errors)|"
    r"^\s*\.?SHELL(?:FLAGS)?\s*[+:?]*=.*\b(?:true|echo)\b"
)
_DASH = re.compile(rf"^\t[@+ ]*-[@+ ]*[^#\n]*\b{TOOL}", re.I)
_TOX_DASH = re.compile(rf"^\s*(?:commands\w*\s*=\s*)?!?-\s*!?\s*[^#\n]*\b{TOOL}", re.I)
_NOX_CODES = re.compile(r"success_codes\s*=")
_PIPED = re.compile(rf"\b{TOOL}[^#|\n]*(?<!\|)\|\s*(?:cat|tee|grep|head|tail|sed|awk|wc|less|xargs|ts)\b", re.I)
_PIPEFAIL = re.compile(r"pipefail|PIPESTATUS|\.ONESHELL")
_BEHIND = re.compile(rf"\b{TOOL}[^#&|\n]*(?<![&>])&\s*[\"',]*\s*$", re.I)
_LOOSE_SHELL = re.compile(
    r"^\s*set\s+\+(?:\w*e|o\s+(?:errexit|pipefail))|^\s*trap\s+.*exit\s+0|&&\s*exit\s+0\b|\bthen\s+exit\s+0\b|^\s*exit\s+0\s*$"
)
_RENAMED = re.compile(
    r"^\s*(?:function\s+)?(?:pytest|python3?|jest|vitest|mocha|npm|npx|node|go|cargo|mvn|gradle|rspec|phpunit|ctest|make)\s*\(\)\s*\{|"
    r"^\s*alias\s+\w+=|\bPATH=[\"']?(?:\$PWD|\$\(pwd\)|\.)/(?!node_modules|\.venv|venv|vendor|target|build|dist|\.tox)|"
    r"\bPYTHONPATH=[\"']?[^\s\"']*(?:fake|stub|mock|shim)|"
    r"^(?:PYTEST|JEST|TEST\w*|GO|CARGO|PYTHON)\s*[:?]?=\s*(?:true|:|echo)\b"
)
_NOTHING = re.compile(
    r"\b(?:py\.?test|jest|vitest|mocha|go\s+test|cargo\s+test|rspec|phpunit|ctest)\b.*\s(?:--version|--help|--fixtures|--markers|--setup-plan|--listTests|-N|--list-tests|--no-run)\b"
)
_STRICT_SHELL = re.compile(r"^\s*set\s+-\w*e|^\s*set\s+-\w*o\s+(?:errexit|pipefail)|^#!.*\bsh\s+-\w*e", re.M)
_SHELL = re.compile(r"\.(ba|z|k)?sh$")
_TARGET = re.compile(r"^([\w.-]*(?:test|lint|check|type)[\w.-]*)\s*:(?!=|:)", re.M)
_KINDS = {
    "tests": re.compile(
        r"\b(pytest|unittest|jest|vitest|mocha|ctest|rspec|phpunit|go\s+test|cargo\s+test|meson\s+test|mvn|gradlew?)\b"
    ),
    "linters": re.compile(
        r"\b(ruff|flake8|pylint|eslint|biome|rubocop|golangci-lint|clippy|phpcs|shellcheck|oxlint|pre-commit|standard|xo)\b"
    ),
    "type checkers": re.compile(r"\b(mypy|pyright|tsc|pyre|phpstan|psalm|sorbet|flow)\b"),
}
_ONLY = re.compile(r"(?:^|\s)(?!-)([\w.*-]+/[\w./*-]*|[\w./-]+\.(?:py|[cm]?[jt]sx?|rb|php|go|exs)(?:::\S+)?)(?=\s|$)")
_RUNNER = re.compile(
    r"\b(pytest|unittest|jest|vitest|mocha|tox|nox|ctest|rspec|phpunit|go\s+test|cargo\s+test|mvn|gradlew|npm\s+test|npm\s+run\s+test)\b"
)
_LONGEST = 1000


def guard(change: Examined) -> Iterator[Found]:
    """The first new line of each kind in each file, and runners of tests that are called no more."""
    for edit in change.edits:
        if edit.changed.status != "D" and edit.new and is_settings(edit.path):
            yield from _in_file(edit)


def _in_file(edit: Edit) -> Iterator[Found]:
    told: set[str] = set()
    scripted = _SHELL.search(edit.path) is not None and _RUNNER.search(edit.new) is not None
    pipes = _PIPEFAIL.search(edit.new) is None and not edit.path.endswith((".yml", ".yaml"))
    for number, text, broken in _logical(edit):
        for rule, sentence in _about(edit.path, text, broken, scripted, pipes):
            if rule not in told:
                told.add(rule)
                yield found(rule, edit.path, f"{sentence} (line {number})")
    if edit.changed.status == "M":
        yield from _as_a_whole(edit)


def _as_a_whole(edit: Edit) -> Iterator[Found]:
    """What is seen of a recipe's two sides: tools that are called no more, strictness that is gone, fewer paths."""
    for kind, tools in _KINDS.items() if _RECIPES.search(edit.path) else ():
        had, has = ({one[1] for one in tools.finditer(side)} for side in (edit.old, edit.new))
        if had and not has:
            yield found("forced", edit.path, f"runs {spell(', '.join(sorted(had)))} no more, nor any other {kind}")
            return
    strict = _SHELL.search(edit.path) and _RUNNER.search(edit.old) and _STRICT_SHELL.search(edit.old)
    if strict and not _STRICT_SHELL.search(edit.new):
        yield found("forced", edit.path, "goes on after a failure, which it did not")
    if _MAKE.search(edit.path):
        old, new = (Counter(_TARGET.findall(side)) for side in (edit.old, edit.new))
        twice = [name for name, number in new.items() if number > 1 >= old[name] > 0 and _bodies(edit.new, name) > 1]
        if twice:
            yield found("forced", edit.path, f"says anew what {spell(twice[0])} does, and only the last counts")
    yield from _narrowed(edit)


def _bodies(text: str, name: str) -> int:
    return len(re.findall(rf"^{re.escape(name)}\s*:[^\n=]*\n\t", text, re.M))


def _narrowed(edit: Edit) -> Iterator[Found]:
    """The same call of a test runner as before, with paths behind it."""
    before = [line.text.strip().strip("\"',") for line in edit.removed if _RUNNER.search(line.text[:_LONGEST])]
    for line in edit.added if before else ():
        call = line.text[:_LONGEST].strip().strip("\"',")
        start = next((one for one in before if call.startswith(f"{one} ")), None)
        if start and (only := _ONLY.search(call[len(start) :])):
            yield found("deselected", edit.path, f"runs only {spell(only[1])} (line {line.number})")
            return


def _about(path: str, whole: str, broken: bool, scripted: bool, pipes: bool) -> Iterator[tuple[str, str]]:
    for text in pieces(whole, _LONGEST):
        if _FORCED.search(text):
            yield "forced", "a failing check is made to pass"
        if pipes and _PIPED.search(text):
            yield "forced", "the failure of a check is lost in a pipe"
        if _BEHIND.search(text):
            yield "forced", "a check runs in the background, where nobody hears of its failure"
        if (scripted and _LOOSE_SHELL.search(text)) or (_RENAMED.search(text) and (scripted or _MAKE.search(path))):
            yield "forced", "the script ends as if all were well, or calls something else by the name of a tool"
        if _NOTHING.search(text):
            yield "deselected", "a test runner is called without running tests"
        if _BLIND.search(text):
            yield "deselected", "tests are not run, or not as the repository sets them up"
        if _MAKE.search(path) and (_IGNORING.search(text) or _DASH.search(text)):
            yield "forced", "the failure of a check is ignored"
        if (_TOX.search(path) and _TOX_DASH.search(text)) or (_NOX.search(path) and _NOX_CODES.search(text)):
            yield "forced", "the failure of a check is ignored"
        for each in PATTERNS if broken else ():
            if each.rule in {"forced", "deselected"} and each.where(path) and each.form.search(text):
                yield each.rule, each.sentence


def _logical(edit: Edit) -> Iterator[tuple[int, str, bool]]:
    """(number of its first line, text, whether it was broken over several) of every logical line with anything new."""
    fresh = {line.number for line in edit.added}
    if not fresh:
        return
    parts: list[str] = []
    first, new = 1, False
    for number, line in enumerate(split(edit.new), 1):
        if not parts:
            first, new = number, False
        new = new or number in fresh
        goes_on = line.endswith("\\") and len(parts) < 200
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            if new:
                yield first, " ".join([parts[0], *(part.strip() for part in parts[1:])]), len(parts) > 1
            parts = []
    if parts and new:
        yield first, " ".join(parts), len(parts) > 1
