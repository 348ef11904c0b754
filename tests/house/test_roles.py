"""Each role, started from what its image holds and nothing else, with its own settings and no others."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.settings import BotSettings, Settings, WorkerSettings, names
from shipmate.embedded import broker, broker_address
from shipmate.embedded.playground_keys import generate
from tests.house.test_deploy import ROOT, stages
from tests.web.test_main import slack
from workers.sandbox.runner.client import RunnerGone, ask, reached
from workers.sandbox.runner.messages import Ping

PACKAGES = next((ROOT / ".venv" / "lib").glob("python3.*/site-packages"))
SECRETS = {
    "SLACK_SIGNING_SECRET",
    "GITHUB_WEBHOOK_SECRET",
    "GITHUB_TOKEN",
    "GITHUB_APP_PRIVATE_KEY",
    "ANTHROPIC_API_KEY",
}


def image(target: str, place: Path) -> Path:
    """Copy the rooms that a target of the Dockerfile copies, beside the installed packages."""
    for line in stages()[target].splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            source, to = line.split()[1:]
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
            (place / to).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / source, place / to)
    if "--from=packages" in stages()[target]:
        linked(place / "packages")
    return place


def linked(folder: Path) -> None:
    """Make a folder of every installed package, without the path file that leads to this repository."""
    folder.mkdir()
    for one in PACKAGES.iterdir():
        if not one.name.startswith("shipmate"):
            (folder / one.name).symlink_to(one)


@contextmanager
def started(place: Path, argv: Sequence[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in `place` with these variables and the PATH alone; it ends with the context."""
    env = {"PATH": os.environ["PATH"], **environ}
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(argv, env=env, cwd=place, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def alone(place: Path, *module: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of the copied rooms by a Python that sees these and their packages alone."""
    path = {"PYTHONPATH": f"{place}:{place}/packages"}
    with started(place, [sys.executable, "-S", "-m", *module], {**environ, **path}) as process:
        yield process


def until(place: Path, process: subprocess.Popen[bytes], fact: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not fact():
        assert process.poll() is None, (place / "log").read_text()
        assert time.monotonic() < deadline, (place / "log").read_text()
        time.sleep(0.05)


def given(tmp_path: Path) -> dict[str, str]:
    return {
        "SHIPMATE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/shipmate.db",
        "SHIPMATE_REPOSITORIES": "acme/till",
    }


def own_alone(role: type[Settings], environ: Mapping[str, str]) -> None:
    assert set(environ) <= set(names(role))
    assert not (SECRETS - set(names(role))) & set(environ)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return int(answer.status) == 200
    except (OSError, urllib.error.HTTPError):
        return False


def test_the_bot_answers_from_its_room_with_its_settings(tmp_path: Path) -> None:
    place = image("bot", tmp_path / "image")
    assert {one.name for one in place.iterdir()} == {"bot", "packages"}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with slack(tmp_path, None) as served:
        environ = {
            **given(tmp_path), "PORT": port, "REDIS_URL": "redis://127.0.0.1:1/0",
            "SLACK_BOT_TOKEN": served.config.bot_token, "SLACK_SIGNING_SECRET": "s",
            "SLACK_API_URL": f"{served.config.public_url}/api/",
        }  # fmt: skip
        own_alone(BotSettings, environ)
        with alone(place, "bot.main", **environ) as process:
            until(place, process, lambda: answers(f"http://127.0.0.1:{port}/readyz"))


def test_the_worker_is_ready_from_its_rooms_with_its_settings(tmp_path: Path) -> None:
    place = image("worker", tmp_path / "image")
    assert {one.name for one in place.iterdir()} == {"bot", "workers", "packages"}
    home = tmp_path / "home"
    own = subprocess.Popen([sys.executable, "-m", broker.__name__, str(home)], cwd=ROOT, start_new_session=True)
    keys = generate(usual_ports=False)
    environ = {
        **given(tmp_path), "REDIS_URL": broker_address.url(home), "SLACK_BOT_TOKEN": "xoxb-1", "ANTHROPIC_API_KEY": "k",
        "GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY": keys.github_app_private_key,
    }  # fmt: skip
    own_alone(WorkerSettings, environ)
    ready = home / "run" / "worker-build-talk.ready"
    try:
        with alone(place, "workers.main", **environ) as process:
            until(place, process, lambda: ready.exists() and ready.read_text() == str(process.pid))
    finally:
        own.terminate()
        own.wait(60)


def test_the_runner_answers_from_its_rooms_without_any_setting(tmp_path: Path) -> None:
    place = image("runner", tmp_path / "image")
    assert {one.name for one in (place / "workers").iterdir()} == {"__init__.py", "egress", "sandbox", "workspace"}
    root = tmp_path / "home"

    def alive() -> bool:
        try:
            link = reached(root / "sockets" / "runner.sock")
        except RunnerGone:
            return False
        with closing(link):
            return ask(link, Ping()) is not None

    with alone(place, "workers.sandbox.runner", "--root", str(root)) as process:
        until(place, process, alive)


@pytest.mark.parametrize(("target", "module"), [("bot", "bot.checkup"), ("worker", "workers.checkup")])
def test_a_role_checks_itself_from_its_rooms_and_names_what_is_missing(
    target: str, module: str, tmp_path: Path
) -> None:
    place = image(target, tmp_path / "image")
    with alone(place, module) as process:
        assert process.wait(60) == 2
    said = (place / "log").read_text()
    assert "REDIS_URL: is not set" in said
    assert ("ANTHROPIC_API_KEY" in said, "GITHUB_TOKEN" in said) == ((target == "worker"),) * 2
    assert "Traceback" not in said
