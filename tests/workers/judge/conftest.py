"""The real mirror of a repository behind git's own server."""

from __future__ import annotations

from tests.workers.workspace.conftest import committed, forge, workspaces

__all__ = ["committed", "forge", "workspaces"]
