"""What to run for a repository, from what its files show. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatch

from workers.checks import Plan

POLICY = ".shipmate.toml"
REPORTS = ".shipmate-reports"
Read = Callable[[str], bytes | None]


def detect(read: Read, files: Sequence[str]) -> Plan:
    present = set(files)
    found = _python(read, present, files) or _node(read, present, files) or _make(read, present)
    return found or Plan(
        "nothing", None, why_not=f"The repository has no tests that Shipmate recognises; name them in {POLICY}."
    )


def _python(read: Read, present: set[str], files: Sequence[str]) -> Plan | None:
    tests = [name for name in files if fnmatch(name.rsplit("/", 1)[-1], "test_*.py") or name.endswith("_test.py")]
    configured = any(
        name in present and marker in (read(name) or b"")
        for name, marker in (
            ("pyproject.toml", b"[tool.pytest"),
            ("setup.cfg", b"[tool:pytest]"),
            ("tox.ini", b"[pytest]"),
        )
    ) or bool(present & {"pytest.ini", ".pytest.ini", "pytest.toml"})
    package = bool(present & {"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "tox.ini"})
    if not configured and not tests:
        return None
    if not configured and not package and "package.json" in present:
        return None
    source = "src:." if any(name.startswith("src/") and name.endswith(".py") for name in files) else "."
    if not configured and tests and _only_unittest(read, tests, files):
        return Plan("unittest", f"PYTHONPATH={source} python -m unittest discover -v")
    pytest = f"PYTHONPATH={source} python -m pytest -q -p no:cacheprovider --junitxml={REPORTS}/pytest.xml"
    return Plan(
        "pytest",
        pytest,
        (f"{REPORTS}/*.xml",),
        ecosystem="python",
        tool="pytest",
        reader="junit",
        test_changed=f"{pytest} {{files}}",
        select=f"{pytest} {{tests}}",
    )


def _only_unittest(read: Read, tests: Sequence[str], files: Sequence[str]) -> bool:
    """Whether the tests are plain unittest, found by its own discovery, and nothing in the repository knows pytest."""
    if any(name.rsplit("/", 1)[-1] == "conftest.py" for name in files):
        return False
    texts = [read(name) or b"" for name in tests[:20]]
    return all(b"unittest" in text and b"pytest" not in text for text in texts)


def _node(read: Read, present: set[str], files: Sequence[str]) -> Plan | None:
    script = _script(read("package.json")) if "package.json" in present else ""
    if "no test specified" in script:
        script = ""
    tests = [name for name in files if re.search(r"(^|/)[^/]+[.-]test\.[cm]?js$|(^|/)test/[^/]+\.[cm]?js$", name)]
    if script.strip() == "node --test" or script.startswith("node --test ") or (not script and tests):
        rest = script.removeprefix("node --test").strip()
        command = (
            f"node --test --test-reporter=spec --test-reporter-destination=stdout "
            f"--test-reporter=junit --test-reporter-destination={REPORTS}/node.xml {rest}"
        )
        return Plan("node --test", command.strip(), (f"{REPORTS}/*.xml",))
    if script:
        # Without npm inside, the script itself is run as npm would: local programs first on the PATH.
        return Plan("package.json", f'export PATH="$PWD/node_modules/.bin:$PATH"; {script}')
    return None


def _script(package: bytes | None) -> str:
    """The "test" script of a package.json, or "" where there is none."""
    try:
        script = json.loads(package or b"{}")["scripts"]["test"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return script if isinstance(script, str) and _can_be_run(script) else ""


def _can_be_run(script: str) -> bool:
    """JSON can spell what no command line can hold: NUL, and halves of characters."""
    return "\0" not in script and not any("\ud800" <= char <= "\udfff" for char in script)


def _make(read: Read, present: set[str]) -> Plan | None:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if name in present:
            text = (read(name) or b"").decode("utf-8", "replace")
            for target in ("test", "check"):
                if re.search(rf"^{target}\s*:(?!=)", text, re.MULTILINE):
                    return Plan(f"make {target}", f"make {target}")
    return None
