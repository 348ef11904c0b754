"""Describe the agent's workspace where it is not simply the whole repository without a network. Pure.

Law: the text follows from the base commit alone, so that a conversation begins with the same words on every host.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workers.checks import Plan
from workers.workspace import Submodule

_MOST = 20
_ATTRIBUTES = ".gitattributes"
_LARGEST = 1 << 16


def describe_workspace(
    plan: Plan,
    files: Sequence[str],
    read: Callable[[str, int], bytes | None],
    submodules: Callable[[], tuple[Submodule, ...]],
) -> tuple[str, ...]:
    """Return sentences about checked-out folders, large files, submodules and hosts; none for a plain repository.

    `files` are the paths of the workspace, `read` returns at most so many bytes of one. Paths are outside text.
    """
    policy = plan.workspace
    facts = []
    if policy.sparse:
        facts.append(
            f"Only these folders of this large repository are checked out, and the files directly in the folders above "
            f"them: {_few(policy.sparse)}. You can add files elsewhere, but not change those that exist."
        )
    if _ATTRIBUTES in files and b"filter=lfs" in (read(_ATTRIBUTES, _LARGEST) or b""):
        what = "their contents are here" if policy.lfs else "only their pointers are here, not their contents"
        facts.append(f"Files that {_ATTRIBUTES} keeps in Git LFS cannot be changed; {what}.")
    if ".gitmodules" in files:
        found = submodules()
        if here := [one.path for one in found if not one.why]:
            facts.append(f"These submodules can be read, but not changed: {_few(here)}.")
        if empty := [f"{one.path} ({one.why})" for one in found if one.why]:
            facts.append(f"These submodules are empty here and cannot be changed: {_few(empty)}.")
    if plan.hosts:
        facts.append(
            f"There is no network except for these hosts, if the operator allows them, through the proxy in "
            f"https_proxy: {_few(plan.hosts)}."
        )
    return tuple(facts)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
