"""Build the command line of a bubblewrap sandbox: its file system, its identity and its environment.

Law: a sandbox sees only what this file binds. Only the workspace is writable.
"""

from __future__ import annotations

import glob
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox.history_files import PART, history_files
from workers.workspace import History

WORKSPACE = "/workspace"
DEPS = "/deps"
EGRESS = "/run/egress.sock"
EGRESS_PORT = 61_080
"""The port on a sandbox's loopback that leads to the proxy: above the ports that a kernel assigns by itself."""
HOME = "/home/agent"
_SCRATCH = "/tmp"  # noqa: S108 - the sandbox's own, a fresh file system in memory
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the sandbox's own too

_NAMESPACES = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
    "--uid",
    "1000",
    "--gid",
    "1000",
    "--clearenv",
)
_ETC = (
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/maven/m2.conf",
    "/etc/maven/logging",
)
# Only parts of /etc/maven and /etc/php: people keep passwords in settings.xml and php.ini. Only parts of /etc/ssl: its
# `private` holds the keys of this host's services, and a sandbox that root starts could read them.
_TOOLCHAINS = ("/etc/java-*", "/etc/php/*/cli/conf.d", "/etc/php/*/mods-available")
FILES: tuple[tuple[str, bytes], ...] = (
    (
        "/etc/passwd",
        b"root:x:0:0::/nonexistent:/usr/sbin/nologin\nagent:x:1000:1000::/home/agent:/bin/bash\n"
        b"nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n",
    ),
    ("/etc/group", b"root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n"),
    ("/etc/hosts", b"127.0.0.1 localhost sandbox\n::1 localhost\n"),
    ("/etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files\n"),
)
"""Files of our own making, given to bubblewrap through file descriptors."""

_KERNEL = tuple(f"/proc/{name}" for name in ("sys", "fs", "acpi", "driver", "tty", "scsi", "asound"))
"""Kernel settings, which belong to this host's root. A process with root's user id may write them even without any
capability, and `kernel.core_pattern` alone would run a program on the host. So they are read-only inside."""


HISTORY = "/run/history.git"
GREETING = (
    'git() { case "$PWD/" in /workspace/*) if [ -z "$GIT_DIR" ]; then '
    'case " $*" in *" :"*) ;; " log"*|" show"*|" rev-"*|" cat-file"*|" ls-tree"*|" shortlog"*) false;; esac && '
    f"{{ [ -e {HISTORY}/index ] || {{ GIT_DIR={HISTORY} command git read-tree HEAD; [ ! -e {HISTORY}/{PART} ] || "
    f"GIT_DIR={HISTORY} GIT_WORK_TREE=/workspace command git sparse-checkout reapply 2>/dev/null; }}; }}; "
    f'GIT_DIR={HISTORY} GIT_WORK_TREE=/workspace command git "$@"; return; fi;; esac; command git "$@"; }}\n'
)
"""Read by a shell that is shown a history: `git` finds the history in that shell, but not in programs that it starts.
The workspace has no `.git`, so a test suite sees a plain checkout. The index takes a second with 500,000 files, so it
is made only for the first command that may need it."""


@dataclass(frozen=True)
class View:
    """The view of one sandbox besides the system: folders read-only at their own paths, and the programs' search path.

    `deps` is a folder of installed packages shown at /deps: read-only, unless `proxy`, a socket shown at
    /run/egress.sock, says that they are being installed. `history` is shown as a repository of the sandbox's own.
    `egress` is a socket shown at /run/egress.sock too: what commands may reach, which they find in their environment.
    """

    read_only: tuple[Path, ...] = ()
    path: tuple[Path, ...] = ()
    deps: Path | None = None
    proxy: Path | None = None
    history: History | None = None
    egress: Path | None = None

    @classmethod
    def of(cls, toolbox: Path | None, extra: tuple[Path, ...] = ()) -> View:
        """Return the system, `toolbox` (a virtual environment and its interpreter) and `extra` folders."""
        bound: list[Path] = []
        search: list[Path] = []
        if toolbox is not None and toolbox.is_dir():
            bound += [toolbox.absolute(), *interpreter(toolbox)]
            search.append(toolbox.absolute() / "bin")
        for folder in extra:
            bound.append(folder.absolute())
            if (folder / "bin").is_dir():
                search.append(folder.absolute() / "bin")
        return cls(tuple(dict.fromkeys(bound)), tuple(search))


def interpreter(toolbox: Path) -> tuple[Path, ...]:
    """Return the folders a virtual environment's interpreter lives in, as far as they lie outside `/usr`."""
    found: list[Path] = []
    try:
        lines = (toolbox / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip() == "home":
            prefix = Path(value.strip()).parent
            found += [prefix, prefix.resolve()]
    link = toolbox / "bin" / "python3"
    if link.exists():
        found.append(link.resolve().parent.parent)
    return tuple(dict.fromkeys(p for p in found if p.is_dir() and len(p.parts) > 2 and not p.is_relative_to("/usr")))


def environment(view: View) -> dict[str, str]:
    """Return the whole environment inside; nothing is inherited."""
    installed, variables = _installed(view)
    search = [
        *installed,
        *map(str, view.path),
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ]
    return {
        "PATH": ":".join(search),
        "HOME": HOME,
        "TMPDIR": _SCRATCH,
        "LANG": "C.UTF-8",
        "USER": "agent",
        "LOGNAME": "agent",
        "SHELL": "/bin/bash",
        "TERM": "dumb",
        "CI": "true",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **variables,
        **(_proxied() if view.egress else {}),
    }


def _proxied() -> dict[str, str]:
    """Return the variables that make programs use the proxy."""
    proxy, direct = f"http://127.0.0.1:{EGRESS_PORT}", "localhost,127.0.0.1,::1"
    both = {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": direct}
    return {**both, **{name.upper(): value for name, value in both.items()}, "NODE_USE_ENV_PROXY": "1"}


def given(view: View) -> tuple[tuple[str, bytes], ...]:
    """Return the files that we make ourselves for a view."""
    if view.history is None:
        return FILES
    return (*FILES, *((f"{HISTORY}/{name}", content) for name, content in history_files(view.history)))


def _installed(view: View) -> tuple[list[str], dict[str, str]]:
    """Return the search path and the variables by which programs find what is installed in /deps."""
    search, variables = [], {}
    if view.deps is not None and view.proxy is None:
        if _is_folder(view.deps / "venv"):
            search.append(f"{DEPS}/venv/bin")
            variables["VIRTUAL_ENV"] = f"{DEPS}/venv"
        if _is_folder(view.deps / "node_modules"):
            search.append(f"{DEPS}/node_modules/.bin")
            variables["NODE_PATH"] = f"{DEPS}/node_modules"
    return search, variables


def _is_folder(place: Path) -> bool:
    """Return whether `place` is a folder and not a link to one: strangers wrote the contents of /deps."""
    return place.is_dir() and not place.is_symlink()


def _system() -> list[str]:
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64", "lib32", "libx32"):
        place = f"/{name}"
        if os.path.islink(place):
            argv += ["--symlink", os.readlink(place), place]
        elif os.path.isdir(place):
            argv += ["--ro-bind", place, place]
    for place in (*_ETC, *sorted(place for form in _TOOLCHAINS for place in glob.glob(form))):
        argv += ["--ro-bind-try", place, place]
    return argv


def arguments(workspace: Path, view: View, env: dict[str, str], files: dict[str, int], seccomp: int) -> list[str]:
    """Bubblewrap's arguments up to `--`: `files` gives a descriptor for each of `given`, `seccomp` the filter's."""
    argv = [*_NAMESPACES]
    for name, value in env.items():
        argv += ["--setenv", name, value]
    argv += _system()
    if view.history is not None:
        argv += ["--perms", "0700", "--size", str(256 << 20), "--tmpfs", HISTORY, "--dir", f"{HISTORY}/objects"]
        argv += ["--ro-bind", str(view.history.packs), f"{HISTORY}/objects/pack", "--dir", f"{HISTORY}/refs"]
    for place, fd in files.items():
        argv += ["--file" if place.startswith(HISTORY) else "--ro-bind-data", str(fd), place]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    for place in filter(os.path.isdir, _KERNEL):
        argv += ["--ro-bind", place, place]
    argv += ["--perms", "1777", "--size", str(64 << 20), "--tmpfs", _SHARED_MEMORY, "--remount-ro", "/dev"]
    argv += ["--perms", "1777", "--size", str(512 << 20), "--tmpfs", _SCRATCH]
    argv += ["--perms", "0700", "--size", str(256 << 20), "--tmpfs", HOME]
    for folder in view.read_only:
        argv += ["--ro-bind", str(folder), str(folder)]
    if view.deps is not None:
        argv += ["--bind" if view.proxy else "--ro-bind", str(view.deps), DEPS]
        if _is_folder(view.deps / "node_modules"):
            argv += ["--symlink", f"{DEPS}/node_modules", "/node_modules"]  # where Node.js looks above /workspace
    if way_out := view.proxy or view.egress:
        argv += ["--ro-bind", str(way_out), EGRESS]
    argv += ["--bind", str(workspace), WORKSPACE, "--chdir", WORKSPACE, "--remount-ro", "/"]
    return [*argv, "--seccomp", str(seccomp), "--"]


def program() -> str | None:
    """Return where bubblewrap is installed, or None."""
    return shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin:/bin")
