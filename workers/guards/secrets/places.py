"""Secrets that are known by where they stand: connection strings, credentials of tools, keys in JSON, command lines.

Law: only what a person would call random is taken for one; every expression is linear in the length of its line.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from workers.guards.edits import Edit
from workers.guards.kinds import is_example, is_test
from workers.guards.secrets.dummies import entropy, is_jumbled, is_made_up, is_placeholder

_FORMS = (
    (
        "a password in a connection string",
        re.compile(
            r"(?i)(?:[;&?\"']|^)(?:password|passwd|pwd|sharedaccesskey|accountkey|sig)="
            r"(?P<v>[^;&'\"\s<>{}$()]{10,200})(?=[;&'\"]|$)"
        ),
    ),
    (
        "a token in a URL",
        re.compile(r"\bhttps?://(?P<v>[A-Za-z0-9_-]{20,200})(?::x-oauth-basic)?@[\w.-]"),
    ),
    (
        "a password on a command line",
        re.compile(
            r"\b(?:curl|http|wget)\b[^\n]{0,200}?\s(?:-u|--user|--password)[\s=]?[\"']?(?:[\w.@-]{1,60}:)?"
            r"(?P<v>[^\s\"':$]{10,120})"
        ),
    ),
    (
        "a password on a command line",
        re.compile(
            r"\b(?:sshpass\s+-p|(?:mysql|mysqldump|mariadb)\b[^\n|;]{0,120}?\s-p|redis-cli\b[^\n]{0,120}?\s-a)\s?"
            r"[\"']?(?P<v>[^\s\"'$-][^\s\"'$]{9,120})"
        ),
    ),
    (
        "a password of a machine",
        re.compile(r"\blogin\s+\S{1,80}\s+password\s+(?P<v>\S{8,200})"),
    ),
    (
        "credentials of a registry",
        re.compile(r"(?::|^)_(?:auth|authToken|password)\s*=\s*[\"']?(?P<v>[A-Za-z0-9+/=_.-]{16,400})"),
    ),
    (
        "the value of a password element",
        re.compile(
            r"(?i)<(?:password|passwd|secret|apikey|api-key|token|passphrase|clientsecret)>(?P<v>[^<>${}\s]{10,200})</"
        ),
    ),
    (
        "the value of a secret setting",
        re.compile(
            r"(?i)(?:key|name)=\"[^\"]{0,60}(?:password|secret|apikey|api[_-]key|token|connectionkey)[^\"]{0,20}\"\s+"
            r"value=\"(?P<v>[^\"${}]{12,200})\""
        ),
    ),
    (
        "a key of an application",
        re.compile(
            r"(?i)\b(?:APP_KEY\s*=\s*base64:|secret_key_base[\"']?\s*[:=]\s*[\"']?|rails_master_key\s*=\s*)"
            r"(?P<v>[A-Za-z0-9+/=_-]{30,200})"
        ),
    ),
)
_WORDS = (
    "://", "=", "curl", "http", "sshpass", "mysql", "login", "_auth", "<", "key", "KEY", "redis-cli", "wget", "mariadb",
)  # fmt: skip
_PLAIN_AUTH = re.compile(r"\"auth\"\s*:\s*\"(?P<v>[A-Za-z0-9+/]{16,400}={0,2})\"")
_JWK = re.compile(r"\"(?:d|k)\"\s*:\s*\"(?P<v>[\w-]{32,4000})\"")
_SECRET_DATA = re.compile(
    r"^\s+[\w.-]*(?:pass|secret|token|key|cred)[\w.-]*:\s*[\"']?(?P<v>[A-Za-z0-9+/]{16,400}={0,2})[\"']?\s*$", re.I
)
_MASTER = re.compile(r"(^|/)(master|credentials/\w+)\.key$")
_ON_ITS_OWN = re.compile(r"^\s*[0-9a-f]{32}\s*$")
_NETRC = re.compile(r"^\s*password\s+(?P<v>\S{8,200})\s*$")


def search(edit: Edit) -> Iterator[tuple[str, str, int]]:
    """(rule, kind, line number) of every secret in its usual place in added lines."""
    if _MASTER.search(edit.path) and edit.added and _ON_ITS_OWN.match(edit.added[0].text[:200]):
        yield "secret", "a master key", edit.added[0].number
    if is_test(edit.path) or is_example(edit.path):
        return
    whole = edit.new[:200_000]
    jwk, docker, kube = '"kty"' in whole, '"auths"' in whole, re.search(r"^kind:\s*Secret\b", whole, re.M) is not None
    netrc = "machine " in whole and "login " in whole
    for line in edit.added:
        text = line.text[:2000]
        if kind := _in_line(text, edit.old):
            yield "secret", kind, line.number
        elif jwk and any(_random(one["v"], edit.old, 4.0) for one in _JWK.finditer(line.text[:20_000])):
            yield "secret", "a private key in JSON", line.number
        elif docker and any(_opens(one["v"]) for one in _PLAIN_AUTH.finditer(text)):
            yield "secret", "credentials of a registry", line.number
        elif kube and (one := _SECRET_DATA.match(text)) and _opens(one["v"], alone=True):
            yield "secret", "the data of a secret", line.number
        elif netrc and (one := _NETRC.match(text)) and _random(one["v"], edit.old):
            yield "secret", "a password of a machine", line.number


def _in_line(text: str, old: str) -> str:
    if not any(word in text for word in _WORDS):
        return ""
    return next((kind for kind, form in _FORMS for one in form.finditer(text) if _random(one["v"], old)), "")


def _random(value: str, old: str, least: float = 3.0) -> bool:
    """Letters and digits mixed, as no word is."""
    if not is_jumbled(value) or value in old or is_placeholder(value) or is_made_up(value):
        return False
    return entropy(value) >= least and not re.match(r"^(?:https?|s3|gs|arn|file):|^[./~]", value)


def _opens(word: str, *, alone: bool = False) -> bool:
    """Whether base64 spells `user:password`, or for `alone` something random."""
    try:
        plain = base64.b64decode(word + "=" * (-len(word) % 4)).decode("ascii")
    except (ValueError, binascii.Error):
        return False
    return _random(plain if alone else plain.partition(":")[2], "")
