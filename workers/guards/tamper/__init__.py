"""The tamper alarm: tests, their settings and the linters' were made easier to pass.

Law: the alarm reads source and settings and runs nothing; what ran is compared elsewhere, from reports.
"""
