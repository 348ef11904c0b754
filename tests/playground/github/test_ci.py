"""The small CI: it really runs what a workflow says."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from pathlib import Path

import pytest
import requests

from .conftest import REPO, TOKENS, Running, Start

WORKFLOW = """\
name: CI
on:
  push:
    branches: [main]
  pull_request:
jobs:
  test:
    name: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Run the tests
        run: |
          mkdir -p reports dist
          cat > reports/junit.xml <<'XML'
          <testsuites><testsuite name="s"><testcase name="adds"/><testcase name="taxes"/></testsuite></testsuites>
          XML
          echo "sha $GITHUB_SHA"
          echo "<h1>Shop</h1>" > dist/index.html
          env | sort
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: reports
      - uses: shipmate-playground/deploy-preview@v1
        with:
          path: dist
"""


def with_workflow(source: Path, text: str = WORKFLOW) -> None:
    (source / ".github" / "workflows").mkdir(parents=True)
    (source / ".github" / "workflows" / "ci.yml").write_text(text)


def pull_with_ci(hub: Running, seconds: float = 30) -> str:
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "# Shop, fixed\n"})
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    hub.desk.wait_for_ci(REPO, sha, seconds)
    return sha


def test_a_pull_request_gets_check_runs_artifacts_and_a_preview_that_is_served(start: Start, source: Path) -> None:
    with_workflow(source)
    hub = start()
    commit = hub.repo().get_commit(pull_with_ci(hub))
    [run] = commit.get_check_runs()
    assert (run.name, run.status, run.conclusion, run.app.slug) == ("test", "completed", "success", "github-actions")
    assert run.output.title == "2 passed, 0 failed"
    workflow_run = next(iter(hub.repo().get_workflow_runs(head_sha=commit.sha)))
    [artifact] = workflow_run.get_artifacts()
    headers = {"Authorization": f"token {TOKENS['bot']}"}
    sent_on = requests.get(artifact.archive_download_url, headers=headers, allow_redirects=False, timeout=60)
    assert sent_on.status_code == 302
    archive = zipfile.ZipFile(io.BytesIO(requests.get(sent_on.headers["location"], timeout=60).content))
    assert archive.namelist() == ["junit.xml"]
    [deployment] = hub.repo().get_deployments(sha=commit.sha)
    url = deployment.get_statuses()[0].environment_url
    with urllib.request.urlopen(url) as page:
        assert page.read() == b"<h1>Shop</h1>\n"
        assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_nothing_of_our_environment_reaches_a_step(
    start: Start, source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHIPMATE_CANARY", "canary-7f3")
    with_workflow(source)
    hub = start()
    pull_with_ci(hub)
    logs = "".join(path.read_text() for path in hub.config.root.glob("logs/*.txt"))
    assert "GITHUB_SHA=" in logs
    assert "canary-7f3" not in logs


def test_a_failing_step_is_a_failed_check_and_later_steps_are_skipped(start: Start, source: Path) -> None:
    with_workflow(source, WORKFLOW.replace("env | sort", "exit 3"))
    hub = start()
    sha = pull_with_ci(hub)
    [run] = hub.repo().get_commit(sha).get_check_runs()
    assert run.conclusion == "failure"
    [job] = next(iter(hub.repo().get_workflow_runs(head_sha=sha))).jobs()
    assert [step.conclusion for step in job.steps] == ["success", "failure", "success", "skipped"]
    assert list(hub.repo().get_deployments(sha=sha)) == []


def test_a_workflow_outside_the_subset_is_refused_with_its_line(start: Start, source: Path) -> None:
    with_workflow(source, WORKFLOW.replace("    runs-on: ubuntu-latest\n", "    strategy:\n      matrix: {a: b}\n"))
    hub = start()
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    [run] = hub.desk.wait_for_ci(REPO, sha)
    assert run["conclusion"] == "failure"
    assert "line 9" in run["output"]["summary"] or "line 10" in run["output"]["summary"]


def test_a_job_that_a_restart_cut_off_runs_again(start: Start, source: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    waiting = f"until test -e {gate}; do echo waiting; sleep 0.05; done"
    with_workflow(source, WORKFLOW.replace("env | sort", waiting))
    hub = start()
    sha = hub.desk.push_commit(REPO, "fix", {"README.md": "x"})
    hub.repo().create_pull(base="main", head="fix", title="Fix", body="")
    hub.desk.wait_for(lambda: any(run["status"] == "in_progress" for run in hub.desk.check_runs(REPO, sha)))
    hub.stop()
    gate.touch()
    hub.start()
    [run] = hub.desk.wait_for_ci(REPO, sha)
    assert run["conclusion"] == "success"


def test_what_wraps_the_commands_stands_in_front_and_gets_no_environment(start: Start, source: Path) -> None:
    with_workflow(source)
    hub = start(ci_wrap=("env", "-C", "{workdir}", "WRAPPED=yes"))
    sha = pull_with_ci(hub)
    log = next(hub.config.root.glob("logs/*.txt")).read_text()
    assert "WRAPPED=yes" in log
    assert hub.desk.check_runs(REPO, sha)[0]["conclusion"] == "success"
    known = ("GITHUB_", "WRAPPED=", "CI=", "LANG=", "PATH=", "PWD=", "SHLVL=", "RUNNER_OS=", "_=", "OLDPWD=")
    printed = log.split("$ env | sort")[1].split("##[group]")[0].splitlines()
    assert [line for line in printed if "=" in line and not line.startswith(known)] == []


def test_a_later_job_waits_for_the_one_it_needs(start: Start, source: Path) -> None:
    second = "  after:\n    needs: test\n    steps:\n      - run: echo after\n"
    with_workflow(source, WORKFLOW.replace("env | sort", "exit 1") + second)
    hub = start()
    sha = pull_with_ci(hub)
    runs = {run["name"]: run["conclusion"] for run in hub.desk.wait_for_ci(REPO, sha)}
    assert runs == {"test": "failure", "after": "skipped"}


def test_a_step_hands_variables_and_a_summary_to_what_follows(start: Start, source: Path) -> None:
    script = 'echo "COLOUR=green" >> "$GITHUB_ENV"; echo "**All good**" >> "$GITHUB_STEP_SUMMARY"'
    text = WORKFLOW.replace("env | sort", script) + "      - run: echo colour $COLOUR\n"
    with_workflow(source, text)
    hub = start()
    sha = pull_with_ci(hub)
    assert "**All good**" in hub.desk.check_runs(REPO, sha)[0]["output"]["summary"]
    assert "colour green" in next(hub.config.root.glob("logs/*.txt")).read_text()


def test_a_workflow_given_for_a_repository_replaces_its_own(start: Start, source: Path) -> None:
    hub = start()
    hub.desk.protect(REPO, workflow="on: pull_request\njobs:\n  checks:\n    steps:\n      - run: true\n")
    sha = pull_with_ci(hub)
    assert [run["name"] for run in hub.desk.check_runs(REPO, sha)] == ["checks"]


def test_a_step_that_runs_too_long_is_ended_with_everything_it_started(start: Start, source: Path) -> None:
    with_workflow(source, WORKFLOW.replace("env | sort", "sleep 60 & echo child $! ; wait"))
    hub = start(ci_seconds=1.0)
    sha = pull_with_ci(hub)
    [run] = hub.repo().get_commit(sha).get_check_runs()
    assert run.conclusion == "timed_out"
    log = next(hub.config.root.glob("logs/*.txt")).read_text()
    child = int(log.split("child ")[-1].split()[0])
    hub.desk.wait_for(lambda: _is_gone(child))


def _is_gone(process: int) -> bool:
    try:
        return not Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return True
