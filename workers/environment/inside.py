"""The part of a setup that runs inside its sandbox, given to its Python on stdin.

Law: standard library only, and it imports nothing of ours: our code does not exist inside. Its output is as untrusted
as the repository.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import socket
import subprocess
import threading
from typing import TypedDict


class Order(TypedDict):
    """An installation: `steps` are the programs of the languages, `needs` are their arguments, both by language."""

    environment: dict[str, str]
    steps: dict[str, str]
    needs: dict[str, dict[str, object]]
    command: str


SPARE, VENV = "/deps/.tmp", "/deps/venv"
PROXY = "/run/egress.sock"


def bridge() -> int:
    """Carry a port of this sandbox's own loopback to the proxy's socket; return the port."""
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    return int(server.getsockname()[1])


def accept(server: socket.socket) -> None:
    """Connect each client to the proxy."""
    while True:
        client, _ = server.accept()
        proxy = socket.socket(socket.AF_UNIX)
        try:
            proxy.connect(PROXY)
        except OSError:
            client.close()
            continue
        for source, target in ((client, proxy), (proxy, client)):
            threading.Thread(target=carry, args=(source, target), daemon=True).start()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Copy until the end of the stream, then close the other side."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def environment(order: Order, port: int) -> dict[str, str]:
    """Return the environment of the package tools: the proxy, the operator's sources, and a folder with space."""
    proxy = f"http://127.0.0.1:{port}"
    given = {name: proxy for both in ("http_proxy", "https_proxy") for name in (both, both.upper())}
    path = f"{VENV}/bin:{os.environ.get('PATH', '')}"
    return {**os.environ, **given, **order["environment"], "TMPDIR": SPARE, "PATH": path, "VIRTUAL_ENV": VENV}


class Setup:
    """One setup; `failed` collects [title, last words] of failed installations, `left` the parts left out."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.env = environment(order, bridge())
        self.failed: list[list[str]] = []
        self.left: list[str] = []

    def run(self, argv: list[str], title: str, cwd: str = "/workspace") -> bool:
        """Run one program, copy its output into ours, and return whether it succeeded."""
        print(f"$ {' '.join(argv)[:500]}", flush=True)
        with open(f"{SPARE}/said", "w+b") as said:
            code = subprocess.call(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
            said.seek(max(0, said.tell() - 200_000))
            words = said.read().decode("utf-8", "replace")
        print(words, flush=True)
        if code:
            self.failed.append([title, words[-20_000:]])
        return code == 0

    def everything(self) -> None:
        """Install what each language needs, or run the repository's own command instead."""
        steps = {name: runpy.run_path(path) for name, path in self.order["steps"].items()}
        line = self.order["command"]
        if line and all(step["before_command"](self) for step in steps.values() if "before_command" in step):
            self.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line], "[setup] command")
        for name, needs in self.order["needs"].items():
            steps[name]["install"](self, needs)
        for name, step in steps.items():
            if "finish" in step:
                step["finish"](self, self.order["needs"].get(name))


def main() -> None:
    """Carry out the order, and print the failures as the last line."""
    with open(f"{SPARE}/order.json", encoding="utf-8") as file:
        order: Order = json.load(file)
    setup = Setup(order)
    setup.everything()
    shutil.rmtree(SPARE, ignore_errors=True)
    print(json.dumps({"failed": setup.failed, "left": setup.left[:20]}), flush=True)


main()
