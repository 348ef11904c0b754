"""What a runner must not know, and what must not be seen through it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.settings import secret_names
from shipmate.embedded.defaults import complete
from shipmate.supervise.processes import listens, runner_process
from tests.workers.sandbox.runner.running import REPOSITORY, Runner, command, running, serving
from workers.main import _sandbox_holds
from workers.sandbox import Ran, Session
from workers.sandbox.process import ProcessSandbox
from workers.sandbox.runner.environment import suspicious


def python(session: Session, code: str) -> Ran:
    return session.run("python3 -", stdin=code.encode())


def test_the_supervised_runner_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*secret_names(), "AWS_SECRET_ACCESS_KEY", "UNKNOWN_CANARY"):
        monkeypatch.setenv(name, "canary-4801")
    spec = runner_process(complete({"SHIPMATE_HOME": str(tmp_path), "SHIPMATE_SANDBOX": "runner"}))
    assert "canary-4801" not in repr(spec)
    with running(tmp_path, {**spec.env}) as runner:
        assert b"canary-4801" not in Path(f"/proc/{runner.process.pid}/environ").read_bytes()
        assert spec.ready(runner.process.pid)
        assert not spec.ready(runner.process.pid + 1)
    assert listens(tmp_path / "sockets" / "runner.sock") is None


@pytest.mark.parametrize("name", sorted([*secret_names(), "GITHUB_TOKEN_FILE", "AWS_SECRET_ACCESS_KEY", "db_password"]))
def test_every_secret_is_known_by_its_name(name: str) -> None:
    assert suspicious({name: "x", "PATH": "/bin"}) == (name,)
    assert suspicious({name: ""}) == ()


def test_what_an_image_sets_is_no_secret() -> None:
    image = {"PATH", "LANG", "HOSTNAME", "HOME", "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHONUNBUFFERED"}
    ours = {"SHIPMATE_HOME", "SHIPMATE_TOOLBOX", "SHIPMATE_RUNNER_SOCKET"}
    assert suspicious(dict.fromkeys(image | ours, "x")) == ()


def test_a_runner_that_is_given_a_secret_does_not_start(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "ANTHROPIC_API_KEY": "canary-4802"}
    ran = subprocess.run(command(tmp_path), cwd=REPOSITORY, env=environ, capture_output=True, check=False, timeout=60)
    assert ran.returncode == 2
    assert b"ANTHROPIC_API_KEY" in ran.stderr
    assert b"canary-4802" not in ran.stderr
    assert not (tmp_path / "sockets").exists()


def test_nothing_inside_reaches_the_runners_socket(runner: Runner, session: Session) -> None:
    ran = python(
        session,
        f"""
import os, socket, stat
for place in ({str(runner.socket)!r}, "/run/egress.sock", "\\0runner.sock"):
    try:
        link = socket.socket(socket.AF_UNIX)
        link.connect(place)
        print("OPEN", place)
    except OSError:
        print("closed")
for top in ("/run", "/tmp", "/home", "/dev", "/etc", "/var", "/workspace", {str(runner.root)!r}):
    for folder, _, names in os.walk(top):
        for place in (os.path.join(folder, name) for name in names):
            if stat.S_ISSOCK(os.lstat(place).st_mode):
                print("SOCKET", place)
""",
    )
    assert ran.output.split() == ["closed"] * 3


def test_two_sessions_do_not_see_each_other(runner: Runner, tmp_path: Path) -> None:
    box = runner.box()
    one, two = (box.open(runner.place(f"{tmp_path.name}-{name}")) for name in ("one", "two"))
    one.shell("echo canary-4803 >hoard; echo canary-4803 >/tmp/hoard; sleep 31.0625 & export CANARY=canary-4803")
    ran = two.run(
        "ls -a /workspace /tmp; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ls /proc | grep -c '^[0-9]'; "
        f"ls {runner.root} {runner.root}/checkouts; grep -r canary-48 /workspace /tmp /proc/[0-9]*/environ /home"
    )
    one.close()
    two.close()
    assert "hoard" not in ran.output
    assert "canary-4803" not in ran.output
    assert "31.0625" not in ran.output


def test_a_session_cannot_be_reached_with_another_ones_token(runner: Runner, workspace: Path) -> None:
    one, two = runner.box().open(workspace), runner.box().open(workspace)
    assert one._token != two._token
    one.close()
    with pytest.raises(RuntimeError, match="closed"):
        one.run("true")
    assert two.run("echo lives").output == "lives\n"
    two.close()


def test_a_worker_refuses_a_runner_whose_sandboxes_leak(tmp_path: Path, runner: Runner) -> None:
    with serving(tmp_path, ProcessSandbox(tmp_path / "home")) as leaking:  # type: ignore[arg-type] # opens no setups
        leaks = leaking.probe()
        assert any("host file" in leak for leak in leaks)
        assert any("loopback" in leak for leak in leaks)
        assert not _sandbox_holds(leaking)
    assert _sandbox_holds(runner.box())


def test_a_worker_sees_what_its_runner_tells_of_itself(tmp_path: Path) -> None:
    class Honest:
        """A sandbox that knows its leak."""

        def __init__(self, inner: ProcessSandbox) -> None:
            self.open = inner.open

        def open_setup(self, workspace: Path, result: Path, proxy: Path) -> Session:
            raise NotImplementedError

        def probe(self) -> tuple[str, ...]:
            return ("the door is open",)

    with serving(tmp_path, Honest(ProcessSandbox(tmp_path / "home"))) as leaking:
        assert leaking.probe()[0] == "the door is open"
