"""When Shipmate starts a sandbox runner by itself."""

from __future__ import annotations

from pathlib import Path

from shipmate.embedded.defaults import complete
from shipmate.supervise.processes import PlaygroundWishes, all_processes


def processes(home: Path, **environ: str) -> list[str]:
    settings = complete({"SHIPMATE_HOME": str(home), "REDIS_URL": "redis://127.0.0.1:1/0", **environ})
    return [spec.name for spec in all_processes(settings, PlaygroundWishes())]


def test_a_runner_is_started_where_it_is_asked_for_and_none_runs_elsewhere(tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "runner.sock")
    assert "runner" in processes(tmp_path, SHIPMATE_SANDBOX="runner")
    assert "runner" not in processes(tmp_path, SHIPMATE_SANDBOX="runner", SHIPMATE_RUNNER_SOCKET=elsewhere)
    assert "runner" not in processes(tmp_path)


def test_it_is_started_before_the_workers_that_need_it(tmp_path: Path) -> None:
    found = processes(tmp_path, SHIPMATE_SANDBOX="runner")
    assert found.index("runner") < found.index("build")
