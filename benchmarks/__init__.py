"""Measurements of the real processes, each beside a peer in the same run. `python -m benchmarks --help`."""
