"""What is declared to come from elsewhere is never asked of a registry: it is on the path, or it is not installed."""

from __future__ import annotations

import pytest

from workers.ecosystems.packages import Needs
from workers.ecosystems.python.packages import needs

ROOT = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["inflection", "requests"]\n'
MEMBER = '[project]\nname = "Inflection"\nversion = "1"\ndependencies = ["idna"]\n'
CANNOT = "inflection is declared to come from elsewhere than a registry, so it can't be installed."


def read(pyproject: str, **more: str) -> Needs:
    files = {"pyproject.toml": pyproject} | {path.replace("__", "/"): text for path, text in more.items()}
    found = needs(lambda path: files[path].encode() if path in files else None, sorted(files))
    assert found is not None
    return found


def asked(found: Needs) -> set[str]:
    return {line for group in found.groups for line in group.lines} | set(found.constraints)


@pytest.mark.parametrize(
    "more",
    [
        '[tool.uv.sources]\ninflection = { workspace = true }\n[tool.uv.workspace]\nmembers = ["packages/*"]\n',
        '[tool.uv.sources]\ninflection = { path = "packages/words", editable = true }\n',
        '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    ],
)
def test_a_member_is_on_the_path_before_packages_and_what_it_needs_is_installed(more: str) -> None:
    member = {"packages/words/pyproject.toml": MEMBER, "packages/words/src/inflection/__init__.py": ""}
    found = read(ROOT + more, **member)
    assert asked(found) == {"requests", "idna"}
    assert found.local == ("packages/words/src",)
    assert found.notes == ()
    assert "packages/words/pyproject.toml" in found.inputs


@pytest.mark.parametrize(
    "source",
    [
        '{ git = "https://git.test/a/b" }',
        '{ index = "private" }',
        '{ url = "https://files.test/a.whl" }',
        '{ path = "../outside" }',
        "{ workspace = true }",
        "[{ git = 'https://git.test/a', marker = \"sys_platform == 'linux'\" }]",
    ],
)
def test_what_cannot_be_had_from_its_declared_place_is_left_out_by_name(source: str) -> None:
    found = read(f"{ROOT}[tool.uv.sources]\ninflection = {source}\n")
    assert asked(found) == {"requests"}
    assert found.notes == (CANNOT,)


@pytest.mark.parametrize(
    "dependency", ['{ version = "1", source = "private" }', '{ git = "https://git.test/a" }', '{ path = "libs/a" }']
)
def test_poetrys_own_sources_are_kept_to(dependency: str) -> None:
    found = read(f'[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\nrequests = "^2"\ninflection = {dependency}\n')
    assert asked(found) == {"requests>=2,<3"}
    assert found.notes == (CANNOT,)


def test_a_lock_files_place_counts_too_and_is_no_constraint() -> None:
    lock = (
        '[[package]]\nname = "inflection"\nversion = "1"\nsource = { editable = "packages/x" }\n'
        '[[package]]\nname = "requests"\nversion = "2"\nsource = { registry = "https://index.test/simple" }\n'
    )
    found = read(ROOT, **{"uv.lock": lock})
    assert asked(found) == {"requests", "requests==2"}
    assert found.notes == (CANNOT,)
