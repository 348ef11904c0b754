"""Licences: the repository's own, headers that go, and files that come under terms the repository does not have.

Law: this is a reader of words, not a lawyer: it holds a change for a person and never says that something is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from workers.ecosystems.forms import encoded
from workers.guards.edits import LONGEST, Edit, Examined, Line, pieces
from workers.guards.found import Found, spell
from workers.guards.rules import FORMS, found, is_of

_OWN = (
    "LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENSE.rst", "COPYING", "license", "License.txt",
    "LICENSE-MIT", "license.md",
)  # fmt: skip
_HEAD = 60
_NAMES_OWNERS = (
    "CODEOWNERS",
    *(f"{name}{end}" for name in ("NOTICE", "AUTHORS", "README") for end in ("", ".md", ".rst", ".txt")),
)


def guard(change: Examined) -> Iterator[Found]:
    """Yield findings in licence files, licence fields, and the heads of files."""
    terms = _terms(change)
    reciprocal = FORMS["copyleft"].matches(terms[:400]) and not FORMS["permissive"].matches(terms[:400])
    owners = _owners(change, terms)
    for edit in change.edits:
        if is_of("licence-file", edit.path):
            if edit.moved_to is None:
                yield from _own(edit)
        elif edit.changed.status != "D":
            yield from _in_file(edit)
            if said := next(_foreign(edit), None) if not reciprocal else None:
                yield said
            elif owners and is_of("code", edit.path):
                yield from _strange(edit, owners)


def _terms(change: Examined) -> str:
    """Return the beginning of the repository's own licence before the change, "" where it has none."""
    content = next((body for name in _OWN if (body := change.old(name)) is not None), b"")
    return content[:4000].decode("utf-8", "replace")


def _owners(change: Examined, terms: str) -> set[str]:
    """Return the words in which the repository names its owners; empty where its licence names none."""
    if not any(FORMS["owned"].matches(line) for line in terms.split("\n")):
        return set()
    beside = [(change.old(name) or b"")[:20_000].decode("utf-8", "replace") for name in _NAMES_OWNERS]
    known = [hit.text for edit in change.edits for hit in FORMS["owned"].every(edit.old)]
    return _words("\n".join([terms, *beside, *known]))


def _words(text: str) -> set[str]:
    return {hit.text.lower() for hit in FORMS["name-of-owner"].every(text)}


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


def _in_file(edit: Edit) -> Iterator[Found]:
    gone, came = _of("notice", edit.removed), _of("notice", edit.added)
    if len(gone) > len(came):
        words = f"a notice of its owner or licence is gone: {spell(gone[0].text.strip())}"
        yield found("licence-header", edit.path, words)
    if is_of("declares-licence", edit.path):
        form = FORMS["licence-field"]
        before = {line.text.strip() for line in edit.removed if form.matches(line.text[:200])}
        after = {line.text.strip() for line in edit.added if form.matches(line.text[:200])}
        if before != after and edit.changed.status != "A":
            yield found("licence-changed", edit.path, "the licence that the package declares was changed")


def _of(form: str, lines: tuple[Line, ...]) -> list[Line]:
    """Return the lines of a form in the head of a file."""
    head = [line for line in lines if line.number <= _HEAD]
    return [head[at] for at in FORMS[form].among([line.text[:500] for line in head])]


def _foreign(edit: Edit) -> Iterator[Found]:
    """Yield lines that put the file, or a part of it, under terms that the repository does not have."""
    fresh = [(line.number, text) for line in edit.added for text in pieces(line.text, LONGEST)]
    whole = encoded("\n".join(text for _, text in fresh))
    worth = FORMS["copyleft"].possible(whole) or FORMS["someone-elses"].possible(whole)
    code = is_of("code", edit.path) and not is_of("prose", edit.path)
    for number, text in fresh if worth else ():
        spdx = FORMS["spdx"].search(text)
        stated = code and FORMS["stated-terms"].matches(text)
        new = edit.changed.status == "A"
        named = number <= _HEAD and (FORMS["notice"].matches(text) or (new and ("GNU" in text or "License" in text)))
        said = spdx.groups["terms"] if spdx else text if named or stated else ""
        strict = FORMS["copyleft"].matches(said) and not FORMS["choice-of-terms"].matches(said)
        if said and strict and not FORMS["of-dependencies"].matches(text):
            yield found(
                "licence-foreign", edit.path, f"comes under terms that this repository does not have (line {number})"
            )
        if (number <= _HEAD or code) and FORMS["someone-elses"].matches(text):
            yield found("licence-suspect", edit.path, f"may be someone else's work (line {number})")


def _strange(edit: Edit, owners: set[str]) -> Iterator[Found]:
    """Yield the first added notice whose owner the repository does not know."""
    lines = [line for line in edit.added if len(line.text) <= LONGEST]
    for line in (lines[at] for at in FORMS["owned"].among([line.text for line in lines])):
        owner = {word for hit in FORMS["owned"].every(line.text) for word in _words(hit.groups["owner"])}
        if owner and not owner & owners:
            named = spell(line.text.strip(), 60)
            words = f"names an owner that this repository does not know (line {line.number}: {named})"
            yield found("licence-suspect", edit.path, words)
            return
