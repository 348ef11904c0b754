"""What the agent is told of its workspace where that is not simply all of the repository and nothing else. Pure.

Law: everything here follows from the base commit alone, so that a conversation begins with the same words wherever it
is taken up again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workers.checks import Plan
from workers.workspace import Submodule

_MOST = 20
_ATTRIBUTES = ".gitattributes"
_LARGEST = 1 << 16


def surroundings(
    plan: Plan,
    files: Sequence[str],
    read: Callable[[str, int], bytes | None],
    submodules: Callable[[], tuple[Submodule, ...]],
) -> tuple[str, ...]:
    """Return sentences about the folders that are brought, large files, submodules and the network; none where all is
    plain.

    `files` are the paths that the workspace has, `read` gives at most so many bytes of one; paths are outside text.
    """
    policy = plan.workspace
    told = []
    if policy.sparse:
        told.append(
            f"Of this large repository only these folders are here, with the files beside and above them: "
            f"{_few(policy.sparse)}. What it has elsewhere stays as it is; such files cannot be changed, only new ones "
            "added."
        )
    if _ATTRIBUTES in files and b"filter=lfs" in (read(_ATTRIBUTES, _LARGEST) or b""):
        what = "their contents are here" if policy.lfs else "what is here are the pointers, not their contents"
        told.append(f"Files that {_ATTRIBUTES} keeps in Git LFS cannot be changed; {what}.")
    if ".gitmodules" in files:
        found = submodules()
        if here := [one.path for one in found if not one.why]:
            told.append(f"These are submodules, whose files are here to be read and cannot be changed: {_few(here)}.")
        if empty := [f"{one.path} ({one.why})" for one in found if one.why]:
            told.append(f"These are submodules, which are empty here and cannot be changed: {_few(empty)}.")
    if plan.hosts:
        told.append(
            f"There is no network but for these hosts, as far as the operator allows them, through the proxy that the "
            f"environment names (https_proxy): {_few(plan.hosts)}."
        )
    return tuple(told)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
