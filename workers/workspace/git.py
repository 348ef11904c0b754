"""Run the git program so that only our arguments decide what it does.

Git reads dozens of settings, hooks and variables, and many of them start programs.

Law: git gets no environment, no system or user configuration, and no hook, filter, pager, helper or protocol except
those named here. No secret is in its arguments, where other users of the host could read it.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

_HOOK_EVENTS = (
    *("applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout", "post-commit"),
    *("post-index-change", "post-merge", "post-rewrite", "pre-applypatch", "pre-auto-gc", "pre-commit"),
    *("pre-merge-commit", "pre-push", "pre-rebase", "prepare-commit-msg", "push-to-checkout"),
    *("reference-transaction", "sendemail-validate"),
)
# Old histories of honest projects contain these flaws; none of them is dangerous.
_FORGIVEN = (
    *("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "badDate", "badDateOverflow"),
    *("missingEmail", "badEmail"),
)

_CONFIG: tuple[tuple[str, str], ...] = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.sshCommand", "/bin/false"),
    ("core.gitProxy", "/bin/false"),
    ("core.askPass", "/bin/false"),
    ("core.editor", "/bin/false"),
    ("core.pager", "cat"),
    ("core.alternateRefsCommand", "true"),
    ("core.quotePath", "false"),
    ("core.symlinks", "true"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("credential.helper", ""),
    ("http.proxy", ""),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
    ("protocol.allow", "never"),
    ("protocol.https.allow", "always"),
    ("diff.external", ""),
    ("diff.ignoreSubmodules", "all"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("fetch.unpackLimit", "1"),  # fetched objects are in packs, ours are loose: sandboxes see only packs
    ("push.recurseSubmodules", "no"),
    ("push.followTags", "false"),
    ("push.gpgSign", "false"),
    ("safe.bareRepository", "explicit"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("transfer.fsckObjects", "true"),
    ("fetch.fsckObjects", "true"),
    *((f"fetch.fsck.{name}", "ignore") for name in _FORGIVEN),
    *((f"hook.{event}.enabled", "false") for event in _HOOK_EVENTS),
)
_ENVIRONMENT = {
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GIT_SSH_COMMAND": "/bin/false",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "/bin/false",
    "GIT_SEQUENCE_EDITOR": "/bin/false",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TEMPLATE_DIR": "",
    "GIT_ADVICE": "0",
}
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECRET = re.compile(rb"(?i)(authorization:\s*\w+\s+|://)[^\s@]+(@?)")


class GitFailed(Exception):
    """Git failed. `said` is the end of its stderr without secrets, `code` its exit code (None: killed)."""

    def __init__(self, verb: str, code: int | None, said: str) -> None:
        super().__init__(f"git {verb} ended with {code}: {said[-400:]}")
        self.verb = verb
        self.code = code
        self.said = said


def is_sha(text: str) -> bool:
    """Return whether `text` is a full object name."""
    return _SHA.fullmatch(text) is not None


def require_sha(text: str) -> str:
    """Return `text` if it is a full object name. Raises ValueError: nothing else may become an argument."""
    if not is_sha(text):
        raise ValueError(f"not an object name: {text[:60]!r}")
    return text


def is_loopback(url: str) -> bool:
    """Return whether an http URL points to this machine."""
    host = (urlsplit(url).hostname or "").lower()
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def remote_settings(url: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Return the settings to talk to `url`; the token goes into the environment. ValueError for an unsafe URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.password:
        raise ValueError("a clone URL must be https, without a user name in it")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("a clone URL must be https; plain http is only for this machine")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError("a clone URL must not contain white space")
    settings: list[tuple[str, str]] = []
    if parts.scheme == "http":
        settings.append(("protocol.http.allow", "always"))
    if token:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings.append((f"http.{parts.scheme}://{parts.netloc}/.extraHeader", f"Authorization: Basic {basic}"))
    return tuple(settings)


class Git:
    """The git program on one repository folder that only we write."""

    def __init__(self, gitdir: Path) -> None:
        self.gitdir = gitdir
        found = shutil.which("git", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
        if found is None:
            raise GitFailed("", None, "git is not installed. Install it with: apt-get install git.")
        self._program = found

    def environment(self, extra: Mapping[str, str] | None, config: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the whole environment of one run."""
        env = dict(_ENVIRONMENT)
        env["PATH"] = f"{Path(self._program).parent}:/usr/bin:/bin"
        env["GIT_DIR"] = str(self.gitdir)
        env["GIT_CEILING_DIRECTORIES"] = str(self.gitdir.parent)
        settings = (*_CONFIG, *config)
        http = any(key == "protocol.http.allow" for key, _ in config)
        env["GIT_ALLOW_PROTOCOL"] = "https:http" if http else "https"
        env["GIT_CONFIG_COUNT"] = str(len(settings))
        for at, (key, value) in enumerate(settings):
            env[f"GIT_CONFIG_KEY_{at}"] = key
            env[f"GIT_CONFIG_VALUE_{at}"] = value
        env.update(extra or {})
        return env

    def run(
        self,
        *args: str,
        input: bytes = b"",
        env: Mapping[str, str] | None = None,
        config: Sequence[tuple[str, str]] = (),
        timeout: float = 120.0,
        ok: tuple[int, ...] = (0,),
        keep: Sequence[int] = (),
    ) -> tuple[int, bytes, str]:
        """Run one git command; (exit code, stdout, stderr). Raises `GitFailed` for a code that is not in `ok`."""
        process = self.start(*args, env=env, config=config, keep=keep, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            end(process)
            raise GitFailed(args[0], None, f"took longer than {timeout:g} seconds (timed out)") from error
        except BaseException:
            end(process)
            raise
        said = _SECRET.sub(rb"\1***\2", err).decode("utf-8", "replace").strip()
        if process.returncode not in ok:
            raise GitFailed(args[0], process.returncode, said)
        return process.returncode, out, said

    def text(self, *args: str, input: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Return the output of one command, stripped."""
        return self.run(*args, input=input, env=env)[1].decode("utf-8", "surrogateescape").strip()

    def start(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        config: Sequence[tuple[str, str]] = (),
        keep: Sequence[int] = (),
        stdin: int = subprocess.PIPE,
        stderr: int = subprocess.DEVNULL,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a command and leave its pipes to the caller, who must `end` it."""
        return subprocess.Popen(
            [self._program, *args],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=self.environment(env, config),
            cwd=cwd or (self.gitdir if self.gitdir.is_dir() else Path("/")),
            pass_fds=keep,
            start_new_session=True,
        )

    @contextmanager
    def reading(
        self, *args: str, stdin: int = subprocess.DEVNULL, env: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Yield a command whose output is read as a stream; it is killed when the block ends, read or not."""
        process = self.start(*args, stdin=stdin, env=env)
        try:
            yield process
        finally:
            end(process)

    def limited(self, *args: str, limit: int, timeout: float = 60.0) -> bytes:
        """Return at most `limit` bytes of a command's output, then kill the command."""
        deadline = time.monotonic() + timeout
        kept = bytearray()
        with self.reading(*args) as process:
            assert process.stdout is not None
            while len(kept) < limit and time.monotonic() < deadline:
                piece = os.read(process.stdout.fileno(), min(65536, limit - len(kept)))
                if not piece:
                    code = process.wait(timeout=max(1.0, deadline - time.monotonic()))
                    if code != 0:
                        raise GitFailed(args[0], code, "its output ended early")
                    break
                kept += piece
        return bytes(kept)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command with the programs it started, and close its pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
