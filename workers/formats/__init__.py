"""Files in common formats, written by anybody, read in bounded time."""
