"""The doctor, with the stand-ins in the place of the live services, reached as real ones."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.commands.doctor import examine
from bot.doctor import Finding, claude, clock, github, machine, slack, storage
from bot.doctor import broker as broker_check
from bot.doctor.asking import Answer, ask
from bot.embedded import broker
from bot.playground.claude.app import create_app as claude_app
from bot.playground.claude.config import ClaudeStandInConfig
from bot.playground.github.app import create_app as github_app
from bot.playground.github.config import AppIdentity, GitHubStandInConfig, PersonalToken, new_private_key, public_key_of
from bot.playground.github.seed import seed_repository
from bot.playground.seed import TILL_SOURCE
from bot.playground.slack.app import create_app as slack_app
from bot.playground.slack.config import SCOPES, SlackStandInConfig
from bot.settings import Settings, load


@contextmanager
def serving(make: object) -> Iterator[str]:
    """An application on a free port; `make` gets its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(url), log_level="error", lifespan="on"))  # type: ignore[operator]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join(20)


def settings(tmp_path: Path, **environ: str) -> Settings:
    return load({"SHIPMATE_HOME": str(tmp_path / "home"), "SHIPMATE_REPOSITORIES": "acme/till", **environ}, None)


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.subject: finding.level for finding in findings}


def of(findings: list[Finding], subject: str) -> Finding:
    return next(finding for finding in findings if finding.subject == subject)


def slack_stand_in(tmp_path: Path, scopes: frozenset[str] = SCOPES) -> object:
    return lambda url: slack_app(
        SlackStandInConfig(
            state_path=tmp_path / "slack.sqlite3",
            public_url=url,
            bot_token="xoxb-doctor",
            app_token="xapp-doctor",
            scopes=scopes,
        )
    )


def with_slack(tmp_path: Path, url: str, **environ: str) -> Settings:
    given = {"SLACK_API_URL": f"{url}/api/", "SLACK_BOT_TOKEN": "xoxb-doctor", "SLACK_APP_TOKEN": "xapp-doctor"}
    return settings(tmp_path, **{**given, **environ})


def test_slack_is_fine_with_every_scope_and_a_socket(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        found = slack.check(with_slack(tmp_path, url))
    assert set(levels(found).values()) == {"ok"}
    assert {"SLACK_BOT_TOKEN", "Slack scopes", "SLACK_APP_TOKEN", "clock"} <= set(levels(found))


def test_slack_names_missing_scopes_and_says_where_to_add_them(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path, SCOPES - {"reactions:write", "team:read"})) as url:
        found = of(slack.check(with_slack(tmp_path, url)), "Slack scopes")
    assert found.level == "fail"
    assert "reactions:write team:read" in found.says
    assert "reinstall" in found.mend


def test_slack_refuses_a_wrong_token_and_a_wrong_socket_token(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        wrong = slack.check(with_slack(tmp_path, url, SLACK_BOT_TOKEN="xoxb-wrong"))
        half = slack.check(with_slack(tmp_path, url, SLACK_APP_TOKEN="xapp-wrong"))
    assert levels(wrong) == {"SLACK_BOT_TOKEN": "fail"}
    assert "OAuth" in wrong[0].mend
    assert of(half, "SLACK_APP_TOKEN").level == "fail"
    assert "connections:write" in of(half, "SLACK_APP_TOKEN").mend


def test_http_delivery_to_an_address_of_this_machine_is_a_fault(tmp_path: Path) -> None:
    with serving(slack_stand_in(tmp_path)) as url:
        found = slack.check(with_slack(tmp_path, url, SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="s"))
    assert of(found, "PUBLIC_URL").level == "fail"
    assert "SLACK_APP_TOKEN" in of(found, "PUBLIC_URL").mend


KEY = new_private_key()


def github_stand_in(tmp_path: Path, permissions: dict[str, str] | None = None) -> object:
    def make(url: str) -> Starlette:
        more = {"permissions": permissions} if permissions else {}
        config = GitHubStandInConfig(
            root=tmp_path / "github",
            public_url=url,
            tokens=(PersonalToken("ghp_doctor", "ben"), PersonalToken("ghp_guest", "mallory")),
            app=AppIdentity(app_id=12, public_key=public_key_of(KEY), **more),  # type: ignore[arg-type]
            webhook_url="https://shipmate.test/github/webhooks",
            webhook_secret="hush",
        )
        seed_repository(config, "acme/till", TILL_SOURCE)
        return github_app(config)

    return make


def with_app(tmp_path: Path, url: str, **environ: str) -> Settings:
    given = {
        "GITHUB_API_URL": f"{url}/api/v3",
        "GITHUB_SERVER_URL": url,
        "GITHUB_APP_ID": "12",
        "GITHUB_APP_PRIVATE_KEY": KEY,
        "GITHUB_WEBHOOK_SECRET": "hush",
        "PUBLIC_URL": "https://shipmate.test",
    }
    return settings(tmp_path, **{**given, **environ})


def test_a_github_app_with_its_permissions_and_webhook_is_fine(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        found = github.check(with_app(tmp_path, url))
    assert levels(found) == dict.fromkeys(["GITHUB_APP_ID", "clock", "app permissions", "acme/till", "webhook"], "ok")


def test_a_github_app_without_write_permission_is_told_which(tmp_path: Path) -> None:
    few = {"contents": "read", "metadata": "read", "pull_requests": "write", "issues": "write"}
    with serving(github_stand_in(tmp_path, few)) as url:
        found = github.check(with_app(tmp_path, url, PUBLIC_URL="https://elsewhere.test"))
    assert of(found, "app permissions").level == "fail"
    assert "contents: write" in of(found, "app permissions").says
    assert "checks: read" in of(found, "acme/till").says
    assert of(found, "webhook").level == "warn"
    assert "https://elsewhere.test/github/webhooks" in of(found, "webhook").mend


def test_a_github_app_is_told_of_a_repository_it_is_not_installed_for_and_of_a_wrong_key(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        absent = github.check(with_app(tmp_path, url, SHIPMATE_REPOSITORIES="acme/nowhere"))
        wrong = github.check(with_app(tmp_path, url, GITHUB_APP_PRIVATE_KEY=new_private_key()))
        other = github.check(with_app(tmp_path, url, GITHUB_APP_INSTALLATION_ID="1"))
    assert of(absent, "acme/nowhere").level == "fail"
    assert levels(wrong)["GITHUB_APP_PRIVATE_KEY"] == "fail"
    assert "GITHUB_APP_INSTALLATION_ID" in of(other, "acme/till").mend


def test_a_github_token_is_checked_repository_by_repository(tmp_path: Path) -> None:
    with serving(github_stand_in(tmp_path)) as url:
        app = {"GITHUB_APP_ID": "", "GITHUB_APP_PRIVATE_KEY": "", "GITHUB_WEBHOOK_SECRET": ""}
        good = github.check(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_doctor"))
        wrong = github.check(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_wrong"))
        guest = github.check(with_app(tmp_path, url, **app, GITHUB_TOKEN="ghp_guest"))
    assert levels(good) == {"GITHUB_TOKEN": "ok", "clock": "ok", "acme/till": "ok", "GITHUB_WEBHOOK_SECRET": "warn"}
    assert of(wrong, "GITHUB_TOKEN").level == "fail"
    assert of(guest, "acme/till").level == "fail"


def test_claude_names_a_wrong_key_and_an_unknown_model(tmp_path: Path) -> None:
    with serving(lambda _: claude_app(ClaudeStandInConfig(tmp_path / "claude.sqlite3", api_key="right"))) as url:
        good = claude.check(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="right"))
        wrong = claude.check(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="wrong"))
        model = claude.check(
            settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="right", SHIPMATE_MODEL="gone")
        )
    assert levels(good) == {"SHIPMATE_MODEL": "ok", "SHIPMATE_TRIAGE_MODEL": "ok"}
    assert levels(wrong) == {"ANTHROPIC_API_KEY": "fail"}
    assert levels(model) == {"SHIPMATE_MODEL": "fail", "SHIPMATE_TRIAGE_MODEL": "ok"}


def test_a_model_that_ends_is_said_before_it_does(tmp_path: Path) -> None:
    async def describe(request: object) -> JSONResponse:
        return JSONResponse({"lifecycle": "deprecated", "retires_at": "2027-01-31"})

    with serving(lambda _: Starlette(routes=[Route("/v1/models/{name}", describe)])) as url:
        found = claude.check(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k"))
    assert {finding.level for finding in found} == {"warn"}
    assert "2027-01-31" in found[0].says


def test_services_that_nobody_answers_for_are_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = [
            *slack.check(with_slack(tmp_path, url)),
            *github.check(with_app(tmp_path, url)),
            *claude.check(settings(tmp_path, ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="k")),
            *broker_check.check(settings(tmp_path, REDIS_URL=url.replace("http", "redis"))),
            *storage.database(settings(tmp_path, DATABASE_URL=url.replace("http", "postgresql") + "/x")),
        ]
    assert [finding.level for finding in found] == ["fail"] * 5
    assert all(finding.mend for finding in found)


def test_a_clock_that_is_minutes_off_is_a_fault() -> None:
    def at(seconds: float) -> Answer:
        return Answer(200, {"date": formatdate(time.time() + seconds, usegmt=True)}, {})

    assert [clock.skew("Slack", at(by))[0].level for by in (0, 100, -100, 1000)] == ["ok", "warn", "warn", "fail"]
    assert clock.skew("Slack", Answer(200, {}, {})) == []


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
    assert "starts with Shipmate" in broker_check.check(settings(tmp_path))[0].says
    process = subprocess.Popen([sys.executable, "-m", "bot.embedded.broker", str(home)], cwd=Path.cwd())
    try:
        deadline = time.monotonic() + 15
        while not broker.is_alive(home):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        found = broker_check.check(settings(tmp_path))
        assert [finding.level for finding in found] == ["ok", "ok"]
        client = broker_check.connect(settings(tmp_path).storage.redis_url.get_secret_value())
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        client.close()
        assert [finding.level for finding in broker_check.check(settings(tmp_path))] == ["ok", "warn", "warn"]
    finally:
        process.terminate()
        process.wait(10)


def test_a_store_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = storage.artifacts(settings(tmp_path, ARTIFACTS_URL=str(tmp_path / "file" / "below")))
    assert found[0].level == "fail"
    assert storage.artifacts(settings(tmp_path))[0].level == "ok"
    assert storage.database(settings(tmp_path))[0].level == "ok"
    assert storage.disk(settings(tmp_path))[0].subject == "disk"


def test_the_machine_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.git(settings(tmp_path))[0].level == "ok"
    assert machine.sandbox(settings(tmp_path, SHIPMATE_SANDBOX="process"))[0].level == "warn"
    (tmp_path / "empty" / "bin").mkdir(parents=True)
    assert "pytest" in machine.toolbox(settings(tmp_path, SHIPMATE_TOOLBOX=str(tmp_path / "empty")))[0].says
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git(settings(tmp_path))[0].level == "fail"


def test_one_check_that_breaks_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settings) -> list[Finding]:
        raise RuntimeError("oh")

    broken.__module__ = "bot.doctor.slack"
    monkeypatch.setattr(slack, "check", broken)
    found = examine(settings(tmp_path, SHIPMATE_SANDBOX="process"))
    assert of(found, "slack").level == "fail"
    assert of(found, "git").level == "ok"


def test_the_command_prints_json_and_its_exit_code_says_whether_all_is_well(tmp_path: Path) -> None:
    def run(**environ: str) -> tuple[int, dict[str, object]]:
        ran = subprocess.run(
            [sys.executable, "-m", "bot.cli", "doctor", "--json", "--env-file", str(tmp_path / "none")],
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
