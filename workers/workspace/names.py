"""Refuse file names that are dangerous on some system that checks them out later.

Law: a name is judged as Windows and macOS read it, not only by its bytes.
"""

from __future__ import annotations

import os.path
import re
import unicodedata
from itertools import pairwise

# macOS drops these from file names, so that ".g\u200cit" opens ".git" there.
_DROPPED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_SHORT = re.compile(r"git~\d+")
_SHORT_MODULES = re.compile(r"gi(tmod|7eba)~\d+")
_SHORT_OWN = re.compile(r"gi[a-z0-9]{2,4}~\d+")
_DRIVE = re.compile("[A-Za-z]:")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAGS = re.compile("[\U000e0000-\U000e007f]")


def is_git(component: str) -> bool:
    """Return whether some file system reads `component` as `.git`."""
    seen = _folded(component)
    return seen == ".git" or _SHORT.fullmatch(seen) is not None


def is_gitmodules(component: str) -> bool:
    """Return whether some file system reads `component` as `.gitmodules`."""
    seen = _folded(component)
    return seen == ".gitmodules" or _SHORT_MODULES.fullmatch(seen) is not None


def _folded(component: str) -> str:
    return _DROPPED.sub("", component).split(":")[0].rstrip(". ").casefold()


def alike(component: str) -> str:
    """Return a key that is equal for names that Windows, macOS or a phone may confuse: case and Unicode composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", component).casefold())


def is_text(path: str) -> bool:
    """Return whether a path, decoded with surrogateescape, was valid UTF-8."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def fault(component: str) -> str | None:
    """Return what is wrong with one component of a new path, as a sentence, or None."""
    if is_git(component):
        return "is a git directory or would be taken for one"
    if not is_text(component):
        return "has a name that is not valid UTF-8"
    if component not in {"", ".", ".."} and not component.rstrip(". "):
        return "has a name that Windows takes for the folder itself or the one above"
    if "\\" in component:
        return "has a backslash in its name"
    if _BIDI.search(component) or _TAGS.search(component):
        return "has invisible or direction-changing characters in its name"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in component):
        return "has control characters in its name"
    return None


def link_fault(path: str, target: str) -> str | None:
    """Return what is wrong with a symbolic link at `path` that points to `target`, as a sentence, or None."""
    name = _folded(os.path.basename(path))
    if name.startswith(".git") or _SHORT_OWN.fullmatch(name):
        return "is a symbolic link where git expects a file"
    if target.startswith("/") or not target or _DRIVE.match(target):
        return "is a symbolic link that leads out of the repository"
    for part in target.split("/"):
        if not is_git(part) and (why := fault(part)):
            return f"is a symbolic link to what {why}"
    if turns_back(target):
        return "is a symbolic link that goes into a folder and out again, which may be a link itself"
    end = os.path.normpath(os.path.join(os.path.dirname(path), target))
    if end == ".." or end.startswith("../"):
        return "is a symbolic link that leads out of the repository"
    if any(is_git(part) for part in end.split("/")):
        return "is a symbolic link into a git directory"
    return None


def turns_back(target: str) -> bool:
    """Return whether a link's target goes down and up again. Other links then decide where it leads."""
    steps = [step for step in target.split("/") if step not in {"", "."}]
    return any(one != ".." and other == ".." for one, other in pairwise(steps))


def shown(path: str) -> str:
    """Return a path with everything unprintable escaped."""
    return "".join(
        char if char.isprintable() and not _BIDI.match(char) else char.encode("unicode_escape").decode()
        for char in path[:300]
    )
