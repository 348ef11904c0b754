"""Licences: the repository's own, headers that go, and files that come under terms the repository does not have.

Law: this is a reader of words, not a lawyer: it holds a change for a person and never says that something is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found, spell
from workers.guards.rules import found

_FILE = re.compile(r"(^|/)(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|PATENTS|UNLICENSE)([.-][\w.-]+)?$|(^|/)LICENSES/", re.I)
_YEARS = re.compile(r"\b(19|20)\d\d\b|present|\s|-|–|,|\(c\)|©", re.I)
_OWN = (
    "LICENSE",
    "LICENSE.txt",
    "LICENSE.md",
    "LICENCE",
    "LICENSE.rst",
    "COPYING",
    "license",
    "License.txt",
    "LICENSE-MIT",
    "license.md",
)
_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+() -]{2,80})")
_COPYLEFT = re.compile(
    r"\b(?:A|L)?GPL(?:-|\s*v|v|\b)|GNU\s+(?:(?:Affero|Lesser|Library)\s+)?General\s+Public\s+License|"
    r"Mozilla Public License|\bMPL-|\bEUPL|"
    r"\bCDDL|Eclipse Public License|\bEPL-|\bSSPL|Server Side Public License|Business Source License|\bBUSL|"
    r"Commons Clause|Elastic License|"
    r"\bOSL-|CC-BY-(?:SA|NC|ND)|Creative Commons Attribution-(?:Share|Non)|\bCPAL|\bRPL-|\bCECILL|Polyform|"
    r"Prosperity Public",
    re.I,
)
_WEAK = re.compile(r"\bOR\s+(?:MIT|Apache|BSD)|(?:MIT|Apache[\w.-]*|BSD[\w-]*)\s+OR\b|exception", re.I)
_PERMISSIVE = re.compile(
    r"Permission is hereby granted, free of charge|Apache License|Redistribution and use in source and binary forms|"
    r"Permission to use, copy, modify,? and/?o?r? distribute|\bMIT License\b|This is free and unencumbered|"
    r"Boost Software License|zlib",
    re.I,
)
_CLOSED = re.compile(
    r"all rights reserved\.?\s*(?:unauthori[sz]ed|no part|proprietary|confidential)|proprietary and confidential|"
    r"unauthori[sz]ed (?:copying|use|distribution) of this file|licensed under (?:the )?(?:CC|Creative)|"
    r"from stackoverflow\.com|"
    r"stackoverflow\.com/(?:a|questions)/\d+",
    re.I,
)
_HEADER = re.compile(
    r"SPDX-License-Identifier|Licensed (?:under|to)\b|Copyright\s+(?:\(c\)|©|\d{4})|\(c\)\s+\d{4}|This file is part of|"
    r"Permission is hereby granted|Redistribution and use|@licen[cs]e|All rights reserved",
    re.I,
)
_FIELD = re.compile(r"^\s*[\"']?(license|licence|licenses)[\"']?\s*[:=]", re.I)
_HEAD = 60


def guard(change: Examined) -> Iterator[Found]:
    """Licence files, licence fields, and the heads of files."""
    permissive = _repository_is_permissive(change)
    for edit in change.edits:
        if _FILE.search(edit.path):
            if edit.moved_to is None:
                yield from _own(edit)
        elif edit.changed.status != "D":
            yield from _in_file(edit, permissive)


def _repository_is_permissive(change: Examined) -> bool:
    for name in _OWN:
        content = change.old(name)
        if content is not None:
            text = content[:4000].decode("utf-8", "replace")
            return _PERMISSIVE.search(text) is not None and _COPYLEFT.search(text[:400]) is None
    return False


def _own(edit: Edit) -> Iterator[Found]:
    status = edit.changed.status
    if status == "D":
        yield found("licence-changed", edit.path, "terms of use were deleted")
    elif status == "A" and edit.moved_from is None:
        yield found("licence-changed", edit.path, "terms of use were added")
    elif edit.added or edit.removed:
        before = [_YEARS.sub("", line.text) for line in edit.removed]
        after = [_YEARS.sub("", line.text) for line in edit.added]
        rule = "licence-year" if sorted(before) == sorted(after) else "licence-changed"
        yield found(rule, edit.path, "the year was changed" if rule == "licence-year" else "terms of use were changed")


def _in_file(edit: Edit, permissive: bool) -> Iterator[Found]:
    gone = [line for line in edit.removed if line.number <= _HEAD and _HEADER.search(line.text[:500])]
    came = [line for line in edit.added if line.number <= _HEAD and _HEADER.search(line.text[:500])]
    if len(gone) > len(came):
        yield found(
            "licence-header", edit.path, f"a notice of its owner or licence is gone: {spell(gone[0].text.strip())}"
        )
    name = edit.path.rsplit("/", 1)[-1]
    if name in {"package.json", "pyproject.toml", "Cargo.toml", "composer.json", "setup.cfg", "setup.py"}:
        before = {line.text.strip() for line in edit.removed if _FIELD.search(line.text[:200])}
        after = {line.text.strip() for line in edit.added if _FIELD.search(line.text[:200])}
        if before and before != after:
            yield found("licence-changed", edit.path, "the licence that the package declares was changed")
    if permissive:
        yield from _foreign(edit)


def _foreign(edit: Edit) -> Iterator[Found]:
    for line in edit.added:
        if line.number > _HEAD:
            break
        text = line.text[:500]
        spdx = _SPDX.search(text)
        said = spdx[1] if spdx else text if _HEADER.search(text) or "GNU" in text or "License" in text else ""
        if (
            said
            and _COPYLEFT.search(said)
            and not _WEAK.search(said)
            and not re.search(r"depend|compat|\bSPDX_|classifier", text, re.I)
        ):
            if edit.changed.status == "A" or spdx:
                yield found(
                    "licence-foreign",
                    edit.path,
                    f"comes under terms that this repository does not have (line {line.number})",
                )
            return
        if _CLOSED.search(text):
            yield found("licence-suspect", edit.path, f"may be somebody else's work (line {line.number})")
            return
