"""A sandbox that root starts has root's number outside: what belongs to the host's root must be closed all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
def test_a_setting_of_the_kernel_is_read_and_never_written(session, setting):
    before = Path(setting).read_text(encoding="utf-8")
    same = session.run(f"cat {setting} && cat {setting} > /tmp/same && cat /tmp/same > {setting}")  # the value it has
    assert before.strip() in same.output
    assert same.exit_code != 0, same.output
    assert Path(setting).read_text(encoding="utf-8") == before


def test_no_file_of_the_kernel_opens_for_writing(session):
    assert session.run("python3 -I -", stdin=WRITABLE.encode()).output.split() == ["looked"]


def test_the_keys_of_the_hosts_services_are_not_shown(session):
    shown = session.run("ls /etc/ssl").output.split()
    assert set(shown) <= {"certs", "cert.pem", "openssl.cnf"}
    assert not os.path.exists("/etc/ssl/certs") or "certs" in shown
