"""Tell what kind of thing each path became: links, submodules, binaries, large files, programs, signing material.

Law: modes and bytes as git stores them decide, never a file's name alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from workers.guards.edits import GITLINK, LONGEST, MOST_BYTES, SYMLINK, Edit, Examined, is_binary, unread_of
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of
from workers.workspace.names import turns_back

MANY_DELETED = 25
"""Files that may be deleted (and not moved) before a person is asked; half the change's files must be among them."""
_MEGABYTES = MOST_BYTES >> 20
_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\0\0\1\0", b"icns", b"BM", b"II*\0", b"MM\0*", b"wOF", b"\0\1\0\0",
    b"OTTO", b"ID3", b"\xff\xfb", b"OggS", b"\x1aE\xdf\xa3", b"%PDF", b"true",
)  # fmt: skip
_LONG_LINE = 2000


def guard(change: Examined) -> Iterator[Found]:
    """Yield kinds and sizes of every path, then what is only seen of all of them together."""
    for edit in change.edits:
        if edit.changed.status != "D" and (edit.after is not None or edit.path not in change.cut):
            yield from _about(edit)
    gone = [edit for edit in change.edits if edit.changed.status == "D" and edit.moved_to is None]
    if len(gone) > MANY_DELETED and len(gone) * 2 >= len(change.edits):
        yield found("mass-delete", gone[0].path, f"is one of {len(gone)} files that were deleted")
    if change.cut:
        yield found("unexamined", change.cut[0], f"is one of {len(change.cut)} files beyond what the guards read")


def _about(edit: Edit) -> Iterator[Found]:
    one, path = edit.changed, edit.path
    if one.new_mode == GITLINK:
        yield found("submodule", path, "a submodule was added, which is not done here")
    elif one.new_mode == SYMLINK:
        yield _link(edit)
    elif edit.after is None:
        yield found("special-file", path, "cannot be read as a regular file")
    else:
        if one.new_mode == "100755" and one.old_mode != "100755" and edit.moved_from is None:
            yield found("executable", path, "was made executable" if one.status != "A" else "was added as a program")
        yield from _bytes(edit, edit.after)


def _link(edit: Edit) -> Found:
    """Return what is said of a link; one whose target is not known is taken for one that leaves."""
    target = (edit.after or b"").decode("utf-8", "replace")
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(edit.path), target)) if target else ".."
    leaves = target.startswith(("/", "~")) or "\\" in target or ":" in target or "\0" in target
    leaves = leaves or turns_back(target)
    leaves = leaves or inside.split("/")[0] == ".." or any(map(FORMS["git-folder"].matches, inside.split("/")))
    if leaves:
        where = f" to {spell(target)}" if target else ""
        return found("symlink-out", edit.path, f"a symbolic link{where} was added or changed")
    return found("symlink", edit.path, f"a symbolic link to {spell(target)} was added or changed")


def _bytes(edit: Edit, content: bytes) -> Iterator[Found]:
    path = edit.path
    if len(content) >= MOST_BYTES:
        yield found("too-large", path, f"is larger than {_MEGABYTES} MB")
        return
    fresh_key = is_of("key-file", path) and _holds_key(content) and not _holds_key(edit.before or b"")
    if fresh_key or is_of("signing-file", path):
        yield found("signing-material", path, "holds keys or profiles that sign software or open doors")
    elif is_binary(content):
        harmless = is_of("picture", path) and (content.startswith(_MAGIC) or content[4:8] == b"ftyp")
        yield found("image" if harmless else "binary", path, "is a binary file")
        return
    longest = max(edit.added, key=lambda line: len(line.text), default=None)
    if longest is None:
        return
    if is_of("woven", path) and len(longest.text) > _LONG_LINE:
        yield found("minified", path, f"holds a line of {len(longest.text)} characters (line {longest.number})")
    elif (is_of("code", path) and len(longest.text) > _LONG_LINE) or unread_of(longest.text, LONGEST):
        words = f"line {longest.number} has {len(longest.text)} characters, more than the guards read"
        yield found("unexamined", path, words)


def _holds_key(content: bytes) -> bool:
    return FORMS["private-key"].possible(content) or is_binary(content)
