"""Settings with values that were pasted badly, or meant badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings.sources import SettingsInvalid
from shipmate.embedded import broker_address
from shipmate.embedded.defaults import complete

pytestmark = pytest.mark.attack("settings")

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_SIGNING_SECRET": "0123456789abcdef"}
GITHUB = {"GITHUB_TOKEN": "ghp_abc", "SHIPMATE_REPOSITORIES": "acme/app", "GITHUB_WEBHOOK_SECRET": "hush-hush"}
KEYS = {**SLACK, **GITHUB, "ANTHROPIC_API_KEY": "sk-ant-abc"}


def refused(home: Path, **given: str) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        complete({"SHIPMATE_HOME": str(home), **given})
    return str(caught.value)


@pytest.mark.parametrize("name", [name for name in KEYS if name != "SHIPMATE_REPOSITORIES"])
@pytest.mark.parametrize("odd", ["{}\r\nHost: evil.test", "{}\nsecond line", "{}\x1b[2J", "{}\u202e"])
def test_a_key_with_a_line_break_is_named_and_not_repeated(tmp_path: Path, name: str, odd: str) -> None:
    said = refused(tmp_path, **{**KEYS, name: odd.format(KEYS[name])})
    assert name in said
    assert KEYS[name] not in said


def test_a_file_of_two_lines_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first\nsecond\n")
    kept = {name: value for name, value in KEYS.items() if name != "SLACK_SIGNING_SECRET"}
    assert "SLACK_SIGNING_SECRET" in refused(tmp_path, **kept, SLACK_SIGNING_SECRET_FILE=str(tmp_path / "key"))


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_secret_signs_nothing(tmp_path: Path, empty: str) -> None:
    assert "SLACK_BOT_TOKEN" in refused(tmp_path, **{**KEYS, "SLACK_SIGNING_SECRET": empty})
    read = complete({"SHIPMATE_HOME": str(tmp_path), **KEYS, "GITHUB_WEBHOOK_SECRET": empty})
    assert read.bot.web.webhook_secret is None


@pytest.mark.parametrize(
    "address", ["javascript:x", "file:///etc/passwd", "https://u:p@x.test", "https://x.test/?a", "//x"]
)
@pytest.mark.parametrize("name", ["SLACK_API_URL", "GITHUB_API_URL", "ANTHROPIC_BASE_URL"])
def test_an_address_that_is_no_web_address_is_refused(tmp_path: Path, name: str, address: str) -> None:
    said = refused(tmp_path, **KEYS, **{name: address})
    assert name in said
    assert "u:p" not in said


@pytest.mark.parametrize("file", ["/dev/zero", "/proc/self/mem", "/", "/nowhere/at/all"])
def test_a_secret_file_that_is_none_is_named_and_read_no_further(tmp_path: Path, file: str) -> None:
    kept = {name: value for name, value in KEYS.items() if name != "GITHUB_TOKEN"}
    assert "GITHUB_TOKEN_FILE" in refused(tmp_path, **kept, GITHUB_TOKEN_FILE=file)


def test_a_home_with_everything_in_its_name_works(tmp_path: Path) -> None:
    home = tmp_path / 'o\'ne "x" $(id) `id` ü ; #'
    read = complete({"SHIPMATE_HOME": str(home)})
    assert home.is_dir()
    assert home.stat().st_mode & 0o077 == 0
    assert read.bot.slack.api_url.startswith("http://127.0.0.1:")


def test_a_folder_that_is_there_already_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    complete({"SHIPMATE_HOME": str(tmp_path)})
    broker_address.prepare_socket_folder(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "playground" / "keys.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["what?", "two\nlines", "\u202e"])
def test_a_home_that_no_address_can_hold_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    assert "SHIPMATE_HOME" in refused(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_somebody_elses_link_in_a_shared_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, shared = tmp_path / "victim", tmp_path / "shared"
    victim.mkdir(mode=0o755)
    shared.mkdir()
    monkeypatch.setattr(broker_address, "socket_path", lambda home: shared / "shipmate-x" / "valkey.sock")
    (shared / "shipmate-x").symlink_to(victim)
    with pytest.raises(PermissionError):
        broker_address.prepare_socket_folder(tmp_path / "home")
    assert victim.stat().st_mode & 0o777 == 0o755
