"""The way out of a sandbox: a proxy that reaches the allowed hosts alone, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """The places that packages may come from, as the operator says; a repository cannot add any.

    `hosts` are exact names ("name" is port 443, else "name:port"), reached at public addresses only and by TLS.
    `local_hosts` are reached at private addresses too, and by plain HTTP where asked so. `index` and `registry` are
    the URLs for Python and for Node.js packages ("": the tools' own defaults). `certificates` is the file of trusted
    roots. Without `source_builds`, pip takes ready-made wheels alone.
    """

    hosts: tuple[str, ...] = ()
    local_hosts: tuple[str, ...] = ()
    index: str = ""
    registry: str = ""
    certificates: Path | None = None
    source_builds: bool = False


@dataclass(frozen=True)
class RefusedHost:
    """A way out that the proxy did not give: the host as it was asked for (outside text), why, and how often."""

    host: str
    why: str
    count: int
