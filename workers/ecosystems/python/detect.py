"""Python: pytest, unittest, Django's runner, or a repository's own runtests.py; ruff, black, flake8, isort, mypy. Pure.

Law: dependencies stand in the sandbox already, so tox, nox, uv and poetry are read for what they run, not run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from workers.ecosystems.candidate import XML, Candidate, Check, check, report
from workers.ecosystems.facts import Facts, below

TESTS = re.compile(r"(^|/)(test_[^/]*|[^/]*_tests?)\.py$")
_DJANGO = re.compile(r"(^|/)tests?(/.+|\.py$)")
_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini", "noxfile.py", "Pipfile")
_UNITTEST = re.compile(r"\bpython3?(?:\.\d+)?\s+(?:-\w+\s+)*-m\s+unittest\b([\w ./=-]*)(?=[\n\r\"'#]|$)")
_MANAGERS = (
    ("uv", "uv.lock"),
    ("poetry", "poetry.lock"),
    ("pdm", "pdm.lock"),
    ("pipenv", "Pipfile.lock"),
    ("pipenv", "Pipfile"),
    ("tox", "tox.ini"),
    ("nox", "noxfile.py"),
)


def detect(facts: Facts) -> Candidate | None:
    """Return the plan for a Python project in this folder."""
    tests = sorted(path for path in facts.of("py") if _is_test(path))
    configured = _configured(facts)
    package = facts.has(*_MANIFESTS)
    runner = next((path for path in ("runtests.py", "tests/runtests.py") if facts.has(path)), None)
    django = facts.has("manage.py") and facts.count(_DJANGO, "py") > 0
    if not configured and not tests and not (package and runner) and not django:
        return None
    others = len(facts.of(*facts.known.endings - {"py"})) > len(facts.of("py"))
    if not configured and not package and not django and (others or facts.has(*facts.known.manifests)):
        return None
    quick, manager = _quick(facts), _manager(facts)
    source = "src:." if any(path.startswith("src/") for path in facts.of("py")) else "."
    number = max(len(tests), 1)
    if runner and not configured:
        folder, _, name = runner.rpartition("/")
        inside = f"cd {folder} && " if folder else ""
        command = f"{inside}PYTHONPATH={'..' if folder else source} python {name}"
        return Candidate(
            "python", "unittest", command, number, runner, manager, reader="unittest", needs=("python",), quick=quick
        )
    if django and not configured:
        return Candidate(
            "python", "django", "python manage.py test -v 2 --noinput", number, "manage.py test", manager,
            reader="unittest", needs=("python",), quick=quick,
        )  # fmt: skip
    if not configured and tests and _only_unittest(facts, tests):
        return replace(_unittest(facts, source, len(tests), manager, quick), loose=None if package or django else TESTS)
    # A module that cannot be loaded is a failure of its own, and hides none of the others.
    options = "-q -p no:cacheprovider --continue-on-collection-errors"
    command = f"PYTHONPATH={source} python -m pytest {options} --junitxml={report(facts, 'pytest.xml')}"
    return Candidate(
        "python", "pytest", command, number, "pytest", manager, XML, "junit", ("python",), quick,
        test_changed=f"{command} {{files}}", select=f"{command} {{tests}}",
        loose=None if configured or package or django else TESTS,
    )  # fmt: skip


def _is_test(path: str) -> bool:
    name = path[path.rfind("/") + 1 :]
    return name.startswith("test_") or name.endswith(("_test.py", "_tests.py"))


def _configured(facts: Facts) -> bool:
    return facts.has("pytest.ini", ".pytest.ini", "pytest.toml") or any(
        marker in facts.text(name)
        for name, marker in (
            ("pyproject.toml", "[tool.pytest"),
            ("setup.cfg", "[tool:pytest]"),
            ("tox.ini", "[pytest]"),
        )
    )


def _only_unittest(facts: Facts, tests: Sequence[str]) -> bool:
    """Return whether the tests are plain unittest, found by its own discovery, and nothing in the repository knows
    pytest.
    """
    if any(path.rsplit("/", 1)[-1] == "conftest.py" for path in facts.of("py")):
        return False
    texts = [facts.text(path) for path in tests[:20]]
    return all("unittest" in text and "pytest" not in text for text in texts)


def _unittest(facts: Facts, source: str, tests: int, manager: str, quick: tuple[Check, ...]) -> Candidate:
    run = f"PYTHONPATH={source} python -m unittest"
    found = _UNITTEST.search(facts.automation)
    words = found[1].split() if found else []
    told = " ".join(
        word for word in words if word not in {"-v", "--verbose", "-q"} and re.fullmatch(r"[\w./=-]+", word)
    )
    return Candidate(
        "python", "unittest", f"{run} {told or 'discover'} -v", tests, "unittest", manager, reader="unittest",
        needs=("python",), quick=quick, test_changed=f"{run} -v {{files}}", select=f"{run} -v {{tests}}",
    )  # fmt: skip


def _manager(facts: Facts) -> str:
    pyproject = facts.toml("pyproject.toml")
    if below(pyproject, "tool", "poetry") and not facts.has("uv.lock"):
        return "poetry"
    if below(pyproject, "tool", "tox") and not facts.has("uv.lock"):
        return "tox"
    found = next((name for name, file in _MANAGERS if facts.has(file)), "")
    return found or ("hatch" if below(pyproject, "tool", "hatch", "envs") else "pip")


def _quick(facts: Facts) -> tuple[Check, ...]:
    """Return what the repository configures, over the changed files alone where the tool looks at each by itself."""
    tools = below(facts.toml("pyproject.toml"), "tool")
    cfg, tox = facts.text("setup.cfg"), facts.text("tox.ini")
    found: list[Check] = []
    py = (".py", ".pyi")
    if "black" in tools or facts.uses("black"):
        found.append(check("black", "black --check --quiet --diff {files}", "format", "diff", endings=py))
    ruff = "ruff" in tools or facts.has("ruff.toml", ".ruff.toml")
    if ruff and (facts.uses("ruff-format") or facts.uses("ruff format") or "format" in below(tools, "ruff")):
        command = "ruff format --check --force-exclude --no-cache {files}"
        found.append(check("ruff format", command, "format", "reformat", ("ruff",), py))
    if "isort" in tools or facts.has(".isort.cfg") or "[isort]" in cfg + tox:
        found.append(check("isort", "isort --check-only --filter-files {files}", "format", "reformat", endings=py))
    if ruff:
        command = "ruff check --output-format=json --force-exclude --no-cache {files}"
        found.append(check("ruff", command, "lint", "ruff", endings=py))
    if facts.has(".flake8") or "[flake8]" in cfg + tox:
        found.append(check("flake8", "flake8 {files}", "lint", "lines", endings=(".py",)))
    if "mypy" in tools or facts.has("mypy.ini", ".mypy.ini") or "[mypy]" in cfg:
        written = below(tools, "mypy")
        settings = facts.text("mypy.ini") + facts.text(".mypy.ini") + cfg
        whole = {"files", "packages", "modules"} & set(written) or re.search(
            r"^(files|packages|modules)\s*=", settings, re.M
        )
        flags = "--no-error-summary --no-color-output --show-error-codes --cache-dir=/dev/null"
        found.append(check("mypy", f"mypy {flags}{'' if whole else ' {files}'}", "types", "mypy", endings=py))
    if facts.has("pyrightconfig.json") or "pyright" in tools:
        found.append(check("pyright", "pyright --outputjson", "types", "pyright", endings=py))
    return tuple(found)
