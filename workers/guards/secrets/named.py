"""Values whose name says that they are secret: `password = "..."`, `API_KEY: ...`.

Only what a person would call random counts as a secret here; tests and documentation are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from bot.secret_forms import PUBLIC, tokens
from bot.secret_forms.dummies import entropy, is_jumbled, is_made_up, is_placeholder
from workers.ecosystems.forms import encoded
from workers.guards.edits import Edit
from workers.guards.rules import is_of
from workers.guards.secrets.added import Added, Hit

_NAMES = (
    r"(?mi)(?P<name>pass(?:word|wd|phrase)|secret|bearer|credentials?|token)",
    r"(?mi)(?P<name>(?:secret|api|access|private)[_-]?key)",
    r"(?mi)(?P<name>(?:encryption|signing)[_-]?key)",
)
_VALUE = r"(?P<value>[^\s\"'`,;]{12,200})(?P<call>[(\[]?)"
_ASSIGNED = r"[\"'\])]{0,3}[ \t]{0,8}(?::=|=>|[:=]|\|\||\?\?|\bor\b)[ \t]{0,8}(?P<quote>[\"'`]?)"
_PASSED = r"[\"'][ \t]{0,8},[ \t]{0,8}(?P<quote>[\"'])"
_BEHIND = r"[ \t](?P<quote>)(?P<value>[A-Za-z0-9+/]{20,200})(?P<call>)$"
"""A value behind its name and a blank alone, at the end of the line, needs no quotes."""
_FORMS = tuple(re2.compile(name + rest) for rest in (_ASSIGNED + _VALUE, _PASSED + _VALUE, _BEHIND) for name in _NAMES)
_HEADER = re2.compile(r"(?i)\b(?:bearer|basic)[ \t]{1,4}(?P<value>[A-Za-z0-9._~+/-]{24,512}={0,2})")
_FARTHEST = 2000
"""Column behind which values are not looked for: such lines are made by machines."""
_CALLS = re2.compile(r"[(\[{<>]|::|->|\.\w+\(")
_CODE = re2.compile(r"[(\[{<>]|::|->|\.\w+\(|^[A-Za-z_][\w.]*$")
_ELSEWHERE = re2.compile(r"(?i)^(?:https?|file|s3|gs|arn|sha\d+|git|ssh|data|urn)[:+-]|^/|^\.{1,2}/")
_NOT_SECRET = re2.compile(
    r"(?i)^[\w-]+\.[a-z]{2,4}$|\.(?:py|js|ts|json|pem|txt|ya?ml)$|^[0-9a-f]{8}-[0-9a-f]{4}-|^v?\d+\.\d+|^[A-Z_]+$|^\d+$"
)
"""Names of files, identifiers, versions, words and numbers."""
_LOCKS = re2.compile(r"(?i)(?:^|/)[^/]*(?:lock|\.sum|shrinkwrap)[^/]*$")
_CONFIGURES = re2.compile(
    r"(?i)(?:^|/)(?:\.env[^/]*|Dockerfile[^/]*|"
    r"[^/]*\.(?:env|ya?ml|ini|cfg|conf|properties|tfvars|tfstate|toml|sh|bash|zsh|ps1|json))$"
)
"""Files whose values often stand without quotes."""
_QUOTES = re2.compile(
    r"\.(?:py|[cm]?[jt]sx?|go|rs|java|kt|rb|php|cs|swift|c|cc|cpp|h|vue|svelte|scala|dart|ex|exs)$",
)
"""Files whose values stand in quotes."""


def search(edit: Edit, added: Added) -> Iterator[Hit]:
    """Yield every named secret in added lines."""
    if (
        is_of("test", edit.path)
        or is_of("example", edit.path)
        or is_of("translation", edit.path)
        or _LOCKS.search(encoded(edit.path))
    ):
        return
    quoted_only = _QUOTES.search(encoded(edit.path)) is not None
    code = _CALLS if _CONFIGURES.search(encoded(edit.path)) else _CODE
    public = {one.value for one in tokens(added.content, PUBLIC, edit.new.encode("utf-8", "replace"))}
    for form in _FORMS:
        for one in form.finditer(added.content):
            if one["call"] or added.column(one.start()) > _FARTHEST or (quoted_only and not one["quote"]):
                continue
            value = (one["value"] or b"").decode("utf-8", "replace")
            if not one["quote"] and code.search(value):
                continue
            least = 3.0 if (one["name"] or b"").lower().startswith(b"pass") else 3.4
            if value not in edit.old and _is_random(value, least) and value not in public:
                yield Hit("secret", "a password, key or token with its name", added.number(one.start()), value)
    for one in _HEADER.finditer(added.content):
        value = (one["value"] or b"").decode("utf-8", "replace")
        if value not in edit.old and added.column(one.start()) <= _FARTHEST and _is_random(value, 3.6):
            yield Hit("secret", "the value of an Authorization header", added.number(one.start()), value)


def _is_random(value: str, least: float) -> bool:
    """Return whether letters and digits are mixed as in no word, and there are enough of them."""
    if not is_jumbled(value) or is_placeholder(value) or is_made_up(value):
        return False
    return entropy(value) >= least and not _ELSEWHERE.search(value) and not _NOT_SECRET.search(value)
