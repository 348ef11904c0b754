"""The part of the probe that runs inside the sandbox, given to its Python on stdin.

Law: standard library only, and it imports nothing of ours: our code does not exist inside.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import json
import os
import socket
import sys


def reachable(family: int, address: object) -> bool:
    """Return whether a stream socket of `family` connects to `address`."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.5)
            probe.connect(address)  # type: ignore[arg-type] # addresses differ by family
            return True
    except OSError:
        return False


def environments(canary: bytes) -> list[str]:
    """Return processes whose environment shows the canary."""
    found = []
    for place in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(place, "rb") as file:
                if canary in file.read():
                    found.append(f"our environment is readable in {place}")
        except OSError:
            continue
    return found


def main() -> None:
    """Print a JSON list of leaks as the last line."""
    asked = json.loads(sys.argv[1])
    leaks = environments(asked["canary"].encode())
    if asked["canary"] in repr(dict(os.environ)):
        leaks.append("our environment was inherited")
    leaks += [f"a host file is visible: {os.path.basename(place)}" for place in asked["files"] if os.path.exists(place)]
    if reachable(socket.AF_INET, ("127.0.0.1", asked["port"])):
        leaks.append("a port of the host's loopback answers")
    if reachable(socket.AF_UNIX, "\0" + asked["abstract"]):
        leaks.append("an abstract socket of the host answers")
    if any(name != "lo" for _, name in socket.if_nameindex()):
        leaks.append("there is a network interface besides loopback")
    for address in (("169.254.169.254", 80), ("1.1.1.1", 53)):
        if reachable(socket.AF_INET, address):
            leaks.append(f"the network answers at {address[0]}")
    if hasattr(socket, "AF_VSOCK"):
        try:
            socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
            leaks.append("virtual machine sockets can be made")
        except OSError:
            pass
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0:
        leaks.append("a nested user namespace can be made")
    for place in ("/usr/.probe", "/etc/.probe", "/.probe"):
        try:
            with open(place, "w", encoding="utf-8"):
                leaks.append(f"{os.path.dirname(place)} is writable")
        except OSError:
            continue
    with contextlib.suppress(OSError):
        os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
        leaks.append("the kernel's settings can be changed")
    extra = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 2 and "/proc/" not in link(fd)]
    leaks += [f"a file descriptor was inherited: {link(fd)}" for fd in extra]
    print(json.dumps(leaks))


def link(fd: str) -> str:
    """Return what a file descriptor of ours points to."""
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return "/proc/"


main()
