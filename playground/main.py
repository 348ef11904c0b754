"""The playground's process: the stand-ins for Slack, GitHub and Claude, served together on 127.0.0.1.

Law: it knows its own folder and its arguments, and reads neither Shipmate's settings nor its environment, since
commands of foreign repositories are started from here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from playground.assembly import Assembly, Repository
from playground.loopback import Loopback


class _Server(uvicorn.Server):
    """A server that leaves signals to the process, which runs several."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Exit codes: 0 ended by a signal, 1 a port is taken, 2 arguments it cannot use."""
    asked = _parser().parse_args(arguments)
    home: Path = asked.home.absolute()
    lock = _only_one(home)
    keys = json.loads((home / "keys.json").read_text())
    assembly = Assembly(
        home=home,
        keys=keys,
        events_url=asked.events_url,
        webhook_url=asked.webhook_url,
        ci_wrap=tuple(json.loads(asked.ci_wrap.read_text())) if asked.ci_wrap else None,
        ci_path=asked.ci_path,
        repositories=tuple(_repository(text) for text in asked.repository),
        scripts_dir=asked.scripts_dir or home / "scripts",
        turn_delay_ms=asked.turn_delay_ms,
        notice=asked.notice,
    )
    chosen = {name for name in ("slack", "github", "claude") if getattr(asked, name)} or {"slack", "github", "claude"}
    try:
        sockets = {name: _listen(keys[f"{name}_port"]) for name in sorted(chosen)}
    except OSError as fault:
        print(f"playground: {fault}", file=sys.stderr)
        sys.exit(1)
    try:
        apps = {name: getattr(assembly, name)() for name in sorted(chosen)}
    except Exception as fault:  # whatever a repository or a script from outside does
        print(f"playground: {type(fault).__name__}: {fault}", file=sys.stderr)
        sys.exit(2)
    try:
        asyncio.run(_serve(apps, sockets))
    finally:
        os.close(lock)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m playground.main", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the playground's folder, which holds keys.json")
    for name in ("slack", "github", "claude"):
        parser.add_argument(f"--{name}", action="store_true", help=f"run this stand-in (none named: all) [{name}]")
    parser.add_argument("--events-url", help="where Slack's deliveries go")
    parser.add_argument("--webhook-url", help="where GitHub's deliveries go")
    parser.add_argument(
        "--ci-wrap",
        type=Path,
        help="a file with a JSON list: the command prefix for CI, {workdir} in it is the checkout",
    )
    parser.add_argument("--ci-path", default="/usr/local/bin:/usr/bin:/bin", help="PATH of CI commands")
    parser.add_argument("--repository", action="append", default=[], help="owner/name=FOLDER_OR_URL, repeatable")
    parser.add_argument("--scripts-dir", type=Path, help="more scripts for the scripted model")
    parser.add_argument("--turn-delay-ms", type=int, default=0, help="make each scripted turn take that long")
    parser.add_argument("--notice", default="", help="a banner for the phone page")
    return parser


def _repository(text: str) -> Repository:
    name, found, source = text.partition("=")
    if not found or name.count("/") != 1 or not source:
        print(f"playground: --repository takes owner/name=FOLDER_OR_URL, not {text!r}", file=sys.stderr)
        sys.exit(2)
    return Repository(name, source)


def _only_one(home: Path) -> int:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"playground: the playground of {home} runs already", file=sys.stderr)
        sys.exit(1)
    return lock


def _listen(port: int) -> socket.socket:
    """Bound before anything is built, so that a taken port is said at once and nothing half runs."""
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it every answer waits some 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as fault:
        raise OSError(f"port {port} on 127.0.0.1 is taken ({fault.strerror})") from fault
    return listener


async def _serve(apps: dict[str, Starlette], sockets: dict[str, socket.socket]) -> None:
    servers = {
        name: _Server(
            uvicorn.Config(
                Loopback(app),
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=2,
                ws="websockets-sansio",
                lifespan="on",
            )
        )
        for name, app in apps.items()
    }

    def end(*_: Any) -> None:
        for server in servers.values():
            server.force_exit = server.should_exit
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    await asyncio.gather(*(_run(name, server, sockets[name], end) for name, server in servers.items()))


async def _run(name: str, server: _Server, listener: socket.socket, end: Any) -> None:
    """End the other stand-ins when one ends, however it ends: half a playground helps nobody."""
    try:
        await server.serve(sockets=[listener])
    finally:
        end()
        print(f"playground: {name} ended", file=sys.stderr)


if __name__ == "__main__":
    main()
