"""What CI could do with a change is read from the base's own files; what cannot be read counts as given."""

from __future__ import annotations

import pytest

from bot.domain.reach import CiReach
from workers.guards import examined, findings, reach
from workers.workspace import Changed

CI = ".github/workflows/ci.yml"
OLD, NEW = "a" * 40, "b" * 40

PLAIN = """\
on: [push, pull_request]
permissions: { contents: read }
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: ./scripts/test.sh
"""
WITH_SECRETS = PLAIN + "        env: { KEY: '${{ secrets.DEPLOY_KEY }}', NPM: \"${{ secrets['npm_token'] }}\" }\n"
BASE = {
    CI: WITH_SECRETS,
    "scripts/test.sh": "python tools/report.py\nmake check\n",
    "tools/report.py": "print(1)\n",
    "Makefile": "check:\n\tpython -m tools.lint\n",
    "tools/lint.py": "print(2)\n",
    "src/app.py": "x = 1\n",
    "tests/test_app.py": "def test_x(): assert 1\n",
    "README.md": "hello\n",
}


def outside(changes: dict[str, str], base: dict[str, str] = BASE, into: str = "main") -> CiReach:
    """Return what CI could do with these new contents on that base."""
    after = base | changes
    changed = tuple(
        Changed(path, "M" if path in base else "A", "100644" if path in base else "000000", "100644", OLD, NEW)
        for path in changes
    )
    read = examined(changed, lambda path: _bytes(base, path), lambda path: _bytes(after, path))
    return reach(read, findings(read), sorted(base), branch="shipmate/x-cabc", into=into)


def _bytes(side: dict[str, str], path: str) -> bytes | None:
    return side[path].encode() if path in side else None


def given(workflow: str, path: str = CI, **more: str) -> CiReach:
    return outside({"Makefile": "check:\n\ttrue\n"}, BASE | {CI: PLAIN} | {path: workflow} | more)


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("scripts/test.sh", "true\n", "scripts/test.sh is run by .github/workflows/ci.yml."),
        ("tools/report.py", "print(3)\n", "tools/report.py is run by scripts/test.sh."),
        ("tools/lint.py", "print(3)\n", "tools/lint.py is run by Makefile."),
        ("Makefile", "check:\n\ttrue\n", "Makefile says how the project is built, installed or tested."),
        ("pyproject.toml", "[project]\n", "pyproject.toml says how the project is built, installed or tested."),
        ("uv.lock", "version = 1\n", "uv.lock says how the project is built, installed or tested."),
        ("tests/conftest.py", "import pytest\n", "tests/conftest.py runs before the tests."),
        ("jest.setup.js", "x()\n", "jest.setup.js runs before the tests."),
        ("build.rs", "fn main() {}\n", "build.rs: runs when the project is built or installed."),
        (
            "tests/test_app.py",
            "import os\ndef test_x(): assert os.environ\n",
            "tests/test_app.py: line 2 reads the environment or credentials (os.environ).",
        ),
        (
            "tests/test_app.py",
            "import requests\ndef test_x(): assert 1\n",
            "tests/test_app.py: line 1 reaches the network (import requests).",
        ),
        ("src/app.py", "import subprocess\n", "src/app.py: line 1 starts other programs (subprocess)."),
    ],
)
def test_code_that_ci_would_run_is_named_with_its_reason(path: str, text: str, why: str) -> None:
    found = outside({path: text})
    assert found.because == (why,)
    assert found.risky


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/app.py", "x = 2\n"),
        ("src/app.py", "import requests\n"),
        ("README.md", "`scripts/test.sh`, os.environ, curl http://x\n"),
        ("tests/test_app.py", "def test_x(): assert 2\n"),
    ],
)
def test_an_ordinary_change_asks_nobody(path: str, text: str) -> None:
    assert not outside({path: text}).because


def test_source_that_reads_the_environment_and_reaches_the_network_counts_wherever_the_two_stand() -> None:
    found = outside({"src/app.py": "import os\nkey = os.environ['K']\n", "src/send.py": "import requests\n"})
    assert [one.split(":")[0] for one in found.because] == ["src/app.py", "src/send.py"]


def test_secrets_are_named_and_the_token_that_everybody_has_is_none() -> None:
    found = given(WITH_SECRETS + "      - run: echo ${{ secrets.GITHUB_TOKEN }}\n")
    assert found.secrets == ("DEPLOY_KEY", "NPM_TOKEN")
    assert found.also == ()


def test_a_repository_whose_ci_gives_nothing_away_asks_nobody() -> None:
    found = given(PLAIN)
    assert (found.secrets, found.also) == ((), ())
    assert not found.risky


def test_no_ci_at_all_gives_nothing() -> None:
    found = outside({"Makefile": "x:\n"}, {path: text for path, text in BASE.items() if path != CI})
    assert not found.risky


@pytest.mark.parametrize(
    "on",
    [
        "push: { branches: [main, 'release/**'] }",
        "push: { tags: ['v*'] }",
        "push: { branches-ignore: ['shipmate/**'] }",
        "push: { branches: ['**', '!shipmate/**'] }",
        "pull_request: { branches: [develop] }",
        "pull_request: { types: [closed] }",
        "schedule: [{ cron: '0 0 * * *' }]",
        "workflow_dispatch: {}",
    ],
)
def test_a_workflow_that_our_push_does_not_set_off_counts_for_nothing(on: str) -> None:
    assert given(WITH_SECRETS.replace("[push, pull_request]", f"{{ {on} }}")).secrets == ()


@pytest.mark.parametrize(
    "on",
    ["push", "[create]", "{ push: { branches: ['shipmate/**'] } }", "{ push: { branches: ['**'] } }", "workflow_run",
     "{ pull_request: { branches: ['ma*'] } }", "pull_request_target", "deployment_status", "something_new"],
)  # fmt: skip
def test_a_workflow_that_our_push_sets_off_counts(on: str) -> None:
    assert given(WITH_SECRETS.replace("[push, pull_request]", on)).secrets == ("DEPLOY_KEY", "NPM_TOKEN")


@pytest.mark.parametrize(
    ("before", "after", "also"),
    [
        ("permissions: { contents: read }\n", "", "a token whose rights .github/workflows/ci.yml does not limit"),
        ("{ contents: read }", "write-all", "a token that can write (everything)"),
        ("{ contents: read }", "{ id-token: write, packages: write }", "a token that can write (id-token, packages)"),
        ("{ contents: read }", "[what]", "a token whose rights .github/workflows/ci.yml does not limit"),
        ("ubuntu-latest", "[self-hosted, linux]", "a runner of your own, as far as .github/workflows/ci.yml tells"),
        ("ubuntu-latest", "${{ inputs.where }}", "a runner of your own, as far as .github/workflows/ci.yml tells"),
        ("jobs:", "jobs: [", "whatever .github/workflows/ci.yml gives, which I can't read"),
    ],
)
def test_what_is_given_besides_secrets_is_said(before: str, after: str, also: str) -> None:
    found = given(PLAIN.replace(before, after))
    assert found.also == (also,)
    assert found.risky


def test_a_matrix_of_hosted_runners_is_no_runner_of_the_owners() -> None:
    job = PLAIN.replace("ubuntu-latest", "${{ matrix.os }}\n    strategy: { matrix: { os: [ubuntu-24.04, macos-15] } }")
    assert given(job).also == ()
    assert given(job.replace("macos-15", "mine")).also != ()


def test_all_secrets_of_an_expression_or_of_a_called_workflow_are_all_secrets() -> None:
    assert given(PLAIN + "        env: { ALL: '${{ toJSON(secrets) }}' }\n").secrets == ("*",)
    calling = "on: push\npermissions: {}\njobs:\n  x: { uses: ./.github/workflows/called.yml, secrets: inherit }\n"
    called = PLAIN.replace("[push, pull_request]", "workflow_call")
    found = outside({"scripts/test.sh": "x\n"}, BASE | {CI: calling, ".github/workflows/called.yml": called})
    assert found.secrets == ("*",)
    assert found.because == ("scripts/test.sh is run by .github/workflows/called.yml.",)


def test_an_action_of_the_repositorys_own_is_run_with_all_of_its_folder() -> None:
    using = WITH_SECRETS.replace("run: ./scripts/test.sh", "uses: ./ci/deploy")
    action = {"ci/deploy/action.yml": "runs: { using: node20, main: dist/a.js }", "ci/deploy/dist/a.js": ""}
    base = BASE | {CI: using} | action
    assert outside({"ci/deploy/dist/a.js": "x()\n"}, base).because == (
        "ci/deploy/dist/a.js is run by .github/workflows/ci.yml.",
    )


@pytest.mark.parametrize("path", [".gitlab-ci.yml", ".circleci/config.yml", "Jenkinsfile"])
def test_another_ci_system_counts_as_given(path: str) -> None:
    found = outside({"Makefile": "x:\n"}, {path: text for path, text in BASE.items() if path != CI} | {path: "run: x"})
    assert found.also == (f"whatever {path} gives",)


def test_a_workflow_that_is_built_to_hurt_is_given_and_not_a_crash() -> None:
    deep = "on: push\njobs: " + "[" * 5000
    assert given(deep).also == ("whatever .github/workflows/ci.yml gives, which I can't read",)
    odd = "on: push\njobs: { a: [], b: { steps: x, runs-on: { group: x }, permissions: [a] } }\n"
    assert "a runner of your own" in given(odd).also[-1]
