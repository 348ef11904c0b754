"""Read the output of a sandboxed program, within its limits.

Law: the program decides nothing here. It is killed when it prints too much, takes too long, or is cancelled.
"""

from __future__ import annotations

import codecs
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from workers.sandbox import Limits
from workers.sandbox.programs import Program

_POLL_SECONDS = 0.25
_LEAST_FREE = 1 << 30
_PIECE = 1 << 18
_FILLED = "it used up more than half of what was left on the disk"


@dataclass
class CapturedOutput:
    """Raw output and why reading ended; `marked` is where the end mark begins, if it was seen."""

    output: bytearray
    seconds: float
    marked: int | None = None
    ended: bool = False
    timed_out: bool = False
    flooded: bool = False
    cancelled: bool = False
    filled: str = ""
    """Why, where it took too much of the disk."""


def text(output: bytearray, most: int) -> str:
    """Return at most `most` bytes as text. Decoded piece by piece, since decoding blocks all other threads."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    end = min(most, len(output))
    with memoryview(output) as view:
        pieces = [decoder.decode(bytes(view[at : min(at + _PIECE, end)])) for at in range(0, end, _PIECE)]
    return "".join([*pieces, decoder.decode(b"", final=True)])


def free_bytes(place: str) -> int:
    """Return the free bytes on the disk of a folder."""
    state = os.statvfs(place)
    return state.f_bavail * state.f_frsize


def listen(
    running: Program,
    limits: Limits,
    cancelled: Callable[[], bool],
    disk: str,
    mark: bytes | None = None,
    grown: Callable[[], str] = lambda: "",
) -> CapturedOutput:
    """Read until the program ends, or `mark` and the rest of its line were seen, or a limit is met (it lives then).

    One limit is the disk of the host's folder `disk`: a program may not use up half of its free space and leave less
    than 1 GiB. Another limit is `grown`, which returns a sentence once it is exceeded.
    """
    began = time.monotonic()
    least = min(_LEAST_FREE, free_bytes(disk) // 2)
    heard = CapturedOutput(bytearray(), 0.0)
    buffer = heard.output
    exited = running.watch
    poll = select.poll()
    poll.register(exited, select.POLLIN)
    poll.register(running.output, select.POLLIN)
    next_look = began + _POLL_SECONDS
    while True:
        now = time.monotonic()
        if now - began >= limits.wall_seconds:
            heard.timed_out = True
            break
        if now >= next_look:
            next_look = now + _POLL_SECONDS
            if cancelled():
                heard.cancelled = True
                break
            heard.filled = _FILLED if free_bytes(disk) < least else grown()
            if heard.filled:
                break
        wait = max(0.0, min(next_look - now, began + limits.wall_seconds - now))
        ready = {fd for fd, _ in poll.poll(wait * 1000)}
        over = exited in ready
        if (running.output in ready or over) and not heard.ended:
            before = len(buffer)
            heard.ended = _drain(running.output, buffer, limits.output_bytes + 256)
            if heard.ended:
                poll.unregister(running.output)
            if mark is not None:
                at = buffer.find(mark, max(0, before - len(mark)))
                at = _complete(buffer, mark, at)
                if at >= 0:
                    heard.marked = at
                    break
            if len(buffer) > limits.output_bytes:
                heard.flooded = True
                break
        if over:
            break
    heard.seconds = time.monotonic() - began
    return heard


def _complete(buffer: bytearray, mark: bytes, at: int) -> int:
    """Return the place of the mark once its whole line has arrived, else -1."""
    if at < 0:
        at = buffer.rfind(mark, max(0, len(buffer) - 512))
    return at if at >= 0 and buffer.find(b"\n", at + len(mark)) >= 0 else -1


def _drain(fd: int, buffer: bytearray, most: int) -> bool:
    """Read what is there, up to `most` bytes in the buffer; True at the end of the stream."""
    while len(buffer) < most:
        try:
            piece = os.read(fd, min(65536, most - len(buffer)))
        except BlockingIOError:
            return False
        if not piece:
            return True
        buffer += piece
    return False
