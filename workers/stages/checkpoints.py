"""Share the trees of a change between hosts, as git bundles in the artifact store.

Law: a tree is stored before the database names it, so that every tree it names can be fetched.
"""

from __future__ import annotations

from workers import GiveUp
from workers.stages.context import StageContext
from workers.stages.result_cache import StoredResultCache
from workers.workspace import BundleRefused, Mirror, RemoteRefused

_RETRY = "Ask again in a new message."


def keep(context: StageContext, mirror: Mirror, base: str, tree: str) -> None:
    """Store a tree that was made over `base` here, for other hosts. A second call changes nothing."""
    if tree != mirror.tree(base) and _cache(context).find(*_key(context, tree)) is None:
        _cache(context).keep(mirror.bundle(base, tree), *_key(context, tree))


def fetch_tree(context: StageContext, mirror: Mirror, tree: str) -> None:
    """Fetch a tree of the change into this host's mirror, if it is missing. Raises `GiveUp` if no host has it."""
    if mirror.holds(tree):
        return
    kept = _cache(context).find(*_key(context, tree))
    try:
        if kept is None:
            mirror.fetch()  # a tree that another author pushed
        else:
            mirror.unbundle(kept)
    except BundleRefused as refused:
        raise GiveUp(f"The work so far is damaged: {refused}.", _RETRY) from refused
    except RemoteRefused as refused:
        raise GiveUp(f"The work so far is on another host, and I can't reach {context.repository}.",
                     "Try again later.") from refused  # fmt: skip
    if not mirror.holds(tree):
        raise GiveUp("The work so far was on a host that is gone.", _RETRY)


def _key(context: StageContext, tree: str) -> tuple[str, ...]:
    return ("tree", context.repository, tree)


def _cache(context: StageContext) -> StoredResultCache:
    tools = context.tools
    return StoredResultCache(tools.store.marks, tools.artifacts, tools.clock)
