"""Defaults for everything that is not configured: broker, state folder, playground keys, ports.

Law: each default is replaced by exactly one setting, and nothing here is used once that setting is set.
"""
