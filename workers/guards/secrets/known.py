"""Secrets of kinds we know by their form, private keys, and passwords in URLs.

Law: every expression here is linear in the length of what it reads; attackers write the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.edits import Edit
from workers.guards.kinds import is_example, is_test
from workers.guards.secrets import respelled
from workers.guards.secrets.dummies import entropy, is_made_up, is_placeholder
from workers.guards.secrets.forms import KINDS, LOOSE, likely, tokens

Hit = tuple[str, str, int]
"""(rule, what it seems to be, line number)."""

_HINT = re.compile(r"[A-Za-z0-9_+/=~.-]{18,}|://")
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_BODY = re.compile(
    r"(?:\\[nr]|[\s\"'+,`>#*])*+(?:(?:Proc-Type|DEK-Info|Version|Comment|Encryption)[^\n]{0,200}\n|\s)*+[A-Za-z0-9+/]{40,}"
)
_PUTTY = re.compile(r"Private-Lines:\s*\d+\s+[A-Za-z0-9+/]{40,}")
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s/:@\"'<>`]{0,100}):(?P<word>[^\s/@\"'<>`]{3,200})@(?P<host>[\w.-]{1,253})"
)
_MOST_KEYS = 200
"""First lines of keys that are looked behind; nobody needs more, and more is taken for keys."""
_POOR = re.compile(
    r"^(pass(word|wd)?|pw|pwd|secret|user(name)?|admin|root|guest|postgres|mysql|redis|rabbit(mq)?|mongo|test\w*|token|"
    r"hunter2|letmein|qwerty|key|foo|bar|baz|abc|[a-z]{1,7}|\d{1,8}|x+|\*+|p[a@]ss\w*)[\d!]*$",
    re.I,
)
_AT_HOME = re.compile(
    r"^(localhost|127\.|0\.0\.0\.0|.*\.?example(\.\w+)?$|host(name)?$|.*\.(local|test|invalid|localhost)$|proxy)", re.I
)
_AWS_SECRET = re.compile(r"(?i)aws.{0,20}?(?:secret|sk).{0,20}?[\"'=:\s]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")


def search(edit: Edit) -> Iterator[Hit]:
    """Known forms in added lines, and in the text as a whole what takes several lines."""
    mild = is_test(edit.path) or is_example(edit.path)
    kinds = likely(edit.new, tuple(KINDS))
    urls, aws = "://" in edit.new, "aws" in edit.new.lower()
    for line in edit.added:
        if not _HINT.search(line.text):
            continue
        for kind, value in tokens(line.text, kinds):
            if value not in edit.old and not is_placeholder(value) and not (mild and is_made_up(value)):
                yield "secret", kind, line.number
        if urls and any(_is_password(one, mild) for one in _URL.finditer(line.text) if one.group() not in edit.old):
            yield "secret", "a password in a URL", line.number
        for one in _AWS_SECRET.finditer(line.text) if aws else ():
            if one[1] not in edit.old and entropy(one[1]) > 4 and not is_placeholder(one[1]):
                yield "secret", "an AWS secret key", line.number
    yield from _keys(edit)
    yield from _respelled(edit, mild)


def in_path(path: str) -> str:
    """The kind of token that a path holds, "" where there is none."""
    kinds = tuple(kind for kind in KINDS if kind not in LOOSE)
    return next((kind for kind, value in tokens(path, kinds) if not is_placeholder(value)), "")


_PRECISE = tuple(kind for kind in KINDS if kind not in LOOSE and kind not in {"a Twitter token", "a JSON web token"})


def _respelled(edit: Edit, mild: bool) -> Iterator[Hit]:
    """Tokens that are put together from pieces, encoded or escaped."""
    for text, number, how in respelled.texts(edit.added):
        if "PRIVATE KEY-----" in text and _BEGIN.search(text) and len(text) > 200:
            yield "secret", f"a private key, {how}", number
        for kind, value in tokens(text, _PRECISE):
            dummy = is_placeholder(value) or (mild and is_made_up(value)) or value in edit.old
            if not dummy:
                yield "secret", f"{kind}, {how}", number


def in_bytes(content: bytes) -> set[str]:
    """Which kinds of token a binary file holds."""
    text = content.decode("latin-1")
    kinds = tuple(kind for kind in KINDS if kind not in LOOSE)
    return {kind for kind, value in tokens(text, likely(text, kinds)) if not is_placeholder(value)}


def _keys(edit: Edit) -> Iterator[Hit]:
    """A private key's first line counts only with its body: code that reads keys names the first line too."""
    if "PRIVATE KEY" not in edit.new and "PuTTY" not in edit.new:
        return
    added = {line.number for line in edit.added}
    for count, begin in enumerate(_BEGIN.finditer(edit.new)):
        if count == _MOST_KEYS:
            yield "secret", "private keys", 1
            return
        body = _BODY.match(edit.new, begin.end(), begin.end() + 4000)
        if body is None and begin.group().startswith("PuTTY"):
            body = _PUTTY.search(edit.new, begin.end(), begin.end() + 8000)
        if body is None or is_placeholder(body.group().strip()[:64]):
            continue
        if body.group().strip() in edit.old:
            continue
        number = edit.new.count("\n", 0, begin.start()) + 1
        if any(at in added for at in range(number, number + body.group().count("\n") + 1)):
            yield "secret", "a private key", number
            return


def _is_password(url: re.Match[str], mild: bool) -> bool:
    word = url["word"]
    if is_placeholder(word) or _POOR.match(word) or _AT_HOME.match(url["host"]) or is_placeholder(url["host"]):
        return False
    return not mild or (len(word) >= 12 and entropy(word) >= 3.3 and not is_made_up(word))
