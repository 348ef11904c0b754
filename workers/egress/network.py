"""The network of sandboxes: the hosts that a repository names on its base branch and the operator allows.

Law: the operator has the last word. A host that is not allowed is refused by name, and the work continues without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workers.egress import RefusedHost, Sources
from workers.egress.hosts import address
from workers.egress.proxy import Caps, Egress

NOT_NAMED = "is not a host that the repository names and the operator allows"
_CAPS = Caps(seconds=86_400.0, total_bytes=2 << 30, sent_bytes=64 << 20, connections=20_000)
_MOST_NAMED = 3


@dataclass(frozen=True)
class AllowedHosts:
    """The hosts that the operator allows repositories to name: exact hosts ("name" is port 443, else "name:port").

    `allow` are reached at public addresses only, `allow_local` at private ones too. `sockets` is the folder for the
    proxies' sockets, if the sandbox does not see this process's folders. Without `held`, the sandbox cannot restrict
    its network, and gets no proxy.
    """

    allow: tuple[str, ...] = ()
    allow_local: tuple[str, ...] = ()
    sockets: Path | None = None
    held: bool = True

    def granted(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the hosts of `wanted` that a sandbox may reach."""
        allowed = {address(one) for one in (*self.allow, *self.allow_local)}
        return tuple(one for one in wanted if self.held and address(one) in allowed)

    @contextmanager
    def way_out(self, wanted: Sequence[str]) -> Iterator[WayOut]:
        """Yield a way out. If any host of `wanted` is granted, a proxy serves until the block ends. Raises OSError."""
        granted = self.granted(wanted)
        withheld = tuple(one for one in wanted if one not in granted)
        if not granted:
            yield WayOut(withheld=withheld, held=self.held)
            return
        local = {address(one) for one in self.allow_local}
        sources = Sources(
            hosts=tuple(one for one in granted if address(one) not in local),
            local_hosts=tuple(one for one in granted if address(one) in local),
        )
        with Egress(sources, _CAPS, self.sockets, NOT_NAMED) as egress:
            yield WayOut(granted, withheld, egress.socket, egress=egress)


@dataclass(frozen=True)
class WayOut:
    """The way out of the sandboxes of one stage; `socket` is None if they have none."""

    granted: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    socket: Path | None = None
    held: bool = True
    egress: Egress | None = field(default=None, repr=False)

    def refused(self) -> tuple[RefusedHost, ...]:
        """Return everything that the proxy has refused so far."""
        return self.egress.refused() if self.egress else ()

    def reasons(self) -> tuple[str, ...]:
        """Return sentences for people about refused hosts (partly untrusted text: escape before showing)."""
        told = []
        if self.withheld:
            named = ", ".join(self.withheld[:_MOST_NAMED])
            more = f" and {len(self.withheld) - _MOST_NAMED} more" if len(self.withheld) > _MOST_NAMED else ""
            why = (
                "the operator does not allow it (shipmate.toml, [network])"
                if self.held
                else "this sandbox cannot restrict its network"
            )
            told.append(f"The policy file asks for {named}{more} on the network, but {why}.")
        told += [f"Refused while the checks ran: {one.host} {one.why}." for one in self.refused()[:_MOST_NAMED]]
        return tuple(told)
