"""Licences: the repository's own, headers that go, and files that come under terms the repository does not have.

Law: this is a reader of words, not a lawyer: it holds a change for a person and never says that something is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.forms import encoded
from workers.guards.edits import Edit, Examined, Line
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of

_OWN = (
    "LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENSE.rst", "COPYING", "license", "License.txt",
    "LICENSE-MIT", "license.md",
)  # fmt: skip
_HEAD = 60


def guard(change: Examined) -> Iterator[Found]:
    """Yield findings in licence files, licence fields, and the heads of files."""
    permissive = _repository_is_permissive(change)
    for edit in change.edits:
        if is_of("licence-file", edit.path):
            if edit.moved_to is None:
                yield from _own(edit)
        elif edit.changed.status != "D":
            yield from _in_file(edit, permissive)


def _repository_is_permissive(change: Examined) -> bool:
    for name in _OWN:
        content = change.old(name)
        if content is not None:
            text = content[:4000].decode("utf-8", "replace")
            return FORMS["permissive"].matches(text) and not FORMS["copyleft"].matches(text[:400])
    return False


def _own(edit: Edit) -> Iterator[Found]:
    status = edit.changed.status
    if status == "D":
        yield found("licence-changed", edit.path, "terms of use were deleted")
    elif status == "A" and edit.moved_from is None:
        yield found("licence-changed", edit.path, "terms of use were added")
    elif edit.added or edit.removed:
        before, after = (sorted(_timeless(line.text) for line in side) for side in (edit.removed, edit.added))
        rule = "licence-year" if before == after else "licence-changed"
        yield found(rule, edit.path, "the year was changed" if rule == "licence-year" else "terms of use were changed")


def _timeless(text: str) -> str:
    """Return a line without years, signs and blanks."""
    years = {at for hit in FORMS["years"].every(text) for at in range(hit.start, hit.end)}
    return "".join(char for at, char in enumerate(text) if at not in years)


def _in_file(edit: Edit, permissive: bool) -> Iterator[Found]:
    gone, came = _of("notice", edit.removed), _of("notice", edit.added)
    if len(gone) > len(came):
        words = f"a notice of its owner or licence is gone: {spell(gone[0].text.strip())}"
        yield found("licence-header", edit.path, words)
    if is_of("declares-licence", edit.path):
        form = FORMS["licence-field"]
        before = {line.text.strip() for line in edit.removed if form.matches(line.text[:200])}
        after = {line.text.strip() for line in edit.added if form.matches(line.text[:200])}
        if before and before != after:
            yield found("licence-changed", edit.path, "the licence that the package declares was changed")
    if permissive:
        yield from _foreign(edit)


def _of(form: str, lines: tuple[Line, ...]) -> list[Line]:
    """Return the lines of a form in the head of a file."""
    head = [line for line in lines if line.number <= _HEAD]
    return [head[at] for at in FORMS[form].among([line.text[:500] for line in head])]


def _foreign(edit: Edit) -> Iterator[Found]:
    fresh = [line for line in edit.added if line.number <= _HEAD]
    head = encoded("\n".join(line.text[:500] for line in fresh))
    worth = FORMS["copyleft"].possible(head) or FORMS["someone-elses"].possible(head)
    for line in fresh if worth else ():
        text = line.text[:500]
        spdx = FORMS["spdx"].search(text)
        named = FORMS["notice"].matches(text) or "GNU" in text or "License" in text
        said = spdx.groups["terms"] if spdx else text if named else ""
        strict = FORMS["copyleft"].matches(said) and not FORMS["choice-of-terms"].matches(said)
        if said and strict and not FORMS["of-dependencies"].matches(text):
            if edit.changed.status == "A" or spdx:
                words = f"comes under terms that this repository does not have (line {line.number})"
                yield found("licence-foreign", edit.path, words)
            return
        if FORMS["someone-elses"].matches(text):
            yield found("licence-suspect", edit.path, f"may be someone else's work (line {line.number})")
            return
