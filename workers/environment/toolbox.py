"""What the package tools of this host know by themselves: their public registries, and their versions.

Law: only our own toolbox is asked, with an empty environment, so that no setting of a user or a repository counts.
"""

from __future__ import annotations

import platform
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from workers.egress import Sources

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SECONDS = 30
_OF_PIP = "from pip._internal.models.index import PyPI as p; print(p.netloc, p.file_storage_domain)"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def public_hosts(toolbox: Path | None) -> tuple[str, ...]:
    """The hosts of the public registries that pip and npm of the toolbox go to; fewer where one of them is missing."""
    if toolbox is None:
        return ()
    of_pip = _said([str(toolbox / "bin" / "python"), "-I", "-c", _OF_PIP]).split()
    of_npm = _said([str(toolbox / "bin" / "npm"), "config", "get", "registry", "--location=project"])
    found = [*of_pip, urlsplit(of_npm.strip().rpartition("\n")[2]).hostname or ""]
    return tuple(dict.fromkeys(host for host in found if _HOST.fullmatch(host)))


def completed(sources: Sources, hosts: tuple[str, ...] | None, toolbox: Path | None) -> Sources:
    """`sources` with what the operator left open: `hosts` None means the public ones; certificates are this host's."""
    return Sources(
        hosts=public_hosts(toolbox) if hosts is None else hosts,
        local_hosts=sources.local_hosts,
        index=sources.index,
        registry=sources.registry,
        certificates=sources.certificates or (CERTIFICATES if CERTIFICATES.is_file() else None),
        source_builds=sources.source_builds,
    )


def toolchain(toolbox: Path | None) -> dict[str, str]:
    """What a result depends on besides its recipe."""
    python = str(toolbox / "bin" / "python") if toolbox else "python3"
    node = str(toolbox / "bin" / "node") if toolbox else "node"
    return {
        "python": _said([python, "-I", "-c", "import sys; print(sys.version, sys.prefix, sys.base_prefix)"]).strip(),
        "node": _said([node, "--version"]).strip(),
        "machine": f"{platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}",
    }


def _said(argv: list[str]) -> str:
    """What a program prints, or "" when it cannot say."""
    try:
        with tempfile.TemporaryDirectory() as home:
            ran = subprocess.run(
                argv,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "HOME": home},
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode("utf-8", "replace") if ran.returncode == 0 else ""
