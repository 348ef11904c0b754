"""Runs Shipmate's processes together: one log, one Ctrl-C, nothing left behind.

Law: every process has its own process group, and whoever started a group ends the whole of it.
"""
