"""What GitHub reads of the repository: workflows, forms and owners are valid, and call the verbs that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/workflows/release.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "docker-compose.yml": "vendor.compose-spec",
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def validated(file: Path, schema: str) -> tuple[int, str]:
    """Return the exit code of the check of a file, and what it prints."""
    import check_jsonschema  # type: ignore[import-untyped]  # it has no types, and takes seconds to import

    done = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, str(file)])
    return done.exit_code, done.output


@pytest.mark.xdist_group("schemas")
@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_what_services_read_follows_their_schema(name: str) -> None:
    code, said = validated(ROOT / name, SCHEMAS[name])
    assert code == 0, said


@pytest.mark.xdist_group("schemas")
def test_a_workflow_that_does_not_follow_the_schema_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "ci.yml"
    wrong.write_text("on: push\njobs:\n  check:\n    steps: 3\n")
    assert validated(wrong, "vendor.github-workflows")[0] == 1


def test_every_file_below_github_that_has_a_schema_is_checked() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.yml")}
    assert there <= set(SCHEMAS)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_calls_verbs_of_the_makefile_has_a_limit_and_few_rights(file: Path) -> None:
    text = file.read_text()
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"run: make ([a-z-]+)", text)) - known == set()
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert validated(file, "custom.github-workflows-require-timeout")[0] == 0


def test_hooks_before_a_commit_call_the_same_verbs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == ["make lint", "make check"]


def test_owned_paths_exist() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    paths = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert [path for path in paths if path != "*" and not (ROOT / path.strip("/")).exists()] == []
