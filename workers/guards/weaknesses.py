"""Weak code in the lines that a change brings: bandit for Python, a few forms for other languages.

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
from workers.guards.kinds import is_code, is_example, is_test
from workers.guards.rules import found

SECONDS = 60.0
"""How long bandit may take over one change."""
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
# Rule, what one looks for in a file, the form of a line, what is said of it, and words in small letters of which every
# line of that form has one: looking for them is fifty times as fast.
_LINE_FORMS = (
    (
        "tls-off",
        ("erify", "VERIFY", "nsecure",
         "nauthorized", "UNAUTHORIZED", "TLS", "ssl", "SSL", "Cert", "certs", "curl", "warnings"),
        re.compile(
            r"\bverify\s*=\s*False|rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|"
            r"InsecureSkipVerify\s*:\s*true|"
            r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*(?:,|=>)\s*(?:0|false)|_create_unverified_context|"
            r"check_hostname\s*=\s*False|"
            r"ssl\.CERT_NONE|VERIFY_NONE|danger_accept_invalid_(?:certs|hostnames)\(\s*true|strict-ssl\s*[= ]\s*false|"
            r"http\.sslVerify[= ]+false|GIT_SSL_NO_VERIFY|ALLOW_ALL_HOSTNAME_VERIFIER|NoopHostnameVerifier|"
            r"TrustAllCert\w*|"
            r"ServerCertificate\w*Callback\s*[+=]+.*true|setHostnameVerifier\(.*->\s*true|\bcurl\s.*(?:\s-k\b|"
            r"--insecure)|"
            r"\bwget\s.*--no-check-certificate|verify_ssl\s*[=:]\s*(?:False|false)|ssl_verify\s*[=:]\s*(?:False|false)|"
            r"verify_peer[\"']?\s*(?:=>|=|:)\s*false|badCertificateCallback|\.disable_warnings\(\s*\)|"
            r"tls_insecure\w*\s*[=:]\s*true"
        ),
        "does not check who is at the other end of a connection",
        ("verif", "unauthorized", "check_hostname", "cert_none", "danger_accept_invalid", "strict-ssl", "trustallcert",
         "servercertificate", "curl", "wget", "badcertificate", "disable_warnings", "tls_insecure"),
    ),
    (
        "runs-input",
        ("eval", "exec", "Function", "shell", "system", "popen", "Runtime", "Process", "Command", "setTimeout", "runIn",
         "pickle", "yaml", "arshal", "unserialize", "ObjectInput", "BinaryF", "gets", "passthru", "proc_open",
         "curl", "wget", "Invoke"),
        re.compile(
            r"\beval\s*\((?!\s*[\"'`])|\bnew\s+Function\s*\(|\bexec\s*\(\s*(?:request|req|input|params|argv|body|"
            r"data|user)|"
            r"\bshell\s*=\s*True|\bos\.(?:system|popen)\s*\(|child_process[\w.]*\.exec(?:Sync)?\s*\(|"
            r"\bexec(?:Sync)?\s*\(\s*`[^`]*\$\{|"
            r"Runtime\.getRuntime\(\)\.exec|ProcessBuilder\(\s*\"(?:sh|bash|cmd)|exec\.Command\(\s*\"(?:sh|bash|cmd)\"|"
            r"Command::new\(\s*\"(?:sh|bash|cmd)\"|\b(?:shell_exec|passthru|proc_open|popen)\s*\(|\bsystem\s*\(\s*\$|"
            r"\b(?:instance|class|module)_eval\s*[( ]|\bsetTimeout\s*\(\s*[\"'`]|vm\.runIn\w*Context|"
            r"pickle\.loads?\s*\(|yaml\.load\s*\((?!.*Safe)|marshal\.loads|\bunserialize\s*\(\s*\$|"
            r"ObjectInputStream\(|Marshal\.load\b|"
            r"\b(?:curl|wget|iwr|Invoke-WebRequest)\b[^|\n]*\|\s*(?:sudo\s+)?(?:\w+=\S+\s+)*(?:ba|z|da|k)?sh\b|"
            r"\b(?:curl|wget)\b[^|\n]*\|\s*(?:sudo\s+)?(?:python3?|node|perl|ruby|iex)\b|(?:ba|z)?sh\s+<\(\s*(?:curl|wget)|"
            r"BinaryFormatter\(|Process\.Start\(|\bsystem\s*\(\s*[a-z_]\w*\s*\)|\bgets\s*\(\s*\w+\s*\)\s*;"
        ),
        "may run or unpack what comes from outside",
        ("eval", "exec", "function", "shell", "system", "popen", "child_process", "processbuilder", "command::new",
         "passthru", "proc_open", "settimeout", "vm.runin", "pickle", "yaml", "marshal", "unserialize",
         "objectinputstream", "binaryformatter", "process.start", "gets", "curl", "wget", "invoke"),
    ),
    (
        "writes-markup",
        ("HTML", "document.write", "v-html", "@html", "raw", "mark_safe", "safe", "template.", "Raw", "{!!",
         "bypassSecurity"),
        re.compile(
            r"\.(?:inner|outer)HTML\s*\+?=(?!=)|dangerouslySetInnerHTML|document\.write(?:ln)?\s*\(|"
            r"insertAdjacentHTML\s*\(|"
            r"\bv-html\s*=|\{@html\s|bypassSecurityTrust\w+|\.html_safe\b|\braw\s*\(\s*\w+\s*\)|mark_safe\s*\(|"
            r"\|\s*safe\s*\}\}|"
            r"template\.(?:HTML|JS|URL)\s*\(|Html\.Raw\s*\(|\{!!\s*\$"
        ),
        "writes markup that is not escaped",
        ("html", "document.write", "bypasssecuritytrust", "raw", "safe", "template.", "{!!"),
    ),
    (
        "builds-sql",
        ("xecute", "uery", "raw", "exec", "repare"),
        re.compile(
            r"(?i)\b(?:execute|query|raw|exec|prepare|executeQuery)\w*\s*\(\s*(?:f[\"']|"
            r"[\"'`][^\"'`]{0,200}\b(?:select|insert|update|delete)\b"
            r"[^\"'`]{0,300}(?:[\"']\s*(?:\+|%|\.\s*\$)|\$\{)|f[\"'][^\"']{0,200}\b(?:select|insert|update|delete)\b)"
        ),
        "puts values into the text of a query",
        ("exec", "query", "raw", "prepare"),
    ),
)  # fmt: skip
_COMMENT = re.compile(r"^\s*(//|#|\*|/\*|--|<!--)")


def guard(change: Examined) -> Iterator[Found]:
    """Lines of weak forms, then what bandit says of added lines of Python."""
    for edit in change.edits:
        if edit.changed.status != "D" and is_code(edit.path) and not is_test(edit.path) and not is_example(edit.path):
            yield from _forms(edit)
    yield from _bandit([edit for edit in change.edits if _is_python(edit)])


def _forms(edit: Edit) -> Iterator[Found]:
    told: set[str] = set()
    whole = edit.new
    forms = [one for one in _LINE_FORMS if any(hint in whole for hint in one[1])]
    for line in edit.added if forms else ():
        text = line.text[:1000]
        small = text.casefold()
        for rule, _, form, sentence, words in forms:
            if rule in told or not any(word in small for word in words):
                continue
            if form.search(text) and not _COMMENT.match(text):
                told.add(rule)
                yield found(rule, edit.path, f"{sentence} (line {line.number})")


def _is_python(edit: Edit) -> bool:
    python = edit.path.endswith((".py", ".pyw")) and edit.changed.status != "D"
    worth = python and not is_test(edit.path) and len(edit.new) <= _LARGEST
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
        yield found("weakness-unread", looked[0].path, "the scan for weak code did not end well")
        return
    for at, edit in enumerate(looked):
        yield from _said(edit, [one for one in results if one.get("filename", "").endswith(f"/{at:04}.py")])


def _run(folder: Path, texts: list[str]) -> list[dict[str, str]] | None:
    """bandit's findings over texts, each in a file with its number; None where it failed or took too long."""
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
    """Findings on added lines alone, the worst first; bandit's own sentence is fixed text, cut all the same."""
    added = {str(line.number) for line in edit.added}
    fresh = [one for one in results if str(one.get("line_number")) in added and one.get("test_id") not in _ELSEWHERE]
    fresh.sort(key=lambda one: -_weight(one))
    for one in fresh[:_PER_FILE]:
        if _weight(one) >= 2 and not is_example(edit.path):
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
