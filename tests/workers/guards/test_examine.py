"""All guards together: order, limits, hostile input."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.processor import slowness
from tests.workers.guards.languages import LANGUAGES
from tests.workers.guards.looking import NEW, OLD, look, rules
from workers.guards import RULES, examine
from workers.guards import examine as examining
from workers.guards.examine import MOST_OF_A_RULE
from workers.syntax import apart
from workers.workspace import Changed

PATHS = [
    *LANGUAGES,
    'a.py', 'src/b.py', 'tests/test_a.py', 'conftest.py', 'package.json', 'package-lock.json', 'yarn.lock',
    'setup.py', 'pnpm-lock.yaml', 'pyproject.toml', 'requirements.txt', 'uv.lock', 'Cargo.toml', 'go.mod',
    'go.sum', 'Gemfile', 'Gemfile.lock', 'composer.lock', 'pom.xml', 'build.gradle', 'a.csproj', 'pubspec.yaml',
    'mix.exs', 'setup.cfg', '.eslintrc.json', 'tox.ini', 'LICENSE', 'README.md', 'he.po', 'x.bin', 'a.pem',
    '.github/x', 'a.sql', 'tsconfig.json', 'codecov.yml', 'Dockerfile', 'x\udcff.py',
]  # fmt: skip
PIECES = [
    'def test_a():\n    assert f() == 1\n', 'import pytest\n@pytest.mark.skip\n', 'class TestA:\n',
    '{"scripts": {"test": ', '[tool.ruff]\n', '-----BEGIN PRIVATE KEY-----\n', '\u202e', '\U000e0041', '\ud800',
    '[[package]]\nname = 1\n', 'version = []\n', '  resolved ',
    '{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{',
    '(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((',
    '<project><dependency/>', "'", '"', '\\', '\r', '\x00', "it('a', () => {\n", 'expect(1', 'https://a:b@c',
    'ghp_', '#if 0\n', '/*\n', '\t- repo: x\n', '\xff', 'assert(', 'dependencies:\n  a: ^1\n',
    '========================================', '"dependencies": {"a": null}',

    "lambda: " * 20,
    'eval(', '\xe9', '\u05d0\u05d1', '100%', '\x1b[0m',
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=12).map("".join)
BODIES = (TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))) | st.binary(max_size=60) | st.none()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PATHS), BODIES, BODIES), max_size=4), st.text(max_size=30))
def test_no_change_makes_a_guard_fail(sides: list[tuple[str, bytes | None, bytes | None]], secret: str) -> None:
    old = {path: before for path, before, _ in sides}
    new = {path: after for path, _, after in sides}
    changed = tuple(
        Changed(path, "A" if old[path] is None else "D" if new[path] is None else "M", "100644", "100644", OLD, NEW)
        for path in old
    )
    found = examine(changed, old.get, new.get, secrets=(secret,))
    assert not [one.words for one in found if one.rule == "unexamined"]
    assert all(one.words.isprintable() and len(one.words) < 600 for one in found)
    assert all(one.level == RULES[one.rule].level for one in found)


HOSTILE = {
    "deep brackets": "(" * 200_000,
    "deep lists": "x = " + "[" * 3000 + "]" * 3000,
    "deep minus": "x = " + "-" * 100_000 + "1",
    "deep calls": "a" + "()" * 50_000,
    "deep blocks": "".join(" " * at + "if x:\n" for at in range(300)),
    "long sum": "x = " + "+".join(["1"] * 60_000),
    "one long line": "a" * 2_000_000,
    "dashes": "-" * 2_000_000,
    "quotes": "assert(" + "'" * 200_000,
    "backslashes": 'expect("' + "\\" * 400_000,
    "blanks": "expect(" + " " * 500_000,
    "keys": "-----BEGIN PRIVATE KEY-----\n" * 30_000,
    "tokens": "eyJaaaaaaaa." * 60_000,
    "urls": "https://" * 100_000,
    "names": "password = " * 60_000,
    "tests": "it('a', () => {\n expect(1).toBe(2)\n" * 10_000,
    "equal tests": "".join(f"def test_{at}():\n    assert f({at}) == {at}\n" for at in range(2_000)),
    "requirements": "[" * 100_000 + "@" * 100_000,
}


@pytest.fixture(scope="module")
def _reads_briefly() -> Iterator[None]:
    """The process that reads tests gets a second for each instead of five: most of what is hostile uses them up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_SECONDS", 1)
        _end_reader()
        yield
        _end_reader()


def _end_reader() -> None:
    for child in apart._children.values():
        child.kill()
        child.wait()


@pytest.mark.usefixtures("_reads_briefly")
@pytest.mark.parametrize("kind", sorted(HOSTILE))
@pytest.mark.parametrize("path", ["tests/test_a.py", "src/a.test.js", "package.json", "requirements.txt", "src/a.py"])
def test_hostile_text_is_read_in_time(kind: str, path: str) -> None:
    began = time.thread_time()
    look({path: HOSTILE[kind][::-1]}, {path: HOSTILE[kind]})
    assert time.thread_time() - began < 8 * slowness()


def test_a_large_change_is_read_in_time() -> None:
    line = "    result = compute(value, other={at}) + offset  # https://example.com/{at}\n"
    body = "".join(line.format(at=at) for at in range(280))
    before: dict[str, bytes | str] = {f"src/m{at}.go": body for at in range(500)}
    after = {
        path: f"{text!s}{at}\n" + str(text).replace("compute", "count")
        for at, (path, text) in enumerate(before.items())
    }
    slow, began = slowness(), time.thread_time()
    look(before, {**after})
    assert time.thread_time() - began < 20 * max(slow, slowness())


def test_blocks_come_first_and_flags_last() -> None:
    levels = [one.level for one in look({}, {"z/CODEOWNERS": "x", "AGENTS.md": "x", "a.js": "eval(x)\n"})]
    assert levels == ["block", "hold", "flag"]


def test_many_findings_of_a_rule_are_counted_instead_of_told() -> None:
    found = look({}, {f"d{at}/AGENTS.md": "x" for at in range(50)})
    assert len(found) == MOST_OF_A_RULE + 1
    assert found[-1].words == f"(more): {50 - MOST_OF_A_RULE} further findings like those above."


def test_a_guard_that_fails_holds_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_change: object) -> list[object]:
        raise ZeroDivisionError("\u202e")

    monkeypatch.setattr(examining_module(), "GUARDS", (broken,))
    assert rules({}, {"a.py": "x\n"}) == {"unexamined"}


def examining_module() -> object:
    import sys

    assert callable(examining)
    return sys.modules["workers.guards.examine"]


def test_what_is_beyond_the_budget_holds_the_change() -> None:
    many: dict[str, bytes | str] = {f"{at}.txt": b"x" * 9_000_000 for at in range(9)}
    found = look({}, many)
    assert {one.rule for one in found} == {"unexamined"}
    assert any("files beyond what the guards read" in one.words for one in found)
    assert [one.rule for one in look({}, {"long.txt": b"x\n" * 200_000})] == ["unexamined"]


def test_every_rule_and_its_reason_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "guards.md").read_text()
    rows = [
        f"| `{name}` | {rule.level} | {'fact' if rule.fact else 'suspicion'} | {rule.why} |"
        for name, rule in RULES.items()
    ]
    assert [row for row in rows if row not in page] == []
