"""Carries a port of a sandbox's own loopback to the socket of its way out. Given to its Python on the command line.

Law: standard library only, and it imports nothing of ours. It decides nothing: whoever serves the socket does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

_PIECE = 1 << 16


async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy until the end, and pass the end on."""
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE):
            target.write(piece)
            await target.drain()
        target.write_eof()


async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect one client to the way out."""
    try:
        with contextlib.suppress(OSError):
            back, forth = await asyncio.open_unix_connection(sys.argv[1])
            try:
                await asyncio.gather(carry(reader, forth), carry(back, writer))
            finally:
                forth.close()
    finally:
        writer.close()


async def main() -> None:
    """Serve until this process is killed; one word on the standard output says that it does."""
    server = await asyncio.start_server(attend, "127.0.0.1", int(sys.argv[2]))
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
