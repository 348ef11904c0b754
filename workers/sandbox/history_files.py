"""The files of the throwaway repository by which a sandbox can read a repository's history.

Law: of the mirror it contains only the packs, read-only.
"""

from __future__ import annotations

from collections.abc import Sequence

from workers.workspace import History

PART = "info/sparse-checkout"
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[gc]\n\tauto = 0\n"
_OF_A_PART = "[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n[index]\n\tsparse = true\n"


def history_files(history: History) -> tuple[tuple[str, bytes], ...]:
    """Return (name in the repository, content) of each file."""
    part = patterns(history.sparse)
    files = [
        ("HEAD", "ref: refs/heads/base\n"),
        ("config", _CONFIG + (_OF_A_PART if part else "")),
        ("packed-refs", f"# pack-refs with: sorted\n{history.commit} refs/heads/base\n"),
        *([(PART, part)] if part else []),
    ]
    return tuple((name, content.encode("utf-8", "surrogateescape")) for name, content in files)


def patterns(sparse: Sequence[str]) -> str:
    """Return git's sparse-checkout patterns for these folders and the files beside and above them; "" for all."""
    if not sparse or any("\n" in folder for folder in sparse):
        return ""
    whole = sorted({one for one in sparse if not any(one.startswith(f"{other}/") for other in sparse)})
    above = {folder[:at] for folder in whole for at, char in enumerate(folder) if char == "/"}
    lines = ["/*", "!/*/"]
    for folder in sorted(above):
        lines += [f"/{_plain(folder)}/", f"!/{_plain(folder)}/*/"]
    return "".join(f"{line}\n" for line in [*lines, *(f"/{_plain(folder)}/" for folder in whole)])


def _plain(folder: str) -> str:
    """Return a folder's name, escaped for a pattern."""
    return "".join(f"\\{char}" if char in "*?[\\" else char for char in folder)
