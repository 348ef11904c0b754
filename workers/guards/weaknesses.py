"""Weak code in the lines that a change adds, as bandit sees it in Python; other languages have tables of forms.

Law: bandit reads copies under names of ours in a folder of ours, as a child process with limits; nothing of the
repository is run, imported, or read as its settings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workers.guards.edits import Edit, Examined
from workers.guards.found import Found
from workers.guards.rules import found, is_of

SECONDS = 60.0
"""How long bandit may take for one change."""
_MOST_FILES = 200
_LARGEST = 1 << 20
_MEMORY = 2 << 30
_PROGRAM = f"""
import resource, runpy
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
resource.setrlimit(resource.RLIMIT_CPU, ({int(SECONDS)}, {int(SECONDS)}))
resource.setrlimit(resource.RLIMIT_FSIZE, ({64 << 20}, {64 << 20}))
runpy.run_module("bandit", run_name="__main__", alter_sys=True)
"""
_WORTH = (
    "exec", "eval", "chmod", "0.0.0.0", "/tmp", "/dev/shm", "request", "httpx", "verify", "debug", "subprocess", "os.",  # noqa: S104, S108 - words
    "popen", "spawn", "shell", "ssl", "tls", "cipher", "crypt", "md2", "md4", "md5", "sha1", "hash", "pickle", "dill",
    "shelve", "marshal", "yaml", "safe", "url", "telnet", "ftp", "xml", "sax", "dom", "expat", "paramiko", "mako",
    "jinja", "snmp", "tar", "zip", "extract", "huggingface", "listen", "select", "insert", "update", "delete", "raw",
    "extra", "torch", "load", "des", "arc", "input", "token", "django", "mktemp", "wildcard", "commands", "pexpect",
    "httpoxy", "cgi", "template",
)  # fmt: skip
"""Words without which bandit has nothing to say that we would tell; starting it costs more than looking for them."""
_OPTIONS = ("-f", "json", "-q", "--exit-zero", "--ignore-nosec")
_PER_FILE = 3
_RANK = {"LOW": 0, "MEDIUM": 1, "HIGH": 2}


def guard(change: Examined) -> Iterator[Found]:
    """Yield what bandit says of added lines of Python."""
    yield from _bandit([edit for edit in change.edits if _is_python(edit)])


def _is_python(edit: Edit) -> bool:
    python = edit.path.endswith((".py", ".pyw")) and edit.changed.status != "D"
    worth = python and not is_of("test", edit.path) and len(edit.new) <= _LARGEST
    if not worth:
        return False
    added = "\n".join(line.text[:2000] for line in edit.added).casefold()
    return any(word in added for word in _WORTH)


def _bandit(edits: list[Edit]) -> Iterator[Found]:
    if not edits:
        return
    if len(edits) > _MOST_FILES:
        yield found(
            "weakness-unread", edits[_MOST_FILES].path, f"is one of {len(edits) - _MOST_FILES} files not scanned"
        )
    looked = edits[:_MOST_FILES]
    with tempfile.TemporaryDirectory(prefix="shipmate-sast-") as folder:
        results = _run(Path(folder), [edit.new for edit in looked])
    if results is None:
        yield found("weakness-unread", looked[0].path, "the scan for weak code failed")
        return
    for at, edit in enumerate(looked):
        yield from _said(edit, [one for one in results if one.get("filename", "").endswith(f"/{at:04}.py")])


def _run(folder: Path, texts: list[str]) -> list[dict[str, str]] | None:
    """Return bandit's findings in texts, each in a file with its number; or None where it failed or took too long."""
    paths = [folder / f"{at:04}.py" for at in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8", errors="replace")
    command = [sys.executable, "-I", "-c", _PROGRAM, *_OPTIONS, *map(str, paths)]
    surroundings = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        results = json.loads(done.stdout).get("results")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return results if isinstance(results, list) else None


def _said(edit: Edit, results: list[dict[str, str]]) -> Iterator[Found]:
    """Yield findings on added lines alone, the worst first; bandit's own sentence is fixed text, cut all the same."""
    added = {str(line.number) for line in edit.added}
    fresh = [one for one in results if str(one.get("line_number")) in added and one.get("test_id") not in _ELSEWHERE]
    fresh.sort(key=lambda one: -_weight(one))
    for one in fresh[:_PER_FILE]:
        if _weight(one) >= 2 and not is_of("example", edit.path):
            rule = "weakness" if _weight(one) == 4 and one.get("test_id") not in _MILD else "weakness-possible"
            words = re.sub(r"[^ -~]", "?", str(one.get("issue_text", "")))[:120].split(". ")[0].rstrip(". ")
            yield found(rule, edit.path, f"line {one.get('line_number')}: {words} (bandit {one.get('test_id')})")


_ELSEWHERE = frozenset({"B101", "B105", "B106", "B107", "B613"})
"""Asserts are no weakness; passwords and turned text have guards of their own."""
_MILD = frozenset({"B324", "B303"})
"""Old digests, which are mostly checksums and cache keys."""


def _weight(one: dict[str, str]) -> int:
    severity, confidence = _RANK.get(one.get("issue_severity", ""), 0), _RANK.get(one.get("issue_confidence", ""), 0)
    return severity + confidence if severity and confidence else 0
