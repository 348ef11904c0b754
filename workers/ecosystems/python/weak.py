"""Weak code as bandit sees it.

Law: bandit reads copies under names of ours in a folder of ours, as a child process with limits; nothing of the
repository is run, imported, or read as its settings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from workers.ecosystems import Scan, Weak

SECONDS = 60.0
"""How long bandit may take for one change."""
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
_RANK = {"LOW": 0, "MEDIUM": 1, "HIGH": 2}
_ELSEWHERE = frozenset({"B101", "B105", "B106", "B107", "B613"})
"""Asserts are no weakness; passwords and turned text have guards of their own."""
_MILD = frozenset({"B324", "B303"})
"""Old digests, which are mostly checksums and cache keys."""


def worth(added: str) -> bool:
    """Return whether bandit may have anything to say of added lines."""
    added = added.casefold()
    return any(word in added for word in _WORTH)


def run(texts: list[str]) -> list[list[Weak]] | None:
    """Return what is weak in each text, each of which is put into a file; None where bandit failed or took too long."""
    with tempfile.TemporaryDirectory(prefix="shipmate-sast-") as folder:
        paths = [Path(folder) / f"{at:04}.py" for at in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8", errors="replace")
        results = _results(folder, list(map(str, paths)))
    if results is None:
        return None
    told = [one for one in results if one.get("test_id") not in _ELSEWHERE]
    return [[_weak(one) for one in told if str(one.get("filename", "")).endswith(f"/{path.name}")] for path in paths]


def _results(folder: str, paths: list[str]) -> list[Mapping[str, object]] | None:
    command = [sys.executable, "-I", "-c", _PROGRAM, *_OPTIONS, *paths]
    surroundings, none = {"PATH": "/usr/bin:/bin", "HOME": folder}, subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, cwd=folder, env=surroundings, stdin=none, capture_output=True, timeout=SECONDS, check=True
        )
        results = json.loads(done.stdout).get("results")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return results if isinstance(results, list) else None


def _weak(one: Mapping[str, object]) -> Weak:
    """Return one finding; bandit's own sentence is fixed text, cut all the same."""
    severity, confidence = (_RANK.get(str(one.get(f"issue_{kind}")), 0) for kind in ("severity", "confidence"))
    words = re.sub(r"[^ -~]", "?", str(one.get("issue_text", "")))[:120].split(". ")[0].rstrip(". ")
    number, test = one.get("line_number"), one.get("test_id")
    return Weak(
        number if isinstance(number, int) else 0,
        f"{words} (bandit {test})",
        severity + confidence if severity and confidence else 0,
        test in _MILD,
    )


SCAN = Scan(re.compile(r"\.pyw?$"), worth, run)
