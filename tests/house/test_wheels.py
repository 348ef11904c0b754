"""The two distributions, built, and installed where nothing of this repository can be seen."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import shipmate
from shipmate.embedded import broker, broker_address
from shipmate.embedded.playground_keys import generate
from tests.house.test_deploy import ROOT
from tests.house.test_roles import answers, given, linked, started, until
from tests.web.test_main import slack

ROOMS = ("bot", "workers", "shipmate")


@dataclass(frozen=True)
class Installed:
    """An environment with the first distribution, and with packages from elsewhere that are not ours."""

    folder: Path
    wheels: dict[str, Path]

    @property
    def python(self) -> str:
        return str(self.folder / "env" / "bin" / "python")

    def run(self, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "env" / "bin" / argv[0]), *argv[1:]]
        return subprocess.run(
            command, cwd=self.folder, env={"PATH": "/usr/bin:/bin", **environ},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def install(self, name: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet", "--no-deps", "--no-index"]
        subprocess.run([*pip, str(self.wheels[name])], check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheels")
    wheels = {}
    for name, source in (("shipmate", ROOT), ("shipmate-playground", ROOT / "playground")):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / name)]
        subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)
        [wheels[name]] = (folder / name).glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True, timeout=120)
    linked(folder / "packages")
    [site] = (folder / "env" / "lib").glob("python3.*/site-packages")
    (site / "others.pth").write_text(f"{folder}/packages\n")
    made = Installed(folder, wheels)
    made.install("shipmate")
    return made


def test_the_first_wheel_answers_without_the_second(installed: Installed) -> None:
    assert installed.run("shipmate", "--version").stdout == f"shipmate {shipmate.__version__}\n"
    assert "Exit codes" in installed.run("shipmate", "--help").stdout
    seen = installed.run("python", "-c", "import bot, workers; print(bot.__file__); import playground")
    assert seen.stdout.startswith(str(installed.folder / "env"))
    assert "No module named 'playground'" in seen.stderr


@pytest.mark.parametrize("verb", [["demo", "--no-open"], ["try", "make the total include tax"], ["playground"]])
def test_what_needs_the_second_wheel_says_how_to_install_it(
    installed: Installed, verb: list[str], tmp_path: Path
) -> None:
    said = installed.run("shipmate", *verb, SHIPMATE_HOME=str(tmp_path / "home"))
    assert said.returncode == 2, said.stderr
    assert "pip install 'shipmate[playground]'" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_bot_of_the_wheel_answers(installed: Installed, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with slack(tmp_path, None) as served:
        environ = {
            **given(tmp_path), "PORT": port, "REDIS_URL": "redis://127.0.0.1:1/0", "SLACK_SIGNING_SECRET": "s",
            "SLACK_BOT_TOKEN": served.config.bot_token, "SLACK_API_URL": f"{served.config.public_url}/api/",
        }  # fmt: skip
        with started(tmp_path, [installed.python, "-m", "bot.main"], environ) as process:
            until(tmp_path, process, lambda: answers(f"http://127.0.0.1:{port}/readyz"))


def test_the_worker_of_the_wheel_is_ready(installed: Installed, tmp_path: Path) -> None:
    home = tmp_path / "home"
    own = subprocess.Popen([sys.executable, "-m", broker.__name__, str(home)], cwd=ROOT, start_new_session=True)
    environ = {
        **given(tmp_path), "REDIS_URL": broker_address.url(home), "SLACK_BOT_TOKEN": "xoxb-1", "ANTHROPIC_API_KEY": "k",
        "GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY": generate(usual_ports=False).github_app_private_key,
    }  # fmt: skip
    ready = home / "run" / "worker-talk.ready"
    try:
        with started(tmp_path, [installed.python, "-m", "workers.main", "--lanes", "talk"], environ) as process:
            until(tmp_path, process, lambda: ready.exists() and ready.read_text() == str(process.pid))
    finally:
        own.terminate()
        own.wait(60)


def test_the_wheels_hold_every_file_of_their_rooms_but_samples(installed: Installed) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *ROOMS, "playground"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = {name for name in listed.stdout.split() if "/samples/" not in name and (ROOT / name).is_file()}
    held = {name for wheel in installed.wheels.values() for name in zipfile.ZipFile(wheel).namelist()}
    assert wanted - held == {"playground/pyproject.toml"}
    assert not [name for name in zipfile.ZipFile(installed.wheels["shipmate"]).namelist() if "playground/" in name]


def test_both_have_one_version_and_the_extra_asks_for_it() -> None:
    first = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    second = tomllib.loads((ROOT / "playground" / "pyproject.toml").read_text())["project"]
    assert first["version"] == second["version"] == shipmate.__version__
    assert f"shipmate-playground=={shipmate.__version__}" in first["optional-dependencies"]["playground"]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    assert {re.split("[<>=]", one)[0] for one in second["dependencies"]} <= locked


def test_messages_name_only_files_that_an_installation_has() -> None:
    absent = re.compile(r"docs/|\.env\.example|shipmate\.example\.toml|slack-manifest|docker-compose|README\.md")
    found = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            tree = ast.parse(path.read_text())
            words = {
                node.value.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in words:
                    found += [f"{path.relative_to(ROOT)}:{node.lineno}"] if absent.search(node.value) else []
    assert found == []
