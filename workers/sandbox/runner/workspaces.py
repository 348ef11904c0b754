"""Turn a workspace into plain data, and the plain data of a request into an open session.

Law: every path of a request goes through `Shared`, which allows each kind of path only in its own area.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from workers.sandbox import Session
from workers.sandbox.runner.messages import HistoryMessage, Open, OpenSetup, WorkspaceMessage
from workers.sandbox.runner.shared import DEPS, LOWERS, PACKS, PLACES, NotShared, Shared
from workers.workspace import History, Workspace, WorkspaceLimit, overlay


class SessionFactory(Protocol):
    """The sandbox that a runner gives out."""

    def open(self, workspace: Path | Workspace, deps: Path | None = None, egress: Path | None = None) -> Session: ...

    def open_setup(self, workspace: Path, result: Path, proxy: Path) -> Session: ...

    def probe(self) -> tuple[str, ...]: ...


def opened(sessions: SessionFactory, shared: Shared, wish: Open | OpenSetup) -> Session:
    """Open the session that a request asks for. Raises `NotShared`, `SandboxUnavailable`."""
    if isinstance(wish, OpenSetup):
        work, result = shared.setup(wish.folder, wish.result)
        return sessions.open_setup(work, result, shared.proxy(wish.proxy))
    deps = shared.folder(wish.deps, DEPS) if wish.deps else None
    egress = shared.proxy(wish.egress) if wish.egress else None
    if (wish.folder is None) == (wish.workspace is None):
        raise NotShared("one folder or one workspace has to be named")
    if wish.folder is not None:
        return sessions.open(shared.folder(wish.folder, PLACES), deps, egress)
    assert wish.workspace is not None
    return sessions.open(_workspace(shared, wish.workspace), deps, egress)


def described(shared: Shared, workspace: Workspace) -> WorkspaceMessage:
    """Return a workspace as plain data. Raises `NotShared`."""
    history = workspace.history
    return WorkspaceMessage(
        place=shared.relative(workspace.place),
        base=workspace.base,
        lower=shared.relative(workspace.lower) if workspace.lower else None,
        bytes=workspace.limit.bytes,
        files=workspace.limit.files,
        history=HistoryMessage(commit=history.commit, packs=shared.relative(history.packs), sparse=history.sparse)
        if history
        else None,
    )


def _workspace(shared: Shared, given: WorkspaceMessage) -> Workspace:
    place, lower, history = shared.folder(given.place, PLACES), None, None
    if given.lower:
        lower = shared.folder(given.lower, LOWERS)
        if os.path.realpath(place / overlay.LOWER) != str(lower):  # the link by which it is mounted
            raise NotShared(f"{given.place} is not laid over {given.lower}")
    if given.history:
        packs = shared.folder(given.history.packs, PACKS)
        if packs.parts[-2:] != ("objects", "pack"):
            raise NotShared(f"{given.history.packs} holds no packs")
        history = History(given.history.commit, packs, given.history.sparse)
    written = "upper" if lower else "files"
    shared.folder(f"{given.place}/{written}", PLACES)
    return Workspace(place, given.base, lower, limit=WorkspaceLimit(given.bytes, given.files), history=history)
