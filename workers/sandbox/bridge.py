"""Forward a port of a sandbox's loopback to the proxy's socket. This program is given to its Python on the command
line.

Law: standard library only, and it imports nothing of ours. It decides nothing: the proxy behind the socket does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

_PIECE = 1 << 16


async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy until the end of the stream, then close the other side."""
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE):
            target.write(piece)
            await target.drain()
        target.write_eof()


async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect one client to the proxy."""
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
    """Serve until this process is killed. Prints one word once it serves."""
    server = await asyncio.start_server(attend, "127.0.0.1", int(sys.argv[2]))
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
