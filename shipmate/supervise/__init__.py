"""Runs Shipmate's processes together: one log, one Ctrl-C, nothing left behind.

Law: every process has its own process group, and the process that started a group ends all of it.
"""
