"""The workers' plug board: settings in, a Celery worker with our stages out.

Law: the only place that chooses between real and stand-in, embedded and given; inner code gets finished tools.
"""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from celery import signals

from bot.artifacts import Artifacts
from bot.domain.effects import Lane
from bot.domain.tiers import Effort
from bot.doorbell import QUEUE_PREFIX, TASK, Doorbell, celery_app
from bot.log import configure
from bot.record import Door
from bot.settings import WorkerSettings, load
from bot.settings.groups import Claude, GitHub
from bot.settings.secret import configured
from bot.settings.sources import SettingsInvalid
from bot.store import Store, StoreDown
from bot.store.disk_space import disk_space_of
from workers.agent import Model
from workers.agent.model import ClaudeModel, load_client
from workers.attend.full_disk import DiskGuard
from workers.attend.keeper import Keeper
from workers.attend.meter import measured
from workers.attend.sweep import Sweep
from workers.attend.tasks import Attendant
from workers.chat.slack import SlackChat
from workers.checks.plan.policy_file import wants_partial
from workers.egress import Sources
from workers.egress.network import AllowedHosts
from workers.environment.install import Installer
from workers.environment.toolbox import completed, toolchain
from workers.forge.github import GitHubForge
from workers.sandbox import Sandbox, SandboxUnavailable, overlay
from workers.sandbox.bubblewrap import Bubblewrap
from workers.sandbox.chosen import chosen, toolbox_of
from workers.sandbox.runner.box import RunnerSandbox
from workers.sandbox.runner.shared import SOCKETS
from workers.stages import Stage
from workers.stages.confidential import CarefulChat, Confidential
from workers.stages.context import Tools
from workers.stages.registry import STAGES
from workers.workspace.folders import LocalWorkspaces

THREADS = 64
"""Changes attended at the same time by one process; a change waits far more than it computes."""
SWITCH_SECONDS = 0.001
"""How long a thread that computes keeps the others waiting; Python's own five times that is felt by 64 of them."""
LANES: frozenset[Lane] = frozenset({"talk", "build"})
AUTHOR = ("Shipmate", "shipmate@users.noreply.github.com")

log = structlog.get_logger("worker")


def main(
    argv: list[str] | None = None,
    *,
    fit: Callable[[Tools], Tools] = lambda tools: tools,
    stages: dict[type, Stage] | None = None,
) -> int:
    """Run until a signal stops it. `fit` and `stages` let a test build put its own tools and stages in.

    Exit code 2 for wrong settings, 1 where the sandbox leaks or the database stays away.
    """
    wanted = argparse.ArgumentParser(prog="python -m workers.main", description="A Shipmate worker.")
    wanted.add_argument("--lanes", default="talk,build", help="talk (seconds), build (minutes), or both")
    wanted.add_argument("--threads", type=int, default=THREADS, help="changes attended at the same time")
    given = wanted.parse_args(argv)
    lanes: list[Lane] = [lane for lane in sorted(LANES) if lane in given.lanes.split(",")]
    if not lanes or set(given.lanes.split(",")) - LANES:
        print(f"--lanes takes talk, build or talk,build; not {given.lanes!r}", file=sys.stderr)
        return 2
    try:
        settings = load(WorkerSettings)
    except SettingsInvalid as invalid:
        print(invalid, file=sys.stderr)
        return 2
    configure(settings.log_level)
    tools = fit(_tools(settings))
    if not _prepared(tools, lanes):
        return 1
    return _run(settings, tools, lanes, given.threads, stages or STAGES)


def _run(settings: WorkerSettings, tools: Tools, lanes: list[Lane], threads: int, stages: dict[type, Stage]) -> int:
    keeper = Keeper(tools.store, settings.work.lease_seconds)
    attendant = Attendant(
        tools, keeper, stages, owner=f"{socket.gethostname()}:{os.getpid()}", disk=_disk(settings, tools)
    )
    sweep = Sweep(tools.store, attendant.attend, frozenset(lanes), settings.work.sweep_seconds)
    app = celery_app(settings.storage.redis_url.get_secret_value())

    @app.task(name=TASK, ignore_result=True)  # type: ignore[untyped-decorator]  # reason: Celery has no types
    def attend(change_id: str, lane: Lane) -> None:
        attendant.attend(change_id, lane)

    @signals.worker_shutting_down.connect(weak=False)  # type: ignore[untyped-decorator]  # reason: the same
    def leave(**_: object) -> None:
        sweep.leave()
        threading.Thread(target=keeper.leave, daemon=True).start()

    if "build" in lanes:
        load_client()
    sweep.start()
    _say_ready(settings.home, lanes)
    queues = ",".join(QUEUE_PREFIX + lane for lane in lanes)
    name = f"{'-'.join(lanes)}-{os.getpid()}@{socket.gethostname()}"
    gc.collect()
    gc.freeze()  # what is here now stays: looking through it again and again would hold up every thread
    sys.setswitchinterval(SWITCH_SECONDS)
    app.worker_main(
        f"worker --pool=threads --concurrency={threads} -Q {queues} -n {name} "
        "--without-gossip --without-mingle --without-heartbeat --loglevel=WARNING".split()
    )
    return 0


def _tools(settings: WorkerSettings) -> Tools:
    store = Store(settings.storage.database_url.get_secret_value())
    door = Door(store, settings.rules)
    bell = Doorbell(settings.storage.redis_url.get_secret_value())
    github, claude, sandbox = settings.github, settings.claude, chosen(settings.work, settings.home)
    model = _model(claude, claude.model)
    confidential = Confidential(configured(settings))
    chat = SlackChat(settings.slack.bot_token.get_secret_value(), settings.slack.api_url)
    key, judge = claude.api_key.get_secret_value(), claude.judge_model or claude.model
    reviewer = ClaudeModel(key, claude.base_url, judge, effort=claude.judge_effort)
    return Tools(
        store=store,
        door=door,
        ring=bell.ring_lanes,
        rules=settings.rules,
        forge=measured(_forge(github), "github"),
        chat=measured(CarefulChat(chat, confidential), "slack"),
        model=measured(model, "model"),
        scripted=_once(model.is_scripted),
        workspaces=measured(LocalWorkspaces(settings.home, layers=_layers(sandbox), partial=wants_partial), "git"),
        sandbox=measured(sandbox, "sandbox"),
        artifacts=Artifacts(settings.storage.artifacts_url.get_secret_value()),
        clock=time.time,
        lease_seconds=settings.work.lease_seconds,
        poll_seconds=settings.work.poll_seconds,
        author=AUTHOR,
        installer=_installer(settings, sandbox),
        reviewer=measured(reviewer, "judge"),
        second=measured(_model(claude, claude.second_model), "model") if claude.second_model else None,
        context_tokens=claude.context_tokens,
        tiers=_tiers(settings),
        confidential=confidential,
        network=_network(settings, sandbox),
    )


def _disk(settings: WorkerSettings, tools: Tools) -> DiskGuard:
    urls = (settings.storage.database_url.get_secret_value(), settings.storage.artifacts_url.get_secret_value())

    def relieve() -> int:
        return tools.workspaces.make_room() + (tools.installer.make_room() if tools.installer else 0)

    return DiskGuard(disk_space_of(settings.home, *urls, settings.storage.reserve_mb * 1_000_000), relieve)


def _model(claude: Claude, name: str, effort: Effort | None = None) -> ClaudeModel:
    return ClaudeModel(claude.api_key.get_secret_value(), claude.base_url, name, effort=effort or claude.effort)


def _tiers(settings: WorkerSettings) -> dict[str, Model]:
    """Return a model for each tier that has one, or an effort, of its own."""
    return {
        name: measured(_model(settings.claude, tier.model or settings.claude.model, tier.effort), "model")
        for name, tier in settings.rules.tiers.items()
        if tier.model or tier.effort
    }


def _forge(github: GitHub) -> GitHubForge:
    return GitHubForge(
        token=github.token.get_secret_value() if github.token else None,
        app_id=github.app_id,
        app_key=github.app_private_key.get_secret_value() if github.app_private_key else None,
        installation_id=github.app_installation_id,
        api_url=github.api_url,
        server_url=github.server_url,
    )


def _layers(sandbox: Sandbox) -> Callable[[Path], bool]:
    """Return what tells whether workspaces may be laid over shared checkouts."""
    if isinstance(sandbox, RunnerSandbox):
        return sandbox.layers
    return overlay.works if isinstance(sandbox, Bubblewrap) else lambda _: False


def _installer(settings: WorkerSettings, sandbox: Sandbox) -> Installer | None:
    """Return what installs packages; None without a sandbox that can keep an installation to its proxy."""
    if not isinstance(sandbox, Bubblewrap | RunnerSandbox):
        return None
    toolbox, setup = toolbox_of(settings.work), settings.setup
    sources = Sources(
        local_hosts=tuple(setup.local_hosts),
        index=setup.index,
        registry=setup.registry,
        certificates=Path(setup.certificates) if setup.certificates else None,
        source_builds=setup.source_builds,
    )
    hosts = None if setup.hosts is None else tuple(setup.hosts)
    return Installer(
        settings.home / "deps",
        sandbox,
        lambda: completed(sources, hosts, toolbox),
        lambda: toolchain(toolbox),
        sockets=settings.home / SOCKETS if isinstance(sandbox, RunnerSandbox) else None,
    )


def _network(settings: WorkerSettings, sandbox: Sandbox) -> AllowedHosts:
    """Return what the operator lets repositories reach: nothing if the sandbox cannot restrict its network."""
    return AllowedHosts(
        tuple(settings.network.allow),
        tuple(settings.network.allow_local),
        sockets=settings.home / SOCKETS if isinstance(sandbox, RunnerSandbox) else None,
        held=isinstance(sandbox, Bubblewrap | RunnerSandbox),
    )


def _once(ask: Callable[[], bool]) -> Callable[[], bool]:
    known: list[bool] = []

    def answer() -> bool:
        if not known:
            known.append(ask())
        return known[0]

    return answer


def _prepared(tools: Tools, lanes: list[Lane]) -> bool:
    """Return whether the database is there and up to date, and the sandbox of a build worker holds."""
    for _attempt in range(30):
        try:
            tools.store.migrate()
            break
        except StoreDown as down:
            log.warning("database_down", error=str(down))
            time.sleep(1)  # nothing else to wait for: there is no event that says a database is back
    else:
        log.error("no_database")
        return False
    return "build" not in lanes or _sandbox_holds(tools.sandbox)


def _sandbox_holds(sandbox: Sandbox) -> bool:
    try:
        leaks = sandbox.probe()
    except SandboxUnavailable as missing:
        log.error("no_sandbox", why=str(missing), fix="python -m workers.checkup says how to fix it")
        return False
    if leaks:
        log.error("sandbox_leaks", leaks=leaks, fix="python -m workers.checkup says how to fix it")
    return not leaks


def _say_ready(home: Path, lanes: list[Lane]) -> None:
    folder = home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"worker-{'-'.join(lanes)}.ready").write_text(str(os.getpid()))


if __name__ == "__main__":
    sys.exit(main())
