"""Guards on the exported change: what blocks it, what asks for a second approver, what an approver should know.

Law: a guard looks at paths, modes and bytes as git will store them, never at what attributes or a model say of them;
nothing of the repository is run.
"""

from __future__ import annotations

from workers.guards.ci import reach
from workers.guards.examine import examine, examined, findings
from workers.guards.found import Found, Level, Read
from workers.guards.rules import RULES

__all__ = ["RULES", "Found", "Level", "Read", "examine", "examined", "findings", "reach"]
