"""The only way out of a sandbox: a forward proxy on a Unix socket that reaches a list of hosts and no others.

Law: a name is looked up once, and the proxy connects to exactly the address that it checked. Two hosts may share an
address, so the name in the TLS greeting must be the one that was asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from workers.egress import RefusedHost, Sources, hello
from workers.egress.addresses import address as address_of
from workers.egress.hosts import address, reachable, reading, shown

_HEAD_BYTES = 16 << 10
_HEAD_SECONDS = 15.0
_CONNECT_SECONDS = 15.0
_IDLE_SECONDS = 120.0
_PIECE = 64 << 10
_MOST_NAMED = 40
_PLAIN = re.compile(r"http://([^/?#@\s]+)(/[!-~]*)?")

NOT_LISTED = "is not a package host that the operator allows"
NOT_PUBLIC = "has no public address"


@dataclass(frozen=True)
class Caps:
    """Limits of one setup: seconds, bytes in both directions together, bytes out alone, connections."""

    seconds: float = 900.0
    total_bytes: int = 4 << 30
    sent_bytes: int = 32 << 20
    connections: int = 5000
    at_once: int = 64


class _Denied(Exception):
    """A refusal, with the status line's code."""

    def __init__(self, host: str, why: str, code: str = "403 Forbidden") -> None:
        super().__init__(f"{host} {why}")
        self.host, self.why, self.code = host, why, code


class Egress:
    """A proxy that serves until the block ends; `socket` is its address, `refused()` what it refused."""

    def __init__(
        self, sources: Sources, caps: Caps | None = None, folder: Path | None = None, not_listed: str = NOT_LISTED
    ) -> None:
        """Take the parts. The socket gets a folder of its own in `folder`, or among this host's temporary files.

        `not_listed` is the reason given for a host that is not in `sources`.
        """
        self._parent = folder
        self._not_listed = not_listed
        self._caps = caps or Caps()
        self._local = {address(one) for one in sources.local_hosts}
        self._listed = {address(one) for one in sources.hosts} | self._local
        self._refused: Counter[tuple[str, str]] = Counter()
        self._until = 0.0
        self._total = self._sent = self._opened = self._open = 0
        self._started = threading.Event()
        self._failed: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="egress", daemon=True)

    def __enter__(self) -> Egress:
        if self._parent is not None:
            self._parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(prefix="egress-", dir=self._parent))
        self.socket = self._folder / "proxy"
        self._until = time.monotonic() + self._caps.seconds
        self._thread.start()
        self._started.wait()
        if self._failed is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise OSError(f"the proxy cannot start: {self._failed}") from self._failed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def refused(self) -> tuple[RefusedHost, ...]:
        """Return everything that was refused so far, most often first."""
        return tuple(RefusedHost(host, why, count) for (host, why), count in self._refused.most_common())

    @property
    def transferred(self) -> int:
        """Return the bytes so far, in both directions together."""
        return self._total

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # the thread that enters raises it
            self._failed = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        with address_of(self.socket) as place:
            server = await asyncio.start_unix_server(self._attend, place, limit=_HEAD_BYTES)
        self._started.set()
        await self._stop.wait()
        server.close()  # open connections end with the loop

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._opened += 1
        self._open += 1
        try:
            if (
                self._open <= 4 * self._caps.at_once
            ):  # beyond this, not even an answer: each connection costs a descriptor
                await self._answer(reader, writer)
        except _Denied as denied:
            self._record(denied)
            said = f"{denied.host} {denied.why}\n"
            with contextlib.suppress(OSError):
                writer.write(
                    f"HTTP/1.1 {denied.code}\r\nContent-Type: text/plain\r\nContent-Length: {len(said)}\r\n"
                    f"Connection: close\r\n\r\n{said}".encode()
                )
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client may retry a broken connection
        finally:
            self._open -= 1
            writer.close()

    def _record(self, denied: _Denied) -> None:
        key = (denied.host, denied.why)
        if key not in self._refused and len(self._refused) >= _MOST_NAMED:
            key = ("other hosts", self._not_listed)
        self._refused[key] += 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        first, _, rest = head.decode("latin-1").partition("\r\n")
        method, _, target = first.rpartition(" ")[0].partition(" ")
        plain = _PLAIN.fullmatch(target)
        if method == "CONNECT":
            host, port = self._listed_host(target, 443)
        elif plain and method in {"GET", "HEAD"}:
            host, port = self._listed_host(plain[1], 80)
            if (host, port) not in self._local:
                raise _Denied(host, "was asked for without TLS")
        else:
            raise _Denied(shown(target), "was asked for in a way that is not allowed", "405 Method Not Allowed")
        if self._opened > self._caps.connections or self._open > self._caps.at_once:
            raise _Denied(host, "was asked for too often", "429 Too Many Requests")
        asked = b""
        if method != "CONNECT":
            try:
                asked = reading(method, (plain and plain[2]) or "/", host, port, rest)
            except ValueError:
                raise _Denied(host, "was asked in a way that is not allowed", "400 Bad Request") from None
        upstream, outward = await self._connect(host, port)
        try:
            if asked:
                self._count(host, len(asked), sent=True)
                outward.write(asked)
                await self._pump(upstream, writer, host, sent=False)  # nothing else from the client is passed on
                return
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            begin = await self._greeting(reader, host)
            self._count(host, len(begin), sent=True)
            outward.write(begin)
            await asyncio.gather(
                self._pump(reader, outward, host, sent=True), self._pump(upstream, writer, host, sent=False)
            )
        finally:
            outward.close()

    def _listed_host(self, target: str, otherwise: int) -> tuple[str, int]:
        try:
            found = address(target, otherwise)
        except ValueError:
            raise _Denied(shown(target), self._not_listed) from None
        if found not in self._listed:
            host, port = found
            raise _Denied(host if port in {80, 443} else f"{host}:{port}", self._not_listed)
        return found

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        try:
            found = await asyncio.wait_for(
                loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP), _CONNECT_SECONDS
            )
        except (OSError, TimeoutError):
            raise _Denied(host, "is not known", "502 Bad Gateway") from None
        fit = [entry[4][0] for entry in found if reachable(str(entry[4][0]), local=(host, port) in self._local)]
        if not fit:
            raise _Denied(host, NOT_PUBLIC)
        for place in dict.fromkeys(map(str, fit)):
            with contextlib.suppress(OSError, TimeoutError):
                return await asyncio.wait_for(
                    asyncio.open_connection(place, port, limit=_PIECE), min(_CONNECT_SECONDS, self._left(host))
                )
        raise _Denied(host, "does not answer", "502 Bad Gateway")

    async def _greeting(self, reader: asyncio.StreamReader, host: str) -> bytes:
        """Return the client's first message, once it names the host that was asked for."""
        begin = b""
        while not hello.complete(begin) and len(begin) < hello.LARGEST:
            piece = await asyncio.wait_for(reader.read(_PIECE), _HEAD_SECONDS)
            if not piece:
                break
            begin += piece
        if not _is_ip(host) and hello.server_name(begin) != host:
            raise _Denied(host, "was asked for, but another name was used")
        return begin

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, host: str, *, sent: bool) -> None:
        try:
            while piece := await asyncio.wait_for(source.read(_PIECE), min(_IDLE_SECONDS, self._left(host))):
                self._count(host, len(piece), sent=sent)
                target.write(piece)
                await target.drain()
            if target.can_write_eof():
                target.write_eof()
        except _Denied as denied:
            self._record(denied)
            target.transport.abort()
        except (OSError, TimeoutError):
            target.transport.abort()

    def _left(self, host: str) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise _Denied(host, "took too long")
        return left

    def _count(self, host: str, count: int, *, sent: bool) -> None:
        self._total += count
        self._sent += count if sent else 0
        if self._sent > self._caps.sent_bytes:
            raise _Denied(host, "was sent too much")
        if self._total > self._caps.total_bytes:
            raise _Denied(host, "gave too much")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
