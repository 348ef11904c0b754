"""The processes of worker and runner as their containers start them: that user, that environment, no capability."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.workers.sandbox.runner.running import REPOSITORY, until
from workers.sandbox.runner.client import RunnerGone, ask, reached
from workers.sandbox.runner.messages import Ping

SERVICES = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
PYTHON = "/usr/bin/python3"
AS_USER = (
    "setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
    "--bounding-set=-all",
)  # fmt: skip
PACKAGES = next(iter((REPOSITORY / ".venv" / "lib").glob("python3.*/site-packages")), Path("/nowhere"))


def _can_be_tried() -> bool:
    """Only root becomes somebody else, and that user needs a Python that fits our packages, and to read them and us."""
    if os.geteuid() or not shutil.which("setpriv") or not Path(PYTHON).exists():
        return False
    places = (REPOSITORY / "bot", PACKAGES)
    if any(subprocess.run([*AS_USER, "test", "-x", str(one)], check=False).returncode for one in places):
        return False
    said = subprocess.run([PYTHON, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False)
    return said.stdout.decode().strip() == f"({PACKAGES.parent.name.removeprefix('python').replace('.', ', ')})"


pytestmark = pytest.mark.skipif(
    not _can_be_tried(), reason="needs root, setpriv, the system's own Python, a checkout for all to read"
)


class Host:
    """A folder that both containers see as their home, and their processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.socket = home / "sockets" / "runner.sock"

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """What the compose file sets for a service and the image for all, with this folder for the container's."""
        given = {key: str(value) for key, value in SERVICES[service].get("environment", {}).items()}
        given = {key: value.replace("/var/lib/shipmate", str(self.home)) for key, value in given.items()}
        image = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/var/lib/shipmate", "HOSTNAME": "0f"}
        image |= {"SHIPMATE_TOOLBOX": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        return {**image, "PYTHONPATH": f"{REPOSITORY}:{PACKAGES}", **given, **more}

    def start(self, service: str, **more: str) -> subprocess.Popen[bytes]:
        argv = [
            PYTHON,
            *(part.replace("/var/lib/shipmate", str(self.home)) for part in SERVICES[service]["command"][1:]),
        ]
        return subprocess.Popen(
            [*AS_USER, *argv], env=self.environment(service, **more), cwd=self.home, stderr=subprocess.PIPE
        )

    def worker_runs(self, code: str) -> str:
        """What Python code of ours prints in the worker's place."""
        done = subprocess.run(
            [*AS_USER, PYTHON, "-c", code],
            env=self.environment("worker", ANTHROPIC_API_KEY="canary-4901"),
            cwd=self.home, capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def host() -> Iterator[Host]:
    top = Path(tempfile.mkdtemp(prefix="containers-", dir="/var/tmp"))  # pytest's own folders are closed to others
    top.chmod(0o755)
    home = top / "home"
    for place in (home, *(home / name for name in ("mirrors", "bases", "checkouts", "deps", "sockets"))):
        place.mkdir(mode=0o700)
        os.chown(place, 10001, 10001)
    yield Host(home)
    shutil.rmtree(top)


@pytest.fixture
def runner(host: Host) -> Iterator[subprocess.Popen[bytes]]:
    started = host.start("runner")
    try:
        assert until(lambda: host.socket.exists() or started.poll() is not None, 60)
        yield started
    finally:
        started.terminate()
        started.communicate(timeout=30)


def test_an_unprivileged_worker_works_through_an_unprivileged_runner(
    host: Host, runner: subprocess.Popen[bytes]
) -> None:
    status = Path(f"/proc/{runner.pid}/status").read_text()
    assert "Uid:\t10001\t10001\t10001\t10001" in status
    assert "CapBnd:\t0000000000000000" in status
    assert b"canary-4901" not in Path(f"/proc/{runner.pid}/environ").read_bytes()
    place = host.home / "checkouts" / "c1" / "1"
    code = f"""
from pathlib import Path
from workers.sandbox.runner.box import RunnerSandbox
box = RunnerSandbox(Path({str(host.home)!r}), Path({str(host.socket)!r}))
print(box.probe())
Path({str(place)!r}).mkdir(parents=True)
session = box.open(Path({str(place)!r}))
look = "grep -r canary-49 /proc/[0-9]*/environ 2>/dev/null"
print(session.run("id -u; umask 077; mkdir deep; echo kept >deep/file; " + look).output)
session.close()
print(Path({str(place)!r}, "deep/file").read_text())
"""
    assert host.worker_runs(code).split() == ["()", "1000", "kept"]


def test_nobody_else_may_connect_not_even_root(host: Host, runner: subprocess.Popen[bytes]) -> None:
    line = reached(host.socket)
    with pytest.raises(RunnerGone):
        ask(line, Ping())
    line.close()
    check = str(REPOSITORY / "deploy" / "healthcheck")
    healthy = subprocess.run([*AS_USER, PYTHON, check, str(host.socket)], capture_output=True, check=False, timeout=30)
    assert healthy.returncode == 0
    stranger = [word.replace("10001", "10002") for word in AS_USER]
    refused = subprocess.run([*stranger, PYTHON, check, str(host.socket)], capture_output=True, check=False, timeout=30)
    assert refused.returncode != 0


def test_a_secret_that_slips_into_the_runners_container_stops_it(host: Host) -> None:
    started = host.start("runner", SLACK_BOT_TOKEN="canary-4902")
    _, said = started.communicate(timeout=60)
    assert started.returncode == 2
    assert b"SLACK_BOT_TOKEN" in said
    assert b"canary-4902" not in said
    assert not host.socket.exists()


def test_the_health_of_a_runner_that_is_gone_is_bad(host: Host, runner: subprocess.Popen[bytes]) -> None:
    runner.kill()
    runner.wait()
    check = [*AS_USER, PYTHON, str(REPOSITORY / "deploy" / "healthcheck"), str(host.socket)]
    assert subprocess.run(check, capture_output=True, check=False, timeout=30).returncode != 0
