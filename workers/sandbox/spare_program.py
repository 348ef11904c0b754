"""The program of a spare process, which waits in a control group until it becomes a sandbox.

One message over its socket, with descriptors, says which sandbox: the working folder, an overlay to mount there, the
numbers of the descriptors, and the command.

Law: standard library only, as little of it as possible, and nothing of ours. It does nothing unless it is in its
control group, and it ends when the worker is gone.
"""

from __future__ import annotations

import _ctypes
import _socket
import fcntl
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import NoReturn
else:
    import _signal as signal

LONGEST = 1 << 18
NEW_NAMESPACES = 0x10000000 | 0x00020000
"""CLONE_NEWUSER and CLONE_NEWNS."""
PRIVATE = 0x4000 | (1 << 18)
"""MS_REC and MS_PRIVATE: no mount made here is seen anywhere else."""


def main() -> NoReturn:
    """Wait for the message, then become the sandbox."""
    line = _socket.socket(fileno=int(sys.argv[1]))
    try:
        for group in sys.argv[2:]:
            with open(f"{group}/cgroup.procs", "wb") as file:
                file.write(b"0")
    except OSError as error:
        fail(125, f"cgroup.procs cannot be joined: {error.strerror}")
    line.send(b"ready")
    told, extra, _, _ = line.recvmsg(LONGEST, 4096, _socket.MSG_CMSG_CLOEXEC)
    if not told:
        posix._exit(0)
    folder, options, merged, numbers, *argv = told.split(b"\0")
    given: list[int] = []
    for _, _, data in extra:
        given += [int.from_bytes(data[at : at + 4], sys.byteorder) for at in range(0, len(data) - 3, 4)]
    line.detach()
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 512) for fd in given]
    posix.closerange(3, 512)
    for fd, number in zip(high, numbers.split(), strict=True):
        posix.dup2(fd, int(number), inheritable=True)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these; the started program expects the defaults
        signal.signal(ignored, signal.SIG_DFL)
    try:
        posix.chdir(folder)
        if options:
            lay(options, merged)
        posix.execve(argv[0], argv, {})
    except OSError as error:
        fail(124, f"{argv[0].decode(errors='replace')}: {error.strerror}")


def lay(options: bytes, merged: bytes) -> None:
    """Mount the overlay in a user and mount namespace of this process's own."""
    user, group = posix.geteuid(), posix.getegid()
    call("unshare", NEW_NAMESPACES)
    for place, said in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{place}", "w", encoding="ascii") as file:
            file.write(said)
    call("mount", b"none", b"/", None, PRIVATE, None)
    call("mount", b"overlay", merged, b"overlay", 0, options)


def call(name: str, *arguments: object) -> None:
    """Make the system call of this name, or end this process with what went wrong."""
    itself = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # None is this program, as for dlopen(3)
    if _ctypes.call_function(_ctypes.dlsym(itself, name), arguments) != 0:
        where = " in a new user namespace" if name == "unshare" else " of the overlay"
        fail(124, f"{name}{where} was refused by the kernel")


def fail(code: int, why: str) -> NoReturn:
    """End, and write the reason where a sandbox would write it."""
    posix.write(2, f"{why}\n".encode("utf-8", "replace"))
    posix._exit(code)


if __name__ == "__main__":
    main()
