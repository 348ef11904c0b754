"""Readers for untrusted files in common formats. They take bounded time and memory."""
