"""A repository behind git's own server, for stages that need real commits."""

from __future__ import annotations

from tests.workers.workspace.conftest import forge, mirror, origin, workspaces

__all__ = ["forge", "mirror", "origin", "workspaces"]
