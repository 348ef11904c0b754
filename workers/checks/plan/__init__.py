"""What to run for a repository: its own `.shipmate.toml`, else what its files show. Pure.

Law: the plan is made from the base commit, never from the tree that the agent wrote, so that a change cannot choose
its own examiner.
"""

from __future__ import annotations

from workers.checks.plan.policy_file import plan
from workers.checks.plan.schema import PolicyError
from workers.checks.plan.selecting import is_test, only_files, only_tests, quick_command, test_files
from workers.ecosystems.facts import POLICY, REPORTS

__all__ = [
    "POLICY",
    "REPORTS",
    "PolicyError",
    "is_test",
    "only_files",
    "only_tests",
    "plan",
    "quick_command",
    "test_files",
]
