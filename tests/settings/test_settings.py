from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import names, secret_names
from bot.settings.sources import Problem, SettingsInvalid
from shipmate.embedded.defaults import Completed, complete
from shipmate.embedded.playground_keys import generate

PEM = generate(usual_ports=False).github_app_private_key


def read(tmp_path: Path, **environ: str) -> Completed:
    return complete({"SHIPMATE_HOME": str(tmp_path / "home"), **environ})


def wrong(tmp_path: Path, **environ: str) -> dict[str, Problem]:
    with pytest.raises(SettingsInvalid) as caught:
        read(tmp_path, **environ)
    return {problem.name: problem for problem in caught.value.problems}


def test_with_nothing_set_every_service_is_a_stand_in_and_every_store_is_embedded(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.stand_ins == {"slack", "github", "claude"}
    assert settings.embedded_broker
    assert settings.worker.storage.database_url.get_secret_value() == f"sqlite:///{tmp_path}/home/shipmate.db"
    assert settings.worker.storage.artifacts_url.get_secret_value() == f"{tmp_path}/home/artifacts"
    assert settings.worker.rules.repositories == ("acme/till",)
    assert settings.bot.web.public_url == f"http://127.0.0.1:{settings.bot.web.port}"
    assert settings.bot.slack.api_url.endswith("/api/")
    assert settings.worker.github.api_url == f"{settings.worker.github.server_url}/api/v3"
    assert (settings.worker.claude.model, settings.worker.claude.triage_model) == (
        "claude-opus-5-5",
        "claude-haiku-5-5",
    )


def test_every_process_of_a_home_reads_the_same(tmp_path: Path) -> None:
    assert read(tmp_path) == read(tmp_path)


def test_with_only_a_claude_key_the_model_is_real_and_the_rest_is_the_playground(tmp_path: Path) -> None:
    settings = read(tmp_path, ANTHROPIC_API_KEY="sk-ant-1")
    assert settings.stand_ins == {"slack", "github"}
    assert settings.worker.claude.base_url is None
    assert settings.worker.claude.api_key.get_secret_value() == "sk-ant-1"


def test_real_slack_and_github_leave_claude_scripted(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_APP_TOKEN="xapp-1",
        GITHUB_APP_ID="12",
        GITHUB_APP_PRIVATE_KEY=PEM.replace("\n", "\\n"),
        SHIPMATE_REPOSITORIES="acme/app, acme/site",
    )
    assert settings.stand_ins == {"claude"}
    assert settings.bot.slack.app_token is not None
    assert settings.bot.slack.api_url == "https://slack.com/api/"
    assert settings.worker.github.api_url == "https://api.github.com"
    assert settings.worker.github.app_private_key is not None
    assert settings.worker.github.app_private_key.get_secret_value() == PEM
    assert settings.worker.rules.repositories == ("acme/app", "acme/site")


def test_with_everything_real_the_home_is_not_touched(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_SIGNING_SECRET="s",
        GITHUB_TOKEN="ghp_1",
        SHIPMATE_REPOSITORIES="acme/app",
        ANTHROPIC_API_KEY="k",
        REDIS_URL="redis://127.0.0.1/0",
        DATABASE_URL="postgres://u:p@db/shipmate",
        ARTIFACTS_URL="s3://bucket/x",
    )
    assert not settings.stand_ins
    assert settings.bot.slack.app_token is None
    assert settings.worker.storage.database_url.get_secret_value() == "postgresql+psycopg://u:p@db/shipmate"
    assert not (tmp_path / "home").exists()


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    assert read(tmp_path, SLACK_BOT_TOKEN="", ANTHROPIC_API_KEY="  ", PORT="").stand_ins == {
        "slack",
        "github",
        "claude",
    }


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-ant-2\n")
    settings = read(tmp_path, ANTHROPIC_API_KEY_FILE=str(tmp_path / "key"))
    assert settings.worker.claude.api_key.get_secret_value() == "sk-ant-2"


def test_a_secret_file_that_is_missing_empty_or_doubled_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    found = wrong(
        tmp_path,
        ANTHROPIC_API_KEY_FILE=str(tmp_path / "nowhere"),
        GITHUB_TOKEN_FILE=str(tmp_path / "empty"),
        GITHUB_WEBHOOK_SECRET="a",
        GITHUB_WEBHOOK_SECRET_FILE=str(tmp_path / "empty"),
    )
    assert "No such file" in found["ANTHROPIC_API_KEY_FILE"].what
    assert "it is empty" in found["GITHUB_TOKEN_FILE"].what
    assert "both" in found["GITHUB_WEBHOOK_SECRET"].what


def test_the_environment_goes_before_the_env_file_and_strange_names_in_it_are_ignored(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("SHIPMATE_MODEL=from-file\nLOG_LEVEL=debug\nSOMETHING_ELSE=1\n")
    home = {"SHIPMATE_HOME": str(tmp_path / "home")}
    assert complete(home, env_file).worker.claude.model == "from-file"
    assert complete({**home, "SHIPMATE_MODEL": "from-environment"}, env_file).worker.claude.model == "from-environment"
    assert complete(home, env_file).worker.log_level == "DEBUG"


def test_all_problems_are_said_at_once_with_how_to_mend_each(tmp_path: Path) -> None:
    found = wrong(
        tmp_path,
        SLACK_BOT_TOKEN="wrong",
        GITHUB_APP_ID="twelve",
        GITHUB_APP_PRIVATE_KEY="-----BEGIN RSA PRIVATE KEY-----\nMII\n",
        PORT="99999",
        PUBLIC_URL="shipmate.example.com",
        DATABASE_URL="mysql://u@h/x",
        REDIS_URL="http://h",
        ARTIFACTS_URL="ftp://x",
        LOG_LEVEL="loud",
        SHIPMATE_SANDBOX="none",
        SHIPMATE_REPOSITORIES="app",
        SHIPMATE_CONFIG=str(tmp_path / "missing.toml"),
    )
    assert set(found) == {
        "SLACK_BOT_TOKEN",
        "GITHUB_APP_ID",
        "GITHUB_APP_PRIVATE_KEY",
        "PORT",
        "PUBLIC_URL",
        "DATABASE_URL",
        "REDIS_URL",
        "ARTIFACTS_URL",
        "LOG_LEVEL",
        "SHIPMATE_SANDBOX",
        "SHIPMATE_REPOSITORIES",
        "SHIPMATE_CONFIG",
    }
    assert all(problem.what and problem.fix for problem in found.values())
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("environ", "name", "fix"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"),
        ({"GITHUB_APP_ID": "1"}, "GITHUB_APP_PRIVATE_KEY", "both"),
        ({"GITHUB_APP_PRIVATE_KEY": PEM}, "GITHUB_APP_ID", "both"),
        ({"GITHUB_APP_INSTALLATION_ID": "1"}, "GITHUB_APP_ID", "both"),
        ({"GITHUB_TOKEN": "t", "GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": PEM}, "GITHUB_TOKEN", "Keep"),
        ({"GITHUB_TOKEN": "t"}, "SHIPMATE_REPOSITORIES", "owner/name"),
        ({"DATABASE_URL": "postgresql://u:p@host"}, "DATABASE_URL", "postgresql://"),
        ({"DATABASE_URL": "postgresql://u:p@host:x/y"}, "DATABASE_URL", "postgresql://"),
        ({"REDIS_URL": "redis://h:port/0"}, "REDIS_URL", "redis://"),
        ({"PUBLIC_URL": "https://u:p@h"}, "PUBLIC_URL", "https://"),
        (
            {"GITHUB_API_URL": "github.example.com", "GITHUB_TOKEN": "t", "SHIPMATE_REPOSITORIES": "a/b"},
            "GITHUB_API_URL",
            "api/v3",
        ),
        ({"SHIPMATE_LEASE_SECONDS": "0"}, "SHIPMATE_LEASE_SECONDS", "1 to 3600"),
    ],
)
def test_a_half_set_or_malformed_setting_is_named(tmp_path: Path, environ: dict[str, str], name: str, fix: str) -> None:
    found = wrong(tmp_path, **environ)
    assert set(found) == {name}
    assert fix in found[name].fix


def test_a_problem_never_repeats_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(
            tmp_path,
            SLACK_BOT_TOKEN="canary-1",
            GITHUB_APP_PRIVATE_KEY="canary-2",
            DATABASE_URL="mysql://canary-3",
            REDIS_URL="canary-4://x",
        )
    assert "canary" not in str(caught.value).replace("canary-4:// ", "")
    assert "canary" not in repr(read(tmp_path, ANTHROPIC_API_KEY="canary"))


def test_a_url_alone_does_not_make_a_service_real_but_is_noted(tmp_path: Path) -> None:
    settings = read(tmp_path, GITHUB_API_URL="https://github.example.com/api/v3", ANTHROPIC_BASE_URL="https://x.test")
    assert settings.stand_ins == {"slack", "github", "claude"}
    assert len(settings.notes) == 2
    assert settings.worker.github.api_url.startswith("http://127.0.0.1:")


def test_github_enterprise_needs_only_one_of_its_urls(tmp_path: Path) -> None:
    real = {"GITHUB_TOKEN": "t", "SHIPMATE_REPOSITORIES": "acme/app"}
    by_api = read(tmp_path, **real, GITHUB_API_URL="https://ghe.test/api/v3/")
    by_server = read(tmp_path, **real, GITHUB_SERVER_URL="https://ghe.test")
    assert by_api.worker.github == by_server.worker.github
    assert by_api.worker.github.server_url == "https://ghe.test"


def test_damaged_playground_keys_are_said_with_the_file_to_remove(tmp_path: Path) -> None:
    keys = tmp_path / "home" / "playground" / "keys.json"
    keys.parent.mkdir(parents=True)
    keys.write_text("{}")
    assert str(keys) in wrong(tmp_path)["SHIPMATE_HOME"].fix


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsInvalid) as caught:
        complete({"SHIPMATE_HOME": str(tmp_path / "file" / "home")})
    assert [problem.name for problem in caught.value.problems] == ["SHIPMATE_HOME"]


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    settings = read(tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.bot.slack.api_url = "x"


def test_the_command_line_prints_every_problem_and_exits_2(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "shipmate.cli", "migrate"],
        env={"SHIPMATE_HOME": str(tmp_path / "home"), "PORT": "0", "LOG_LEVEL": "loud"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 2
    assert "2 settings are wrong" in run.stderr
    assert "PORT" in run.stderr
    assert "LOG_LEVEL" in run.stderr
    assert "Traceback" not in run.stderr


def test_env_example_and_the_settings_name_the_same() -> None:
    listed = set()
    for line in Path(".env.example").read_text().splitlines():
        name, found, _ = line.removeprefix("#").partition("=")
        if found and name.isupper() and " " not in name:
            listed.add(name)
    assert listed == set(names())


def test_env_example_marks_every_secret_and_nothing_else() -> None:
    lines = Path(".env.example").read_text().splitlines()
    marked, secret = set(), False
    for line in lines:
        name, found, _ = line.removeprefix("#").partition("=")
        if found and name.isupper():
            if secret:
                marked.add(name)
            secret = False
        elif line.startswith("# * "):
            secret = True
    assert marked == secret_names()
