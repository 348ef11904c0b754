"""The REST routes, one file per family; importing this package declares them all.

Law: a handler takes a checked `Call` and answers; its declaration alone says who may call it.
"""

from . import (
    actions,
    apps,
    checks,
    comments,
    commits,
    contents,
    deployments,
    git_database,
    graphql,
    hooks,
    pulls,
    repositories,
    reviews,
    secrets,
    server,
    statuses,
)

__all__ = [
    "actions", "apps", "checks", "comments", "commits", "contents", "deployments", "git_database", "graphql", "hooks",
    "pulls", "repositories", "reviews", "secrets", "server", "statuses",
]  # fmt: skip
