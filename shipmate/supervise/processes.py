"""Which processes a set of settings needs, and how each is started and known to work.

Law: hands are started as programs of their own (`python -m workers.main`); nothing of them is imported here.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from shipmate.embedded import broker
from shipmate.embedded.once import replace
from shipmate.embedded.playground_keys import load_or_create, move_taken_ports
from shipmate.supervise.child import Spec

LANES = ("talk", "build")
_RUNNER_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")
_PLAYGROUND_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class PlaygroundWishes:
    """What a command wants of the stand-ins: "owner/name=SOURCE" repositories, and milliseconds per scripted turn."""

    repositories: tuple[str, ...] = ()
    turn_delay_ms: int = 0


def all_processes(settings: Settings, environ: Mapping[str, str], wishes: PlaygroundWishes) -> list[Spec]:
    """Every process of one Shipmate, in the order in which they are best started."""
    found = []
    if settings.storage.embedded_broker and not broker.is_alive(settings.home):
        found.append(broker_process(settings))
    if settings.work.sandbox == "runner" and settings.work.runner_socket is None:
        found.append(runner_process(settings))
    if settings.stand_ins:
        found.append(playground_process(settings, wishes))
    found.append(bot_process(settings, environ))
    found += [worker_process(settings, environ, (lane,)) for lane in LANES]
    return found


def broker_process(settings: Settings) -> Spec:
    """The embedded broker; it is ended last, so that the others can still talk to it."""
    argv = (sys.executable, "-m", "shipmate.embedded.broker", str(settings.home))
    env = {**_only(_PLAYGROUND_ENVIRONMENT), **import_path()}
    return Spec("broker", argv, env, lambda _: broker.is_alive(settings.home), last=True)


def playground_process(settings: Settings, wishes: PlaygroundWishes) -> Spec:
    """The stand-ins that are needed, in an environment without anybody's secrets."""
    keys = load_or_create(settings.home)
    argv = [sys.executable, "-m", "playground.main", "--home", str(settings.home / "playground")]
    argv += [f"--{name}" for name in sorted(settings.stand_ins)]
    local = f"http://127.0.0.1:{settings.web.port}"
    argv += ["--events-url", f"{local}/slack/events", "--webhook-url", f"{local}/github/webhooks"]
    argv += [f"--repository={text}" for text in wishes.repositories]
    argv += [f"--turn-delay-ms={wishes.turn_delay_ms}", f"--notice={notice(settings)}"]
    argv += [f"--ci-path={_ci_path(settings)}"]
    if "github" in settings.stand_ins and settings.work.sandbox != "process":
        wrap = settings.home / "playground" / "ci-wrap.json"
        replace(wrap, json.dumps(ci_wrap(settings.work.toolbox)).encode())
        argv.append(f"--ci-wrap={wrap}")
    ports = [getattr(keys, f"{name}_port") for name in sorted(settings.stand_ins)]
    return Spec(
        "playground",
        tuple(argv),
        {**_only(_PLAYGROUND_ENVIRONMENT), "PYTHONUNBUFFERED": "1", **import_path()},
        lambda _: all(answers("127.0.0.1", port, "/healthz", below=500) for port in ports),
    )


def runner_process(settings: Settings) -> Spec:
    """A sandbox runner for this home, in an environment without anybody's secrets; it works once it listens."""
    place = settings.home / "sockets" / "runner.sock"
    argv = [sys.executable, "-m", "workers.sandbox.runner", "--root", str(settings.home), "--socket", str(place)]
    if settings.work.toolbox:
        argv += ["--toolbox", str(settings.work.toolbox)]
    env = {**_only(_RUNNER_ENVIRONMENT), "PYTHONUNBUFFERED": "1", **import_path()}
    return Spec("runner", tuple(argv), env, lambda pid: listens(place) == pid)


def bot_process(settings: Settings, environ: Mapping[str, str]) -> Spec:
    """The mind and mouth: Slack, webhooks, pages."""
    host = "127.0.0.1" if settings.web.host in {"0.0.0.0", "::", ""} else settings.web.host  # noqa: S104 - compared
    return Spec(
        "bot",
        (sys.executable, "-m", "bot.main"),
        _inherited(settings, environ),
        lambda _: answers(host, settings.web.port, "/readyz"),
    )


def worker_process(settings: Settings, environ: Mapping[str, str], lanes: Sequence[str]) -> Spec:
    """A pair of hands for the given lanes; it writes its ready file once its sandbox is proven and it takes work."""
    joined = ",".join(lanes)
    ready = settings.home / "run" / f"worker-{'-'.join(sorted(lanes))}.ready"
    return Spec(
        f"worker-{joined}" if len(lanes) > 1 else joined,
        (sys.executable, "-m", "workers.main", "--lanes", joined),
        _inherited(settings, environ),
        lambda pid: _content(ready) == str(pid),
    )


def listens(place: Path) -> int | None:
    """The process that listens on the Unix socket at `place`, or None."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                link.connect(f"/proc/self/fd/{folder}/{place.name}")  # the kernel takes 107 bytes
            finally:
                os.close(folder)
            return int(struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
        except OSError:
            return None


def free_ports(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Move ports of the home that somebody else took; whether settings have to be read again.

    Only while no process of the home runs.
    """
    names = set(settings.stand_ins)
    if names and not environ.get("PORT") and settings.web.port == load_or_create(settings.home).bot_port:
        names.add("bot")
    return bool(names) and bool(move_taken_ports(settings.home, frozenset(names)))


def notice(settings: Settings) -> str:
    """The phone page's banner: what is real and what is not."""
    if settings.claude.stand_in:
        return "Playground. Claude is scripted: set ANTHROPIC_API_KEY to have the real model work."
    return f"Playground with the real Claude ({settings.claude.model})."


def ci_wrap(toolbox: Path | None) -> list[str]:
    """The command prefix under which the playground's CI runs repository code; `{workdir}` in it is the checkout.

    Where there is no sandbox it is a command that says so and fails, so that nothing ever runs bare by accident.
    """
    place = "/shipmate-ci-workdir"
    code = (
        "import json, pathlib, sys\n"
        "from workers.sandbox import SandboxUnavailable\n"
        "from workers.sandbox.bubblewrap import wrap_command\n"
        "try:\n"
        "    argv = wrap_command(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if sys.argv[2] else None)\n"
        "except SandboxUnavailable as fault:\n"
        "    sys.exit(str(fault))\n"
        "print(json.dumps(argv))\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, place, str(toolbox or "")],
        env={**_only(_PLAYGROUND_ENVIRONMENT), **import_path()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if asked.returncode != 0:
        why = (asked.stderr.strip().splitlines() or ["the sandbox cannot start"])[-1]
        return ["/bin/sh", "-c", 'echo "CI does not run here: $0" >&2; exit 126', why]
    return [part.replace(place, "{workdir}") for part in json.loads(asked.stdout)]


def answers(host: str, port: int, path: str, below: int = 300) -> bool:
    """Whether a GET is answered within a second, with a status less than `below`."""
    link = http.client.HTTPConnection(host, port, timeout=1.0)
    try:
        link.request("GET", path)
        return link.getresponse().status < below
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _ci_path(settings: Settings) -> str:
    usual = "/usr/local/bin:/usr/bin:/bin"
    return f"{settings.work.toolbox}/bin:{usual}" if settings.work.toolbox else usual


def _inherited(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    own = {"SHIPMATE_HOME": str(settings.home), "PYTHONUNBUFFERED": "1", **import_path()}
    if settings.work.toolbox:
        own["SHIPMATE_TOOLBOX"] = str(settings.work.toolbox)
    return {**environ, **own}


def import_path() -> dict[str, str]:
    """Our own packages, wherever the command was called from."""
    root = str(Path(__file__).resolve().parents[2])
    return {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))}


def _content(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _only(names: Sequence[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}
