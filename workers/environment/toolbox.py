"""Ask this host's package tools for their public registries and their versions.

Law: only our own toolbox is asked, with an empty environment, so no setting of a user or a repository has an effect.
"""

from __future__ import annotations

import platform
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from workers.egress import Sources
from workers.environment.recipe import PACKAGES

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SECONDS = 30
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def public_hosts(toolbox: Path | None) -> tuple[str, ...]:
    """Return the hosts of the public registries that the toolbox's package tools use, as the tools report them."""
    if toolbox is None:
        return ()
    said = [_said(toolbox, one.hosts).strip().rpartition("\n")[2] for one in PACKAGES.values() if one.hosts]
    found = [urlsplit(word).hostname or word for words in said for word in words.split()]
    return tuple(dict.fromkeys(host for host in found if _HOST.fullmatch(host)))


def completed(sources: Sources, hosts: tuple[str, ...] | None, toolbox: Path | None) -> Sources:
    """Return `sources` with the public hosts if `hosts` is None, and with this host's certificates if none are set."""
    return Sources(
        hosts=public_hosts(toolbox) if hosts is None else hosts,
        local_hosts=sources.local_hosts,
        index=sources.index,
        registry=sources.registry,
        certificates=sources.certificates or (CERTIFICATES if CERTIFICATES.is_file() else None),
        source_builds=sources.source_builds,
    )


def toolchain(toolbox: Path | None) -> dict[str, str]:
    """Return everything that a result depends on besides its recipe: the tools' versions, and the machine."""
    found = {name: _said(toolbox, one.version).strip() for name, one in PACKAGES.items() if one.version}
    return {**found, "machine": f"{platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}"}


def _said(toolbox: Path | None, words: tuple[str, ...]) -> str:
    """Return the output of a toolbox program, or "" if it fails."""
    program = str(toolbox / "bin" / words[0]) if toolbox else words[0]
    try:
        with tempfile.TemporaryDirectory() as home:
            ran = subprocess.run(
                [program, *words[1:]],
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "HOME": home},
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.decode("utf-8", "replace") if ran.returncode == 0 else ""
