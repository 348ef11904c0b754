"""What repository code can and cannot reach from inside."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from workers.sandbox import Limits, Ran
from workers.sandbox import probe as probes
from workers.sandbox.bubblewrap import Bubblewrap, wrap_command
from workers.sandbox.process import ProcessSandbox
from workers.sandbox.seccomp import UnknownArchitecture, assemble
from workers.sandbox.session import BashSession

pytestmark = pytest.mark.attack("breaking out of the sandbox")

TOOLBOX = Path(__file__).resolve().parents[3] / ".toolbox"


def python(session: BashSession, code: str, **kwargs: Any) -> Ran:
    return session.run("python3 -", stdin=code.encode(), **kwargs)


def test_the_probe_finds_no_leak(bubblewrap: Bubblewrap) -> None:
    assert bubblewrap.probe() == ()


def test_a_probe_that_cannot_run_is_a_leak(session: BashSession, tmp_path: Path) -> None:
    class Mute:
        def run(self, *_: object, **__: object) -> Ran:
            return session.run("echo nothing")

    assert "could not run" in probes.look(cast("BashSession", Mute()), tmp_path)[0]


def test_the_probe_sees_what_a_sandbox_without_walls_shows(tmp_path: Path, workspace: Path) -> None:
    open_session = ProcessSandbox(tmp_path).open(workspace)
    leaks = probes.look(open_session, tmp_path)
    open_session.close()
    assert any("host file" in leak for leak in leaks)
    assert any("loopback" in leak for leak in leaks)
    assert any("abstract" in leak for leak in leaks)


def test_nothing_of_our_environment_is_inside(
    bubblewrap: Bubblewrap, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPMATE_CANARY", "canary-4711")
    session = bubblewrap.open(workspace)
    ran = session.run("env; cat /proc/1/environ /proc/self/environ; cat /proc/[0-9]*/environ | tr '\\0' '\\n'")
    session.close()
    assert "PATH=" in ran.output
    assert "canary-4711" not in ran.output


def test_host_files_and_processes_are_invisible(session: BashSession, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary-4712")
    ran = session.run(f"cat {tmp_path}/secret; ls /home /root /var /etc; ls /proc | grep -c '^[0-9]'; ls {os.getcwd()}")
    assert "canary-4712" not in ran.output
    assert "shadow" not in ran.output
    assert "pyproject.toml" not in ran.output


def test_only_the_workspace_and_scratch_folders_are_writable(session: BashSession, workspace: Path) -> None:
    for place in ("/", "/usr", "/etc", "/dev", "/proc/sys/kernel", "/home", "/lib"):
        assert session.run(f"echo x >{place}/x").exit_code != 0, place
    assert session.run("echo a >/workspace/a && echo b >/tmp/b && echo c >~/c && echo d >/dev/shm/d").exit_code == 0
    assert (workspace / "a").read_text() == "a\n"


def test_there_is_no_network(session: BashSession) -> None:
    with socket.socket() as listener, socket.socket(socket.AF_UNIX) as abstract:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        abstract.bind("\0shipmate-test-" + str(os.getpid()))
        abstract.listen()
        ran = python(
            session,
            f"""
import socket
def attempt(name, call):
    try:
        call()
        print(name, "OPEN")
    except OSError as error:
        print(name, "closed")
def connect(family, address):
    s = socket.socket(family, socket.SOCK_STREAM); s.settimeout(1); s.connect(address)
attempt("loopback", lambda: connect(socket.AF_INET, ("127.0.0.1", {listener.getsockname()[1]})))
attempt("tcp", lambda: connect(socket.AF_INET, ("1.1.1.1", 53)))
attempt("metadata", lambda: connect(socket.AF_INET, ("169.254.169.254", 80)))
attempt("abstract", lambda: connect(socket.AF_UNIX, "\\0shipmate-test-{os.getpid()}"))
attempt("dns", lambda: socket.getaddrinfo("example.com", 443))
attempt("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("alg", lambda: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET))
""",
        )
    assert "OPEN" not in ran.output
    assert ran.output.count("closed") == 8


def test_loopback_works_among_the_sandboxes_own_processes(session: BashSession) -> None:
    ran = python(
        session,
        """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b"hi"), daemon=True).start()
print(socket.create_connection(server.getsockname()).recv(2))
""",
    )
    assert ran.output.strip() == "b'hi'"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("unshare", "libc.unshare(0x10000000)"),
        ("mount", "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)"),
        ("ptrace", "libc.ptrace(16, 1, 0, 0)"),
        ("bpf", "libc.syscall(321, 0, 0, 0)"),
        ("io_uring", "libc.syscall(425, 1, 0)"),
        ("keyctl", "libc.syscall(250, 0, 0)"),
        ("userfaultfd", "libc.syscall(323, 0)"),
        ("clone with namespaces", "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)"),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
def test_dangerous_system_calls_are_refused(session: BashSession, name: str, call: str) -> None:
    code = f"import ctypes; libc = ctypes.CDLL(None, use_errno=True); print({call} == -1, ctypes.get_errno())"
    ran = python(session, code)
    assert ran.output.split()[0] == "True", name
    assert ran.output.split()[1] in {"1", "38"}, name


def test_ordinary_programs_still_work(session: BashSession) -> None:
    ran = python(
        session,
        """
import multiprocessing, subprocess, tempfile, threading
def square(x):
    return x * x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, [2, 3]))
    print(subprocess.run(["bash", "-c", "echo child"], capture_output=True, text=True).stdout.strip())
    with tempfile.NamedTemporaryFile() as file:
        print(file.name.startswith("/tmp/"))
    import pwd, os
    print(pwd.getpwuid(os.getuid()).pw_name)
""",
    )
    assert ran.output.split("\n")[:4] == ["[4, 9]", "child", "True", "agent"]


def test_the_toolbox_comes_first_and_is_read_only(session: BashSession) -> None:
    ran = session.run("command -v python node pytest; touch $(dirname $(command -v pytest))/x")
    assert ran.output.count(".toolbox/bin") >= 3
    assert "Read-only" in ran.output


def test_the_filter_is_known_for_two_architectures() -> None:
    assert assemble("x86_64") != assemble("aarch64")
    assert len(assemble("x86_64")) % 8 == 0
    with pytest.raises(UnknownArchitecture, match="riscv64"):
        assemble("riscv64")


def test_every_jump_of_the_filter_lands_inside_it() -> None:
    for machine in ("x86_64", "aarch64"):
        code = assemble(machine)
        count = len(code) // 8
        for at in range(count):
            operation, yes, no, _ = struct.unpack_from("<HBBI", code, at * 8)
            if operation & 7 == 5:
                assert at + 1 + max(yes, no) < count


def test_a_fork_bomb_is_bounded_and_gone_afterwards(bubblewrap: Bubblewrap, workspace: Path) -> None:
    session = bubblewrap.open(workspace)
    ran = python(
        session,
        """
import os, time
children = 0
try:
    while children < 20000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        children += 1
except OSError as error:
    print("stopped at", children, flush=True)
""",
        limits=Limits(wall_seconds=60, processes=256),
    )
    session.close()
    assert "stopped at" in ran.output
    assert int(ran.output.split()[-1]) < 2100


def test_one_file_cannot_outgrow_its_limit(session: BashSession, workspace: Path) -> None:
    session.run("head -c 5000000 /dev/zero >big", limits=Limits(file_bytes=1 << 20))
    assert (workspace / "big").stat().st_size <= 1 << 20


def test_a_command_prefix_gives_the_same_walls(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPMATE_CANARY", "canary-4713")
    (tmp_path / "secret").write_text("canary-4713")
    done = subprocess.run(
        [
            *wrap_command(workspace, TOOLBOX),
            "bash",
            "-c",
            f"pwd; cat {tmp_path}/secret /proc/1/environ; env; echo made >made; "
            "python -c 'import pytest; print(1)'; exit 7",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 7
    assert done.stdout.startswith("/workspace\n")
    assert done.stdout.endswith("1\n")
    assert "canary-4713" not in done.stdout + done.stderr
    assert (workspace / "made").read_text() == "made\n"
