"""Which value of a setting asks for less than the one before it.

Law: a key is known by how it ends, whatever tool it belongs to; a value that cannot be compared says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.found import spell
from workers.guards.tamper.flat import Flat

_MORE_IS_WEAKER = re.compile(
    r"(^|\.)(ignore|extend-ignore|per-file-ignores(\..*)?|extend-per-file-ignores(\..*)?|exclude|extend-exclude|"
    r"disable|skips?|omit|exclude_(lines|also)|"
    r"ignorePatterns|testPathIgnorePatterns|coveragePathIgnorePatterns|modulePathIgnorePatterns|norecursedirs|"
    r"collect_ignore|unfixable|"
    r"disable_error_code|disabled_rules|excluded|exclude-dirs|exclude-files|exclude-rules|ignoreErrors|excludePaths|exclude_tags|"
    r"ignored|ignore_imports|exclude_dirs|ignores|coverage-exclude|reportIgnored|allowed-confusables|ignore-paths|"
    r"ignore-patterns)$",
    re.I,
)
_LESS_IS_WEAKER = re.compile(
    r"(^|\.)(select|extend-select|enable|plugins|testpaths|python_files|python_classes|python_functions|testMatch|"
    r"source|include|files|"
    r"filterwarnings|enable_error_code|rules|collectCoverageFrom|packages|spec|extends|only_rules|opt_in_rules|testMatch)$",
    re.I,
)
_HIGHER_IS_STRONGER = re.compile(
    r"(^|\.)(fail[-_]under|branches|functions|lines|statements|minimum_coverage|min-?coverage|level|target|threshold|"
    r"check-coverage|covdefaults|max-?score|fail-?under)$",
    re.I,
)
_LOWER_IS_STRONGER = re.compile(
    r"^(?!coverage)[A-Z]?\w+\.[A-Z]\w+\.threshold$|(^|\.)(maxIssues|max-[\w-]+|max_[\w]+|max-?warnings)$", re.I
)
_TRUE_IS_STRONGER = re.compile(
    r"(^|\.)(strict\w*|disallow_\w+|no_implicit_\w+|warn_\w+|check_untyped_defs|noImplicit\w*|noUnused\w*|"
    r"noUnchecked\w*|noFallthrough\w*|"
    r"exactOptional\w*|alwaysStrict|useUnknownInCatchVariables|xfail_strict|strict_\w+|noPropertyAccess\w*|"
    r"forceConsistent\w*|check-coverage|"
    r"branch|extra_checks|enabled|active|recommended|noEmitOnError|tests|Enabled|linters-settings\.\w+|NewCops|failOnWarning|"
    r"error-on-\w+|checkJs|all)$"
)
_FALSE_IS_STRONGER = re.compile(
    r"(^|\.)(ignore_errors|ignore_outcome|ignore_missing_imports|skipLibCheck|allow\w*|implicit_\w+|follow_imports_skip|"
    r"passWithNoTests|exit-zero|"
    r"exit_zero|suppress\w*|bail|disable-all|DisabledByDefault|informational)$"
)
_PACKAGE = re.compile(
    r"(project|dependencies|devDependencies|build-system|tool\.poetry|package|exports|workspace|metadata|tool\.uv|"
    r"tool\.hatch\.(build|version|metadata)|files|include|options)(\.|$)"
)
_DECIDES = re.compile(r"(^|\.)(testRunner|testRegex|jest\.runner)$")
_RULE = re.compile(r"(^|\.)(rules|lints?|errors)\.|(^|\.)report[A-Z]\w+$")
_MODE = re.compile(r"(^|\.)(typeCheckingMode|follow_imports|issues-exit-code)$")
_MODES = {"off": 0, "skip": 0, "basic": 1, "silent": 1, "standard": 2, "normal": 2, "strict": 3, "error": 3}
_STRICT_FAMILY = re.compile(
    r"compilerOptions\.(strict\w*|noImplicit\w*|useUnknownInCatchVariables|alwaysStrict|noEmitOnError)$"
)
_OWN_CODE = re.compile(r"^[\"']?(?:\.{1,2}/|<rootDir>/)(?!.*\$\d)")
_RUNS_OWN = re.compile(
    r"(^|\.)(reporters|testResultsProcessor|runner|testRunner|globalTeardown|testEnvironment|snapshotResolver)$|moduleNameMapper\."
)
_USUAL = {"python_files": {"test_*.py", "*_test.py"}, "python_classes": {"Test"}, "python_functions": {"test"}}
_RUNNERS = re.compile(r"\b(jest|vitest|mocha|ava|tap|karma|jasmine|cypress|playwright|node\s+--test|uvu|lab|tape)\b")
_INDIRECT = re.compile(
    r"\b(npm|pnpm|yarn|bun|turbo|nx|lerna|make|wireit|just|run-s|run-p|npm-run-all|concurrently|rushx?|moon|aegir|xo|react-scripts|ng|grunt|gulp)\b"
)
_ADDOPTS = re.compile(r"(^|\.)(addopts|scripts\.[\w:-]*(test|lint|check|type|cover)[\w:-]*|opts|args)$")
_WEAKENING_OPTION = re.compile(
    r"(?:^|\s)(-k\s*\S+|--ignore(?:-glob)?[= ]\S+|--deselect[= ]\S+|-m\s+.not\s|--no-cov\b|"
    r"-p\s*no:(?!cacheprovider|logging|faulthandler|pastebin|nose)\w+|"
    r"--passWithNoTests|--exit-zero|"
    r"--testPathIgnorePatterns|--testNamePattern|-t\s|--grep|--invert|--maxfail|--co\b|--collect-only|--dry-run|"
    r"--listTests|--quiet-level|"
    r"--skip\S*|--exclude\S*|\|\|\s*(?:true|:|exit 0|echo)|;\s*(?:true|exit 0)|--no-strict-markers|"
    r"--continue-on-collection-errors|"
    r"--max-warnings[= ](?!0)\S+|--if-present|--silent-errors|--quiet\b|--only-?[cC]hanged|--findRelatedTests|"
    r"--changedSince|-u\b|--updateSnapshot|--update-snapshots?|--snapshot-update|--suppress-no-test-exit-code|"
    r"\|\s*(?:cat|tee|grep|head|tail|wc)\b|(?<!&)&\s*$|--assert=plain|-W\s*ignore|--no-verify)"
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
    "none": 0,
    "ignore": 0,
    "warn": 1,
    "warning": 1,
    "information": 1,
    "1": 1,
    "info": 1,
    "on": 2,
    "error": 2,
    "2": 2,
    "deny": 2,
    "forbid": 3,
}


def weaker(before: Flat, after: Flat) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new and _watched(key):
            yield judged(key, old, new)


def _watched(key: str) -> bool:
    """Settings of tools, not of the package itself: dependencies have a guard of their own."""
    return not _PACKAGE.match(key)


def judged(key: str, old: object, new: object) -> str:
    name = f"`{spell(key)}`"
    if words := _decided(key, name, old, new):
        return words
    if _DECIDES.search(key) and new is not None:
        return f"{name} decides what is run as a test, and was changed"
    if key == "extends" and new is None:
        return f"{name} is gone, and with it all that stood there"
    if key.endswith("addopts") and (odd := _odd_options(new) - _odd_options(old)):
        return f"{name} has new options that change how tests are run: {spell(', '.join(sorted(odd)))}"
    if _ADDOPTS.search(key):
        return _options(name, _text(old), _text(new), new is None)
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


def _decided(key: str, name: str, old: object, new: object) -> str:
    """Settings that are known by more than more or less."""
    last = key.rsplit(".", 1)[-1]
    if _RUNS_OWN.search(key) and any(map(_OWN_CODE.match, _words(new) - _words(old))):
        return f"{name} lets code of the repository decide what a test's result is"
    if _MODE.search(key) and new is not None:
        had, has = _MODES.get(str(old).lower(), 2), _MODES.get(str(new).lower(), 2)
        return f"{name} became milder" if has < had or (last == "issues-exit-code" and str(new) == "0") else ""
    if _STRICT_FAMILY.search(key) and new is False and old is not False:
        return f"{name} was switched off"
    if last in _USUAL and old is None and new is not None and _words(str(new).replace(" ", ",")) != _USUAL[last]:
        less = {one for one in _USUAL[last] if not any(one.startswith(each.rstrip("*")) for each in _split(new))}
        return f"{name} leaves out tests that are found by their usual names" if less else ""
    if last == "norecursedirs" and any("test" in one.lower() for one in _split(new) - _split(old)):
        return f"{name} leaves out a folder of tests"
    if re.search(r"(^|\.)scripts\.test\b", key) and old and new and _RUNNERS.search(str(old)):
        plain = not _RUNNERS.search(str(new)) and not _INDIRECT.search(str(new))
        return f"{name} does not run {spell(_RUNNERS.findall(str(old))[0])} any more" if plain else ""
    return ""


def _split(value: object) -> set[str]:
    return set(" ".join(_words(value)).split()) if value is not None else set()


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


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
