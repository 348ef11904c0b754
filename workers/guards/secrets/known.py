"""Secrets of kinds that are known by their form, in added lines, in paths, in binary files, in pieces and encoded.

The forms themselves are the table of `bot.secret_forms`, which redaction reads too; here it is judged what counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.secret_forms import FORMS, PRECISE, Token, compiled, tokens
from bot.secret_forms.dummies import entropy, is_made_up, is_placeholder
from workers.ecosystems.forms import encoded
from workers.guards.edits import Edit
from workers.guards.rules import is_of
from workers.guards.secrets import respelled
from workers.guards.secrets.added import Added, Hit

_IN_LINES = tuple(form for form in FORMS if not form.lines)
_LOUD = tuple(form for form in _IN_LINES if not form.quiet)
_OVER_LINES = tuple(form for form in FORMS if form.lines)
_DECODED = tuple(form for form in PRECISE if not (form.noisy or form.random)) + _OVER_LINES
_FARTHEST = 20_000
"""Column behind which a value in its usual place is not looked for: such lines are made by machines."""
_MOST_KEYS = 200
"""First lines of private keys; nobody needs more, and more is a text that was written to stall us."""
_MASTER = re2.compile(r"(?:^|/)(?:master|credentials/\w+)\.key$")
_ON_ITS_OWN = compiled(r"^\s*[0-9a-f]{32}\s*(?:\n|$)")
_URL = compiled(r"://[^\s/:@\"'<>`]{0,100}:([^\s/@\"'<>`]{3,200})@([\w.-]{1,253})")
_POOR = (
    re2.compile(r"(?i)^(?:pass(?:word|wd)|username|postgres|rabbitmq|test\w*|p[a@]ss\w*|hunter2)[\d!]*$"),
    re2.compile(r"(?i)^(?:[a-z]{1,7}|\d{1,8}|x+|\*+)[\d!]*$"),
)
"""Words that are nobody's password: names of services, and any short word."""
_AT_HOME = re2.compile(
    r"(?i)^(?:localhost|127\.|0\.0\.0\.0|.*\.?example(?:\.\w+)?$|host(?:name)?$|.*\.(?:local|test|invalid)$|"
    r".*\.localhost$|proxy)"
)


def search(edit: Edit, added: Added) -> Iterator[Hit]:
    """Yield known forms in added lines, and in the whole text what takes several lines."""
    if _MASTER.search(encoded(edit.path)) and _ON_ITS_OWN.search(added.content, 0, 200) is not None:
        yield Hit("secret", "a master key", added.number(0), edit.new.strip())
    mild = is_of("test", edit.path) or is_of("example", edit.path)
    whole = edit.new.encode("utf-8", "replace")
    had = {one.value for one in tokens(edit.old.encode("utf-8", "replace"), _IN_LINES)}
    for one in tokens(added.content, _LOUD if mild else _IN_LINES, whole):
        if (
            one.value not in had
            and _counts(one, edit.old, mild)
            and not (one.form.quiet and added.column(one.start) > _FARTHEST)
        ):
            rule = "secret-public" if one.form.public else "secret"
            yield Hit(rule, one.form.what, added.number(one.start), one.value)
    for url in _URL.finditer(added.content):
        word, host = ((part or b"").decode("utf-8", "replace") for part in url.groups())
        if _is_password(word, host, mild) and url.group().decode("utf-8", "replace") not in edit.old:
            yield Hit("secret", "a password in a URL", added.number(url.start()), word)
    whole_keys = list(_keys(edit, added, whole))
    yield from whole_keys
    if not whole_keys and "PRIVATE KEY-----" not in edit.new:
        yield from (Hit("secret", "a private key without its first line", line) for line in respelled.keys(added))
    blob, at = respelled.texts(added)
    for one in tokens(blob, _DECODED):
        if one.value not in had and _counts(one, edit.old, mild):
            number, how = at(one.start)
            yield Hit("secret", f"{one.form.what}, {how}", number, one.value)


def in_path(path: str) -> str:
    """Return the kind of token that a path holds, "" where there is none."""
    return min(in_bytes(path.encode("utf-8", "surrogateescape")), default="")


def in_bytes(content: bytes) -> set[str]:
    """Return which kinds of token a binary file holds."""
    return {one.form.what for one in tokens(content, PRECISE) if _counts(one, "", False)}


def _counts(token: Token, old: str, mild: bool) -> bool:
    value = token.value.rpartition("-----")[2].strip() if token.form.lines else token.value
    if value in old or len(value) < token.form.least:
        return False
    if token.form.is_proven(value):
        return True
    return not is_placeholder(value[:64] if token.form.lines else value) and not (mild and is_made_up(value))


def _keys(edit: Edit, added: Added, whole: bytes) -> Iterator[Hit]:
    """Yield the first private key; its first line counts only with its body, for code that reads keys names it too."""
    if edit.new.count("PRIVATE KEY-----") > _MOST_KEYS:
        yield Hit("secret", "private keys", 1)
        return
    numbers = {line.number for line in added.lines}
    for one in tokens(whole, _OVER_LINES):
        first = whole.count(b"\n", 0, one.start) + 1
        last = first + one.value.count("\n")
        if _counts(one, edit.old, False) and not numbers.isdisjoint(range(first, last + 1)):
            yield Hit("secret", one.form.what, first, one.value)
            return


def _is_password(word: str, host: str, mild: bool) -> bool:
    if (
        is_placeholder(word)
        or any(poor.search(word) for poor in _POOR)
        or _AT_HOME.search(host)
        or is_placeholder(host)
    ):
        return False
    return not mild or (len(word) >= 12 and entropy(word) >= 3.3 and not is_made_up(word))
