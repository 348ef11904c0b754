"""Process 1 of a sandbox: it starts and ends the programs that the worker asks for.

The worker sends one message per program over a socket, with the program's descriptors. Each program also gets a socket
of its own: "k" kills it, and its exit code comes back on it. Each program runs below an overseer, a process of ours.

Law: standard library only, as little of it as possible, and nothing of ours. Nothing that runs inside may use these
sockets or stop this process. So this process and the overseers are not dumpable, process 1 cannot be killed from
inside, and processes that outlive their overseer are killed here.
"""

from __future__ import annotations

import _ctypes
import _socket
import fcntl
import marshal
import posix
import resource
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from types import CodeType
    from typing import IO, NoReturn
else:  # importing `signal`, `typing`, `ctypes`, `array` and `struct` would take longer than all the work done here
    import _signal as signal

DUMPABLE, SUBREAPER = 4, 36
WORD = 4
"""Bytes of an exit code on an overseer's socket, little endian, signed."""
STUBBORN = 1000
LONGEST = 1 << 18
INWARD = b"inward"
"""Sent in place of a program: run one of our small programs from stdin, without starting another interpreter."""


def main() -> NoReturn:
    """Serve until the worker closes its socket. Process 1 then ends, and the kernel kills all other processes."""
    posix.set_inheritable(int(sys.argv[1]), False)
    control = _socket.socket(fileno=int(sys.argv[1]))
    try:
        with open("/proc/self/oom_score_adj", "wb") as file:
            file.write(
                b"800"
            )  # inherited by all, so that the kernel kills these before the worker when memory is short
    except OSError:
        pass
    prctl(DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wake, woken = posix.pipe2(posix.O_CLOEXEC | posix.O_NONBLOCK)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control.send(b"ready")
    overseers: set[int] = set()
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wake, select.POLLIN)
    busy = False
    while True:
        for fd, _ in poll.poll(5 if busy else None):
            if fd == wake:
                posix.read(wake, 4096)
                busy = True
                continue
            asked, given = receive(control)
            if not asked:
                posix._exit(0)
            child = posix.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                control.close()
                posix.close(wake)
                posix.close(woken)
                prctl(SUBREAPER, 1)
                oversee(asked, given)
            overseers.add(child)
            for one in given:
                posix.close(one)
        busy = busy and strangers(overseers)


def prctl(what: int, value: int) -> None:
    """Make this system call. Nothing here is safe without it, so a failure ends the sandbox."""
    itself = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # None is this program, as for dlopen(3)
    function = _ctypes.dlsym(itself, "prctl")
    if _ctypes.call_function(function, (what, value, 0, 0, 0)) != 0:
        posix._exit(1)


def receive(control: _socket.socket) -> tuple[bytes, list[int]]:
    """Return the next message and its descriptors; an empty one when the worker is gone."""
    asked, extra, _, _ = control.recvmsg(LONGEST, 4096, _socket.MSG_CMSG_CLOEXEC)
    given: list[int] = []
    for _, _, data in extra:
        given += [int.from_bytes(data[at : at + 4], sys.byteorder) for at in range(0, len(data) - 3, 4)]
    return asked, given


def strangers(overseers: set[int]) -> bool:
    """Reap ended processes, and kill those whose overseer is gone. Return whether any of them is left."""
    while True:
        try:
            ended, _ = posix.waitpid(-1, posix.WNOHANG)
        except ChildProcessError:
            return False
        if not ended:
            break
        overseers.discard(ended)
    found = [pid for pid, parent in parents() if parent == 1 and pid not in overseers]
    for pid in found:
        kill(pid)
    return bool(found)


def oversee(asked: bytes, given: list[int]) -> NoReturn:
    """Run one program, and answer with its exit code once all its processes are gone.

    `given` are the overseer's socket, then the program's stdin and stdout, then the descriptors that it inherits under
    the numbers in the message.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line, stdin, stdout, *more = given
    words = asked.split(b"\0")
    files, processes, kept, variables = (int(word) for word in words[:4])
    numbers = [int(word) for word in words[4 : 4 + kept]]
    env = dict(word.split(b"=", 1) for word in words[4 + kept : 4 + kept + variables])
    argv = words[4 + kept + variables :]
    child = posix.fork()
    if child == 0:
        run(argv, env, (files, processes), [stdin, stdout, stdout, *more], [0, 1, 2, *numbers])
    for one in given[1:]:
        posix.close(one)
    exited = posix.pidfd_open(child)
    poll = select.poll()
    poll.register(line, select.POLLIN)
    poll.register(exited, select.POLLIN)
    ready = {fd for fd, _ in poll.poll()}
    code = -signal.SIGKILL
    if exited in ready:
        code = posix.waitstatus_to_exitcode(posix.waitpid(child, 0)[1])
    gone = clear()
    posix.write(line, (code if gone else STUBBORN).to_bytes(WORD, "little", signed=True))
    posix._exit(0)


def run(
    argv: list[bytes], env: dict[bytes, bytes], limits: tuple[int, int], given: list[int], numbers: list[int]
) -> NoReturn:
    """Become the program."""
    try:
        posix.setsid()
        high = spread(given)
        for at, number in enumerate(numbers):
            posix.dup2(high[at], number, inheritable=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits[0], limits[0]))
        lower(resource.RLIMIT_NOFILE, 8192)
        if limits[1]:
            lower(resource.RLIMIT_NPROC, limits[1])
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if argv == [INWARD]:
            inward(env)
        posix.execve(argv[0], argv, env)
    except OSError as error:
        posix.write(2, f"{argv[0].decode(errors='replace')}: {error.strerror}\n".encode())
    posix._exit(127)


def inward(env: dict[bytes, bytes]) -> NoReturn:
    """Run one of our small programs, read from stdin, in this process."""
    posix.closerange(3, 1 << 16)
    posix.environ.clear()
    posix.environ.update(env)  # `os` reads it when it is imported
    code = 1
    try:
        loaded = load(sys.stdin.buffer)
        exec(loaded, {"__name__": "__main__"})  # noqa: S102 - our own program
        sys.stdout.flush()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException as failed:
        posix.write(2, f"{type(failed).__name__}: {failed}\n".encode("utf-8", "replace"))
    posix._exit(code)


def load(stream: IO[bytes]) -> CodeType:
    """Return a program that `compiled` wrote: its code if this Python has the same version, else its source."""
    tag, many, more = stream.readline().split()
    code, source = stream.read(int(many)), stream.read(int(more))
    if tag.decode() == sys.implementation.cache_tag:
        loaded: CodeType = marshal.loads(code)  # noqa: S302 - from our own side
        return loaded
    return compile(source, "inward", "exec")


def spread(fds: list[int]) -> list[int]:
    """Return the same files under numbers from 64 up."""
    return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in fds]


def lower(what: int, most: int) -> None:
    """Lower a limit, never raise it."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def clear() -> bool:
    """Kill everything below this process and wait until it is gone; False if a process survives."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            while posix.waitpid(-1, posix.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        below = {posix.getpid()}
        listed = parents()
        for _ in range(len(listed)):
            before = len(below)
            below |= {pid for pid, parent in listed if parent in below}
            if len(below) == before:
                break
        for pid in below - {posix.getpid()}:
            kill(pid)
        time.sleep(0.0005)
    return False


def parents() -> list[tuple[int, int]]:
    """Return every process with its parent."""
    found = []
    for name in posix.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    found.append((int(name), int(file.read().rpartition(b")")[2].split()[1])))
            except OSError:
                continue
    return found


def kill(pid: int) -> None:
    """Kill a process, if it is still there."""
    try:  # noqa: SIM105 - contextlib would double the time that a sandbox takes to begin
        posix.kill(pid, signal.SIGKILL)
    except OSError:
        pass


if __name__ == "__main__":
    main()
