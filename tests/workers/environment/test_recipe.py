"""What a repository declares, from the files of its base commit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.ecosystems.packages import Group, Needs, Project
from workers.environment import Recipe
from workers.environment.recipe import key, recipe


def of(files: dict[str, str]) -> Recipe | None:
    return recipe(lambda path: files[path].encode() if path in files else None, list(files))


def needed(files: dict[str, str]) -> list[Group]:
    found = of(files)
    return list(found.needs["python"].groups) if found else []


def of_python(files: dict[str, str]) -> Needs:
    found = of(files)
    assert found is not None
    assert list(found.needs) == ["python"]
    return found.needs["python"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"README.md": "requirements.txt"},
        {"pyproject.toml": '[dependency-groups]\ntest = ["pytest"]\n'},
        {"pyproject.toml": "not toml ["},
        {"package.json": "{}"},
        {"package.json": "[1]"},
        {"setup.py": "import os\n"},
    ],
)
def test_a_repository_that_needs_nothing_gets_no_setup(files: dict[str, str]) -> None:
    assert of(files) is None


def test_a_project_with_a_test_extra_and_groups() -> None:
    text = """
        [project]
        name = "harbour"
        version = "1.2"
        dependencies = ["six>=1", "left @ git+https://elsewhere.example/left", "--pre"]
        [project.optional-dependencies]
        test = ["mock"]
        docs = ["sphinx"]
        [dependency-groups]
        lint = ["ruff"]
        dev = [{ include-group = "lint" }, "tox"]
        tests = ["attrs", { include-group = "tests" }]
        [project.entry-points.pytest11]
        harbour = "harbour.plugin"
        [project.scripts]
        sail = "harbour:main"
    """
    found = of_python({"pyproject.toml": text, "src/harbour/__init__.py": ""})
    assert found.groups == (
        Group("the project", ("six>=1",)),
        Group("extra test", ("mock",)),
        Group("group tests", ("attrs",)),
    )
    assert found.project == Project(
        "harbour",
        "1.2",
        ("src", "."),
        {"console_scripts": {"sail": "harbour:main"}, "pytest11": {"harbour": "harbour.plugin"}},
    )
    assert found.notes == ("left is declared to come from elsewhere than a registry, so it can't be installed.",)


def test_a_project_that_needs_nothing_is_still_made_known() -> None:
    found = of_python({"pyproject.toml": '[project]\nname = "a"\ndependencies = []\n', "a.py": ""})
    assert (found.groups, found.project) == ((), Project("a", "0", (".",)))


def test_without_test_requirements_those_of_development_count() -> None:
    assert needed({"requirements.txt": "six", "requirements-dev.txt": "mock", "docs/requirements.txt": "sphinx"}) == [
        Group("requirements.txt", files=("requirements.txt",)),
        Group("requirements-dev.txt", files=("requirements-dev.txt",)),
    ]


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("requirements.txt", True),
        ("requirements-test.txt", True),
        ("requirements_dev.txt", True),
        ("dev-requirements.txt", True),
        ("test_requirements.txt", True),
        ("requirements/base.txt", True),
        ("requirements/tests.txt", True),
        ("tests/requirements.txt", True),
        ("docs/requirements.txt", False),
        ("requirements/docs.txt", False),
        ("examples/requirements.txt", False),
        ("notes.txt", False),
        ("LICENSE.txt", False),
    ],
)
def test_requirement_files_are_known_by_name_and_place(path: str, counts: bool) -> None:
    assert bool(needed({path: "six"})) is counts


def test_included_requirement_files_are_part_of_the_key() -> None:
    files = {
        "requirements.txt": "-r requirements/base.txt\n",
        "requirements/base.txt": "-r ../more.txt",
        "more.txt": "six",
    }
    found = of(files)
    assert found is not None
    assert set(found.inputs) == set(files)


def test_poetry_ranges_become_ordinary_ones() -> None:
    text = """
        [tool.poetry]
        name = "harbour"
        [tool.poetry.dependencies]
        python = "^3.9"
        a = "^1.2.3"
        b = "~1.2"
        c = "*"
        d = { version = ">=1,<2", extras = ["x"], markers = "python_version < '4'" }
        e = "1.0"
        f = "^0.0.3"
        g = { version = "1", optional = true }
        h = { git = "https://elsewhere.example/h" }
        [tool.poetry.group.test.dependencies]
        i = ">=3"
    """
    found = of_python({"pyproject.toml": text, "poetry.lock": '[[package]]\nname = "A"\nversion = "1.4.0"\n'})
    assert found.groups == (
        Group(
            "poetry",
            ("a>=1.2.3,<2", "b>=1.2,<1.3", "c", "d[x]>=1,<2 ; python_version < '4'", "e==1.0", "f>=0.0.3,<0.0.4"),
        ),
        Group("poetry test", ("i>=3",)),
    )
    assert found.constraints == ("a==1.4.0",)
    assert found.notes == ("h is declared to come from elsewhere than a registry, so it can't be installed.",)


def test_a_lock_file_narrows_each_version_to_where_it_counts() -> None:
    lock = """
        [[package]]
        name = "six"
        version = "1.16.0"
        [[package]]
        name = "click"
        version = "8.1.8"
        resolution-markers = ["python_full_version < '3.10'"]
        [[package]]
        name = "click"
        version = "8.3.1"
        resolution-markers = ["python_full_version >= '3.12'", "python_full_version == '3.11.*'"]
        [[package]]
        name = "twice"
        version = "1"
        [[package]]
        name = "twice"
        version = "2"
    """
    found = of_python({"pyproject.toml": '[project]\nname = "a"\ndependencies = ["six"]\n', "uv.lock": lock})
    assert found.constraints == (
        "six==1.16.0",
        "click==8.1.8 ; (python_full_version < '3.10')",
        "click==8.3.1 ; (python_full_version >= '3.12') or (python_full_version == '3.11.*')",
    )


def test_setup_py_is_read_and_not_run(tmp_path: Path) -> None:
    text = f"""
from setuptools import setup
open({str(tmp_path / "ran")!r}, "w")
NEEDED = ["six"]
setup(name="harbour", install_requires=NEEDED, extras_require={{"test": ["mock"], "docs": ["x"]}}, tests_require=f())
"""
    assert needed({"setup.py": text}) == [Group("setup.py", ("six",)), Group("setup.py test", ("mock",))]
    assert not (tmp_path / "ran").exists()


def test_setup_cfg_and_tox() -> None:
    config = "[options]\ninstall_requires =\n    six>=1  # why\n    attrs\n[options.extras_require]\ntesting = mock\n"
    assert needed({"setup.cfg": config}) == [
        Group("setup.cfg", ("six>=1", "attrs")),
        Group("setup.cfg testing", ("mock",)),
    ]
    tox = "[testenv]\ndeps =\n    mock\n    dj4: django\n    -r{toxinidir}/more.txt\n    {env:X}\n"
    assert needed({"tox.ini": tox, "more.txt": "six"}) == [Group("tox.ini (testing)", ("mock",), ("more.txt",))]


def test_pipfile_lock() -> None:
    lock = json.dumps({"default": {"six": {"version": "==1.16.0"}}, "develop": {}})
    assert needed({"Pipfile.lock": lock}) == [Group("Pipfile.lock default", ("six==1.16.0",))]


@pytest.mark.parametrize(
    ("lock", "tool"),
    [("package-lock.json", "npm ci"), ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("x", "npm install")],
)
def test_node_packages_are_installed_without_their_scripts(lock: str, tool: str) -> None:
    found = of({"package.json": '{"dependencies": {"a": "1"}}', lock: ""})
    assert found is not None
    line = found.needs["node"].line
    assert tool in line
    assert all("--ignore-scripts" in part for part in line.split(";") if "install" in part or " ci" in part)


def test_the_repositorys_own_command_replaces_everything() -> None:
    policy = '[setup]\ncommand = "make deps"\ninputs = ["tools/get.sh"]\nminutes = 3\n'
    files = {
        ".shipmate.toml": policy,
        "tools/get.sh": "x",
        "requirements.txt": "six",
        "package.json": "{}",
        "go.sum": "",
    }
    found = of(files)
    assert found is not None
    assert (found.command, found.needs, found.minutes) == ("make deps", {}, 3)
    assert {"tools/get.sh", "requirements.txt", "package.json", "go.sum"} <= set(found.inputs)


def test_the_key_follows_inputs_toolchain_and_repository() -> None:
    files = {"requirements.txt": "six", "README.md": "one"}
    first = of(files)
    same = of({**files, "README.md": "two"})
    other = of({**files, "requirements.txt": "six==1"})
    assert first is not None
    assert same is not None
    assert other is not None
    keys = [
        key(first, "acme/app", {"python": "3.11"}),
        key(same, "Acme/App", {"python": "3.11"}),
        key(other, "acme/app", {"python": "3.11"}),
        key(first, "acme/app", {"python": "3.12"}),
        key(first, "acme/site", {"python": "3.11"}),
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


@given(
    st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "package.json", "Pipfile.lock"]), st.binary()
)
def test_no_content_breaks_it(name: str, content: bytes) -> None:
    found = recipe(lambda path: content if path == name else None, [name, "uv.lock"])
    assert found is None or found.inputs


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["dependencies", "default", "version", "a"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_no_json_breaks_it(content: object) -> None:
    text = json.dumps(content)
    found = of({"package.json": text, "Pipfile.lock": text})
    assert found is None or found.inputs
