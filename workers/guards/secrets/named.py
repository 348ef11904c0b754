"""Values whose name says that they are secret: `password = "..."`, `API_KEY: ...`.

Law: only what a person would call random is taken for a secret here; tests and documentation are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.edits import Edit
from workers.guards.kinds import is_example, is_test, is_translation
from workers.guards.secrets.dummies import entropy, is_jumbled, is_made_up, is_placeholder

_NAMED = re.compile(
    r"(?i)(?:password|passwd|passphrase|secret(?:[_-]?key)?|api[_-]?key|apikey|access[_-]?key|access[_-]?token|auth[_-]?token|"
    r"private[_-]?key|client[_-]?secret|bearer|credentials?|encryption[_-]?key|signing[_-]?key|webhook[_-]?secret|token)"
    r"(?:[\"'\])]{0,3}[ \t]{0,8}(?::=|=>|[:=]|\|\||\?\?|\bor\b)|"
    r"[\"'][ \t]{0,8},(?=[ \t]{0,8}[\"'])|(?<=ENV[ \t])|[ \t](?=[A-Za-z0-9+/]{20,200}$))[ \t]{0,8}"
    r"(?P<quote>[\"'`]?)(?P<value>[^\s\"'`,;]{12,200})(?P<after>[(\[]?)"
)
_HEADER = re.compile(r"(?i)\b(?:bearer|basic)[ \t]{1,4}(?P<value>[A-Za-z0-9._~+/-]{24,512}={0,2})")
_WORDS = ("pass", "secret", "key", "token", "bearer", "credent", "bas")
"""In small letters: one of them is in every line that the two forms above match, and looking for them is fast."""
_CODE = re.compile(r"[(\[{<>]|::|->|\.\w+\(|^[A-Za-z_][\w.]*$")
_KNOWN_SHAPES = re.compile(
    r"^(https?|file|s3|gs|arn|sha\d+|git|ssh|data|urn)[:+-]|^/|^\.{1,2}/|^[\w-]+\.[a-z]{2,4}$|\.(py|js|ts|json|pem|txt|ya?ml)$|"
    r"^[0-9a-f]{8}-[0-9a-f]{4}-|^v?\d+\.\d+|^[A-Z_]+$|^\d+$",
    re.I,
)
_LOCKS = re.compile(r"(^|/)[^/]*(lock|\.sum|shrinkwrap)[^/]*$", re.I)
_CONFIGURES = re.compile(
    r"(^|/)(\.env[^/]*|Dockerfile[^/]*|[^/]*\.(env|ya?ml|ini|cfg|conf|properties|tfvars|tfstate|toml|sh|bash|zsh|ps1|json))$",
    re.I,
)
"""Files whose values often stand without quotes."""
_CALLS = re.compile(r"[(\[{<>]|::|->|\.\w+\(")
_PASSWORD = re.compile(r"(?i)pass")


def search(edit: Edit) -> Iterator[tuple[str, str, int]]:
    """(rule, kind, line number) of every named secret in added lines."""
    if is_test(edit.path) or is_example(edit.path) or is_translation(edit.path) or _LOCKS.search(edit.path):
        return
    quoted_only = re.search(
        r"\.(py|[cm]?[jt]sx?|go|rs|java|kt|rb|php|cs|swift|c|cc|cpp|h|vue|svelte|scala|dart|ex|exs)$", edit.path
    )
    code = _CALLS if _CONFIGURES.search(edit.path) else _CODE
    for line in edit.added:
        text = line.text[:2000]
        small = text.casefold()
        if not any(word in small for word in _WORDS):
            continue
        for one in _NAMED.finditer(text):
            value = one["value"]
            if (quoted_only and not one["quote"]) or one["after"] or (not one["quote"] and code.search(value)):
                continue
            if value not in edit.old and _is_random(value, 3.0 if _PASSWORD.match(one.group()) else 3.4):
                yield "secret", "a password, key or token with its name", line.number
                break
        else:
            for one in _HEADER.finditer(text):
                if one["value"] not in edit.old and _is_random(one["value"], 3.6):
                    yield "secret", "the value of an Authorization header", line.number
                    break


def _is_random(value: str, least: float) -> bool:
    """Letters and digits mixed as no word is, and enough of them."""
    if not is_jumbled(value) or is_placeholder(value) or is_made_up(value) or _KNOWN_SHAPES.search(value):
        return False
    return entropy(value) >= least
