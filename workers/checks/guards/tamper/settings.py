"""Settings of linters, type checkers, coverage and test runners that became weaker.

Law: settings are compared as values where a parser of the standard library reads them, else line by line; what cannot
be parsed any more is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.checks.guards.edits import Edit, Examined
from workers.checks.guards.found import Found, spell
from workers.checks.guards.rules import found
from workers.checks.guards.tamper.flat import Flat, flat

_STRUCTURED = re.compile(
    r"(^|/)(pyproject\.toml|\.?ruff\.toml|setup\.cfg|tox\.ini|\.?mypy\.ini|\.?pytest\.(ini|toml)|\.coveragerc|"
    r"\.flake8|\.pylintrc|pylintrc|"
    r"package\.json|tsconfig[^/]*\.json|\.eslintrc(\.json)?|\.?jest\.config\.json|\.nycrc(\.json)?|\.c8rc(\.json)?|"
    r"biome\.jsonc?|"
    r"pyrightconfig\.json|\.mocharc\.json|Cargo\.toml|clippy\.toml|\.clippy\.toml|\.bandit|\.oxlintrc\.json)$"
)
_LINEWISE = re.compile(
    r"(^|/)(\.?eslint(rc|\.config)[^/]*|(jest|vitest|vite|karma|playwright|cypress)\.config\.[cm]?[jt]s|"
    r"\.?codecov\.ya?ml|\.rubocop[^/]*\.yml|"
    r"\.golangci\.(ya?ml|toml|json)|phpstan[^/]*\.neon(\.dist)?|psalm\.xml(\.dist)?|phpcs\.xml(\.dist)?|"
    r"phpunit\.xml(\.dist)?|"
    r"\.pre-commit-config\.yaml|\.swiftlint\.yml|analysis_options\.yaml|\.credo\.exs|\.stylelintrc[^/]*|\.clang-tidy|"
    r"\.editorconfig|"
    r"detekt[^/]*\.yml|checkstyle\.xml|pom\.xml|build\.gradle(\.kts)?|sonar-project\.properties|\.pylintrc|"
    r"\.semgrepignore|\.eslintignore|"
    r"\.prettierignore|\.c8rc|\.simplecov)$"
)
_MORE_IS_WEAKER = re.compile(
    r"(^|\.)(ignore|extend-ignore|per-file-ignores(\..*)?|extend-per-file-ignores(\..*)?|exclude|extend-exclude|"
    r"disable|skips?|omit|exclude_(lines|also)|"
    r"ignorePatterns|testPathIgnorePatterns|coveragePathIgnorePatterns|modulePathIgnorePatterns|norecursedirs|"
    r"collect_ignore|unfixable|"
    r"ignore_missing_imports|exclude_dirs|ignores|coverage-exclude|reportIgnored|allowed-confusables|ignore-paths|"
    r"ignore-patterns)$",
    re.I,
)
_LESS_IS_WEAKER = re.compile(
    r"(^|\.)(select|extend-select|enable|plugins|testpaths|python_files|python_classes|python_functions|testMatch|"
    r"source|include|files|"
    r"filterwarnings|enable_error_code|rules|collectCoverageFrom|packages|spec)$",
    re.I,
)
_HIGHER_IS_STRONGER = re.compile(
    r"(^|\.)(fail[-_]under|branches|functions|lines|statements|minimum_coverage|min-?coverage|level|target|threshold|"
    r"check-coverage|covdefaults|max-?score|fail-?under)$",
    re.I,
)
_LOWER_IS_STRONGER = re.compile(r"(^|\.)(max-[\w-]+|max_[\w]+|max-?warnings)$", re.I)
_TRUE_IS_STRONGER = re.compile(
    r"(^|\.)(strict\w*|disallow_\w+|no_implicit_\w+|warn_\w+|check_untyped_defs|noImplicit\w*|noUnused\w*|"
    r"noUnchecked\w*|noFallthrough\w*|"
    r"exactOptional\w*|alwaysStrict|useUnknownInCatchVariables|xfail_strict|strict_\w+|noPropertyAccess\w*|"
    r"forceConsistent\w*|check-coverage|"
    r"branch|report\w+|extra_checks|error-on-\w+|checkJs|all)$"
)
_FALSE_IS_STRONGER = re.compile(
    r"(^|\.)(ignore_errors|ignore_outcome|ignore_missing_imports|skipLibCheck|allow\w*|implicit_\w+|follow_imports_skip|"
    r"passWithNoTests|exit-zero|"
    r"exit_zero|suppress\w*|bail)$"
)
_PACKAGE = re.compile(
    r"(project|dependencies|devDependencies|build-system|tool\.poetry|package|exports|workspace|metadata|tool\.uv|"
    r"tool\.hatch\.(build|version|metadata)|files|include|options)(\.|$)"
)
_DECIDES = re.compile(r"(^|\.)(testRunner|testRegex|jest\.runner)$")
_RULE = re.compile(r"(^|\.)(rules|lints?)\.")
_ADDOPTS = re.compile(r"(^|\.)(addopts|scripts\.[\w:-]*(test|lint|check|type|cover)[\w:-]*|opts|args)$")
_WEAKENING_OPTION = re.compile(
    r"(?:^|\s)(-k\s*\S+|--ignore(?:-glob)?[= ]\S+|--deselect[= ]\S+|-m\s+.not\s|--no-cov\b|-p\s*no:\w+|"
    r"--passWithNoTests|--exit-zero|"
    r"--testPathIgnorePatterns|--testNamePattern|-t\s|--grep|--invert|--maxfail|--co\b|--collect-only|--dry-run|"
    r"--listTests|--quiet-level|"
    r"--skip\S*|--exclude\S*|\|\|\s*(?:true|:|exit 0|echo)|;\s*(?:true|exit 0)|--no-strict-markers|"
    r"--continue-on-collection-errors|"
    r"--max-warnings[= ](?!0)\S+|--if-present|--silent-errors|--assert=plain|-W\s*ignore|--no-verify)"
)
_STRENGTHENING_OPTION = re.compile(
    r"--(strict[\w-]*|cov-fail-under[= ]\S+|max-warnings[= ]0|error-for-skips|fail-on-\w+|runInBand|ci\b|"
    r"check-coverage)|-W\s*error|-race\b|-D\s*warnings"
)
_ODD_OPTION = re.compile(
    r"(?:^|\s)(-p\s*(?!no:|xdist)[\w.]+|--noconftest|--lf\b|--last-failed|--sw\b|--stepwise[\w-]*|-o\s*\S+|"
    r"--override-ini\S*|-c\s*\S+|--rootdir\S*|--confcutdir\S*)"
)
_RUNS_NOTHING = re.compile(r"^\s*(true|:|exit 0|echo\b[^&|;]*|node -e \S*)\s*$")
_SEVERITY = {
    "off": 0,
    "0": 0,
    "allow": 0,
    "warn": 1,
    "1": 1,
    "info": 1,
    "on": 2,
    "error": 2,
    "2": 2,
    "deny": 2,
    "forbid": 3,
}
_LINE_WEAK = re.compile(
    r"[\"'][\w@/-]+[\"']\s*:\s*\[?\s*[\"']?(?:off|0|warn)\b|[{,]\s*ignores\s*:|^\s*Enabled:\s*false|^\s*-?\s*disable(?:-all)?:|"
    r"skip_failures|"
    r"^\s*(?:exclude|ignore|excludes|ignorePatterns|coveragePathIgnorePatterns|ignores|excludePaths|"
    r"ignoreErrors)\s*[:=]|"
    r"^\s*(?:enabled|strict\w*|failOnWarning|failOnRisky|beStrictAbout\w+|stopOnFailure)\s*[:=]\s*\"?false|<exclude>|"
    r"^\s*(?:severity|state):\s*(?:ignore|none)|threshold:\s*null|informational:\s*true|<skip>true|"
    r"reportUnmatched\w*:\s*false|"
    r"ignoreFailures|failOnError|failsOnError|abortOnError\s*[=:]?\s*false|warningsAsErrors\s*[=:]?\s*false",
    re.I,
)
_IGNORE_FILE = re.compile(r"(^|/)\.(eslintignore|semgrepignore|banditignore)$")
_HOOK = re.compile(r"^\s*-?\s*id:\s*([\w.-]+)")
_HOOK_ID = re.compile(r"^[ \t]*-?[ \t]*id:[ \t]*([\w.-]+)", re.M)
_LINE_NUMBER = re.compile(
    r"^\s*[\"']?(?P<name>branches|functions|lines|statements|target|threshold|level|minimum|fail_under|min_coverage|"
    r"errorLevel|minimum_coverage)[\"']?\s*[:= (]+\s*[\"']?(?P<value>\d+(?:\.\d+)?)",
    re.I,
)


def is_settings(path: str) -> bool:
    """Whether linters, type checkers, coverage or test runners read a file of this name."""
    return _STRUCTURED.search(path) is not None or _LINEWISE.search(path) is not None


def guard(change: Examined) -> Iterator[Found]:
    """Settings files that were changed or deleted."""
    for edit in change.edits:
        if edit.changed.status == "A" and edit.moved_from is None and _STRUCTURED.search(edit.path):
            yield from _from_birth(edit)
        if not edit.old or edit.moved_to is not None:
            continue
        if _STRUCTURED.search(edit.moved_from or edit.path):
            yield from _structured(edit)
        elif _LINEWISE.search(edit.moved_from or edit.path):
            yield from _linewise(edit)


def _from_birth(edit: Edit) -> Iterator[Found]:
    """New settings take nothing away, unless they are options of the test runner that leave tests out."""
    for key, value in (flat(edit.path, edit.new) or {}).items() if edit.new else ():
        if key.endswith("addopts") and (words := _judged(key, None, value)):
            yield found("settings-suspect", edit.path, words)


def _structured(edit: Edit) -> Iterator[Found]:
    before, after = flat(edit.path, edit.old), flat(edit.path, edit.new) if edit.new else {}
    if before is None:
        yield from _linewise(edit)
        return
    if after is None:
        yield found("settings-weakened", edit.path, "these settings can no longer be read")
        return
    weaker = [words for words in _weaker(before, after) if words]
    for words in weaker[:5]:
        yield found("settings-weakened", edit.path, words)


def _weaker(before: Flat, after: Flat) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new and _watched(key):
            yield _judged(key, old, new)


def _watched(key: str) -> bool:
    """Settings of tools, not of the package itself: dependencies have a guard of their own."""
    return not _PACKAGE.match(key)


def _judged(key: str, old: object, new: object) -> str:
    name = f"`{spell(key)}`"
    if _DECIDES.search(key) and new is not None:
        return f"{name} decides what is run as a test, and was changed"
    if key == "extends" and new is None:
        return f"{name} is gone, and with it all that stood there"
    if key.endswith("addopts") and (odd := _odd_options(new) - _odd_options(old)):
        return f"{name} has new options that change how tests are run: {spell(', '.join(sorted(odd)))}"
    if _ADDOPTS.search(key):
        return _options(name, str(old or ""), str(new or ""), new is None)
    if _HIGHER_IS_STRONGER.search(key) and (numbers := _numbers(old, new)):
        return f"{name} was lowered" if numbers[1] < numbers[0] else ""
    if _LOWER_IS_STRONGER.search(key) and (numbers := _numbers(old, new)):
        return f"{name} was raised" if numbers[1] > numbers[0] and "line" not in key else ""
    if _TRUE_IS_STRONGER.search(key) and _truth(old) and not _truth(new):
        return f"{name} was switched off"
    if _FALSE_IS_STRONGER.search(key) and _truth(new) and not _truth(old):
        return f"{name} was switched on"
    if _RULE.search(key) and (mild := _severity(new)) is not None:
        had = _severity(old)
        return f"the rule {name} became milder" if mild < (1 if had is None else had) else ""
    if _MORE_IS_WEAKER.search(key):
        more = _words(new) - _words(old)
        return f"{name} has more entries: {spell(', '.join(sorted(more)))}" if more else ""
    if _LESS_IS_WEAKER.search(key) and old is not None and (less := _words(old) - _words(new)):
        return f"{name} has fewer entries: without {spell(', '.join(sorted(less)))}"
    return ""


def _odd_options(value: object) -> set[str]:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return {one.strip() for one in _ODD_OPTION.findall(text)}


def _options(name: str, old: str, new: str, gone: bool) -> str:
    weak = {one.strip() for one in _WEAKENING_OPTION.findall(new)} - {
        one.strip() for one in _WEAKENING_OPTION.findall(old)
    }
    if weak:
        return f"{name} has new options that let more pass: {spell(', '.join(sorted(weak)))}"
    strong = {one[0] for one in _STRENGTHENING_OPTION.findall(old)} - {
        one[0] for one in _STRENGTHENING_OPTION.findall(new)
    }
    if strong and any(strong):
        return f"{name} lost options that are strict: {spell(', '.join(sorted(strong)))}"
    if old and _RUNS_NOTHING.match(new):
        return f"{name} runs nothing any more"
    return f"{name} is gone" if gone and name.startswith("`scripts.test") else ""


def _words(value: object) -> set[str]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (list, tuple)):
        return {str(one) for one in value}
    return {one.strip() for one in re.split(r"[,\n]", str(value)) if one.strip() and not one.strip().startswith("#")}


def _numbers(old: object, new: object) -> tuple[float, float] | None:
    try:
        return float(str(old)), float(str(new if new is not None else 0))
    except ValueError:
        return None


def _truth(value: object) -> bool:
    return str(value).strip().lower() in {"true", "1", "yes", "on", "error", "all"}


def _severity(value: object) -> int | None:
    first = value[0] if isinstance(value, list) and value else value
    return _SEVERITY.get(str(first).lower()) if isinstance(first, (str, int)) and not isinstance(first, bool) else None


def _linewise(edit: Edit) -> Iterator[Found]:
    if edit.changed.status == "D":
        yield found("settings-suspect", edit.path, "these settings were deleted")
        return
    if _IGNORE_FILE.search(edit.path) and edit.added:
        yield found("settings-suspect", edit.path, f"leaves more out (line {edit.added[0].number})")
        return
    if edit.path.endswith(".pre-commit-config.yaml"):
        left = tuple(_HOOK_ID.findall(edit.new))
        gone = {one[1] for line in edit.removed if (one := _HOOK.match(line.text[:500]))}
        if hooks := sorted(one for one in gone if not any(other.startswith(one) for other in left)):
            yield found("settings-suspect", edit.path, f"does not run {spell(', '.join(hooks))} any more")
    for line in edit.added:
        if _LINE_WEAK.search(line.text[:500]) and not line.text.lstrip().startswith(("#", "//")):
            yield found(
                "settings-suspect", edit.path, f"a rule was switched off or something left out (line {line.number})"
            )
            break
    numbers = [one for line in edit.removed if (one := _LINE_NUMBER.search(line.text[:500]))]
    lowered = {one["name"].lower(): float(one["value"]) for one in numbers}
    for line in edit.added:
        one = _LINE_NUMBER.search(line.text[:500])
        if one and float(one["value"]) < lowered.get(one["name"].lower(), 0) and one["name"].lower() != "errorlevel":
            yield found("settings-suspect", edit.path, f"a threshold was lowered (line {line.number})")
            break
