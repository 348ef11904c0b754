"""A role reads its own settings, and complains about no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import ROLES, BotSettings, Role, Settings, WorkerSettings, load, names, secret_names
from bot.settings.secret import configured
from bot.settings.sources import SettingsInvalid
from shipmate.embedded.defaults import complete

STORES = {"REDIS_URL": "redis://cache/0", "DATABASE_URL": "postgresql://u:p@db/shipmate"}
BOTH = {**STORES, "SLACK_BOT_TOKEN": "xoxb-1", "SHIPMATE_REPOSITORIES": "acme/app"}
OWN: dict[type[Role], dict[str, str]] = {
    BotSettings: {**BOTH, "SLACK_SIGNING_SECRET": "s", "GITHUB_WEBHOOK_SECRET": "w", "PORT": "8031"},
    WorkerSettings: {**BOTH, "GITHUB_TOKEN": "ghp_1", "ANTHROPIC_API_KEY": "sk-ant-1", "SHIPMATE_SANDBOX": "runner"},
}
OTHERS = {
    BotSettings: {"GITHUB_TOKEN", "GITHUB_APP_PRIVATE_KEY", "ANTHROPIC_API_KEY", "ARTIFACTS_URL"},
    WorkerSettings: {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "GITHUB_WEBHOOK_SECRET"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_starts_with_its_own_settings_alone(role: type[Role]) -> None:
    assert load(role, OWN[role]).rules.repositories == ("acme/app",)
    assert not set(names(role)) & OTHERS[role]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_looks_at_no_setting_of_another_however_wrong_it_is(role: type[Role], tmp_path: Path) -> None:
    wrong = dict.fromkeys(set(names()) - set(names(role)), "\n wrong\x00")
    files = {f"{name}_FILE": str(tmp_path / "nowhere") for name in secret_names() - secret_names(role)}
    assert load(role, {**wrong, **files, **OWN[role]}) == load(role, OWN[role])


def test_what_is_missing_is_said_by_the_role_that_needs_it() -> None:
    def missing(role: type[Settings], **environ: str) -> set[str]:
        with pytest.raises(SettingsInvalid) as caught:
            load(role, environ)
        assert all(problem.missing for problem in caught.value.problems)
        return {problem.name for problem in caught.value.problems}

    both = {"SLACK_BOT_TOKEN", "REDIS_URL", "DATABASE_URL", "SHIPMATE_REPOSITORIES"}
    assert missing(BotSettings) == both
    assert missing(WorkerSettings) == both | {"GITHUB_TOKEN", "ANTHROPIC_API_KEY"}
    with pytest.raises(SettingsInvalid, match=r"REDIS_URL: is not set\n.*`shipmate up` starts one of its own"):
        load(BotSettings, {})


def test_the_operators_tables_for_workers_are_nothing_to_the_bot(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('repositories = ["acme/app"]\n[setup]\nhsots = []\n[budget]\nturns = 7\n')
    given = {"SHIPMATE_CONFIG": str(file), "SHIPMATE_REPOSITORIES": ""}
    assert load(BotSettings, {**OWN[BotSettings], **given}).rules.max_turns == 7
    with pytest.raises(SettingsInvalid, match="hsots"):
        load(WorkerSettings, {**OWN[WorkerSettings], **given})


def test_a_process_is_handed_the_settings_of_its_role_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    given = {"SHIPMATE_HOME": str(tmp_path), "ANTHROPIC_API_KEY_FILE": str(tmp_path / "secret"), "TZ": "UTC"}
    whole = complete(given)
    for role in ROLES:
        handed = whole.of(role)
        assert handed["TZ"] == "UTC"
        assert not {name.removesuffix("_FILE") for name in handed} & (set(names()) - set(names(role)))
        assert load(role, handed) == load(role, whole.environ)
    assert "from-a-file" not in whole.of(WorkerSettings).values(), "a secret in a file stays in it"
    bot = set(configured(whole.bot))
    assert whole.worker.claude.api_key.get_secret_value() not in bot


def test_a_bot_alone_with_the_real_slack_takes_no_service_for_a_stand_in(tmp_path: Path) -> None:
    given = {"SHIPMATE_HOME": str(tmp_path), **OWN[BotSettings]}
    assert complete(given, None, [BotSettings]).stand_ins == frozenset()
    assert complete({"SHIPMATE_HOME": str(tmp_path)}, None, [BotSettings]).stand_ins == {"slack", "github", "claude"}
    assert complete({"SHIPMATE_HOME": str(tmp_path), **BOTH}, None, [WorkerSettings]).stand_ins == {"github", "claude"}
