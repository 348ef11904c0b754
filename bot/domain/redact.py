"""Known secrets become `[redacted]`, wherever text leaves for a person, a log or a forge.

Law: redact before cutting or escaping; half a secret is still a secret, and no pattern would find it any more.
"""

from __future__ import annotations

import re

MARK = "[redacted]"

_WHOLE = (
    r"xox[abeoprs]-[A-Za-z0-9-]{8,}",
    r"xoxe\.xox[bp]-[A-Za-z0-9-]{8,}",
    r"xapp-\d-[A-Za-z0-9-]{8,}",
    r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{10,}",
    r"gh[opsur]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[\w-]{16,}",
    r"sk-ant-[\w-]{8,}",
    r"sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",
    r"AIza[\w-]{35}",
    r"ya29\.[\w-]{20,}",
    r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[\w-]{32,}",
    r"eyJ[\w-]{8,512}+\.eyJ[\w-]{8,8000}+\.[\w-]{8,}",
)
_TOKEN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_WHOLE)})")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=\s\\]*+")
_LONGEST_KEY = 20_000
_AWS = re.compile(r"(?i)(aws_?(?:secret_?access_?key|session_?token)[\"']?\s{0,4}[:=]\s{0,4}[\"']?)[A-Za-z0-9/+=]{30,}")
_HEADER = re.compile(r"(?i)\b((?:bearer|basic|token)\s{1,4})([A-Za-z0-9._~+/-]{20,}={0,2})")
_NAMED = re.compile(
    r"(?i)((?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|private[_-]?key)"
    r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?)([a-z0-9_/+=-]{12,}+)([.(\[]?)"
)
_DIGIT = re.compile(r"[0-9]")
_IN_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@]{0,100}:)[^\s/@]{3,200}(?=@)")


def redact(text: str) -> str:
    """`text` with every secret that looks like one replaced; linear in its length."""
    text = _without_keys(text)
    text = _TOKEN.sub(MARK, text)
    text = _AWS.sub(rf"\1{MARK}", text)
    text = _HEADER.sub(rf"\1{MARK}", text)
    text = _IN_URL.sub(rf"\1{MARK}", text)
    return _NAMED.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    """A value with a digit in it is a secret; what goes on as an expression (`secret=settings.x`) is code."""
    name, value, code = found.groups()
    return found.group() if code or not _DIGIT.search(value, 0, 200) else f"{name}{MARK}"


def _without_keys(text: str) -> str:
    """Without private keys; one whose end is missing loses what looks like its body. Each end is looked for once."""
    kept: list[str] = []
    at, end = 0, _END.search(text)
    while begin := _BEGIN.search(text, at):
        while end and end.start() < begin.end():
            end = _END.search(text, end.end())
        whole = end and end.start() - begin.end() <= _LONGEST_KEY
        body = _KEY_BODY.match(text, begin.end())
        kept += (text[at : begin.start()], MARK)
        at = end.end() if end and whole else body.end() if body else begin.end()
    return "".join((*kept, text[at:]))
