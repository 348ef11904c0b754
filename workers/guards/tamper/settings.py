"""Settings of linters, type checkers, coverage and test runners that became weaker.

Law: settings are compared as values where a parser of the standard library reads them, else line by line; what cannot
be parsed any more is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined, split
from workers.guards.found import Found, spell
from workers.guards.rules import found
from workers.guards.tamper.flat import flat, outline
from workers.guards.tamper.weaker import judged, weaker

_STRUCTURED = re.compile(
    r"(^|/)(pyproject\.toml|\.?ruff\.toml|setup\.cfg|tox\.ini|\.?mypy\.ini|\.?pytest\.(ini|toml)|\.coveragerc|"
    r"\.flake8|\.pylintrc|pylintrc|"
    r"package\.json|tsconfig[^/]*\.json|\.eslintrc(\.json)?|\.?jest\.config\.json|\.nycrc(\.json)?|\.c8rc(\.json)?|"
    r"biome\.jsonc?|"
    r"pyrightconfig\.json|\.mocharc\.json|Cargo\.toml|\.bandit|\.oxlintrc\.jsonc?|"
    r"jsconfig[^/]*\.json|\.?deno\.jsonc?|\.gitleaks\.toml|\.importlinter|\.stylelintrc(\.json)?|\.golangci\.(toml|json))$"
)
_OUTLINED = re.compile(
    r"(^|/)(\.golangci\.ya?ml|\.rubocop[^/]*\.yml|analysis_options\.yaml|\.swiftlint\.ya?ml|\.?codecov\.ya?ml|"
    r"\.eslintrc\.ya?ml|\.mocharc\.ya?ml|dart_test\.yaml|detekt[^/]*\.ya?ml|\.hadolint\.ya?ml|\.stylelintrc\.ya?ml|"
    r"phpstan[^/]*\.neon(\.dist)?|\.clang-tidy|\.pre-commit-config\.ya?ml|\.snyk|\.yamllint(\.ya?ml)?|\.ameba\.yml)$"
)
"""Read by their indentation, besides line by line."""
_LINEWISE = re.compile(
    r"(^|/)(\.?eslint(rc|\.config)[^/]*|(jest|vitest|vite|karma|playwright|cypress)\.config\.[cm]?[jt]s|karma\.conf\.[cm]?[jt]s|"
    r"\.mocharc\.([cm]?js|ya?ml)|dart_test\.yaml|test_helper\.exs|mix\.exs|\.rspec|clippy\.toml|\.clippy\.toml|"
    r"CMakeLists\.txt|meson\.build|[^/]*\.(cs|fs|vb)proj|Directory\.Build\.props|Package\.swift|\.shellcheckrc|"
    r"\.gitleaksignore|\.secrets\.baseline|\.trivyignore|\.snyk|\.hadolint\.ya?ml|\.cppcheck[\w.-]*|"
    r"[^/]*(suppress|exclude)[^/]*\.xml|"
    r"\.?codecov\.ya?ml|\.rubocop[^/]*\.yml|"
    r"\.golangci\.(ya?ml|toml|json)|phpstan[^/]*\.neon(\.dist)?|psalm\.xml(\.dist)?|phpcs\.xml(\.dist)?|"
    r"phpunit\.xml(\.dist)?|"
    r"\.pre-commit-config\.yaml|\.swiftlint\.yml|analysis_options\.yaml|\.credo\.exs|\.stylelintrc[^/]*|\.clang-tidy|"
    r"\.editorconfig|"
    r"detekt[^/]*\.yml|checkstyle\.xml|pom\.xml|build\.gradle(\.kts)?|sonar-project\.properties|\.pylintrc|"
    r"\.semgrepignore|\.eslintignore|"
    r"\.prettierignore|\.c8rc|\.simplecov)$"
)
_LINE_WEAK = re.compile(
    r"[\"'][\w@/-]+[\"']\s*:\s*\[?\s*[\"']?(?:off|0|warn)\b|[{,]\s*ignores\s*:|^\s*Enabled:\s*false|^\s*-?\s*disable(?:-all)?:|"
    r"skip_failures|"
    r"^\s*(?:exclude|ignore|excludes|ignorePatterns|coveragePathIgnorePatterns|ignores|excludePaths|"
    r"ignoreErrors)\s*[:=]|"
    r"^\s*(?:enabled|strict\w*|failOnWarning|failOnRisky|beStrictAbout\w+|stopOnFailure)\s*[:=]\s*\"?false|<exclude>|"
    r"^\s*(?:severity|state):\s*(?:ignore|none)|threshold:\s*null|informational:\s*true|<skip>true|"
    r"reportUnmatched\w*:\s*false|"
    r"^\s+[\w@/-]+:\s*\[?\s*[\"']?off\b|DisabledByDefault:\s*true|is_secret[\"']?:\s*false|\{Credo\.[\w.]+,\s*false\}|"
    r"Checks:\s*[\"']?-\*|WarningsAsErrors:\s*[\"']{2}|warnings_as_errors:\s*false|"
    r"TreatWarningsAsErrors>\s*false|<NoWarn>|<Nullable>\s*disable|<WarningLevel>\s*0|<RunAnalyzers\w*>\s*false|"
    r"severity\"?\s+value=\"(?:warning|info|ignore)|severity\s*=\s*(?:none|silent)|^\s*stages:\s*\[?\s*manual|^\s*files:\s*\^?(?:never|none|\$)|"
    r"-Wno-error\b|dangerouslyIgnoreUnhandledErrors|"
    r"ignoreFailures|failOnError|failsOnError|abortOnError\s*[=:]?\s*false|warningsAsErrors\s*[=:]?\s*false",
    re.I,
)
_BUILDS = re.compile(
    r"(^|/)(CMakeLists\.txt|meson\.build|mix\.exs|Package\.swift|pom\.xml|build\.gradle(\.kts)?|[^/]*\.(cs|fs|vb)proj)$"
)
"""Files of which settings are the smaller part: they go with what they build."""
_IGNORE_FILE = re.compile(
    r"(^|/)(\.(eslintignore|semgrepignore|banditignore|gitleaksignore|trivyignore|shellcheckrc|cppcheck[\w.-]*|stylelintignore)|"
    r"[^/]*(suppress|spotbugs-exclude|findbugs-exclude)[^/]*\.(xml|txt)|phpstan-baseline[^/]*\.neon|\.rubocop_todo\.yml)$"
)
_HOOK = re.compile(r"^\s*-?\s*id:\s*([\w.-]+)")
_HOOK_ID = re.compile(r"^[ \t]*-?[ \t]*id:[ \t]*([\w.-]+)", re.M)
_LINE_NUMBER = re.compile(
    r"(?:^|[\s{,\[<])[\"']?(?P<name>branches|functions|lines|statements|target|threshold|level|minimum|fail_under|min_coverage|"
    r"minimum_coverage)[\"']?\s*[:= (]+\s*[\"']?(?P<value>\d+(?:\.\d+)?)",
    re.I,
)


_HIDES = re.compile(r"(^|/)\.(eslintignore|semgrepignore|banditignore|gitleaksignore|trivyignore)$")
_FROM_BIRTH = re.compile(r"(^|\.)(addopts|python_(files|classes|functions)|testPathIgnorePatterns)$")
_LOOKS_AT = re.compile(
    r"^\s*[\"']?(?:include|testMatch|testRegex|spec|testDir|testpaths|suffix|testNamePattern|testIgnore)[\"']?\s*[:=]|<directory|<testsuite|<include>.*[Tt]est"
)
_TOKEN = re.compile(r"[\"'>]([^\"'<>\n]{1,200})[\"'<]")
_NARROWING = re.compile(r"\b(?:testNamePattern|testIgnore|testPathIgnorePatterns|modulePathIgnorePatterns)\b")
_COVERAGE = re.compile(r"\bcoverage\b|resources?\b")
_HARSHER = re.compile(
    r"^\s*#!\[(?:deny|forbid|warn)\(|-Werror\b|-D\s*warnings|-Wall\b|strict(?:_\w+)?\s*[:=]\s*true|"
    r"warnings_as_errors:\s*true|TreatWarningsAsErrors>\s*true"
)
_HARSH_SOURCE = re.compile(r"(^|/)(lib|main|mod)\.rs$|(^|/)(GNU)?[Mm]akefile(\.am)?$|\.mk$")
_MILDER = re.compile(
    r"(?P<name>errorLevel|maxIssues|issues-exit-code|[\w-]+-threshold)[\"']?\s*[:=]\s*[\"']?(?P<value>\d+)"
)


def is_settings(path: str) -> bool:
    """Whether linters, type checkers, coverage or test runners read a file of this name."""
    return _STRUCTURED.search(path) is not None or _LINEWISE.search(path) is not None


def guard(change: Examined) -> Iterator[Found]:
    """Settings files that were changed or deleted."""
    for edit in change.edits:
        if edit.changed.status == "A" and edit.moved_from is None:
            if _STRUCTURED.search(edit.path):
                yield from _from_birth(edit)
            elif _HIDES.search(edit.path) and edit.added:
                yield found("settings-suspect", edit.path, "leaves files or findings out")
        if not edit.old or edit.moved_to is not None:
            continue
        if _HARSH_SOURCE.search(edit.path) and edit.new:
            yield from _milder(edit)
        if _STRUCTURED.search(edit.moved_from or edit.path):
            yield from _structured(edit)
        elif _OUTLINED.search(edit.moved_from or edit.path) and edit.new:
            yield from _outlined(edit)
        elif _LINEWISE.search(edit.moved_from or edit.path):
            yield from _linewise(edit)


def _from_birth(edit: Edit) -> Iterator[Found]:
    """New settings take nothing away, unless they are options of the test runner that leave tests out."""
    for key, value in (flat(edit.path, edit.new) or {}).items() if edit.new else ():
        if _FROM_BIRTH.search(key) and (words := judged(key, None, value)):
            yield found("settings-suspect", edit.path, words)


def _structured(edit: Edit) -> Iterator[Found]:
    before, after = flat(edit.path, edit.old), flat(edit.path, edit.new) if edit.new else {}
    if before is None:
        yield from _linewise(edit)
        return
    if after is None:
        yield found("settings-weakened", edit.path, "these settings can no longer be read")
        return
    said = [words for words in weaker(before, after) if words]
    for words in said[:5]:
        yield found("settings-weakened", edit.path, words)


def _outlined(edit: Edit) -> Iterator[Found]:
    """What is read by its indentation is a guess at its form: only a suspicion follows."""
    said = [words for words in weaker(outline(edit.old), outline(edit.new)) if words]
    for words in said[:3]:
        yield found("settings-suspect", edit.path, words)
    if not said:
        yield from _linewise(edit)


def _linewise(edit: Edit) -> Iterator[Found]:
    if edit.changed.status == "D":
        if not _BUILDS.search(edit.path):
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
    yield from _looks_at(edit)
    yield from _milder(edit)
    numbers = [one for line in edit.removed if (one := _LINE_NUMBER.search(line.text[:500]))]
    lowered = {one["name"].lower(): float(one["value"]) for one in numbers}
    for line in edit.added:
        one = _LINE_NUMBER.search(line.text[:500])
        if one and float(one["value"]) < lowered.get(one["name"].lower(), 0):
            yield found("settings-suspect", edit.path, f"a threshold was lowered (line {line.number})")
            break


def _looks_at(edit: Edit) -> Iterator[Found]:
    """Patterns of what is run as a test that are gone, and new ones where there were none."""
    for line in edit.removed:
        if _LOOKS_AT.search(line.text[:500]) and not _NARROWING.search(line.text[:500]):
            gone = [one for one in _TOKEN.findall(line.text[:500]) if one.strip() and one not in edit.new]
            if gone:
                yield found("settings-suspect", edit.path, f"does not look at {spell(gone[0])} any more")
                return
    lines = split(edit.new)
    for line in edit.added:
        text = line.text[:500]
        around = "\n".join(lines[max(0, line.number - 5) : line.number])[-1000:]
        new = _LOOKS_AT.search(text) and not _LOOKS_AT.search("\n".join(one.text for one in edit.removed)[:5000])
        if _NARROWING.search(text) or (new and not _COVERAGE.search(around) and not _had_key(edit, text)):
            yield found("settings-suspect", edit.path, f"says anew what is run as a test (line {line.number})")
            return


def _had_key(edit: Edit, text: str) -> bool:
    return "<" in text or re.split("[:=]", text, maxsplit=1)[0].strip(" \"'") in edit.old


def _milder(edit: Edit) -> Iterator[Found]:
    had = {one["name"]: int(one["value"]) for line in edit.removed if (one := _MILDER.search(line.text[:500]))}
    for line in edit.added:
        one = _MILDER.search(line.text[:500])
        weaker_now = one and (
            int(one["value"]) == 0
            if one["name"] == "issues-exit-code"
            else int(one["value"]) > had.get(one["name"], 1 << 60)
        )
        if weaker_now:
            yield found("settings-suspect", edit.path, f"a threshold was raised (line {line.number})")
            return
    for name in dict.fromkeys(
        one.group().strip() for line in edit.removed for one in _HARSHER.finditer(line.text[:500])
    ):
        if name not in edit.new:
            yield found("settings-suspect", edit.path, f"does not ask for {spell(name)} any more")
            return
