"""Says which processes a set of settings needs, how each is started, and how it is known to work.

Law: a process is handed the settings of its role and no others. Its module is imported by nobody here, since that
takes seconds, but a module that is not there is a fault before anything starts.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import bot
import workers
import workers.sandbox
from bot.settings import SERVICES, BotSettings, Service, WorkerSettings
from bot.settings.groups import reachable
from shipmate.embedded import broker
from shipmate.embedded.defaults import Completed
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


def all_processes(settings: Completed, wishes: PlaygroundWishes) -> list[Spec]:
    """List every process of one Shipmate, in the order in which they are best started."""
    found = []
    if settings.embedded_broker and not broker.is_alive(settings.home):
        found.append(broker_process(settings))
    work = settings.worker.work
    if work.sandbox == "runner" and work.runner_socket is None:
        found.append(runner_process(settings))
    if settings.stand_ins:
        found.append(playground_process(settings, wishes))
    found.append(bot_process(settings))
    found += [worker_process(settings, (lane,)) for lane in LANES]
    return found


def broker_process(settings: Completed) -> Spec:
    """Describe the embedded broker; it is ended last, so that the others can still talk to it."""
    argv = (sys.executable, "-m", broker.__name__, str(settings.home))
    env = {**_only(_PLAYGROUND_ENVIRONMENT), **import_path()}
    return Spec("broker", argv, env, lambda _: broker.is_alive(settings.home), last=True)


def playground_process(
    settings: Completed, wishes: PlaygroundWishes, only: frozenset[Service] = frozenset(SERVICES)
) -> Spec:
    """Describe the stand-ins that are needed, in an environment without anybody's secrets.

    Raises `ModuleNotFoundError` where the playground is not installed.
    """
    import playground

    chosen = sorted(settings.stand_ins & only)
    keys = load_or_create(settings.home)
    argv = [*_program(playground, "main"), "--home", str(settings.home / "playground")]
    argv += [f"--{name}" for name in chosen]
    local = f"http://127.0.0.1:{settings.bot.web.port}"
    argv += ["--events-url", f"{local}/slack/events", "--webhook-url", f"{local}/github/webhooks"]
    argv += [f"--repository={text}" for text in wishes.repositories]
    argv += [f"--turn-delay-ms={wishes.turn_delay_ms}", f"--notice={notice(settings)}"]
    argv += [f"--ci-path={_ci_path(settings.worker.work.toolbox)}"]
    work = settings.worker.work
    if "github" in chosen and work.sandbox != "process":
        wrap = settings.home / "playground" / "ci-wrap.json"
        replace(wrap, json.dumps(ci_wrap(work.toolbox)).encode())
        argv.append(f"--ci-wrap={wrap}")
    ports = [getattr(keys, f"{name}_port") for name in chosen]
    return Spec(
        "playground",
        tuple(argv),
        {**_only(_PLAYGROUND_ENVIRONMENT), "PYTHONUNBUFFERED": "1", **import_path()},
        lambda _: all(answers("127.0.0.1", port, "/healthz", below=500) for port in ports),
    )


def runner_process(settings: Completed) -> Spec:
    """Describe a sandbox runner for this home, in an environment without any secret; it works once it listens."""
    place = settings.home / "sockets" / "runner.sock"
    argv = [*runner_program(), "--root", str(settings.home), "--socket", str(place)]
    if toolbox := settings.worker.work.toolbox:
        argv += ["--toolbox", str(toolbox)]
    env = {**_only(_RUNNER_ENVIRONMENT), "PYTHONUNBUFFERED": "1", **import_path()}
    return Spec("runner", tuple(argv), env, lambda pid: listens(place) == pid)


def bot_process(settings: Completed) -> Spec:
    """Describe the bot: Slack, webhooks, pages."""
    web, env = settings.bot.web, {**settings.of(BotSettings), "PYTHONUNBUFFERED": "1", **import_path()}
    return Spec("bot", _program(bot, "main"), env, lambda _: answers(reachable(web.host), web.port, "/readyz"))


def worker_process(settings: Completed, lanes: Sequence[str]) -> Spec:
    """Describe a worker of the given lanes; it writes its ready file once its sandbox is proven and it takes work."""
    joined = ",".join(lanes)
    ready = settings.home / "run" / f"worker-{'-'.join(sorted(lanes))}.ready"
    return Spec(
        f"worker-{joined}" if len(lanes) > 1 else joined,
        (*_program(workers, "main"), "--lanes", joined),
        {**settings.of(WorkerSettings), "PYTHONUNBUFFERED": "1", **import_path()},
        lambda pid: _content(ready) == str(pid),
    )


def runner_program() -> tuple[str, ...]:
    """Return the command of a sandbox runner, without arguments."""
    return _program(workers.sandbox, "runner")


def _program(package: ModuleType, module: str) -> tuple[str, ...]:
    """Return the command that runs a module of `package` by this Python. Raises `ModuleNotFoundError`."""
    name = f"{package.__name__}.{module}"
    if importlib.util.find_spec(name) is None:
        raise ModuleNotFoundError(f"there is no {name}", name=name)
    return (sys.executable, "-m", name)


def listens(place: Path) -> int | None:
    """Return the process that listens on the Unix socket at `place`, or None."""
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


def free_ports(settings: Completed, given: Mapping[str, str]) -> bool:
    """Move ports of the home that another program took; return whether settings have to be read again.

    Only while no process of the home runs.
    """
    names: set[str] = {*settings.stand_ins}
    if names and not given.get("PORT") and settings.bot.web.port == load_or_create(settings.home).bot_port:
        names.add("bot")
    return bool(names) and bool(move_taken_ports(settings.home, frozenset(names)))


def notice(settings: Completed) -> str:
    """Say on the phone page's banner what is real and what is not."""
    if "claude" in settings.stand_ins:
        return "Playground. Claude is scripted: set ANTHROPIC_API_KEY to have the real model work."
    return f"Playground with the real Claude ({settings.worker.claude.model})."


def ci_wrap(toolbox: Path | None) -> list[str]:
    """Return the command prefix under which the playground's CI runs code; `{workdir}` in it is the checkout.

    Where there is no sandbox it is a command that says so and fails, so that nothing ever runs bare by accident.
    """
    from workers.sandbox import SandboxUnavailable
    from workers.sandbox.bubblewrap import wrap_command

    place = Path("/shipmate-ci-workdir")
    try:
        return [part.replace(str(place), "{workdir}") for part in wrap_command(place, toolbox)]
    except SandboxUnavailable as fault:
        return ["/bin/sh", "-c", 'echo "CI does not run here: $0" >&2; exit 126', str(fault)]


def answers(host: str, port: int, path: str, below: int = 300) -> bool:
    """Return whether a GET is answered within a second, with a status less than `below`."""
    link = http.client.HTTPConnection(host, port, timeout=1.0)
    try:
        link.request("GET", path)
        return link.getresponse().status < below
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _ci_path(toolbox: Path | None) -> str:
    usual = "/usr/local/bin:/usr/bin:/bin"
    return f"{toolbox}/bin:{usual}" if toolbox else usual


def import_path() -> dict[str, str]:
    """Let a child find our packages, wherever the command was called from."""
    root = str(Path(__file__).resolve().parents[2])
    return {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))}


def _content(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _only(names: Sequence[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}
