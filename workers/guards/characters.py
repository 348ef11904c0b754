"""Characters that hide, turn or disguise text, in the lines that a change brings.

Law: languages written from right to left, emoji and Indic scripts need some of these characters: what is at home
where it stands is no attack.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from workers.guards.edits import Edit, Examined, Line
from workers.guards.found import Found, spell
from workers.guards.rules import found, is_of

_ODD = re.compile(r"[^\t\n\f -~]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARK = re.compile("[\u200e\u200f\u061c]")
_OPENS, _CLOSES = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", "\u202c\u2069"
_OVERRIDE = re.compile("[\u202d\u202e]")
_TAG = re.compile("[\U000e0000-\U000e007f]")
_FLAG_OF_TAGS = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\uffff"
    "\u2028\u2029\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
)
_JOINER = re.compile("[\u200c\u200d]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_FAR = 160
"""Columns that an editor or a diff shows."""
_GAP = re.compile(r"\S[ \t]{60,}[^\s\\|*/#]")
"""Code behind a gap; tables and comments that line up on the right end otherwise."""
_FEED = re.compile(r"\f\s*\S|\S\s*\f")
_RETURN = re.compile(r"[^\r\n]\r[^\r\n]")
_WORD = re.compile(r"[^\W\d_]\w*")
_CYRILLIC = dict(zip("аеорсухіјѕԁһԛԝѵАВЕКМНОРСТУХЅІЈ", "aeopcyxijsdhqwvABEKMHOPCTYXSIJ", strict=True))
_GREEK = dict(zip("οαικνυρχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oaiknupxABEZHIKMNOPTYX", strict=True))
_LOOKS = str.maketrans(_CYRILLIC | _GREEK | {"ɡ": "g", "ӏ": "l", "Ӏ": "I", "ı": "i"})
_FOREIGN = re.compile("[Ͱ-Ͽ\u0400-\u052f]")
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")


def guard(change: Examined) -> Iterator[Found]:
    """Yield the first odd line of each kind in each file, and the path itself."""
    for edit in change.edits:
        if edit.changed.status != "D":
            yield from _in_path(edit)
            yield from _in_lines(edit)
            if is_of("code", edit.path) and not is_of("prose", edit.path):
                yield from _out_of_sight(edit)


def _in_path(edit: Edit) -> Iterator[Found]:
    if edit.changed.status == "A" and _ODD.search(edit.path):
        rules = set(_oddities(edit.path, code=True))
        for rule in sorted(rules):
            yield found(
                rule.removesuffix("-prose"), edit.path, "the name of the file holds hidden or misleading characters"
            )


def _out_of_sight(edit: Edit) -> Iterator[Found]:
    """Yield the first line of code that goes on far to the right, or behind a lone CR or a form feed."""
    bare = not edit.old or "\r" not in edit.old.replace("\r\n", "")
    for line in edit.added:
        if len(line.text) > _FAR and (far := _GAP.search(line.text)):
            words = f"goes on out of sight, {far.end() - 1} characters to the right (line {line.number})"
            yield found("out-of-sight", edit.path, words)
            return
        if _FEED.search(line.text):
            yield found("out-of-sight", edit.path, f"has a form feed inside a line (line {line.number})")
            return
    if bare and _RETURN.search(edit.new):
        yield found("out-of-sight", edit.path, "has a carriage return inside a line")


def _in_lines(edit: Edit) -> Iterator[Found]:
    prose = is_of("prose", edit.path) or is_of("translation", edit.path) or not is_of("code", edit.path)
    seen: set[str] = set()
    for line in edit.added:
        text = line.text
        if text.isascii() and not _CONTROL.search(text):
            continue
        if line.number == 1:
            text = text.removeprefix("\ufeff")
        for rule in _oddities(text, code=not prose):
            if rule not in seen:
                seen.add(rule)
                yield found(rule, edit.path, _SAID[rule.removesuffix("-prose")].format(line.number, _example(line)))


_SAID = {
    "bidi": "holds characters that reverse the direction of text (line {0}: {1})",
    "hidden": "holds invisible characters (line {0}: {1})",
    "control": "holds control characters (line {0}: {1})",
    "homoglyph": "holds a word whose letters come from several scripts (line {0}: {1})",
}


def _example(line: Line) -> str:
    at = _ODD.search(line.text)
    start = max(0, at.start() - 20) if at else 0
    return spell(line.text[start : start + 50].strip())


def _oddities(text: str, code: bool) -> Iterator[str]:
    at_home = "-prose"
    if _TURNING.search(text):
        calm = _RTL.search(text) and not _OVERRIDE.search(text) and _balanced(text)
        yield "bidi" + (at_home if calm and not code else "")
    elif _MARK.search(text):
        yield "bidi" + (at_home if _RTL.search(text) or not code else "")
    plain = _FLAG_OF_TAGS.sub("", text)
    if _TAG.search(plain) or _smuggles(plain):
        yield "hidden"
    elif _INVISIBLE.search(plain) or any(not _joins(plain, one.start()) for one in _JOINER.finditer(plain)):
        yield "hidden" + ("" if code else at_home)
    if _CONTROL.search(text):
        yield "control"
    if _FOREIGN.search(text) or _STYLED.search(text):
        yield from _disguises(text, "" if code else at_home)


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in _OPENS) - (char in _CLOSES)
        if depth < 0:
            return False
    return depth == 0


def _smuggles(text: str) -> bool:
    """Return True where selectors, which choose a glyph for the sign before them, stand in rows and carry bytes."""
    for one in _SELECTORS.finditer(text):
        before = text[one.start() - 1] if one.start() else " "
        if _SELECTORS.match(before) or before.isspace():
            return True
        if one.group() >= "\U000e0100" and unicodedata.category(before) != "Lo":
            return True
    return False


def _joins(text: str, at: int) -> bool:
    """Return whether a joiner stands between emoji or inside a script that needs it."""
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return _joinable(before) and (
        _joinable(after) or (text[at] == "\u200c" and not after.isascii()) or after in " \"'<"
    )


def _joinable(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Lo", "Mn", "Mc", "So", "Sk"} or (bool(_SELECTORS.match(char)) and char < "\U000e0000")


def _disguises(text: str, suffix: str) -> Iterator[str]:
    """Yield a finding where a word mixes look-alike letters of two scripts, or styled letters stand for plain ones."""
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        twins = sum(char in _CYRILLIC or char in _GREEK for char in word)
        plain = sum(char.isascii() and char.isalpha() for char in word)
        foreign = len(_FOREIGN.findall(word))
        if (twins and twins == foreign and plain and word.translate(_LOOKS).isascii()) or _spells_code(word):
            yield f"homoglyph{suffix}"
            return


_CALLS = frozenset(
    {"exec", "eval", "import", "open", "compile", "getattr", "setattr", "system", "popen", "globals", "locals",
     "require", "Function"}
)  # fmt: skip


def _spells_code(word: str) -> bool:
    if _STYLED.search(word):
        return unicodedata.normalize("NFKC", word) in _CALLS
    return word.translate(_LOOKS) in _CALLS
