"""A sandbox that root starts has root's number outside: what belongs to the host's root must be closed all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.sandbox.session import BashSession

pytestmark = pytest.mark.attack("breaking out of the sandbox")

SETTINGS = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/randomize_va_space",
    "/proc/sys/fs/suid_dumpable",
    "/proc/sys/vm/overcommit_memory",
)
WRITABLE = r"""
import os, stat
for top in ("sys", "fs", "acpi", "driver", "tty", "scsi", "asound", "irq", "bus"):
    for folder, _, names in os.walk(f"/proc/{top}"):
        for name in names:
            place = f"{folder}/{name}"
            try:
                if stat.S_ISREG(os.lstat(place).st_mode):
                    os.close(os.open(place, os.O_WRONLY | os.O_NONBLOCK))
                    print(place)
            except OSError:
                pass
print("looked")
"""


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_of_the_kernel_is_read_and_never_written(session: BashSession, setting: str) -> None:
    before = Path(setting).read_text(encoding="utf-8")
    same = session.run(f"cat {setting} && cat {setting} > /tmp/same && cat /tmp/same > {setting}")  # the value it has
    assert before.strip() in same.output
    assert same.exit_code != 0, same.output
    assert Path(setting).read_text(encoding="utf-8") == before


def test_no_file_of_the_kernel_opens_for_writing(session: BashSession) -> None:
    assert session.run("python3 -I -", stdin=WRITABLE.encode()).output.split() == ["looked"]


def test_the_keys_of_the_hosts_services_are_not_shown(session: BashSession) -> None:
    shown = session.run("ls /etc/ssl").output.split()
    assert set(shown) <= {"certs", "cert.pem", "openssl.cnf"}
    assert not os.path.exists("/etc/ssl/certs") or "certs" in shown


@pytest.mark.parametrize("limit", ["nofile=1:1", "as=1000:1000", "fsize=0:0", "stack=1:1"])
def test_limits_of_process_one_are_read_and_never_set(session: BashSession, limit: str) -> None:
    assert session.run("prlimit --pid 1 --nofile").exit_code == 0
    assert session.run(f"prlimit --pid 1 --{limit}").exit_code != 0
    assert session.run(f"prlimit --pid $PPID --{limit}").exit_code != 0
    assert session.run("echo served").output == "served\n"


def test_a_process_still_lowers_its_own_limits(session: BashSession) -> None:
    ran = session.run("ulimit -n 100; prlimit --nofile=90:90 bash -c 'ulimit -n'; ulimit -n")
    assert ran.output.split() == ["90", "100"]


def test_only_local_sockets_are_made_in_pairs(session: BashSession) -> None:
    code = """
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
fds = (ctypes.c_int * 2)()
for family in range(46):
    if libc.socketpair(family, socket.SOCK_STREAM, 0, fds) == 0 or ctypes.get_errno() != 97:
        print(family)
"""
    assert session.run("python3 -I -", stdin=code.encode()).output.split() == ["1"]
