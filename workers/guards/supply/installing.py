"""Where packages come from, and what runs when they are installed, built or collected.

Law: such code runs on machines of people and of CI before anybody has tested it, so a second person looks first.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found
from workers.guards.tamper.python import parse

_INDEX_FILES = re.compile(
    r"(^|/)(\.npmrc|\.yarnrc(\.yml)?|\.pnpmrc|pip\.(conf|ini)|\.pypirc|uv\.toml|poetry\.toml|\.?pdm\.toml|\.?pydistutils\.cfg|\.terraformrc|\.hex/hex\.config|nuget\.config|"
    r"\.cargo/config(\.toml)?|settings\.xml|"
    r"\.mvn/(settings|extensions)\.xml|\.condarc|\.gemrc|bunfig\.toml|\.bundle/config|auth\.json|artifactory[^/]*)$",
    re.I,
)
_INDEX_LINE = re.compile(
    r"^\s*(?:--?(?:extra-)?index-url|-i\s+http|--find-links|-f\s+http|--trusted-host|--pre\b)|"
    r"(?:registry|npmRegistryServer|index[-_]url|extra[-_]index[-_]url|find-links|trusted-host|proxy|cafile|"
    r"strict-ssl)\s*[:=]|@[\w-]+:registry\s*=|"
    r"^\s*\[\[(?:tool\.(?:uv\.index|poetry\.source|pdm\.source)|source)\]\]|^\s*\[(?:registries|source)\.|"
    r"replace-with\s*=|"
    r"^\s*source\s*\(?\s*[\"'](?:https?|git)|<(?:repository|pluginRepository|mirror)>|<add\s+key=.*value=\"https?|"
    r"\bmaven\s*[({]\s*(?:url|[\"'])|^\s*url\s*[= (]+.*(?:maven|repo)|\"repositories\"\s*:|GOPROXY|GONOSUM|GOFLAGS|"
    r"GOINSECURE|GONOSUMDB|GOPRIVATE|"
    r"\b(?:PIP|UV|NPM_CONFIG|YARN)_\w*(?:INDEX|REGISTRY|TRUSTED)\w*\s*[=:]|unsafeHttpWhitelist|(?:pip|uv pip|npm|"
    r"yarn|pnpm)\s+.*(?:--index-url|--registry|--extra-index-url|-i\s+http)"
)
_INDEX_PLACES = re.compile(
    r"(^|/)([^/]*requirements[^/]*\.(txt|in)|requirements/[^/]+|pyproject\.toml|Pipfile|Gemfile|gems\.rb|"
    r"composer\.json|pom\.xml|[^/]*\.gradle(\.kts)?|"
    r"go\.mod|go\.env|Makefile|Dockerfile[^/]*|[^/]*\.(sh|ya?ml|env)|tox\.ini|noxfile\.py|setup\.cfg|\.env[^/]*)$",
    re.I,
)
_LIFECYCLE = frozenset(
    {"preinstall", "install", "postinstall", "prepare", "prepublish", "prepublishOnly", "prepack", "postpack",
     "preprepare", "postprepare", "dependencies", "pretest", "posttest"}
)  # fmt: skip
_COMPOSER_SCRIPTS = re.compile(r"^(pre|post)-|^command$")
_ALWAYS = re.compile(
    r"(^|/)(build\.rs|binding\.gyp|extconf\.rb|sitecustomize\.py|usercustomize\.py|\.pnpmfile\.c?js|pnpmfile\.js|"
    r"gradle-wrapper\.(jar|properties)|"
    r"gradlew(\.bat)?|mvnw(\.cmd)?|maven-wrapper\.(jar|properties)|init\.gradle|Directory\.Build\.(props|targets)|"
    r"postinst|preinst)$|"
    r"[^/]\.pth$|(^|/)\.yarn/(releases|plugins)/|\.targets$",
    re.I,
)
_SETUP_RUNS = re.compile(
    r"\bcmdclass\b|\bos\.(system|popen|exec\w*|spawn\w*)\s*\(|\bsubprocess\.|\burlopen\(|\brequests\.|\beval\(|"
    r"\bexec\(|\b__import__\(|class\s+\w+\((?:install|develop|build_py|build_ext|egg_info|sdist)\b|\bsocket\.|"
    r"\bb64decode\("
)
_BUILD_BACKEND = re.compile(
    r"^\s*(build-backend|backend-path|custom-hook)\s*=|^\s*build\s*=\s*[\"'{]|"
    r"^\s*\[tool\.(setuptools\.cmdclass|hatch\.build[\w.]*\.hooks|hatch\.metadata\.hooks|poetry\.build|pdm\.build\b)|"
    r"^\s*\[project\.entry-points\.[\"']?(distutils\.|setuptools\.|egg_info)"
)
_SETUP_CFG_RUNS = re.compile(r"^\s*(command_packages|cmdclass|distutils\.\w+|setuptools\.\w+|egg_info\.writers)\s*=")
_PLUGIN = re.compile(r"\bpytest11\b")
_BUILT_BY = {"setup.py": _SETUP_RUNS, "pyproject.toml": _BUILD_BACKEND, "setup.cfg": _SETUP_CFG_RUNS}
_CONFTEST_PLAIN = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def guard(change: Examined) -> Iterator[Found]:
    """Indexes, install scripts, build scripts and hooks of the test runner."""
    for edit in change.edits:
        if edit.changed.status != "D":
            yield from _about(edit)


def _about(edit: Edit) -> Iterator[Found]:
    name = edit.path.rsplit("/", 1)[-1]
    if _INDEX_FILES.search(edit.path) and edit.added:
        yield found("index-settings", edit.path, "settings of a package manager were changed")
    elif _INDEX_PLACES.search(edit.path):
        line = next((line for line in edit.added if _INDEX_LINE.search(line.text[:500])), None)
        if line is not None:
            yield found("index-changed", edit.path, f"names another place to take packages from (line {line.number})")
    if _ALWAYS.search(edit.path) and (edit.added or edit.binary):
        yield found("install-script", edit.path, "runs when the project is built or installed")
    elif name in {"package.json", "composer.json"}:
        yield from _scripts(edit, name)
    elif name in _BUILT_BY:
        if any(_PLUGIN.search(line.text[:500]) for line in edit.added):
            yield found("conftest", edit.path, "registers a plugin of the test runner, which is loaded by itself")
        pattern = _BUILT_BY[name]
        line = next((line for line in edit.added if pattern.search(line.text[:500])), None)
        if line is not None:
            yield found(
                "install-code", edit.path, f"changes what runs when the project is installed (line {line.number})"
            )
    elif name == "conftest.py":
        yield from _conftest(edit)


def _scripts(edit: Edit, name: str) -> Iterator[Found]:
    if _manager(edit.new) != _manager(edit.old) and _manager(edit.new):
        yield found("index-settings", edit.path, "takes the package manager itself from elsewhere")
    before, after = _script_table(edit.old), _script_table(edit.new)
    for key, command in after.items():
        runs_itself = key in _LIFECYCLE if name == "package.json" else _COMPOSER_SCRIPTS.match(key)
        if runs_itself and before.get(key) != command:
            yield found("install-script", edit.path, f"the script `{spell(key)}` runs by itself and was changed")
            return


def _manager(text: str) -> str:
    """Where `packageManager` is taken from, if not from a registry."""
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return ""
    wanted = str(data.get("packageManager") or "") if isinstance(data, dict) else ""
    return wanted if "://" in wanted or "@file:" in wanted else ""


def _script_table(text: str) -> dict[str, object]:
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    scripts = data.get("scripts") if isinstance(data, dict) else None
    return {str(key): value for key, value in scripts.items()} if isinstance(scripts, dict) else {}


def _conftest(edit: Edit) -> Iterator[Found]:
    """Hooks and code that runs on import are held; fixtures are what the file is for."""
    tree, before = parse(edit.new), parse(edit.old)
    if tree is None:
        yield found("conftest", edit.path, "cannot be read, and runs before every test")
        return
    had = {ast.dump(node) for node in before.body} if before else set()
    fresh = [node for node in tree.body if ast.dump(node) not in had]
    hooks = [node for node in fresh if isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")]
    automatic = [node for node in fresh if isinstance(node, ast.FunctionDef) and _is_autouse(node)]
    running = [node for node in fresh if not isinstance(node, _CONFTEST_PLAIN) and not _is_constant(node)]
    if hooks:
        yield found("conftest", edit.path, f"the hook {spell(hooks[0].name)} of the test runner was changed")
    elif running:
        yield found("conftest", edit.path, f"runs code before every test (line {running[0].lineno})")
    elif automatic:
        yield found("conftest", edit.path, f"the fixture {spell(automatic[0].name)} is used by every test")
    elif fresh:
        yield found("conftest-plain", edit.path, "what tests stand on was changed")


def _is_autouse(node: ast.FunctionDef) -> bool:
    return any("autouse=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def _is_constant(node: ast.stmt) -> bool:
    """A docstring, or a name given a value that calls nothing; what the test runner reads by name is not one."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        special = any(one.startswith(("pytest", "collect_ignore")) for one in names)
        return len(names) == len(targets) and not special and node.value is not None and not _calls(node.value)
    return False


def _calls(value: ast.expr) -> bool:
    return any(isinstance(node, (ast.Call, ast.Await)) for node in ast.walk(value))
