"""The only way out of a sandbox: a proxy that reaches allowed hosts only, and lists what it refused.

A sandbox runs untrusted code. With any other way out, that code could send the repository to a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """The places that packages may come from. The operator sets them; a repository cannot add any.

    `hosts` are exact names ("name" is port 443, else "name:port"), reached at public addresses only and over TLS.
    `local_hosts` may have private addresses too, and be reached over plain HTTP. `index` and `registry` are the URLs
    for Python and for Node.js packages ("": the tools' own defaults). `certificates` is the file of trusted roots.
    Without `source_builds`, pip installs wheels only.
    """

    hosts: tuple[str, ...] = ()
    local_hosts: tuple[str, ...] = ()
    index: str = ""
    registry: str = ""
    certificates: Path | None = None
    source_builds: bool = False


@dataclass(frozen=True)
class RefusedHost:
    """A host that the proxy refused: its name as the client gave it (untrusted), why, and how often."""

    host: str
    why: str
    count: int
