"""Checks where nobody answers, and of stores and this machine; and the doctor, who runs those of both roles."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.checkup import Diagnosis, clock, slack, storage
from bot.checkup import broker as broker_check
from bot.checkup.https import Response, ask
from bot.store import DiskSpace
from bot.store.disk_space import Left
from shipmate.commands.doctor import _own_broker, look
from shipmate.embedded import broker
from tests.checkup.live import of, of_claude, of_github, of_slack, serving, settings
from tests.workers.sandbox.runner.running import running
from workers.checkup import machine
from workers.checkup.storage import artifacts


def test_services_that_nobody_answers_for_are_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = [
            *of_slack(settings(tmp_path, SLACK_API_URL=url, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")),
            *of_github(settings(tmp_path, GITHUB_API_URL=url, GITHUB_TOKEN="t", GITHUB_WEBHOOK_SECRET="s")),
            *of_claude(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k")),
            *broker_check.check(settings(tmp_path, REDIS_URL=url.replace("http", "redis")).bot),
            *storage.database(settings(tmp_path, DATABASE_URL=url.replace("http", "postgresql") + "/x").bot),
        ]
    assert [diagnosis.level for diagnosis in found] == ["fail"] * 5
    assert all(diagnosis.fix for diagnosis in found)


def test_a_clock_that_is_minutes_off_is_a_fault() -> None:
    def at(seconds: float) -> Response:
        return Response(200, {"date": formatdate(time.time() + seconds, usegmt=True)}, {})

    assert [clock.skew("Slack", at(by))[0].level for by in (0, 100, -100, 1000)] == ["ok", "warn", "warn", "fail"]
    assert clock.skew("Slack", Response(200, {}, {})) == []


def test_a_token_is_not_carried_along_a_redirect() -> None:
    seen: list[str] = []

    async def away(request: object) -> JSONResponse:
        return JSONResponse({}, 302, {"Location": "/target"})

    async def target(request: object) -> JSONResponse:
        seen.append("target")
        return JSONResponse({})

    with serving(lambda _: Starlette(routes=[Route("/", away), Route("/target", target)])) as url:
        assert ask(url, token="secret").status == 302
    assert seen == []


def test_the_broker_is_asked_for_its_policies(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "starts with Shipmate" in _own_broker(settings(tmp_path))[0].says
    process = subprocess.Popen([sys.executable, "-m", "shipmate.embedded.broker", str(home)], cwd=Path.cwd())
    try:
        deadline = time.monotonic() + 60
        while not broker.is_alive(home):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        found = _own_broker(settings(tmp_path))
        assert [diagnosis.level for diagnosis in found] == ["ok", "ok"]
        client = broker_check.connect(settings(tmp_path).bot.storage.redis_url.get_secret_value())
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        client.close()
        assert [diagnosis.level for diagnosis in _own_broker(settings(tmp_path))] == ["ok", "warn", "warn"]
    finally:
        process.terminate()
        process.wait(60)


def test_a_store_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = artifacts(settings(tmp_path, ARTIFACTS_URL=str(tmp_path / "file" / "below")).worker)
    assert found[0].level == "fail"
    assert artifacts(settings(tmp_path).worker)[0].level == "ok"
    assert storage.database(settings(tmp_path).bot)[0].level == "ok"
    assert storage.disk(settings(tmp_path).bot)[0].subject == "disk"


@pytest.mark.parametrize(("free", "level"), [(100_000_000, "fail"), (10**9, "warn"), (10**10, "ok")])
def test_a_disk_without_room_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    monkeypatch.setattr(DiskSpace, "left", lambda _room: Left(tmp_path, free, 200_000_000))
    [found] = storage.disk(settings(tmp_path).bot)
    assert (found.subject, found.level) == ("disk", level)


def test_the_machine_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.git()[0].level == "ok"
    assert machine.sandbox(settings(tmp_path, SHIPMATE_SANDBOX="process").worker)[0].level == "warn"
    (tmp_path / "empty" / "bin").mkdir(parents=True)
    assert "pytest" in machine.toolbox(settings(tmp_path, SHIPMATE_TOOLBOX=str(tmp_path / "empty")).worker)[0].says
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git()[0].level == "fail"


def test_the_doctor_looks_through_the_runner_where_there_is_one(tmp_path: Path) -> None:
    given = settings(tmp_path, SHIPMATE_SANDBOX="runner").worker
    missing = machine.sandbox(given)[0]
    assert missing.level == "fail"
    assert "shipmate runner" in missing.fix
    with running(given.home):
        assert machine.sandbox(given) == [
            Diagnosis(
                "ok",
                "sandbox",
                f"the runner at {given.home}/sockets/runner.sock works, and a probe inside found no leak",
            )
        ]


def test_one_check_that_breaks_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[Diagnosis]:
        raise RuntimeError("oh")

    monkeypatch.setattr(slack, "token", broken)
    found = look(settings(tmp_path, SHIPMATE_SANDBOX="process"))
    assert of(found, "slack").level == "fail"
    assert of(found, "git").level == "ok"


def test_the_command_prints_json_and_its_exit_code_says_whether_all_is_well(tmp_path: Path) -> None:
    def run(**environ: str) -> tuple[int, dict[str, object]]:
        ran = subprocess.run(
            [sys.executable, "-m", "shipmate.cli", "doctor", "--json", "--env-file", "/dev/null"],
            env={"PATH": "/usr/bin:/bin", "SHIPMATE_HOME": str(tmp_path / "home"), **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return ran.returncode, json.loads(ran.stdout)

    code, document = run()
    assert (code, document["ok"]) == (0, True)
    code, document = run(REDIS_URL="redis://127.0.0.1:1/0", SHIPMATE_SANDBOX="process")
    assert (code, document["ok"]) == (1, False)
